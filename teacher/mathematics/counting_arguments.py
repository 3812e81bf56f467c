"""Inclusion-exclusion, the pigeonhole principle, stars and bars, and sets. Second computation: building the sets."""

from __future__ import annotations

from random import Random

from teacher.chain import Link, generator, inside
from teacher.mathematics.wording import PEOPLE


@generator("inclusion-exclusion principle", "Counting principles", "middle", low=3, high=900)
def _at_least_one_of_two(n: int, given: str, rng: Random) -> Link:
    other = rng.randint(4, 60)
    both = rng.randint(1, min(n, other) - 1)
    setup, quantity = rng.choice(
        (
            (
                f"In a school, {given} pupils play an instrument and {other} pupils sing in the choir; {both} of them "
                "do both.",
                "the number of pupils who play an instrument or sing in the choir",
            ),
            (
                f"A survey finds {given} households with a cat, {other} with a dog, and {both} with a cat as well as "
                "a dog.",
                "the number of households with a cat or a dog",
            ),
            (
                f"Of the visitors of a library, {given} borrowed a novel, {other} borrowed a film, and {both} "
                "borrowed both.",
                "the number of visitors who borrowed a novel or a film",
            ),
        )
    )
    value = n + other - both
    steps = (
        rf"Adding both groups, \( {n} + {other} = {n + other} \), counts the {both} in the overlap twice.",
        rf"So it is subtracted once: \( {n + other} - {both} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: len(set(range(x)) | set(range(x - both, x - both + other))))


@generator("inclusion-exclusion principle", "Counting principles", "high", low=12, high=900)
def _neither_of_two(n: int, given: str, rng: Random) -> Link:
    first = rng.randint(3, max(3, n // 2 - 1))
    second = rng.randint(3, max(3, n // 2 - 1))
    both = rng.randint(1, min(first, second))
    sport, hobby = rng.sample(("swimming", "painting", "chess", "climbing", "dancing"), 2)
    setup = (
        f"In a holiday camp there are {given} children. Of these, {first} go to {sport}, {second} go to {hobby}, and "
        f"{both} of them go to {sport} and to {hobby}."
    )
    either = first + second - both
    value = n - either
    steps = (
        rf"At least one of the two is done by \( {first} + {second} - {both} = {either} \) children, since those who "
        "do both were counted twice.",
        rf"The others are \( {n} - {either} = {value} \).",
    )
    return Link(
        setup,
        f"the number of children who go neither to {sport} nor to {hobby}",
        steps,
        value,
        lambda x: len(set(range(x)) - set(range(first)) - set(range(first - both, first - both + second))),
    )


@generator("pigeonhole principle", "Counting principles", "competition", low=2, high=300)
def _guaranteed_repeat(n: int, given: str, rng: Random) -> Link:
    times = rng.randint(2, max(3, min(8, 600 // n)))
    who = rng.choice(PEOPLE)
    setup, quantity = rng.choice(
        (
            (
                f"A large box holds beads in {given} colours, a great many of each. {who} takes beads out without "
                "looking.",
                f"the least number of beads that {who} must take to be sure of {times} beads of the same colour",
            ),
            (
                f"Letters are sorted into {given} pigeonholes.",
                f"the least number of letters for which some pigeonhole surely gets at least {times} letters",
            ),
            (
                f"Every visitor of a fair draws one of {given} different stickers, and there are plenty of each.",
                f"the least number of visitors among whom {times} surely have the same sticker",
            ),
        )
    )
    value = n * (times - 1) + 1
    often = "once" if times == 2 else f"{times - 1} times"
    steps = (
        f"In the worst case each of the {n} kinds has come up only {often}, "
        rf"that is \( {n} \times {times - 1} = {n * (times - 1)} \) items, and the aim is still not reached.",
        rf"One more makes it certain by the pigeonhole principle: \( {n * (times - 1)} + 1 = {value} \).",
    )
    # The smallest m whose fullest hole, ceil(m / x), reaches the aim; ceil by floor of the negative.
    return Link(
        setup,
        quantity,
        steps,
        value,
        lambda x: min(m for m in range(x * times, x * (times - 2), -1) if -(-m // x) >= times),
    )


@generator("stars and bars", "Counting principles", "competition", low=4, high=90)
def _shares_for_three(n: int, given: str, rng: Random) -> Link:
    one, two, three = rng.sample(PEOPLE, 3)
    setup, quantity = rng.choice(
        (
            (
                f"Equal stickers, {given} in number, are shared out among {one}, {two} and {three}. Somebody may get "
                "none.",
                "the number of ways to share them out",
            ),
            (
                rf"The equation \( x + y + z = {inside(given)} \) is to be solved in whole numbers that are not "
                "negative.",
                r"the number of solutions \( (x, y, z) \)",
            ),
        )
    )
    value = (n + 2) * (n + 1) // 2
    steps = (
        rf"Write {n} stars in a row and cut it into three parts with 2 bars: there are \( {n} + 2 = {n + 2} \) places, "
        "2 of them for bars.",
        rf"So the number is \( \binom{{{n + 2}}}{{2}} = \frac{{{n + 2} \times {n + 1}}}{{2}} = {value} \).",
    )
    # If the first part is a, the second is any of 0..x-a, and the third is what remains.
    return Link(setup, quantity, steps, value, lambda x: sum(x - a + 1 for a in range(x + 1)))


@generator("stars and bars", "Counting principles", "competition", low=5, high=90)
def _nobody_goes_without(n: int, given: str, rng: Random) -> Link:
    gift = rng.choice(("coins", "marbles", "tulip bulbs"))
    who = rng.choice(PEOPLE)
    setup = f"{who} puts {given} equal {gift} into a red, a blue and a green bag, at least one into each bag."
    value = (n - 1) * (n - 2) // 2
    steps = (
        rf"Lay the {n} {gift} in a row. Two of the \( {n} - 1 = {n - 1} \) gaps get a bar, which makes three parts, "
        "none empty.",
        rf"So there are \( \binom{{{n - 1}}}{{2}} = \frac{{{n - 1} \times {n - 2}}}{{2}} = {value} \) ways.",
    )
    return Link(
        setup, "the number of ways to do so", steps, value, lambda x: sum(x - red - 1 for red in range(1, x - 1))
    )


@generator("set operations", "Sets and logic", "high", low=5, high=900)
def _overlap_of_sets(n: int, given: str, rng: Random) -> Link:
    start = rng.randint(2, n - 1)
    common = n - start + 1
    many = common + rng.randint(1, 40)
    setup = (
        rf"Let \( S \) be the set of all whole numbers from 1 to {given}, and let \( T \) be the set of the {many} "
        f"successive whole numbers that begin with {start}."
    )
    counted = (
        rf"The set \( S \) has {n} elements and \( T \) has {many}. Both contain the numbers from {start} to {n}, "
        rf"which are \( {n} - {start} + 1 = {common} \)."
    )
    if rng.random() < 0.5:
        last = f"So the intersection of the two sets has {common} elements."
        return Link(
            setup,
            r"the number of elements of \( S \cap T \)",
            (counted, last),
            common,
            lambda x: len(set(range(1, x + 1)) & set(range(start, start + many))),
        )
    value = n + many - 2 * common
    last = (
        rf"The common elements are to be left out of both sets, so there remain \( {n} + {many} - 2 \times {common} = "
        rf"{value} \)."
    )
    return Link(
        setup,
        r"the number of elements that belong to exactly one of the sets \( S \) and \( T \)",
        (counted, last),
        value,
        lambda x: len(set(range(1, x + 1)) ^ set(range(start, start + many))),
    )


@generator("set operations", "Sets and logic", "high", low=6, high=900)
def _difference_of_sets(n: int, given: str, rng: Random) -> Link:
    start = rng.randint(2, n // 2)
    many = rng.randint(2, n - start)
    setup = (
        rf"Let \( U = \{{1, 2, \ldots, {inside(given)}\}} \) be the universal set, and let \( V \) be the subset of "
        f"the {many} successive whole numbers that begin with {start}."
    )
    value = n - many
    steps = (
        rf"The set \( U \) has {n} elements, and all {many} elements of \( V \) belong to it.",
        rf"The complement has the remaining \( {n} - {many} = {value} \) elements.",
    )
    return Link(
        setup,
        r"the number of elements of the complement of \( V \) in \( U \)",
        steps,
        value,
        lambda x: len(set(range(1, x + 1)).difference(range(start, start + many))),
    )
