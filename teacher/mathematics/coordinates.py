"""Points and lines in the coordinate plane. Second computation: steps on the grid, or another form of the line."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt
from random import Random

from teacher.chain import Link, generator, inside
from teacher.mathematics.exact import leibniz, whole
from teacher.mathematics.wording import PEOPLE

_RIGHT = ((3, 4, 5), (4, 3, 5), (6, 8, 10), (5, 12, 13), (8, 6, 10))


def _plus(number: int) -> str:
    """`+ 5` or `- 5`."""
    return f"+ {number}" if number >= 0 else f"- {-number}"


@generator("distance between two points", "Coordinate geometry", "high", low=2, high=200)
def _distance_on_a_map(n: int, given: str, rng: Random) -> Link:
    across, up, direct = rng.choice(_RIGHT)
    x1, y1 = rng.randint(-4, 9), rng.randint(-4, 9)
    one, two = rng.sample(("the harbour", "the mill", "the station", "the old oak", "the chapel", "the lookout"), 2)
    who = rng.choice(PEOPLE)
    setup, quantity = rng.choice(
        (
            (
                rf"On a map with a coordinate grid, {one} lies at \( ({x1}, {y1}) \) and {two} at \( ({x1 + across}, "
                rf"{y1 + up}) \). One unit of the grid stands for {given} metres.",
                f"the straight distance between {one} and {two} in metres",
            ),
            (
                rf"{who} steers a drone in a straight line from \( ({x1}, {y1}) \) to \( ({x1 + across}, {y1 + up}) "
                rf"\). Every unit of the coordinate system is {given} feet long.",
                "the number of feet that the drone flies",
            ),
        )
    )
    value = direct * n
    steps = (
        rf"The coordinates differ by \( {across} \) and \( {up} \), so the distance is \( \sqrt{{{across}^2 + {up}^2}} "
        rf"= \sqrt{{{across**2 + up**2}}} = {direct} \) units.",
        rf"One unit stands for {n}, so the distance is \( {direct} \times {n} = {value} \).",
    )

    def check(x: int) -> int:
        square = (x * (x1 + across) - x * x1) ** 2 + (x * (y1 + up) - x * y1) ** 2
        return isqrt(square)

    return Link(setup, quantity, steps, value, check)


@generator("distance between two points", "Coordinate geometry", "high", low=1, high=60)
def _square_of_the_distance(n: int, given: str, rng: Random) -> Link:
    x, y, b = rng.randint(-5, 0), rng.randint(-6, 12), rng.randint(-6, 12)
    setup = rf"The points \( P({x}, {y}) \) and \( Q({inside(given)}, {b}) \) are marked in the coordinate plane."
    across, up = n - x, b - y
    value = across * across + up * up
    steps = (
        rf"The coordinates of the points differ by \( {n} {_plus(-x)} = {across} \) and \( {b} {_plus(-y)} = {up} \).",
        rf"The square of the distance is \( {across}^2 + {abs(up)}^2 = {across**2} + {up**2} = {value} \).",
    )
    # |Q|^2 + |P|^2 - 2 P.Q
    return Link(
        setup,
        r"the square of the distance between \( P \) and \( Q \)",
        steps,
        value,
        lambda q: (q * q + b * b) + (x * x + y * y) - 2 * (x * q + y * b),
    )


@generator("slope of a line", "Coordinate geometry", "middle", low=2, high=400)
def _value_on_a_line(n: int, given: str, rng: Random) -> Link:
    start, run = rng.randint(2, 6), rng.randint(2, max(3, min(9, 600 // n)))
    who = rng.choice(PEOPLE)
    low, fare = rng.randint(1, 30), 10 * rng.randint(20, 40)
    setup, quantity, height = rng.choice(
        (
            (
                rf"A line with slope {given} passes through the point \( ({start}, {low}) \).",
                rf"the \( y \)-coordinate of the point on this line whose \( x \)-coordinate is \( {start + run} \)",
                low,
            ),
            (
                f"{who} plots the cost of a taxi ride against its length and gets a straight line with a "
                f"slope of {given} "
                f"cents per kilometre. A ride of {start} km costs {fare} cents.",
                f"the cost in cents of a ride of {start + run} km",
                fare,
            ),
        )
    )
    value = height + run * n
    steps = (
        rf"From \( x = {start} \) to \( x = {start + run} \) the line goes {run} units to the right, and the "
        "slope says that "
        rf"it rises by \( {run} \times {n} = {run * n} \).",
        rf"So the height there is \( {height} + {run * n} = {value} \).",
    )
    # By slope and intercept.
    return Link(setup, quantity, steps, value, lambda m: m * (start + run) + (height - m * start))


@generator("slope of a line", "Coordinate geometry", "middle", low=1, high=800)
def _slope_through_two_points(n: int, given: str, rng: Random) -> Link:
    x1, down = rng.randint(0, 9), rng.randint(1, 40)
    setup, quantity = rng.choice(
        (
            (
                rf"A straight line runs through the points \( ({x1}, -{down}) \) and \( ({x1 + 1}, "
                rf"{inside(given)}) \).",
                "the slope of this line",
            ),
            (
                rf"In a coordinate system, a ray starts at \( ({x1}, -{down}) \) and passes through "
                rf"\( ({x1 + 1}, {inside(given)}) \).",
                "the slope of the ray",
            ),
        )
    )
    value = n + down
    steps = (
        "The slope is the difference of the second coordinates divided by the difference of the first ones.",
        rf"It is \( \frac{{{n} - (-{down})}}{{{x1 + 1} - {x1}}} = \frac{{{value}}}{{1}} = {value} \).",
    )
    # Cramer's rule for y = mx + c through both points.
    return Link(
        setup, quantity, steps, value, lambda y: leibniz(((-down, 1), (y, 1))) // leibniz(((x1, 1), (x1 + 1, 1)))
    )


@generator("midpoint of a segment", "Coordinate geometry", "middle", low=2, high=400)
def _other_end(n: int, given: str, rng: Random) -> Link:
    x1, y1, my = rng.randint(-9, 1), rng.randint(-9, 9), rng.randint(-9, 9)
    one, two = rng.sample("STUVW", 2)
    setup, quantity = rng.choice(
        (
            (
                rf"The point \( ({inside(given)}, {my}) \) is the midpoint of the segment \( {one}{two} \), where \( "
                rf"{one} \) is the point \( ({x1}, {y1}) \).",
                rf"the \( x \)-coordinate of \( {two} \)",
            ),
            (
                rf"A rope is stretched from the peg at \( ({x1}, {y1}) \) to a second peg. Its middle lies at \( "
                rf"({inside(given)}, {my}) \).",
                r"the \( x \)-coordinate of the second peg",
            ),
        )
    )
    value = 2 * n - x1
    steps = (
        rf"From the first end to the middle the \( x \)-coordinate changes by \( {n} {_plus(-x1)} = {n - x1} \).",
        rf"From the middle to the other end it changes by the same amount: \( {n} + {n - x1} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda m: whole((Fraction(m) - Fraction(x1, 2)) / Fraction(1, 2)))


@generator("midpoint of a segment", "Coordinate geometry", "middle", low=1, high=900)
def _middle_of_two_places(n: int, given: str, rng: Random) -> Link:
    apart = 2 * rng.randint(2, 60)
    place = rng.choice(("a lamp", "a bench", "a bus stop", "a drinking fountain"))
    setup = (
        f"A straight road has a stone at every kilometre. One village lies at stone {given}, and the next village "
        f"lies {apart} km further on. Exactly halfway between them stands {place}."
    )
    value = n + apart // 2
    steps = (
        rf"The second village lies at kilometre \( {n} + {apart} = {n + apart} \).",
        rf"The midpoint is the mean of both: \( \frac{{{n} + {n + apart}}}{{2}} = {value} \).",
    )
    # The place from which both villages are equally far.
    return Link(
        setup,
        f"the kilometre at which {place.split(' ', 1)[1]} stands".replace("at which", "at which the"),
        steps,
        value,
        lambda x: next(m for m in range(x, x + apart + 1) if m - x == x + apart - m),
    )
