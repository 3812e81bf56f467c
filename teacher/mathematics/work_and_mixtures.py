"""Work and mixture problems. Second computation: amounts counted up, or trying what fits."""

from __future__ import annotations

from fractions import Fraction
from random import Random

from teacher.chain import Link, generator
from teacher.mathematics.exact import whole
from teacher.mathematics.terms import times
from teacher.mathematics.wording import PEOPLE, factor

WORK, MIXTURES = "Work problems", "Mixture problems"
_PAIRS = ((3, 6), (4, 12), (6, 12), (10, 15), (5, 20), (6, 3), (12, 4))
"""Times of one and of the other for which the time of both together is a whole number."""


@generator("combined work rates", WORK, "middle", low=2, high=900)
def _side_by_side(n: int, given: str, rng: Random) -> Link:
    a, b = rng.choice(_PAIRS[:2] if n > 250 else _PAIRS)
    one, two = rng.sample(PEOPLE, 2)
    both = a * b // (a + b)
    setup, quantity = rng.choice(
        (
            (
                f"{one} alone can bind a book in {a} hours, and {two} alone can bind one in {b} hours. Working on "
                f"each book together, they bind {given} books.",
                "the number of hours that they need for all these books",
            ),
            (
                f"An old press prints an issue of a newspaper in {a} minutes and a second press does it in {b} "
                f"minutes. Both presses run side by side and print {given} issues.",
                "the number of minutes that this takes",
            ),
            (
                f"One harvester mows a field in {a} hours, another one needs {b} hours for it. Together they mow "
                f"{given} fields of this size.",
                "the time in hours until all the fields are mown",
            ),
        )
    )
    value = both * n
    steps = (
        rf"Together they do \( \frac{{1}}{{{a}}} + \frac{{1}}{{{b}}} = \frac{{1}}{{{both}}} \) of one job in a unit of "
        f"time, so one job takes {both} units.",
        rf"All the jobs take \( {both} \times {n} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: whole(x / (Fraction(1, a) + Fraction(1, b))))


@generator("pipes and tanks", WORK, "middle", low=2, high=900)
def _in_and_out(n: int, given: str, rng: Random) -> Link:
    inflow, minutes = rng.randint(12, 40), rng.randint(3, 15)
    outflow = rng.randint(3, inflow - 4)
    vessel = rng.choice(("pond", "swimming pool", "water tower", "reservoir"))
    setup = rng.choice(
        (
            f"A {vessel} holds {given} litres of water. A pipe brings {inflow} litres a minute, while a drain takes "
            f"away {outflow} litres a minute. Both stay open for {minutes} minutes.",
            f"There are {given} litres in a {vessel}. For {minutes} minutes two taps are open: through the first one "
            f"{inflow} litres flow in every minute, through the second one {outflow} litres flow out.",
        )
    )
    net = inflow - outflow
    value = n + minutes * net
    steps = (
        rf"Every minute the amount grows by \( {inflow} - {outflow} = {net} \) litres.",
        rf"After {minutes} minutes there are \( {n} + {minutes} \times {net} = {value} \) litres.",
    )
    return Link(
        setup,
        f"the number of litres in the {vessel} after that time",
        steps,
        value,
        lambda x: x + sum([inflow] * minutes) - sum([outflow] * minutes),
    )


@generator("pipes and tanks", WORK, "middle", low=2, high=900)
def _fill_and_drain(n: int, given: str, rng: Random) -> Link:
    fill, drain = rng.choice(((2, 4), (3, 4), (2, 3), (4, 6), (3, 6)) if n < 250 else ((2, 4), (3, 6)))
    full = fill * drain // (drain - fill)
    where = rng.choice(("brewery", "dairy", "dye works"))
    setup = (
        f"In a {where} one pipe fills a vat in {fill} hours, and another pipe empties a full vat in {drain} hours. By "
        f"mistake both are open while {given} vats are filled, one after the other."
    )
    value = full * n
    steps = (
        rf"In an hour \( \frac{{1}}{{{fill}}} - \frac{{1}}{{{drain}}} = \frac{{1}}{{{full}}} \) of a vat is filled, so "
        f"one vat takes {full} hours.",
        rf"All the vats take \( {full} \times {n} = {value} \) hours.",
    )
    # Count the vat in equal parts, so many that both pipes move whole parts an hour.
    parts = fill * drain
    return Link(
        setup,
        "the number of hours until all the vats are full",
        steps,
        value,
        lambda x: whole(Fraction(x * parts, parts // fill - parts // drain)),
    )


@generator("productivity and output", WORK, "primary", low=2, high=400)
def _more_hands(n: int, given: str, rng: Random) -> Link:
    few, each = rng.randint(2, 6), factor(rng, n, most=250, high=6)
    many = rng.randint(2, 8 if n < 100 else 4)
    setup, quantity = rng.choice(
        (
            (
                f"In an hour {few} tailors sew {few * each} shirts. All tailors work equally fast. In another "
                f"workshop {many} such tailors work for {given} hours.",
                "the number of shirts sewn in the other workshop",
            ),
            (
                f"Every day {few} equal machines make {few * each} bicycles. A new factory has {many} of these "
                f"machines and runs for {given} days.",
                "the number of bicycles that the new factory makes",
            ),
        )
    )
    tailors = "tailors" in setup
    worker, things, unit = ("tailor", "shirts", "an hour") if tailors else ("machine", "bicycles", "a day")
    value = n * many * each
    steps = (
        rf"One {worker} makes \( {few * each} \div {few} = {each} \) {things} {unit}.",
        rf"{many} of them make \( {many} \times {each} = {many * each} \) {things} {unit}.",
        rf"So in the whole time they make \( {n} \times {many * each} = {value} \) {things}.",
    )
    return Link(setup, quantity, steps, value, lambda x: whole(Fraction(few * each, few) * x * many))


_STRENGTHS = ((20, 30, 40), (10, 30, 40), (10, 40, 50), (20, 60, 70), (5, 15, 20), (10, 16, 18), (12, 21, 24))
"""Weak, wanted and strong, in percent; what is added is a whole multiple of what is there."""


@generator("mixing solutions", MIXTURES, "middle", low=2, high=900)
def _stronger_is_added(n: int, given: str, rng: Random) -> Link:
    weak, wanted, strong = rng.choice(_STRENGTHS)
    k = (wanted - weak) // (strong - wanted)
    stuff = rng.choice(("acid", "alcohol", "sugar syrup", "salt water"))
    setup = rng.choice(
        (
            f"A laboratory has {given} litres of {stuff} with a strength of {weak}%. So much {stuff} of {strong}% is "
            f"added that the mixture has {wanted}%.",
            f"To {given} litres of {stuff} of {weak}%, a chemist adds {stuff} of {strong}% and gets a mixture of "
            f"exactly {wanted}%.",
        )
    )
    total = rng.random() < 0.4
    value = (k + 1) * n if total else k * n
    ratio = rf"\( {wanted} - {weak} = {wanted - weak} \) and \( {strong} - {wanted} = {strong - wanted} \)"
    added = rf"Each litre of the weak one needs \( {wanted - weak} \div {strong - wanted} = {k} \) of the strong one"
    steps = (
        f"The two strengths differ from the wanted one by {ratio}; what one lacks, the other must bring.",
        rf"{added}, so \( {k} \times {n} = {k * n} \) litres are added"
        + (rf", and the mixture has \( {n} + {k * n} = {value} \) litres." if total else "."),
    )

    def check(x: int) -> int:
        """Try how much has to be added until the pure content fits."""
        more = next(m for m in range(5 * x + 1) if weak * x + strong * m == wanted * (x + m))
        return x + more if total else more

    quantity = "the number of litres of the mixture" if total else f"the number of litres of {stuff} added"
    return Link(setup, quantity, steps, value, check)


@generator("concentration of solutions", "Percentages", "middle", low=2, high=200)
def _dissolved_in_two(n: int, given: str, rng: Random) -> Link:
    p, q = rng.sample(range(2, 16), 2)
    other = rng.randint(2, 9)
    solid = rng.choice(("salt", "sugar", "citric acid"))
    setup = rng.choice(
        (
            f"A jar holds {times(100, n, given)} grams of a solution with {p}% of {solid}. It is poured together with "
            f"{100 * other} grams of a solution that has {q}% of {solid}.",
            f"For a test, {times(100, n, given)} grams of a {solid} solution of {p}% and {100 * other} grams of a "
            f"{solid} solution of {q}% are mixed.",
        )
    )
    value = p * n + q * other
    steps = (
        rf"The first part contains \( \frac{{{p}}}{{100}} \times {100 * n} = {p * n} \) grams of {solid}.",
        rf"The second part contains \( \frac{{{q}}}{{100}} \times {100 * other} = {q * other} \) grams.",
        rf"Together these are \( {p * n} + {q * other} = {value} \) grams.",
    )
    # All that is not water.
    return Link(
        setup,
        f"the number of grams of {solid} in the mixture",
        steps,
        value,
        lambda x: 100 * (x + other) - (100 - p) * x - (100 - q) * other,
    )


@generator("mixing goods of different prices", MIXTURES, "middle", low=2, high=600)
def _blend(n: int, given: str, rng: Random) -> Link:
    k, step, cheap = rng.randint(2, 5 if n < 200 else 2), rng.randint(1, 3), rng.randint(3, 12)
    price, dear = cheap + k * step, cheap + (k + 1) * step
    who = rng.choice(PEOPLE)
    goods = rng.choice(("coffee", "tea", "nuts", "spices"))
    setup = rng.choice(
        (
            f"{who} mixes {given} kilograms of {goods} at {cheap} dollars a kilogram with {goods} at {dear} dollars a "
            f"kilogram, so that the blend is worth {price} dollars a kilogram.",
            f"A shop has {given} kilograms of cheap {goods} at {cheap} dollars a kilogram and adds so much {goods} at "
            f"{dear} dollars that the blend is worth {price} dollars a kilogram.",
        )
    )
    value = k * n
    steps = (
        rf"Each kilogram at {cheap} dollars lacks \( {price} - {cheap} = {price - cheap} \) dollars, and each one at "
        rf"{dear} dollars is worth \( {dear} - {price} = {step} \) too much.",
        rf"So the dear kind is needed \( {price - cheap} \div {step} = {k} \) times as often as the cheap one: \( {k} "
        rf"\times {n} = {value} \) kilograms.",
    )

    def check(x: int) -> int:
        return next(m for m in range(6 * x + 1) if cheap * x + dear * m == price * (x + m))

    return Link(setup, f"the number of kilograms of {goods} at {dear} dollars in the blend", steps, value, check)


_KINDS = (
    (2, "chickens", 4, "rabbits", "A farmyard of chickens and rabbits has {heads} heads and {legs} legs.", "legs"),
    (2, "scooters", 3, "tricycles", "In a playground {heads} scooters and tricycles have {legs} wheels.", "wheels"),
    (6, "beetles", 8, "spiders", "In a terrarium {heads} beetles and spiders have {legs} legs together.", "legs"),
    (2, "double rooms", 5, "dormitories", "A hostel with {heads} rooms, double rooms and dormitories for five, has "
     "{legs} beds.", "beds"),
)  # fmt: skip
"""Legs of the first, its name, legs of the second, its name, the story, and what the legs are."""


@generator("chickens and rabbits", MIXTURES, "primary", low=5, high=900)
def _heads_and_legs(n: int, given: str, rng: Random) -> Link:
    few, few_name, many, many_name, story, legs = rng.choice(_KINDS)
    large = rng.randint(2, n - 2)
    total = few * n + (many - few) * large
    lacking = total - few * n
    steps = (
        rf"If all were {few_name}, there would be \( {few} \times {n} = {few * n} \) {legs}, which is \( {total} - "
        rf"{few * n} = {lacking} \) too few.",
        rf"Each of the others has \( {many} - {few} = {many - few} \) more, so the number of {many_name} is \( "
        rf"{lacking} \div {many - few} = {large} \).",
    )

    def check(x: int) -> int:
        """Try the numbers one by one."""
        found = next((m for m in range(x + 1) if few * (x - m) + many * m == total), None)
        if found is None:
            raise ArithmeticError("no numbers fit")
        return found

    return Link(story.format(heads=given, legs=total), f"the number of {many_name}", steps, large, check)
