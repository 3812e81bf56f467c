"""Every answer of data/seeds/high.jsonl, computed a second time from the question by enumeration, search or sympy."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import combinations, pairwise, permutations, product

import pytest
import sympy as sp
from exact_answers import differences, only, read_level, unmatched
from sympy import Abs, I, Matrix, Point, Point3D, Rational, cos, diff, integrate, limit, log, oo, pi, solve, sqrt
from sympy.abc import a, b, k, x, y

SEEDS = read_level("high")
t, u = sp.symbols("t u", positive=True)
z = sp.symbols("z", real=True)


def double_root() -> object:
    """Compares coefficients with (x - root)**2, for an unknown root."""
    conditions = sp.Poly(x**2 + k * x + k + 3 - (x - a) ** 2, x).all_coeffs()
    return only(root for coefficient, root in solve(conditions, [k, a]) if coefficient > 0)


def no_common_point() -> int:
    return sum(sp.Poly(x**2 + m * x + 16 - x, x).count_roots() == 0 for m in range(-20, 21))


def shifted_roots() -> object:
    old = solve(x**2 - 4 * x - 21, x)
    new = sp.Poly(sp.prod([x - (root + 2) for root in old]), x)
    return tuple(new.all_coeffs()[1:])


def divisible_cubic() -> object:
    cubic = x**3 + a * x**2 + b * x + 6
    conditions = [sp.rem(cubic, x - 1, x) - 12, sp.rem(cubic, x + 2, x)]
    return cubic.subs(solve(conditions, [a, b])).subs(x, 2)


def remainder_pair() -> object:
    remainder = sp.rem(x**50 + 3 * x**7 - 2, x**2 - 1, x)
    return (remainder.coeff(x, 1), remainder.coeff(x, 0))


def exponent_pair() -> object:
    """By logarithms of both equations, which turns them into linear ones."""
    equations = [(x + y) * log(2) - log(32), x * log(9) - y * log(3) - log(81)]
    return tuple(only(sp.linsolve([sp.expand_log(equation, force=True) for equation in equations], [x, y])))


def commuting_product() -> object:
    def f(argument: sp.Expr) -> sp.Expr:
        return 2 * argument + 3

    def g(argument: sp.Expr) -> sp.Expr:
        return argument**2 - 1

    roots = solve(f(g(x)) - g(f(x)), x)
    assert len(roots) == 2
    assert all(root.is_real for root in roots)
    return sp.expand(sp.prod(roots))


def inverse_and_composition() -> object:
    def f(argument: sp.Expr) -> sp.Expr:
        return (3 * argument - 1) / (argument + 2)

    return only(solve(f(x) - 2, x)) + f(f(sp.Integer(0)))


def inverse_of_linear() -> object:
    conditions = sp.Poly(a * (a * x + b) + b - (9 * x + 16), x).all_coeffs()
    return only((19 - right) / slope for slope, right in solve(conditions, [a, b]) if slope > 0)


def terms_over_thousand() -> int:
    total, terms = 0, 0
    while total <= 1000:
        total, terms = total + 7 + 4 * terms, terms + 1
    return terms


def three_numbers() -> object:
    return only(8 + d for d in range(1, 8) if (8 - d) * (8 + d + 4) == 8 * 8)


def sum_of_squares() -> object:
    ratio = only(solve(18 / (1 - x) - 27, x))
    return sp.summation((18 * ratio**k) ** 2, (k, 0, oo))


def tenth_term() -> int:
    terms = [2, 5]
    while len(terms) < 10:
        terms.append(3 * terms[-1] - 2 * terms[-2])
    return terms[9]


def debt() -> Fraction:
    owed = Fraction(10_000)
    for _quarter in range(3):
        owed += owed * Fraction(2, 100)
        owed -= 600
    return owed


def complex_triangle() -> object:
    first, second = (Point(*root.as_real_imag()) for root in solve(x**2 - 6 * x + 25, x))
    return sp.Triangle(Point(0, 0), first, second).perimeter


def ships_apart() -> object:
    course = 2 * pi / 3
    return Point(10 * 3, 0).distance(Point(6 * 3 * cos(course), 6 * 3 * sp.sin(course)))


def largest_cosine() -> object:
    """The vertex between the sides 4 and 5, placed by coordinates: the cosine is its abscissa over 5."""
    return only(solve((x - 4) ** 2 + (5**2 - x**2) - 7**2, x)) / 5


def diagonal_product() -> object:
    side = Point(6 * cos(pi / 3), 6 * sp.sin(pi / 3))
    return Point(0, 0).distance(side + Point(10, 0)) * side.distance(Point(10, 0))


def more_women() -> Fraction:
    fives = list(combinations("W" * 7 + "M" * 5, 5))
    return Fraction(sum(five.count("W") > five.count("M") for five in fives), len(fives))


def shelf_orders() -> int:
    orders = permutations(range(7))
    return sum(all(left > 2 or right > 2 for left, right in pairwise(order)) for order in orders)


def pencil_ways() -> int:
    return sum(sum(four) == 12 and four[0] >= 3 for four in product(range(1, 13), repeat=4))


def even_solutions() -> int:
    return sum(sum(four) == 10 and four[0] % 2 == 0 for four in product(range(11), repeat=4))


def coats() -> Fraction:
    orders = list(permutations(range(6)))
    return Fraction(sum(sum(guest == coat for guest, coat in enumerate(order)) == 2 for order in orders), len(orders))


def certain_pair() -> int:
    """The largest choice without the sum 61: of each number and its partner at most one, of the others all."""
    numbers = set(range(2, 60, 3))
    with_partner = {frozenset((n, 61 - n)) for n in numbers if 61 - n in numbers}
    assert all(len(pair) == 2 for pair in with_partner)
    return len(numbers) - len(with_partner) + 1


def drone_flies() -> Fraction:
    chances = (Fraction(9, 10), Fraction(4, 5), Fraction(3, 4))
    total = Fraction(0)
    for works in product((True, False), repeat=3):
        if sum(works) >= 2:
            total += sp.prod([p if on else 1 - p for p, on in zip(chances, works, strict=True)])
    return total


def game_value() -> Fraction:
    payout = {7: 12, 11: 6, 12: 6}
    return Fraction(sum(payout.get(sum(dice), 0) - 3 for dice in product(range(1, 7), repeat=2)), 36)


def expected_square() -> Fraction:
    draws = list(combinations("R" * 4 + "B" * 6, 3))
    return Fraction(sum(draw.count("R") ** 2 for draw in draws), len(draws))


def commutator() -> Matrix:
    one, two = Matrix([[1, 2], [0, 1]]), Matrix([[1, 0], [3, 1]])
    return one * two - two * one


def region_above_axis() -> object:
    """Slices parallel to the x-axis, from the curve x = y**2 to the line x = y + 2, up to where they meet."""
    return only(integrate(y + 2 - y**2, (y, 0, top)) for top in solve(t**2 - (t + 2), t))


def outermost_distance() -> object:
    meeting = sp.solveset(Abs(z**2 - 5 * z) - 6, z, sp.S.Reals)
    assert len(meeting) == 4
    return max(meeting) - min(meeting)


def angle_at_a() -> object:
    corner = Point3D(1, 0, 2)
    one, two = Matrix(Point3D(2, 2, 4) - corner), Matrix(Point3D(5, 0, 5) - corner)
    return one.dot(two) / (one.norm() * two.norm())


def axes_triangle() -> object:
    """Heron's formula from the three distances."""
    corners = [Point3D(1, 0, 0), Point3D(0, 2, 0), Point3D(0, 0, 3)]
    p, q, r = (one.distance(two) for one, two in combinations(corners, 2))
    half = (p + q + r) / 2
    return sqrt(sp.expand(half * (half - p) * (half - q) * (half - r)))


def tangent_at_two() -> object:
    curve = x**3 - 4 * x + 1
    return curve.subs(x, 2) + diff(curve, x).subs(x, 2) * (0 - 2)


def greatest(value: sp.Expr, variable: sp.Symbol, low: object, high: object) -> object:
    return sp.maximum(value, variable, sp.Interval(low, high))


def ripple_rate() -> object:
    radius = 3 * t
    area = pi * radius**2
    return diff(area, t).subs(t, only(solve(area - 16 * pi, t)))


def limit_pair() -> object:
    """The numerator must vanish at 2 and, by l'Hospital's rule, have the derivative 7 there."""
    numerator = x**2 + a * x + b
    pair = solve([numerator.subs(x, 2), diff(numerator, x).subs(x, 2) - 7], [a, b])
    assert limit(numerator.subs(pair) / (x - 2), x, 2) == 7
    return (pair[a], pair[b])


def limits() -> object:
    f = (2 * x**2 - x - 3) / (x**2 - 1)
    return limit(f, x, -1) - limit(f, x, oo)


def solved_at_two() -> object:
    f = sp.Function("f")
    solution = sp.dsolve(f(x).diff(x) - 2 * x * f(x) ** 2, f(x), ics={f(0): Rational(1, 5)})
    return solution.rhs.subs(x, 2)


def outflow_minutes() -> object:
    """dt = -5 dh / sqrt(h), added up from 81 down to 16."""
    return integrate(-5 / sqrt(t), (t, 81, 16))


def bisector_crossing() -> object:
    return only(solve(Point(x, 0).distance(Point(1, 2)) ** 2 - Point(x, 0).distance(Point(7, 10)) ** 2, x))


def chord_length() -> object:
    circle = sp.Circle(Point(2, -1), Point(2, -1).distance(Point(5, 3)))
    left, right = circle.intersection(sp.Line(Point(0, 0), Point(1, 0)))
    return left.distance(right)


def segment_perimeter() -> object:
    angle = 2 * sp.asin(Rational(12, 2) / 12)
    return 12 + 12 * angle


def base_of_square() -> int:
    return only(base for base in range(4, 37) if int("13", base) ** 2 == int("202", base))


def twelve_and_fifteen() -> object:
    powers = (2**m * 3**n for m, n in product(range(16), repeat=2))
    return only(n for n in powers if sp.divisor_count(n) == 12 and sp.divisor_count(2 * n) == 15)


def metro_distance() -> object:
    speed = sp.Piecewise((t / 2, t <= 40), (20, t <= 160), (180 - t, True))
    return integrate(speed, (t, 0, 180))


def tin_volume() -> object:
    height = only(solve(pi * u**2 + 2 * pi * u * z - 48 * pi, z))
    return greatest(sp.expand(pi * u**2 * height), u, 0, sqrt(48))


def cube_in_pyramid() -> object:
    """An edge of the pyramid runs from (6, 6, 0) to (0, 0, 6); a top vertex of the cube is (s/2, s/2, s) on it."""
    edge = only(solve((6 - 6 * t / 6) - t / 2, t))
    return 6 * edge**2


def decagon() -> Fraction:
    pairs = list(combinations(range(10), 2))
    return Fraction(sum(second - first not in (1, 5, 9) for first, second in pairs), len(pairs))


CHECKS: dict[str, Callable[[], object]] = {
    "h-001": lambda: sp.expand(sum(root**2 for root in solve(2 * x**2 - 7 * x + 4, x))),
    "h-002": double_root,
    "h-003": no_common_point,
    "h-004": shifted_roots,
    "h-005": lambda: sum(abs(root) for root in solve(x**4 - 13 * x**2 + 36, x)),
    "h-006": divisible_cubic,
    "h-007": remainder_pair,
    "h-008": lambda: sp.interpolate([(1, 4), (2, 9), (3, 18)], x).subs(x, 5),
    "h-009": exponent_pair,
    "h-010": lambda: only(n for n in range(7, 100) if n * (n - 6) == 2**4),
    "h-011": lambda: log(8) / log(4) + log(27) / log(9) - log(5) / log(25),
    "h-012": lambda: 40 * only(n for n in range(20) if 250 * 2**n == 16_000),
    "h-013": lambda: sum(n * n - 5 * n <= 14 and 3 * n + 1 > 0 for n in range(-100, 100)),
    "h-014": outermost_distance,
    "h-015": lambda: sp.prod(sp.solveset(Abs(z - 2) + Abs(z + 3) - 9, z, sp.S.Reals)),
    "h-016": commuting_product,
    "h-017": inverse_and_composition,
    "h-018": inverse_of_linear,
    "h-019": terms_over_thousand,
    "h-020": three_numbers,
    "h-021": sum_of_squares,
    "h-022": tenth_term,
    "h-023": debt,
    "h-024": lambda: Abs(sp.simplify((5 + 12 * I) * (1 - I) ** 3 / (3 + 2 * I))),
    "h-025": complex_triangle,
    "h-026": lambda: only(solve(sp.expand((t + 2 * I) * (1 + 3 * I) * (t - 2 * I) * (1 - 3 * I)) - 20**2, t)),
    "h-027": ships_apart,
    "h-028": largest_cosine,
    "h-029": diagonal_product,
    "h-030": more_women,
    "h-031": shelf_orders,
    "h-032": pencil_ways,
    "h-033": even_solutions,
    "h-034": lambda: sum([n % 4, n % 6, n % 10].count(0) == 1 for n in range(1, 241)),
    "h-035": coats,
    "h-036": certain_pair,
    "h-037": drone_flies,
    "h-038": game_value,
    "h-039": expected_square,
    "h-040": lambda: only(altos for altos in range(26) if 28 * altos + 33 * (25 - altos) == 31 * 25),
    "h-041": lambda: only(n for n in range(1, 100) if (Matrix([[2, 1], [3, n]]) ** 2).det() == 49),
    "h-042": lambda: commutator().det(),
    "h-043": lambda: only(solve((Matrix([[2, -1], [1, 3]]) * Matrix([[1, 4], [x, 2]])).det() - 70, x)),
    "h-044": lambda: only(solve(Matrix([3, -1, 2]).dot(Matrix([k, 4, k - 3])), k)),
    "h-045": angle_at_a,
    "h-046": axes_triangle,
    "h-047": lambda: abs(Matrix([[1, 2, 0], [0, 1, 3], [2, 0, 1]]).det()),
    "h-048": tangent_at_two,
    "h-049": lambda: greatest(sp.expand(z * (24 - 2 * z) * (9 - 2 * z)), z, 0, Rational(9, 2)),
    "h-050": lambda: greatest(z * only(solve((z - 8) * (0 - 6) - 8 * (t - 0), t)), z, 0, 8),
    "h-051": lambda: limit((sqrt(3 * x**2 + 4) - 4) / (x - 2), x, 2),
    "h-052": ripple_rate,
    "h-053": lambda: integrate(3 * sqrt(x) - 2 / x**2, (x, 1, 4)),
    "h-054": region_above_axis,
    "h-055": lambda: only(solve(integrate(2 * x + 1, (x, 0, t)) - 20, t)),
    "h-056": limit_pair,
    "h-057": limits,
    "h-058": solved_at_two,
    "h-059": outflow_minutes,
    "h-060": bisector_crossing,
    "h-061": chord_length,
    "h-062": segment_perimeter,
    "h-063": lambda: sp.ntheory.digits(14**75, 9)[-1],
    "h-064": base_of_square,
    "h-065": twelve_and_fifteen,
    "h-066": metro_distance,
    "h-067": lambda: greatest((z - 10) * (200 - 4 * z), z, 0, 50),
    "h-068": tin_volume,
    "h-069": cube_in_pyramid,
    "h-070": decagon,
}


def test_every_seed_has_a_check_and_every_check_a_seed() -> None:
    assert unmatched(SEEDS, CHECKS) == []


@pytest.mark.parametrize("seed", SEEDS, ids=[seed["check"] for seed in SEEDS])
def test_high_answer(seed: dict[str, str]) -> None:
    assert not any(differences(seed["answer"], CHECKS[seed["check"]]()))
