"""Costs, savings, wages and sales. Second computation: item by item, in cents, or by the part that is paid."""

from __future__ import annotations

from fractions import Fraction
from random import Random

from teacher.chain import Link, generator
from teacher.mathematics.exact import whole
from teacher.mathematics.wording import PEOPLE, factor


@generator("adding up costs", "Money and finance", "primary", low=2, high=400)
def _several_and_one(n: int, given: str, rng: Random) -> Link:
    many, single = factor(rng, n, most=500, high=8), rng.randint(3, 40)
    who = rng.choice(PEOPLE)
    goods, other = rng.choice((("chairs", "lamp"), ("plates", "jug"), ("blankets", "pillow"), ("saplings", "spade")))
    setup = f"{who} buys {many} {goods} for {given} dollars each and a {other} for {single} dollars."
    value = n * many + single
    steps = (
        rf"The {goods} cost \( {many} \times {n} = {n * many} \) dollars.",
        rf"Together with the {other} that makes \( {n * many} + {single} = {value} \) dollars.",
    )
    quantity = f"the number of dollars that {who} pays"
    return Link(setup, quantity, steps, value, lambda x: sum([single] + [x] * many))


@generator("adding up costs", "Money and finance", "primary", low=2, high=900)
def _three_prices(n: int, given: str, rng: Random) -> Link:
    second, more = rng.randint(15, 90), rng.randint(2, 30)
    who = rng.choice(PEOPLE)
    store = rng.choice(("flea market", "garden centre", "music shop", "furniture store"))
    setup = (
        f"At a {store} {who} spends {given} dollars on the first item and {second} dollars on the second. The third "
        f"item costs {more} dollars more than the second."
    )
    value = n + 2 * second + more
    steps = (
        rf"The third item costs \( {second} + {more} = {second + more} \) dollars.",
        rf"All three cost \( {n} + {second} + {second + more} = {value} \) dollars.",
    )
    return Link(setup, "the total cost in dollars", steps, value, lambda x: sum((second, second, more, x)))


@generator("budgets and savings", "Money and finance", "primary", low=2, high=300)
def _saving_up(n: int, given: str, rng: Random) -> Link:
    weeks, start, spent = factor(rng, n, most=700), rng.randint(20, 90), rng.randint(2, 19)
    who = rng.choice(PEOPLE)
    goal = rng.choice(("bicycle", "guitar", "tent", "camera"))
    setup = (
        f"{who} is saving for a {goal} and already has {start} dollars. For {weeks} weeks {who} puts aside {given} "
        f"dollars a week, and then {spent} dollars go on a present."
    )
    saved = start + n * weeks
    value = saved - spent
    steps = (
        rf"In {weeks} weeks \( {weeks} \times {n} = {n * weeks} \) dollars are put aside, which makes \( {start} + "
        rf"{n * weeks} = {saved} \).",
        rf"After the present there are \( {saved} - {spent} = {value} \) dollars.",
    )

    def check(x: int) -> int:
        """Week by week."""
        purse = start
        for _ in range(weeks):
            purse += x
        return purse - spent

    return Link(setup, f"the number of dollars that {who} then has", steps, value, check)


@generator("budgets and savings", "Money and finance", "primary", low=60, high=1500)
def _money_left(n: int, given: str, rng: Random) -> Link:
    rent, food = rng.randint(10, n // 3), rng.randint(5, n // 3)
    setup, quantity = rng.choice(
        (
            (
                f"A choir has a budget of {given} dollars. It spends {rent} dollars on a hall and {food} dollars on "
                "scores.",
                "the number of dollars that are left of the budget",
            ),
            (
                f"From earnings of {given} dollars, {rent} dollars go on rent and {food} dollars on food; the rest is "
                "saved.",
                "the number of dollars saved",
            ),
        )
    )
    value = n - rent - food
    steps = (
        rf"The two expenses add up to \( {rent} + {food} = {rent + food} \) dollars.",
        rf"There remain \( {n} - {rent + food} = {value} \) dollars.",
    )
    return Link(setup, quantity, steps, value, lambda x: x - food - rent)


@generator("wages and overtime", "Money and finance", "middle", low=2, high=120)
def _overtime(n: int, given: str, rng: Random) -> Link:
    hours, extra = rng.randint(4, 9), rng.randint(2, 4)
    who = rng.choice(PEOPLE)
    job = rng.choice(("packing parcels", "painting fences", "mending nets", "picking grapes"))
    setup = (
        f"{who} earns {given} dollars an hour by {job}. Every hour beyond {hours} in a day is overtime and is paid "
        f"double. Today {who} works {hours + extra} hours."
    )
    value = n * (hours + 2 * extra)
    steps = (
        rf"The first {hours} hours bring \( {hours} \times {n} = {hours * n} \) dollars.",
        rf"The other {extra} hours are paid \( 2 \times {n} = {2 * n} \) dollars each and bring \( {extra} \times "
        rf"{2 * n} = {2 * extra * n} \).",
        rf"Together that is \( {hours * n} + {2 * extra * n} = {value} \) dollars.",
    )
    return Link(
        setup,
        f"the number of dollars that {who} earns today",
        steps,
        value,
        lambda x: sum(x if hour < hours else 2 * x for hour in range(hours + extra)),
    )


@generator("discounts and sales", "Percentages", "middle", low=2, high=300)
def _sale_price(n: int, given: str, rng: Random) -> Link:
    who = rng.choice(PEOPLE)
    goods = rng.choice(("jacket", "bookcase", "carpet", "telescope"))
    percent, times = rng.choice(((50, 2), (25, 4), (20, 5), (10, 10)) if n <= 60 else ((50, 2), (25, 4)))
    setup, part = rng.choice(
        (
            (
                f"In a sale a {goods} is marked down by {percent}%. This discount saves {who}, who buys it, {given} "
                "dollars.",
                "discount",
            ),
            (
                f"In a clearance a {goods} is sold at a discount of {100 - percent}%, and {who} pays {given} dollars "
                "for it.",
                "sale price",
            ),
        )
    )
    value = n * times
    steps = (
        rf"The {part} of {n} dollars is {percent}% of the original price, which is \( \frac{{1}}{{{times}}} \) of it.",
        rf"So the original price was \( {times} \times {n} = {value} \) dollars.",
    )
    quantity = f"the original price of the {goods} in dollars"
    return Link(setup, quantity, steps, value, lambda x: whole(x / Fraction(percent, 100)))
