"""Algebraic expressions, identities and radicals. Second computation: other values put in, or exact roots."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt
from random import Random

from teacher.chain import Link, generator, inside
from teacher.mathematics.exact import difference_quotient, whole
from teacher.mathematics.terms import product, signed

ALGEBRA, IDENTITIES, RADICALS = "Algebraic expressions", "Algebraic identities", "Radicals"


def _root(square: int) -> int:
    """The whole square root. Raises ArithmeticError where there is none."""
    root = isqrt(square)
    if root * root != square:
        raise ArithmeticError(f"{square} is no square")
    return root


@generator("combining like terms", ALGEBRA, "middle", low=2, high=400)
def _like_terms(n: int, given: str, rng: Random) -> Link:
    a, b, c, d = rng.randint(4, 12), rng.randint(2, 9), rng.randint(1, 3), rng.randint(2, 25)
    letter = rng.choice("xyz")
    text = f"{a}{letter} + {d} + {b}{letter} - {c if c > 1 else ''}{letter}"
    k = a + b - c
    setup, quantity = rng.choice(
        (
            (
                rf"Simplify \( {text} \) by combining like terms.",
                rf"the value of the result for \( {letter} = {inside(given)} \)",
            ),
            (
                rf"A term is written as \( {text} \).",
                rf"what the term is worth for \( {letter} = {inside(given)} \)",
            ),
        )
    )
    value = k * n + d
    steps = (
        rf"The terms with \( {letter} \) add up to \( {a} + {b} - {c} = {k} \) of them, so the expression is \( "
        rf"{k}{letter} + {d} \).",
        rf"For \( {letter} = {n} \) this is \( {k} \times {n} + {d} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: a * x + d + b * x - c * x)


@generator("evaluating expressions", ALGEBRA, "middle", low=2, high=60)
def _two_letters(n: int, given: str, rng: Random) -> Link:
    a, b, k = rng.randint(2, 5), rng.randint(2, 6), rng.randint(2, 9)
    u, v = rng.choice((("a", "b"), ("p", "q"), ("x", "y"), ("m", "n")))
    form = rng.randrange(3)
    if form == 0:
        text, value = f"{u}^2 + {a}{u}{v}", n * n + a * n * k
        worked = rf"\( {n}^2 + {a} \times {n} \times {k} = {n * n} + {a * n * k} = {value} \)"
    elif form == 1:
        text, value = f"{a}{u} + {b}{v}^2", a * n + b * k * k
        worked = rf"\( {a} \times {n} + {b} \times {k}^2 = {a * n} + {b * k * k} = {value} \)"
    else:
        text, value = f"{u}({u} + {a}{v})", n * (n + a * k)
        worked = rf"\( {n} \times ({n} + {a} \times {k}) = {n} \times {n + a * k} = {value} \)"
    setup, quantity = rng.choice(
        (
            ("", rf"the value of \( {text} \) for \( {u} = {inside(given)} \) and \( {v} = {k} \)"),
            (
                rf"Let \( {v} = {k} \), and let \( {u} \) be equal to {given}.",
                rf"the value of the expression \( {text} \)",
            ),
        )
    )
    steps = (
        rf"Put \( {u} = {n} \) and \( {v} = {k} \) into the expression.",
        f"{worked}.",
    )

    def check(x: int) -> int:
        """By the growth from 0 on, one step after the other."""
        total = b * k * k if form == 1 else 0
        for i in range(x):
            total += a if form == 1 else 2 * i + 1 + a * k
        return total

    return Link(setup, quantity, steps, value, check)


@generator("expanding brackets", ALGEBRA, "middle", low=2, high=900)
def _middle_coefficient(n: int, given: str, rng: Random) -> Link:
    a, b, k = rng.randint(2, 4), rng.randint(2, 4), rng.randint(2, 12)
    text = rf"({a}x + {inside(given)})({b}x + {k})"
    setup, quantity = rng.choice(
        (
            ("", rf"the coefficient of \( x \) when \( {text} \) is multiplied out"),
            (
                rf"Expand \( {text} \) and write the result as \( px^2 + qx + r \).",
                r"the number \( q \)",
            ),
        )
    )
    value = a * k + b * n
    steps = (
        rf"Terms with \( x \) come from \( {a}x \times {k} \) and from \( {n} \times {b}x \).",
        rf"Their coefficients add up to \( {a} \times {k} + {n} \times {b} = {a * k} + {b * n} = {value} \).",
    )
    # It is the slope of the product at 0.
    return Link(
        setup, quantity, steps, value, lambda c: whole(difference_quotient(lambda x: (a * x + c) * (b * x + k), 0))
    )


@generator("defined operations", ALGEBRA, "competition", low=2, high=300)
def _new_operation(n: int, given: str, rng: Random) -> Link:
    sign = rng.choice((r"\star", r"\oplus", r"\otimes", r"\diamond"))
    k, a, b = rng.randint(2, 6), rng.randint(1, 4), rng.randint(2, 5)
    coefficient = "" if a == 1 else str(a)
    setup = rng.choice(
        (
            rf"For all numbers, \( u {sign} v = uv + {coefficient}u - {b}v \).",
            rf"An operation is defined by \( u {sign} v = uv + {coefficient}u - {b}v \).",
        )
    )
    quantity = rng.choice(
        (
            rf"the value of \( {inside(given)} {sign} {k} \)",
            rf"\( {inside(given)} {sign} {k} \)",
        )
    )
    if n * k + a * n - b * k < 0:
        b = 1
        setup = setup.replace(f"{setup[setup.rindex('- ') + 2]}v", "v")
    value = n * k + a * n - b * k
    steps = (
        rf"Put \( u = {n} \) and \( v = {k} \) into the rule.",
        rf"\( {n} \times {k} + {a} \times {n} - {b} \times {k} = {n * k} + {a * n} - {b * k} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda u: (u - b) * (k + a) + a * b)


@generator("difference of squares", IDENTITIES, "middle", low=4, high=900)
def _neighbouring_squares(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(1, min(3, n - 2))
    text = rf"({inside(given)} + {k})^2 - ({inside(given)} - {k})^2"
    setup, quantity = rng.choice(
        (
            ("", rf"the value of \( {text} \)"),
            (
                rf"Factor the expression \( {text} \) as a difference of squares and simplify.",
                "the value of the expression",
            ),
        )
    )
    value = 4 * n * k
    steps = (
        r"By \( u^2 - v^2 = (u + v)(u - v) \), the expression is the product of the sum and the difference.",
        rf"The sum is \( ({n} + {k}) + ({n} - {k}) = {2 * n} \), the difference is \( ({n} + {k}) - ({n} - {k}) = "
        rf"{2 * k} \).",
        rf"Their product is \( {2 * n} \times {2 * k} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: sum(2 * i + 1 for i in range(x - k, x + k)))


@generator("perfect square trinomials", IDENTITIES, "middle", low=2, high=70)
def _missing_constant(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(2, 30)
    middle = rf"{product(2, n, given)} x" if not given.isdigit() else f"{2 * n}x"
    setup, quantity = rng.choice(
        (
            (
                rf"For some number \( c \), the trinomial \( x^2 + {middle} + c \) is the square of a binomial.",
                rf"\( c + {k} \)",
            ),
            (
                rf"The equation \( x^2 + {middle} + c = 0 \) can be written as the square of a sum being 0.",
                rf"the value of \( c + {k} \)",
            ),
        )
    )
    value = n * n + k
    steps = (
        rf"In \( (x + p)^2 = x^2 + 2px + p^2 \) the middle term gives \( 2p = {2 * n} \), so \( p = {n} \).",
        rf"Then \( c = {n}^2 = {n * n} \), and \( {n * n} + {k} = {value} \).",
    )
    # A square has discriminant 0.
    return Link(setup, quantity, steps, value, lambda x: whole(Fraction((2 * x) ** 2, 4)) + k)


@generator("symmetric expressions", IDENTITIES, "competition", low=5, high=70)
def _from_sum_and_product(n: int, given: str, rng: Random) -> Link:
    p = rng.randint(1, n)
    u, v = rng.choice((("a", "b"), ("u", "v"), ("r", "s")))
    setup = rng.choice(
        (
            rf"Real numbers \( {u} \) and \( {v} \) satisfy \( {u} + {v} = {inside(given)} \) and \( {u}{v} = {p} \).",
            rf"The sum of the real numbers \( {u} \) and \( {v} \) is {given}, and their product is {p}.",
        )
    )
    less = rng.random() < 0.5
    value = n * n - 2 * p if less else n * n - p
    quantity = rf"\( {u}^2 + {v}^2 \)" if less else rf"\( {u}^2 + {u}{v} + {v}^2 \)"
    k = 2 if less else 1
    steps = (
        rf"\( ({u} + {v})^2 = {u}^2 + 2{u}{v} + {v}^2 \), so the square of the sum exceeds what is asked by \( "
        rf"{'2' if less else ''}{u}{v} \).",
        rf"The value is \( {n}^2 - {k} \times {p} = {n * n} - {k * p} = {value} \).",
    )

    def check(x: int) -> int:
        """The two numbers are half the sum plus and minus a root whose square is known."""
        square = Fraction(x * x, 4) - p
        both = 2 * (Fraction(x * x, 4) + square)
        return whole(both if less else both + p)

    return Link(setup, f"the value of {quantity}", steps, value, check)


@generator("simplifying radicals", RADICALS, "high", low=2, high=900)
def _sum_of_radicals(n: int, given: str, rng: Random) -> Link:
    radicand, k, m = rng.choice((2, 3, 5, 6, 7)), rng.randint(2, 7), rng.randint(2, 5)
    text = rf"{inside(given)}\sqrt{{{radicand}}} + {m}\sqrt{{{k * k * radicand}}}"
    setup, quantity = rng.choice(
        (
            ("", rf"the number \( c \) for which \( {text} = c\sqrt{{{radicand}}} \)"),
            (
                rf"The sum \( {text} \) is simplified to a multiple of \( \sqrt{{{radicand}}} \).",
                rf"the factor before \( \sqrt{{{radicand}}} \)",
            ),
        )
    )
    value = n + m * k
    steps = (
        rf"\( \sqrt{{{k * k * radicand}}} = \sqrt{{{k * k} \times {radicand}}} = {k}\sqrt{{{radicand}}} \), so the "
        rf"second term is \( {m * k}\sqrt{{{radicand}}} \).",
        rf"Together there are \( {n} + {m * k} = {value} \) of these roots.",
    )
    # Both sides squared and divided by the radicand.
    return Link(
        setup,
        quantity,
        steps,
        value,
        lambda x: _root((x * x * radicand + m * m * k * k * radicand + 2 * x * m * k * radicand) // radicand),
    )


@generator("simplifying radicals", RADICALS, "high", low=2, high=35)
def _under_one_root(n: int, given: str, rng: Random) -> Link:
    radicand = rng.choice((2, 3, 5, 6, 7, 10, 11))
    setup, quantity = rng.choice(
        (
            ("", rf"the whole number \( N \) for which \( {inside(given)}\sqrt{{{radicand}}} = \sqrt{{N}} \)"),
            (
                rf"A rectangle {given} cm high and \( \sqrt{{{radicand}}} \) cm wide is turned into a segment whose "
                "length has the same measure in cm as the rectangle's area in square centimetres.",
                "the square of the length of the segment",
            ),
        )
    )
    value = n * n * radicand
    steps = (
        rf"A factor goes under the root as its square: \( {n} = \sqrt{{{n * n}}} \).",
        rf"So the number under the root is \( {n * n} \times {radicand} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: sum(radicand * (2 * i + 1) for i in range(x)))


@generator("radical equations", RADICALS, "high", low=2, high=70)
def _root_equals(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(1, 30)
    sign = rng.choice((1, -1)) if k < n * n - 2 else -1
    text = rf"\sqrt{{x {signed(sign * k)}}} = {inside(given)}"
    setup, quantity = rng.choice(
        (
            ("", rf"the solution of the equation \( {text} \)"),
            (rf"The number \( x \) satisfies \( {text} \).", r"the number \( x \)"),
        )
    )
    value = n * n - sign * k
    steps = (
        rf"Square both sides: \( x {signed(sign * k)} = {n}^2 = {n * n} \).",
        rf"So \( x = {n * n} {signed(-sign * k)} = {value} \), and putting it in confirms it, since \( {n} \) is not "
        "negative.",
    )
    return Link(
        setup, quantity, steps, value, lambda c: next(x for x in range(-k, c * c + k + 1) if x + sign * k == c * c)
    )


@generator("radical equations", RADICALS, "high", low=3, high=900)
def _constant_under_the_root(n: int, given: str, rng: Random) -> Link:
    root = isqrt(n) + rng.randint(1, 15)
    setup, quantity = rng.choice(
        (
            ("", rf"the number \( x \) for which \( \sqrt{{x + {inside(given)}}} = {root} \)"),
            (
                f"When a number is increased by {given}, the square root of the result is {root}.",
                "this number",
            ),
        )
    )
    value = root * root - n
    steps = (
        rf"Square both sides: \( x + {n} = {root}^2 = {root * root} \).",
        rf"Hence \( x = {root * root} - {n} = {value} \).",
    )

    def check(c: int) -> int:
        """Try the numbers from 0 on."""
        found = next((x for x in range(root * root + 1) if (x + c) == root * root), None)
        if found is None:
            raise ArithmeticError("no solution from 0 on")
        return found

    return Link(setup, quantity, steps, value, check)
