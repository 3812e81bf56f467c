"""Ratios and rates. Second computation: cross products, the harmonic way round, or the shares counted one by one."""

from __future__ import annotations

from fractions import Fraction
from random import Random

from teacher.chain import Link, generator
from teacher.mathematics.terms import times, whole
from teacher.mathematics.wording import PEOPLE, factor

TOPIC = "Ratios and rates"


@generator("unit rate", TOPIC, "primary", low=2, high=1000)
def _same_price(n: int, given: str, rng: Random) -> Link:
    count, rate = rng.randint(3, 9), factor(rng, n, high=9)
    setup, quantity, unit, one = rng.choice(
        (
            (
                f"At the market {count} kilograms of cherries cost {count * rate} dollars.",
                f"the price, in dollars, of {given} kilograms at the same rate",
                "dollars",
                "kilogram costs",
            ),
            (
                f"A printer needs {count} minutes for {count * rate} pages.",
                f"the number of pages that it prints in {given} minutes at this rate",
                "pages",
                "minute is enough for",
            ),
            (
                f"A pump moves {count * rate} litres of water in {count} seconds.",
                f"the number of litres that it moves in {given} seconds",
                "litres",
                "second is enough for",
            ),
            (
                f"{rng.choice(PEOPLE)} earns {count * rate} euros for {count} hours of gardening.",
                f"the pay, in euros, for {given} hours at the same rate",
                "euros",
                "hour brings",
            ),
        )
    )
    steps = (
        rf"One {one} \( {count * rate} \div {count} = {rate} \) {unit}.",
        rf"So the result is \( {n} \times {rate} = {n * rate} \) {unit}.",
    )
    return Link(setup, quantity, steps, n * rate, lambda m: whole(Fraction(m, count) * (count * rate)))


@generator("unit rate", TOPIC, "middle", low=2, high=500)
def _two_rates(n: int, given: str, rng: Random) -> Link:
    a, b = rng.randint(2, 6), rng.randint(2, 6)
    p, q = rng.randint(2, 7), rng.randint(2, 7)
    setup, quantity, thing, doers = rng.choice(
        (
            (
                f"An old machine fills {a * p} bottles in {a} minutes, "
                f"and a new one fills {b * q} bottles in {b} minutes. Both run for {given} minutes.",
                "the number of bottles that the two machines fill in that time",
                "bottles",
                ("The old machine", "the new one", "fills"),
            ),
            (
                f"{rng.choice(PEOPLE)} folds {a * p} leaflets in {a} minutes, and a helper folds {b * q} leaflets "
                f"in {b} minutes. They work side by side for {given} minutes.",
                "the number of leaflets that they fold together",
                "leaflets",
                ("One of them", "the other", "folds"),
            ),
        )
    )
    value = n * (p + q)
    steps = (
        rf"{doers[0]} {doers[2]} \( {a * p} \div {a} = {p} \) {thing} a minute, "
        rf"and {doers[1]} {doers[2]} \( {b * q} \div {b} = {q} \) {thing} a minute.",
        rf"Together that is \( {p} + {q} = {p + q} \) {thing} a minute.",
        rf"In {n} minutes it makes \( {n} \times {p + q} = {value} \) {thing}.",
    )
    return Link(setup, quantity, steps, value, lambda m: whole(Fraction(m * a * p, a) + Fraction(m * b * q, b)))


@generator("dividing in a given ratio", TOPIC, "middle", low=2, high=800)
def _share_of_a_total(n: int, given: str, rng: Random) -> Link:
    a, b = rng.choice(((2, 3), (3, 4), (2, 5), (3, 5), (4, 5), (5, 7), (3, 7), (1, 4), (2, 7)))
    total = (a + b) * n
    first, second = rng.sample(PEOPLE, 2)
    amount = times(a + b, n, given)
    setup, larger, smaller, both = rng.choice(
        (
            (
                f"{first} and {second} share {amount} euros in the ratio {a}:{b}.",
                f"the share of {second} in euros",
                f"the share of {first} in euros",
                "the difference of the two shares in euros",
            ),
            (
                f"{first} mixes {amount} millilitres of paint from blue and white in the ratio {a}:{b}.",
                "the number of millilitres of white paint in it",
                "the number of millilitres of blue paint in it",
                "the number of millilitres by which there is more white paint than blue",
            ),
            (
                f"A school choir of {amount} singers has boys and girls in the ratio {a}:{b}.",
                "the number of girls in the choir",
                "the number of boys in the choir",
                "the number by which the girls outnumber the boys",
            ),
        )
    )
    parts, quantity = rng.choice(((b, larger), (a, smaller), (b - a, both)))
    value = parts * n
    last = (
        rf"The shares are \( {a} \times {n} = {a * n} \) and \( {b} \times {n} = {b * n} \), "
        rf"and their difference is \( {b * n} - {a * n} = {value} \)."
        if parts not in (a, b)
        else rf"The share asked for is {parts} of these parts: \( {parts} \times {n} = {value} \)."
        if parts > 1
        else f"The share asked for is one of these parts, {value}."
    )
    steps = (
        rf"There are \( {a} + {b} = {a + b} \) equal parts, and one part is \( {total} \div {a + b} = {n} \).",
        last,
    )
    return Link(setup, quantity, steps, value, lambda m: whole(Fraction(parts, a + b) * ((a + b) * m)))


@generator("dividing in a given ratio", TOPIC, "middle", low=2, high=800)
def _share_from_another(n: int, given: str, rng: Random) -> Link:
    a, b, c = rng.choice(((2, 3, 4), (2, 5, 3), (3, 4, 5), (2, 3, 7), (4, 5, 6), (3, 5, 4)))
    k = rng.randint(1, 3)
    x, y = rng.sample(PEOPLE, 2)
    setup, quantity, thing = rng.choice(
        (
            (
                f"A prize is divided among {x}, {y} and their coach in the ratio {a}:{b}:{c}. "
                f"{x} receives {times(a * k, n, given)} dollars.",
                "the whole prize in dollars",
                "dollars",
            ),
            (
                f"In a fruit salad the numbers of kiwis, plums and grapes are in the ratio {a}:{b}:{c}. "
                f"It has {times(a * k, n, given)} kiwis.",
                "the number of pieces of fruit in the salad",
                "pieces of fruit",
            ),
        )
    )
    part, value = k * n, (a + b + c) * k * n
    steps = (
        rf"{a * part} is {a} of the equal parts, so one part is \( {a * part} \div {a} = {part} \).",
        rf"In all there are \( {a} + {b} + {c} = {a + b + c} \) parts, "
        rf"which makes \( {a + b + c} \times {part} = {value} \) {thing}.",
    )
    return Link(setup, quantity, steps, value, lambda m: sum(whole(Fraction(a * k * m * p, a)) for p in (a, b, c)))


@generator("speed, distance and time", TOPIC, "middle", low=2, high=600)
def _catching_up(n: int, given: str, rng: Random) -> Link:
    gap = rng.randint(1, 2)
    k = factor(rng, n, high=5)
    slow = gap * k
    fast = slow + gap
    first, second = rng.sample(PEOPLE, 2)
    ride = rng.choice(("runs", "cycles", "skates"))
    setup = (
        f"{first} starts at a lamp post and {ride} at {slow} metres per second. "
        f"{second} starts at the same lamp post {given} seconds later and {ride} the same way "
        f"at {fast} metres per second."
    )
    ahead = slow * n
    steps = (
        rf"When {second} starts, {first} is \( {slow} \times {n} = {ahead} \) metres ahead.",
        rf"The gap shrinks by \( {fast} - {slow} = {gap} \) {'metre' if gap == 1 else 'metres'} in each second.",
        rf"So it takes \( {ahead} \div {gap} = {k * n} \) seconds to close it.",
    )

    def check(m: int) -> int:
        way = Fraction(m) / (Fraction(1, slow) - Fraction(1, fast))  # both cover it, m seconds apart
        return whole(way / fast)

    quantity = f"the number of seconds that {second} needs to catch up with {first}"
    return Link(setup, quantity, steps, k * n, check)


@generator("speed, distance and time", TOPIC, "middle", low=2, high=600)
def _two_stretches(n: int, given: str, rng: Random) -> Link:
    speed, other, time = factor(rng, n, high=9), rng.randint(2, 9), 5 * rng.randint(2, 12)
    who = rng.choice(PEOPLE)
    setup, quantity, unit = rng.choice(
        (
            (
                f"{who} cycles at {speed} metres per second for {given} seconds "
                f"and then at {other} metres per second for {time} seconds.",
                f"the distance in metres that {who} covers",
                "metres",
            ),
            (
                f"A delivery robot rolls at {speed} metres per minute for {given} minutes. "
                f"Then it rolls on at {other} metres per minute for {time} minutes.",
                "the length of its whole way in metres",
                "metres",
            ),
            (
                f"A cable car climbs {speed} feet per second for {given} seconds. After the middle station it climbs "
                f"{other} feet per second for {time} seconds.",
                "the number of feet that it climbs in all",
                "feet",
            ),
        )
    )
    value = speed * n + other * time
    steps = (
        rf"Distance is speed times time. The first stretch has \( {speed} \times {n} = {speed * n} \) {unit}.",
        rf"The second stretch has \( {other} \times {time} = {other * time} \) {unit}.",
        rf"Together that is \( {speed * n} + {other * time} = {value} \) {unit}.",
    )

    def check(m: int) -> int:
        mean = Fraction(speed * m + other * time, m + time)  # the average speed over the whole time
        return whole(mean * (m + time))

    return Link(setup, quantity, steps, value, check)


@generator("speed, distance and time", TOPIC, "middle", low=2, high=900)
def _towards_each_other(n: int, given: str, rng: Random) -> Link:
    u = rng.randint(2, 6)
    v = rng.randint(u + 1, 9)
    first, second = rng.sample(PEOPLE, 2)
    setup = (
        f"{first} and {second} stand {times(u + v, n, given)} metres apart and start towards each other at the same "
        f"moment, {first} at {u} metres per second and {second} at {v} metres per second."
    )
    total = (u + v) * n
    steps = (
        rf"They approach each other by \( {u} + {v} = {u + v} \) metres in each second.",
        rf"They meet after \( {total} \div {u + v} = {n} \) seconds.",
        rf"By then {second} has covered \( {v} \times {n} = {v * n} \) metres.",
    )
    quantity = f"the distance in metres that {second} has covered when they meet"
    return Link(setup, quantity, steps, v * n, lambda m: whole(Fraction(v, u + v) * (u + v) * m))
