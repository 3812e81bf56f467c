"""Graphs, groups and bracketings. Second computation: counting up, one thing after the other."""

from __future__ import annotations

from math import comb, gcd
from random import Random

from teacher.chain import Link, generator
from teacher.mathematics.divisibility import divisors
from teacher.mathematics.terms import product, times
from teacher.mathematics.wording import factor, listing

GRAPHS = "Graph theory"


@generator("degrees of vertices", GRAPHS, "college", low=3, high=900)
def _edges_from_degrees(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(2, 4)
    degree = 2 * k
    setup, quantity = rng.choice(
        (
            (
                f"In a network of {times(2, n, given)} computers, each one is joined by cables to {degree + 1} others.",
                "the number of cables",
            ),
            (
                f"A graph has {given} vertices of degree {degree} and no other vertices.",
                "the number of its edges",
            ),
            (
                f"At a congress of {given} people everybody shakes hands with exactly {degree} others.",
                "the number of handshakes",
            ),
        )
    )
    network = "network" in setup
    many, each = (2 * n, degree + 1) if network else (n, degree)
    value = many * each // 2
    steps = (
        rf"The degrees add up to \( {many} \times {each} = {many * each} \), and every edge is counted at both its "
        "ends.",
        rf"So the number is \( {many * each} \div 2 = {value} \).",
    )
    return Link(setup, quantity, steps, value, lambda x: (degree + 1) * x if network else k * x)


@generator("trees and spanning trees", GRAPHS, "college", low=6, high=900)
def _edges_to_remove(n: int, given: str, rng: Random) -> Link:
    towns = rng.randint(4, n - 1) if n < 60 else rng.randint(10, 50)
    setup, quantity = rng.choice(
        (
            (
                f"In a country {towns} towns are joined by {given} roads, so that every town can be reached from "
                "every other. As many roads as possible are closed without losing this.",
                "the number of roads that are closed",
            ),
            (
                f"A connected graph with {towns} vertices and {given} edges is given. Edges are removed until a "
                "spanning tree is left.",
                "the number of edges removed",
            ),
        )
    )
    value = n - towns + 1
    steps = (
        rf"What is left is a tree, and a tree with {towns} vertices has \( {towns} - 1 = {towns - 1} \) edges.",
        rf"So \( {n} - {towns - 1} = {value} \) are removed.",
    )

    def check(x: int) -> int:
        """Vertices are joined one by one; each needs one edge except the first."""
        spare = x
        for _ in range(1, towns):
            spare -= 1
        if spare < 0:
            raise ArithmeticError("the graph is not connected")
        return spare

    return Link(setup, quantity, steps, value, check)


@generator("planar graphs", GRAPHS, "college", low=4, high=900)
def _faces_by_euler(n: int, given: str, rng: Random) -> Link:
    edges = n + rng.randint(3, max(3, min(40, 2 * n - 6)))
    setup, quantity = rng.choice(
        (
            (
                f"A connected planar graph with {given} vertices and {edges} edges is drawn without crossings.",
                "the number of regions of the drawing, the outer one included",
            ),
            (
                f"On a map {edges} straight paths join {given} wells. The paths meet only at wells, and from each "
                "well one can reach every other.",
                "the number of regions into which the paths divide the map, the outer one included",
            ),
        )
    )
    value = 2 - n + edges
    steps = (
        "By Euler's formula for connected planar graphs, vertices minus edges plus regions is 2.",
        rf"So the number of regions is \( 2 - {n} + {edges} = {value} \).",
    )

    def check(x: int) -> int:
        """A tree through all vertices leaves one region; each further edge cuts a region in two."""
        further = edges - len(range(1, x))
        if further < 0:
            raise ArithmeticError("the graph is not connected")
        return 1 + further

    return Link(setup, quantity, steps, value, check)


@generator("cyclic groups", "Abstract algebra", "college", low=3, high=900)
def _index_of_a_subgroup(n: int, given: str, rng: Random) -> Link:
    k = factor(rng, n, most=1500, high=6)
    size = product(k, n, given) if not given.isdigit() else str(k * n)
    order = k * n
    setup, quantity = rng.choice(
        (
            (
                rf"Let \( G \) be the cyclic group of order \( {size} \).",
                r"the number of elements that generate \( G \)",
            ),
            (
                rf"Consider the residue classes modulo \( {size} \) with addition as a group.",
                "the number of classes whose multiples make up the whole group",
            ),
        )
    )
    value = sum(gcd(i, order) == 1 for i in range(1, order + 1))
    primes = [d for d in divisors(order) if d > 1 and len(divisors(d)) == 2]
    shares = " ".join(rf"\left(1 - \frac{{1}}{{{p}}}\right)" for p in primes)
    steps = (
        f"An element generates the group of order {order} exactly if it is coprime to {order}, whose prime factors "
        f"are {listing(primes)}."
        if len(primes) > 1
        else rf"An element generates the group of order {order} exactly if it is coprime to {order}, a power of "
        f"{primes[0]}.",
        rf"Their number is \( \varphi({order}) = {order} {shares} = {value} \).",
    )

    def check(x: int) -> int:
        """Every element generates one subgroup, one of each divisor's order; take all others away."""
        found: dict[int, int] = {}
        for d in divisors(k * x):
            found[d] = d - sum(found[e] for e in divisors(d)[:-1])
        return found[k * x]

    return Link(setup, quantity, steps, value, check)


@generator("Catalan numbers", "Counting principles", "competition", low=2, high=300)
def _bracketings(n: int, given: str, rng: Random) -> Link:
    pairs = rng.randint(3, 5 if n < 60 else 4)
    catalan = comb(2 * pairs, pairs) // (pairs + 1)
    setup = rng.choice(
        (
            f"A row of {2 * pairs} brackets, {pairs} opening and {pairs} closing ones, is set correctly if no bracket "
            f"is closed before it is opened. Each correct row is painted in one of {given} colours.",
            f"Between two corners of a board, {2 * pairs} steps up or to the right are made, {pairs} of each kind, "
            f"and at no moment have more gone up than to the right. Each such path is drawn in one of {given} "
            "colours.",
        )
    )
    quantity = (
        "the number of painted rows that can arise"
        if "painted" in setup
        else "the number of coloured paths that can arise"
    )
    value = catalan * n
    steps = (
        rf"Without the colours, the number is the Catalan number \( \frac{{1}}{{{pairs + 1}}} "
        rf"\binom{{{2 * pairs}}}{{{pairs}}} = {catalan} \).",
        rf"With them there are \( {catalan} \times {n} = {value} \).",
    )

    def check(x: int) -> int:
        """Ways by the height above the diagonal, step by step."""
        ways = [1] + [0] * (pairs + 1)
        for _ in range(2 * pairs):
            ways = [(ways[h - 1] if h else 0) + (ways[h + 1] if h + 1 < len(ways) else 0) for h in range(len(ways))]
        return ways[0] * x

    return Link(setup, quantity, steps, value, check)
