"""Prisms, cubes and cylinders. Second computation: layers, faces counted one by one, or an integral."""

from __future__ import annotations

from fractions import Fraction
from random import Random

from teacher.chain import Link, generator
from teacher.mathematics.exact import simpson, whole
from teacher.mathematics.wording import PEOPLE


def _surface_of_a_row(cubes: int) -> int:
    """Free unit faces of cubes in a row, found by asking each of the six neighbours of each cube."""
    row = {(i, 0, 0) for i in range(cubes)}
    moves = ((1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1))
    return sum((x + i, y + j, z + k) not in row for x, y, z in row for i, j, k in moves)


@generator("volume of a rectangular prism", "Volume and surface area", "middle", low=2, high=400)
def _box(n: int, given: str, rng: Random) -> Link:
    most = max(2, min(7, round((1500 / n) ** 0.5)))
    a, b = rng.randint(2, max(2, most)), rng.randint(2, max(2, most))
    who = rng.choice(PEOPLE)
    setup, quantity, unit = rng.choice(
        (
            (
                f"A rectangular tank has a base of {a} metres by {b} metres and is filled to a depth of {given} "
                "metres.",
                "the volume of the water in cubic metres",
                "cubic metres",
            ),
            (
                f"{who} stacks cubic blocks with edges of 1 inch into a solid block that is {a} inches wide, {b} "
                f"inches high and {given} inches long.",
                "the number of blocks used",
                "cubic inches, one for each block",
            ),
            (
                f"A beam in the form of a rectangular prism is {given} decimetres long; its cross-section is a "
                f"rectangle of {a} by {b} decimetres.",
                "the volume of the beam in cubic decimetres",
                "cubic decimetres",
            ),
        )
    )
    value = a * b * n
    steps = (
        rf"The rectangle of {a} by {b} has the area \( {a} \times {b} = {a * b} \).",
        rf"Times the third dimension, {n}, this gives the volume \( {a * b} \times {n} = {value} \) {unit}.",
    )
    return Link(setup, quantity, steps, value, lambda x: sum(a * x for _ in range(b)))


@generator("volume of a rectangular prism", "Volume and surface area", "middle", low=2, high=500)
def _poured_water(n: int, given: str, rng: Random) -> Link:
    height = rng.randint(2, 8 if n < 100 else 4)
    layer = rng.randint(1, 30)
    full = n * height
    layer = min(layer, full - 1)
    taken = "1 cubic inch of water is" if layer == 1 else f"{layer} cubic inches of water are"
    setup = (
        f"The base of an aquarium has an area of {given} square inches. It is filled {height} inches high, and then "
        f"{taken} taken out."
    )
    value = full - layer
    steps = (
        rf"At first there are base times height, \( {n} \times {height} = {full} \) cubic inches of water.",
        rf"After {layer} are taken out, \( {full} - {layer} = {value} \) remain.",
    )
    return Link(
        setup,
        "the number of cubic inches of water that remain in the aquarium",
        steps,
        value,
        lambda x: whole(simpson(lambda _: Fraction(x), 0, height)) - layer,
    )


@generator("surface area of a cube", "Volume and surface area", "middle", low=2, high=28)
def _cube(n: int, given: str, rng: Random) -> Link:
    thing = rng.choice(("wooden cube", "cubic gift box", "cubic lantern"))
    setup, quantity = rng.choice(
        (
            (f"The edges of a {thing} are {given} cm long.", f"the surface area of the {thing} in square centimetres"),
            (
                f"All faces of a {thing} with edges of {given} inches are covered with paper, without any overlap.",
                "the number of square inches of paper needed",
            ),
        )
    )
    value = 6 * n * n
    steps = (
        rf"One face is a square with the area \( {n} \times {n} = {n * n} \).",
        rf"A cube has 6 faces, so its surface area is \( 6 \times {n * n} = {value} \).",
    )
    # Wrap the cube in unit cubes: a cube two longer, less the core, the 12 edges and the 8 corners.
    return Link(setup, quantity, steps, value, lambda x: (x + 2) ** 3 - x**3 - 12 * x - 8)


@generator("surface area of a cube", "Volume and surface area", "middle", low=2, high=400)
def _cubes_in_a_row(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(1, 5 if n < 100 else 2)
    who = rng.choice(PEOPLE)
    if k == 1:
        setup = f"One face of a cube has an area of {given} square centimetres."
        quantity = "the surface area of the cube in square centimetres"
        steps = (
            "A cube has 6 faces of equal area.",
            rf"The surface area is \( 6 \times {n} = {6 * n} \) square centimetres.",
        )
    else:
        faces = 4 * k + 2
        setup = (
            f"{who} glues {k} equal cubes together in a row, face to face. Each face of a cube has an area of {given} "
            "square centimetres."
        )
        quantity = "the surface area of the solid so made, in square centimetres"
        steps = (
            rf"The {k} cubes have \( 6 \times {k} = {6 * k} \) faces. Wherever two cubes meet, both lose one: \( "
            rf"{6 * k} - 2 \times {k - 1} = {faces} \) faces stay free.",
            rf"The surface area is \( {faces} \times {n} = {faces * n} \) square centimetres.",
        )
    return Link(setup, quantity, steps, (4 * k + 2) * n, lambda x: _surface_of_a_row(k) * x)


@generator("volume of a cylinder", "Volume and surface area", "middle", low=2, high=300)
def _cylinder_by_height(n: int, given: str, rng: Random) -> Link:
    radius = rng.randint(2, 5 if n < 40 else 3)
    setup, thing, unit = rng.choice(
        (
            (f"A cylindrical silo has a radius of {radius} metres and is {given} metres high.", "silo", "cubic metres"),
            (f"A round candle has a radius of {radius} cm and a height of {given} cm.", "candle", "cubic centimetres"),
            (
                f"A pipe with a radius of {radius} inches is {given} inches long.",
                "space inside the pipe",
                "cubic inches",
            ),
        )
    )
    value = radius * radius * n
    steps = (
        rf"The volume of a cylinder is \( \pi r^2 h \) with \( r = {radius} \) and \( h = {n} \).",
        rf"This is \( {radius * radius} \times {n} \times \pi = {value}\pi \), so \( k = {value} \).",
    )
    quantity = rf"the number \( k \) for which the volume of the {thing} is \( k\pi \) {unit}"
    # Thin shells: the integral of 2 pi r h over the radius.
    return Link(setup, quantity, steps, value, lambda x: whole(simpson(lambda r: 2 * r * x, 0, radius)))


@generator("volume of a cylinder", "Volume and surface area", "middle", low=2, high=22)
def _cylinder_by_radius(n: int, given: str, rng: Random) -> Link:
    height = rng.randint(2, 10)
    thing = rng.choice(("drum", "round water tank", "cylindrical tin"))
    setup = f"The radius of a {thing} is {given} cm and its height is {height} cm."
    value = n * n * height
    steps = (
        rf"The base is a circle with the area \( {n}^2\pi = {n * n}\pi \).",
        rf"Base times height is the volume: \( {n * n}\pi \times {height} = {value}\pi \), so \( k = {value} \).",
    )
    quantity = rf"the number \( k \) for which the volume of the {thing} is \( k\pi \) cubic centimetres"
    return Link(setup, quantity, steps, value, lambda x: whole(simpson(lambda r: 2 * r * height, 0, x)))
