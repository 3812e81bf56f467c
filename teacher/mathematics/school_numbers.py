"""Signed numbers, decimals, parts of a whole, coins and bills. Second computation: another way of counting."""

from __future__ import annotations

from fractions import Fraction
from itertools import accumulate
from random import Random

from teacher.chain import Link, generator, inside
from teacher.mathematics.exact import whole
from teacher.mathematics.terms import times
from teacher.mathematics.wording import PEOPLE, factor


@generator("adding and subtracting integers", "Integers and signed numbers", "middle", low=6, high=900)
def _up_and_down(n: int, given: str, rng: Random) -> Link:
    below, down = rng.randint(2, 15), rng.randint(2, 9)
    up = below + down
    setup, quantity = rng.choice(
        (
            ("", rf"the value of \( -{below} + {inside(given)} - (-{up}) - {down} \)"),
            (
                f"A submarine is {below} metres below a reef. It rises {given} metres, then {up} metres more, and "
                f"sinks by {down} metres.",
                "its height above the reef in metres, counted negative below it",
            ),
            (
                f"A purse is in debt by {below} dollars. It is given {given} dollars and later {up} dollars, and then "
                f"{down} dollars are paid out of it.",
                "the number of dollars in the purse at the end",
            ),
        )
    )
    value = n - below + up - down
    steps = (
        rf"Start at \( -{below} \) and go up by {n}: \( -{below} + {n} = {n - below} \).",
        rf"Going up by {up} and down by {down} leads to \( {n - below} + {up} - {down} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: list(accumulate((-below, x, up, -down)))[-1])


@generator("multiplying and dividing integers", "Integers and signed numbers", "middle", low=2, high=400)
def _two_signs(n: int, given: str, rng: Random) -> Link:
    k, c = factor(rng, n, most=900, high=9), rng.randint(2, 15)
    setup, quantity = rng.choice(
        (
            ("", rf"the value of \( (-{k}) \times (-{inside(given)}) + (-{c}) \times (-2) \)"),
            (
                f"A game takes away {k} points for every mistake. The judges find that {given} of the mistakes "
                f"counted were none and cancel them. They also cancel two fines of {c} points.",
                "the number of points by which the score rises",
            ),
        )
    )
    value = k * n + 2 * c
    steps = (
        rf"Minus times minus is plus: \( (-{k}) \times (-{n}) = {k * n} \) and \( (-{c}) \times (-2) = {2 * c} \).",
        rf"Together this is \( {k * n} + {2 * c} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: -sum([-x] * k) - sum([-c] * 2))


@generator("consecutive integers", "Whole number arithmetic", "middle", low=2, high=900)
def _in_a_row(n: int, given: str, rng: Random) -> Link:
    many = rng.choice((3, 5, 7))
    word = {3: "three", 5: "five", 7: "seven"}[many]
    middle = n + many // 2
    who = rng.choice(PEOPLE)
    setup, quantity = rng.choice(
        (
            (f"The smallest of {word} consecutive integers is {given}.", "the sum of these integers"),
            (
                f"{who} tears {word} numbers in a row from a roll of cloakroom tickets. The first one is {given}.",
                f"the sum of the numbers on the tickets that {who} holds",
            ),
        )
    )
    value = many * middle
    steps = (
        rf"The middle one of the numbers is \( {n} + {many // 2} = {middle} \).",
        rf"The others lie evenly on both sides of it, so the sum is \( {many} \times {middle} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: sum(range(x, x + many)))


@generator("scientific notation", "Decimals", "middle", low=2, high=400)
def _powers_of_ten(n: int, given: str, rng: Random) -> Link:
    a, p, q = factor(rng, n, most=900, high=9), rng.randint(3, 9), rng.randint(3, 9)
    body = rng.choice(("cells", "grains of sand", "water drops"))
    setup, quantity = rng.choice(
        (
            (
                "",
                rf"the number \( k \) for which \( ({inside(given)} \times 10^{{{p}}}) \times ({a} \times 10^{{{q}}}) "
                rf"= k \times 10^{{{p + q}}} \)",
            ),
            (
                rf"A sample holds \( {inside(given)} \times 10^{{{p}}} \) {body}, and there are \( {a} \times "
                rf"10^{{{q}}} \) such samples.",
                rf"the number \( k \) for which there are \( k \times 10^{{{p + q}}} \) {body} in all",
            ),
        )
    )
    value = a * n
    steps = (
        rf"Multiply the powers of ten by adding the exponents: \( {p} + {q} = {p + q} \).",
        rf"The factors before them give \( {n} \times {a} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: x * 10**p * a * 10**q // 10 ** (p + q))


@generator("mixed numbers and improper fractions", "Fractions", "primary", low=2, high=300)
def _as_an_improper_fraction(n: int, given: str, rng: Random) -> Link:
    q = rng.choice((3, 4, 5, 6, 7, 8) if n < 120 else (3, 4, 5))
    p = rng.randint(1, q - 1)
    word = {3: "thirds", 4: "quarters", 5: "fifths", 6: "sixths", 7: "sevenths", 8: "eighths"}[q]
    setup, quantity = rng.choice(
        (
            (
                rf"The sum \( {inside(given)} + \frac{{{p}}}{{{q}}} \) is written as one fraction with the denominator "
                f"{q}.",
                "the numerator of this fraction",
            ),
            (
                rf"A baker has {given} whole cakes and \( \frac{{{p}}}{{{q}}} \) of another cake, and cuts all the "
                f"whole cakes into {word}.",
                f"the number of {word} that there are then",
            ),
        )
    )
    value = q * n + p
    steps = (
        rf"Each whole has {q} {word}, so {n} wholes have \( {n} \times {q} = {q * n} \).",
        rf"With {p} more there are \( {q * n} + {p} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: whole((x + Fraction(p, q)) * q))


@generator("finding the whole from a part", "Fractions", "middle", low=2, high=500)
def _from_part_to_whole(n: int, given: str, rng: Random) -> Link:
    p, q = rng.choice(((2, 3), (3, 4), (2, 5), (3, 5), (4, 5), (2, 7), (3, 7), (5, 6)))
    part = times(p, n, given)
    who = rng.choice(PEOPLE)
    setup, quantity = rng.choice(
        (
            (
                rf"{who} has read {part} pages, which is \( \frac{{{p}}}{{{q}}} \) of a book.",
                "the number of pages of the book",
            ),
            (
                rf"A tank is filled to \( \frac{{{p}}}{{{q}}} \) and holds {part} litres now.",
                "the number of litres in the full tank",
            ),
            (
                rf"Of the seats in a theatre, \( \frac{{{p}}}{{{q}}} \) are taken; these are {part} seats.",
                "the number of seats in the theatre",
            ),
        )
    )
    value = q * n
    steps = (
        rf"{p} of {q} equal parts make {p * n}, so one part is \( {p * n} \div {p} = {n} \).",
        rf"The whole has {q} parts: \( {q} \times {n} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: whole(p * x / Fraction(p, q)))


@generator("coins and bills", "Money and finance", "primary", low=2, high=300)
def _purse(n: int, given: str, rng: Random) -> Link:
    bill, other, many = rng.choice((5, 10)), rng.choice((2, 20)), rng.randint(3, 20)
    who = rng.choice(PEOPLE)
    setup, quantity = rng.choice(
        (
            (
                f"A cash box holds {given} bills of {bill} dollars and {many} bills of {other} dollars.",
                "the number of dollars in the cash box",
            ),
            (
                f"{who} empties a money box and finds {given} coins of {bill} cents and {many} coins of {other} cents.",
                f"the number of cents that {who} finds",
            ),
        )
    )
    value = bill * n + other * many
    steps = (
        rf"The first kind is worth \( {n} \times {bill} = {bill * n} \), the second \( {many} \times {other} = "
        rf"{other * many} \).",
        rf"Together that is \( {bill * n} + {other * many} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: sum([bill] * x) + sum([other] * many))


@generator("making change", "Money and finance", "primary", low=2, high=300)
def _change(n: int, given: str, rng: Random) -> Link:
    many = rng.randint(2, 6 if n < 100 else 3)
    cost = many * n
    note = rng.choice((50, 100))
    notes = cost // note + rng.randint(1, 2)
    paid = notes * note
    who = rng.choice(PEOPLE)
    goods = rng.choice(("chairs", "shirts", "tickets", "rose bushes"))
    bills = f"one bill of {note} dollars" if notes == 1 else f"{notes} bills of {note} dollars"
    setup = rng.choice(
        (
            f"{who} buys {many} {goods} for {given} dollars each and pays with {bills}.",
            f"In a shop {goods} cost {given} dollars apiece. {who} takes {many} of them and hands over {bills}.",
        )
    )
    value = paid - cost
    if value == 0:
        notes += 1
        paid += note
        value = note
        setup = f"{who} buys {many} {goods} for {given} dollars each and pays with {notes} bills of {note} dollars."
    steps = (
        rf"The price is \( {many} \times {n} = {cost} \) dollars, and {paid} dollars are paid.",
        rf"The change is \( {paid} - {cost} = {value} \) dollars.",
    )

    def check(x: int) -> int:
        """Item by item from what is paid."""
        left = paid
        for _ in range(many):
            left -= x
        if left < 0:
            raise ArithmeticError("too little money")
        return left

    return Link(setup, "the change in dollars", steps, value, check)
