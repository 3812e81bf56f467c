"""Every generator of numbers, algebra, functions and sequences, over its whole domain."""

from __future__ import annotations

import re
from fractions import Fraction
from random import Random

import pytest

import teacher.mathematics  # noqa: F401 - fills the registry
from graph.seed import LEVELS
from teacher.chain import REGISTRY, Generator, Link

AREAS = (
    "arithmetic",
    "fractions_percent",
    "rates",
    "money_time",
    "divisibility",
    "modular",
    "linear",
    "quadratics",
    "polynomials",
    "functions",
    "sequences",
)
OURS = [g for gs in REGISTRY.values() for g in gs if g.make.__module__.rpartition(".")[2] in AREAS]
FORMULA = re.compile(r"\\\(.*?\\\)")


def made(generator: Generator, count: int = 60) -> list[tuple[int, Link, Link]]:
    """(input, link with the input in digits, the same link with the input named) over the whole domain."""
    links = []
    for i in range(count):
        number = Random(f"{generator.make.__name__}:{i}").randint(generator.low, generator.high)
        number = (generator.low, generator.high)[i] if i < 2 else number
        digits = generator.make(number, str(number), Random(i))
        named = generator.make(number, "\\( K \\)", Random(i))
        links.append((number, digits, named))
    return links


def test_there_are_generators_for_all_42_points() -> None:
    assert len({g.knowledge_point for g in OURS}) == 42
    assert all(g.level in LEVELS for g in OURS)


@pytest.mark.parametrize("generator", OURS, ids=lambda g: g.make.__name__.strip("_"))
def test_the_value_is_what_the_second_computation_gives(generator: Generator) -> None:
    for number, digits, named in made(generator):
        assert digits.value == digits.check(number)
        assert named.value == named.check(number) == digits.value


@pytest.mark.parametrize("generator", OURS, ids=lambda g: g.make.__name__.strip("_"))
def test_the_text_is_clean(generator: Generator) -> None:
    for _, digits, named in made(generator):
        for link in (digits, named):
            for text in (link.setup, link.quantity, *link.steps):
                bare = FORMULA.sub("", text)
                assert "$" not in text
                assert not re.search(r"[\\{}_^]", bare), text
                assert "  " not in text
                assert not re.search(r"\b(\w+) \1\b", bare), text
                assert not re.search(r"\b1 (?!of\b)[a-z]{2,}s\b(?<!is)(?<!times)", bare), text
            if link.setup:
                assert link.setup[0].isupper()
                assert link.setup.endswith(".")
            assert not link.quantity.endswith((".", "?"))
            assert not link.quantity[0].isupper()
            for step in link.steps:
                assert step.endswith("."), step
            assert re.search(rf"(?<!\d){link.value}(?!\d)", link.steps[-1]), (link.steps, link.value)
        assert "K" in "".join(FORMULA.findall(named.setup + named.quantity))


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
    held = 0
    for generator in OURS:
        for _, link, _ in made(generator, 30):
            for formula in FORMULA.findall(" ".join(link.steps)):
                values = sides(formula)
                assert len(set(values)) <= 1, (generator.make.__name__, formula, values)
                held += bool(values)
    assert held > 1000


@pytest.mark.parametrize("generator", OURS, ids=lambda g: g.make.__name__.strip("_"))
def test_wording_and_numbers_vary(generator: Generator) -> None:
    texts = {re.sub(r"\d+", "#", link.setup + link.quantity) for _, _, link in made(generator)}
    assert len(texts) > 1
    assert len({link.setup + link.quantity for _, _, link in made(generator)}) > 6


@pytest.mark.parametrize("generator", OURS, ids=lambda g: g.make.__name__.strip("_"))
def test_the_second_computation_depends_on_the_input(generator: Generator) -> None:
    number = (generator.low + generator.high) // 2
    for chance in range(20):
        link = generator.make(number, "\\( K \\)", Random(chance))
        values = set()
        for other in range(max(generator.low, number - 60), min(generator.high, number + 60)):
            try:
                values.add(link.check(other))
            except ArithmeticError:
                continue
        assert len(values) > 1
