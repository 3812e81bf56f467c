"""Words and small formulas that the stories share: people, lists, sums, matrices, factors of a fit size."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random

PEOPLE = (
    "Amara", "Ben", "Chiara", "Dmitri", "Elif", "Farid", "Grace", "Hiro", "Ines", "Jonas", "Kofi", "Lena",
    "Mateo", "Nadia", "Olek", "Priya", "Quentin", "Rosa", "Samir", "Tuva", "Uma", "Viktor", "Wanda", "Xavier",
    "Yuki", "Zoltan", "Aisha", "Bruno", "Carmen", "Daniel", "Esther", "Felix", "Gita", "Hannah", "Ivan", "Joyce",
)  # fmt: skip


def factor(rng: Random, n: int, most: int = 600, high: int = 12) -> int:
    """A factor of at least 2, small where `n` is large, so that the product mostly stays below `most`."""
    return rng.randint(2, max(3, min(high, most // n)))


def listing(items: Iterable[object]) -> str:
    """`3, 5 and 8`."""
    *front, last = [str(item) for item in items]
    return f"{', '.join(front)} and {last}" if front else last


def total(terms: Iterable[object]) -> str:
    """`3 + 5 + 8`, for use inside a formula."""
    return " + ".join(str(term) for term in terms)


def matrix(rows: Sequence[Sequence[object]]) -> str:
    """A matrix in round brackets, for use inside a formula."""
    body = r" \\ ".join(" & ".join(str(entry) for entry in row) for row in rows)
    return rf"\begin{{pmatrix}} {body} \end{{pmatrix}}"
