"""Limits, series and improper integrals. Second computation: partial sums and differences, in exact fractions."""

from __future__ import annotations

from fractions import Fraction
from math import comb, gcd
from random import Random

from teacher.chain import Link, generator, inside
from teacher.mathematics.exact import whole
from teacher.mathematics.terms import product
from teacher.mathematics.wording import PEOPLE

LIMITS, SERIES = "Limits", "Infinite series"


def _scaled(factor: int, n: int, given: str, letter: str) -> str:
    """`12x`, or `3 A x` where the input has a name."""
    return f"{product(factor, n, given) if factor > 1 else inside(given)}{'' if given.isdigit() else ' '}{letter}"


@generator("limits at infinity", LIMITS, "college", low=2, high=900)
def _difference_of_roots(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(1, 9)
    rational = rng.random() < 0.5
    if rational:
        lead = rng.randint(2, 4)
        top = f"{_scaled(lead, n, given, 'x^2')} + {k}x"
        quantity = rf"\( \lim_{{x \to \infty}} \left( \frac{{{top}}}{{{lead}x^2 + 1}} + {k} \right) \)"
        value = n + k
        steps = (
            r"Divide numerator and denominator by \( x^2 \); all other terms tend to 0, and the quotient tends to \( "
            rf"\frac{{{lead * n}}}{{{lead}}} = {n} \).",
            rf"So the limit is \( {n} + {k} = {value} \).",
        )
    else:
        quantity = rf"\( \lim_{{x \to \infty}} \left( \sqrt{{x^2 + {_scaled(2, n, given, 'x')}}} - x + {k} \right) \)"
        value = n + k
        steps = (
            rf"Multiply by the conjugate: \( \sqrt{{x^2 + {2 * n}x}} - x = \frac{{{2 * n}x}}{{\sqrt{{x^2 + {2 * n}x}} "
            r"+ x} \).",
            rf"This tends to \( \frac{{{2 * n}}}{{2}} = {n} \), so the limit is \( {n} + {k} = {value} \).",
        )

    def check(x: int) -> int:
        """A huge place, to the nearest whole number."""
        far = 10**9
        if rational:
            return round(Fraction(lead * x * far * far + k * far, lead * far * far + 1)) + k
        return round(Fraction(2 * x * far, far + _isqrt(far * far + 2 * x * far))) + k

    frames = (quantity, f"the limit {quantity}", f"the value of {quantity}")
    return Link("", rng.choice(frames), steps, value, check)


def _isqrt(square: int) -> int:
    """The whole part of the square root, by bisection."""
    low, high = 0, square
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle * middle <= square else (low, middle - 1)
    return low


@generator("trigonometric limits", LIMITS, "college", low=2, high=700)
def _sine_over_x(n: int, given: str, rng: Random) -> Link:
    k, c = rng.randint(2, 5), rng.randint(2, 9)
    text = rng.choice(
        (
            rf"\frac{{{k}\sin({_scaled(1, n, given, 'x')})}}{{x}}",
            rf"\frac{{{k}\tan({_scaled(1, n, given, 'x')})}}{{x}}",
            rf"\frac{{\sin({_scaled(k, n, given, 'x')})}}{{x}}",
        )
    )
    quantity = rng.choice(
        (
            rf"\( {c} + \lim_{{x \to 0}} {text} \)",
            rf"the sum of {c} and the limit \( \lim_{{x \to 0}} {text} \)",
        )
    )
    value = k * n + c
    steps = (
        rf"From \( \lim_{{u \to 0}} \frac{{\sin u}}{{u}} = 1 \) it follows that the quotient tends to \( {k} \times "
        rf"{n} = {k * n} \).",
        rf"So the number is \( {c} + {k * n} = {value} \).",
    )
    return Link("", quantity, steps, value, lambda x: sum([x] * k) + c)


@generator("infinite geometric series", "Sequences and series", "high", low=2, high=600)
def _halving_for_ever(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(2, 5)
    ratio = rf"\frac{{{k - 1}}}{{{k}}}"
    who = rng.choice(PEOPLE)
    setup, quantity = rng.choice(
        (
            (
                rf"An infinite geometric series has the first term {given} and the common ratio \( {ratio} \).",
                "its sum",
            ),
            (
                rf"{who} pushes a swing, which covers {given} cm on its first way. On each further way it covers \( "
                rf"{ratio} \) of the way before.",
                "the number of centimetres that the swing covers in all, if this goes on for ever",
            ),
            (
                rf"A well yields {given} litres in the first hour, and in every later hour \( {ratio} \) of what it "
                "gave in the hour before, without end.",
                "the number of litres that the well yields altogether",
            ),
        )
    )
    value = k * n
    steps = (
        rf"The sum of such a series is the first term divided by \( 1 - {ratio} = \frac{{1}}{{{k}}} \).",
        rf"So it is \( {n} \times {k} = {value} \).",
    )
    # The sum s satisfies s = x + ratio * s.
    return Link(
        setup,
        quantity,
        steps,
        value,
        lambda x: next(s for s in range(6 * x) if k * (s - x) == (k - 1) * s),
    )


@generator("geometric series", "Sequences and series", "high", low=2, high=300)
def _doubling_sum(n: int, given: str, rng: Random) -> Link:
    ratio, terms = rng.choice(((2, 4), (2, 3), (3, 3)) if n > 80 else ((2, 4), (2, 5), (3, 3), (3, 4)))
    word = {2: "twice", 3: "three times"}[ratio]
    who = rng.choice(PEOPLE)
    setup, quantity = rng.choice(
        (
            (
                f"A geometric series has {terms} terms. Its first term is {given} and its common ratio is {ratio}.",
                "the sum of the series",
            ),
            (
                f"In {terms} rounds of a quiz {who} wins points: {given} in the first round and {word} as many in "
                "each round as in the one before.",
                f"the number of points that {who} wins in all",
            ),
            (
                f"A video is watched by {given} people on the first day and by {word} as many people on each "
                "following day.",
                f"the number of people who watch it in the first {terms} days",
            ),
        )
    )
    factor = (ratio**terms - 1) // (ratio - 1)
    value = n * factor
    steps = (
        rf"The sum is the first term times \( \frac{{{ratio}^{terms} - 1}}{{{ratio} - 1}} = {factor} \).",
        rf"This is \( {n} \times {factor} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: sum(x * ratio**i for i in range(terms)))


@generator("telescoping fractions", "Fractions", "competition", low=5, high=150)
def _collapsing_sum(n: int, given: str, rng: Random) -> Link:
    top, after = inside(given), str(n + 1) if given.isdigit() else f"({inside(given)} + 1)"
    setup, quantity = rng.choice(
        (
            (
                rf"The sum \( \frac{{1}}{{1 \times 2}} + \frac{{1}}{{2 \times 3}} + \cdots + \frac{{1}}{{{top} \times "
                rf"{after}}} \) is written as a fraction \( \frac{{p}}{{q}} \) in lowest terms.",
                r"\( p + q \)",
            ),
            (
                rf"All fractions \( \frac{{1}}{{k(k + 1)}} \) with whole numbers \( k \) from 1 to {given} are added, "
                r"and the sum is reduced to \( \frac{p}{q} \), in lowest terms.",
                r"the sum \( p + q \) of its numerator and denominator",
            ),
        )
    )
    value = 2 * n + 1
    steps = (
        r"Each term is a difference: \( \frac{1}{k(k + 1)} = \frac{1}{k} - \frac{1}{k + 1} \).",
        rf"In the sum everything cancels except \( 1 - \frac{{1}}{{{n + 1}}} = \frac{{{n}}}{{{n + 1}}} \).",
        rf"So \( p + q = {n} + {n + 1} = {value} \).",
    )

    def check(x: int) -> int:
        """Term by term, in whole numbers, reduced each time."""
        p, q = 1, 2
        for k in range(2, x + 1):
            p, q = p * k * (k + 1) + q, q * k * (k + 1)
            shared = gcd(p, q)
            p, q = p // shared, q // shared
        return p + q

    return Link(setup, quantity, steps, value, check)


@generator("Taylor series", SERIES, "college", low=2, high=60)
def _coefficient(n: int, given: str, rng: Random) -> Link:
    form = rng.randrange(3)
    k = rng.randint(2, 40)
    text, value, worked = (
        (
            rf"e^{{{_scaled(2, n, given, 'x')}}}",
            2 * n * n,
            rf"The coefficient is \( \frac{{{2 * n}^2}}{{2}} = {2 * n * n} \), since \( e^u = 1 + u + "
            r"\frac{u^2}{2} + \cdots \)",
        ),
        (
            rf"\frac{{1}}{{1 - {_scaled(1, n, given, 'x')}}}",
            n * n,
            rf"The coefficient is \( {n}^2 = {n * n} \), since \( \frac{{1}}{{1 - u}} = 1 + u + u^2 + \cdots \)",
        ),
        (
            rf"(1 + x)^{{{inside(given)}}}",
            n * (n - 1) // 2,
            rf"The coefficient is \( \frac{{{n} \times {n - 1}}}{{2}} = {n * (n - 1) // 2} \), half the second "
            "derivative at 0",
        ),
    )[form]
    setup, quantity = rng.choice(
        (
            (
                rf"The function \( {text} \) is expanded in a Taylor series at 0.",
                rf"the coefficient of \( x^2 \), increased by {k}",
            ),
            ("", rf"the sum of {k} and the coefficient of \( x^2 \) in the Maclaurin series of \( {text} \)"),
        )
    )
    steps = (f"{worked}.", rf"Increased by {k} it is \( {value} + {k} = {value + k} \).")

    def check(x: int) -> int:
        return k + (whole(Fraction((2 * x) ** 2, 2)), x * x, comb(x, 2))[form]

    return Link(setup, quantity, steps, value + k, check)


@generator("radius of convergence", SERIES, "college", low=2, high=900)
def _where_it_converges(n: int, given: str, rng: Random) -> Link:
    k, c = rng.randint(2, 5), rng.randint(2, 20)
    series = rf"\sum_{{m=1}}^{{\infty}} \frac{{m\,(x - {c})^m}}{{({product(k, n, given)})^m}}"
    centre = rng.random() < 0.5
    setup = rng.choice(
        (
            rf"Consider the power series \( {series} \).",
            rf"The power series \( {series} \) converges in an interval.",
        )
    )
    quantity = r"the right end of its interval of convergence" if centre else "its radius of convergence"
    value = k * n + c if centre else k * n
    radius = rf"The ratio of successive terms tends to \( \frac{{|x - {c}|}}{{{k * n}}} \), which is less than 1 for "
    steps = (
        rf"{radius} \( |x - {c}| < {k * n} \).".replace("  ", " "),
        rf"The radius is {k * n}, and the interval ends at \( {c} + {k * n} = {value} \)."
        if centre
        else rf"So the radius is \( {k} \times {n} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: sum([x] * k) + (c if centre else 0))


@generator("improper integrals", "Integrals", "college", low=2, high=700)
def _out_to_infinity(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(2, 6)
    power = rng.random() < 0.5
    if power:
        text = rf"\int_1^{{\infty}} \frac{{{product(k, n, given)}}}{{x^2}}\,dx"
        first = rf"An antiderivative is \( -\frac{{{k * n}}}{{x}} \), which tends to 0 as \( x \) grows."
    else:
        text = rf"\int_0^{{\infty}} {inside(given)}\,e^{{-x/{k}}}\,dx"
        first = rf"An antiderivative is \( -{k * n}\,e^{{-x/{k}}} \), which tends to 0 as \( x \) grows."
    where = "1" if power else "0"
    quantity = rng.choice((rf"\( {text} \)", rf"the value of the improper integral \( {text} \)"))
    steps = (first, rf"So the integral is its negative at \( x = {where} \), that is \( {k} \times {n} = {k * n} \).")
    return Link("", quantity, steps, k * n, lambda x: whole(Fraction(x) / Fraction(1, k)))


@generator("integration by parts", "Integrals", "college", low=3, high=900)
def _x_times_exponential(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(2, 9)
    text = rf"\int_0^{{{inside(given)}}} (x + {k})\,e^x\,dx"
    setup, quantity = rng.choice(
        (
            (
                rf"Integration by parts shows that \( {text} = c\,e^{{{inside(given)}}} - {k - 1} \) with a whole "
                r"number \( c \).",
                r"\( c \)",
            ),
            ("", rf"the whole number \( c \) for which \( {text} = c\,e^{{{inside(given)}}} - {k - 1} \)"),
        )
    )
    value = n + k - 1
    steps = (
        rf"By parts, \( \int (x + {k})\,e^x\,dx = (x + {k})\,e^x - e^x = (x + {k - 1})\,e^x \).",
        rf"Between 0 and {n} this grows by \( ({n} + {k - 1})\,e^{{{n}}} - {k - 1} \), so \( c = {n} + {k - 1} = "
        rf"{value} \).",
    )

    def check(x: int) -> int:
        """Differentiate (x + s) e^x, which is (x + s + 1) e^x, and compare with the integrand at x."""
        return next(c for c in range(x + 2 * k + 1) if c + 1 == x + k)

    return Link(setup, quantity, steps, value, check)


@generator("product rule", "Derivatives", "college", low=1, high=70)
def _slope_of_a_product(n: int, given: str, rng: Random) -> Link:
    a, b = rng.randint(2, 9), rng.randint(2, 9)
    f = rng.choice("fgh")
    setup, quantity = rng.choice(
        (
            (rf"Let \( {f}(x) = (x + {a})(x^2 + {b}) \).", rf"\( {f}'({inside(given)}) \)"),
            (
                rf"The function \( {f} \) is the product of \( x + {a} \) and \( x^2 + {b} \).",
                rf"the slope of its graph at \( x = {inside(given)} \)",
            ),
        )
    )
    first, second = n * n + b, (n + a) * 2 * n
    value = first + second
    steps = (
        rf"By the product rule, \( {f}'(x) = 1 \cdot (x^2 + {b}) + (x + {a}) \cdot 2x \).",
        rf"At \( x = {n} \) this is \( {n}^2 + {b} + ({n} + {a}) \times {2 * n} = {first} + {second} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: 3 * x * x + 2 * a * x + b)
