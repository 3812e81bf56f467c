"""Limits of rational functions. Second computation: the function's exact value very near the limit point."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from random import Random

from teacher.chain import Link, generator, inside

_TINY = Fraction(1, 10**9)


def _near(function: Callable[[Fraction], Fraction], point: Fraction) -> int:
    """The whole number next to the function's value at `point`."""
    return round(function(point))


@generator("limits of rational functions", "Limits", "college", low=1, high=500)
def _difference_of_squares(n: int, given: str, rng: Random) -> Link:
    a = inside(given)
    k = rng.choice((1, 1, 2, 3))
    lead = "" if k == 1 else str(k)
    value = 2 * k * n
    numerator = rf"x^2 - {a}^2" if k == 1 else rf"{k}(x^2 - {a}^2)"
    quantity = rf"\( \lim_{{x \to {a}}} \frac{{{numerator}}}{{x - {a}}} \)"
    steps = (
        rf"The numerator is \( {lead}(x - {n})(x + {n}) \), and for \( x \ne {n} \) the factor \( x - {n} \) cancels.",
        rf"What remains, \( x + {n} \), tends to \( {n} + {n} = {value} \)."
        if k == 1
        else rf"What remains, \( {k}(x + {n}) \), tends to \( {k} \times ({n} + {n}) = {value} \).",
    )
    return Link("", quantity, steps, value, lambda c: _near(lambda x: k * (x * x - c * c) / (x - c), c + _TINY))


@generator("limits of rational functions", "Limits", "college", low=1, high=300)
def _limit_at_infinity(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(2, max(3, min(6, 500 // n)))
    b, c = rng.randint(1, 30), rng.randint(1, 30)
    a = inside(given)
    quantity = rng.choice(
        (
            rf"\( \lim_{{x \to \infty}} \frac{{({a}x + {b})({k}x + 1)}}{{x^2 + {c}}} \)",
            rf"the value that \( \frac{{({a}x + {b})({k}x + 1)}}{{x^2 + {c}}} \) approaches as \( x \) grows without "
            "bound",
        )
    )
    value = n * k
    steps = (
        rf"Numerator and denominator have degree 2. The numerator begins with \( {n} \times {k}\,x^2 = {value}x^2 \), "
        r"the denominator with \( x^2 \).",
        rf"After dividing both by \( x^2 \) all other terms tend to 0, so the limit is {value}.",
    )
    return Link(
        "",
        quantity,
        steps,
        value,
        lambda m: _near(lambda x: (m * x + b) * (k * x + 1) / (x * x + c), 1 / _TINY),
    )


@generator("limits of rational functions", "Limits", "college", low=1, high=800)
def _common_root(n: int, given: str, rng: Random) -> Link:
    root, k = rng.randint(1, 6), rng.randint(1, 2)
    a = inside(given)
    lead = "" if k == 1 else str(k)
    inner = rng.choice(("concentration of a salt, in grams per litre,", "brightness of a lamp, in lumens,"))
    plain = rng.random() < 0.5
    formula = rf"\frac{{(x - {root})({lead}x + {a})}}{{x - {root}}}"
    setup = (
        "" if plain else rf"A formula for the {inner} is \( {formula} \), but it cannot be used at \( x = {root} \)."
    )
    quantity = (
        rf"\( \lim_{{x \to {root}}} {formula} \)" if plain else rf"the limit of the formula as \( x \) tends to {root}"
    )
    value = k * root + n
    steps = (
        rf"For \( x \ne {root} \) the factor \( x - {root} \) cancels and \( {lead}x + {n} \) is left.",
        rf"Its limit at \( x = {root} \) is \( {k} \times {root} + {n} = {value} \)."
        if k > 1
        else rf"Its limit at \( x = {root} \) is \( {root} + {n} = {value} \).",
    )
    return Link(
        setup,
        quantity,
        steps,
        value,
        lambda c: _near(lambda x: (x - root) * (k * x + c) / (x - root), root + _TINY),
    )
