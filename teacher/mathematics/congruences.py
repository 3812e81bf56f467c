"""Congruences and cycles. Second computation: trying all residues, or counting term by term."""

from __future__ import annotations

from itertools import count, cycle, islice
from math import prod
from random import Random

from teacher.chain import Link, generator, inside
from teacher.mathematics.wording import PEOPLE, listing, total

TOPIC = "Modular arithmetic"


@generator("Chinese remainder theorem", TOPIC, "competition", low=20, high=5000)
def _two_remainders(n: int, given: str, rng: Random) -> Link:
    p, q = rng.choice(((7, 11), (8, 13), (9, 11), (11, 13), (7, 16), (12, 17)))
    r = rng.randint(2, q - 1)
    setup, quantity = rng.choice(
        (
            (
                "",
                f"the smallest positive whole number that leaves the same remainder as {given} on division by {p} and "
                f"the remainder {r} on division by {q}",
            ),
            (
                f"A chest of coins is counted in heaps of {p}, and just as many coins remain as if {given} coins were "
                f"counted in this way. Counted in heaps of {q}, {r} remain.",
                "the smallest possible number of coins in the chest, which is not empty",
            ),
        )
    )
    first = n % p
    value = next(m for m in range(r, p * q + r, q) if m % p == first)
    rising = range(r, r + 3 * q, q)
    steps = (
        rf"\( {n} = {n // p} \times {p} + {first} \), so the remainder on division by {p} must be {first}.",
        f"The numbers with remainder {r} on division by {q} are {', '.join(map(str, rising))} and so on.",
        rf"The first of them that fits is \( {value} = {value // p} \times {p} + {first} \).",
    )

    def check(x: int) -> int:
        """By the formula with inverses."""
        m = (x * q * pow(q, -1, p) + r * p * pow(p, -1, q)) % (p * q)
        return m or p * q

    return Link(setup, quantity, steps, value, check)


@generator("modular inverses", TOPIC, "competition", low=2, high=3000)
def _inverse(n: int, given: str, rng: Random) -> Link:
    prime = rng.choice([p for p in (17, 19, 23, 29, 31, 37, 41, 43) if n % p])
    rest = n % prime
    value = pow(n, -1, prime)
    setup, quantity = rng.choice(
        (
            ("", rf"the inverse of {given} modulo {prime}, taken between 1 and {prime - 1}"),
            (
                rf"A number \( y \) from 1 to {prime - 1} has the property that \( {inside(given)} y \) leaves the "
                f"remainder 1 on division by {prime}.",
                r"\( y \)",
            ),
        )
    )
    steps = (
        rf"Modulo {prime}, {n} may be replaced by its remainder {rest}."
        if n > prime
        else f"We look for a multiple of {n} that is 1 more than a multiple of {prime}.",
        rf"By trying, or by the Euclidean algorithm, \( {rest} \times {value} = {rest * value} = "
        rf"{rest * value // prime} \times {prime} + 1 \), so the number is {value}.",
    )

    def check(x: int) -> int:
        found = next((m for m in range(1, prime) if x * m % prime == 1), None)
        if found is None:
            raise ArithmeticError("no inverse")
        return found

    return Link(setup, quantity, steps, value, check)


@generator("linear congruences", TOPIC, "college", low=2, high=5000)
def _solve_a_congruence(n: int, given: str, rng: Random) -> Link:
    prime = rng.choice((19, 23, 29, 31, 37, 41, 47, 53, 59))
    a = rng.randint(3, prime - 3)
    inverse = pow(a, -1, prime)
    value = inverse * n % prime
    setup, quantity = rng.choice(
        (
            (
                "",
                rf"the smallest whole number \( x \ge 0 \) with \( {a}x \equiv {inside(given)} \pmod{{{prime}}} \)",
            ),
            (
                rf"The congruence \( {a}x \equiv {inside(given)} \pmod{{{prime}}} \) is to be solved.",
                rf"its solution \( x \) between 0 and {prime - 1}",
            ),
        )
    )
    steps = (
        rf"The inverse of {a} modulo {prime} is {inverse}, since \( {a} \times {inverse} = {a * inverse} = "
        rf"{a * inverse // prime} \times {prime} + 1 \).",
        rf"So \( x \equiv {inverse} \times {n} = {inverse * n} \), which leaves the remainder {value}: \( "
        rf"{inverse * n} = {inverse * n // prime} \times {prime} + {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda c: next(x for x in range(prime) if (a * x - c) % prime == 0))


@generator("periodic cycles", TOPIC, "primary", low=3, high=1500)
def _repeating_pattern(n: int, given: str, rng: Random) -> Link:
    pattern = [rng.randint(2, 9) for _ in range(rng.choice((3, 4, 5)))]
    if len(set(pattern)) == 1:
        pattern[0] = 11 - pattern[0]
    period, once = len(pattern), sum(pattern)
    whole, rest = divmod(n, period)
    who = rng.choice(PEOPLE)
    setup, quantity = rng.choice(
        (
            (
                "A necklace is strung so that groups of beads in changing colours follow each other, with "
                f"{listing(pattern)} beads, and then again from the beginning. It has {given} groups.",
                "the number of beads on the necklace",
            ),
            (
                f"The digits {listing(pattern)} are repeated in this order again and again, until {given} digits have "
                "been written.",
                "the sum of all digits written",
            ),
            (
                f"{who} works through a plan of exercises for {period} days, with {listing(pattern)} exercises a day "
                f"in turn, and begins it anew whenever it is over. This goes on for {given} days.",
                f"the number of exercises that {who} has then done",
            ),
        )
    )
    value = whole * once + sum(pattern[:rest])
    begun = f"the first {rest} of them add" if rest > 1 else "the first of them adds"
    steps = (
        rf"One round of {period} numbers adds up to \( {total(pattern)} = {once} \).",
        rf"\( {n} = {whole} \times {period} + {rest} \), so there are {whole} full rounds"
        + (f", and {begun} {sum(pattern[:rest])} more." if rest else "."),
        rf"Together this makes \( {whole} \times {once} + {sum(pattern[:rest])} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: sum(islice(cycle(pattern), x)))


@generator("Euler's theorem on powers", TOPIC, "college", low=3, high=900)
def _power_modulo_a_product(n: int, given: str, rng: Random) -> Link:
    modulus, phi = rng.choice(((35, 24), (39, 24), (55, 40), (77, 60), (65, 48)))
    base = rng.choice([b for b in (2, 3, 4, 6, 8, 9, 12) if all(b % p for p in (5, 7, 11, 13) if modulus % p == 0)])
    if modulus == 39 and base % 3 == 0:
        base = 2
    k = rng.randint(2, 9)
    value = pow(base, n, modulus)
    setup, quantity = rng.choice(
        (
            (
                "",
                rf"the remainder of \( {base}^{{{k * phi} + {inside(given)}}} \) on division by {modulus}",
            ),
            (
                rf"The number \( {base}^{{{inside(given)} + {k * phi}}} \) is divided by {modulus}.",
                "the remainder of this division",
            ),
        )
    )
    rest = n % phi
    shrunk = rf", where \( {n} = {n // phi} \times {phi} + {rest} \)" if n > phi else ""
    squares = [(1 << i, pow(base, 1 << i, modulus)) for i in range(rest.bit_length())]
    used = [power for i, power in enumerate(squares) if rest >> i & 1]
    powers = ", ".join(rf"\( {base}^{{{e}}} \equiv {left} \)" for e, left in squares)
    parts = r" \times ".join(str(left) for _, left in used)
    product = prod(left for _, left in used)
    steps = (
        rf"\( \varphi({modulus}) = {phi} \) and {base} is coprime to {modulus}, so by Euler's theorem \( "
        rf"{base}^{{{phi}}} \equiv 1 \pmod{{{modulus}}} \), and multiples of {phi} may be left out of the exponent.",
        rf"Since \( {k * phi} = {k} \times {phi} \), there remains the exponent {rest}{shrunk}.",
        rf"Squaring again and again gives {powers}."
        if len(squares) > 1
        else rf"The remaining power is \( {base}^{{{rest}}} = {base**rest} \).",
        rf"The needed ones have the product \( {parts} = {product} \), which leaves the remainder {value}."
        if len(used) > 1
        else f"So the remainder is {value}.",
    )

    def check(x: int) -> int:
        """One factor after the other."""
        power = 1
        for _ in range(k * phi + x):
            power = power * base % modulus
        return power

    return Link(setup, quantity, steps, value, check)


@generator("finding the base", "Number bases", "competition", low=5, high=900)
def _digits_in_base(n: int, given: str, rng: Random) -> Link:
    a, c = rng.choice(((1, 1), (2, 1), (1, 3), (3, 2), (2, 4), (4, 3)))
    base_shift = rng.randint(2, 9)
    base = n + base_shift
    number = a * base + c
    setup, quantity = rng.choice(
        (
            (
                rf"In base \( {inside(given)} + {base_shift} \) a number is written with the two digits {a} and {c}, "
                "in this order.",
                "this number in base ten",
            ),
            (
                f"A tribe counts in groups of as many as {base_shift} more than {given}. The chief says: {a} full "
                f"group{'s' if a > 1 else ''} and {c} single {'people' if c > 1 else 'person'} have come.",
                "the number of people who have come",
            ),
        )
    )
    steps = (
        rf"The base is \( {n} + {base_shift} = {base} \).",
        rf"So the number is \( {a} \times {base} + {c} = {number} \).",
    )
    return Link(
        setup,
        quantity,
        steps,
        number,
        lambda x: next(m for m in count(a * x) if divmod(m, x + base_shift) == (a, c)),
    )
