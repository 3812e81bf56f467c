"""Whole number arithmetic. Second computation: repeated addition, quarter squares, long division digit by digit."""

from __future__ import annotations

from random import Random

from teacher.chain import Link, generator, inside
from teacher.mathematics.wording import PEOPLE, factor

TOPIC = "Whole number arithmetic"


def quarter_squares(a: int, b: int) -> int:
    """a b, as a quarter of the difference of two squares."""
    return ((a + b) ** 2 - (a - b) ** 2) // 4


def long_division(n: int, divisor: int) -> tuple[int, int]:
    """Quotient and remainder of n >= 0, digit by digit as on paper."""
    quotient = rest = 0
    for digit in str(n):
        rest = rest * 10 + int(digit)
        fits = 0
        while rest >= divisor:
            rest -= divisor
            fits += 1
        quotient = quotient * 10 + fits
    return quotient, rest


@generator("order of operations", TOPIC, "primary", low=1, high=2000)
def _one_product(n: int, given: str, rng: Random) -> Link:
    b, c = rng.randint(3, 12), rng.randint(3, 12)
    d = rng.randint(2, b * c - 1)
    text = rf"\( {inside(given)} + {b} \times {c} - {d} \)"
    quantity = rng.choice(
        (
            f"the value of {text}",
            f"the result that a calculator shows for {text} if it keeps to the order of operations",
            f"the result of {text}, where multiplication is done before addition and subtraction",
        )
    )
    value = n + b * c - d
    steps = (
        rf"Multiplication comes before addition and subtraction: \( {b} \times {c} = {b * c} \).",
        rf"Then go from left to right: \( {n} + {b * c} - {d} = {n + b * c} - {d} = {value} \).",
    )
    return Link("", quantity, steps, value, lambda m: m - d + sum([b] * c))


@generator("order of operations", TOPIC, "primary", low=1, high=600)
def _brackets_first(n: int, given: str, rng: Random) -> Link:
    b, c = rng.randint(3, 15), factor(rng, n, high=7)
    d, e = rng.randint(2, 4), rng.randint(2, max(2, b * c // 4))
    text = rf"\( {c} \times ({inside(given)} + {b}) - {d} \times {e} \)"
    quantity = rng.choice((f"the value of {text}", f"the result of {text}"))
    value = c * (n + b) - d * e
    steps = (
        rf"Work out the brackets first: \( {n} + {b} = {n + b} \).",
        rf"Next the products: \( {c} \times {n + b} = {c * (n + b)} \) and \( {d} \times {e} = {d * e} \).",
        rf"Subtract last: \( {c * (n + b)} - {d * e} = {value} \).",
    )
    return Link("", quantity, steps, value, lambda m: c * m + c * b - sum([d] * e))


@generator("multi-step word problems", TOPIC, "primary", low=2, high=2000)
def _buys_and_gives(n: int, given: str, rng: Random) -> Link:
    who = rng.choice(PEOPLE)
    p, q = rng.randint(2, 9), rng.randint(4, 20)
    r = rng.randint(2, p * q - 2)
    setup, quantity = rng.choice(
        (
            (
                f"{who} has {given} stickers, buys {p} packs of {q} stickers each and gives {r} stickers to a friend.",
                f"the number of stickers that {who} has in the end",
            ),
            (
                f"A school library owns {given} books. It is given {p} boxes with {q} books each, "
                f"and {r} worn-out books are thrown away.",
                "the number of books that the library owns afterwards",
            ),
            (
                f"There are {given} passengers on a ship. In the next port {p} buses bring {q} new passengers each, "
                f"and {r} passengers leave.",
                "the number of passengers on board when the ship sails on",
            ),
            (
                f"There are {given} litres in a water tank. {who} pours in {p} cans of {q} litres each "
                f"and then takes out {r} litres.",
                "the number of litres in the tank after that",
            ),
        )
    )
    value = n + p * q - r
    steps = (
        rf"What is added comes to \( {p} \times {q} = {p * q} \).",
        rf"Now there are \( {n} + {p * q} = {n + p * q} \).",
        rf"Taking away {r} leaves \( {n + p * q} - {r} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda m: m + (quarter_squares(p, q) - r))


@generator("multi-step word problems", TOPIC, "primary", low=2, high=400)
def _three_parts(n: int, given: str, rng: Random) -> Link:
    who, k, more = rng.choice(PEOPLE), rng.randint(2, 4), rng.randint(3, 30)
    multiple = {2: "twice", 3: "three times", 4: "four times"}[k]
    setup, quantity, parts = rng.choice(
        (
            (
                f"{who} reads {given} pages of a novel on Friday, {more} pages more than that on Saturday "
                f"and {multiple} as many pages on Sunday as on Friday.",
                f"the number of pages that {who} reads in the three days",
                ("On Saturday", "On Sunday", "pages"),
            ),
            (
                f"On the first day of a fair {given} visitors come. On the second day there are {more} visitors more, "
                f"and on the third day {multiple} as many as on the first.",
                "the number of visitors in all three days",
                ("On the second day", "On the third day", "visitors"),
            ),
            (
                f"The first hall of a museum shows {given} paintings, the second hall {more} more than the first, "
                f"and the third hall {multiple} as many as the first.",
                "the number of paintings in the three halls together",
                ("In the second hall", "In the third hall", "paintings"),
            ),
        )
    )
    value = n + (n + more) + k * n
    steps = (
        rf"{parts[0]} there are \( {n} + {more} = {n + more} \) {parts[2]}.",
        rf"{parts[1]} there are \( {k} \times {n} = {k * n} \) {parts[2]}.",
        rf"Together this is \( {n} + {n + more} + {k * n} = {value} \) {parts[2]}.",
    )
    return Link(setup, quantity, steps, value, lambda m: quarter_squares(k + 2, m) + more)


_GROUPS = (
    ("A baker fills {x} trays with {y} rolls each.", "the number of rolls on all the trays"),
    ("A cinema has {x} rows of {y} seats.", "the number of seats in the cinema"),
    ("{who} packs {x} boxes with {y} pencils each.", "the number of pencils in the boxes"),
    ("A gardener plants {x} rows of {y} tulips.", "the number of tulips that the gardener plants"),
    ("{who} strings {x} necklaces, and each needs {y} beads.", "the number of beads that {who} needs"),
    ("A printing shop makes {x} booklets of {y} pages each.", "the number of pages in all the booklets"),
    ("A school hires {x} minibuses, and {y} pupils sit in each of them.", "the number of pupils in the minibuses"),
)


@generator("equal groups and multiplication", TOPIC, "primary", low=2, high=1000)
def _equal_groups(n: int, given: str, rng: Random) -> Link:
    k = factor(rng, n)
    setup, quantity = rng.choice(_GROUPS)
    who = rng.choice(PEOPLE)
    if n <= 40 and rng.random() < 0.5:
        setup, groups, size = setup.format(who=who, x=k, y=given), k, n
    else:
        setup, groups, size = setup.format(who=who, x=given, y=k), n, k
    steps = (
        f"There are {groups} equal groups of {size}, so multiply the number of groups by the size of a group.",
        rf"\( {groups} \times {size} = {groups * size} \).",
    )
    return Link(setup, quantity.format(who=who), steps, n * k, lambda m: quarter_squares(m, k))


@generator("equal groups and multiplication", TOPIC, "primary", low=2, high=600)
def _groups_of_two_sizes(n: int, given: str, rng: Random) -> Link:
    k, p, q = factor(rng, n, high=9), rng.randint(3, 9), rng.randint(10, 14)
    setup, quantity, thing = rng.choice(
        (
            (
                f"In a bakery there are {given} bags with {k} buns each and {p} trays with {q} buns each.",
                "the number of buns in the bakery",
                "buns",
            ),
            (
                f"A restaurant has {given} tables for {k} guests and {p} tables for {q} guests.",
                "the number of guests that the restaurant can seat",
                "guests",
            ),
            (
                f"A stadium block has {given} rows of {k} seats, and behind them there are {p} rows of {q} seats.",
                "the number of seats in the block",
                "seats",
            ),
        )
    )
    value = n * k + p * q
    steps = (
        rf"The first groups hold \( {n} \times {k} = {n * k} \) {thing}.",
        rf"The other groups hold \( {p} \times {q} = {p * q} \) {thing}.",
        rf"Together that is \( {n * k} + {p * q} = {value} \) {thing}.",
    )
    return Link(setup, quantity, steps, value, lambda m: quarter_squares(m, k) + sum([q] * p))


_PACKING = (
    ("A farm packs {x} eggs into boxes of {k}.", "boxes", "eggs"),
    ("{who} sorts {x} stamps into an album with {k} stamps on a page.", "pages", "stamps"),
    ("The {x} chairs of a concert hall are set up in rows of {k}.", "rows", "chairs"),
    ("{who} puts {x} marbles into bags of {k}.", "bags", "marbles"),
)


@generator("division with remainder", TOPIC, "primary", low=20, high=5000)
def _full_and_left(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(3, 12)
    setup, groups, things = rng.choice(_PACKING)
    full, left = divmod(n, k)
    setup = setup.format(who=rng.choice(PEOPLE), x=given, k=k)
    division = rf"Divide with remainder: \( {n} = {full} \times {k} + {left} \)."
    if rng.random() < 0.5:
        steps = (division, rf"So {full} {groups} are full; the remainder is only {left}.")
        return Link(setup, f"the number of full {groups}", steps, full, lambda m: long_division(m, k)[0])
    if left == 0:
        last = f"Nothing is left over, so exactly {full} {groups} are needed."
    else:
        last = rf"With a remainder of {left}, one more is needed: \( {full} + 1 = {full + 1} \)."
    quantity = f"the smallest number of {groups} that is enough for all the {things}"
    return Link(setup, quantity, (division, last), -(-n // k), lambda m: len(range(0, m, k)))


@generator("division with remainder", TOPIC, "primary", low=20, high=5000)
def _quotient_and_remainder(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(7, 19)
    quotient, rest = divmod(n, k)
    setup = rng.choice(
        (
            f"Divide {given} by {k} with remainder.",
            f"{rng.choice(PEOPLE)} divides {given} by {k} with remainder.",
        )
    )
    steps = (
        rf"\( {n} = {quotient} \times {k} + {rest} \), so the quotient is {quotient} and the remainder is {rest}.",
        rf"Their sum is \( {quotient} + {rest} = {quotient + rest} \).",
    )
    quantity = "the sum of the quotient and the remainder"
    return Link(setup, quantity, steps, quotient + rest, lambda m: sum(long_division(m, k)))
