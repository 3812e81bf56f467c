"""Equations and inequalities of several kinds. Second computation: trying numbers, or putting the solution in."""

from __future__ import annotations

from fractions import Fraction
from random import Random

from teacher.chain import Link, generator, inside
from teacher.mathematics.exact import whole
from teacher.mathematics.linear import secant
from teacher.mathematics.terms import product, times_x
from teacher.mathematics.wording import PEOPLE

LINEAR, INEQUALITIES, POWERS = "Linear equations", "Inequalities", "Exponents and logarithms"


@generator("equations with fractions", LINEAR, "middle", low=2, high=900)
def _two_fractions(n: int, given: str, rng: Random) -> Link:
    plus = rng.random() < 0.5
    a, b = rng.choice(((3, 6), (4, 12), (6, 12), (10, 15), (5, 20)) if plus else ((2, 3), (2, 4), (3, 6), (2, 6)))
    sign, word = ("+", "sum") if plus else ("-", "difference")
    setup, quantity = rng.choice(
        (
            ("", rf"the solution of the equation \( \frac{{x}}{{{a}}} {sign} \frac{{x}}{{{b}}} = {inside(given)} \)"),
            (
                f"When a number is divided by {a} and by {b}, the {word} of the two results, in this order, is "
                f"{given}.",
                "this number",
            ),
        )
    )
    share = Fraction(1, a) + (Fraction(1, b) if plus else -Fraction(1, b))
    value = whole(n / share)
    steps = (
        rf"On the left there is \( \frac{{1}}{{{a}}} {sign} \frac{{1}}{{{b}}} = "
        rf"\frac{{{share.numerator}}}{{{share.denominator}}} \) of the number.",
        rf"So the number is \( {n} \times {share.denominator} = {value} \)."
        if share.numerator == 1
        else rf"So the number is \( {n} \times \frac{{{share.denominator}}}{{{share.numerator}}} = {value} \).",
    )

    def check(c: int) -> int:
        """The left side, made whole, is linear."""
        return secant(lambda x: x * b + x * a if plus else x * b - x * a, c * a * b)

    return Link(setup, quantity, steps, value, check)


@generator("systems of three linear equations", LINEAR, "high", low=8, high=900)
def _pairwise_sums(n: int, given: str, rng: Random) -> Link:
    p = rng.randint(4, 40)
    q = rng.randint(4, 40)
    q += (n + p + q) % 2
    one, two, three = rng.sample(PEOPLE, 3)
    setup, quantity = rng.choice(
        (
            (
                rf"Three numbers satisfy \( x + y = {inside(given)} \), \( y + z = {p} \) and \( x + z = {q} \).",
                r"\( x + y + z \)",
            ),
            (
                f"Together {one} and {two} have {given} dollars in their accounts, {two} and {three} have {p}, and "
                f"{one} and {three} have {q}; an account may also be overdrawn.",
                "the number of dollars in the three accounts together",
            ),
        )
    )
    value = (n + p + q) // 2
    steps = (
        rf"Adding the three equations counts every unknown twice: \( {n} + {p} + {q} = {n + p + q} \).",
        rf"So the sum of the unknowns is \( {n + p + q} \div 2 = {value} \).",
    )

    def check(c: int) -> int:
        """By elimination: x - y = q - p, so x is half of (x + y) + (x - y)."""
        x = Fraction(c + q - p, 2)
        return whole(x + (c - x) + (q - x))

    return Link(setup, quantity, steps, value, check)


@generator("elimination and substitution", LINEAR, "middle", low=6, high=900)
def _tickets(n: int, given: str, rng: Random) -> Link:
    cheap, dear = rng.sample(range(2, 10), 2)
    cheap, dear = min(cheap, dear), max(cheap, dear)
    many = rng.randint(2, n - 2)
    total = cheap * n + (dear - cheap) * many
    setup, quantity = rng.choice(
        (
            (
                rf"The numbers \( x \) and \( y \) satisfy \( x + y = {inside(given)} \) and \( {cheap}x + {dear}y = "
                rf"{total} \).",
                r"\( y \)",
            ),
            (
                f"A cinema sells {given} tickets for {total} dollars. A child's ticket costs {cheap} dollars and an "
                f"adult's ticket {dear} dollars; there are no others.",
                "the number of adults' tickets",
            ),
        )
    )
    over = total - cheap * n
    unnamed = not setup.startswith("The numbers")
    if unnamed:
        first = (
            rf"If all tickets were for children, they would bring \( {total} - {cheap} \times {n} = {over} \) "
            "dollars less."
        )
        last = (
            rf"Each adult's ticket brings \( {dear} - {cheap} = {dear - cheap} \) dollars more, so there are "
            rf"\( {over} \div {dear - cheap} = {many} \) of them."
        )
    else:
        first = (
            rf"Take {cheap} times the first equation from the second: "
            rf"\( {times_x(dear - cheap, 'y')} = {total} - {cheap} \times {n} = {over} \)."
        )
        last = rf"So \( y = {over} \div {dear - cheap} = {many} \)."
    steps = (first, last)

    def check(c: int) -> int:
        found = next((y for y in range(c + 1) if cheap * (c - y) + dear * y == total), None)
        if found is None:
            raise ArithmeticError("no whole solution")
        return found

    return Link(setup, quantity, steps, many, check)


@generator("compound inequalities", INEQUALITIES, "middle", low=14, high=900)
def _whole_numbers_between(n: int, given: str, rng: Random) -> Link:
    c, k = rng.randint(1, 9), rng.randint(1, 9)
    low = rng.randint(k, 10 + k)
    setup, quantity = rng.choice(
        (
            ("", rf"the number of integers \( x \) with \( {low} < x + {k} \le {inside(given)} + {c} \)"),
            (
                f"A lift carries loads of more than {low - k} kg. The heaviest load that it carries weighs {c} kg "
                f"more than {given} kg. Loads are weighed in whole kilograms.",
                "the number of different weights that the lift carries",
            ),
        )
    )
    if not setup:
        value = n + c - low
        steps = (
            rf"Subtract {k} everywhere: \( {low - k} < x \le {n + c - k} \).",
            rf"These are \( {n + c - k} - {low - k} = {value} \) integers.",
        )
        return Link("", quantity, steps, value, lambda m: sum(low < x + k <= m + c for x in range(-k, m + c + 1)))
    value = n + c - (low - k)
    steps = (
        rf"The weights go from \( {low - k} + 1 = {low - k + 1} \) up to \( {n} + {c} = {n + c} \).",
        rf"These are \( {n + c} - {low - k} = {value} \) weights.",
    )
    return Link(setup, quantity, steps, value, lambda m: sum(low - k < x for x in range(m + c + 1)))


@generator("absolute value inequalities", "Absolute value", "high", low=2, high=900)
def _within_a_distance(n: int, given: str, rng: Random) -> Link:
    c = rng.randint(2, 60)
    strict = rng.random() < 0.5
    sign = "<" if strict else r"\le"
    setup, quantity = rng.choice(
        (
            ("", rf"the number of integers \( x \) with \( |x - {c}| {sign} {inside(given)} \)"),
            (
                f"On the number line all integers are marked whose distance from {c} is "
                f"{'less than' if strict else 'at most'} {given}.",
                "the number of integers that are marked",
            ),
        )
    )
    reach = n - 1 if strict else n
    value = 2 * reach + 1
    steps = (
        f"On each side of {c} there are {reach} such integers"
        + (rf", since \( {n} - 1 = {reach} \)." if strict else "."),
        rf"With {c} itself these are \( 2 \times {reach} + 1 = {value} \).",
    )
    return Link(
        setup,
        quantity,
        steps,
        value,
        lambda m: sum(abs(x - c) < m or (not strict and abs(x - c) == m) for x in range(c - m - 1, c + m + 2)),
    )


@generator("quadratic inequalities", INEQUALITIES, "high", low=14, high=900)
def _between_the_roots(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(1, 9)
    closed = rng.random() < 0.5
    sign = r"\le" if closed else "<"
    setup, quantity = rng.choice(
        (
            ("", rf"the number of integers \( x \) with \( (x - {k})(x - {inside(given)}) {sign} 0 \)"),
            (
                rf"The inequality \( (x - {inside(given)})(x - {k}) {sign} 0 \) is to be solved.",
                "the number of its integer solutions",
            ),
        )
    )
    value = n - k + 1 if closed else n - k - 1
    steps = (
        rf"The product is negative exactly between its zeros {k} and {n}"
        + (", and it is 0 at both of them." if closed else "; the zeros themselves do not count."),
        rf"So there are \( {n} - {k} {'+' if closed else '-'} 1 = {value} \) integer solutions.",
    )

    def check(m: int) -> int:
        return sum((x - k) * (x - m) < (1 if closed else 0) for x in range(m + k + 1))

    return Link(setup, quantity, steps, value, check)


@generator("rational equations", "Rational expressions", "high", low=2, high=600)
def _equal_to_a_fraction(n: int, given: str, rng: Random) -> Link:
    m, k = rng.randint(1, 4), rng.randint(1, 9)
    right = "2" if m == 1 else rf"\frac{{{m + 1}}}{{{m}}}"
    text = rf"\frac{{x + {inside(given)}}}{{x - {k}}} = {right}"
    setup, quantity = rng.choice(
        (
            ("", rf"the solution of the equation \( {text} \)"),
            (rf"The number \( x \) satisfies \( {text} \).", r"\( x \)"),
        )
    )
    value = m * n + (m + 1) * k
    left = f"{m}(x + {n})" if m > 1 else f"x + {n}"
    steps = (
        rf"Multiply by both denominators: \( {left} = {m + 1}(x - {k}) \).",
        rf"So \( x = {m} \times {n} + {m + 1} \times {k} = {m * n} + {(m + 1) * k} = {value} \), and the denominator "
        "is not 0 there.",
    )

    def check(c: int) -> int:
        """The difference of the cross products is linear."""
        return secant(lambda x: m * (x + c) - (m + 1) * (x - k), 0)

    return Link(setup, quantity, steps, value, check)


@generator("simplifying rational expressions", "Rational expressions", "high", low=12, high=900)
def _cancelled_factor(n: int, given: str, rng: Random) -> Link:
    a, b = rng.sample(range(2, 11), 2)
    form = rng.randrange(3)
    if form == 0:
        text, value, reduced = rf"\frac{{x^2 - {a * a}}}{{x - {a}}}", n + a, f"x + {a}"
        worked = rf"x^2 - {a * a} = (x - {a})(x + {a})"
    elif form == 1:
        text, value, reduced = rf"\frac{{x^2 + {a + b}x + {a * b}}}{{x + {a}}}", n + b, f"x + {b}"
        worked = rf"x^2 + {a + b}x + {a * b} = (x + {a})(x + {b})"
    else:
        text, value, reduced = rf"\frac{{x^2 - {a + b}x + {a * b}}}{{x - {a}}}", n - b, f"x - {b}"
        worked = rf"x^2 - {a + b}x + {a * b} = (x - {a})(x - {b})"
    setup, quantity = rng.choice(
        (
            ("", rf"the value of \( {text} \) for \( x = {inside(given)} \)"),
            (
                rf"Simplify \( {text} \).",
                rf"the value of the simplified expression at \( x = {inside(given)} \)",
            ),
        )
    )
    steps = (
        rf"The numerator factors: \( {worked} \).",
        rf"Cancelling leaves \( {reduced} \), and for \( x = {n} \) this is \( {reduced.replace('x', str(n))} = "
        rf"{value} \).",
    )

    def check(x: int) -> int:
        top, low = ((x * x - a * a, x - a), (x * x + (a + b) * x + a * b, x + a), (x * x - (a + b) * x + a * b, x - a))[
            form
        ]
        return whole(Fraction(top, low))

    return Link(setup, quantity, steps, value, check)


@generator("exponential equations", POWERS, "high", low=2, high=900)
def _same_base(n: int, given: str, rng: Random) -> Link:
    base, k = rng.choice((2, 3, 5)), rng.randint(2, 20)
    square = base * base
    form = rng.random() < 0.5
    text = (
        rf"{base}^{{x - {inside(given)}}} = {square}^{{{k}}}"
        if form
        else rf"{square}^{{x}} = {base}^{{{product(2, n, given)} + {2 * k}}}"
    )
    setup, quantity = rng.choice(
        (
            ("", rf"the solution of the equation \( {text} \)"),
            (rf"A number \( x \) satisfies \( {text} \).", r"\( x \)"),
        )
    )
    value = n + 2 * k if form else n + k
    steps = (
        rf"Write both sides with the base {base}, using \( {square} = {base}^2 \), and compare the exponents.",
        rf"From \( x - {n} = 2 \times {k} \) follows \( x = {n} + {2 * k} = {value} \)."
        if form
        else rf"From \( 2x = {2 * n} + {2 * k} \) follows \( x = {n} + {k} = {value} \).",
    )

    def check(c: int) -> int:
        """Whole numbers are tried."""
        if form:
            return next(x for x in range(c, c + 3 * k) if base ** (x - c) == square**k)
        return next(x for x in range(c, c + 2 * k) if 2 * x == 2 * c + 2 * k)

    return Link(setup, quantity, steps, value, check)


@generator("logarithmic equations", POWERS, "high", low=2, high=900)
def _logarithm_equals(n: int, given: str, rng: Random) -> Link:
    base, k = rng.choice(((2, 3), (2, 4), (2, 5), (3, 2), (3, 3), (5, 2), (10, 2)))
    text = rf"\log_{{{base}}} (x - {inside(given)}) = {k}"
    setup, quantity = rng.choice(
        (
            ("", rf"the solution of the equation \( {text} \)"),
            (rf"The number \( x \) satisfies \( {text} \).", r"\( x \)"),
        )
    )
    power = base**k
    value = n + power
    steps = (
        rf"By the meaning of the logarithm, \( x - {n} = {base}^{k} = {power} \).",
        rf"So \( x = {n} + {power} = {value} \).",
    )

    def check(c: int) -> int:
        """Divide by the base until 1 is left."""

        def logarithm(number: int) -> int:
            count = 0
            while number > 1 and number % base == 0:
                number, count = number // base, count + 1
            return count if number == 1 else -1

        return next(x for x in range(c + 1, c + 2000) if logarithm(x - c) == k)

    return Link(setup, quantity, steps, value, check)


@generator("negative and fractional exponents", POWERS, "high", low=2, high=400)
def _power_with_a_fraction(n: int, given: str, rng: Random) -> Link:
    text, factor, worked = rng.choice(
        (
            (r"8^{2/3}", 4, r"8^{2/3} = (\sqrt[3]{8})^2 = 4"),
            (r"27^{2/3}", 9, r"27^{2/3} = (\sqrt[3]{27})^2 = 9"),
            (r"4^{3/2}", 8, r"4^{3/2} = (\sqrt{4})^3 = 8"),
            (r"2^{-3}", Fraction(1, 8), r"2^{-3} = \frac{1}{8}"),
            (r"3^{-2}", Fraction(1, 9), r"3^{-2} = \frac{1}{9}"),
            (r"16^{-1/2}", Fraction(1, 4), r"16^{-1/2} = \frac{1}{\sqrt{16}} = \frac{1}{4}"),
        )
    )
    k = rng.randint(2, 30)
    negative = isinstance(factor, Fraction)
    whole_text = rf"{inside(given)} \div {text} + {k}" if negative else rf"{inside(given)} \times {text} + {k}"
    setup, quantity = rng.choice(
        (
            ("", rf"the value of \( {whole_text} \)"),
            ("", rf"the number \( {whole_text} \), written without exponents"),
        )
    )
    grown = n * (factor.denominator if isinstance(factor, Fraction) else factor)
    value = grown + k
    times_what = factor.denominator if isinstance(factor, Fraction) else factor
    steps = (
        rf"\( {worked} \)" + (f", and dividing by it means multiplying by {times_what}." if negative else "."),
        rf"So the value is \( {n} \times {times_what} + {k} = {grown} + {k} = {value} \).",
    )
    return Link(
        setup, quantity, steps, value, lambda x: whole(Fraction(x) / factor if negative else Fraction(x) * factor) + k
    )
