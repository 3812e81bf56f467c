"""Plane figures beyond the basic formulas. Second computation: coordinates, or cutting into pieces."""

from __future__ import annotations

from fractions import Fraction
from random import Random

from teacher.chain import Link, generator
from teacher.mathematics.exact import shoelace, whole
from teacher.mathematics.linear import secant
from teacher.mathematics.terms import times
from teacher.mathematics.wording import PEOPLE, factor

AREA = "Perimeter and area"


@generator("area of a square", AREA, "primary", low=2, high=70)
def _enlarged_square(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(2, 12)
    who = rng.choice(PEOPLE)
    setup, quantity = rng.choice(
        (
            (
                f"Each side of a square terrace is {given} feet long. {who} makes every side {k} feet longer.",
                "the area of the new terrace in square feet",
            ),
            (
                f"A square picture with sides of {given} cm has a frame all around. With the frame it is a square "
                f"with sides that are {k} cm longer.",
                "the area in square centimetres that picture and frame cover together",
            ),
        )
    )
    value = (n + k) ** 2
    steps = (
        rf"The sides of the large square measure \( {n} + {k} = {n + k} \).",
        rf"Its area is \( {n + k} \times {n + k} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: x * x + 2 * k * x + k * k)


@generator("perimeter of a square", AREA, "primary", low=2, high=700)
def _around_a_square(n: int, given: str, rng: Random) -> Link:
    gap = rng.randint(1, 2) if n < 9 else rng.randint(2, 15)
    who = rng.choice(PEOPLE)
    setup, quantity = rng.choice(
        (
            (
                f"A square paddock with sides of {given} metres gets a fence all around, but for a gate of {gap} m.",
                "the length of the fence in metres",
            ),
            (
                f"{who} nails a rail along the walls of a square room with sides of {given} feet. Only the door, "
                f"{gap} ft wide, is left out.",
                f"the length of the rail that {who} needs in feet",
            ),
        )
    )
    value = 4 * n - gap
    steps = (
        rf"The way around the square is \( 4 \times {n} = {4 * n} \).",
        rf"Without the open part it is \( {4 * n} - {gap} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: sum((x, x, x, x - gap)))


@generator("area of a rhombus", AREA, "middle", low=2, high=500)
def _by_its_diagonals(n: int, given: str, rng: Random) -> Link:
    half = rng.randint(2, 9)
    what = rng.choice(("rhombus", "window pane in the form of a rhombus", "badge in the form of a rhombus"))
    setup = rng.choice(
        (
            f"The diagonals of a {what} measure {given} cm and {2 * half} cm.",
            f"A {what} is {2 * half} cm high from corner to corner and {given} cm wide from corner to corner.",
        )
    )
    value = half * n
    steps = (
        "The diagonals of a rhombus are at right angles, and its area is half of their product.",
        rf"\( \frac{{{n} \times {2 * half}}}{{2}} = {value} \) square centimetres.",
    )
    return Link(
        setup,
        "its area in square centimetres",
        steps,
        value,
        lambda x: whole(shoelace([(0, half), (x, 0), (2 * x, half), (x, 2 * half)]) / 2),
    )


@generator("tiling and covering areas", AREA, "primary", low=2, high=300)
def _tiles_for_a_floor(n: int, given: str, rng: Random) -> Link:
    width, per = rng.randint(2, 5), rng.choice((2, 4, 5))
    side = {2: 50, 4: 25, 5: 20}[per]
    room = rng.choice(("corridor", "bathroom floor", "balcony", "strip of pavement"))
    setup = rng.choice(
        (
            f"A rectangular {room} is {given} metres long and {width} metres wide. It is covered with square tiles "
            f"with sides of {side} cm, without gaps.",
            f"Square tiles, {side} cm on each side, cover a {room} of {width} metres by {given} metres completely.",
        )
    )
    value = n * per * width * per
    steps = (
        rf"Along one metre lie \( 100 \div {side} = {per} \) tiles.",
        rf"So there are \( {n} \times {per} = {n * per} \) tiles along one side and \( {width} \times {per} = "
        rf"{width * per} \) along the other.",
        rf"In all these are \( {n * per} \times {width * per} = {value} \) tiles.",
    )
    return Link(
        setup, "the number of tiles", steps, value, lambda x: whole(Fraction(100 * x * 100 * width, side * side))
    )


@generator("composite figures", AREA, "middle", low=6, high=500)
def _rectangle_with_a_notch(n: int, given: str, rng: Random) -> Link:
    k, cut = factor(rng, n, most=2500, high=20) + 2, rng.randint(2, 3)
    setup, quantity = rng.choice(
        (
            (
                f"From a rectangular sheet of {given} cm by {k} cm a square with sides of {cut} cm is cut away at one "
                "corner.",
                "the area of what is left in square centimetres",
            ),
            (
                f"An L-shaped room is a rectangle of {given} feet by {k} feet without a square of {cut} feet by {cut} "
                "feet in one corner.",
                "the area of the room in square feet",
            ),
        )
    )
    value = n * k - cut * cut
    steps = (
        rf"The whole rectangle has the area \( {n} \times {k} = {n * k} \), and the square has \( {cut} \times {cut} = "
        rf"{cut * cut} \).",
        rf"What is left has \( {n * k} - {cut * cut} = {value} \).",
    )
    return Link(
        setup,
        quantity,
        steps,
        value,
        lambda x: whole(shoelace([(0, 0), (x, 0), (x, k - cut), (x - cut, k - cut), (x - cut, k), (0, k)])),
    )


@generator("properties of trapezoids", "Quadrilaterals", "middle", low=8, high=700)
def _from_the_midsegment(n: int, given: str, rng: Random) -> Link:
    short = rng.randint(2, n - 2) if n < 60 else rng.randint(5, 50)
    setup, quantity = rng.choice(
        (
            (
                f"The midsegment of a trapezoid is {given} cm long, and one of the two parallel sides measures "
                f"{short} cm.",
                "the length of the other parallel side in centimetres",
            ),
            (
                f"Halfway up, a roof in the form of a trapezoid is {given} feet wide. Its ridge, parallel to the "
                f"eaves, measures {short} feet.",
                "the width of the roof at the eaves in feet",
            ),
        )
    )
    value = 2 * n - short
    steps = (
        "The midsegment is the mean of the two parallel sides, so these add up to twice the midsegment.",
        rf"The other side is \( 2 \times {n} - {short} = {value} \).",
    )
    # From the short side to the middle and on to the long side the width grows evenly.
    return Link(setup, quantity, steps, value, lambda x: x + (x - short))


@generator("properties of rectangles and squares", "Quadrilaterals", "middle", low=2, high=700)
def _half_diagonals(n: int, given: str, rng: Random) -> Link:
    side = rng.randint(2, min(2 * n - 1, 30))
    setup, quantity = rng.choice(
        (
            (
                f"The diagonals of a rectangle meet {given} cm from one of its corners. One side is {side} cm long.",
                "the length in centimetres of this side and both diagonals, laid end to end",
            ),
            (
                f"A rectangular gate is braced by two laths along its diagonals; they cross {given} inches from a "
                f"corner. A third lath, {side} inches long, runs along the bottom.",
                "the total length of the three laths in inches",
            ),
        )
    )
    both = 4 * n
    value = both + side
    steps = (
        rf"The diagonals of a rectangle are equally long and bisect each other, so each measures \( 2 \times {n} = "
        rf"{2 * n} \).",
        rf"Both measure \( 2 \times {2 * n} = {both} \), and with the third length it is \( {both} + {side} = {value} "
        r"\).",
    )
    # Four equal pieces from the crossing to the corners.
    return Link(setup, quantity, steps, value, lambda x: sum((x, x, x, x)) + side)


@generator("isosceles triangles", "Triangles", "middle", low=3, high=700)
def _around_an_isosceles_triangle(n: int, given: str, rng: Random) -> Link:
    base = rng.randint(2, min(2 * n - 2, 40))
    setup, quantity = rng.choice(
        (
            (
                f"In an isosceles triangle the two equal sides are {given} cm long, and the base measures {base} cm.",
                "its perimeter in centimetres",
            ),
            (
                f"A pennant has the form of an isosceles triangle with a base of {base} inches and legs of {given} "
                "inches. A cord is sewn around its whole edge.",
                "the length of the cord in inches",
            ),
        )
    )
    value = 2 * n + base
    steps = (
        rf"The two legs together measure \( 2 \times {n} = {2 * n} \).",
        rf"With the base it is \( {2 * n} + {base} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: sum((x, base, x)))


@generator("medians and centroid of a triangle", "Triangles", "high", low=2, high=900)
def _parts_of_a_median(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(3, 40)
    setup, quantity = rng.choice(
        (
            (
                f"The centroid of a triangle lies {given} mm from the midpoint of one side. Another median is {3 * k} "
                "mm long.",
                "the sum of the lengths of these two medians in millimetres",
            ),
            (
                f"A triangular plate balances on a pin at its centroid, {given} mm from the middle of one edge. The "
                f"second median measures {3 * k} mm.",
                "the length of both medians together in millimetres",
            ),
        )
    )
    value = 3 * n + 3 * k
    steps = (
        "The centroid cuts each median in the ratio 2 to 1, and the shorter part lies at the side.",
        rf"So the first median measures \( 3 \times {n} = {3 * n} \), and both measure \( {3 * n} + {3 * k} = {value} "
        r"\).",
    )

    def check(x: int) -> int:
        """From the midpoint of a side at 0, the centroid lies at the mean of the heights 0, 0 and h of the corners."""
        height = secant(lambda h: 0 + 0 + h, 3 * x)
        return height + 3 * k

    return Link(setup, quantity, steps, value, check)


@generator("midsegment theorem", "Triangles", "high", low=6, high=600)
def _triangle_of_midpoints(n: int, given: str, rng: Random) -> Link:
    a = rng.randint(3, 15)
    b = rng.randint(max(2, abs(n - a) + 1), n + a - 1)
    setup, quantity = rng.choice(
        (
            (
                f"The midpoints of the sides of a triangle are joined. The three joining segments measure {given} cm, "
                f"{a} cm and {b} cm.",
                "the perimeter of the original triangle in centimetres",
            ),
            (
                "In a triangular park three straight paths join the middles of the sides. They measure "
                f"{given}, {a} and {b} metres.",
                "the length of the way around the park in metres",
            ),
        )
    )
    inner = n + a + b
    value = 2 * inner
    steps = (
        "By the midsegment theorem each joining segment is half as long as the side to which it is parallel.",
        rf"The inner triangle has the perimeter \( {n} + {a} + {b} = {inner} \), and the outer one \( 2 \times {inner} "
        rf"= {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: sum((x + x, a + a, b + b)))


@generator("right triangle trigonometry", "Trigonometry", "high", low=2, high=300)
def _side_from_a_ratio(n: int, given: str, rng: Random) -> Link:
    a, b, c = rng.choice(((3, 4, 5), (5, 12, 13), (8, 15, 17), (4, 3, 5)))
    who = rng.choice(PEOPLE)
    setup, quantity, part = rng.choice(
        (
            (
                rf"In a right triangle the hypotenuse is {times(c, n, given)} cm long, and one angle \( \alpha \) has "
                rf"\( \sin \alpha = \frac{{{a}}}{{{c}}} \).",
                r"the length of the leg opposite to \( \alpha \) in centimetres",
                a,
            ),
            (
                rf"A ramp is {times(c, n, given)} cm long and rises at an angle \( \alpha \) with \( \cos \alpha = "
                rf"\frac{{{b}}}{{{c}}} \).",
                "the horizontal length of the ramp in centimetres",
                b,
            ),
            (
                f"{who} flies a kite on a tight string of {times(c, n, given)} feet. The sine of the angle between "
                rf"the string and the ground is \( \frac{{{a}}}{{{c}}} \).",
                "the height of the kite in feet, measured from where the string is held",
                a,
            ),
        )
    )
    name = "cosine" if part == b and "cos" in setup else "sine"
    value = part * n
    steps = (
        rf"The {name} is the quotient of this side and the longest side, \( {c * n} \).",
        rf"So the side measures \( {c * n} \times \frac{{{part}}}{{{c}}} = {value} \).",
    )

    def check(x: int) -> int:
        """By the Pythagorean theorem from the other leg."""
        other = b if part == a else a
        square = (c * x) ** 2 - (other * x) ** 2
        return next(s for s in range(part * x, part * x + 2) if s * s == square)

    return Link(setup, quantity, steps, value, check)
