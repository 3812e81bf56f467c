"""Sums, comparisons and measures of everyday life. Second computation: step by step, or in the smallest unit."""

from __future__ import annotations

from fractions import Fraction
from random import Random

from teacher.chain import Link, generator
from teacher.mathematics.exact import whole
from teacher.mathematics.wording import PEOPLE, factor


@generator("addition of whole numbers", "Whole number arithmetic", "primary", low=2, high=1500)
def _three_parts(n: int, given: str, rng: Random) -> Link:
    second, third = rng.randint(12, 240), rng.randint(12, 240)
    who = rng.choice(PEOPLE)
    setup, quantity = rng.choice(
        (
            (
                f"A library lends {given} books on Monday, {second} on Tuesday and {third} on Wednesday.",
                "the number of books lent on these three days altogether",
            ),
            (
                f"{who} counts {given} gulls on the first island, {second} on the second and {third} on the third.",
                f"the number of gulls that {who} counts in all",
            ),
            (
                f"Three lorries bring {given}, {second} and {third} roof tiles to a building site.",
                "the total number of roof tiles brought",
            ),
        )
    )
    value = n + second + third
    steps = (
        rf"The first two numbers add up to \( {n} + {second} = {n + second} \).",
        rf"With the third one the total is \( {n + second} + {third} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: sum((third, second, x)))


@generator("subtraction of whole numbers", "Whole number arithmetic", "primary", low=20, high=1500)
def _what_is_left(n: int, given: str, rng: Random) -> Link:
    first = rng.randint(2, n // 3)
    second = rng.randint(2, n // 3)
    who = rng.choice(PEOPLE)
    setup, quantity = rng.choice(
        (
            (
                f"{who} has {given} stamps, gives away {first} of them and then loses {second}.",
                f"the number of stamps that {who} has left",
            ),
            (
                f"A bakery makes {given} rolls. It sells {first} in the morning and {second} in the afternoon.",
                "the number of rolls that remain",
            ),
            (
                f"A hall has {given} seats. On the opening night {first} seats are kept for guests and {second} are "
                "broken.",
                "the number of seats that are left for other visitors",
            ),
        )
    )
    value = n - first - second
    steps = (
        rf"Together \( {first} + {second} = {first + second} \) are taken away.",
        rf"So there remain \( {n} - {first + second} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: x - first - second)


@generator("multiplication of whole numbers", "Whole number arithmetic", "primary", low=2, high=400)
def _rows_and_extras(n: int, given: str, rng: Random) -> Link:
    k, extra = factor(rng, n), rng.randint(2, 30)
    setup, quantity = rng.choice(
        (
            (
                f"A theatre has {k} rows with {given} seats each, and {extra} folding chairs at the side.",
                "the number of people who can sit in the theatre",
            ),
            (
                f"A nursery plants {given} beds with {k} tulips each and has {extra} tulips left over.",
                "the number of tulips that the nursery had",
            ),
        )
    )
    value = n * k + extra
    steps = (
        rf"The equal groups make \( {n} \times {k} = {n * k} \).",
        rf"With the others it is \( {n * k} + {extra} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: sum([x] * k, extra))


@generator("comparison word problems", "Whole number arithmetic", "primary", low=12, high=1000)
def _more_and_fewer(n: int, given: str, rng: Random) -> Link:
    more, fewer = rng.randint(3, 60), rng.randint(2, 9)
    one, two, three = rng.sample(PEOPLE, 3)
    things = rng.choice(("shells", "marbles", "postcards", "chestnuts"))
    value = n + more - fewer
    setup = (
        f"{one} has {given} {things}. {two} has {more} more {things} than {one}, "
        f"and {three} has {fewer} fewer than {two}."
    )
    steps = (
        rf"{two} has \( {n} + {more} = {n + more} \) {things}.",
        rf"{three} has \( {n + more} - {fewer} = {value} \) {things}.",
    )
    return Link(setup, f"the number of {things} that {three} has", steps, value, lambda x: x - (fewer - more))


@generator("comparison word problems", "Whole number arithmetic", "primary", low=2, high=700)
def _two_together(n: int, given: str, rng: Random) -> Link:
    more = rng.randint(3, 80)
    one, two = rng.sample(("the first ferry", "the second ferry", "the night train", "the day train"), 2)
    setup = f"There are {given} passengers on {one}, and {more} passengers more than that on {two}."
    value = 2 * n + more
    steps = (
        rf"On {two} there are \( {n} + {more} = {n + more} \) passengers.",
        rf"Together there are \( {n} + {n + more} = {value} \) passengers.",
    )
    return Link(setup, f"the number of passengers on {one} and {two} together", steps, value, lambda x: (x + more) + x)


@generator("multiplicative comparison", "Whole number arithmetic", "primary", low=2, high=400)
def _times_as_many(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(2, 3 if n > 100 else 6)
    times = {2: "twice", 3: "three times", 4: "four times", 5: "five times", 6: "six times"}[k]
    one, two = rng.sample(PEOPLE, 2)
    setup, quantity = rng.choice(
        (
            (
                f"{one} picks {given} plums, and {two} picks {times} as many.",
                "the number of plums that they pick together",
            ),
            (
                f"The old mill grinds {given} sacks of corn a day, and the new mill grinds {times} as many.",
                "the number of sacks that both mills grind in a day",
            ),
        )
    )
    value = n * (k + 1)
    steps = (
        rf"{times.capitalize()} as many are \( {k} \times {n} = {k * n} \).",
        rf"Together that makes \( {n} + {k * n} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: sum(x for _ in range(k + 1)))


@generator("equations from word problems", "Linear equations", "middle", low=6, high=900)
def _number_riddle(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(2, 5 if n < 200 else 2)
    taken = rng.randint(1, min(n - 1, 30))
    times = {2: "twice", 3: "three times", 4: "four times", 5: "five times"}[k]
    one, two = rng.sample(PEOPLE, 2)
    setup, quantity = rng.choice(
        (
            (
                f"When {taken} is added to one {_part(k)} of a number, the result is {given}.",
                "this number",
            ),
            (
                f"{one} has {times} as many points as {two}. If {two} had {taken} points more, {two} would have "
                f"{given} points.",
                f"the number of points that {one} has",
            ),
        )
    )
    value = k * (n - taken)
    steps = (
        rf"Let \( x \) be the number we look for; one {_part(k)} of it plus {taken} is {n}: \( \frac{{x}}{{{k}}} + "
        rf"{taken} = {n} \).",
        rf"So \( \frac{{x}}{{{k}}} = {n} - {taken} = {n - taken} \), and \( x = {k} \times {n - taken} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: whole(Fraction(x - taken) / Fraction(1, k)))


def _part(k: int) -> str:
    return {2: "half", 3: "third", 4: "quarter", 5: "fifth"}[k]


@generator("converting units of time", "Time and calendar", "primary", low=2, high=120)
def _to_smaller_units(n: int, given: str, rng: Random) -> Link:
    large, small, many = rng.choice((("weeks", "days", 7), ("days", "hours", 24), ("years", "months", 12)))
    extra = rng.randint(2, many - 1)
    what = rng.choice(("A voyage", "An expedition", "The building of a bridge", "A long experiment"))
    setup = f"{what} takes {given} {large} and {extra} {small}."
    value = n * many + extra
    steps = (
        rf"A {large[:-1]} has {many} {small}, so {n} {large} have \( {n} \times {many} = {n * many} \) {small}.",
        rf"With the other {extra} it is \( {n * many} + {extra} = {value} \) {small}.",
    )
    return Link(setup, f"the whole time in {small}", steps, value, lambda x: sum([many] * x) + extra)


@generator("mass and weight", "Measurement and units", "primary", low=2, high=600)
def _loaded_cart(n: int, given: str, rng: Random) -> Link:
    k, empty = factor(rng, n, most=900), rng.randint(20, 90)
    goods = rng.choice(("sacks of flour", "crates of apples", "bags of cement", "blocks of stone"))
    setup = f"An empty cart weighs {empty} kg. It is loaded with {k} {goods} that weigh {given} kg each."
    value = empty + k * n
    steps = (
        rf"The load weighs \( {k} \times {n} = {k * n} \) kg.",
        rf"Cart and load together weigh \( {empty} + {k * n} = {value} \) kg.",
    )
    return Link(
        setup,
        "the weight of the loaded cart in kilograms",
        steps,
        value,
        lambda x: (1000 * empty + sum(1000 * x for _ in range(k))) // 1000,
    )


@generator("length measurement", "Measurement and units", "primary", low=3, high=45)
def _rope_in_centimetres(n: int, given: str, rng: Random) -> Link:
    pieces, short = rng.randint(2, 5), rng.randint(3, 35)
    thing = rng.choice(("rope", "ribbon", "cable", "wooden rail"))
    setup = f"A {thing} is {given} metres long. From it {pieces} pieces are cut off, each {short} cm long."
    value = 100 * n - pieces * short
    steps = (
        rf"The {thing} measures \( {n} \times 100 = {100 * n} \) cm, and the pieces \( {pieces} \times {short} = "
        rf"{pieces * short} \) cm.",
        rf"What is left measures \( {100 * n} - {pieces * short} = {value} \) cm.",
    )
    return Link(
        setup,
        f"the length in centimetres of what is left of the {thing}",
        steps,
        value,
        lambda x: whole((x - Fraction(pieces * short, 100)) * 100),
    )


@generator("length measurement", "Measurement and units", "primary", low=15, high=500)
def _overlapping_boards(n: int, given: str, rng: Random) -> Link:
    many, overlap = factor(rng, n, high=6), rng.randint(2, 9)
    thing = rng.choice(("planks", "strips of paper", "metal bars", "lengths of cloth"))
    setup = (
        f"A long row is made of {many} {thing}, each {given} cm long. "
        f"Wherever two of them meet, they overlap by {overlap} cm."
    )
    value = many * n - (many - 1) * overlap
    steps = (
        rf"Without overlap the row would measure \( {many} \times {n} = {many * n} \) cm.",
        rf"The overlaps take away \( ({many} - 1) \times {overlap} = {(many - 1) * overlap} \) cm, so the row measures "
        rf"\( {many * n} - {(many - 1) * overlap} = {value} \) cm.",
    )
    # The first one whole, and of each further one what stands out.
    return Link(
        setup, "the length of the row in centimetres", steps, value, lambda x: x + sum([x - overlap] * (many - 1))
    )


@generator("capacity and liquid volume", "Measurement and units", "primary", low=2, high=500)
def _filled_and_drawn(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(2, 3 if n > 100 else 8)
    used = 2 * rng.randint(1, min(20, n - 1))
    drink = rng.choice(("apple juice", "milk", "lemonade", "rain water"))
    setup = (
        f"A tank is filled with {k} barrels of {drink}. Each barrel holds {given} litres. "
        f"Later {used} litres are drawn off."
    )
    value = k * n - used
    steps = (
        rf"The barrels hold \( {k} \times {n} = {k * n} \) litres.",
        rf"After {used} litres are drawn off, \( {k * n} - {used} = {value} \) litres remain.",
    )
    return Link(
        setup,
        f"the number of litres of {drink} in the tank at the end",
        steps,
        value,
        lambda x: sum(x for _ in range(k)) - used,
    )


@generator("present and future ages", "Age problems", "middle", low=4, high=60)
def _ages(n: int, given: str, rng: Random) -> Link:
    k, later, younger = rng.choice((2, 3)), rng.randint(2, 12), rng.randint(2, 20)
    times = {2: "twice", 3: "three times"}[k]
    one, two = rng.sample(PEOPLE, 2)
    setup, quantity, value, steps = rng.choice(
        (
            (
                f"{one} is {given} years old, and the oldest tree of the village is {times} as old as {one}.",
                f"the age of the tree in {later} years",
                k * n + later,
                (
                    rf"Now the tree is \( {k} \times {n} = {k * n} \) years old.",
                    rf"In {later} years it will be \( {k * n} + {later} = {k * n + later} \) years old.",
                ),
            ),
            (
                f"{one} is {given} years old. {two} is {younger} years older than {one}.",
                f"the sum of their ages in {later} years",
                2 * n + younger + 2 * later,
                (
                    rf"In {later} years {one} will be \( {n} + {later} = {n + later} \) and {two} \( {n + later} + "
                    rf"{younger} = {n + later + younger} \).",
                    rf"Their ages will add up to \( {n + later} + {n + later + younger} = "
                    rf"{2 * n + younger + 2 * later} \).",
                ),
            ),
        )
    )
    alone = "tree" in quantity

    def check(x: int) -> int:
        """Year by year."""
        ages = [x * k] if alone else [x, x + younger]
        for _ in range(later):
            ages = [age + 1 for age in ages]
        return sum(ages)

    return Link(setup, quantity, steps, value, check)


@generator("working backwards", "Sum and difference problems", "primary", low=4, high=500)
def _undo(n: int, given: str, rng: Random) -> Link:
    eaten, k = rng.randint(2, 12), rng.choice((2, 3))
    who = rng.choice(PEOPLE)
    lost = {2: "half", 3: "two thirds"}[k]
    things = rng.choice(("figs", "sweets", "crayons", "coins"))
    setup = (
        f"{who} has some {things}, gives {eaten} of them to a friend and then loses {lost} of the rest. "
        f"Now {who} has {given} {things}."
    )
    before = k * n
    value = before + eaten
    steps = (
        rf"What is left is one {_part(k)} of what there was before the loss: \( {k} \times {n} = {before} \).",
        rf"Before the gift there were \( {before} + {eaten} = {value} \).",
    )
    return Link(
        setup,
        f"the number of {things} that {who} had at first",
        steps,
        value,
        lambda x: next(start for start in range(k * x, k * x + 20) if start - eaten == k * x),
    )
