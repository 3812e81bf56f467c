"""Every generator there is, whatever its area: values, texts, equations, and how far it goes with the others."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest

import teacher.mathematics  # noqa: F401 - fills the registry
from graph.lexicon import load_lexicon
from graph.seed import LEVELS
from teacher.chain import REGISTRY, Generator, Link
from teacher.compose import compose
from teacher.mathematics.exact import difference_quotient, elimination_rank, leibniz, shoelace, simpson, whole

ROOT = Path(__file__).resolve().parents[2]
GENERATORS = [
    pytest.param(generator, id=f"{point}-{generator.make.__name__.strip('_')}")
    for point, generators in REGISTRY.items()
    for generator in generators
]
NAME = "\ue000"
"""Stands for the input's name: a character that no text has of itself."""
NAMED = f"\\( {NAME} \\)"
FORMULA = re.compile(r"\\\(.*?\\\)")
WANTED = 120
"""Points that must have generators."""


def links(generator: Generator, many: int = 24) -> list[tuple[int, Link, Link]]:
    """(input, link with the input in digits, the same link with the input named): both ends, near them, anywhere."""
    low, high = generator.low, generator.high
    some = [Random(f"{generator.make.__name__}:{i}").randint(low, high) for i in range(many)]
    numbers = [n for n in (low, low + 1, low + 2, low + 3, high - 1, high, *some) if low <= n <= high]
    return [
        (n, generator.make(n, str(n), Random(chance)), generator.make(n, NAMED, Random(chance)))
        for chance, n in enumerate(numbers)
    ]


def test_enough_points_of_every_level_have_generators() -> None:
    levels = {entry.name: entry.level for entry in load_lexicon() if entry.kind == "knowledge_point"}
    assert len(REGISTRY) >= WANTED
    by_level = Counter(levels[point] for point in REGISTRY)
    assert all(by_level[level] >= 10 for level in LEVELS), by_level


def test_every_generator_stands_under_a_point_and_topic_of_the_lexicon() -> None:
    lexicon = load_lexicon()
    for point, generators in REGISTRY.items():
        entry = lexicon.find(point, "knowledge_point")
        assert entry is not None, point
        assert entry.name == point
        for generator in generators:
            assert generator.topic in entry.topics, (point, generator.topic)
            assert generator.level in LEVELS
            assert generator.low < generator.high


@pytest.mark.parametrize("generator", GENERATORS)
def test_the_second_computation_agrees(generator: Generator) -> None:
    values = set()
    for number, digits, named in links(generator):
        assert type(digits.value) is int
        assert 0 <= digits.value <= 100_000, digits
        assert digits.check(number) == digits.value == named.value, digits
        values.add(digits.value)
    assert len(values) > 2


@pytest.mark.parametrize("generator", GENERATORS)
def test_the_answer_follows_the_input(generator: Generator) -> None:
    number = (generator.low + generator.high) // 2
    for chance in range(8):
        link = generator.make(number, NAMED, Random(chance))
        values = set()
        for other in range(max(generator.low, number - 40), min(generator.high, number + 40) + 1):
            try:
                values.add(link.check(other))
            except ArithmeticError:
                continue
        assert len(values) > 1, link


@pytest.mark.parametrize("generator", GENERATORS)
def test_the_text_is_clean(generator: Generator) -> None:
    for number, digits, named in links(generator, 12):
        for given, link in ((str(number), digits), (NAMED, named)):
            question = f"{link.setup} {link.quantity}"
            if given == NAMED:
                assert NAME in "".join(FORMULA.findall(question)), question
                assert not re.search(rf"\d{NAME}", question), question
            assert NAME not in "".join(link.steps)
            assert link.steps
            assert re.search(rf"(?<!\d){link.value}(?!\d)", link.steps[-1]), (link.steps, link.value)
            assert not link.setup or (link.setup[0].isupper() and link.setup.endswith("."))
            assert not link.quantity.endswith((".", "?"))
            assert not link.quantity[0].isupper()
            for text in (link.setup, link.quantity, *link.steps):
                bare = FORMULA.sub("#", text)
                assert text == text.strip()
                assert not re.search(r"[\\{}_^$]|  | [,.?]|None|\.\.", bare), text
                assert not re.search(r"\b(\w+) \1\b", bare.replace("# #", "")), text
                assert not re.search(r"(?<![\d,.-])1 (?!of\b|is\b|passes\b|stands\b|less\b|has\b)[a-z]{2,}s\b", bare), (
                    text
                )
                assert not re.search(r"\ba (?=8\b|11\b|18\b|[aeio])|\ban (?=[bcdfgjklmnpqrstvwxyz])", bare), text
                for formula in FORMULA.findall(text):
                    assert formula.count("{") == formula.count("}"), text
                    assert "+ -" not in formula.replace("+ -\\", ""), text
            assert all(step.endswith(".") for step in link.steps), link.steps


@pytest.mark.parametrize("generator", GENERATORS)
def test_numbers_vary(generator: Generator) -> None:
    assert len({link.setup + link.quantity for _, link, _ in links(generator)}) > 12


@pytest.mark.parametrize("point", REGISTRY)
def test_wording_varies(point: str) -> None:
    """Numbers and names of people apart, each point is asked in several ways."""
    questions = [link.setup + link.quantity for generator in REGISTRY[point] for _, _, link in links(generator)]
    assert len({re.sub(r"\d+|\b[A-Z][a-z]+", "#", question) for question in questions}) > 1


def sides(formula: str) -> list[Fraction]:
    """The values of the sides of an equation of numbers; empty for any other formula."""
    plain = re.sub(r"\\frac\{([^{}]*)\}\{([^{}]*)\}", r"((\1)/(\2))", formula[2:-2].replace("\\%", "/100"))
    for tex, python in (("\\cdot", "*"), ("\\times", "*"), ("\\div", "/"), ("{", "("), ("}", ")"), ("^", "**")):
        plain = plain.replace(tex, python)
    plain = plain.replace(")(", ")*(")
    if "=" not in plain or re.search(r"[^\d\s+*/()=-]", plain):
        return []
    parts = [re.sub(r"\d+", r"Fraction(\g<0>)", part) for part in plain.split("=")]
    return [eval(part) for part in parts]  # our own digits and signs, by the search above


def test_every_equation_of_numbers_in_a_solution_holds() -> None:
    held: Counter[str] = Counter()
    for generators in REGISTRY.values():
        for generator in generators:
            for _, link, _ in links(generator, 12):
                for formula in FORMULA.findall(" ".join(link.steps)):
                    values = sides(formula)
                    assert len(set(values)) <= 1, (generator.make.__name__, formula, values)
                    held[generator.make.__module__] += bool(values)
    areas = {g.make.__module__ for generators in REGISTRY.values() for g in generators}
    assert all(held[area] > 10 for area in areas), [area for area in sorted(areas) if held[area] <= 10]


@pytest.mark.parametrize("point", REGISTRY)
def test_each_point_goes_with_most_others(point: str) -> None:
    others = Random(point).sample([other for other in REGISTRY if other != point], 8)
    made = sum(compose([REGISTRY[point], REGISTRY[other]], Random(i)) is not None for i, other in enumerate(others))
    assert made >= 6


def digest(hash_seed: str) -> str:
    """A hash of all texts of all generators, made by a Python with that hash seed."""
    program = (
        "import hashlib, teacher.mathematics\n"
        "from random import Random\n"
        "from teacher.chain import REGISTRY\n"
        "made = hashlib.sha256()\n"
        "for point, generators in REGISTRY.items():\n"
        "    for g in generators:\n"
        "        for i in range(3):\n"
        "            link = g.make(g.low + 5, str(g.low + 5), Random(i))\n"
        "            made.update(repr((point, link.setup, link.quantity, link.steps, link.value)).encode())\n"
        "print(made.hexdigest())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)},
    )
    return done.stdout


def test_links_are_the_same_under_any_hash_seed() -> None:
    assert digest("1") == digest("2") != ""


def test_exact_computations_know_cases_worked_by_hand() -> None:
    assert shoelace([(0, 0), (4, 0), (4, 3)]) == 6
    assert shoelace([(0, 0), (1, 0), (0, 1)]) == Fraction(1, 2)
    assert simpson(lambda x: x**3, 0, 2) == 4
    assert simpson(lambda x: x**4, 0, 1) != Fraction(1, 5)
    assert difference_quotient(lambda x: x**4, 3) == 108
    assert leibniz(((2, 0, 1), (1, 3, 2), (1, 1, 4))) == 18
    assert leibniz(((1, 2), (2, 4))) == 0
    assert elimination_rank(((0, 1, 2), (0, 2, 4), (1, 0, 0))) == 2
    assert elimination_rank(((1, 2), (3, 4), (5, 6))) == 2
    assert elimination_rank(((0, 0),)) == 0
    assert whole(Fraction(6, 3)) == 2
    with pytest.raises(ArithmeticError, match="1/2"):
        whole(Fraction(1, 2))
