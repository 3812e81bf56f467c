"""Proportions, charts and number puzzles. Second computation: another way of counting."""

from __future__ import annotations

from fractions import Fraction
from random import Random

from teacher.chain import Link, generator
from teacher.mathematics.exact import whole
from teacher.mathematics.terms import product, times
from teacher.mathematics.wording import PEOPLE, listing, total


@generator("recipes and scaling", "Ratios and rates", "primary", low=2, high=300)
def _for_more_people(n: int, given: str, rng: Random) -> Link:
    few, each = rng.choice((2, 4, 6)), rng.randint(12, 40 if n < 100 else 20)
    what, stuff, unit = rng.choice(
        (("soup", "carrots", "grams"), ("punch", "juice", "millilitres"), ("bread", "flour", "grams"))
    )
    who = rng.choice(PEOPLE)
    setup = rng.choice(
        (
            f"A recipe for {what} for {few} people asks for {few * each} {unit} of {stuff}. {who} cooks for {given} "
            "people.",
            f"To make {what} for {few} people one needs {few * each} {unit} of {stuff}. A kitchen makes it for "
            f"{given} people.",
        )
    )
    value = each * n
    steps = (
        rf"For one person \( {few * each} \div {few} = {each} \) {unit} are needed.",
        rf"For {n} people it is \( {n} \times {each} = {value} \) {unit}.",
    )
    return Link(
        setup, f"the number of {unit} of {stuff} needed", steps, value, lambda x: whole(Fraction(x, few) * few * each)
    )


@generator("solving proportions", "Proportional reasoning", "middle", low=2, high=500)
def _fourth_number(n: int, given: str, rng: Random) -> Link:
    a, b = rng.choice(((2, 3), (3, 4), (3, 5), (4, 7), (5, 8), (2, 7), (6, 5), (4, 3)))
    left = product(a, n, given)
    setup, quantity = rng.choice(
        (
            ("", rf"the number \( x \) for which \( \frac{{{a}}}{{{b}}} = \frac{{{left}}}{{x}} \)"),
            (
                f"A photograph is enlarged so that its sides keep their ratio. It was {a} cm high and {b} cm wide, "
                f"and is {times(a, n, given)} cm high now.",
                "its width in centimetres now",
            ),
        )
    )
    value = b * n
    steps = (
        rf"From {a} to {a * n} the factor is \( {a * n} \div {a} = {n} \).",
        rf"The other number grows by the same factor: \( {b} \times {n} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: whole(Fraction(a * x * b, a)))


@generator("reverse percentages", "Percentages", "middle", low=2, high=300)
def _price_before(n: int, given: str, rng: Random) -> Link:
    change, parts, whole_ = rng.choice(((-20, 4, 5), (-25, 3, 4), (25, 5, 4), (20, 6, 5), (-40, 3, 5), (50, 3, 2)))
    word = "cut" if change < 0 else "raised"
    now = times(parts, n, given)
    goods = rng.choice(("coat", "bicycle", "season ticket", "sofa"))
    setup = rng.choice(
        (
            f"The price of a {goods} was {word} by {abs(change)}% and is {now} dollars now.",
            f"After the price of a {goods} has been {word} by {abs(change)}%, it amounts to {now} dollars.",
        )
    )
    value = whole_ * n
    percent = 100 + change
    steps = (
        rf"The new price is \( 100\% {'-' if change < 0 else '+'} {abs(change)}\% = {percent}\% \) of the old one.",
        rf"So the old price was \( {parts * n} \times \frac{{100}}{{{percent}}} = {value} \) dollars.",
    )

    def check(x: int) -> int:
        return next(p for p in range(6 * x + 1) if p * percent == 100 * parts * x)

    return Link(setup, "the price in dollars before that", steps, value, check)


@generator("scale drawings and maps", "Ratios and rates", "middle", low=2, high=300)
def _on_a_map(n: int, given: str, rng: Random) -> Link:
    k = rng.choice((2, 3, 5))
    more = rng.randint(20, 400)
    setup = rng.choice(
        (
            f"On a map with the scale 1 to {100 * k}, a path is {given} cm long. Beyond the map it goes on for another "
            f"{more} metres.",
            f"A plan of a park is drawn at a scale of 1 to {100 * k}. On it an avenue measures {given} cm; outside of "
            f"the park the avenue goes on for {more} metres.",
        )
    )
    value = k * n + more
    what = "path" if "path" in setup else "avenue"
    steps = (
        rf"A centimetre on the drawing is \( {100 * k} \) cm or {k} metres in nature, so the drawn part is \( {k} "
        rf"\times {n} = {k * n} \) metres long.",
        rf"In all the {what} measures \( {k * n} + {more} = {value} \) metres.",
    )
    return Link(
        setup, f"the true length of the {what} in metres", steps, value, lambda x: (100 * k * x + 100 * more) // 100
    )


@generator("bar graphs and pictographs", "Data displays", "primary", low=2, high=200)
def _pictograph(n: int, given: str, rng: Random) -> Link:
    rows = rng.sample(range(2, 9), 3)
    things, names = rng.choice(
        (
            ("visitors", ("Friday", "Saturday", "Sunday")),
            ("books", ("the first form", "the second form", "the third form")),
            ("fish", ("the north pond", "the south pond", "the mill pond")),
        )
    )
    drawn = listing(f"{row} symbols for {name}" for row, name in zip(rows, names, strict=True))
    difference = rng.random() < 0.4
    setup = f"In a pictograph every symbol stands for {given} {things}. It shows {drawn}."
    if difference:
        high, low = max(rows), min(rows)
        value = (high - low) * n
        quantity = f"the number of {things} by which the longest row exceeds the shortest"
        first = rf"The longest row has \( {high} - {low} = {high - low} \) symbol{'s' if high - low > 1 else ''} more."
        last = rf"They stand for \( {high - low} \times {n} = {value} \) {things}."
    else:
        value = sum(rows) * n
        quantity = f"the number of {things} in all three rows"
        first = rf"There are \( {total(rows)} = {sum(rows)} \) symbols."
        last = rf"They stand for \( {sum(rows)} \times {n} = {value} \) {things}."
    return Link(
        setup,
        quantity,
        (first, last),
        value,
        lambda x: max(r * x for r in rows) - min(r * x for r in rows) if difference else sum(r * x for r in rows),
    )


@generator("pie charts", "Data displays", "middle", low=2, high=300)
def _sector_of_a_chart(n: int, given: str, rng: Random) -> Link:
    degrees = rng.choice((30, 36, 40, 45, 60, 72, 90))
    who, where = rng.choice(
        (("pupils", "come by bus"), ("visitors", "come from abroad"), ("readers", "want more puzzles"))
    )
    setup = rng.choice(
        (
            f"In a pie chart the sector of the {who} who {where} has an angle of {degrees} degrees. It stands for "
            f"{given} {who}.",
            f"A survey counts {given} {who} who {where}. In the pie chart drawn from it they get a sector of "
            f"{degrees} degrees.",
        )
    )
    k = 360 // degrees
    value = k * n
    steps = (
        rf"The full circle has \( 360 \div {degrees} = {k} \) such sectors.",
        rf"So there are \( {k} \times {n} = {value} \) {who} in all.",
    )
    return Link(
        setup, f"the number of all {who} in the chart", steps, value, lambda x: whole(x / Fraction(degrees, 360))
    )


@generator("matchstick puzzles", "Logic puzzles", "primary", low=2, high=900)
def _row_of_figures(n: int, given: str, rng: Random) -> Link:
    shape, sides = rng.choice((("triangles", 3), ("squares", 4), ("hexagons", 6)))
    who = rng.choice(PEOPLE)
    setup = rng.choice(
        (
            f"{who} lays {given} {shape} in a row out of matchsticks. Every side is one matchstick, and neighbouring "
            f"{shape} share a side.",
            f"A pattern of {given} {shape} in a row is laid with matchsticks, one for each side; where two of the "
            f"{shape} touch they have one matchstick in common.",
        )
    )
    value = (sides - 1) * n + 1
    steps = (
        rf"The first figure takes {sides} matchsticks and each of the other {n - 1} takes \( {sides} - 1 = {sides - 1} "
        r"\)."
        if n > 2
        else rf"The first figure takes {sides} matchsticks and the other one takes \( {sides} - 1 = {sides - 1} \).",
        rf"Together these are \( {sides} + {n - 1} \times {sides - 1} = {value} \).",
    )
    return Link(setup, "the number of matchsticks", steps, value, lambda x: sides * x - len(range(1, x)))


@generator("magic squares", "Logic puzzles", "competition", low=2, high=900)
def _magic_centre(n: int, given: str, rng: Random) -> Link:
    corner = rng.randint(1, 9)
    setup = (
        "In a magic square of three rows and three columns, all rows, all columns and both diagonals have the same "
        f"sum. The number in the middle is {given}."
    )
    form = rng.randrange(3)
    if form == 0:
        quantity, value = "the common sum", 3 * n
        last = rf"The common sum is \( 3 \times {n} = {value} \)."
    elif form == 1:
        quantity, value = "the sum of all nine numbers", 9 * n
        last = rf"All nine numbers have the sum \( 3 \times 3 \times {n} = {value} \)."
    else:
        quantity, value = f"the sum of {corner} and the two numbers at opposite ends of a diagonal", 2 * n + corner
        last = (
            rf"The other two of a diagonal make \( 3 \times {n} - {n} = {2 * n} \), and \( {2 * n} + {corner} = "
            rf"{value} \)."
        )
    steps = (
        "The middle row, the middle column and both diagonals together have four times the common sum; they count "
        "every number once and the middle one three times more.",
        "So the common sum is three times the number in the middle.",
        last,
    )

    def check(x: int) -> int:
        """In the classical square of the numbers 1 to 9, moved so that x stands in the middle."""
        square = [[number + x - 5 for number in row] for row in ((2, 7, 6), (9, 5, 1), (4, 3, 8))]
        return (sum(square[0]), sum(map(sum, square)), square[0][0] + square[2][2] + corner)[form]

    return Link(setup, quantity, steps, value, check)
