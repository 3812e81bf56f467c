"""Place value, digits, multiples and factors. Second computation: enumeration, or the digits by division."""

from __future__ import annotations

from itertools import count
from math import isqrt
from random import Random

from teacher.chain import Link, generator, inside
from teacher.mathematics.divisibility import divisors
from teacher.mathematics.terms import product
from teacher.mathematics.wording import PEOPLE, total

DIVISIBILITY = "Divisibility"


@generator("place value of a digit", "Place value", "primary", low=2, high=400)
def _tens_and_ones(n: int, given: str, rng: Random) -> Link:
    ones, more = rng.randint(2, 9), rng.randint(3, 30)
    who = rng.choice(PEOPLE)
    setup, quantity = rng.choice(
        (
            (
                f"{who} lays out a number with {given} ten-rods and {ones} one-cubes and then adds {more} more "
                "one-cubes.",
                "the number that is laid out in the end",
            ),
            (
                f"A counting frame shows {given} tens and {ones} ones. Another {more} ones are pushed over.",
                "the number that the frame then shows",
            ),
            (
                f"A cashier has {given} ten-dollar notes and {ones} one-dollar notes in the till and takes {more} "
                "dollars more.",
                "the number of dollars that are now in the till",
            ),
        )
    )
    value = 10 * n + ones + more
    steps = (
        rf"A ten is worth 10, so tens and ones together are \( {n} \times 10 + {ones} = {10 * n + ones} \).",
        rf"Adding {more} gives \( {10 * n + ones} + {more} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: int(f"{x}{ones}") + more)


@generator("rounding to a place", "Estimation and rounding", "primary", low=3, high=900)
def _rounded_product(n: int, given: str, rng: Random) -> Link:
    k = rng.choice((17, 23, 27, 33, 37, 43, 47))
    exact = k * n
    value = (exact + 5) // 10 * 10
    setup, quantity = rng.choice(
        (
            ("", rf"the number that results when \( {k} \times {inside(given)} \) is rounded to the nearest ten"),
            (
                f"A wholesaler sends {given} crates with {k} lemons each. A newspaper rounds the number of lemons to "
                "the nearest ten.",
                "the number of lemons according to the newspaper",
            ),
        )
    )
    side = "up" if value >= exact else "down"
    last = (
        rf"Its last digit is already 0, so it stays \( {value} \)."
        if value == exact
        else f"Its last digit is {exact % 10}, so it is rounded {side} to {value}."
    )
    steps = (rf"The exact number is \( {k} \times {n} = {exact} \).", last)
    return Link(
        setup, quantity, steps, value, lambda x: max(range(k * x - 5, k * x + 6), key=lambda t: (t % 10 == 0, t))
    )


@generator("last digit of a power", "Modular arithmetic", "competition", low=3, high=3000)
def _last_digit(n: int, given: str, rng: Random) -> Link:
    base = rng.choice((2, 3, 7, 8, 12, 13, 17, 23))
    cycle = [base**e % 10 for e in range(1, 5)]
    value = base**n % 10
    setup, quantity = rng.choice(
        (
            ("", rf"the last digit of \( {base}^{{{inside(given)}}} \)"),
            ("", rf"the ones digit of \( {base}^{{{inside(given)}}} \), written out in base ten"),
        )
    )
    place = n % 4 or 4
    steps = (
        f"The last digits of the powers of {base} repeat with period 4: {', '.join(map(str, cycle))}, and so on.",
        rf"Since \( {n} = {n // 4} \times 4 + {n % 4} \), the last digit is number {place} of them, which is {value}.",
    )
    return Link(setup, quantity, steps, value, lambda x: pow(base, x, 10))


@generator("counting digits", "Digits", "primary", low=12, high=999)
def _page_numbers(n: int, given: str, rng: Random) -> Link:
    setup, quantity = rng.choice(
        (
            (f"The pages of a book are numbered from 1 to {given}.", "the number of digits printed as page numbers"),
            (
                f"A sign painter paints the numbers from 1 to {given} on the doors of a hospital.",
                "the number of digits to be painted",
            ),
            ("", f"the number of digits needed to write down all whole numbers from 1 to {given}"),
        )
    )
    if n < 100:
        value = 9 + 2 * (n - 9)
        last = rf"The numbers from 10 to {n} have two digits each: \( 9 + 2 \times {n - 9} = {value} \)."
    else:
        value = 189 + 3 * (n - 99)
        last = (
            rf"The 90 numbers from 10 to 99 need \( 2 \times 90 = 180 \) digits and the {n - 99} numbers from 100 to "
            rf"{n} need three each: \( 9 + 180 + 3 \times {n - 99} = {value} \)."
        )
    steps = ("The numbers from 1 to 9 need 9 digits.", last)
    return Link(setup, quantity, steps, value, lambda x: sum(len(str(number)) for number in range(1, x + 1)))


@generator("odd and even numbers", "Whole number arithmetic", "primary", low=2, high=75)
def _first_odd_or_even(n: int, given: str, rng: Random) -> Link:
    odd = rng.random() < 0.5
    kind, first = ("odd", 1) if odd else ("even", 2)
    who = rng.choice(PEOPLE)
    setup, quantity = rng.choice(
        (
            ("", f"the sum of the first {given} {kind} numbers, beginning with {first}"),
            (
                f"{who} saves {first} coin{'' if odd else 's'} in the first week and in every week two coins more "
                "than in the week before.",
                f"the number of coins that {who} has saved after {given} weeks",
            ),
        )
    )
    value = n * n if odd else n * (n + 1)
    last = 2 * n - 1 if odd else 2 * n
    steps = (
        f"The {kind} numbers from {first} to {last} are to be added; there are {n} of them.",
        rf"They come in pairs with the mean \( \frac{{{first} + {last}}}{{2}} \), so the sum is \( {n} \times "
        rf"\frac{{{first} + {last}}}{{2}} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: sum(range(first, 2 * x + 1, 2)))


@generator("divisibility rules", DIVISIBILITY, "middle", low=10, high=9000)
def _what_must_be_added(n: int, given: str, rng: Random) -> Link:
    divisor = rng.choice((8, 9, 11))
    value = divisor - n % divisor
    setup, quantity = rng.choice(
        (
            ("", f"the smallest positive whole number that must be added to {given} to get a multiple of {divisor}"),
            (
                f"A post office has {given} parcels. They are to be loaded onto {divisor} vans, equally many on each, "
                "as soon as enough parcels have come; at least one more is expected.",
                "the smallest number of parcels that still have to come",
            ),
        )
    )
    digits = [int(digit) for digit in str(n)]
    if divisor == 9:
        found = sum(digits)
        rule = (
            rf"A number leaves the same remainder on division by 9 as its digit sum, here \( {total(digits)} = {found} "
            r"\)."
        )
    elif divisor == 8:
        found = n % 1000
        rule = f"For divisibility by 8 only the last three digits count, that is {found}."
    else:
        signs = "".join(f" {'-' if i % 2 else '+'} {digit}" for i, digit in enumerate(reversed(digits)))
        found = sum((-1) ** i * digit for i, digit in enumerate(reversed(digits)))
        rule = (
            "On division by 11 a number leaves the same remainder as the alternating sum of its digits, counted from "
            rf"the right: \( {signs.removeprefix(' + ')} = {found} \)."
        )
    steps = (
        f"{rule}",
        f"It leaves the remainder {n % divisor} on division by {divisor}."
        if found != n % divisor
        else f"So the remainder of {n} is {n % divisor}.",
        rf"The next multiple is \( {divisor} - {n % divisor} = {value} \) further on.",
    )
    return Link(setup, quantity, steps, value, lambda x: next(m for m in count(1) if (x + m) % divisor == 0))


@generator("multiples of a number", DIVISIBILITY, "primary", low=2, high=60)
def _first_multiples(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(3, 4 if n > 30 else 12)
    who = rng.choice(PEOPLE)
    setup, quantity = rng.choice(
        (
            ("", f"the sum of the first {given} positive multiples of {k}"),
            (
                f"{who} trains for a race, with {k} press-ups on the first day and {k} more on each day than on the "
                "day before.",
                f"the number of press-ups in the first {given} days together",
            ),
            (
                f"A tower is built of {given} layers. The top layer has {k} bricks, and each layer below has {k} "
                "bricks more than the one above.",
                "the number of bricks in the tower",
            ),
        )
    )
    half = n * (n + 1) // 2
    value = k * half
    steps = (
        rf"The multiples are \( {k} \times 1, {k} \times 2, \ldots, {k} \times {n} \), so {k} can be taken out as a "
        "factor.",
        rf"The numbers from 1 to {n} add up to \( \frac{{{n} \times {n + 1}}}{{2}} = {half} \).",
        rf"The sum is \( {k} \times {half} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: sum(range(k, k * x + 1, k)))


@generator("factors of a number", DIVISIBILITY, "primary", low=6, high=2000)
def _closest_factors(n: int, given: str, rng: Random) -> Link:
    k = rng.choice((2, 6, 12)) if n < 400 else 1
    number = k * n
    text = rf"\( {product(k, n, given)} \)" if k > 1 and not given.isdigit() else str(number) if k > 1 else given
    small = next(d for d in range(isqrt(number), 0, -1) if number % d == 0)
    large = number // small
    setup, quantity = rng.choice(
        (
            (
                f"The {text} stones of a mosaic form a rectangle without gaps, and its rows and columns are as nearly "
                "equal in number as possible.",
                "the number of rows and the number of columns added together",
            ),
            (
                f"The number {text} is written as a product of two positive whole numbers in every possible way.",
                "the smallest possible sum of the two factors",
            ),
        )
    )
    value = small + large
    steps = (
        rf"We look for the pair of factors of {number} that lie closest to each other, near \( \sqrt{{{number}}} \).",
        rf"This is \( {number} = {small} \times {large} \), and no whole number between the two divides {number}."
        if large > small + 1
        else rf"This is \( {number} = {small} \times {large} \).",
        rf"The sum is \( {small} + {large} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: min(d + k * x // d for d in divisors(k * x)))
