"""Sums, differences, rows and queues. Second computation: counting off, or trying what fits."""

from __future__ import annotations

from fractions import Fraction
from random import Random

from teacher.chain import Link, generator
from teacher.mathematics.exact import whole
from teacher.mathematics.terms import times
from teacher.mathematics.wording import PEOPLE, factor

TOPIC = "Sum and difference problems"
_OFTEN = {2: "twice", 3: "three times", 4: "four times", 5: "five times", 6: "six times"}


@generator("transfers between quantities", TOPIC, "primary", low=2, high=900)
def _equal_after_a_gift(n: int, given: str, rng: Random) -> Link:
    moved = rng.randint(2, 30)
    one, two = rng.sample(PEOPLE, 2)
    setup, quantity = rng.choice(
        (
            (
                f"{one} has {given} cards. {two} gives {moved} cards to {one}, and now both have equally many.",
                f"the number of cards that {two} had at first",
            ),
            (
                f"There are {given} books on the lower shelf. When {moved} books are moved from the upper shelf to "
                "the lower one, both shelves hold the same number of books.",
                "the number of books that stood on the upper shelf before",
            ),
            (
                f"A red crate holds {given} apples. Somebody moves {moved} apples from a green crate into the red "
                "one; after that there is the same number in each.",
                "the number of apples that were in the green crate at first",
            ),
        )
    )
    value = n + 2 * moved
    steps = (
        rf"After the change there are \( {n} + {moved} = {n + moved} \) on either side.",
        rf"The giving side had {moved} more before: \( {n + moved} + {moved} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: next(m for m in range(x, x + 99) if m - moved == x + moved))


@generator("sum and difference of two numbers", TOPIC, "primary", low=8, high=2000)
def _larger_of_two(n: int, given: str, rng: Random) -> Link:
    gap = rng.randint(1, min(40, n // 2 - 1))
    gap += (n - gap) % 2
    one, two = rng.sample(PEOPLE, 2)
    setup, quantity = rng.choice(
        (
            (f"Two numbers add up to {given}, and their difference is {gap}.", "the larger of the two numbers"),
            (
                f"{one} and {two} collect {given} chestnuts together, and {one} collects {gap} more than {two}.",
                f"the number of chestnuts that {one} collects",
            ),
            (
                f"A plank of {given} cm is sawn into two pieces, one of which is {gap} cm longer than the other.",
                "the length of the longer piece in centimetres",
            ),
        )
    )
    value = (n + gap) // 2
    steps = (
        rf"Adding the difference to the sum makes twice the larger one: \( {n} + {gap} = {n + gap} \).",
        rf"Half of this is \( {n + gap} \div 2 = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: whole(x - Fraction(x - gap, 2)))


@generator("sum and multiple", TOPIC, "primary", low=2, high=700)
def _together_and_times(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(2, 6 if n < 200 else 3)
    total = times(k + 1, n, given)
    one, two = rng.sample(PEOPLE, 2)
    setup, quantity = rng.choice(
        (
            (
                f"Together {one} and {two} have {total} marbles. {one} has {_OFTEN[k]} as many as {two}.",
                f"the number of marbles that {one} has",
            ),
            (
                f"On a meadow there are {total} sheep and goats, and there are {_OFTEN[k]} as many sheep as goats.",
                "the number of sheep on the meadow",
            ),
            (
                f"A train of two carriages carries {total} people. In the first carriage there are {_OFTEN[k]} as "
                "many as in the second.",
                "the number of people in the first carriage",
            ),
        )
    )
    value = k * n
    steps = (
        rf"Let the smaller number be one part; then the larger one is {k} parts, and all are \( {k} + 1 = {k + 1} \) "
        "parts.",
        rf"One part is \( {(k + 1) * n} \div {k + 1} = {n} \), and the larger number is \( {k} \times {n} = {value} "
        r"\).",
    )
    return Link(setup, quantity, steps, value, lambda x: (k + 1) * x - whole(Fraction((k + 1) * x, k + 1)))


@generator("difference and multiple", TOPIC, "primary", low=2, high=700)
def _more_and_times(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(2, 6 if n < 200 else 3)
    gap = times(k - 1, n, given) if k > 2 else given
    one, two = rng.sample(PEOPLE, 2)
    setup, quantity = rng.choice(
        (
            (
                f"{one} has {gap} more coins than {two}, and that is {_OFTEN[k]} as many as {two} has.",
                f"the number of coins that {one} has",
            ),
            (
                f"A number is {_OFTEN[k]} as large as another one and exceeds it by {gap}.",
                "the larger of the two numbers",
            ),
            (
                f"A pear tree bears {_OFTEN[k]} as many pears as its neighbour, which are {gap} pears more.",
                "the number of pears on the richer tree",
            ),
        )
    )
    value = k * n
    steps = (
        rf"The difference makes \( {k} - 1 = {k - 1} \) of the parts of which the smaller number is one.",
        rf"So the smaller number is \( {(k - 1) * n} \div {k - 1} = {n} \).",
        rf"The larger number is \( {k} \times {n} = {value} \).",
    )
    return Link(
        setup,
        quantity,
        steps,
        value,
        lambda x: next(m + (k - 1) * x for m in range(1, x + 1) if m * (k - 1) == (k - 1) * x),
    )


@generator("surplus and shortage", TOPIC, "primary", low=2, high=600)
def _left_over_or_missing(n: int, given: str, rng: Random) -> Link:
    few, more = rng.randint(2, 6), rng.randint(2, 4)
    people = n // more + rng.randint(2, 12)
    missing = people * more - n
    what, who = rng.choice((("tickets", "children"), ("plums", "guests"), ("sheets of paper", "pupils")))
    setup = rng.choice(
        (
            f"If each of the {who} gets {few} {what}, {given} are left over. If each gets {few + more}, there are "
            f"{missing} too few.",
            f"Somebody shares out {what} among some {who}. With {few} for each, {given} remain; with {few + more} for "
            f"each, {missing} are missing.",
        )
    )
    value = few * people + n
    steps = (
        rf"Giving \( {few + more} - {few} = {more} \) more to each takes \( {n} + {missing} = {n + missing} \) more "
        f"{what}.",
        rf"So there are \( {n + missing} \div {more} = {people} \) {who}.",
        rf"The number of {what} is \( {few} \times {people} + {n} = {value} \).",
    )

    def check(x: int) -> int:
        """Try how many there are to share among."""
        fits = next((p for p in range(1, x + missing + 1) if few * p + x == (few + more) * p - missing), None)
        if fits is None:
            raise ArithmeticError("no number of people fits")
        return (few + more) * fits - missing

    return Link(setup, f"the number of {what} that are shared out", steps, value, check)


@generator("planting trees and intervals", TOPIC, "primary", low=3, high=900)
def _posts_and_gaps(n: int, given: str, rng: Random) -> Link:
    gap = factor(rng, n, most=2000, high=9)
    who = rng.choice(PEOPLE)
    setup, quantity, what = rng.choice(
        (
            (
                f"Along a straight road {given} trees stand in a row, {gap} metres from one to the next.",
                "the distance in metres from the first tree to the last",
                "gaps between neighbouring trees",
            ),
            (
                f"{who} saws a long beam into {given} pieces, and every cut takes {gap} minutes.",
                f"the number of minutes that {who} spends sawing",
                "cuts",
            ),
            (
                f"A fence without a corner has {given} posts at distances of {gap} feet.",
                "the length of the fence in feet",
                "distances between neighbouring posts",
            ),
        )
    )
    value = (n - 1) * gap
    steps = (
        rf"There is one less than {n}, that is \( {n} - 1 = {n - 1} \) {what}.",
        rf"Together they make \( {n - 1} \times {gap} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: max(range(0, x * gap, gap)))


@generator("queues and positions", TOPIC, "primary", low=2, high=900)
def _between_two(n: int, given: str, rng: Random) -> Link:
    behind, between = rng.randint(3, 60), rng.randint(2, 30)
    one, two = rng.sample(PEOPLE, 2)
    where = rng.choice(("ticket office", "bakery", "ski lift", "museum"))
    setup = rng.choice(
        (
            f"In a queue at a {where}, {given} people stand before {one} and {behind} people behind {two}. Between "
            f"{one} and {two}, who stands further back, there are {between} people.",
            f"People wait in a row at a {where}. Before {one} there are {given} others; then, with {between} people "
            f"in between, comes {two}, and {behind} more wait behind {two}.",
        )
    )
    value = n + behind + between + 2
    steps = (
        rf"Those named by their places are \( {n} + {between} + {behind} = {n + between + behind} \) people.",
        rf"{one} and {two} are 2 more: \( {n + between + behind} + 2 = {value} \).",
    )
    return Link(
        setup,
        "the number of people in the whole queue",
        steps,
        value,
        lambda x: len(range(-x, 0)) + 1 + len(range(1, between + 1)) + 1 + behind,
    )


@generator("formation and arrays", TOPIC, "primary", low=3, high=800)
def _edge_of_a_square(n: int, given: str, rng: Random) -> Link:
    setup, quantity = rng.choice(
        (
            (
                f"Flower pots stand along the four edges of a square terrace, {given} pots on each edge. A pot stands "
                "at each corner and counts for both its edges.",
                "the number of pots",
            ),
            (
                f"Dancers form the outline of a square with {given} dancers on every side, those at the corners "
                "included.",
                "the number of dancers",
            ),
            (
                f"On a square go board with {given} lines in each direction, stones lie on all crossings at the rim.",
                "the number of stones at the rim",
            ),
        )
    )
    value = 4 * (n - 1)
    steps = (
        rf"Four sides of {n} count each of the 4 corners twice: \( 4 \times {n} = {4 * n} \).",
        rf"So 4 have to be taken away: \( {4 * n} - 4 = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: x * x - (x - 2) ** 2)


@generator("formation and arrays", TOPIC, "primary", low=3, high=75)
def _square_with_a_rest(n: int, given: str, rng: Random) -> Link:
    rest = rng.randint(2, 2 * n)
    things = rng.choice(("recruits", "pupils", "chess pieces", "mosaic stones"))
    setup = (
        f"Some {things} are set up as a full square with {given} in each row and each column, and {rest} are left over."
    )
    value = n * n + rest
    steps = (
        rf"The square takes \( {n} \times {n} = {n * n} \) {things}.",
        rf"With the rest there are \( {n * n} + {rest} = {value} \).",
    )
    # Square numbers are the sums of the first odd numbers.
    return Link(setup, f"the number of {things}", steps, value, lambda x: sum(range(1, 2 * x, 2)) + rest)
