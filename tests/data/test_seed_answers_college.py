"""Every answer of data/seeds/college.jsonl, computed a second time from the question alone: symbolically with sympy
by another route than the solution's where there is one, by enumeration, or by carrying out the process described.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import combinations, pairwise, permutations, product
from statistics import pvariance

import networkx as nx
import pytest
import sympy as sp
from exact_answers import differences, only, read_level, unmatched
from sympy import E, I, Matrix, Plane, Rational, exp, integrate, limit, log, oo, pi, real_roots, solve, sqrt
from sympy.abc import a, b, k, n, z
from sympy.calculus.util import maximum, minimum
from sympy.combinatorics import Permutation
from sympy.utilities.iterables import multiset_partitions

SEEDS = read_level("college")
t, x, y = sp.symbols("t x y", real=True)
P, Q = sp.symbols("p q", positive=True)


def removable_singularity() -> tuple[object, object]:
    top = x**2 + a * x - 5
    slope = only(solve(top.subs(x, 1), a))
    return slope, limit(top.subs(a, slope) / (x - 1), x, 1)


def composed() -> object:
    def f(at: sp.Expr) -> sp.Expr:
        return 5 - 3 * (at - 2)

    def g(at: sp.Expr) -> sp.Expr:
        return 2 + 4 * (at - 1)

    return sp.diff(f(g(x)) ** 2, x).subs(x, 1)


def tangent_on_axis() -> object:
    f = sqrt(x**2 + 16)
    return (f + sp.diff(f, x) * (0 - x)).subs(x, 3)


def smallest_can() -> object:
    height = only(solve(pi * P**2 * Q - 54 * pi, Q))
    surface = 2 * pi * P**2 + 2 * pi * P * height
    return only(surface.subs(P, i) for i in solve(sp.diff(surface, P), P))


def best_revenue() -> Fraction:
    """Over all rises in whole cents."""
    rises = (Fraction(cents, 100) for cents in range(4001))
    return max((20 + rise) * (400 - 10 * rise) for rise in rises)


def local_maximum() -> object:
    f = x**4 - 4 * x**3 - 8 * x**2 + 48 * x
    return only(f.subs(x, i) for i in solve(sp.diff(f, x), x) if sp.diff(f, x, 2).subs(x, i) < 0)


def enclosed_area() -> object:
    gap = 2 * x + 3 - x**2
    left, right = sorted(solve(gap, x))
    return sp.Abs(integrate(gap, (x, left, right)))


def average_point() -> object:
    f = 3 * x**2 - 2 * x
    return only(i for i in solve(f - integrate(f, (x, 0, 4)) / 4, x) if 0 <= i <= 4)


def at(equation: sp.Expr, start: dict[object, int], point: object) -> object:
    """The value at a point of the solution y(x) of `equation` = 0 with the given initial conditions."""
    solved = sp.dsolve(equation, ics=start)
    assert sp.checkodesol(equation, solved)[0]
    return solved.rhs.subs(x, point)


Y = sp.Function("y")
DY = Y(x).diff(x)


def salt_minutes() -> object:
    left = sp.dsolve(DY + Y(x) * Rational(5, 100), ics={Y(0): 20}).rhs
    return only(solve(left - 5, x))


def rank_two() -> object:
    matrix = Matrix([[k, 1, 1], [1, k, 1], [1, 1, k]])
    return only(i for i in solve(matrix.det(), k) if matrix.subs(k, i).rank() == 2)


def determinant_of_polynomial() -> object:
    """With a matrix that has these eigenvalues and is not diagonal."""
    basis = Matrix([[1, 2, 0], [0, 1, 1], [1, 0, 1]])
    matrix = basis * sp.diag(1, -2, 4) * basis.inv()
    return (matrix**2 - 3 * sp.eye(3)).det()


def infinitely_many_solutions() -> object:
    augmented = Matrix([[1, 1, 1, 2], [1, 2, 3, 5], [2, 3, a, b]])
    minors = [augmented.extract([0, 1, 2], list(columns)).det() for columns in combinations(range(4), 3)]
    return only((i[a], i[b]) for i in solve(minors, [a, b], dict=True))


def triangle_in_space() -> object:
    """Half the root of the Gram determinant of two sides."""
    sides = Matrix([[3 - 1, 1 - 0, 2 - 2], [2 - 1, 2 - 0, 5 - 2]])
    return sqrt((sides * sides.T).det()) / 2


def length_of_sum() -> object:
    u, v = Matrix([t, 3, -2]), Matrix([t, -1, t])
    return only((u + v).subs(t, i).norm() for i in solve(u.dot(v), t) if i > 0)


def recursion() -> int:
    terms = [1, 8]
    while len(terms) < 6:
        terms.append(terms[-1] + 6 * terms[-2])
    return terms[5]


def best_line() -> object:
    squares = sum((a * i + b - j) ** 2 for i, j in [(0, 1), (1, 3), (2, 4), (3, 4)])
    line = solve([sp.diff(squares, a), sp.diff(squares, b)], [a, b])
    return (a * 5 + b).subs(line)


def determinant_of_product() -> object:
    return only(solve((Matrix([[1, 2], [3, t]]) * Matrix([[2, 1], [1, 5]])).det() - 36, t))


def directional_derivative() -> object:
    along = (1 + Rational(3, 5) * t, 2 + Rational(4, 5) * t)
    return sp.diff(along[0] ** 2 * along[1] + along[1] ** 3, t).subs(t, 0)


def largest_product() -> object:
    value = (18 - 2 * P - 3 * Q) * P * Q
    return max(value.subs(i) for i in solve([sp.diff(value, P), sp.diff(value, Q)], [P, Q], dict=True))


def local_minimum() -> object:
    f = x**3 - 3 * x + y**2 - 4 * y
    critical = solve([sp.diff(f, x), sp.diff(f, y)], [x, y], dict=True)
    return only(f.subs(i) for i in critical if sp.hessian(f, (x, y)).subs(i).is_positive_definite)


def density() -> object:
    f = a * x * (4 - x)
    constant = only(solve(integrate(f, (x, 0, 4)) - 1, a))
    return integrate(f, (x, 0, 1)).subs(a, constant)


def all_toys() -> object:
    """Expected time to absorption of the chain that counts the different toys."""
    moves = Matrix(5, 5, lambda i, j: Rational(i, 5) if i == j else Rational(5 - i, 5) if j == i + 1 else 0)
    return sum(((sp.eye(5) - moves).inv())[0, :])


def ill_given_positive() -> Fraction:
    ill, healthy = 100_000 * 2 // 100, 100_000 * 98 // 100
    found, wrong = ill * 90 // 100, healthy * 5 // 100
    return Fraction(found, found + wrong)


def memoryless() -> object:
    f = exp(-x / 4) / 4
    return integrate(f, (x, 6, oo)) / integrate(f, (x, 2, oo))


def variance_of_largest() -> object:
    def moment(power: int) -> sp.Expr:
        return 3 * integrate(t**power, (x, 0, t), (y, 0, t), (t, 0, 1))

    return moment(2) - moment(1) ** 2


def two_hits() -> Fraction:
    rounds = list(product(["hit", "miss", "miss"], repeat=5))
    return Fraction(sum(shots.count("hit") >= 2 for shots in rounds), len(rounds))


def sunny() -> object:
    weather = Matrix([[Rational(4, 5), Rational(1, 5)], [Rational(3, 10), Rational(7, 10)]])
    steady = only((weather.T - sp.eye(2)).nullspace())
    return steady[0] / sum(steady)


def expected_bets() -> object:
    bets = sp.symbols("e0:11")
    steps = [1 + (bets[i - 1] + bets[i + 1]) / 2 - bets[i] for i in range(1, 10)]
    return solve([bets[0], bets[10], *steps], bets)[bets[3]]


def faces() -> int:
    """Of two very different cubic planar graphs with 12 vertices."""

    def count(graph: nx.Graph) -> int:
        planar, drawing = nx.check_planarity(graph)
        assert planar and len(graph) == 12 and {degree for _vertex, degree in graph.degree} == {3}
        seen: set[tuple[int, int]] = set()
        return sum(
            bool(drawing.traverse_face(*edge, mark_half_edges=seen)) for edge in drawing.edges if edge not in seen
        )

    return only([count(nx.truncated_tetrahedron_graph()), count(nx.circular_ladder_graph(6))])


def spanning_trees() -> int:
    edges = list(nx.complete_bipartite_graph(2, 4).edges)
    trees = (nx.Graph(chosen) for chosen in combinations(edges, 5))
    return sum(len(tree) == 6 and nx.is_connected(tree) for tree in trees)


def even_subsets() -> int:
    exactly_one = set(range(7)) ^ set(range(4, 9))
    return sum(1 for size in range(0, 10, 2) for _subset in combinations(exactly_one, size))


def generating_function() -> object:
    factors = [sum(x**i for i in range(0, 13, step)) for step in (1, 2, 5)]
    return sp.Poly(sp.prod(factors), x).coeff_monomial(x**12)


def root_triangle() -> object:
    corners = [sp.Point(*sp.expand_complex(root).as_real_imag()) for root in solve(z**3 - 8 * I, z)]
    return sp.Abs(sp.Triangle(*corners).area)


def contour() -> object:
    """From the residue at infinity, outside of the circle."""
    f = (3 / z + 2) / (z**-2 - 1 / z)
    return 2 * pi * I * sp.residue(sp.together(f / z**2), z, 0)


def newton() -> object:
    f, value = x**2 - 7, sp.Integer(3)
    for _step in range(2):
        value -= (f / sp.diff(f, x)).subs(x, value)
    return value


def trapezoids() -> Fraction:
    nodes = [Fraction(i, 2) for i in range(5)]
    return sum(((j - i) * (i**3 + j**3) / 2 for i, j in pairwise(nodes)), Fraction(-(2**4), 4))


def simpson() -> object:
    """The integral of the parabola through the three points."""
    return integrate(sp.interpolate([(i, Rational(1, i)) for i in (1, 2, 3)], x), (x, 1, 3))


def euler() -> Fraction:
    here, value, step = Fraction(0), Fraction(1), Fraction(1, 2)
    while here < 1:
        here, value = here + step, value + step * (here + value)
    return value


CHECKS: dict[str, Callable[[], object]] = {
    "u-001": lambda: limit((x**3 - 8) / (x**2 - x - 2), x, 2),
    "u-002": removable_singularity,
    "u-003": lambda: limit(sqrt(x**2 + 6 * x) - x, x, oo),
    "u-004": lambda: limit((exp(3 * x) - 1 - 3 * x) / x**2, x, 0),
    "u-005": lambda: limit((1 + 2 / P) ** (3 * P), P, oo),
    "u-006": lambda: only(solve(sqrt(2 * P + 15) - P, P)),
    "u-007": tangent_on_axis,
    "u-008": composed,
    "u-009": lambda: sp.idiff(x**2 + x * y + y**2 - 7, y, x).subs({x: 1, y: 2}),
    "u-010": lambda: sp.idiff(x - (y**3 + 3 * y + 1), y, x).subs(y, only(real_roots(x**3 + 3 * x + 1 - 5))),
    "u-011": lambda: sp.diff(pi * (5 + 2 * t) ** 2 * (12 - 3 * t), t).subs(t, 0),
    "u-012": smallest_can,
    "u-013": lambda: sqrt(minimum(x**2 + (x**2 - Rational(5, 2)) ** 2, x)),
    "u-014": best_revenue,
    "u-015": lambda: maximum(2 * x * (12 - x**2), x, sp.Interval(0, sqrt(12))),
    "u-016": local_maximum,
    "u-017": lambda: integrate(sp.Abs(t**2 - 4 * t + 3), (t, 0, 4)),
    "u-018": enclosed_area,
    "u-019": lambda: integrate(x * sqrt(x**2 + 9), (x, 0, 4)),
    "u-020": lambda: integrate(x**2 * log(x), (x, 1, E)),
    "u-021": lambda: integrate(9 / (x**2 + 9), (x, 0, 3)),
    "u-022": lambda: integrate(4 / (x**2 - 4), (x, 3, 6)),
    "u-023": lambda: 2 * pi * integrate(P * (sqrt(P) - P), (P, 0, 1)),
    "u-024": average_point,
    "u-025": lambda: sp.diff(sp.Integral(sqrt(1 + t**3), (t, 0, x**2)), x).subs(x, sqrt(2)).doit(),
    "u-026": lambda: integrate(sqrt(1 + sp.diff(Rational(2, 3) * P ** Rational(3, 2), P) ** 2), (P, 0, 8)),
    "u-027": lambda: integrate(x * exp(-2 * x), (x, 0, oo)),
    "u-028": lambda: sp.summation(5 * Rational(2, 3) ** n, (n, 2, oo)),
    "u-029": lambda: sqrt(limit((n**2 / 9**n) / ((n + 1) ** 2 / 9 ** (n + 1)), n, oo)),
    "u-030": lambda: sp.summation(n * Rational(2, 5) ** (n - 1), (n, 1, oo)),
    "u-031": lambda: sp.diff(exp(x) * sp.cos(x), x, 4).subs(x, 0) / sp.factorial(4),
    "u-032": lambda: at(DY - x * Y(x), {Y(0): 3}, 2),
    "u-033": lambda: at(DY - x**2 / Y(x), {Y(0): 3}, 3),
    "u-034": salt_minutes,
    "u-035": lambda: at(DY + 2 * Y(x) - 6, {Y(0): 1}, log(2)),
    "u-036": lambda: at(x * DY + Y(x) - 3 * x**2, {Y(1): 4}, 3),
    "u-037": lambda: at(DY.diff(x) - 5 * DY + 6 * Y(x), {Y(0): 1, DY.subs(x, 0): 4}, log(2)),
    "u-038": lambda: integrate(1 / (x / 2 * (1 - x / 100)), (x, 20, 80)),
    "u-039": lambda: max((Matrix([[4, 1], [2, 3]]) ** 3).eigenvals()),
    "u-040": rank_two,
    "u-041": lambda: sum(Matrix([[2, 1], [0, 2]]) ** 5),
    "u-042": determinant_of_polynomial,
    "u-043": lambda: len(Matrix([[1, 2, 0, 3], [2, 4, 1, 7], [3, 6, 1, 10]]).nullspace()),
    "u-044": infinitely_many_solutions,
    "u-045": triangle_in_space,
    "u-046": length_of_sum,
    "u-047": lambda: Plane((1, -5, 1), (2, -3, 1), (1, -3, 2)).distance(sp.Point3D(4, 1, -2)),
    "u-048": lambda: sp.Abs(Matrix([[1, 2, 0], [0, 3, 1], [2, 1, 4]]).det()),
    "u-049": recursion,
    "u-050": best_line,
    "u-051": determinant_of_product,
    "u-052": directional_derivative,
    "u-053": lambda: integrate(x * y, (x, y / 2, 2), (y, 0, 4)),
    "u-054": largest_product,
    "u-055": lambda: integrate(pi * (4 - t), (t, 0, 4)),
    "u-056": local_minimum,
    "u-057": lambda: sp.diff(exp(2 * t) ** 2 + 3 * exp(2 * t) * (t**2 + 1), t).subs(t, 0),
    "u-058": density,
    "u-059": lambda: pvariance([Fraction(2 * i - 3 * sum(j)) for i in range(1, 7) for j in product((0, 1), repeat=8)]),
    "u-060": all_toys,
    "u-061": ill_given_positive,
    "u-062": memoryless,
    "u-063": variance_of_largest,
    "u-064": two_hits,
    "u-065": sunny,
    "u-066": expected_bets,
    "u-067": lambda: sum(i <= j and k <= m and (i or k) for i, j, k, m in product((False, True), repeat=4)),
    "u-068": lambda: sum(len(set(images)) == 4 for images in product(range(4), repeat=6)),
    "u-069": faces,
    "u-070": spanning_trees,
    "u-071": lambda: sum(all(c[i] != c[i - 1] for i in range(5)) for c in product(range(4), repeat=5)),
    "u-072": lambda: sum(1 for _classes in multiset_partitions(list(range(5)), 3)),
    "u-073": lambda: only(d for d in range(1, 60) if 17 * d % 60 == 1),
    "u-074": lambda: max(Permutation(list(order)).order() for order in permutations(range(7))),
    "u-075": generating_function,
    "u-076": even_subsets,
    "u-077": lambda: sp.expand((sqrt(3) + I) ** 9),
    "u-078": root_triangle,
    "u-079": contour,
    "u-080": newton,
    "u-081": trapezoids,
    "u-082": simpson,
    "u-083": euler,
    "u-084": lambda: sp.interpolate([(0, 1), (1, 4), (3, -2)], x).subs(x, 2),
}


def test_every_seed_has_a_check_and_every_check_a_seed() -> None:
    assert unmatched(SEEDS, CHECKS) == []


@pytest.mark.parametrize("seed", SEEDS, ids=[seed["check"] for seed in SEEDS])
def test_college_answer(seed: dict[str, str]) -> None:
    assert not any(differences(seed["answer"], CHECKS[seed["check"]]()))
