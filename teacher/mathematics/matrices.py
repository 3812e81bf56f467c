"""Determinants, products, eigenvalues and rank. Second computation: permutations, elimination, or the definition."""

from __future__ import annotations

from random import Random

from teacher.chain import Link, generator, inside
from teacher.mathematics.exact import elimination_rank, leibniz
from teacher.mathematics.wording import matrix


@generator("determinant of a matrix", "Matrices", "college", low=2, high=300)
def _two_by_two(n: int, given: str, rng: Random) -> Link:
    d = rng.randint(2, max(3, min(9, 600 // n)))
    b = rng.randint(1, 4)
    c = rng.randint(1, max(1, (n * d - 1) // (2 * b)) if n * d // (2 * b) < 9 else 9)
    rows = matrix(((inside(given), b), (c, d)))
    setup = rng.choice(
        (
            rf"Let \( K = {rows} \).",
            rf"A linear map of the plane has the matrix \( K = {rows} \) in the standard basis.",
        )
    )
    value = n * d - b * c
    steps = (
        "The determinant of a matrix with two rows is the product of the main diagonal minus the product of the "
        "other one.",
        rf"Here it is \( {n} \times {d} - {b} \times {c} = {n * d} - {b * c} = {value} \).",
    )
    return Link(setup, r"the determinant of \( K \)", steps, value, lambda x: leibniz(((x, b), (c, d))))


@generator("determinant of a matrix", "Matrices", "college", low=1, high=200)
def _three_by_three(n: int, given: str, rng: Random) -> Link:
    a, b, c = rng.randint(1, 3), rng.randint(1, 5), rng.randint(0, 5)
    d, e = rng.randint(0, 3), rng.randint(1, 3)
    # Expanding along the first column (a, 0, 0) leaves the block (x, d; -e, b).
    block = n * b + d * e
    value = a * block
    rows = matrix(((a, c, e + 1), (0, inside(given), d), (0, -e, b)))
    setup = rng.choice(
        (rf"Consider the matrix \( L = {rows} \).", rf"The matrix of a system of equations is \( L = {rows} \).")
    )
    steps = (
        rf"Expand along the first column, which has the single entry {a} that is not 0: \( \det L = {a} \times \det "
        rf"{matrix(((n, d), (-e, b)))} \).",
        rf"The small determinant is \( {n} \times {b} - {d} \times ({-e}) = {block} \).",
        rf"So \( \det L = {a} \times {block} = {value} \).",
    )
    return Link(
        setup,
        r"\( \det L \)",
        steps,
        value,
        lambda x: leibniz(((a, c, e + 1), (0, x, d), (0, -e, b))),
    )


@generator("matrix multiplication", "Matrices", "college", low=1, high=300)
def _entry_of_a_product(n: int, given: str, rng: Random) -> Link:
    a, b, c = rng.randint(1, 9), rng.randint(1, 9), rng.randint(1, 9)
    e = rng.randint(2, max(3, min(7, 500 // n)))
    f, g, h = rng.randint(1, 9), rng.randint(1, 9), rng.randint(1, 9)
    left, right = matrix(((inside(given), a), (b, c))), matrix(((e, f), (g, h)))
    row = rng.choice(("first", "first column"))
    setup = rf"The matrices \( F = {left} \) and \( G = {right} \) are multiplied."
    if row == "first":
        quantity = r"the entry in the first row and first column of \( FG \)"
        value = n * e + a * g
        steps = (
            r"The entry is the first row of \( F \) times the first column of \( G \).",
            rf"It is \( {n} \times {e} + {a} \times {g} = {n * e} + {a * g} = {value} \).",
        )
    else:
        quantity = r"the sum of the two entries in the first column of \( FG \)"
        value = n * e + a * g + b * e + c * g
        steps = (
            rf"The first column of \( FG \) has the entries \( {n} \times {e} + {a} \times {g} = {n * e + a * g} \) "
            rf"and \( {b} \times {e} + {c} \times {g} = {b * e + c * g} \).",
            rf"Their sum is \( {n * e + a * g} + {b * e + c * g} = {value} \).",
        )

    def check(x: int) -> int:
        """The image of the first unit vector under G, then under F."""
        x1, y1 = e * 1 + f * 0, g * 1 + h * 0
        x2, y2 = x * x1 + a * y1, b * x1 + c * y1
        return x2 if row == "first" else x2 + y2

    return Link(setup, quantity, steps, value, check)


@generator("matrix multiplication", "Matrices", "college", low=1, high=200)
def _power_of_a_shear(n: int, given: str, rng: Random) -> Link:
    power = rng.randint(2, 6)
    rows = matrix(((1, inside(given)), (0, 1)))
    setup = rf"The matrix \( {rows} \) is multiplied by itself until the product has {power} factors."
    value = power * n
    product = matrix(((1, value), (0, 1)))
    steps = (
        rf"Multiplying \( {matrix((('1', 's'), ('0', '1')))} \) by \( {matrix((('1', 't'), ('0', '1')))} \) gives \( "
        rf"{matrix((('1', 's + t'), ('0', '1')))} \): the entries in the upper right corner add up.",
        rf"With {power} factors the product is \( {product} \), since \( {power} \times {n} = {value} \).",
    )

    def check(x: int) -> int:
        rows = ((1, 0), (0, 1))
        for _ in range(power):
            rows = tuple((left, left * x + right) for left, right in rows)  # type: ignore[assignment]
        return rows[0][1]

    return Link(setup, "the entry in the upper right corner of this product", steps, value, check)


@generator("eigenvalues", "Linear algebra", "college", low=1, high=400)
def _symmetric(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(1, 12)
    body = matrix(((inside(given), k), (k, inside(given))))
    setup = rng.choice(
        (rf"Let \( H = {body} \).", rf"A symmetric map of the plane is given by the matrix \( H = {body} \).")
    )
    value = n + k
    steps = (
        rf"The characteristic equation is \( ({n} - \lambda)^2 - {k}^2 = 0 \), so \( \lambda - {n} = \pm {k} \).",
        rf"The eigenvalues are \( {n - k} \) and \( {n + k} \); the largest is \( {n} + {k} = {value} \).",
    )
    return Link(
        setup,
        r"the largest eigenvalue of \( H \)",
        steps,
        value,
        lambda x: max(root for root in range(x - 20, x + 21) if leibniz(((x - root, k), (k, x - root))) == 0),
    )


@generator("eigenvalues", "Linear algebra", "college", low=1, high=400)
def _triangular(n: int, given: str, rng: Random) -> Link:
    a, b, c = rng.randint(1, 9), rng.randint(1, 20), rng.randint(1, 20)
    body = matrix(((b, a, a + 1), (0, inside(given), a + 2), (0, 0, c)))
    setup = rf"A linear map of space has the matrix \( R = {body} \)."
    value = b + n + c
    steps = (
        r"The matrix is triangular, so its eigenvalues stand on the main diagonal.",
        rf"They are {b}, {n} and {c}; counted with multiplicity they add up to \( {b} + {n} + {c} = {value} \).",
    )

    def check(x: int) -> int:
        """Minus the quadratic coefficient of det(lambda I - R), by third differences of the cubic."""
        p = [leibniz(((t - b, -a, -a - 1), (0, t - x, -a - 2), (0, 0, t - c))) for t in (-1, 0, 1)]
        return -(p[0] - 2 * p[1] + p[2]) // 2

    return Link(setup, r"the sum of all eigenvalues of \( R \), counted with multiplicity", steps, value, check)


@generator("rank of a matrix", "Linear algebra", "college", low=1, high=300)
def _parameter_for_rank_one(n: int, given: str, rng: Random) -> Link:
    k = rng.randint(2, max(3, min(8, 600 // n)))
    a = rng.randint(1, 6)
    body = matrix(((1, a, inside(given)), (k, k * a, "t")))
    setup = rng.choice(
        (
            rf"The matrix \( {body} \) depends on the real number \( t \), and its rank is 1.",
            rf"For one real number \( t \) the two rows of \( {body} \) are linearly dependent, so that its rank is 1.",
        )
    )
    value = k * n
    steps = (
        "The rank is 1 only if the second row is a multiple of the first one.",
        rf"The first column shows that the factor is {k}; so \( t = {k} \times {n} = {value} \).",
    )

    def check(x: int) -> int:
        """All minors vanish: solved for t by the last two columns, then proved by elimination."""
        t = (k * a) * x // a
        if elimination_rank(((1, a, x), (k, k * a, t))) != 1:
            raise ArithmeticError("the rank is 2")
        return t

    return Link(setup, r"the number \( t \)", steps, value, check)


@generator("rank of a matrix", "Linear algebra", "college", low=6, high=300)
def _rank_and_nullity(n: int, given: str, rng: Random) -> Link:
    rank = rng.randint(2, 4)
    height = rank + rng.randint(0, 3)
    setup, quantity = rng.choice(
        (
            (
                f"A matrix with {height} rows and {given} columns has rank {rank}.",
                "the dimension of its null space",
            ),
            (
                f"A homogeneous system of {height} linear equations in {given} unknowns has a coefficient matrix of "
                f"rank {rank}.",
                "the dimension of its space of solutions",
            ),
        )
    )
    value = n - rank
    steps = (
        "By the rank-nullity theorem, rank and dimension of the null space add up to the number of columns.",
        rf"So the dimension is \( {n} - {rank} = {value} \).",
    )
    # Free columns: those in which the reduced form of such a matrix has no pivot.
    return Link(setup, quantity, steps, value, lambda x: sum(column not in range(rank) for column in range(x)))
