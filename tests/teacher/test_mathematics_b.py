from __future__ import annotations

import os
import re
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest

import teacher.mathematics  # noqa: F401 - registers the generators
from teacher.chain import REGISTRY, Generator
from teacher.mathematics.exact import difference_quotient, elimination_rank, leibniz, shoelace, simpson, whole

ROOT = Path(__file__).resolve().parents[2]
POINTS = {
    "Whole number arithmetic": (
        "addition of whole numbers",
        "subtraction of whole numbers",
        "multiplication of whole numbers",
        "comparison word problems",
        "multiplicative comparison",
    ),
    "Linear equations": ("equations from word problems",),
    "Time and calendar": ("converting units of time",),
    "Measurement and units": ("mass and weight", "length measurement", "capacity and liquid volume"),
    "Age problems": ("present and future ages",),
    "Sum and difference problems": ("working backwards",),
    "Money and finance": ("adding up costs", "budgets and savings", "wages and overtime"),
    "Percentages": ("discounts and sales",),
    "Perimeter and area": (
        "area of a rectangle",
        "perimeter of a rectangle",
        "area of a triangle",
        "area of a trapezoid",
    ),
    "Angles": ("angles in a triangle", "supplementary and complementary angles"),
    "Polygons": ("interior angles of a polygon", "diagonals of a polygon"),
    "Right triangles": ("Pythagorean theorem",),
    "Similarity": ("similar triangles",),
    "Circles": ("area of a circle", "arc length"),
    "Volume and surface area": (
        "volume of a rectangular prism",
        "surface area of a cube",
        "volume of a cylinder",
    ),
    "Coordinate geometry": ("distance between two points", "slope of a line", "midpoint of a segment"),
    "Trigonometry": ("law of cosines",),
    "Counting principles": (
        "multiplication principle",
        "permutations",
        "combinations",
        "inclusion-exclusion principle",
        "pigeonhole principle",
        "stars and bars",
    ),
    "Probability": ("classical probability", "expected value", "independent events"),
    "Statistics": ("arithmetic mean", "median", "range of a data set", "weighted average"),
    "Sets and logic": ("set operations",),
    "Matrices": ("determinant of a matrix", "matrix multiplication"),
    "Vectors": ("dot product", "cross product"),
    "Derivatives": ("power rule for derivatives", "optimization with derivatives", "chain rule"),
    "Integrals": ("definite integrals", "area under a curve"),
    "Limits": ("limits of rational functions",),
    "Differential equations": ("separable differential equations",),
    "Linear algebra": ("eigenvalues", "rank of a matrix"),
}
GENERATORS = [
    pytest.param(generator, id=f"{point}-{generator.make.__name__.strip('_')}")
    for points in POINTS.values()
    for point in points
    for generator in REGISTRY.get(point, [])
]
NAME = "\ue000"
"""Stands for the input's name: a character that no text has of itself."""
NAMED = f"\\( {NAME} \\)"


def inputs(generator: Generator, many: int = 40) -> list[int]:
    """Both ends of the domain, the numbers near by, and some from everywhere."""
    low, high = generator.low, generator.high
    some = [Random(f"{low}-{high}").randint(low, high) for _ in range(many)]
    return sorted({number for number in (*range(low, low + 6), high - 1, high, *some) if low <= number <= high})


@pytest.mark.parametrize(("topic", "point"), [(topic, point) for topic, points in POINTS.items() for point in points])
def test_each_point_has_generators_under_its_topic_and_several_wordings(topic, point):
    assert REGISTRY[point]
    assert {generator.topic for generator in REGISTRY[point]} == {topic}
    wordings = set()
    for generator in REGISTRY[point]:
        for chance in range(30):
            link = generator.make(generator.low + 2, NAMED, Random(chance))
            wordings.add(re.sub(r"\d+|[A-Z][a-z]+", "#", link.setup + link.quantity))
    assert len(wordings) >= 2


@pytest.mark.parametrize("generator", GENERATORS)
def test_the_second_computation_agrees_over_the_whole_domain(generator):
    for number in inputs(generator):
        for chance in range(4):
            link = generator.make(number, str(number), Random(chance))
            assert link.check(number) == link.value, link
            assert type(link.value) is int
            assert 1 <= link.value <= 6000, link


@pytest.mark.parametrize("generator", GENERATORS)
def test_another_input_gives_another_value(generator):
    for number in inputs(generator, 10)[:-1]:
        link = generator.make(number, NAMED, Random(number))
        try:
            other = link.check(number + 1)
        except ArithmeticError:
            continue
        assert other != link.value, link


@pytest.mark.parametrize("generator", GENERATORS)
def test_texts_are_whole_and_clean(generator):
    for number in inputs(generator, 10):
        for chance, given in enumerate((str(number), NAMED, str(number), NAMED)):
            link = generator.make(number, given, Random(chance))
            question = f"{link.setup} {link.quantity}"
            stands = NAME in question if given == NAMED else re.search(rf"(?<!\d){number}(?!\d)", question)
            assert stands, question
            assert NAME not in "".join(link.steps)
            assert not link.setup or (link.setup[0].isupper() or link.setup[0] == "\\"), link.setup
            assert not link.setup or link.setup.endswith("."), link.setup
            assert not link.quantity.endswith((".", "?")), link.quantity
            assert len(link.steps) >= 2
            assert re.search(rf"(?<!\d){number}(?!\d)", " ".join(link.steps)), link.steps
            assert re.search(rf"(?<!\d){link.value}(?!\d)", link.steps[-1]), link.steps
            for step in link.steps:
                assert step.endswith((".", ":")), step
            for text in (link.setup, link.quantity, *link.steps):
                assert "$" not in text
                assert "  " not in text
                assert "None" not in text
                assert text == text.strip()
                assert text.count("\\(") == text.count("\\)")
                assert text.count("{") - text.count("\\{") == text.count("}") - text.count("\\}")
                assert not re.search(r"(?<![\d,.-])1 (?!is\b|passes\b|stands\b)[a-z]+s\b", text), text


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


def test_links_are_the_same_under_any_hash_seed():
    assert digest("1") == digest("2") != ""


def test_exact_computations_know_cases_worked_by_hand():
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
