"""Numbers as a text writes them: as they are where the input is in digits, as a term where it has a name."""

from __future__ import annotations

from fractions import Fraction

from teacher.chain import inside


def product(factor: int, n: int, given: str) -> str:
    """`factor` times the input, for use inside a formula: `240`, or `8 A`."""
    return str(factor * n) if given.isdigit() else f"{factor} {inside(given)}"


def times(factor: int, n: int, given: str) -> str:
    """`product`, to stand in a sentence."""
    return product(factor, n, given) if given.isdigit() else rf"\( {product(factor, n, given)} \)"


def signed(term: int) -> str:
    """`+ 3` or `- 3`, to follow another term; nothing for zero."""
    return "" if term == 0 else f"+ {term}" if term > 0 else f"- {-term}"


def times_x(factor: int, x: str = "x") -> str:
    """`x`, `-x` or `3x`."""
    return x if factor == 1 else f"-{x}" if factor == -1 else f"{factor}{x}"


def whole(value: Fraction) -> int:
    """The value as a whole number; ArithmeticError where it is none."""
    if value.denominator != 1:
        raise ArithmeticError(f"{value} is not a whole number")
    return value.numerator
