"""Definite integrals and areas under curves. Second computation: Simpson's rule, exact for these integrands."""

from __future__ import annotations

from random import Random

from teacher.chain import Link, generator, inside
from teacher.mathematics.exact import simpson, whole


@generator("definite integrals", "Integrals", "college", low=1, high=50)
def _linear_integrand(n: int, given: str, rng: Random) -> Link:
    b = rng.randint(1, 15)
    letter = rng.choice("xt")
    quantity = rf"\( \int_0^{{{inside(given)}}} (2{letter} + {b})\,d{letter} \)"
    value = n * n + b * n
    steps = (
        rf"An antiderivative of \( 2{letter} + {b} \) is \( {letter}^2 + {b}{letter} \).",
        rf"Between the limits 0 and {n} it grows by \( {n}^2 + {b} \times {n} = {n * n} + {b * n} = {value} \).",
    )
    return Link("", quantity, steps, value, lambda x: whole(simpson(lambda t: 2 * t + b, 0, x)))


@generator("definite integrals", "Integrals", "college", low=1, high=300)
def _constant_in_the_integrand(n: int, given: str, rng: Random) -> Link:
    top = rng.randint(2, 3 if n > 100 else 5)
    value = top**3 + n * top
    quantity = rng.choice(
        (
            rf"\( \int_0^{{{top}}} (3x^2 + {inside(given)})\,dx \)",
            rf"the value of the integral \( \int_0^{{{top}}} (3x^2 + {inside(given)})\,dx \)",
        )
    )
    steps = (
        rf"An antiderivative is \( x^3 + {n}x \).",
        rf"From 0 to {top} it grows by \( {top}^3 + {n} \times {top} = {top**3} + {n * top} = {value} \).",
    )
    return Link("", quantity, steps, value, lambda c: whole(simpson(lambda x: 3 * x * x + c, 0, top)))


@generator("definite integrals", "Integrals", "college", low=2, high=250)
def _water_from_a_rate(n: int, given: str, rng: Random) -> Link:
    hours = rng.randint(2, 6 if n < 80 else 3)
    slope = 2 * rng.randint(1, 6)
    vessel = rng.choice(("reservoir", "cistern", "lock chamber"))
    setup = (
        rf"Water flows into a {vessel} at the rate of \( {inside(given)} + {slope}t \) litres per hour, where \( t \) "
        "is the time in hours."
    )
    value = n * hours + slope // 2 * hours * hours
    steps = (
        rf"The amount is the integral \( \int_0^{{{hours}}} ({n} + {slope}t)\,dt \), with the antiderivative \( {n}t + "
        rf"{slope // 2}t^2 \).",
        rf"At \( t = {hours} \) this is \( {n * hours} + {slope // 2 * hours * hours} = {value} \), and at \( t = 0 \) "
        "it is 0.",
    )
    return Link(
        setup,
        f"the number of litres that flow in from \\( t = 0 \\) to \\( t = {hours} \\)",
        steps,
        value,
        lambda c: whole(simpson(lambda t: c + slope * t, 0, hours)),
    )


@generator("area under a curve", "Integrals", "college", low=1, high=15)
def _under_a_parabola(n: int, given: str, rng: Random) -> Link:
    c = rng.randint(1, 12)
    setup = (
        rf"The curve \( y = 3x^2 + {c} \), the \( x \)-axis, the \( y \)-axis and the vertical line \( x = "
        rf"{inside(given)} \) enclose a region."
    )
    value = n**3 + c * n
    steps = (
        rf"The area is \( \int_0^{{{n}}} (3x^2 + {c})\,dx \), and \( x^3 + {c}x \) is an antiderivative.",
        rf"So the area is \( {n}^3 + {c} \times {n} = {n**3} + {c * n} = {value} \).",
    )
    return Link(setup, "the area of this region", steps, value, lambda x: whole(simpson(lambda t: 3 * t * t + c, 0, x)))


@generator("area under a curve", "Integrals", "college", low=1, high=300)
def _under_a_line(n: int, given: str, rng: Random) -> Link:
    right = 2 * rng.randint(1, 3 if n < 80 else 1)
    base = rng.randint(1, 40)
    value = n * right * right // 2 + base * right
    setup = (
        rf"In the coordinate plane the region below the line \( y = {inside(given)}x + {base} \) and above the \( x "
        rf"\)-axis is shaded, from \( x = 0 \) to \( x = {right} \)."
    )
    steps = (
        rf"The area is \( \int_0^{{{right}}} ({n}x + {base})\,dx = \left[ \frac{{{n}}}{{2}}x^2 + {base}x "
        rf"\right]_0^{{{right}}} \).",
        rf"This is \( {n * right * right // 2} + {base * right} = {value} \).",
    )
    return Link(
        setup,
        "the area of the shaded region",
        steps,
        value,
        lambda m: whole(simpson(lambda x: m * x + base, 0, right)),
    )


@generator("area under a curve", "Integrals", "college", low=2, high=200)
def _arch(n: int, given: str, rng: Random) -> Link:
    width, unit_area = rng.choice(((6, 36), (2, 4), (4, 32))) if n <= 20 else (2, 4)
    factor = {6: "", 2: "3", 4: "3"}[width]
    shape = rng.choice(("the arch of a bridge", "a window", "a tunnel entrance"))
    setup = (
        rf"The outline of {shape} is the part of the curve \( y = {factor}x({width} - x) \) above the \( x \)-axis. "
        f"A model of it is enlarged so that every height becomes {given} times as large, while the width stays the "
        "same."
    )
    value = unit_area * n
    cubic = {6: r"3x^2 - \frac{x^3}{3}", 2: "3x^2 - x^3", 4: "6x^2 - x^3"}[width]
    steps = (
        rf"The curve meets the axis at \( x = 0 \) and \( x = {width} \). An antiderivative of \( {factor}x({width} - "
        rf"x) \) is \( {cubic} \), so the area under the curve is {unit_area}.",
        rf"With heights {n} times as large the area is \( {n} \times {unit_area} = {value} \).",
    )
    lead = 3 if factor else 1
    return Link(
        setup,
        "the area under the enlarged curve",
        steps,
        value,
        lambda k: whole(simpson(lambda x: k * lead * x * (width - x), 0, width)),
    )
