"""Every answer of data/seeds/competition.jsonl, computed a second time from the question alone: by enumeration, by
simulating the process that it describes, or by solving its equations with sympy.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import cache
from itertools import combinations, count, pairwise, permutations, product
from math import factorial, gcd, lcm
from statistics import mean

import pytest
import sympy as sp
from exact_answers import differences, only, read_level, unmatched
from sympy import I, Matrix, Point, Rational, Triangle, pi, real_roots, solve, sqrt
from sympy.abc import a, b, c, m, t, u, w, x, y, z

SEEDS = read_level("competition")
P, Q, S = sp.symbols("p q s", positive=True)


def divisors(number: int) -> list[int]:
    return [d for d in range(1, number + 1) if number % d == 0]


def digits(number: int, base: int = 10) -> list[int]:
    """The least significant one first."""
    return [number % base, *digits(number // base, base)] if number else []


def share(events: Iterable[bool]) -> Fraction:
    """The probability of an event over equally likely outcomes."""
    outcomes = list(events)
    return Fraction(sum(outcomes), len(outcomes))


def flashes() -> int:
    return sum(sum(second % period == 0 for period in (24, 36, 45)) == 2 for second in range(1, 3601))


def no_sum_divisible_by_seven() -> int:
    """The size of the largest such set of numbers from 1 to 100; only multiples of 7 clash with others of their own."""
    sizes = Counter(number % 7 for number in range(1, 101))
    choices = (set(chosen) for size in range(8) for chosen in combinations(range(7), size))
    allowed = (c for c in choices if not any((i + j) % 7 == 0 for i, j in combinations(c, 2)))
    return max(sum(1 if 2 * rest % 7 == 0 else sizes[rest] for rest in chosen) for chosen in allowed)


def paths_avoiding_midpoint() -> int:
    middle = Point(0, 0).midpoint(Point(6, 4))

    @cache
    def paths(right: int, up: int) -> int:
        if min(right, up) < 0 or (right, up) == (middle.x, middle.y):
            return 0
        return 1 if right == up == 0 else paths(right - 1, up) + paths(right, up - 1)

    return paths(6, 4)


def triangle_probability() -> Fraction:
    points = [(i, 0) for i in range(7)] + [(i, 1) for i in range(5)]
    return share(Matrix([[*p, 1] for p in three]).det() != 0 for three in combinations(points, 3))


def liked_by_exactly_one() -> object:
    only_s, only_k, only_c, sk, kc, sc, all_three = sp.symbols("s k c sk kc sc skc")
    solution = solve(
        [
            only_s + sk + sc + all_three - 62,
            only_k + sk + kc + all_three - 55,
            only_c + sc + kc + all_three - 48,
            sk + all_three - 30,
            kc + all_three - 26,
            sc + all_three - 28,
            only_s + only_k + only_c + sk + kc + sc + all_three + 5 - 100,
        ]
    )
    assert min(solution.values()) >= 0
    return solution[only_s] + solution[only_k] + solution[only_c]


@cache
def mover_wins(heap: int) -> bool:
    return any(heap >= taken and not mover_wins(heap - taken) for taken in (1, 3, 4))


def peaks(row: tuple[int, ...]) -> int:
    framed = (0, *row, 0)
    return sum(framed[i - 1] < framed[i] > framed[i + 1] for i in range(1, len(row) + 1))


def gold_from_bag_a() -> Fraction:
    draws = [(bag, coin) for die in range(1, 7) for bag in ("GGGSS" if die <= 2 else "gssss",) for coin in bag]
    return share(bag == "GGGSS" for bag, coin in draws if coin in "Gg")


def prism_return() -> Fraction:
    def walk(at: tuple[int, int], steps: tuple[int, ...]) -> tuple[int, int]:
        for step in steps:
            at = (at[0], 1 - at[1]) if step == 0 else ((at[0] + step) % 3, at[1])
        return at

    return share(walk((0, 0), steps) == (0, 0) for steps in product(range(3), repeat=4))


def one_red_face() -> Fraction:
    edge = only(n for n in range(1, 100) if 6 * n * n == 600)
    return share(sum(i in (0, edge - 1) for i in cell) == 1 for cell in product(range(edge), repeat=3))


def root_quotients() -> object:
    """a/bc + b/ca + c/ab over the eigenvalues of a matrix that has the cubic as its characteristic polynomial."""
    companion = Matrix([[0, 0, 3], [1, 0, -5], [0, 1, 6]])
    assert companion.charpoly(x).as_expr() == x**3 - 6 * x**2 + 5 * x - 3
    return (companion**2).trace() / companion.det()


def remainder_at_ten() -> object:
    some_p = sp.interpolate([(2, 5), (-1, 11), (0, 4), (1, 20)], x)
    return sp.rem(some_p, (x - 2) * (x + 1), x).subs(x, 10)


def functional_equation() -> object:
    def f(at: sp.Expr) -> sp.Expr:
        return a * at**2 + b * at + c

    coefficients = sp.Poly(f(x) + 3 * f(10 - x) - x**2, x).coeffs()
    return f(sp.Integer(4)).subs(only([solve(coefficients, [a, b, c])]))


def applied(times: int) -> Fraction:
    value = Fraction(2)
    for _application in range(times):
        value = (value - 3) / (value + 1)
    return value


def arithmetic_then_geometric() -> object:
    found = solve([a + b + c - 30, 2 * b - a - c, (b + 2) ** 2 - (a + 1) * (c + 9)], [a, b, c], dict=True)
    return only(i[a] * i[b] * i[c] for i in found if i[a] < i[b] < i[c])


def recursive_sum() -> Fraction:
    terms = [Fraction(2), Fraction(3)]
    while len(terms) < 100:
        terms.append((1 + terms[-1]) / terms[-2])
    return sum(terms, Fraction())


def largest_range() -> int:
    def tops() -> Iterable[int]:
        for low in combinations(range(1, 14), 3):
            for high in combinations(range(15, 60), 2):
                top = 7 * 12 - sum(low) - 14 - sum(high)
                if top > high[1]:
                    yield top - low[0]

    return max(tops())


def fifth_term() -> object:
    found = solve([a + b + c - 39, a * b * c - 729, b**2 - a * c], [a, b, c], dict=True)
    return only(i[c] * (i[c] / i[b]) ** 2 for i in found if all(v.is_real for v in i.values()) and i[a] < i[b])


def diagonals(sides: int) -> int:
    return sum((j - i) % sides not in (1, sides - 1) for i, j in combinations(range(sides), 2))


def interior(sides: int) -> Fraction:
    return Fraction((sides - 2) * 180, sides)


def trapezoid_part() -> object:
    """Corners (0, 0), (15, 0), (t + 10, 8), (t, 8), whatever the shift t."""
    crossing = solve([u * (t + 10) - (15 + w * (t - 15)), u * 8 - w * 8], [u, w])
    return sp.simplify(Triangle(Point(0, 0), Point(15, 0), Point(0, crossing[u] * 8)).area)


def square_on_hypotenuse() -> object:
    hypotenuse = sp.Line(Point(9, 0), Point(0, 12))
    side = Point(9 * S, 0).distance(Point(0, 12 * S))
    gap = hypotenuse.distance(Point(9 * S, 0))
    return only(side.subs(S, i) for i in solve(side**2 - gap**2, S) if i < 1)


def two_circles() -> object:
    along = only(i for i in solve((x**2 + (9 - 4) ** 2) - (9 + 4) ** 2, x) if i > 0)
    return sp.Abs(sp.Polygon(Point(0, 0), Point(along, 0), Point(along, 4), Point(0, 9)).area)


def belt() -> object:
    centres = Triangle(sss=(8, 8, 8))
    return centres.perimeter + sum(4 * (pi - sp.acos(Rational(1, 2))) for _corner in centres.vertices)


def slopes() -> object:
    line = y - 3 - m * (x - 4)
    cut_x, cut_y = only(solve(line.subs(y, 0), x)), only(solve(line.subs(x, 0), y))
    return sum(slope for slope in solve(cut_x * cut_y / 2 - 27, m) if slope < 0)


def thread() -> object:
    radius = only(solve(pi * P**2 * 9 - 324 / pi, P))
    angle = sp.Symbol("angle", real=True)
    helix = Matrix([radius * sp.cos(angle), radius * sp.sin(angle), 9 * angle / (2 * pi)])
    return sp.integrate(sp.simplify(helix.diff(angle).norm()), (angle, 0, 2 * pi))


def pentagon_angle() -> object:
    """Forty digits of the angle leave no doubt which whole number of degrees it is."""
    corners = [sp.exp(2 * pi * I * i / 5) for i in range(5)]
    f = corners[0] + (corners[1] - corners[0]) * sp.exp(I * pi / 3)
    angle = sp.deg(sp.arg((corners[2] - f) / (corners[4] - f))).evalf(50)
    assert abs(angle - round(angle)) < sp.Float("1e-40")
    return abs(round(angle))


def inner_points() -> int:
    corners = [(0, 0), (12, 6), (4, 14)]
    sides = list(pairwise([*corners, corners[0]]))
    return sum(
        all((x2 - x1) * (py - y1) - (y2 - y1) * (px - x1) > 0 for (x1, y1), (x2, y2) in sides)
        for px, py in product(range(13), range(15))
    )


def to_midpoint() -> object:
    far = Point(8 * sp.cos(pi / 3), 8 * sp.sin(pi / 3))
    return Point(0, 0).distance(Point(5, 0).midpoint(far))


CHECKS: dict[str, Callable[[], object]] = {
    "c-001": lambda: sum(5040 % d == 7560 % d == d % 6 == 0 for d in range(1, 5041)),
    "c-002": lambda: sum(gcd(i, j) == 6 and lcm(i, j) == 540 for i, j in product(range(6, 541, 6), repeat=2)),
    "c-003": lambda: (3**2026 + 5**2026) % 13,
    "c-004": lambda: sum(sum(digits(number, 7)) == 6 for number in range(1, 343)),
    "c-005": lambda: sum(digits(10**45 - 2026)),
    "c-006": lambda: only(n for n in range(300, 501) if (n % 8, n % 9, n % 5) == (5, 7, 1)),
    "c-007": lambda: max(k for k in range(1, 60) if factorial(50) % 12**k == 0),
    "c-008": lambda: sum(len(divisors(n)) == 10 for n in range(1, 1001)),
    "c-009": lambda: sum(7 * i + 11 * j == 500 for i, j in product(range(1, 72), range(1, 46))),
    "c-010": lambda: sum(gcd(n + 5, n * n + 3) > 1 for n in range(1, 201)),
    "c-011": lambda: (3 + 10**50) % 7,
    "c-012": lambda: len(divisors(int("222222", 4))),
    "c-013": lambda: next(n for n in count(35, 35) if len(divisors(n)) == 12),
    "c-014": lambda: sum(d for d in divisors(360) if d % 6 == 0),
    "c-015": lambda: only(int("512", n) for n in range(6, 37) if int("13", n) * int("24", n) == int("345", n)),
    "c-016": flashes,
    "c-017": lambda: sum(all(n % d for d in (4, 6, 9)) for n in range(1, 601)),
    "c-018": lambda: sum(i >= 5 and min(i, j, k, 20 - i - j - k) >= 2 for i, j, k in product(range(21), repeat=3)),
    "c-019": lambda: sum(sum(points) == 17 for points in product(range(9), repeat=3)),
    "c-020": lambda: 1 + max(sum(i) for i in product(range(10), range(8), range(13), range(5)) if max(i) < 6),
    "c-021": lambda: 1 + no_sum_divisible_by_seven(),
    "c-022": lambda: 1 + sum(2 for _month, _weekday in product(range(12), range(7))),
    "c-023": lambda: sum("LL" not in "".join(order) for order in set(permutations("PARALLEL"))),
    "c-024": paths_avoiding_midpoint,
    "c-025": triangle_probability,
    "c-026": lambda: sum(
        any(i % 3 == 0 for i in chosen) and any(i % 4 == 0 for i in chosen)
        for size in range(13)
        for chosen in combinations(range(1, 13), size)
    ),
    "c-027": lambda: sum("AA" not in "".join(letters) for letters in product("ABC", repeat=8)),
    "c-028": lambda: share(sum(i == coat for i, coat in enumerate(coats)) == 2 for coats in permutations(range(6))),
    "c-029": lambda: sum(2 <= sum(person < 6 for person in five) <= 3 for five in combinations(range(11), 5)),
    "c-030": lambda: sum(
        all(j < i for i, j in pairwise(digits(n))) and sum(digits(n)) % 2 == 0 for n in range(1000, 10000)
    ),
    "c-031": liked_by_exactly_one,
    "c-032": lambda: sum(not mover_wins(heap) for heap in range(1, 101)),
    "c-033": lambda: share(i * j * k % 6 == 0 for i, j, k in product(range(1, 7), repeat=3)),
    "c-034": lambda: mean([Fraction(peaks(row)) for row in permutations(range(1, 8))]),
    "c-035": lambda: only(solve(Rational(1, 6) + Rational(5, 6) * (Rational(4, 6) * x) - x, x)),
    "c-036": lambda: Triangle(sss=(6, 6, 6)).incircle.area / Triangle(sss=(6, 6, 6)).area,
    "c-037": lambda: mean([Fraction(min(reds)) for reds in combinations(range(1, 11), 4)]),
    "c-038": gold_from_bag_a,
    "c-039": prism_return,
    "c-040": one_red_face,
    "c-041": root_quotients,
    "c-042": remainder_at_ten,
    "c-043": lambda: sum(not real_roots(x**2 + k * x + k + 8) for k in range(-30, 30)),
    "c-044": lambda: sum((Fraction(3) / (Fraction(1, 4) - Fraction(2, i))).denominator == 1 for i in range(9, 2000)),
    "c-045": lambda: only(i + j for i, j in solve([P**2 * Q - 4**5, P * Q**2 - 4**7], [P, Q])),
    "c-046": lambda: sum(Fraction(1, n * (n + 3)) for n in range(1, 29, 3)),
    "c-047": functional_equation,
    "c-048": lambda: applied(2026),
    "c-049": lambda: only(real_roots(x**3 + 2 * x - 5 - 28)) + 4 * only(real_roots(x**3 + 2 * x - 5 + 8)),
    "c-050": arithmetic_then_geometric,
    "c-051": lambda: sum(n for n in range(100, 1000) if n % 11 == 3),
    "c-052": recursive_sum,
    "c-053": lambda: only((16 / P**2 + 4 * P).subs(P, i) for i in solve(sp.diff(16 / P**2 + 4 * P, P), P)),
    "c-054": lambda: max(i + 3 * j for i, j in solve([x**2 + y**2 - 20, 3 * x - y], [x, y])),
    "c-055": lambda: sum(abs(n - 4) + abs(n + 6) <= 16 for n in range(-100, 100)),
    "c-056": lambda: sum(i**2 for level in (5, -5) for i in real_roots(x**2 - 6 * x - level)),
    "c-057": lambda: sp.simplify(sp.prod([sp.Abs(3 - root) for root in solve(z**6 - 64, z)])),
    "c-058": lambda: sum(i for i in (sp.expand((1 + I) ** n) for n in range(1, 21)) if i.is_real),
    "c-059": lambda: only(sp.expand(i**4 + j**4) for i, j in solve([x + y - 6, x**2 + y**2 - 22], [x, y])),
    "c-060": lambda: sum(sp.log(i, 2) for i in real_roots(x**2 - 5 * 2**2 * x + 64) if i > 0),
    "c-061": fifth_term,
    "c-062": lambda: sum(sp.log(Rational(3 * 2 ** (n - 1), 3), 2) for n in range(1, 16)),
    "c-063": lambda: only(2 * n + 8 for n in range(1, 999) if 62 * (n + 8) + 77 * n == 68 * (2 * n + 8)),
    "c-064": largest_range,
    "c-065": lambda: next(
        i for i in count(1) if Fraction(1, 2) + 150 / (60 * (1 + Fraction(i, 100))) < Fraction(150, 60)
    ),
    "c-066": lambda: only(interior(n) for n in range(3, 60) if diagonals(n) == 54),
    "c-067": lambda: only(diagonals(2 * n) for n in range(3, 60) if interior(2 * n) - interior(n) == 18),
    "c-068": trapezoid_part,
    "c-069": square_on_hypotenuse,
    "c-070": lambda: sp.simplify(Triangle(sss=(7, 8, 13)).circumradius),
    "c-071": two_circles,
    "c-072": belt,
    "c-073": lambda: 6 * (2 * sp.asin(6 * sqrt(3) / 2 / 6)) + 6 * sqrt(3),
    "c-074": lambda: (only(solve((x - 1) ** 2 + 2**2 - ((x - 9) ** 2 + 8**2), x)), 0),
    "c-075": slopes,
    "c-076": lambda: only(
        sqrt(i**2 + j**2 + k**2) for i, j, k in solve([P * Q - 12, P * S - 15, Q * S - 20], [P, Q, S])
    ),
    "c-077": thread,
    "c-078": pentagon_angle,
    "c-079": inner_points,
    "c-080": lambda: sum(i < j < k < i + j and i + j + k == 24 for i, j, k in product(range(1, 24), repeat=3)),
    "c-081": to_midpoint,
}


def test_every_seed_has_a_check_and_every_check_a_seed() -> None:
    assert unmatched(SEEDS, CHECKS) == []


@pytest.mark.parametrize("seed", SEEDS, ids=[seed["check"] for seed in SEEDS])
def test_competition_answer(seed: dict[str, str]) -> None:
    assert not any(differences(seed["answer"], CHECKS[seed["check"]]()))
