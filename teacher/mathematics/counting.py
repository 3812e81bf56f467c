"""Products, arrangements and selections. Second computation: listing the cases, or adding them up."""

from __future__ import annotations

from random import Random

from teacher.chain import Link, generator
from teacher.mathematics.wording import PEOPLE, factor


@generator("multiplication principle", "Counting principles", "middle", low=2, high=400)
def _independent_choices(n: int, given: str, rng: Random) -> Link:
    k = factor(rng, n)
    extra = rng.choice((1, 1, 2, 3)) if n * k < 400 else 1
    who = rng.choice(PEOPLE)
    setup, quantity = rng.choice(
        (
            (
                f"A code consists of one of {given} symbols followed by one of {k} colours"
                + (f" and one of {extra} shapes." if extra > 1 else "."),
                "the number of different codes",
            ),
            (
                f"{who} orders a photo book and chooses one of {given} covers and one of {k} kinds of paper"
                + (f", each of them in {extra} sizes." if extra > 1 else "."),
                "the number of different photo books possible",
            ),
            (
                f"There are {given} footpaths from the valley to the hut and {k} climbing routes from the hut to the "
                "summit" + (f", and {extra} cable cars go from the summit back to the valley." if extra > 1 else "."),
                "the number of ways to plan the " + ("round trip" if extra > 1 else "climb by way of the hut"),
            ),
        )
    )
    value = n * k * extra
    product = rf"{n} \times {k}" + (rf" \times {extra}" if extra > 1 else "")
    steps = (
        "The choices do not depend on each other, so the numbers of possibilities are multiplied.",
        rf"There are \( {product} = {value} \) possibilities.",
    )
    return Link(setup, quantity, steps, value, lambda x: sum(x for _ in range(k) for _ in range(extra)))


@generator("multiplication principle", "Counting principles", "high", low=2, high=60)
def _two_free_places(n: int, given: str, rng: Random) -> Link:
    who = rng.choice(PEOPLE)
    setup, quantity = rng.choice(
        (
            (
                f"A flag has two stripes, and {given} colours of cloth are at hand. Both stripes may have the same "
                "colour.",
                "the number of different flags, if the upper and the lower stripe are told apart",
            ),
            (
                f"{who} sets a lock with two dials. Each dial shows one of {given} signs.",
                "the number of different settings of the lock",
            ),
        )
    )
    value = n * n
    steps = (
        f"There are {n} possibilities for the first place and, whatever it is, {n} for the second.",
        rf"By the multiplication principle there are \( {n} \times {n} = {value} \) in all.",
    )
    # Count them by the larger of the two numbers: 2k - 1 pairs have maximum k.
    return Link(setup, quantity, steps, value, lambda x: sum(2 * k - 1 for k in range(1, x + 1)))


@generator("permutations", "Counting principles", "high", low=3, high=70)
def _two_in_order(n: int, given: str, rng: Random) -> Link:
    first, second = rng.choice(
        (("a president", "a treasurer"), ("a captain", "a goalkeeper"), ("a speaker", "a secretary"))
    )
    setup, quantity = rng.choice(
        (
            (
                f"A club with {given} members elects {first} and {second}, who must be different people.",
                "the number of possible outcomes of the election",
            ),
            (
                f"In a race with {given} runners there are no ties.",
                "the number of ways in which the gold and the silver medal can go to the runners",
            ),
        )
    )
    value = n * (n - 1)
    steps = (
        f"There are {n} possibilities for the first place, and then {n - 1} for the second, since nobody can hold "
        "both.",
        rf"The number of permutations of 2 out of {n} is \( {n} \times {n - 1} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: sum(x - 1 for _ in range(x)))


@generator("permutations", "Counting principles", "high", low=3, high=17)
def _three_in_order(n: int, given: str, rng: Random) -> Link:
    setup, quantity = rng.choice(
        (
            (
                f"From {given} different books, three are put side by side on a shelf.",
                "the number of possible rows of three books",
            ),
            (
                f"A jury ranks the three best of {given} films, without ties.",
                "the number of possible rankings of the three best films",
            ),
        )
    )
    value = n * (n - 1) * (n - 2)
    steps = (
        f"The first place can be filled in {n} ways, the second in {n - 1} and the third in {n - 2}.",
        rf"There are \( {n} \times {n - 1} \times {n - 2} = {value} \) orders.",
    )
    return Link(setup, quantity, steps, value, lambda x: sum(1 for a in range(x) for b in range(x) if a != b) * (x - 2))


@generator("permutations", "Counting principles", "high", low=3, high=500)
def _medals_with_a_favourite(n: int, given: str, rng: Random) -> Link:
    stars = rng.randint(2, min(4, n - 1))
    contest = rng.choice(("chess tournament", "swimming contest", "spelling contest"))
    setup = (
        f"In a {contest} with {given} participants there are no ties, and the winner is surely one of {stars} "
        "favourites."
    )
    value = stars * (n - 1)
    steps = (
        f"For the first place there are {stars} possibilities.",
        rf"Any of the other \( {n} - 1 = {n - 1} \) participants can be second, so there are \( {stars} \times {n - 1} "
        rf"= {value} \) ordered pairs.",
    )
    # Ordered pairs of favourites, and a favourite followed by somebody else.
    return Link(
        setup,
        "the number of possibilities for the first and the second place",
        steps,
        value,
        lambda x: sum(a != b for a in range(stars) for b in range(stars)) + stars * (x - stars),
    )


@generator("combinations", "Counting principles", "high", low=3, high=100)
def _two_of_many(n: int, given: str, rng: Random) -> Link:
    setup, quantity = rng.choice(
        (
            (
                f"At a meeting, each of {given} people shakes hands once with everybody else.",
                "the number of handshakes",
            ),
            (
                f"In a league with {given} teams, every two teams play one match against each other.",
                "the number of matches",
            ),
            (f"On a circle {given} points are marked.", "the number of chords that join two of the points"),
        )
    )
    value = n * (n - 1) // 2
    steps = (
        rf"Every pair is counted once, so we need the number of combinations \( \binom{{{n}}}{{2}} \).",
        rf"It is \( \frac{{{n} \times {n - 1}}}{{2}} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: sum(range(x)))


@generator("combinations", "Counting principles", "high", low=4, high=30)
def _three_of_many(n: int, given: str, rng: Random) -> Link:
    setup, quantity = rng.choice(
        (
            (f"A committee of three is chosen from {given} candidates.", "the number of possible committees"),
            (
                f"An ice cream parlour has {given} flavours. A sundae holds three different flavours, in no order.",
                "the number of different sundaes",
            ),
            (
                f"No three of {given} points in the plane lie on one line.",
                "the number of triangles that have three of these points as corners",
            ),
        )
    )
    value = n * (n - 1) * (n - 2) // 6
    steps = (
        rf"The order does not matter, so we need \( \binom{{{n}}}{{3}} = \frac{{{n} \times {n - 1} \times "
        rf"{n - 2}}}{{3!}} \).",
        rf"This is \( \frac{{{n * (n - 1) * (n - 2)}}}{{6}} = {value} \).",
    )
    # By the largest of the three: the two others are any pair below it.
    return Link(setup, quantity, steps, value, lambda x: sum(k * (k - 1) // 2 for k in range(x)))


@generator("combinations", "Counting principles", "high", low=2, high=300)
def _mixed_team(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(3, 6 if n < 80 else 4)
    who = rng.choice(PEOPLE)
    setup, quantity = rng.choice(
        (
            (
                f"A team consists of one of {given} beginners and two of {k} experts.",
                "the number of different teams",
            ),
            (
                f"For a journey {who} packs two of {k} novels and one of {given} comics.",
                f"the number of ways in which {who} can choose what to pack",
            ),
        )
    )
    pairs = k * (k - 1) // 2
    value = n * pairs
    steps = (
        rf"Two of {k} can be chosen in \( \binom{{{k}}}{{2}} = \frac{{{k} \times {k - 1}}}{{2}} = {pairs} \) ways.",
        rf"Each of these goes with any of {n} single choices: \( {pairs} \times {n} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: sum(x for a in range(k) for _ in range(a)))
