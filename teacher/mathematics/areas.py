"""Perimeter and area of plane figures. Second computation: the shoelace formula, or a walk around the figure."""

from __future__ import annotations

from itertools import pairwise
from random import Random

from teacher.chain import Link, generator
from teacher.mathematics.exact import shoelace, whole
from teacher.mathematics.wording import PEOPLE, factor


def _around(corners: list[tuple[int, int]]) -> int:
    """Length of the way around a figure whose sides run along the axes."""
    return sum(abs(x1 - x2) + abs(y1 - y2) for (x1, y1), (x2, y2) in pairwise([*corners, corners[0]]))


def _box(width: int, height: int) -> list[tuple[int, int]]:
    return [(0, 0), (width, 0), (width, height), (0, height)]


@generator("area of a rectangle", "Perimeter and area", "primary", low=2, high=500)
def _rectangle_from_its_sides(n: int, given: str, rng: Random) -> Link:
    k = factor(rng, n)
    who, place = rng.choice(PEOPLE), rng.choice(("garden", "car park", "playground", "vegetable field"))
    setup, quantity, unit = rng.choice(
        (
            (
                f"A rectangular {place} is {given} metres long and {k} metres wide.",
                f"the area of the {place} in square metres",
                "square metres",
            ),
            (
                f"{who} rolls out a rectangular strip of turf that is {k} feet wide and {given} feet long.",
                "the number of square feet that the turf covers",
                "square feet",
            ),
            (
                f"A wall is tiled with {k} rows of square tiles, and each row has {given} tiles. One tile covers one "
                "square decimetre.",
                "the tiled area of the wall in square decimetres",
                "square decimetres",
            ),
        )
    )
    value = n * k
    steps = (
        f"The area of a rectangle is length times width; here the sides are {n} and {k}.",
        rf"So the area is \( {n} \times {k} = {value} \) {unit}.",
    )
    return Link(setup, quantity, steps, value, lambda x: whole(shoelace(_box(x, k))))


@generator("area of a rectangle", "Perimeter and area", "primary", low=2, high=60)
def _rectangle_from_its_width(n: int, given: str, rng: Random) -> Link:
    more = rng.randint(2, 9)
    thing = rng.choice(("poster", "chessboard table", "window", "notice board"))
    setup, quantity = rng.choice(
        (
            (
                f"A rectangular {thing} is {given} inches wide and {more} inches longer than it is wide.",
                f"the area of the {thing} in square inches",
            ),
            (
                f"One side of a rectangular {thing} measures {given} centimetres; the other side measures {more} "
                "centimetres more.",
                f"the area of the {thing} in square centimetres",
            ),
        )
    )
    value = n * (n + more)
    steps = (
        rf"The longer side is \( {n} + {more} = {n + more} \).",
        rf"Length times width gives the area: \( {n} \times {n + more} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: whole(shoelace(_box(x, x + more))))


@generator("perimeter of a rectangle", "Perimeter and area", "primary", low=2, high=1000)
def _perimeter_from_the_sides(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(3, 40)
    who = rng.choice(PEOPLE)
    setup, quantity = rng.choice(
        (
            (
                f"A rectangular swimming pool is {given} metres long and {k} metres wide.",
                "the perimeter of the pool in metres",
            ),
            (
                f"{who} sews a ribbon along the whole edge of a rectangular tablecloth with sides of {given} cm and "
                f"{k} cm.",
                "the length of the ribbon in centimetres",
            ),
            (
                f"A rectangular paddock has one side of {given} yards and a neighbouring side of {k} yards.",
                "the number of yards of fence that go once around the paddock",
            ),
        )
    )
    value = 2 * (n + k)
    steps = (
        rf"Two neighbouring sides together measure \( {n} + {k} = {n + k} \).",
        rf"A rectangle has each of them twice, so the perimeter is \( 2 \times {n + k} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: _around(_box(x, k)))


@generator("perimeter of a rectangle", "Perimeter and area", "middle", low=8, high=1000)
def _side_from_the_perimeter(n: int, given: str, rng: Random) -> Link:
    side = rng.randint(2, min(30, n - 2))
    who = rng.choice(PEOPLE)
    setup, quantity = rng.choice(
        (
            (
                f"Half the perimeter of a rectangle is {given} cm, and one of its sides is {side} cm long.",
                "the length of the neighbouring side of this rectangle in centimetres",
            ),
            (
                f"{who} walks along two neighbouring edges of a rectangular meadow, {given} metres in all. The first "
                f"edge is {side} metres long.",
                "the length of the second edge of the meadow in metres",
            ),
        )
    )
    value = n - side
    steps = (
        f"Half the perimeter of a rectangle is the sum of two neighbouring sides, so they add up to {n}.",
        rf"The other side is \( {n} - {side} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: (2 * x - _around(_box(0, side))) // 2)


@generator("area of a triangle", "Perimeter and area", "middle", low=2, high=400)
def _triangle_from_base_and_height(n: int, given: str, rng: Random) -> Link:
    half = rng.randint(1, max(2, min(9, 500 // n)))
    height = 2 * half
    who = rng.choice(PEOPLE)
    setup, quantity = rng.choice(
        (
            (
                f"A triangle has a base of {given} cm and a height of {height} cm.",
                "the area of the triangle in square centimetres",
            ),
            (
                f"{who} cuts a triangular sail whose lower edge is {given} feet long and whose tip is {height} feet "
                "above that edge.",
                "the area of the sail in square feet",
            ),
            (
                f"A triangular flower bed has one side of {given} metres, and the opposite corner lies {height} "
                "metres from the line of that side.",
                "the area of the flower bed in square metres",
            ),
        )
    )
    value = n * half
    steps = (
        f"The area of a triangle is half of base times height, with base {n} and height {height}.",
        rf"So the area is \( \frac{{1}}{{2}} \times {n} \times {height} = {value} \).",
    )
    lean = rng.randint(0, 5)
    return Link(setup, quantity, steps, value, lambda x: whole(shoelace([(0, 0), (x, 0), (lean, height)])))


@generator("area of a triangle", "Perimeter and area", "middle", low=2, high=400)
def _height_of_a_triangle(n: int, given: str, rng: Random) -> Link:
    thing = rng.choice(("long thin triangle", "triangular pennant", "triangular splinter of glass"))
    setup = f"The area of a {thing} is {given} square centimetres, and its shortest side, the base, is 1 cm long."
    value = 2 * n
    steps = (
        rf"Half of base times height is the area: \( \frac{{1}}{{2}} \times 1 \times h = {n} \).",
        rf"Doubling gives \( h = 2 \times {n} = {value} \).",
    )
    quantity = f"the height of the {thing} on that base in centimetres"
    return Link(setup, quantity, steps, value, lambda x: whole(x / shoelace([(0, 0), (1, 0), (0, 1)])))


@generator("area of a trapezoid", "Perimeter and area", "middle", low=2, high=400)
def _trapezoid(n: int, given: str, rng: Random) -> Link:
    half = rng.randint(1, max(2, min(6, 400 // n)))
    height, other = 2 * half, rng.randint(3, 30)
    setup, quantity = rng.choice(
        (
            (
                f"The parallel sides of a trapezoid are {given} cm and {other} cm long, and they lie {height} cm "
                "apart.",
                "the area of the trapezoid in square centimetres",
            ),
            (
                f"The cross-section of a dam is a trapezoid: {given} metres wide at one of its two parallel edges, "
                f"{other} metres wide at the other, and {height} metres high.",
                "the area of the cross-section in square metres",
            ),
            (
                f"A plot of land between two parallel roads is a trapezoid. Its sides along the roads measure {given} "
                f"metres and {other} metres, and the roads are {height} metres apart.",
                "the area of the plot in square metres",
            ),
        )
    )
    value = (n + other) * half
    steps = (
        rf"The parallel sides add up to \( {n} + {other} = {n + other} \).",
        rf"The area is half of that sum times the height: \( \frac{{1}}{{2}} \times {n + other} \times {height} = "
        rf"{value} \).",
    )
    lean = rng.randint(0, 4)
    return Link(
        setup,
        quantity,
        steps,
        value,
        lambda x: whole(shoelace([(0, 0), (x, 0), (lean + other, height), (lean, height)])),
    )
