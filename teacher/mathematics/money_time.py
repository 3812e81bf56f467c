"""Money, time and calendar. Second computation: year by year, item by item, or the standard library's calendar."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction
from random import Random

from teacher.chain import Link, generator
from teacher.mathematics.terms import times, whole
from teacher.mathematics.wording import PEOPLE, factor, listing

MONEY, TIME = "Money and finance", "Time and calendar"
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_A_MONDAY = date(2024, 1, 1)


@generator("simple interest", MONEY, "middle", low=2, high=500)
def _interest(n: int, given: str, rng: Random) -> Link:
    years = rng.randint(2, 6)
    rate = factor(rng, n * years, high=8)
    principal = 100 * n
    amount = times(100, n, given)
    who = rng.choice(PEOPLE)
    setup, quantity = rng.choice(
        (
            (
                f"{who} puts {amount} dollars into a savings account that pays {rate}% simple interest a year.",
                f"the interest in dollars after {years} years",
            ),
            (
                f"{who} borrows {amount} euros for {years} years at {rate}% simple interest a year.",
                "the interest in euros for the whole time",
            ),
            (
                f"A club lends {amount} dollars to its trainer at a simple interest of {rate}% a year. "
                f"The loan is paid back after {years} years.",
                "the number of dollars that the club earns by the loan",
            ),
        )
    )
    yearly = rate * n
    steps = (
        rf"One year brings {rate}% of {principal}: \( {principal} \times \frac{{{rate}}}{{100}} = {yearly} \).",
        rf"It is the same each year, and {years} years bring \( {years} \times {yearly} = {years * yearly} \).",
    )

    def check(m: int) -> int:
        account = Fraction(100 * m)
        for _ in range(years):
            account += Fraction(100 * m * rate, 100)
        return whole(account) - 100 * m

    return Link(setup, quantity, steps, years * yearly, check)


@generator("simple interest", MONEY, "middle", low=2, high=500)
def _principal(n: int, given: str, rng: Random) -> Link:
    rate, years = rng.choice(((2, 5), (5, 2), (4, 5), (5, 4), (2, 10), (5, 5), (10, 2), (5, 10)))
    share = Fraction(rate * years, 100)
    who = rng.choice(PEOPLE)
    setup, quantity = rng.choice(
        (
            (
                f"At {rate}% simple interest a year a deposit earns {given} dollars in {years} years.",
                "the deposit in dollars",
            ),
            (
                f"{who} lends some money for {years} years at {rate}% simple interest a year "
                f"and gets {given} euros of interest for it.",
                f"the number of euros that {who} lends",
            ),
        )
    )
    value = whole(n / share)
    steps = (
        rf"In {years} years the interest is \( {years} \times {rate}\% = {rate * years}\% \) of the money.",
        rf"So {rate * years}% of it is {n}, and all of it is "
        rf"\( {n} \times \frac{{100}}{{{rate * years}}} = {value} \).",
    )

    def check(m: int) -> int:
        low, high = 0, 100 * m  # halve the range until the interest fits
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if middle * rate * years < 100 * m else (low, middle)
        return low

    return Link(setup, quantity, steps, value, check)


_GOODS = ("lamps", "scarves", "kettles", "baskets", "puzzles", "umbrellas", "flower pots", "headphones")


@generator("profit and loss", MONEY, "middle", low=2, high=1000)
def _profit(n: int, given: str, rng: Random) -> Link:
    gain = factor(rng, n, high=9)
    cost = rng.randint(4, 30)
    price, goods, who = cost + gain, rng.choice(_GOODS), rng.choice(PEOPLE)
    setup, quantity = rng.choice(
        (
            (
                f"{who} buys {given} {goods} for {cost} dollars each and sells them all for {price} dollars each.",
                "the profit in dollars",
            ),
            (
                f"A shop orders {given} {goods} at {cost} euros apiece. All of them are sold at {price} euros apiece.",
                "the profit of the shop in euros",
            ),
        )
    )
    steps = (
        rf"The cost is \( {n} \times {cost} = {n * cost} \), and the sale brings "
        rf"\( {n} \times {price} = {n * price} \).",
        rf"The profit is \( {n * price} - {n * cost} = {n * gain} \).",
    )
    return Link(setup, quantity, steps, n * gain, lambda m: m * (price - cost))


@generator("profit and loss", MONEY, "middle", low=12, high=500)
def _profit_with_breakage(n: int, given: str, rng: Random) -> Link:
    cost, broken = rng.randint(2, 5), rng.randint(2, 5)
    price, who = 2 * cost + rng.randint(0, 3), rng.choice(PEOPLE)
    goods = rng.choice(("glasses", "vases", "plates", "clay mugs", "mirrors"))
    setup, quantity = rng.choice(
        (
            (
                f"{who} buys {given} {goods} at {cost} dollars each. On the way {broken} of them break, "
                f"and the others are sold at {price} dollars each.",
                f"the profit of {who} in dollars",
            ),
            (
                f"A stall pays {cost} euros for each of {given} {goods}. It sells all but {broken} of them "
                f"for {price} euros each, and those {broken} are thrown away.",
                "the profit of the stall in euros",
            ),
        )
    )
    value = price * (n - broken) - cost * n
    steps = (
        rf"Buying costs \( {n} \times {cost} = {n * cost} \).",
        rf"There are \( {n} - {broken} = {n - broken} \) left to sell, "
        rf"which bring \( {n - broken} \times {price} = {(n - broken) * price} \).",
        rf"The profit is \( {(n - broken) * price} - {n * cost} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda m: m * (price - cost) - broken * price)


def _clock(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02d}"


@generator("elapsed time", TIME, "primary", low=2, high=600)
def _until_midnight(n: int, given: str, rng: Random) -> Link:
    start = 5 * rng.randint(84, 160)
    setup = rng.choice(
        (
            f"A theatre play begins at {_clock(start)} on the 24-hour clock and lasts {given} minutes.",
            f"A bus leaves at {_clock(start)} on the 24-hour clock and is under way for {given} minutes.",
            f"{rng.choice(PEOPLE)} puts bread dough in a bowl at {_clock(start)} on the 24-hour clock, "
            f"and it rises for {given} minutes.",
        )
    )
    left = 24 * 60 - start
    hours, minutes = divmod(left, 60)
    steps = (
        rf"From {_clock(start)} to midnight it is {hours} h {minutes} min, "
        rf"that is \( {hours} \times 60 + {minutes} = {left} \) minutes."
        if minutes
        else rf"From {_clock(start)} to midnight it is {hours} h, that is \( {hours} \times 60 = {left} \) minutes.",
        rf"After {n} minutes there remain \( {left} - {n} = {left - n} \) minutes.",
    )

    def check(m: int) -> int:
        end = datetime(2024, 1, 1, start // 60, start % 60) + timedelta(minutes=m)  # noqa: DTZ001 - a clock on a wall
        return (datetime(2024, 1, 2) - end) // timedelta(minutes=1)  # noqa: DTZ001

    return Link(setup, "the number of minutes from the end of that time until midnight", steps, left - n, check)


@generator("elapsed time", TIME, "primary", low=2, high=300)
def _every_day(n: int, given: str, rng: Random) -> Link:
    start = 5 * rng.randint(84, 190)
    length = rng.choice((35, 45, 50, 55, 65, 70, 75, 80, 95)) if n < 40 else rng.choice((12, 15, 18, 20, 25))
    start = start if (start + length) // 60 > start // 60 else start + 60 - start % 60 - 5
    end, who = start + length, rng.choice(PEOPLE)
    setup, quantity = rng.choice(
        (
            (
                f"On each of {given} days {who} practises the violin from {_clock(start)} until {_clock(end)}.",
                f"the number of minutes that {who} practises in all",
            ),
            (
                f"A fountain plays from {_clock(start)} until {_clock(end)} on each of {given} days.",
                "the number of minutes that it plays in all",
            ),
            (
                f"A night watchman makes a round from {_clock(start)} until {_clock(end)} on each of {given} nights.",
                "the number of minutes that these rounds take together",
            ),
        )
    )
    to_hour = 60 - start % 60
    steps = (
        rf"From {_clock(start)} to {_clock(start + to_hour)} it is {to_hour} minutes, "
        rf"and from then to {_clock(end)} another {length - to_hour} minutes.",
        rf"One time takes \( {to_hour} + {length - to_hour} = {length} \) minutes.",
        rf"All of them take \( {n} \times {length} = {n * length} \) minutes.",
    )

    def check(m: int) -> int:
        once = timedelta(hours=end // 60, minutes=end % 60) - timedelta(hours=start // 60, minutes=start % 60)
        return m * once // timedelta(minutes=1)

    return Link(setup, quantity, steps, n * length, check)


@generator("days of the week", TIME, "primary", low=10, high=3000)
def _which_day(n: int, given: str, rng: Random) -> Link:
    first = rng.randrange(7)
    weeks, rest = divmod(n, 7)
    number = (first + n) % 7 + 1
    setup = "The days of the week are numbered from Monday, which is 1, to Sunday, which is 7. " + rng.choice(
        (
            f"A ship sails on a {DAYS[first]} and comes home {given} days later.",
            f"Today is {DAYS[first]}, and a festival begins in {given} days.",
            f"{rng.choice(PEOPLE)} plants a seed on a {DAYS[first]}, and it flowers {given} days later.",
        )
    )
    later = f"{rest} {'day' if rest == 1 else 'days'} after a {DAYS[first]}" if rest else f"again a {DAYS[first]}"
    steps = (
        rf"The days of the week repeat every 7 days, and \( {n} = {weeks} \times 7 + {rest} \).",
        rf"So it is {later}: a {DAYS[number - 1]}, which has the number {number}."
        if rest
        else rf"So it is {later}, which has the number {number}.",
    )

    def check(m: int) -> int:
        return (_A_MONDAY + timedelta(days=first + m)).isoweekday()

    return Link(setup, "the number of the weekday on which that happens", steps, number, check)


def _days_left(first: int, rest: int) -> str:
    """The days that full weeks from `first` on leave over, as a sentence."""
    if rest == 0:
        return "No day is left over."
    names = [DAYS[(first + i) % 7] for i in range(rest)]
    return f"The {'day' if rest == 1 else f'{rest} days'} left over {'is' if rest == 1 else 'are'} {listing(names)}."


@generator("days of the week", TIME, "middle", low=15, high=3000)
def _how_many_of_a_day(n: int, given: str, rng: Random) -> Link:
    first = rng.randrange(7)
    wanted = (first + rng.randint(1, 6)) % 7
    weeks, rest = divmod(n, 7)
    offset = (wanted - first) % 7
    value = weeks + (offset < rest)
    setup, quantity = rng.choice(
        (
            (
                f"A course lasts {given} days in a row, Sundays and holidays included, and begins on a {DAYS[first]}.",
                f"the number of {DAYS[wanted]}s during the course",
            ),
            (
                f"{rng.choice(PEOPLE)} writes a diary on {given} days in a row, "
                f"and the first of them is a {DAYS[first]}.",
                f"the number of entries written on a {DAYS[wanted]}",
            ),
        )
    )
    left = _days_left(first, rest)
    more = rf"\( {weeks} + 1 = {value} \)" if value > weeks else f"{value}"
    steps = (
        rf"\( {n} = {weeks} \times 7 + {rest} \): the full weeks hold {weeks} {DAYS[wanted]}s, one each.",
        f"{left} So there are {more} {DAYS[wanted]}s.",
    )
    return Link(setup, quantity, steps, value, lambda m: len(range(offset, m, 7)))


@generator("days of the week", TIME, "middle", low=15, high=1500)
def _working_days(n: int, given: str, rng: Random) -> Link:
    first = rng.randrange(6)
    weeks, rest = divmod(n, 7)
    value = n - weeks - (6 - first < rest)
    setup, quantity = rng.choice(
        (
            (
                f"A shop is open every day except Sunday. It opens for the first time on a {DAYS[first]}.",
                f"the number of days on which it is open during its first {given} days",
            ),
            (
                f"A bakery bakes every day but rests on Sundays. Count {given} days in a row from a {DAYS[first]} on.",
                "the number of these days on which it bakes",
            ),
        )
    )
    sundays = weeks + (6 - first < rest)
    steps = (
        rf"\( {n} = {weeks} \times 7 + {rest} \), so there are {weeks} Sundays in the full weeks.",
        f"{_days_left(first, rest)} So there are {sundays} Sundays among the {n} days.",
        rf"The other days are \( {n} - {sundays} = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda m: m - len(range(6 - first, m, 7)))
