"""Derivatives and extrema. Second computation: exact difference quotients, or trying all whole numbers near by."""

from __future__ import annotations

from random import Random

from teacher.chain import Link, generator, inside
from teacher.mathematics.exact import difference_quotient, whole
from teacher.mathematics.wording import PEOPLE


@generator("power rule for derivatives", "Derivatives", "high", low=1, high=300)
def _slope_of_a_parabola(n: int, given: str, rng: Random) -> Link:
    a = rng.randint(1, max(1, min(6, 500 // n)))
    b, c = rng.randint(1, 20), rng.randint(1, 30)
    lead = "" if a == 1 else str(a)
    setup, quantity, letter = rng.choice(
        (
            (
                rf"Consider the parabola \( y = {lead}x^2 + {b}x + {c} \).",
                rf"the slope of its tangent at the point with \( x = {inside(given)} \)",
                "x",
            ),
            (
                rf"A train has covered \( s(t) = {lead}t^2 + {b}t \) metres after \( t \) seconds.",
                rf"its velocity in metres per second at the time \( t = {inside(given)} \)",
                "t",
            ),
        )
    )
    value = 2 * a * n + b
    steps = (
        rf"By the power rule the derivative is \( {2 * a}{letter} + {b} \).",
        rf"At \( {letter} = {n} \) it is \( {2 * a} \times {n} + {b} = {value} \).",
    )
    return Link(
        setup, quantity, steps, value, lambda at: whole(difference_quotient(lambda x: a * x * x + b * x + c, at))
    )


@generator("power rule for derivatives", "Derivatives", "high", low=1, high=25)
def _slope_of_a_cubic(n: int, given: str, rng: Random) -> Link:
    b, c = rng.randint(2, 9), rng.randint(1, 40)
    setup = rf"A curve has the equation \( y = x^3 + {b}x^2 - {c} \)."
    value = 3 * n * n + 2 * b * n
    steps = (
        rf"The power rule gives \( \frac{{dy}}{{dx}} = 3x^2 + {2 * b}x \).",
        rf"At \( x = {n} \) this is \( 3 \times {n * n} + {2 * b} \times {n} = {3 * n * n} + {2 * b * n} = {value} \).",
    )
    return Link(
        setup,
        rf"the value of \( \frac{{dy}}{{dx}} \) at \( x = {inside(given)} \)",
        steps,
        value,
        lambda at: whole(difference_quotient(lambda x: x**3 + b * x * x - c, at)),
    )


@generator("power rule for derivatives", "Derivatives", "high", low=1, high=200)
def _coefficient_in_a_power(n: int, given: str, rng: Random) -> Link:
    power = rng.randint(2, 4 if n < 60 else 3)
    at = rng.choice((1, 2)) if n < 40 else 1
    b = rng.randint(1, 30)
    setup = rf"A quantity depends on the time by \( w(t) = {inside(given)}t^{power} + {b}t \)."
    slope = power * at ** (power - 1)
    value = n * slope + b
    steps = (
        rf"By the power rule, \( w'(t) = {power * n}t{'' if power == 2 else f'^{power - 1}'} + {b} \).",
        rf"At \( t = {at} \) this is \( {slope} \times {n} + {b} = {value} \).",
    )
    return Link(
        setup,
        rf"\( w'({at}) \)",
        steps,
        value,
        lambda q: whole(difference_quotient(lambda t: q * t**power + b * t, at)),
    )


@generator("optimization with derivatives", "Derivatives", "high", low=2, high=60)
def _largest_rectangle(n: int, given: str, rng: Random) -> Link:
    who = rng.choice(PEOPLE)
    animal = rng.choice(("sheep", "goats", "ponies", "geese"))
    setup = (
        f"{who} has {given} fence elements, each 4 metres long, and uses all of them, cut where needed, to enclose a "
        f"rectangular pasture for {animal}."
    )
    value = n * n
    steps = (
        rf"The perimeter is \( 4 \times {n} = {4 * n} \) metres. With one side \( x \) the other is \( {2 * n} - x \), "
        rf"and the area is \( {2 * n}x - x^2 \).",
        rf"The derivative \( {2 * n} - 2x \) is zero at \( x = {n} \), and the second derivative is negative, so this "
        "is the maximum.",
        rf"The largest area is \( {n} \times {n} = {value} \) square metres.",
    )
    return Link(
        setup,
        "the largest possible area of the pasture in square metres",
        steps,
        value,
        lambda x: max(side * (2 * x - side) for side in range(2 * x + 1)),
    )


@generator("optimization with derivatives", "Derivatives", "high", low=1, high=400)
def _best_price(n: int, given: str, rng: Random) -> Link:
    a = rng.randint(1, 5)
    shift = rng.randint(1, 30)
    goods = rng.choice(("lamps", "bicycles", "baskets", "violins"))
    lead = "" if a == 1 else str(a)
    peak = n + shift
    formula = rf"{lead}(2({inside(given)} + {shift})x - x^2)" if a > 1 else rf"2({inside(given)} + {shift})x - x^2"
    setup = rf"A workshop that makes \( x \) {goods} a year has a profit of \( {formula} \) dollars."
    value = peak
    steps = (
        rf"Since \( {n} + {shift} = {peak} \), the profit is \( {lead}({2 * peak}x - x^2) \)."
        if a > 1
        else rf"Since \( {n} + {shift} = {peak} \), the profit is \( {2 * peak}x - x^2 \).",
        rf"Its derivative \( {2 * a * peak} - {2 * a}x \) is zero at \( x = {value} \), and it is positive before and "
        "negative after, so the profit is largest there.",
    )

    def check(x: int) -> int:
        m = x + shift
        return max(range(2 * m + 1), key=lambda made: a * made * (2 * m - made))

    return Link(setup, f"the number of {goods} a year for which the profit is largest", steps, value, check)


@generator("optimization with derivatives", "Derivatives", "high", low=11, high=900)
def _lowest_point(n: int, given: str, rng: Random) -> Link:
    at = rng.randint(1, 3)
    k = 2 * at
    setup, quantity = rng.choice(
        (
            (
                rf"A hanging cable is \( v(x) = x^2 - {k}x + {inside(given)} \) decimetres above the ground at a "
                r"distance of \( x \) metres from a mast.",
                "the least height of the cable above the ground in decimetres",
            ),
            (rf"For all real numbers, let \( v(x) = x^2 - {k}x + {inside(given)} \).", r"the least value of \( v \)"),
        )
    )
    value = n - at * at
    steps = (
        rf"The derivative \( v'(x) = 2x - {k} \) is zero at \( x = {at} \), and since \( v'' = 2 > 0 \) this is the "
        "minimum.",
        rf"The least value is \( v({at}) = {at * at} - {k * at} + {n} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda c: min(x * x - k * x + c for x in range(-9, 20)))


@generator("chain rule", "Derivatives", "college", low=1, high=100)
def _square_of_a_linear_function(n: int, given: str, rng: Random) -> Link:
    a = rng.randint(2, 3 if n > 30 else 5)
    b = rng.randint(1, 9)
    setup = rf"Let \( z = ({a}x + {b})^2 \)."
    inner_value = a * n + b
    value = 2 * a * inner_value
    steps = (
        rf"By the chain rule, \( \frac{{dz}}{{dx}} = 2({a}x + {b}) \cdot {a} = {2 * a}({a}x + {b}) \).",
        rf"At \( x = {n} \) it is \( {2 * a} \times {inner_value} = {value} \).",
    )
    return Link(
        setup,
        rf"\( \frac{{dz}}{{dx}} \) at \( x = {inside(given)} \)",
        steps,
        value,
        lambda at: whole(difference_quotient(lambda x: (a * x + b) ** 2, at)),
    )


@generator("chain rule", "Derivatives", "college", low=1, high=300)
def _inner_coefficient(n: int, given: str, rng: Random) -> Link:
    power = rng.randint(2, 4 if n > 100 else 6)
    b = rng.randint(1, 2) if n < 20 and power < 4 else 1
    slope = power * b ** (power - 1)
    value = slope * n
    setup = rf"The function \( r \) is given by \( r(x) = ({inside(given)}x + {b})^{power} \)."
    steps = (
        rf"The outer derivative is \( {power}({n}x + {b}){'' if power == 2 else f'^{power - 1}'} \) and the inner one "
        f"is {n}.",
        rf"At \( x = 0 \) the outer one is {slope}, so \( r'(0) = {slope} \times {n} = {value} \).",
    )

    def check(x: int) -> int:
        """The coefficient of the linear term, by multiplying out."""
        coefficients = [1]
        for _ in range(power):
            coefficients = [
                b * low + x * high for low, high in zip([*coefficients, 0], [0, *coefficients], strict=True)
            ]
        return coefficients[1]

    return Link(setup, r"\( r'(0) \)", steps, value, check)


@generator("chain rule", "Derivatives", "college", low=2, high=200)
def _growing_balloon(n: int, given: str, rng: Random) -> Link:
    speed = rng.randint(2, max(2, min(6, 600 // n)))
    thing = rng.choice(("square oil spill", "square crystal", "square section of a growing sheet"))
    setup = (
        f"The side of a {thing} grows at a constant rate of {speed} millimetres per minute. At one moment it is "
        f"{given} millimetres long."
    )
    value = 2 * n * speed
    steps = (
        r"The area is \( s^2 \), where the side \( s \) depends on the time; by the chain rule its rate of change is "
        r"\( 2s \cdot \frac{ds}{dt} \).",
        rf"At that moment it is \( 2 \times {n} \times {speed} = {value} \).",
    )
    return Link(
        setup,
        "the rate at which the area grows at that moment, in square millimetres per minute",
        steps,
        value,
        lambda side: whole(difference_quotient(lambda t: (side + speed * t) ** 2, 0)),
    )
