"""Fractions and percentages. Second computation: parts one by one, or exact fractions of the whole."""

from __future__ import annotations

from fractions import Fraction
from math import gcd
from random import Random

from teacher.chain import Link, generator, inside
from teacher.mathematics.terms import times, whole
from teacher.mathematics.wording import PEOPLE

PROPER = tuple((a, b) for b in (3, 4, 5, 6, 8) for a in range(1, b) if gcd(a, b) == 1)


def _frac(a: object, b: object) -> str:
    return rf"\frac{{{a}}}{{{b}}}"


def _share(total: int, a: int, b: int) -> str:
    """`84 \\div 4 \\times 3`, and without the product for a = 1."""
    return rf"{total} \div {b}" + (rf" \times {a}" if a > 1 else "")


@generator("fraction of a quantity", "Fractions", "primary", low=2, high=800)
def _fraction_of_groups(n: int, given: str, rng: Random) -> Link:
    a, b = rng.choice(PROPER)
    size = b * rng.randint(1, max(1, min(4, 24 // b, 1200 // (n * b))))
    who, part = rng.choice(PEOPLE), rf"\( {_frac(a, b)} \)"
    setup, quantity, thing = rng.choice(
        (
            (
                f"{who} picks {given} baskets with {size} apples each and sells {part} of the apples.",
                f"the number of apples that {who} sells",
                "apples",
            ),
            (
                f"A ferry makes {given} crossings with {size} passengers each, "
                f"and {part} of all the passengers are tourists.",
                "the number of passengers who are tourists",
                "passengers",
            ),
            (
                f"A bookshop has {given} shelves with {size} books on each, and {part} of the books are novels.",
                "the number of novels in the bookshop",
                "books",
            ),
        )
    )
    total, value = n * size, n * size * a // b
    steps = (
        rf"There are \( {n} \times {size} = {total} \) {thing} in all.",
        rf"\( {_frac(a, b)} \) of them is \( {_share(total, a, b)} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda m: m * whole(Fraction(a, b) * size))


@generator("fraction of a quantity", "Fractions", "primary", low=4, high=2000)
def _fraction_left(n: int, given: str, rng: Random) -> Link:
    a, b = rng.choice(PROPER)
    added = (-n - 2) % b + 2
    part = rf"\( {_frac(a, b)} \)"
    setup, quantity, verb = rng.choice(
        (
            (
                f"There are {given} litres of water in a tank. Another {added} litres are poured in, "
                f"and then {part} of the water is used.",
                "the number of litres left in the tank",
                "is used",
            ),
            (
                f"{rng.choice(PEOPLE)} saves {given} euros, earns another {added} euros "
                f"and then spends {part} of all this money on a bicycle.",
                "the number of euros that are left",
                "is spent",
            ),
            (
                f"A gym club of {given} members admits {added} new ones. Later {part} of all its members leave.",
                "the number of members who stay",
                "leave",
            ),
        )
    )
    total = n + added
    value = total - total * a // b
    steps = (
        rf"First there are \( {n} + {added} = {total} \).",
        rf"Of these, \( {_frac(a, b)} \) {verb}: \( {_share(total, a, b)} = {total * a // b} \).",
        rf"What remains is \( {total} - {total * a // b} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda m: whole((1 - Fraction(a, b)) * (m + added)))


@generator("adding fractions with unlike denominators", "Fractions", "middle", low=1, high=1500)
def _numerator_of_sum(n: int, given: str, rng: Random) -> Link:
    b, d = rng.choice(((4, 6), (3, 4), (6, 9), (3, 5), (2, 7), (8, 12), (5, 6), (4, 10), (9, 12)))
    c = rng.choice([c for c in range(1, d) if gcd(c, d) == 1])
    text = rf"\( {_frac(inside(given), b)} + {_frac(c, d)} \)"
    common = b * d // gcd(b, d)
    left, right = n * common // b, c * common // d
    top = left + right
    shared = gcd(top, common)
    value = (top + common) // shared
    setup = rng.choice((f"Add {text} and write the sum as one fraction in lowest terms.",
                        f"The sum {text} is written as a single fraction in lowest terms."))  # fmt: skip
    lowest = (
        "This is in lowest terms already"
        if shared == 1
        else rf"Dividing both by {shared} gives \( {_frac(top // shared, common // shared)} \)"
    )
    steps = (
        rf"The least common denominator of {b} and {d} is {common}.",
        rf"\( {_frac(n, b)} + {_frac(c, d)} = {_frac(left, common)} + {_frac(right, common)} "
        rf"= {_frac(top, common)} \).",
        rf"{lowest}, and \( {top // shared} + {common // shared} = {value} \).",
    )

    def check(m: int) -> int:
        total = Fraction(m, b) + Fraction(c, d)
        return total.numerator + total.denominator

    return Link(setup, "the sum of its numerator and its denominator", steps, value, check)


@generator("adding fractions with unlike denominators", "Fractions", "primary", low=2, high=500)
def _two_shares(n: int, given: str, rng: Random) -> Link:
    a, b, c, d = rng.choice(
        ((1, 3, 1, 4), (1, 2, 1, 3), (1, 2, 2, 5), (1, 4, 2, 3), (1, 6, 3, 4), (2, 5, 1, 3), (1, 4, 1, 6), (3, 8, 1, 3))
    )
    size = b * d // gcd(b, d)
    first, second = rf"\( {_frac(a, b)} \)", rf"\( {_frac(c, d)} \)"
    setup, quantity, thing = rng.choice(
        (
            (
                f"A school has {given} classes with {size} pupils each. "
                f"Of all the pupils, {first} come by bus, {second} come by bicycle, and the others walk.",
                "the number of pupils who come by bus or by bicycle",
                "pupils",
            ),
            (
                f"{rng.choice(PEOPLE)} has {given} sheets with {size} stamps each. "
                f"Of the stamps, {first} show birds, {second} show ships, and no stamp shows both.",
                "the number of stamps that show birds or ships",
                "stamps",
            ),
            (
                f"A farmer plants {given} rows of {size} trees. Of the trees, {first} bear apples, "
                f"{second} bear plums, and the rest are cherry trees.",
                "the number of apple and plum trees together",
                "trees",
            ),
        )
    )
    top = a * size // b + c * size // d
    steps = (
        rf"Together the two shares are \( {_frac(a, b)} + {_frac(c, d)} = {_frac(a * size // b, size)} "
        rf"+ {_frac(c * size // d, size)} = {_frac(top, size)} \) of all the {thing}.",
        rf"There are \( {n} \times {size} = {n * size} \) {thing} in all.",
        rf"\( {_frac(top, size)} \) of {n * size} is \( {n * size} \div {size} \times {top} = {n * top} \).",
    )
    return Link(setup, quantity, steps, n * top, lambda m: m * size * a // b + m * size * c // d)


@generator("percentage of a quantity", "Percentages", "middle", low=2, high=1000)
def _percent_of_groups(n: int, given: str, rng: Random) -> Link:
    size, percent = rng.choice(
        ((20, 15), (20, 35), (20, 45), (20, 5), (25, 12), (25, 8), (25, 24), (10, 30), (10, 40), (50, 6))
    )
    setup, quantity, thing = rng.choice(
        (
            (
                f"A concert hall has {given} rows of {size} seats, and {percent}% of the seats are taken.",
                "the number of seats that are taken",
                "seats",
            ),
            (
                f"A factory packs {given} cartons of {size} light bulbs. Of the bulbs, {percent}% are faulty.",
                "the number of faulty bulbs",
                "bulbs",
            ),
            (
                f"A survey reaches {given} villages and asks {size} people in each. "
                f"Of all the people asked, {percent}% keep a dog.",
                "the number of people asked who keep a dog",
                "people",
            ),
        )
    )
    total, value = n * size, n * size * percent // 100
    steps = (
        rf"In all there are \( {n} \times {size} = {total} \) {thing}.",
        rf"{percent}% of that is \( {_frac(percent, 100)} \times {total} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda m: m * whole(Fraction(size * percent, 100)))


@generator("percentage of a quantity", "Percentages", "middle", low=5, high=3000)
def _percent_after_some_more(n: int, given: str, rng: Random) -> Link:
    percent = rng.choice((10, 15, 20, 30, 35, 40, 45, 60, 65, 80))
    added = (-n - 2) % 20 + 2
    setup, quantity = rng.choice(
        (
            (
                f"At a meeting there are {given} residents and {added} guests, and {percent}% of them all vote yes.",
                "the number of people who vote yes",
            ),
            (
                f"A mixture is made of {given} grams of flour and {added} grams of bran. "
                f"Of the mixture, {percent}% is used for bread.",
                "the number of grams used for bread",
            ),
            (
                f"{rng.choice(PEOPLE)} has {given} photographs on a camera and {added} on a phone, "
                f"and prints {percent}% of them all.",
                "the number of photographs that are printed",
            ),
        )
    )
    total = n + added
    value = total * percent // 100
    steps = (
        rf"The whole is \( {n} + {added} = {total} \).",
        rf"{percent}% of it is \( {total} \times {_frac(percent, 100)} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda m: whole(Fraction(m + added, 100) * percent))


@generator("percentage increase and decrease", "Percentages", "middle", low=2, high=600)
def _rise(n: int, given: str, rng: Random) -> Link:
    percent = rng.choice((5, 10, 15, 20, 25, 30, 35, 40, 60))
    amount = times(20, n, given)
    setup, quantity = rng.choice(
        (
            (
                f"A rent of {amount} dollars a month goes up by {percent}%.",
                "the new rent in dollars a month",
            ),
            (
                f"A village has {amount} inhabitants. Within ten years their number grows by {percent}%.",
                "the number of inhabitants after the ten years",
            ),
            (
                f"A machine makes {amount} parts a day. After a repair it makes {percent}% more.",
                "the number of parts that it makes a day after the repair",
            ),
        )
    )
    old = 20 * n
    more = old * percent // 100
    steps = (
        rf"The increase is {percent}% of {old}: \( {old} \times {_frac(percent, 100)} = {more} \).",
        rf"The new number is \( {old} + {more} = {old + more} \).",
    )
    return Link(setup, quantity, steps, old + more, lambda m: whole(20 * m * Fraction(100 + percent, 100)))


@generator("percentage increase and decrease", "Percentages", "middle", low=4, high=2000)
def _fall(n: int, given: str, rng: Random) -> Link:
    percent = rng.choice((10, 15, 20, 25, 30, 35, 40, 45, 60))
    added = (-n - 2) % 20 + 2
    setup, quantity = rng.choice(
        (
            (
                f"A coat costs {given} dollars, and a matching scarf costs {added} dollars. "
                f"In the sale the price of both together is cut by {percent}%.",
                "the price of both in the sale, in dollars",
            ),
            (
                f"A theatre sells {given} tickets at the desk and {added} tickets by telephone for the first night. "
                f"For the second night it sells {percent}% fewer tickets in all.",
                "the number of tickets sold for the second night",
            ),
            (
                f"A reservoir with {given} thousand litres of water gains {added} thousand litres from rain "
                f"and then loses {percent}% of its water in a dry summer.",
                "the number of thousands of litres left",
            ),
        )
    )
    total = n + added
    less = total * percent // 100
    steps = (
        rf"Before the fall there are \( {n} + {added} = {total} \).",
        rf"The fall is \( {total} \times {_frac(percent, 100)} = {less} \).",
        rf"What is left is \( {total} - {less} = {total - less} \).",
    )
    return Link(setup, quantity, steps, total - less, lambda m: whole((m + added) * Fraction(100 - percent, 100)))


@generator("percentage increase and decrease", "Percentages", "middle", low=1, high=400)
def _up_and_down(n: int, given: str, rng: Random) -> Link:
    up, down = rng.choice(((20, 50), (25, 20), (50, 20), (40, 25), (60, 25), (10, 20), (30, 50), (80, 50)))
    base = next(k for k in (10, 20, 25, 50, 100) if k * up % 100 == 0 and k * (100 + up) * (100 - down) % 10000 == 0)
    thing = rng.choice(("The price of a painting", "The value of a share", "The price of a holiday"))
    setup = f"{thing} is {times(base, n, given)} dollars. It rises by {up}% and then falls by {down}%."
    first = base * n * (100 + up) // 100
    value = first * (100 - down) // 100
    steps = (
        rf"After the rise it is \( {base * n} \times {_frac(100 + up, 100)} = {first} \) dollars.",
        rf"After the fall it is \( {first} \times {_frac(100 - down, 100)} = {value} \) dollars.",
    )
    ratio = (1 + Fraction(up, 100)) * (1 - Fraction(down, 100))
    return Link(setup, "the amount in dollars after both changes", steps, value, lambda m: whole(ratio * base * m))
