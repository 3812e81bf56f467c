"""Mean, median, range and weighted mean. Second computation: the data set itself, sorted and summed."""

from __future__ import annotations

from fractions import Fraction
from random import Random

from teacher.chain import Link, generator
from teacher.mathematics.exact import whole
from teacher.mathematics.wording import PEOPLE, listing, total


def _median(numbers: list[int]) -> Fraction:
    ordered = sorted(numbers)
    middle = len(ordered) // 2
    return Fraction(ordered[middle] if len(ordered) % 2 else ordered[middle - 1] + ordered[middle]) / (
        1 if len(ordered) % 2 else 2
    )


@generator("arithmetic mean", "Statistics", "middle", low=6, high=900)
def _missing_number(n: int, given: str, rng: Random) -> Link:
    spread = min(20, n - 2)
    known = [n + rng.randint(-spread, min(20, n // 3)) for _ in range(rng.randint(2, 4))]
    count = len(known) + 1
    who = rng.choice(PEOPLE)
    setup, quantity = rng.choice(
        (
            (
                f"The arithmetic mean of {count} numbers is {given}. All but one of them are known: {listing(known)}.",
                "the unknown number",
            ),
            (
                f"{who} plays {count} rounds of a game and scores {given} points a round on average. The other rounds "
                f"than the last brought {listing(known)} points.",
                f"the number of points that {who} scores in the last round",
            ),
        )
    )
    value = n * count - sum(known)
    steps = (
        rf"The {count} numbers add up to the mean times their number: \( {count} \times {n} = {n * count} \).",
        rf"The known ones add up to \( {total(known)} = {sum(known)} \).",
        rf"The missing one is \( {n * count} - {sum(known)} = {value} \).",
    )
    # Deviations from the mean add up to nothing.
    return Link(setup, quantity, steps, value, lambda x: x + sum(x - number for number in known))


@generator("arithmetic mean", "Statistics", "middle", low=5, high=900)
def _raising_the_mean(n: int, given: str, rng: Random) -> Link:
    tests, rise = rng.randint(3, 9), rng.randint(1, 4)
    who = rng.choice(PEOPLE)
    points = "1 point" if rise == 1 else f"{rise} points"
    setup, quantity = rng.choice(
        (
            (
                f"After {tests} tests {who} has a mean of {given} points. One more test raises the mean by {points}.",
                f"the number of points that {who} gets in this last test",
            ),
            (
                f"The mean mass of {tests} sacks on a cart is {given} kg. When another sack is loaded, the mean grows "
                f"by {rise} kg.",
                "the mass of the added sack in kilograms",
            ),
        )
    )
    value = n + rise * (tests + 1)
    steps = (
        rf"At first the sum is \( {tests} \times {n} = {tests * n} \).",
        rf"Afterwards the mean is \( {n} + {rise} = {n + rise} \) and the sum is \( {tests + 1} \times {n + rise} = "
        rf"{(tests + 1) * (n + rise)} \).",
        rf"What was added is \( {(tests + 1) * (n + rise)} - {tests * n} = {value} \).",
    )
    # The new one makes up the rise for itself and for each of the others.
    return Link(setup, quantity, steps, value, lambda x: x + rise + sum(rise for _ in range(tests)))


@generator("median", "Statistics", "middle", low=8, high=800)
def _middle_pair(n: int, given: str, rng: Random) -> Link:
    gap = rng.randint(1, 4)
    below = range(max(1, n - 40), n - gap)
    low = [*sorted(rng.sample(below, min(2, len(below)))), n - gap]
    high = sorted(rng.sample(range(n + gap + 1, n + gap + 40), len(low) - 1))
    place = {4: "third", 6: "fourth"}[len(low) + 1 + len(high)]
    who = rng.choice(PEOPLE)
    row = [*map(str, low), r"\( x \)", *map(str, high)]
    setup, quantity = rng.choice(
        (
            (
                f"The numbers {listing(row)} are written in increasing order, and their median is {given}.",
                r"the number \( x \)",
            ),
            (
                f"{who} lists the daily numbers of visitors of a museum in increasing order: {listing(row)}. The "
                f"median is {given}.",
                r"the number of visitors that stands as \( x \) in the list",
            ),
        )
    )
    value = 2 * n - low[-1]
    steps = (
        rf"There are {len(row)} numbers, so the median is the mean of the two in the middle, {low[-1]} and \( x \), "
        f"which is the {place} number.",
        rf"From \( \frac{{{low[-1]} + x}}{{2}} = {n} \) follows \( x = 2 \times {n} - {low[-1]} = {value} \).",
    )

    def check(m: int) -> int:
        """Doubling the distance from the number before it to the median."""
        x = low[-1] + 2 * (m - low[-1])
        if _median([*low, x, *high]) != m:
            raise ArithmeticError("no number in this place gives the median")
        return x

    return Link(setup, quantity, steps, value, check)


@generator("median", "Statistics", "middle", low=10, high=900)
def _successive_numbers(n: int, given: str, rng: Random) -> Link:
    half, step = rng.randint(2, 4), rng.choice((1, 2, 3))
    half = min(half, (n - 1) // step)
    many = 2 * half + 1
    who = rng.choice(PEOPLE)
    kind = {1: "each one larger by 1", 2: "each one larger by 2", 3: "each one larger by 3"}[step]
    setup, quantity = rng.choice(
        (
            (
                f"{who} writes down {many} whole numbers, {kind} than the number before it. The median of these "
                f"numbers is {given}.",
                f"the largest number that {who} writes",
            ),
            (
                f"The shelves in a store hold {many} different numbers of jars, {kind} than the number before it, and "
                f"the median is {given} jars.",
                "the number of jars on the fullest shelf",
            ),
        )
    )
    value = n + half * step
    steps = (
        f"Of {many} numbers in increasing order the median is the one in the middle, with {half} numbers after it.",
        rf"Each of these is larger by {step}, so the largest is \( {n} + {half} \times {step} = {value} \).",
    )

    def check(x: int) -> int:
        row = [x + step * i for i in range(-half, half + 1)]
        if _median(row) != x:
            raise ArithmeticError("the median is another")
        return max(row)

    return Link(setup, quantity, steps, value, check)


@generator("range of a data set", "Statistics", "primary", low=10, high=900)
def _range_of_a_list(n: int, given: str, rng: Random) -> Link:
    others = [rng.randint(max(1, n - 60), n - 2) for _ in range(rng.randint(3, 5))]
    place = rng.randint(0, len(others))
    shown = [*map(str, others[:place]), given, *map(str, others[place:])]
    what, unit = rng.choice(
        (
            ("The masses of some pumpkins, in ounces, are", "ounces"),
            ("In a contest the paper planes flew these distances, in centimetres:", "centimetres"),
            ("The numbers of pages of some booklets are", "pages"),
        )
    )
    setup = f"{what} {listing(shown)}. The largest of these numbers is {given}."
    value = n - min(others)
    steps = (
        f"The largest number is {n} and the smallest is {min(others)}.",
        rf"The range is their difference, \( {n} - {min(others)} = {value} \) {unit}.",
    )

    def check(x: int) -> int:
        """The largest distance between any two of the data; the input must be the largest number."""
        data = [*others, x]
        if max(data) != x:
            raise ArithmeticError("another number is the largest")
        return max(a - b for a in data for b in data)

    return Link(setup, "the range of these data", steps, value, check)


@generator("range of a data set", "Statistics", "primary", low=2, high=900)
def _largest_from_the_range(n: int, given: str, rng: Random) -> Link:
    spread = rng.randint(5, 90)
    setup, quantity = rng.choice(
        (
            (
                f"In a data set the smallest number is {given} and the range is {spread}.",
                "the largest number of the data set",
            ),
            (
                f"The shortest plant in a greenhouse is {given} mm high, and the range of all heights is {spread} mm.",
                "the height of the tallest plant in millimetres",
            ),
        )
    )
    value = n + spread
    steps = (
        "The range is the largest number minus the smallest one.",
        rf"So the largest is the smallest plus the range, \( {n} + {spread} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: next(top for top in range(x, x + 91) if top - x == spread))


@generator("weighted average", "Statistics", "middle", low=22, high=600)
def _needed_in_the_project(n: int, given: str, rng: Random) -> Link:
    parts, name = rng.choice(((2, "one half"), (3, "one third"), (4, "one quarter"), (5, "one fifth")))
    rest = {2: "one half", 3: "two thirds", 4: "three quarters", 5: "four fifths"}[parts]
    lower = n - rng.randint(1, 6)
    who = rng.choice(PEOPLE)
    setup = (
        f"In a course the tests count for {rest} of the final mark and a project counts for {name}. {who} averages "
        f"{lower} points in the tests and ends with a weighted average of {given} points."
    )
    value = parts * n - (parts - 1) * lower
    sum_of_tests = (parts - 1) * lower
    steps = (
        rf"With \( x \) points in the project, the weighted average is \( \frac{{{parts - 1} \times {lower} + "
        rf"x}}{{{parts}}} = {n} \)."
        if parts > 2
        else rf"With \( x \) points in the project, the weighted average is \( \frac{{{lower} + x}}{{2}} = {n} \).",
        rf"So \( {sum_of_tests} + x = {parts * n} \) and \( x = {parts * n} - {sum_of_tests} = {value} \).",
    )
    return Link(
        setup,
        f"the number of points that {who} gets for the project",
        steps,
        value,
        lambda x: whole((x - lower * Fraction(parts - 1, parts)) / Fraction(1, parts)),
    )


@generator("weighted average", "Statistics", "middle", low=2, high=900)
def _two_groups(n: int, given: str, rng: Random) -> Link:
    a, b = rng.randint(2, 12), rng.randint(2, 12)
    j = rng.randint(1, 3)
    more = j * (a + b)
    setup, quantity = rng.choice(
        (
            (
                f"In a contest the {a} members of the first team score {given} points each on average. The {b} "
                f"members of the second team average {more} points more.",
                "the average score over all members of both teams",
            ),
            (
                f"A grocer blends {a} kg of a tea that costs {given} cents per kilogram with {b} kg of a tea that "
                f"costs {more} cents per kilogram more.",
                "the price of the blend in cents per kilogram",
            ),
        )
    )
    value = n + j * b
    steps = (
        rf"The second average is \( {n} + {more} = {n + more} \).",
        rf"Weighted by the sizes, \( {a} \) and \( {b} \), the total is \( {a} \times {n} + {b} \times {n + more} = "
        rf"{a * n + b * (n + more)} \).",
        rf"Divided by \( {a} + {b} = {a + b} \) this is \( \frac{{{a * n + b * (n + more)}}}{{{a + b}}} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: whole(Fraction(sum([x] * a + [x + more] * b), a + b)))
