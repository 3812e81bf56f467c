"""Right triangles, similar triangles and the law of cosines. Second computation: coordinates, or a search."""

from __future__ import annotations

from fractions import Fraction
from math import hypot, isqrt, sqrt
from random import Random

from teacher.chain import Link, generator, inside
from teacher.mathematics.exact import shoelace, whole
from teacher.mathematics.wording import PEOPLE

_RIGHT = ((3, 4, 5), (6, 8, 10), (5, 12, 13), (8, 15, 17))
_SIXTY = ((3, 8, 7), (5, 8, 7), (8, 15, 13), (7, 15, 13))
_HUNDRED_TWENTY = ((3, 5, 7), (7, 8, 13), (5, 16, 19))


def _root(square: int) -> int:
    """The whole square root. Raises ArithmeticError if there is none."""
    root = isqrt(square)
    if root * root != square:
        raise ArithmeticError(f"{square} is not a square")
    return root


@generator("Pythagorean theorem", "Right triangles", "middle", low=2, high=200)
def _hypotenuse_to_scale(n: int, given: str, rng: Random) -> Link:
    a, b, c = rng.choice(_RIGHT[:3])
    who = rng.choice(PEOPLE)
    setup, quantity = rng.choice(
        (
            (
                f"On a drawing, 1 cm stands for {given} metres. A right-angled plot of land is drawn with legs of {a} "
                f"cm and {b} cm.",
                "the true length of the plot's longest side in metres",
            ),
            (
                f"{who} walks {a} blocks east and then {b} blocks north. Every block is {given} metres long.",
                f"the straight-line distance in metres from where {who} set out to where {who} is now",
            ),
        )
    )
    value = c * n
    steps = (
        rf"By the Pythagorean theorem the direct way measures \( \sqrt{{{a}^2 + {b}^2}} = \sqrt{{{a * a + b * b}}} = "
        rf"{c} \) of these units.",
        rf"One unit is {n} metres, so the length is \( {c} \times {n} = {value} \) metres.",
    )
    return Link(setup, quantity, steps, value, lambda x: _root((a * x) ** 2 + (b * x) ** 2))


@generator("Pythagorean theorem", "Right triangles", "middle", low=2, high=60)
def _square_on_a_side(n: int, given: str, rng: Random) -> Link:
    leg = rng.randint(2, 15)
    setup, quantity = rng.choice(
        (
            (
                f"The legs of a right triangle are {given} cm and {leg} cm long.",
                "the square of the length of its hypotenuse, measured in centimetres",
            ),
            (
                f"A rectangular gate is {given} feet wide and {leg} feet high. A wooden brace runs along its "
                "diagonal, and a square board is cut whose side is as long as the brace.",
                "the area of the square board in square feet",
            ),
        )
    )
    value = n * n + leg * leg
    steps = (
        rf"By the Pythagorean theorem the square of the longest side is \( {n}^2 + {leg}^2 \).",
        rf"This is \( {n * n} + {leg * leg} = {value} \).",
    )
    # A tilted square fits in a square of side x + leg with four right triangles cut off.
    return Link(
        setup, quantity, steps, value, lambda x: whole(shoelace([(leg, 0), (x + leg, leg), (x, x + leg), (0, x)]))
    )


@generator("Pythagorean theorem", "Right triangles", "middle", low=2, high=900)
def _squares_on_all_sides(n: int, given: str, rng: Random) -> Link:
    other = rng.randint(5, 120)
    setup = (
        "Squares are drawn outwards on the three sides of a right triangle. The squares on the two legs have areas "
        f"of {given} and {other} square units."
    )
    value = n + other
    steps = (
        "By the Pythagorean theorem the square on the hypotenuse has the areas of both other squares together.",
        rf"Its area is \( {n} + {other} = {value} \) square units.",
    )
    quantity = "the area of the square on the hypotenuse"
    return Link(setup, quantity, steps, value, lambda x: round(hypot(sqrt(x), sqrt(other)) ** 2))


@generator("similar triangles", "Similarity", "middle", low=2, high=300)
def _side_of_a_similar_triangle(n: int, given: str, rng: Random) -> Link:
    short = rng.randint(2, 6)
    k = rng.randint(2, 6)
    setup, quantity = rng.choice(
        (
            (
                f"A stick of {short * k} cm throws a shadow of {short} cm. At the same time the shadow of a tower is "
                f"{given} metres long.",
                "the height of the tower in metres",
            ),
            (
                f"Two triangles are similar. The sides of {short} cm and {short * k} cm in the first one correspond "
                f"to a side of {given} cm and an unknown side in the second.",
                "the length of the unknown side in centimetres",
            ),
        )
    )
    value = n * k
    steps = (
        rf"The triangles are similar, so matching sides have the same ratio, \( \frac{{{short * k}}}{{{short}}} = {k} "
        r"\).",
        rf"The length is \( {k} \times {n} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: whole(Fraction(x, short) * (short * k)))


@generator("similar triangles", "Similarity", "high", low=2, high=200)
def _area_of_a_similar_triangle(n: int, given: str, rng: Random) -> Link:
    k = rng.choice((2, 3) if n > 40 else (2, 3, 4, 5))
    setup, quantity = rng.choice(
        (
            (
                f"A triangle has an area of {given} square centimetres. A second triangle is similar to it, and its "
                f"sides are {k} times as long.",
                "the area of the second triangle in square centimetres",
            ),
            (
                f"A line parallel to one side of a triangle cuts off a small triangle with an area of {given} square "
                f"units. The sides of the whole triangle are {k} times as long as those of the small one.",
                "the area of the whole triangle in square units",
            ),
        )
    )
    value = n * k * k
    steps = (
        rf"When all sides grow by the factor {k}, the area grows by \( {k}^2 = {k * k} \).",
        rf"So the area is \( {k * k} \times {n} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: whole(shoelace([(0, 0), (2 * x * k, 0), (0, k)])))


@generator("law of cosines", "Trigonometry", "high", low=2, high=200)
def _third_side_to_scale(n: int, given: str, rng: Random) -> Link:
    angle = rng.choice((60, 120))
    a, b, c = rng.choice(_SIXTY if angle == 60 else _HUNDRED_TWENTY)
    sign, cosine = ("-", r"\frac{1}{2}") if angle == 60 else ("+", r"-\frac{1}{2}")
    setup, quantity = rng.choice(
        (
            (
                f"Two ships leave a harbour on straight courses that form an angle of {angle} degrees. After some "
                f"hours one has covered {a} legs and the other {b} legs of its journey, and every leg is {given} "
                "miles long.",
                "the distance between the ships in miles",
            ),
            (
                f"On a plan, 1 cm stands for {given} metres. A triangular estate has two sides of {a} cm and {b} cm "
                f"on the plan, with an angle of {angle} degrees between them.",
                "the true length of the estate's third side in metres",
            ),
        )
    )
    value = c * n
    steps = (
        rf"By the law of cosines, with \( \cos {angle}^\circ = {cosine} \), the square of the third side is \( {a}^2 + "
        rf"{b}^2 {sign} {a} \times {b} = {c * c} \), so the side measures \( {c} \) units.",
        rf"One unit is {n}, which makes \( {c} \times {n} = {value} \).",
    )
    # Half the second side lies along the first one (or behind it), and sqrt(3)/2 of it beside it.
    along = a - Fraction(b, 2) if angle == 60 else a + Fraction(b, 2)
    return Link(setup, quantity, steps, value, lambda x: _root(whole((along**2 + Fraction(3 * b * b, 4)) * x * x)))


@generator("law of cosines", "Trigonometry", "high", low=2, high=60)
def _square_of_the_third_side(n: int, given: str, rng: Random) -> Link:
    other, angle = rng.randint(2, 12), rng.choice((60, 120))
    sign, cosine = (-1, r"\frac{1}{2}") if angle == 60 else (1, r"-\frac{1}{2}")
    setup = (
        rf"In triangle \( XYZ \), \( XY = {inside(given)} \), \( YZ = {other} \) and the angle at \( Y \) measures "
        f"{angle} degrees."
    )
    value = n * n + other * other + sign * n * other
    mark = "-" if sign < 0 else "+"
    steps = (
        r"By the law of cosines, \( XZ^2 = XY^2 + YZ^2 - 2 \cdot XY \cdot YZ \cdot \cos Y \), where \( \cos "
        rf"{angle}^\circ = {cosine} \).",
        rf"So \( XZ^2 = {n}^2 + {other}^2 {mark} {n} \times {other} = {n * n} + {other * other} {mark} {n * other} = "
        rf"{value} \).",
    )
    return Link(
        setup,
        r"\( XZ^2 \)",
        steps,
        value,
        lambda x: whole((x + Fraction(sign * other, 2)) ** 2 + Fraction(3 * other * other, 4)),
    )
