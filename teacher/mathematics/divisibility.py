"""Divisibility. Second computation: enumeration, or another theorem on the same prime factors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from math import isqrt, prod
from random import Random
from types import MappingProxyType

from teacher.chain import Link, generator, inside
from teacher.mathematics.terms import product
from teacher.mathematics.wording import PEOPLE, listing

TOPIC = "Divisibility"


@lru_cache(maxsize=4096)
def factors(n: int) -> Mapping[int, int]:
    """Exponents of the primes of n >= 1, smallest prime first."""
    found: dict[int, int] = {}
    rest, prime = n, 2
    while prime * prime <= rest:
        while rest % prime == 0:
            found[prime] = found.get(prime, 0) + 1
            rest //= prime
        prime += 1
    if rest > 1:
        found[rest] = 1
    return MappingProxyType(found)


def factorised(n: int) -> str:
    """`2^{3} \\cdot 3`, for use inside a formula."""
    parts = [str(p) if e == 1 else f"{p}^{{{e}}}" for p, e in factors(n).items()]
    return r" \cdot ".join(parts) or "1"


@lru_cache(maxsize=4096)
def divisors(n: int) -> tuple[int, ...]:
    """All positive divisors by trial, ascending."""
    small = [d for d in range(1, isqrt(n) + 1) if n % d == 0]
    return (*small, *(n // d for d in reversed(small) if d * d != n))


def _factorisation(n: int) -> str:
    """`\\( 12 = 2^{2} \\cdot 3 \\)`, or that the number is prime."""
    return f"{n} is a prime number" if factors(n).get(n) else rf"\( {n} = {factorised(n)} \)"


def _euclid(a: int, b: int) -> tuple[int, list[str]]:
    """Greatest common divisor, and the lines of the algorithm for a formula each."""
    lines = []
    a, b = max(a, b), min(a, b)
    while b:
        lines.append(rf"\( {a} = {a // b} \cdot {b} + {a % b} \)")
        a, b = b, a % b
    return a, lines


def _shared_divisors(a: int, b: int) -> int:
    """The greatest of the numbers that divide both, by trial."""
    return max(d for d in divisors(a) if b % d == 0)


@generator("number of divisors", TOPIC, "middle", low=2, high=5000)
def _count_divisors(n: int, given: str, rng: Random) -> Link:
    setup, quantity = rng.choice(
        (
            ("", f"the number of positive divisors of {given}"),
            ("", f"the number of positive whole numbers that divide {given} without remainder"),
            (
                f"The {given} chairs of a hall are to stand in rows of equal length, and all of them are used.",
                "the number of possible lengths of a row",
            ),
            (
                f"{rng.choice(PEOPLE)} lays {given} square tiles edge to edge so that they fill a rectangle.",
                "the number of possible widths of the rectangle, counted in tiles",
            ),
        )
    )
    count, value = _divisor_count(factors(n).values())
    steps = (
        f"The number asked for is the number of divisors of {n}."
        if setup
        else "A divisor is made by choosing an exponent for each prime, from 0 to the one in the prime factorization.",
        f"{_factorisation(n)}.",
        count,
    )
    return Link(setup, quantity, steps, value, lambda m: len(divisors(m)))


def _divisor_count(exponents: Iterable[int]) -> tuple[str, int]:
    """The step from the exponents of the primes to the number of divisors, and that number."""
    terms = [e + 1 for e in exponents]
    factors_text = "".join(f"({term - 1} + 1)" for term in terms) if len(terms) > 1 else f"{terms[0] - 1} + 1"
    return rf"Add 1 to each exponent and multiply: \( {factors_text} = {prod(terms)} \).", prod(terms)


@generator("number of divisors", TOPIC, "competition", low=2, high=300)
def _divisors_of_square(n: int, given: str, rng: Random) -> Link:
    k = rng.choice((1, 2, 3, 5, 6, 7, 10, 12))
    factor = rf"{k} \cdot " if k > 1 else ""
    square = rf"\( {factor}{inside(given)}^2 \)"
    quantity = rng.choice(
        (f"the number of positive divisors of {square}", f"the number of positive whole numbers that divide {square}")
    )
    exponents = {p: 2 * e for p, e in factors(n).items()}
    if k == 1:
        squared = f"{_factorisation(n)}, and squaring doubles every exponent."
    else:
        for p, e in factors(k).items():
            exponents[p] = exponents.get(p, 0) + e
        squared = f"{_factorisation(n)}; square it, which doubles every exponent, and multiply by {k}."
    whole = r" \cdot ".join(str(p) if e == 1 else f"{p}^{{{e}}}" for p, e in sorted(exponents.items()))
    count, value = _divisor_count(e for _, e in sorted(exponents.items()))
    steps = (squared, rf"The result is \( {whole} \).", count)
    return Link("", quantity, steps, value, lambda m: len(divisors(k * m * m)))


@generator("greatest common divisor", TOPIC, "middle", low=2, high=5000)
def _common_divisor(n: int, given: str, rng: Random) -> Link:
    large = [d for d in divisors(n) if d > 1][:-1] or [n]
    shared = rng.choice(large[-4:])
    other = shared * rng.randint(2, 13)
    setup, quantity = rng.choice(
        (
            ("", f"the greatest common divisor of {given} and {other}"),
            (
                f"{rng.choice(PEOPLE)} has {given} red and {other} blue beads and fills bags with them. "
                "All the bags must be alike, and no bead may be left over.",
                "the greatest possible number of bags",
            ),
            (
                f"A ribbon of {given} cm and a ribbon of {other} cm are cut into pieces of one and the same length, "
                "a whole number of centimetres, without any waste.",
                "the greatest possible length of a piece in centimetres",
            ),
            ("", rf"the largest whole number that divides both {given} and {other}"),
        )
    )
    value, lines = _euclid(n, other)
    steps = (
        f"The number asked for is the greatest common divisor of {n} and {other}."
        if setup
        else f"Apply the Euclidean algorithm to {n} and {other}.",
        f"{', '.join(lines)}.",
        f"The last divisor, {value}, is the greatest common divisor.",
    )
    return Link(setup, quantity, steps, value, lambda m: _shared_divisors(m, other))


@generator("least common multiple", TOPIC, "middle", low=2, high=1000)
def _common_multiple(n: int, given: str, rng: Random) -> Link:
    other = rng.choice([m for m in range(4, 30 if n < 60 else 16) if n % m])
    setup, quantity = rng.choice(
        (
            ("", f"the least common multiple of {given} and {other}"),
            (
                f"One lighthouse flashes every {given} seconds and another every {other} seconds. "
                "Just now they flash together.",
                "the number of seconds until they next flash together",
            ),
            (
                f"A wheel with {given} teeth turns a wheel with {other} teeth. A mark is put where they touch.",
                "the number of teeth that pass until the two marks touch again for the first time",
            ),
            ("", f"the smallest positive whole number that is a multiple of both {given} and {other}"),
        )
    )
    shared, lines = _euclid(n, other)
    value = n * other // shared
    steps = (
        f"For the least common multiple of {n} and {other}, find their greatest common divisor first.",
        f"{', '.join(lines)}, so it is {shared}.",
        rf"The least common multiple is \( {n} \cdot {other} \div {shared} = {value} \)."
        if shared > 1
        else rf"Without a common factor, the least common multiple is \( {n} \cdot {other} = {value} \).",
    )

    def check(m: int) -> int:
        large, small = max(m, other), min(m, other)
        return next(multiple for multiple in range(large, large * small + 1, large) if multiple % small == 0)

    return Link(setup, quantity, steps, value, check)


def _digits_by_division(n: int) -> int:
    """Sum of the decimal digits, without writing them."""
    total = 0
    while n:
        n, digit = divmod(n, 10)
        total += digit
    return total


@generator("sum of digits", TOPIC, "middle", low=1, high=3000)
def _digits_of_a_product(n: int, given: str, rng: Random) -> Link:
    k, c = rng.choice((3, 7, 9, 11, 13, 37, 99, 101)), rng.randint(1, 20)
    text = rf"\( {k} \cdot {inside(given)} + {c} \)"
    quantity = rng.choice((f"the sum of the digits of {text}", f"the digit sum of the number {text}"))
    number = k * n + c
    value = sum(map(int, str(number)))
    steps = (
        rf"\( {k} \cdot {n} + {c} = {number} \).",
        rf"Its digits add up to \( {' + '.join(str(number))} = {value} \).",
    )
    return Link("", quantity, steps, value, lambda m: _digits_by_division(k * m + c))


@generator("sum of digits", TOPIC, "competition", low=1, high=900)
def _digits_below_a_power(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(5, 25)
    text = rf"\( 10^{{{k}}} - {inside(given)} \)"
    quantity = rng.choice((f"the sum of the digits of {text}", f"the digit sum of {text}, written out in base ten"))
    tail = 1000 - n
    value = 9 * (k - 3) + sum(map(int, str(tail)))
    steps = (
        rf"\( 10^{{{k}}} - {n} = (10^{{{k}}} - 1000) + (1000 - {n}) \), "
        rf"which is {k - 3} nines followed by the three digits {tail:03d}.",
        rf"The nines add up to \( 9 \cdot {k - 3} = {9 * (k - 3)} \), "
        rf"the other digits to \( {' + '.join(f'{tail:03d}')} = {value - 9 * (k - 3)} \).",
        rf"In all the sum is \( {9 * (k - 3)} + {value - 9 * (k - 3)} = {value} \).",
    )
    return Link("", quantity, steps, value, lambda m: _digits_by_division(10**k - m))


@generator("prime factorization", TOPIC, "middle", low=2, high=3000)
def _sum_of_primes(n: int, given: str, rng: Random) -> Link:
    k = rng.choice((6, 10, 12, 15, 18, 20))
    number = k * n
    exponents = factors(number)
    text = rf"\( {product(k, n, given)} \)" if not given.isdigit() else str(number)
    largest = rng.random() < 0.4
    if largest:
        value = max(exponents)
        quantity = f"the largest prime factor of {text}"
        last = f"The largest of these primes is {value}."
    else:
        value = sum(p * e for p, e in exponents.items())
        quantity = f"the sum of the prime factors of {text}, each counted as often as it occurs"
        terms = [str(p) for p, e in exponents.items() for _ in range(e)]
        last = rf"Their sum is \( {' + '.join(terms)} = {value} \)."
    steps = (rf"Divide by 2, 3, 5 and so on as often as possible: \( {number} = {factorised(number)} \).", last)

    def check(m: int) -> int:
        primes = [*_primes_from_above(m), *_primes_from_above(k)]
        return max(primes) if largest else sum(primes)

    return Link("", quantity, steps, value, check)


@lru_cache(maxsize=4096)
def _primes_from_above(n: int) -> tuple[int, ...]:
    """The prime factors with multiplicity: a composite number splits into its middle divisors."""
    middle = next(d for d in range(isqrt(n), 0, -1) if n % d == 0)
    if middle == 1:
        return (n,) if n > 1 else ()
    return (*_primes_from_above(middle), *_primes_from_above(n // middle))


@generator("prime factorization", TOPIC, "competition", low=10, high=1500)
def _prime_in_factorial(n: int, given: str, rng: Random) -> Link:
    p = rng.choice((2, 3, 5)) if n < 300 else rng.choice((3, 5, 7))
    factorial = rf"\( {inside(given)}! \)"
    quantity = rng.choice(
        (
            f"the exponent of {p} in the prime factorization of {factorial}",
            rf"the largest whole number \( e \) such that \( {p}^e \) divides {factorial}",
        )
    )
    powers: list[int] = []
    while p ** (len(powers) + 1) <= n:
        powers.append(p ** (len(powers) + 1))
    counts = [n // power for power in powers]
    value = sum(counts)
    steps = (
        rf"Count the multiples of {listing(powers)} up to {n}: each gives one more factor {p}.",
        f"There are {listing(counts)} of them.",
        rf"\( {' + '.join(map(str, counts))} = {value} \)." if len(counts) > 1 else f"So the exponent is {value}.",
    )

    def check(m: int) -> int:
        digits, rest = 0, m  # Legendre: (m - digit sum of m in base p) / (p - 1)
        while rest:
            rest, digit = divmod(rest, p)
            digits += digit
        return (m - digits) // (p - 1)

    return Link("", quantity, steps, value, check)
