"""Every answer of data/seeds/middle.jsonl, computed a second time from the question by simulation, search or sympy."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import combinations, count, permutations, product
from math import gcd, lcm, prod
from statistics import mean, median

import pytest
from exact_answers import differences, only, read_level, unmatched
from sympy import Abs, Point, Polygon, Rational, Triangle, pi, solve, solveset, symbols
from sympy import S as DOMAINS

SEEDS = read_level("middle")
x, y = symbols("x y", real=True)
r = symbols("r", positive=True)


def average_speed() -> Fraction:
    way = 12 * Fraction(45, 60)
    return 2 * way / (Fraction(45, 60) + way / 36)


def post_seconds() -> Fraction:
    speed = only(solve(24 * r - (420 + 180), r))
    return Fraction(180, int(speed))


def in_base(number: int, base: int) -> str:
    return (in_base(number // base, base) if number >= base else "") + str(number % base)


def other_reading() -> int:
    return only(int("52", base) for base in range(6, 37) if int("34", base) == 25)


def polynomial_at_solution() -> object:
    solution = only(solve((2 * x - 1) / 3 - (x + 2) / 4 - 5, x))
    return solution**2 - 9 * solution + 4


def group_price() -> Fraction:
    adult, child = only((a, c) for a, c in product(range(70), repeat=2) if 3 * a + 2 * c == 61 and 2 * a + 5 * c == 70)
    return Fraction(80, 100) * (4 * adult + 6 * child)


def unchanged_area() -> object:
    solutions = solve([2 * (x + y) - 32, (x + 2) * (y - 1) - x * y], [x, y])
    return solutions[x] * solutions[y]


def tariff_b_cheaper() -> int:
    return next(minutes for minutes in count() if 3000 + 7 * minutes < 1800 + 12 * minutes)


def only_real(equation: object) -> object:
    return only(solveset(equation, x, DOMAINS.Reals))


def composed() -> int:
    def f(number: int) -> int:
        return 3 * number**2 - 4 * number + 1

    return f(-2) - f(f(1))


def crossing() -> object:
    """The point of the x-axis in line with both points: the triangle they span has no area."""
    return only(solve((x + 2) * (-5 - 7) - (0 - 7) * (4 + 2), x))


def height_in_triangle() -> object:
    triangle = Triangle(Point(1, 1), Point(7, 1), Point(4, 5))
    return triangle.altitudes[Point(7, 1)].length


def median_slope() -> object:
    triangle = Triangle(Point(0, 0), Point(8, 2), Point(2, 10))
    return triangle.medians[Point(0, 0)].slope


def ladder_slide() -> object:
    length, foot = Rational(13, 2), Rational(5, 2)
    first = only(solve(r**2 + foot**2 - length**2, r))
    return first - only(solve(r**2 + (foot + Rational(7, 5)) ** 2 - length**2, r))


def isosceles_height() -> object:
    top = only(solve(r**2 + 5**2 - 13**2, r))
    return Triangle(Point(-5, 0), Point(5, 0), Point(0, top)).altitudes[Point(-5, 0)].length


def shadow_to_top() -> object:
    """The ray from the mast's top meets the ground 16 m away, as the stick's does 2 m away."""
    return Point(0, Rational(3, 2) / 2 * 16).distance(Point(16, 0))


def trapezoid_area() -> object:
    """With A in the origin, B = (10, 0) and C anywhere above: here (0, h)."""
    h = only(solve(4 * (Rational(4, 10) * r) / 2 - 12, r))
    d, e = Point(4, 0), Point(0, Rational(4, 10) * h)
    return Polygon(d, Point(10, 0), Point(0, h), e).area


def isosceles_trapezoid() -> object:
    height = only(solve(Point(0, 0).distance(Point(6, r)) - 10, r))
    return abs(Polygon(Point(0, 0), Point(22, 0), Point(16, height), Point(6, height)).area)


def diagonals(sides: int) -> int:
    return sum(1 < second - first < sides - 1 for first, second in combinations(range(sides), 2))


def regular_sides() -> int:
    return only(n for n in range(3, 200) if (n - 2) * 180 == 156 * n)


def pentagon_largest() -> int:
    return only(
        max(angles) for a in range(1, 180) if sum(angles := [a, a + 10, 2 * a, 2 * a - 20, 130]) == (5 - 2) * 180
    )


def complement() -> int:
    return only(90 - min(a, 180 - a) for a in range(1, 180) if 180 - a == 2 * a - 24)


def apex_angle() -> int:
    return only(180 - 2 * base for base in range(1, 90) if Fraction(base, 2) + base + 105 == 180)


def box_volume() -> object:
    radius = only(solve(pi * r**2 * (2 * r) - 128 * pi, r))
    return (2 * 2 * radius) * (3 * 2 * radius) * (2 * radius)


def prism_volume() -> int:
    edges = product(range(1, 49), repeat=3)
    return only(a * b * c for a, b, c in edges if sorted((a * b, a * c, b * c)) == [24, 32, 48])


def two_red_faces() -> int:
    edge = only(e for e in range(1, 100) if 6 * e * e == 864)
    last = edge // 3 - 1
    return sum(sum(at in (0, last) for at in cube) == 2 for cube in product(range(last + 1), repeat=3))


def coffee_orders() -> int:
    return sum("FF" in "".join(order) for order in set(permutations("COFFEE")))


def councils() -> int:
    people = ["teacher"] * 5 + ["pupil"] * 6
    chosen = [[people[i] for i in four] for four in combinations(range(11), 4)]
    return sum("teacher" in council and council.count("pupil") >= 2 for council in chosen)


def widest_range() -> int:
    """The five numbers in order are a, b, 9, d, e, and d, as the smaller of two below 50 in all, is under 25."""
    fives = ((a, b, 9, d, 50 - a - b - 9 - d) for a, b in combinations(range(1, 9), 2) for d in range(10, 25))
    return max(five[-1] - five[0] for five in fives if five[-1] > five[-2] and mean(five) == 10)


def camp_without_choice() -> int:
    """The sizes of the seven regions, found from the smallest one outwards."""
    all_three = 5
    pairs = [10 - all_three, 12 - all_three, 11 - all_three]
    drama, music, art = 30 - pairs[0] - pairs[2] - 5, 25 - pairs[0] - pairs[1] - 5, 28 - pairs[1] - pairs[2] - 5
    return 60 - (drama + music + art + sum(pairs) + all_three)


def position_of_112() -> int:
    terms = next(
        [first + step * n for n in range(200)]
        for first, step in product(range(-50, 50), range(1, 50))
        if first + 3 * step == 17 and first + 9 * step == 47
    )
    return terms.index(112) + 1


def ball_path() -> Fraction:
    height, way = Fraction(8), Fraction(8)
    for _impact in range(2):
        height *= Fraction(3, 4)
        way += 2 * height
    return way


def over_thousand() -> int:
    term, n = 3, 1
    while term <= 1000:
        term, n = 2 * term - 1, n + 1
    return n


def half_ride() -> object:
    def price(kilometres: object) -> object:
        return Rational("1.8") * kilometres + Rational("2.5")

    return price(only(solve(price(x) - Rational("20.5"), x)) / 2)


def missing_number() -> int:
    data = [[4, 11, 7, 15, number] for number in range(-100, 100)]
    return only(five[-1] for five in data if median(five) == 7 and max(five) - min(five) == 14)


CHECKS: dict[str, Callable[[], object]] = {
    "m-001": lambda: only(n for n in range(0, 20_000, 100) if n * Fraction(125, 100) * Fraction(88, 100) == 13_200),
    "m-002": lambda: only(solve(2 * (Rational(5, 100) * x + Rational(3, 100) * (5000 - x)) - 420, x)),
    "m-003": lambda: only(solve(x * Rational("1.2") - 240, x)) + only(solve(x * Rational("0.96") - 240, x)) - 2 * 210,
    "m-004": lambda: only(s + w for s in range(6, 500) for w in [s - 10] if 4 * s == 5 * w),
    "m-005": average_speed,
    "m-006": post_seconds,
    "m-007": lambda: only(m for m in range(1, 1000) if Fraction(m, 6 * 60) + Fraction(m, 4 * 60) == 1),
    "m-008": lambda: sum(360 % d == 0 and d % 6 == 0 for d in range(1, 361)),
    "m-009": lambda: only(sum(map(int, str(n))) for n in range(1, 421) if gcd(60, n) == 12 and lcm(60, n) == 420),
    "m-010": lambda: only(
        10 * t + u for t in range(1, 10) for u in range(10) if t + u == 13 and 10 * u + t == 10 * t + u + 27
    ),
    "m-011": lambda: next(n for n in count(1) if n % 6 == n % 8 == n % 9 == 3 and n % 11 == 0),
    "m-012": lambda: (3**50 + 8**30) % 10,
    "m-013": lambda: [12, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11][(3 + 5**31) % 12],
    "m-014": lambda: int(in_base(int("101101", 2) + int("11011", 2), 5)),
    "m-015": other_reading,
    "m-016": polynomial_at_solution,
    "m-017": group_price,
    "m-018": unchanged_area,
    "m-019": lambda: sum(3 * (n - 2) < 2 * n + 5 and 4 * n + 7 >= 3 for n in range(-1000, 1000)),
    "m-020": lambda: next(points for points in count() if mean([78, 85, 91, points]) >= 87),
    "m-021": tariff_b_cheaper,
    "m-022": lambda: prod(n for n in range(-100, 100) if abs(2 * n - 5) == 9),
    "m-023": lambda: only_real(Abs(x - 7) - (2 * x + 1)),
    "m-024": lambda: only(n for n in range(1, 50) if 2 ** (3 * n - 1) * 16**3 == 4**10 * 8**2),
    "m-025": lambda: sum((6**4 * 15**2) % d == 0 for d in range(1, 6**4 * 15**2 + 1)),
    "m-026": composed,
    "m-027": crossing,
    "m-028": lambda: Point(-3, 1).midpoint(Point(5, 7)).distance(Point(3, -2)),
    "m-029": height_in_triangle,
    "m-030": median_slope,
    "m-031": ladder_slide,
    "m-032": isosceles_height,
    "m-033": shadow_to_top,
    "m-034": trapezoid_area,
    "m-035": isosceles_trapezoid,
    "m-036": lambda: diagonals(regular_sides()),
    "m-037": lambda: only((n - 2) * 180 for n in range(4, 50) if diagonals(n) == 35),
    "m-038": pentagon_largest,
    "m-039": complement,
    "m-040": apex_angle,
    "m-041": lambda: only(pi * (pond + 2) ** 2 - pi * pond**2 for pond in solve(2 * pi * r - 14 * pi, r)),
    "m-042": lambda: only(side**2 - pi * (side / 2) ** 2 for side in solve(4 * r - 40, r)),
    "m-043": lambda: 15 * 2 * pi * 90 * Rational(40, 360),
    "m-044": lambda: only(pi * radius**2 for radius in solve(Rational(120, 360) * 2 * pi * r - 12 * pi, r)),
    "m-045": lambda: only(20 - height for height in solve(pi * 4**2 * r - pi * 6**2 * 8, r)),
    "m-046": box_volume,
    "m-047": prism_volume,
    "m-048": two_red_faces,
    "m-049": coffee_orders,
    "m-050": councils,
    "m-051": lambda: sum(n % 6 == 0 or n % 8 == 0 for n in range(1, 501)),
    "m-052": lambda: len(set(product(range(12), range(7)))) + 1,
    "m-053": lambda: Fraction(sum(lcm(*dice) == 6 for dice in product(range(1, 7), repeat=2)), 36),
    "m-054": lambda: Fraction(sum((a < 1) != (b < 1) for a, b in product(range(5), range(3))), 15),
    "m-055": lambda: Fraction(sum(any(n % 2 == 0 for n in t) for t in product(range(1, 6), repeat=3)), 5**3),
    "m-056": widest_range,
    "m-057": lambda: only(e for e in range(101) if 20 * 90 + 50 * 76 + 30 * e == 100 * 83),
    "m-058": lambda: only(n for n in range(1, 1000) if 40 * n + 15 * 30 == 25 * (n + 30)),
    "m-059": camp_without_choice,
    "m-060": lambda: len(set(range(3, 61, 3)) ^ {d for d in range(1, 61) if 60 % d == 0}),
    "m-061": position_of_112,
    "m-062": lambda: sum(n for n in range(10, 100) if n % 7 == 2),
    "m-063": ball_path,
    "m-064": lambda: next(hours for hours in count(1) if (60 + 2) * hours - (60 - 3) * hours == 60),
    "m-065": over_thousand,
    "m-066": half_ride,
    "m-067": lambda: only(2 * (w + w + 3) for w in range(1, 100) if w * (w + 3) == 88),
    "m-068": missing_number,
}


def test_every_seed_has_a_check_and_every_check_a_seed() -> None:
    assert unmatched(SEEDS, CHECKS) == []


@pytest.mark.parametrize("seed", SEEDS, ids=[seed["check"] for seed in SEEDS])
def test_middle_answer(seed: dict[str, str]) -> None:
    assert not any(differences(seed["answer"], CHECKS[seed["check"]]()))
