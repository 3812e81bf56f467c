"""Weak rows made again: a run whose items are exactly the compositions of chosen rows of another run.

Its run.json has the `items` of that run and one entry more, which decides the rest:

    "again": {"run": name, "run_id": identity of its run.json, "indices": "3,17-20", "again": ... where it has one}
    "size": how many

Item i is the item of the i-th of these indices: the same composition with the same examples. So a row knows the row
that it replaces (`again_of`), and nothing about it needs to be kept. A run made again can be made again: indices are
those of the run just before, and its own `again` leads on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError
from engine.recipe import Items
from engine.run import row_id

ItemT = TypeVar("ItemT")
_RANGES = re.compile(r"\d+(-\d+)?(,\d+(-\d+)?)*")


def describe_again(items: Mapping[str, Any], run: str, run_id: str, indices: Iterable[int]) -> dict[str, Any]:
    """The `items` of a run that makes these indices (any order, each once) of another run again."""
    chosen = np.unique(np.fromiter(indices, np.int64))
    again = {"run": run, "run_id": run_id, "indices": write_ranges(chosen)}
    if "again" in items:
        again["again"] = items["again"]
    return {**items, "again": again, "size": len(chosen)}


def draws_of(items: Mapping[str, Any], indices: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where a run's indices were drawn, shape (n,): those of the first run; the same where nothing was made again."""
    again = items.get("again")
    while again is not None:
        indices, again = read_ranges(again["indices"])[indices], again.get("again")
    return indices


def replaced_by(items: Mapping[str, Any], indices: Sequence[int]) -> list[str | None]:
    """The id of the row that each index's row replaces; None where the run makes nothing again."""
    again = items.get("again")
    if again is None:
        return [None] * len(indices)
    return [row_id(again["run_id"], index) for index in read_ranges(again["indices"])[list(indices)].tolist()]


class AgainItems(Generic[ItemT]):
    """The items of another run at chosen indices."""

    def __init__(self, items: Items[ItemT], draws: NDArray[np.int64]) -> None:
        self._items, self._draws = items, draws

    @property
    def size(self) -> int | None:
        """How many were chosen."""
        return len(self._draws)

    def take(self, indices: NDArray[np.int64]) -> Sequence[ItemT]:
        """The items at `indices`, shape (n,)."""
        return self._items.take(self._draws[indices])

    def identities(self, start: int, stop: int) -> NDArray[np.uint64]:
        """Shape (stop - start,): where each was drawn; no two are equal, because repeats gave no row."""
        return self._draws[start:stop].astype(np.uint64)

    def describe(self, item: ItemT) -> Mapping[str, Any]:
        """As the other run describes it."""
        return self._items.describe(item)


def write_ranges(numbers: NDArray[np.int64]) -> str:
    """Rising numbers as text: `3,17-20`."""
    runs = np.split(numbers, np.flatnonzero(np.diff(numbers) != 1) + 1) if len(numbers) else []
    return ",".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def read_ranges(text: str) -> NDArray[np.int64]:
    """The numbers that `write_ranges` wrote. Raises InputError for another text."""
    if not _RANGES.fullmatch(text):
        raise InputError(f"{text[:80]!r} are no indices such as 3,17-20; run.json was changed by hand: restore a copy")
    parts = [part.partition("-") for part in text.split(",")]
    return np.concatenate([np.arange(int(first), int(last or first) + 1, dtype=np.int64) for first, _, last in parts])
