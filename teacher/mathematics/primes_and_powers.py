"""Primes, divisors and perfect powers. Second computation: enumeration, or another theorem."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from math import isqrt
from random import Random

from teacher.chain import Link, generator, inside
from teacher.mathematics.divisibility import divisors, factorised, factors
from teacher.mathematics.terms import product
from teacher.mathematics.wording import factor, total

DIVISIBILITY, PRIMES, POWERS = "Divisibility", "Prime numbers", "Perfect powers"


def _times(numbers: Iterable[int]) -> str:
    """A product, for use inside a formula."""
    return r" \times ".join(map(str, numbers))


@generator("sum of divisors", DIVISIBILITY, "high", low=6, high=2000)
def _all_divisors_added(n: int, given: str, rng: Random) -> Link:
    setup, quantity = rng.choice(
        (
            ("", f"the sum of all positive divisors of {given}"),
            ("", f"the number that results when all positive whole numbers that divide {given} are added"),
            (
                f"Each positive divisor of {given} is written on a card of its own.",
                "the sum of the numbers on all the cards",
            ),
        )
    )
    exponents = factors(n)
    sums = {p: sum(p**i for i in range(e + 1)) for p, e in exponents.items()}
    value = 1
    for each in sums.values():
        value *= each
    parts = [rf"\( {total(p**i for i in range(e + 1))} = {sums[p]} \)" for p, e in exponents.items()]
    steps = (
        f"{n} is a prime number." if exponents.get(n) == 1 else rf"\( {n} = {factorised(n)} \).",
        f"For each prime add its powers: {', '.join(parts)}.",
        rf"The product of these sums is \( {_times(sums.values())} = {value} \)."
        if len(sums) > 1
        else f"This is the sum of all divisors, {value}.",
    )
    return Link(setup, quantity, steps, value, lambda x: sum(divisors(x)))


def _is_prime(n: int) -> bool:
    return n > 1 and all(n % d for d in range(2, isqrt(n) + 1))


@generator("identifying prime numbers", PRIMES, "middle", low=4, high=3000)
def _next_prime(n: int, given: str, rng: Random) -> Link:
    prime = next(p for p in count(n + 1) if _is_prime(p))
    between = [f"{m} is divisible by {next(iter(factors(m)))}" for m in range(n + 1, prime)]
    setup, quantity = rng.choice(
        (
            ("", f"the sum of {given} and the smallest prime number larger than {given}"),
            (
                rf"Let \( p \) be the first prime number after {given}.",
                rf"\( {inside(given)} + p \)",
            ),
        )
    )
    value = n + prime
    steps = (
        f"Test the numbers after {n} for prime divisors up to their square root.",
        f"{'; '.join(between)}." if between else f"The very next number, {prime}, has no such divisor.",
        rf"So the prime number is {prime}, and the sum is \( {n} + {prime} = {value} \).",
    )
    # Of the numbers after n, the first that no smaller one except 1 divides, by a sieve.
    return Link(setup, quantity, steps, value, lambda x: x + next(p for p in count(x + 1) if len(divisors(p)) == 2))


@generator("perfect squares", POWERS, "middle", low=2, high=1500)
def _multiplied_to_a_square(n: int, given: str, rng: Random) -> Link:
    odd = [p for p, e in factors(n).items() if e % 2]
    value = 1
    for p in odd:
        value *= p
    setup, quantity = rng.choice(
        (
            ("", f"the smallest positive whole number whose product with {given} is a perfect square"),
            (
                f"Square tiles of equal size come in packs of {given}. All the tiles of some packs are laid out as "
                "one full square.",
                "the smallest possible number of packs",
            ),
        )
    )
    steps = (
        f"{n} is a prime number." if factors(n).get(n) == 1 else rf"\( {n} = {factorised(n)} \).",
        "In a perfect square every prime has an even exponent, so each prime with an odd exponent must be supplied "
        "once.",
        rf"The missing factor is \( {_times(odd)} = {value} \)." if len(odd) > 1 else f"The missing factor is {value}.",
    )
    return Link(setup, quantity, steps, value, lambda x: next(m for m in divisors(x) if isqrt(m * x) ** 2 == m * x))


@generator("difference of two squares of integers", POWERS, "competition", low=6, high=900)
def _as_a_difference(n: int, given: str, rng: Random) -> Link:
    gap = rng.randint(2, 5)
    setup, quantity = rng.choice(
        (
            (
                f"Two positive whole numbers differ by {2 * gap}, and the mean of the two is {given}.",
                "the difference of their squares",
            ),
            (
                f"One square carpet has sides {gap} feet longer than {given} feet, and another has sides {gap} feet "
                f"shorter than {given} feet.",
                "the difference of the areas of the two carpets in square feet",
            ),
        )
    )
    value = 4 * n * gap
    steps = (
        rf"The numbers to be squared are \( {n} + {gap} = {n + gap} \) and \( {n} - {gap} = {n - gap} \).",
        rf"By the difference of squares, \( {n + gap}^2 - {n - gap}^2 = ({n + gap} + {n - gap})({n + gap} - {n - gap}) "
        rf"= {2 * n} \times {2 * gap} = {value} \).",
    )
    # Odd numbers from one square to the next, up to the larger one.
    return Link(setup, quantity, steps, value, lambda x: sum(2 * i + 1 for i in range(x - gap, x + gap)))


@generator("trailing zeros of a factorial", DIVISIBILITY, "competition", low=25, high=3000)
def _zeros_at_the_end(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(2, 9)
    top = rf"\( ({product(5, n, given)} + {k})! \)"
    value, powers, power = 0, [], 5
    while power <= 5 * n + k:
        powers.append((5 * n + k) // power)
        power *= 5
    value = sum(powers)
    quantity = rng.choice(
        (
            f"the number of zeros at the end of {top}",
            rf"the largest whole number \( e \) for which \( 10^e \) divides {top}",
        )
    )
    steps = (
        rf"\( 5 \times {n} + {k} = {5 * n + k} \). Each zero needs a factor 5, for there are more than enough factors "
        "2.",
        rf"Multiples of 5, of 25 and so on up to {5 * n + k} give \( {total(powers)} = {value} \).",
    )

    def check(x: int) -> int:
        digits, rest = 0, 5 * x + k  # Legendre: (m - digit sum of m in base 5) / 4
        while rest:
            rest, digit = divmod(rest, 5)
            digits += digit
        return (5 * x + k - digits) // 4

    return Link("", quantity, steps, value, check)


@generator("coprime numbers", DIVISIBILITY, "middle", low=3, high=1500)
def _without_a_common_factor(n: int, given: str, rng: Random) -> Link:
    k = factor(rng, n, most=900, high=6)
    number = k * n
    text = rf"\( {product(k, n, given)} \)" if not given.isdigit() else str(number)
    value = number
    for p in factors(number):
        value = value // p * (p - 1)
    primes = list(factors(number))
    reduced = " ".join(rf"\left(1 - \frac{{1}}{{{p}}}\right)" for p in primes)
    setup, quantity = rng.choice(
        (
            ("", f"the number of positive whole numbers up to {text} that are coprime to {text}"),
            (
                f"All fractions with denominator {text} between 0 and 1 are written down.",
                "the number of those that are in lowest terms",
            ),
        )
    )
    steps = (
        rf"The prime factors of {number} are {', '.join(map(str, primes))}."
        if len(primes) > 1
        else f"The only prime factor of {number} is {primes[0]}.",
        rf"Leave out the multiples of each: \( {number} {reduced} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: _coprime(k * x))


def _coprime(n: int) -> int:
    """Numbers up to n without a common divisor with n: Gauss, the totients of all divisors of n add up to n."""
    found: dict[int, int] = {}
    for d in divisors(n):
        found[d] = d - sum(found[e] for e in divisors(d)[:-1])
    return found[n]
