"""Every answer of data/seeds/primary.jsonl, computed a second time from the question by simulation or enumeration."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import combinations, count, permutations, product
from math import ceil, prod
from statistics import mean, median

import pytest
from exact_answers import differences, only, read_level, unmatched
from sympy import primefactors

SEEDS = read_level("primary")


def minutes(earlier: str, later: str) -> int:
    """Between two clock times of one day."""
    start, end = (datetime.strptime(text, "%H:%M") for text in (earlier, later))  # noqa: DTZ007  clock times only
    return int((end - start).total_seconds()) // 60


def eggs_left_over() -> int:
    eggs = sum(47 for _day in range(5))
    while eggs >= 12:
        eggs -= 12
    return eggs


def first_monday_of_april() -> int:
    year = next(y for y in count(2001) if date(y, 3, 3).isoweekday() == 3)
    return only(d for d in range(1, 8) if date(year, 4, d).isoweekday() == 1)


def smudged_quotient() -> int:
    return only(number // 9 for number in (int(f"47{digit}6") for digit in range(10)) if number % 9 == 0)


def square_minus_rectangle() -> int:
    square = only(side * side for side in range(1, 48) if 4 * side == 96 // 2)
    rectangle = only(2 * width * width for width in range(1, 48) if 2 * (width + 2 * width) == 96 // 2)
    return square - rectangle


def sandwiches() -> int:
    menu = product(range(3), ["cheese", *range(4)], ["none", *range(2)])
    return sum(not (filling == "cheese" and sauce == "none") for _bread, filling, sauce in menu)


def exactly_one_activity() -> Fraction:
    choir, chess = set(range(18)), set(range(18 - 7, 18 - 7 + 15))
    return Fraction(len(choir ^ chess), 32)


def meeting() -> int:
    first, second, hours = 0, 54, 0
    while first < second:
        first, second, hours = first + 15, second - 12, hours + 1
    assert first == second
    return first


def matchstick_squares() -> int:
    squares, left = 1, 120 - 4
    while left >= 3:
        squares, left = squares + 1, left - 3
    return squares


def flag_not_red() -> Fraction:
    """Shoelace formula for the triangle (0, 0), (0, 40), (45, 10)."""
    red = Fraction(abs(0 * (40 - 10) + 0 * (10 - 0) + 45 * (0 - 40)), 2)
    return 60 * 40 - red


def all_flash() -> int:
    return sum(all(second % period == 0 for period in (8, 12, 15)) for second in range(1, 601))


def tournament_points() -> int:
    games = list(combinations(range(6), 2))
    return sum(2 if number < 4 else 3 for number, _game in enumerate(games))


def trapezoid_bulbs() -> int:
    area = Fraction(14 + 8, 2) * 5
    return ceil(area * 3 / 25)


def temperature() -> int:
    now = -7
    for hour in range(6, 20):
        now += 3 if hour < 12 else -2
    return now


def two_machines() -> int:
    def machine(number: int) -> int:
        return number * 4 - 5

    return only(number for number in range(-100, 100) if machine(machine(number)) == 55)


def fence_posts() -> int:
    gap = max(gap for gap in range(1, 31) if 48 % gap == 0 and 30 % gap == 0)
    along = {(x, y) for x in range(0, 49, gap) for y in range(0, 31, gap)}
    return sum(x in (0, 48) or y in (0, 30) for x, y in along)


def socks_needed() -> int:
    """One more than the most socks of which no four have one colour."""
    takings = product(range(11), range(9), range(7))
    return 1 + max(sum(taking) for taking in takings if max(taking) < 4)


def wood_increase() -> int:
    edge = only(e for e in range(1, 150) if 6 * e * e == 150)
    return sum(6 for _cube in product(range(edge), repeat=3)) - 150


def stickers_kept() -> Fraction:
    after_first_gift = 72 - Fraction(3, 8) * 72
    return after_first_gift - after_first_gift / 3


def slow_minutes() -> Fraction:
    monday_noon = datetime(2026, 11, 23, 12)  # noqa: DTZ001  a kitchen clock knows no zone
    hours = (monday_noon.replace(day=28, hour=18) - monday_noon) // timedelta(hours=1)
    return hours * Fraction(4, 24)


def printed_minutes() -> int:
    return only(t for t in range(1, 1000) if Fraction(45, 3) * t + Fraction(32, 2) * t == 310)


CHECKS: dict[str, Callable[[], object]] = {
    "p-001": lambda: abs((8 + 4 * (15 - 9)) - ((8 + 4) * 15 - 9)),
    "p-002": lambda: only(each for each in range(1000) if 18 * each == 6 * 12 * 8),
    "p-003": eggs_left_over,
    "p-004": lambda: 74 * next(buses for buses in count(1) if 16 * buses >= 95 + 8),
    "p-005": stickers_kept,
    "p-006": lambda: 240 - 240 * Fraction(1, 4) - 240 * Fraction(2, 5),
    "p-007": lambda: (Fraction(2, 3) + Fraction(3, 4) + Fraction(5, 6)) / 3,
    "p-008": lambda: (640 * Fraction(35, 100)) * (1 - Fraction(5, 8)),
    "p-009": lambda: (80 * Fraction(120, 100) - 8 - 80) / 80 * 100,
    "p-010": lambda: abs(30 // 6 * Fraction("4.50") - 30 // 10 * Fraction(7)),
    "p-011": lambda: only((o - 5) - (y + 5) for o in range(85) for y in [84 - o] if 3 * o == 4 * y),
    "p-012": lambda: Fraction(minutes("08:40", "11:10"), 60) * 64,
    "p-013": lambda: minutes("16:35", "19:00") - (60 + 48) - 15,
    "p-014": first_monday_of_april,
    "p-015": lambda: next(n for n in count(0, 9) if (date(2026, 11, 24) + timedelta(n)).isoweekday() == 7),
    "p-016": lambda: sum(5 if mug < 40 * Fraction(3, 4) else 2 for mug in range(40)) - 40 * 3,
    "p-017": lambda: 250 + sum(250 * Fraction(4, 100) for _year in range(3)) - 265,
    "p-018": lambda: (48 + 60 + 84) // max(n for n in range(1, 49) if all(beads % n == 0 for beads in (48, 60, 84))),
    "p-019": all_flash,
    "p-020": lambda: sum(rows * seats == 36 for rows in range(2, 37) for seats in range(3, 37)),
    "p-021": smudged_quotient,
    "p-022": lambda: sum(n % 2 == 0 and sum(map(int, str(n))) == 10 for n in range(10, 100)),
    "p-023": lambda: prod({*primefactors(60), *primefactors(126)}),
    "p-024": lambda: only(9 * width for width in range(1, 28) if 2 * (9 + width) == 28),
    "p-025": lambda: 18 * sum(not (0 <= x < 12 and 0 <= y < 7) for x in range(-1, 13) for y in range(-1, 8)),
    "p-026": square_minus_rectangle,
    "p-027": flag_not_red,
    "p-028": lambda: only(4 * part - 2 * part for part in range(1, 180) if 2 * part + 3 * part + 4 * part == 180),
    "p-029": lambda: only(c for c in range(1, 180) for b in range(1, 180) if b + 115 == 180 and 48 + b + c == 180),
    "p-030": lambda: (50 * 30 * 40 - 50 * 30 * (40 * Fraction(3, 5))) / 1000,
    "p-031": wood_increase,
    "p-032": sandwiches,
    "p-033": lambda: sum(last % 2 == 0 for _first, _second, last in permutations(range(1, 6), 3)),
    "p-034": lambda: Fraction(sum(20 % card == 0 for card in range(1, 21)), 20),
    "p-035": lambda: Fraction(24 - 24 // 3 - 24 * 3 // 8, 24),
    "p-036": lambda: only(
        max(scores) - min(scores) for fifth in range(200) if mean(scores := [14, 9, 17, 12, fifth]) == 14
    ),
    "p-037": lambda: median([92, 105, 88, 120, 99, 111, 106]) - Fraction(median([92, 105, 88, 99, 111, 106])),
    "p-038": lambda: mean([Fraction(21)] * 8 + [Fraction(26)] * 12),
    "p-039": exactly_one_activity,
    "p-040": printed_minutes,
    "p-041": meeting,
    "p-042": matchstick_squares,
    "p-043": lambda: sum(14 + 2 * row for row in range(10)) * Fraction(4, 5),
    "p-044": lambda: sum(2 * 3**day for day in range(5)),
    "p-045": lambda: only(n for n in range(-1000, 1000) if (2 * n - 7) * 3 == 57),
    "p-046": lambda: only(3 * cap + 2 * scarf for cap in range(32) for scarf in [31 - cap] if scarf == cap + 7),
    "p-047": lambda: only(two - three for two in range(18) for three in [17 - two] if 2 * two + 3 * three == 41),
    "p-048": slow_minutes,
    "p-049": socks_needed,
    "p-050": tournament_points,
    "p-051": lambda: sum(row[0] == "Tom" or row[-1] == "Tom" for row in permutations(["Tom", "A", "B", "C"])),
    "p-052": trapezoid_bulbs,
    "p-053": lambda: max(badges for badges in range(100) if 14 + badges * Fraction("2.75") <= 50),
    "p-054": lambda: sum(number.bit_count() for number in (13, 22, 31)),
    "p-055": lambda: only(n for n in range(51, 100) if n % 8 == 3 and n % 7 == 2),
    "p-056": lambda: 45 * Fraction(140, 100) * Fraction(90, 100) - 45,
    "p-057": temperature,
    "p-058": two_machines,
    "p-059": lambda: only(180 - small for small in range(1, 90) if small == Fraction(4, 5) * (90 - small)),
    "p-060": fence_posts,
}


def test_every_seed_has_a_check_and_every_check_a_seed() -> None:
    assert unmatched(SEEDS, CHECKS) == []


@pytest.mark.parametrize("seed", SEEDS, ids=[seed["check"] for seed in SEEDS])
def test_primary_answer(seed: dict[str, str]) -> None:
    assert not any(differences(seed["answer"], CHECKS[seed["check"]]()))
