"""Parts of solids, painted cubes, displaced water. Second computation: Euler's formula, or other units."""

from __future__ import annotations

from fractions import Fraction
from random import Random

from teacher.chain import Link, generator
from teacher.mathematics.exact import whole
from teacher.mathematics.wording import PEOPLE

SOLIDS = "Solid geometry"


@generator("faces edges and vertices", SOLIDS, "primary", low=3, high=600)
def _prisms_and_pyramids(n: int, given: str, rng: Random) -> Link:
    prism = rng.random() < 0.5
    kind = "prism" if prism else "pyramid"
    setup = rng.choice(
        (
            f"The base of a {kind} is a polygon with {given} sides.",
            f"A crystal has the form of a {kind} whose base has {given} corners.",
        )
    )
    edges, corners, faces = (3 * n, 2 * n, n + 2) if prism else (2 * n, n + 1, n + 1)
    what = rng.choice(("edges and corners", "faces and edges", "faces and corners"))
    parts = {"edges": edges, "corners": corners, "faces": faces}
    one, two = what.split(" and ")
    value = parts[one] + parts[two]
    steps = (
        rf"The {kind} has {edges} edges, {corners} corners and {faces} faces"
        + (", counting bottom, top and sides." if prism else ", counting base and sides."),
        rf"So the number is \( {parts[one]} + {parts[two]} = {value} \).",
    )

    def check(x: int) -> int:
        """Edges from the faces' sides, each in two faces; corners by Euler's formula."""
        sides = [x, x] + [4] * x if prism else [x] + [3] * x
        found = {"faces": len(sides), "edges": sum(sides) // 2}
        found["corners"] = 2 - found["faces"] + found["edges"]
        return found[one] + found[two]

    return Link(setup, f"the number of {one} and the number of {two} of this solid added together", steps, value, check)


@generator("painted cubes", "Volume and surface area", "competition", low=3, high=400)
def _painted_faces(n: int, given: str, rng: Random) -> Link:
    who = rng.choice(PEOPLE)
    count = rng.choice((1, 2)) if n < 32 else 2
    setup = rng.choice(
        (
            f"{who} paints all faces of a wooden cube and saws it into small equal cubes, {given} along each edge.",
            f"A large cube is built of small cubes, {given} along each edge, and its whole outside is painted. Then "
            "it is taken apart again.",
        )
    )
    inner = n - 2
    value = 6 * inner * inner if count == 1 else 12 * inner
    quantity = f"the number of small cubes with exactly {'one painted face' if count == 1 else 'two painted faces'}"
    steps = (
        rf"Without its rim a face of the large cube has \( {n} - 2 = {inner} \) small cubes along each side."
        if count == 1
        else rf"Without its ends an edge of the large cube has \( {n} - 2 = {inner} \) small cubes.",
        rf"There are 6 faces, with \( 6 \times {inner} \times {inner} = {value} \) such cubes."
        if count == 1
        else rf"There are 12 edges, with \( 12 \times {inner} = {value} \) such cubes.",
    )

    def check(x: int) -> int:
        """From the cubes that are painted at all, by the number of painted faces of each."""
        three, two = 8, 12 * (x - 2)
        one = 6 * x * x - 3 * three - 2 * two
        return one if count == 1 else x**3 - (x - 2) ** 3 - three - one

    return Link(setup, quantity, steps, value, check)


@generator("volume by displacement", "Volume and surface area", "middle", low=2, high=300)
def _stone_in_a_tank(n: int, given: str, rng: Random) -> Link:
    a, b = rng.randint(2, 6), rng.randint(2, 5)
    setup, quantity = rng.choice(
        (
            (
                f"A glass tank has a base of {10 * a} cm by {10 * b} cm and stands half full of water. A stone is put "
                f"in, goes under, and the water rises by {given} mm.",
                "the volume of the stone in cubic centimetres",
            ),
            (
                f"When a statue is lowered under the water of a tank with a base of {10 * a} cm by {10 * b} cm, the "
                f"level rises by {given} mm. No water flows over.",
                "the volume of the statue in cubic centimetres",
            ),
        )
    )
    value = 10 * a * b * n
    steps = (
        rf"The base has the area \( {10 * a} \times {10 * b} = {100 * a * b} \) square centimetres; for each mm it "
        rf"takes one tenth of that, \( {100 * a * b} \div 10 = {10 * a * b} \) cubic centimetres.",
        rf"What goes under displaces its own volume: \( {n} \times {10 * a * b} = {value} \) cubic centimetres.",
    )
    return Link(setup, quantity, steps, value, lambda x: whole(Fraction(x * 100 * a * 100 * b, 1000)))
