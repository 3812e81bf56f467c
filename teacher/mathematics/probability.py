"""Probability. Questions ask for a whole number that fixes the probability. Second computation: counting outcomes."""

from __future__ import annotations

from fractions import Fraction
from random import Random

from teacher.chain import Link, generator
from teacher.mathematics.exact import whole
from teacher.mathematics.wording import PEOPLE

_LOWEST = r"written as a fraction \( \frac{p}{q} \) in lowest terms"


def _over(fraction: Fraction) -> str:
    return rf"\frac{{{fraction.numerator}}}{{{fraction.denominator}}}"


@generator("classical probability", "Probability", "high", low=2, high=900)
def _drawn_from_a_bag(n: int, given: str, rng: Random) -> Link:
    red = rng.choice((3, 5, 7, 11, 13, 17))
    who = rng.choice(PEOPLE)
    setup, event = rng.choice(
        (
            (
                f"A bag holds {red} red and {given} blue marbles. {who} draws one of them at random.",
                "the probability of a red marble",
            ),
            (
                f"In a raffle there are {given} blanks and {red} winning tickets. {who} buys a single ticket.",
                f"the probability that {who} wins",
            ),
        )
    )
    odds = Fraction(red, red + n)
    value = odds.numerator + odds.denominator
    reduced = "already in lowest terms" if odds.numerator == red else rf"in lowest terms \( {_over(odds)} \)"
    steps = (
        rf"All \( {red} + {n} = {red + n} \) draws are equally likely and {red} of them are favourable, so the "
        rf"probability is \( \frac{{{red}}}{{{red + n}}} \), {reduced}.",
        rf"So \( p + q = {odds.numerator} + {odds.denominator} = {value} \).",
    )

    def check(x: int) -> int:
        """Tickets are numbered; the reduced denominator is found by trying all."""
        q = next(q for q in range(1, x + red + 1) if red * q % (x + red) == 0)
        return red * q // (x + red) + q

    return Link(setup, rf"\( p + q \), if {event} is {_LOWEST}", steps, value, check)


@generator("classical probability", "Probability", "high", low=2, high=400)
def _favourable_outcomes(n: int, given: str, rng: Random) -> Link:
    one_in = rng.randint(2, max(2, min(8, 800 // n)))
    setup, quantity = rng.choice(
        (
            (
                f"A box holds lamps, {given} of which are broken. A lamp taken at random is broken with probability "
                rf"\( \frac{{1}}{{{one_in}}} \).",
                "the number of lamps in the box",
            ),
            (
                f"A wheel of fortune has equal sectors. Exactly {given} of them win, and the probability of winning "
                rf"is \( \frac{{1}}{{{one_in}}} \).",
                "the number of all sectors",
            ),
        )
    )
    value = n * one_in
    steps = (
        "All outcomes are equally likely, so the probability is the number of favourable outcomes divided by the "
        "number of all.",
        rf"From \( \frac{{{n}}}{{x}} = \frac{{1}}{{{one_in}}} \) follows \( x = {n} \times {one_in} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: whole(Fraction(x) / Fraction(1, one_in)))


@generator("expected value", "Probability", "high", low=2, high=300)
def _expected_gain(n: int, given: str, rng: Random) -> Link:
    who = rng.choice(PEOPLE)
    tries, chance, what = rng.choice(
        (
            (rng.choice((4, 6, 8)), 2, "tosses a fair coin {} times and gets {} points for every head"),
            (rng.choice((6, 12, 18)), 6, "rolls a fair die {} times and gets {} points for every six"),
            (rng.choice((6, 9, 12)), 3, "rolls a fair die {} times and gets {} points for every roll above four"),
        )
    )
    setup = f"{who} {what.format(tries, given)}."
    hits = tries // chance
    value = hits * n
    steps = (
        rf"The expected number of successes is \( {tries} \times \frac{{1}}{{{chance}}} = {hits} \).",
        rf"Expected values may be added and multiplied by a number, so the expected total is \( {hits} \times {n} = "
        rf"{value} \).",
    )

    def check(x: int) -> int:
        """The mean over all equally likely outcomes, counted try by try: ways[h] outcomes have h successes."""
        ways = [1]
        for _ in range(tries):
            ways = [a * (chance - 1) + b for a, b in zip([*ways, 0], [0, *ways], strict=True)]
        return whole(Fraction(x * sum(h * count for h, count in enumerate(ways)), chance**tries))

    return Link(setup, f"the expected number of points that {who} gets", steps, value, check)


@generator("expected value", "Probability", "high", low=2, high=900)
def _expected_prize(n: int, given: str, rng: Random) -> Link:
    sides = rng.choice((4, 6, 8, 12))
    step = 2 * rng.randint(1, 5)
    rise = step * (sides + 1) // 2
    setup = (
        f"A fair die with {sides} faces, numbered from 1 to {sides}, is rolled once. The prize is {given} points and "
        f"{step} more points for each unit of the number rolled."
    )
    value = n + rise
    steps = (
        rf"The mean of the numbers from 1 to {sides} is \( \frac{{{sides + 1}}}{{2}} \).",
        rf"The expected prize is \( {n} + {step} \times \frac{{{sides + 1}}}{{2}} = {n} + {rise} = {value} \).",
    )
    return Link(
        setup,
        "the expected value of the prize in points",
        steps,
        value,
        lambda x: whole(Fraction(sum(x + step * face for face in range(1, sides + 1)), sides)),
    )


@generator("independent events", "Probability", "high", low=2, high=300)
def _both_happen(n: int, given: str, rng: Random) -> Link:
    other, act, event = rng.choice(
        (
            (2, "a fair coin is tossed", "the coin shows heads"),
            (6, "a fair die is rolled", "the die shows a six"),
            (4, "a card is drawn from a full deck", "the card is a heart"),
            (3, "a fair die is rolled", "the die shows a number above four"),
        )
    )
    setup = f"A wheel with {given} equal sectors, just one of which is golden, is spun once, and then {act}."
    value = n * other
    steps = (
        rf"The golden sector comes up with probability \( \frac{{1}}{{{n}}} \), and {event} with probability \( "
        rf"\frac{{1}}{{{other}}} \).",
        rf"The events are independent, so the probabilities are multiplied: \( \frac{{1}}{{{n}}} \times "
        rf"\frac{{1}}{{{other}}} = \frac{{1}}{{{value}}} \), hence \( k = {value} \).",
    )
    quantity = (
        r"the number \( k \) for which \( \frac{1}{k} \) is the probability that the wheel stops at the golden "
        f"sector and {event}"
    )
    return Link(setup, quantity, steps, value, lambda x: sum(x for _ in range(other)))


@generator("independent events", "Probability", "high", low=2, high=400)
def _neither_fails(n: int, given: str, rng: Random) -> Link:
    m = rng.choice((2, 3, 5))
    one, two = rng.sample(("the pump", "the lamp", "the printer", "the sensor", "the fan"), 2)
    setup = (
        f"On any day {one} fails with probability 1 in {given}, and independently of it {two} fails with probability "
        f"1 in {m}."
    )
    odds = Fraction(n - 1, n) * Fraction(m - 1, m)
    value = odds.numerator + odds.denominator
    plain = rf"\frac{{{n - 1}}}{{{n}}} \times \frac{{{m - 1}}}{{{m}}} = \frac{{{(n - 1) * (m - 1)}}}{{{n * m}}}"
    reduced = "" if odds.denominator == n * m else f" = {_over(odds)}"
    steps = (
        rf"They work with the probabilities \( 1 - \frac{{1}}{{{n}}} = \frac{{{n - 1}}}{{{n}}} \) and \( 1 - "
        rf"\frac{{1}}{{{m}}} = \frac{{{m - 1}}}{{{m}}} \).",
        rf"Both work with probability \( {plain}{reduced} \), so \( p + q = {odds.numerator} + {odds.denominator} = "
        rf"{value} \).",
    )

    def check(x: int) -> int:
        """Of x * m equally likely cases, those in which neither the first nor the second is the failing one."""
        good = x * m - x - m + 1
        share = Fraction(good, x * m)
        return share.numerator + share.denominator

    quantity = rf"\( p + q \), if the probability that both work on a given day is {_LOWEST}"
    return Link(setup, quantity, steps, value, check)
