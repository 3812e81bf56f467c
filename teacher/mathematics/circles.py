"""Circles. Areas and arcs are asked for as the coefficient of \\( \\pi \\), so that all values are whole."""

from __future__ import annotations

from fractions import Fraction
from random import Random

from teacher.chain import Link, generator
from teacher.mathematics.exact import simpson, whole
from teacher.mathematics.wording import PEOPLE


@generator("area of a circle", "Circles", "middle", low=2, high=60)
def _disc(n: int, given: str, rng: Random) -> Link:
    setup, thing, unit = rng.choice(
        (
            (f"A circular pond has a radius of {given} metres.", "pond", "square metres"),
            (f"A round tablecloth has a radius of {given} decimetres.", "tablecloth", "square decimetres"),
            (f"A lawn sprinkler waters everything within {given} feet of it.", "watered disc", "square feet"),
        )
    )
    value = n * n
    steps = (
        r"The area of a circle with radius \( r \) is \( \pi r^2 \).",
        rf"With \( r = {n} \) the area is \( {n}^2 \pi = {value} \pi \), so \( k = {value} \).",
    )
    quantity = rf"the number \( k \) for which the area of the {thing} is \( k\pi \) {unit}"
    # The area is the integral of the circumference 2 pi r over the radius.
    return Link(setup, quantity, steps, value, lambda x: whole(simpson(lambda r: 2 * r, 0, x)))


@generator("area of a circle", "Circles", "middle", low=2, high=300)
def _ring(n: int, given: str, rng: Random) -> Link:
    width = rng.randint(1, max(1, min(6, 300 // n)))
    who = rng.choice(PEOPLE)
    setup, thing = rng.choice(
        (
            (
                f"A round flower bed has a radius of {given} feet. {who} lays a gravel path of width {width} feet "
                "around it.",
                "path",
            ),
            (f"A metal ring has an inner radius of {given} feet and is {width} feet wide all around.", "ring"),
        )
    )
    outer = n + width
    value = outer * outer - n * n
    steps = (
        rf"The outer radius is \( {n} + {width} = {outer} \), so the large circle has the area \( {outer * outer}\pi "
        rf"\) and the small one \( {n * n}\pi \).",
        rf"The {thing} is the difference: \( {outer * outer}\pi - {n * n}\pi = {value}\pi \), so \( k = {value} \).",
    )
    quantity = rf"the number \( k \) for which the area of the {thing} is \( k\pi \) square feet"
    return Link(setup, quantity, steps, value, lambda x: whole(simpson(lambda r: 2 * r, x, x + width)))


@generator("area of a circle", "Circles", "middle", low=2, high=500)
def _scaled_disc(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(2, 5 if n < 50 else 3)
    times = {2: "twice", 3: "three times", 4: "four times", 5: "five times"}[k]
    food = rng.choice(("pizza", "pancake", "cake"))
    setup = (
        rf"A small round {food} has an area of \( \pi \) times {given} square centimetres. A large one has {times} its "
        "diameter."
    )
    value = n * k * k
    steps = (
        rf"With {times} the diameter the radius is {times} as large too, and the area \( \pi r^2 \) grows by \( {k}^2 "
        rf"= {k * k} \).",
        rf"The large {food} has the area \( {k * k} \times {n}\pi = {value}\pi \), so \( k = {value} \).",
    )
    quantity = rf"the number \( k \) for which the area of the large {food} is \( k\pi \) square centimetres"
    return Link(setup, quantity, steps, value, lambda x: sum(x * (2 * ring + 1) for ring in range(k)))


@generator("arc length", "Circles", "high", low=2, high=359)
def _arc_on_a_known_circle(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(1, 4)
    radius = 180 * k
    who = rng.choice(PEOPLE)
    setup, what = rng.choice(
        (
            (
                f"A circular lake has a radius of {radius} metres. {who} walks along its shore through a central "
                f"angle of {given} degrees.",
                f"the way that {who} walks",
            ),
            (
                f"A railway curve is an arc of a circle with a radius of {radius} metres and a central angle of "
                f"{given} degrees.",
                "the length of the curve",
            ),
        )
    )
    value = n * k
    steps = (
        r"An arc of \( \theta \) degrees on a circle with radius \( r \) has the length \( \frac{\theta}{360} "
        r"\cdot 2\pi r = \frac{\theta}{180} \cdot \pi r \).",
        rf"Here it is \( \frac{{{n}}}{{180}} \cdot {radius}\pi = {value}\pi \), so \( k = {value} \).",
    )
    quantity = rf"the number \( k \) for which {what} is \( k\pi \) metres"
    return Link(setup, quantity, steps, value, lambda x: whole(Fraction(2 * radius * x, 360)))


@generator("arc length", "Circles", "high", low=1, high=400)
def _radius_from_an_arc(n: int, given: str, rng: Random) -> Link:
    angle, k = rng.choice(((180, 1), (90, 2), (60, 3), (45, 4), (36, 5)))
    setup, quantity = rng.choice(
        (
            (
                rf"An arc of a circle has a central angle of {angle} degrees, and its length is \( \pi \) times "
                f"{given} cm.",
                "the radius of this circle in centimetres",
            ),
            (
                rf"The tip of a clock's hand moves through {angle} degrees and covers a way of \( \pi \) times {given} "
                "mm.",
                "the length of the hand in millimetres",
            ),
        )
    )
    value = n * k
    steps = (
        rf"With radius \( r \), the arc of {angle} degrees has the length \( \frac{{{angle}}}{{180}}\pi r = \frac{{\pi "
        rf"r}}{{{k}}} \)."
        if k > 1
        else r"With radius \( r \), the arc of 180 degrees is half the circumference, \( \pi r \).",
        rf"It equals \( {n}\pi \), so \( r = {k} \times {n} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: whole(Fraction(360, angle) * x / 2))
