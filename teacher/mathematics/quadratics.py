"""Quadratic equations. Second computation: the roots themselves, the vertex, or enumeration of factor pairs."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt
from random import Random

from teacher.chain import Link, generator, inside
from teacher.mathematics.divisibility import divisors, factors
from teacher.mathematics.linear import last_true
from teacher.mathematics.terms import product, times_x, whole

TOPIC = "Quadratic equations"


@generator("Vieta's formulas", TOPIC, "high", low=1, high=3000)
def _squares_of_roots(n: int, given: str, rng: Random) -> Link:
    s = rng.randint(2, 15)
    setup = rng.choice(
        (
            rf"The equation \( x^2 - {s}x - {inside(given)} = 0 \) has the solutions \( r \) and \( s \).",
            rf"Let \( r \) and \( s \) be the roots of the polynomial \( x^2 - {s}x - {inside(given)} \).",
        )
    )
    known = rf"By Vieta's formulas, \( r + s = {s} \) and \( rs = -{n} \)."
    if rng.random() < 0.5:
        value, quantity = s * s + 2 * n, r"the value of \( r^2 + s^2 \)"
        last = rf"\( r^2 + s^2 = (r + s)^2 - 2rs = {s * s} + {2 * n} = {value} \)."
    else:
        value, quantity = s * s + 4 * n, r"the value of \( (r - s)^2 \)"
        last = rf"\( (r - s)^2 = (r + s)^2 - 4rs = {s * s} + {4 * n} = {value} \)."
    squares = "r^2" in quantity

    def check(m: int) -> int:
        half, square = Fraction(s, 2), Fraction(s * s, 4) + m  # the roots are half +- sqrt(square)
        return whole(2 * (half**2 + square)) if squares else whole(4 * square)

    return Link(setup, quantity, (known, last), value, check)


@generator("Vieta's formulas", TOPIC, "high", low=8, high=600)
def _shifted_product(n: int, given: str, rng: Random) -> Link:
    k, c = rng.randint(1, 3), rng.randint(2, 15)
    setup = rng.choice(
        (
            rf"The equation \( x^2 - {inside(given)}x + {c} = 0 \) has the solutions \( r \) and \( s \).",
            rf"Let \( r \) and \( s \) be the two zeros of \( x^2 - {inside(given)}x + {c} \).",
        )
    )
    value = c + k * n + k * k
    steps = (
        rf"By Vieta's formulas, \( r + s = {n} \) and \( rs = {c} \).",
        rf"\( (r + {k})(s + {k}) = rs + {times_x(k, '(r + s)')} + {k * k} = {c} + {k * n} + {k * k} = {value} \).",
    )
    return Link(
        setup, rf"the value of \( (r + {k})(s + {k}) \)", steps, value, lambda m: k * k + m * k + c
    )  # it is p(-k)


@generator("factoring quadratics", TOPIC, "high", low=2, high=400)
def _all_middle_terms(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(2, 6) if n < 150 else 1
    constant = k * n
    text = rf"\( x^2 + bx + {product(k, n, given) if k > 1 else inside(given)} \)"
    setup = rng.choice(
        (
            rf"For some positive whole numbers \( b \) the quadratic {text} factors into two linear factors "
            "with integer coefficients.",
            rf"Consider the positive integers \( b \) for which {text} can be written as "
            r"\( (x + u)(x + v) \) with whole numbers \( u \) and \( v \).",
        )
    )
    pairs = [(d, constant // d) for d in divisors(constant) if d * d <= constant]
    sums = [u + v for u, v in pairs]
    if rng.random() < 0.5:
        quantity, value = r"the sum of all these numbers \( b \)", sum(sums)
        last = (
            rf"Their sum is \( {' + '.join(map(str, sums))} = {value} \)."
            if len(sums) > 1
            else f"This is the only one, so the sum is {value}."
        )
        everything = True
    else:
        quantity, value = r"the smallest of these numbers \( b \)", min(sums)
        last = f"The smallest of them is {value}."
        everything = False
    listed = ", ".join(rf"\( {u} + {v} = {u + v} \)" for u, v in pairs)
    steps = (
        rf"\( x^2 + bx + {constant} = (x + u)(x + v) \) means \( uv = {constant} \) and \( u + v = b \).",
        f"The pairs of positive factors of {constant} give for \\( b \\): {listed}.",
        last,
    )

    def check(m: int) -> int:
        m = k * m
        if not everything:
            roots = ((b, b * b - 4 * m) for b in range(isqrt(4 * m - 1) + 1, m + 2))
            return next(b for b, square in roots if isqrt(square) ** 2 == square)
        sigma = 1
        for p, e in factors(m).items():
            sigma *= (p ** (e + 1) - 1) // (p - 1)
        return sigma + (isqrt(m) if isqrt(m) ** 2 == m else 0)

    return Link(setup, quantity, steps, value, check)


@generator("factoring quadratics", TOPIC, "high", low=1, high=300)
def _known_factors(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(2, 12)
    if given.isdigit():
        text = rf"\( x^2 - {n + k}x + {n * k} \)"
    else:
        text = rf"\( x^2 - ({inside(given)} + {k})x + {k} {inside(given)} \)"
    a = rng.randint(2, 4)
    setup = rng.choice((f"Factor {text} into two linear factors.", f"The polynomial {text} has two integer zeros."))
    quantity = f"the sum of {a} times the smaller zero and the larger zero of this polynomial"
    small, large = sorted((n, k))
    value = a * small + large
    steps = (
        rf"Two numbers with the sum {n + k} and the product {n * k} are {n} and {k}, "
        rf"so the polynomial is \( (x - {n})(x - {k}) \) and its zeros are {small} and {large}.",
        rf"\( {a} \cdot {small} + {large} = {value} \).",
    )

    def check(m: int) -> int:
        total, root = m + k, isqrt((m + k) ** 2 - 4 * m * k)
        return a * (total - root) // 2 + (total + root) // 2

    return Link(setup, quantity, steps, value, check)


@generator("discriminant", TOPIC, "high", low=1, high=1000)
def _constant_term(n: int, given: str, rng: Random) -> Link:
    a, b = rng.randint(1, 3), rng.randint(2, 15)
    equation = rf"\( {times_x(a, 'x^2')} + {b}x - {inside(given)} = 0 \)"
    quantity = rng.choice((f"the discriminant of the equation {equation}", f"the discriminant of {equation}"))
    value = b * b + 4 * a * n
    steps = (
        rf"The discriminant is \( b^2 - 4ac \) with \( a = {a} \), \( b = {b} \) and \( c = -{n} \).",
        rf"\( {b}^2 - 4 \cdot {a} \cdot (-{n}) = {b * b} + {4 * a * n} = {value} \).",
    )

    def check(m: int) -> int:
        turn = Fraction(-b, 2 * a)  # the discriminant is -4a times the value at the vertex
        return whole(-4 * a * (a * turn**2 + b * turn - m))

    return Link("", quantity, steps, value, check)


@generator("discriminant", TOPIC, "high", low=3, high=80)
def _no_real_solution(n: int, given: str, rng: Random) -> Link:
    a = rng.randint(1, 5)
    equation = rf"\( {times_x(a, 'x^2')} + {inside(given)}x + c = 0 \)"
    quantity = rng.choice(
        (
            rf"the smallest whole number \( c \) for which {equation} has no real solution",
            rf"the least integer \( c \) such that the discriminant of {equation} is negative",
        )
    )
    value = n * n // (4 * a) + 1
    steps = (
        rf"The discriminant is \( {n}^2 - 4 \cdot {a} \cdot c = {n * n} - {4 * a}c \). "
        "There is no real solution if it is negative.",
        rf"That means \( c > \frac{{{n * n}}}{{{4 * a}}} \), and the smallest such whole number is {value}.",
    )
    return Link("", quantity, steps, value, lambda m: last_true(lambda c: 4 * a * c <= m * m, 0, m * m) + 1)
