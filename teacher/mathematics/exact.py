"""Exact second computations that several areas share. All in whole numbers and fractions; nothing is rounded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise, permutations
from math import prod

Function = Callable[[Fraction], Fraction]


def whole(number: Fraction | int) -> int:
    """The number as an int. Raises ArithmeticError if it is none."""
    fraction = Fraction(number)
    if fraction.denominator != 1:
        raise ArithmeticError(f"{fraction} is not a whole number")
    return fraction.numerator


def shoelace(corners: Sequence[tuple[int, int]]) -> Fraction:
    """The area of a polygon from its corners in order (Gauss's shoelace formula)."""
    twice = sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise([*corners, corners[0]]))
    return Fraction(abs(twice), 2)


def simpson(function: Function, low: int, high: int) -> Fraction:
    """The integral from low to high by Simpson's rule, which is exact for polynomials of degree 3 at most."""
    middle = function(Fraction(low + high, 2))
    return (function(Fraction(low)) + 4 * middle + function(Fraction(high))) * Fraction(high - low, 6)


def difference_quotient(function: Function, at: int) -> Fraction:
    """The derivative by central differences of order four, exact for polynomials of degree 4 at most."""
    x = Fraction(at)
    near, far = function(x + 1) - function(x - 1), function(x + 2) - function(x - 2)
    return (8 * near - far) / 12


def leibniz(rows: Sequence[Sequence[int]]) -> int:
    """The determinant as the signed sum over all permutations. For matrices of at most four rows."""
    size = range(len(rows))
    signed = 0
    for order in permutations(size):
        inversions = sum(order[i] > order[j] for i in size for j in size if i < j)
        signed += (-1) ** inversions * prod(rows[i][order[i]] for i in size)
    return signed


def elimination_rank(rows: Sequence[Sequence[int]]) -> int:
    """The rank by Gaussian elimination in fractions."""
    left = [[Fraction(entry) for entry in row] for row in rows]
    rank = 0
    for column in range(len(rows[0])):
        pivot = next((row for row in left[rank:] if row[column]), None)
        if pivot is None:
            continue
        left.remove(pivot)
        left.insert(rank, pivot)
        for i in range(rank + 1, len(left)):
            share = left[i][column] / pivot[column]
            left[i] = [a - share * b for a, b in zip(left[i], pivot, strict=True)]
        rank += 1
        if rank == len(left):
            break
    return rank
