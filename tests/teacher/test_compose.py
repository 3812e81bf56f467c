"""Chains over the whole registry: sound, needed link by link, readable, and the same on every machine."""

from __future__ import annotations

import dataclasses
import os
import re
import subprocess
import sys
from itertools import combinations
from pathlib import Path
from random import Random

import pytest

import teacher.mathematics  # noqa: F401 - fills the registry
from teacher.chain import REGISTRY, Generator, Link
from teacher.compose import Composition, compose, is_sound

ROOT = Path(__file__).parents[2]
POINTS = list(REGISTRY)
PAIRS = list(combinations(POINTS, 2))


def composed(count: int, size: int = 2) -> list[Composition]:
    found = []
    for i in range(count):
        points = Random(f"points:{i}").sample(POINTS, size)
        composition = compose([REGISTRY[point] for point in points], Random(i))
        if composition is not None:
            assert sorted(composition.knowledge_points) == sorted(points)
            found.append(composition)
    assert len(found) > 0.95 * count
    return found


@pytest.mark.parametrize("size", [2, 3])
def test_the_second_computation_follows_the_whole_chain(size: int) -> None:
    for composition in composed(150, size):
        number = composition.start
        for link in composition.links:
            number = link.check(number)
            assert number == link.value
        assert composition.answer == number


@pytest.mark.parametrize("size", [2, 3])
def test_altering_any_link_alters_the_answer(size: int) -> None:
    for composition in composed(150, size):
        for i in range(size - 1):
            changed = 0
            for other in range(composition.links[i].value - 40, composition.links[i].value + 121):
                number = other
                try:
                    for link, generator in zip(
                        composition.links[i + 1 :], composition.generators[i + 1 :], strict=True
                    ):
                        if not generator.low <= number <= generator.high:
                            raise ArithmeticError
                        number = link.check(number)
                except ArithmeticError:
                    continue
                changed += number != composition.answer
            assert changed, composition.question


def test_almost_every_pair_of_points_composes() -> None:
    some = Random(0).sample(PAIRS, 400)
    made = [compose([REGISTRY[a], REGISTRY[b]], Random(f"{a}/{b}")) for a, b in some]
    assert sum(c is not None for c in made) > 0.95 * len(made)


def test_questions_read_whole() -> None:
    for composition in composed(300) + composed(100, 3):
        for text in (composition.question, composition.solution):
            assert not re.search("[\ue000-\uf8ff]", text)
            assert text.count("\\(") == text.count("\\)")
            assert "$" not in text
            assert "  " not in text
            assert not re.search(r"\b(the|a|an|is|of|be) \1\b", text)
        assert composition.question[0].isupper()
        assert composition.question[-1] in ".?"
        lines = composition.solution.splitlines()
        assert lines[-1] == f"The answer is {composition.answer}."
        assert [line.split(". ")[0] for line in lines[:-1]] == [str(i) for i in range(1, len(lines))]


def test_a_name_never_collides_with_a_letter_of_a_link() -> None:
    def taken(n: int, given: str, chance: Random) -> Link:
        letters = "ABNMKPQSTDWGHnmkpqst"
        setup = f"There are numbers \\( {', '.join(letters)} \\)."
        return Link(setup, f"the successor of {given}", (f"It is {n + 1}.",), n + 1, lambda m: m + 1)

    greedy = Generator("successor", "Numbers", "primary", 1, 1000, taken)
    composition = compose([[greedy], REGISTRY["remainders"]], Random(3))
    assert composition is not None
    assert composition.knowledge_points[0] == "remainders" or "\\( C \\)" in composition.question
    assert "C" in "".join(re.findall(r"\\\(.*?\\\)", composition.question))


def test_an_idle_link_is_refused() -> None:
    def idle(n: int, given: str, chance: Random) -> Link:
        return Link("", f"the parity of twice {given}", (f"Twice {n} is even.",), 0, lambda m: 2 * m % 2)

    constant = Generator("parity", "Numbers", "primary", 1, 10_000, idle)
    assert compose([[constant]], Random(1)) is None
    assert compose([[constant], REGISTRY["remainders"]], Random(1)) is None


def test_a_wrong_value_is_refused() -> None:
    composition = composed(1)[0]
    for i, link in enumerate(composition.links):
        wrong = dataclasses.replace(link, value=link.value + 1)
        links = (*composition.links[:i], wrong, *composition.links[i + 1 :])
        assert is_sound(composition.generators, composition.start, composition.links)
        assert not is_sound(composition.generators, composition.start, links)


def test_two_links_never_define_the_same_letter() -> None:
    def with_function(n: int, given: str, chance: Random) -> Link:
        return Link("Let \\( f(x) = x + 1 \\).", f"the value \\( f({n}) \\)", (f"{n + 1}.",), n + 1, lambda m: m + 1)

    f = Generator("f", "Functions", "high", 1, 1000, with_function)
    assert compose([[f], [dataclasses.replace(f, knowledge_point="g")]], Random(1)) is None


def test_topics_and_level_come_from_the_links() -> None:
    composition = compose([REGISTRY["equal groups and multiplication"], REGISTRY["modular exponentiation"]], Random(2))
    assert composition is not None
    assert composition.level == "competition"
    assert sorted(composition.topics) == ["Modular arithmetic", "Whole number arithmetic"]


def test_the_same_under_any_hash_seed() -> None:
    program = (
        "import teacher.mathematics\nfrom random import Random\nfrom teacher.chain import REGISTRY\n"
        "from teacher.compose import compose\npoints = list(REGISTRY)\n"
        "for i in range(60):\n"
        "    chosen = Random(i).sample(points, 2 + i % 2)\n"
        "    made = compose([REGISTRY[p] for p in chosen], Random(i))\n"
        "    print(made and (made.question, made.solution))\n"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "4711")
    }
    assert len(outputs) == 1
    assert outputs.pop().count(b"\n") == 60
