"""Modular arithmetic and number bases. Second computation: counting on, repeated squaring, Horner's scheme."""

from __future__ import annotations

from random import Random

from teacher.chain import Link, generator, inside
from teacher.mathematics.arithmetic import long_division
from teacher.mathematics.wording import PEOPLE, listing

TOPIC = "Modular arithmetic"


@generator("remainders", TOPIC, "middle", low=2, high=5000)
def _remainder_of_a_sum(n: int, given: str, rng: Random) -> Link:
    a, b, m = rng.randint(2, 9), rng.randint(1, 30), rng.choice((7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53))
    text = rf"\( {a} \cdot {inside(given)} + {b} \)"
    quantity = rng.choice(
        (f"the remainder when {text} is divided by {m}", f"the remainder that {text} leaves on division by {m}")
    )
    number = a * n + b
    value = number % m
    steps = (
        rf"\( {a} \cdot {n} + {b} = {number} \).",
        rf"\( {number} = {number // m} \cdot {m} + {value} \), so the remainder is {value}.",
    )
    return Link("", quantity, steps, value, lambda x: (long_division(x, m)[1] * a + b) % m)


@generator("remainders", TOPIC, "middle", low=2, high=5000)
def _next_with_remainder(n: int, given: str, rng: Random) -> Link:
    m = rng.randint(5, 40)
    r = rng.randrange(1, m)
    value = n + 1 + (r - n - 1) % m
    setup, quantity = rng.choice(
        (
            ("", f"the smallest whole number greater than {given} that leaves the remainder {r} when divided by {m}"),
            (
                f"More than {given} people come to a dance. When they line up in rows of {m}, the last row has just "
                f"{r} {'person' if r == 1 else 'people'} in it.",
                "the smallest possible number of people at the dance",
            ),
        )
    )
    low = n % m
    steps = (
        rf"\( {n} = {n // m} \cdot {m} + {low} \), so {n} itself leaves the remainder {low}.",
        rf"To reach the remainder {r} "
        + (
            rf"one must go on by \( {r} - {low} = {r - low} \)."
            if r > low
            else rf"one must go on past the next multiple of {m}, by \( {m} - {low} + {r} = {m - low + r} \)."
        ),
        rf"\( {n} + {value - n} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: next(y for y in range(x + 1, x + m + 1) if y % m == r))


@generator("remainders", TOPIC, "competition", low=20, high=5000)
def _how_many_with_remainder(n: int, given: str, rng: Random) -> Link:
    m = rng.randint(3, 9)
    r = rng.randrange(1, m)
    quantity = rng.choice(
        (
            f"the number of whole numbers from 1 to {given} that leave the remainder {r} when divided by {m}",
            rf"the number of positive whole numbers \( x \) with \( x \le {inside(given)} \) "
            rf"and \( x \equiv {r} \pmod{{{m}}} \)",
        )
    )
    most = (n - r) // m
    steps = (
        rf"These numbers are \( {m}j + {r} \) with \( j = 0, 1, 2, \dots \), so \( {r}, {r + m} \) and so on.",
        rf"\( {m}j + {r} \le {n} \) means \( j \le \frac{{{n - r}}}{{{m}}} \), so \( j \) is at most {most}.",
        rf"With \( j = 0 \) there are \( {most} + 1 = {most + 1} \) such numbers.",
    )
    return Link("", quantity, steps, most + 1, lambda x: len(range(r, x + 1, m)))


@generator("modular exponentiation", TOPIC, "competition", low=2, high=5000)
def _power_to_the_input(n: int, given: str, rng: Random) -> Link:
    m = rng.choice((7, 11, 13, 17, 19))
    a = rng.randint(2, 9 if m > 9 else 5)
    power = rf"\( {a}^{{{inside(given)}}} \)"
    quantity = rng.choice(
        (f"the remainder when {power} is divided by {m}", f"the remainder of {power} on division by {m}")
    )
    cycle = [a % m]
    while cycle[-1] != 1:
        cycle.append(cycle[-1] * a % m)
    period = len(cycle)
    rest = n % period
    value = cycle[rest - 1]
    steps = (
        rf"The powers \( {a}^1, {a}^2, {a}^3, \dots \) leave the remainders {listing(cycle)}, and then they repeat: "
        rf"the period is {period}.",
        rf"\( {n} = {n // period} \cdot {period} + {rest} \), so \( {a}^{{{n}}} \) leaves the same remainder as "
        + (rf"\( {a}^{{{rest}}} \), which is {value}." if rest else rf"\( {a}^{{{period}}} \), which is 1."),
    )
    return Link("", quantity, steps, value, lambda x: pow(a, x, m))


@generator("modular exponentiation", TOPIC, "competition", low=2, high=5000)
def _power_of_the_input(n: int, given: str, rng: Random) -> Link:
    m = rng.choice((11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47))
    e = rng.choice([e for e in (3, 4, 5, 6) if m % e != 1])
    power = rf"\( {inside(given)}^{{{e}}} \)"
    quantity = rng.choice(
        (f"the remainder when {power} is divided by {m}", rf"the remainder of {power} on division by {m}")
    )
    base = n % m
    lines, reached = [], base
    for i in range(2, e + 1):
        lines.append(rf"\( {base}^{i} \equiv {reached} \cdot {base} \equiv {reached * base % m} \)")
        reached = reached * base % m
    steps = (
        rf"Modulo {m}, \( {n} = {n // m} \cdot {m} + {base} \equiv {base} \).",
        f"{', '.join(lines)}, so the remainder is {reached}.",
    )
    return Link("", quantity, steps, reached, lambda x: pow(x, e) % m)


def _in_base(n: int, base: int) -> list[int]:
    """Digits, the highest first."""
    digits: list[int] = []
    while n:
        n, digit = divmod(n, base)
        digits.append(digit)
    return digits[::-1]


@generator("base conversion", "Number bases", "middle", low=2, high=3000)
def _digits_in_a_base(n: int, given: str, rng: Random) -> Link:
    base = rng.choice((2, 3, 4, 5, 6, 7, 8, 9))
    setup = rng.choice((f"Write {given} in base {base}.", f"The number {given} is written in base {base}."))
    digits = _in_base(n, base)
    value = sum(digits)
    written = "".join(map(str, digits))
    places = enumerate(reversed(digits))
    powers = " + ".join(reversed([rf"{d} \cdot {base}^{{{i}}}" for i, d in places if d]))
    steps = (
        rf"\( {n} = {powers} \), so {n} is written \( {written}_{{{base}}} \).",
        rf"The sum of the digits is \( {' + '.join(map(str, digits))} = {value} \)."
        if len(digits) > 1
        else f"Its only digit is {value}.",
    )

    def check(x: int) -> int:
        total, power = 0, 1
        while power <= x:
            total += x // power % base
            power *= base
        return total

    return Link(setup, "the sum of its digits in that base", steps, value, check)


@generator("base conversion", "Number bases", "high", low=10, high=200)
def _numeral_in_that_base(n: int, given: str, rng: Random) -> Link:
    a, b, c = rng.randint(0, 2), rng.randint(1, 9), rng.randint(0, 9)
    digits = f"{a}{b}{c}".lstrip("0")
    setup, quantity = rng.choice(
        (
            (
                f"The digits {digits} stand for a number written in base {given}.",
                "that number written in base ten",
            ),
            (
                f"In a counting system with base {given} a number is written {digits}.",
                "the value of that number in base ten",
            ),
        )
    )
    value = a * n * n + b * n + c
    terms = [rf"{a} \cdot {n}^2"] * (a > 0) + [rf"{b} \cdot {n}", str(c)]
    values = [str(a * n * n)] * (a > 0) + [str(b * n), str(c)]
    steps = (
        rf"In base {n} the places are worth \( {n}^2 \), {n} and 1." if a else f"The places are worth {n} and 1.",
        rf"So the number is \( {' + '.join(terms)} = {' + '.join(values)} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: (a * x + b) * x + c)


@generator("base conversion", "Number bases", "middle", low=1, high=600)
def _from_another_base(n: int, given: str, rng: Random) -> Link:
    base = rng.randint(3, 8)
    number = rng.randint(base * base, 2 * base * base - 1)
    written = "".join(map(str, _in_base(number, base)))
    who = rng.choice(PEOPLE)
    setup, quantity = rng.choice(
        (
            ("", rf"the sum of {given} and the number \( {written}_{{{base}}} \) of base {base}, written in base ten"),
            (
                f"{who} writes a number in base {base} as {written} and adds {given} to it.",
                "the sum, written in base ten",
            ),
        )
    )
    x, y, z = _in_base(number, base)
    steps = (
        rf"\( {written}_{{{base}}} = {x} \cdot {base}^2 + {y} \cdot {base} + {z} = {number} \).",
        rf"\( {n} + {number} = {n + number} \).",
    )
    return Link(setup, quantity, steps, n + number, lambda m: m + int(written, base))
