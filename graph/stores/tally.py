"""Totals by key in flat memory: sorted partial totals go to files, and are merged range by range.

What is counted may be far more than memory holds: the pairs of two million questions are thirty million. A tally holds
`BLOCK` entries at a time, whether it is added to or read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

BLOCK = 1 << 22
"""Entries in memory at a time; of one column, 64 MiB."""
Integers = NDArray[np.int64]


class Tally:
    """Totals of several columns by a key that is not negative: sums, or least values."""

    def __init__(self, folder: Path, columns: Sequence[np.ufunc] = (np.add,), *, block: int = BLOCK) -> None:
        """`columns` are what joins two values of one key, `np.add` or `np.minimum`. `folder` is the caller's to delete.

        It is made.
        """
        folder.mkdir()
        self._folder, self._columns, self._block, self._parts = folder, columns, block, 0
        self._keys: list[Integers] = [np.empty(0, np.int64)]
        self._values: list[Integers] = [np.empty((len(columns), 0), np.int64)]
        self._pending = 0

    def add(self, keys: Integers, values: Integers) -> None:
        """Join `values`, shape (columns, n), to those of `keys`, shape (n,), in any order and with repeats."""
        self._keys.append(keys)
        self._values.append(values)
        self._pending += len(keys)
        if self._pending >= self._block:
            self._spill()

    def blocks(self, group_bits: int = 0) -> Iterator[tuple[Integers, Integers]]:
        """The totals as blocks of keys, shape (n,), and values, shape (columns, n): each key once, in ascending order.

        Keys that differ only in their lowest `group_bits` bits stand in one block. May be called again.
        """
        self._spill()
        parts = [(self._load(part, "keys"), self._load(part, "totals")) for part in range(self._parts)]
        places = [0] * len(parts)
        step = max(1, self._block // max(1, len(parts)))
        while True:
            # No part gives more than `step` keys (and the rest of the last one's group): each has its limit beyond.
            ahead = [int(keys[at + step]) for (keys, _), at in zip(parts, places, strict=True) if at + step < len(keys)]
            limit = min(ahead, default=np.iinfo(np.int64).max) | ((1 << group_bits) - 1)
            stops = [int(np.searchsorted(keys, limit, "right")) for keys, _ in parts]
            if stops == places:
                return
            spans = [slice(*span) for span in zip(places, stops, strict=True)]
            yield joined(
                np.concatenate([keys[span] for (keys, _), span in zip(parts, spans, strict=True)]),
                np.concatenate([totals[:, span] for (_, totals), span in zip(parts, spans, strict=True)], axis=1),
                self._columns,
            )
            places = stops

    def _spill(self) -> None:
        if not self._pending:
            return
        keys, totals = joined(np.concatenate(self._keys), np.concatenate(self._values, axis=1), self._columns)
        np.save(self._file(self._parts, "keys"), keys)
        np.save(self._file(self._parts, "totals"), totals)
        self._parts += 1
        del self._keys[1:], self._values[1:]
        self._pending = 0

    def _load(self, part: int, what: str) -> Integers:
        array: Integers = np.load(self._file(part, what), mmap_mode="r")
        return array

    def _file(self, part: int, what: str) -> Path:
        return self._folder / f"{part:05}.{what}.npy"


def joined(keys: Integers, values: Integers, columns: Sequence[np.ufunc]) -> tuple[Integers, Integers]:
    """Each key once, ascending, shape (m,), with what `columns` make of its values, shape (columns, m)."""
    if not len(keys):
        return keys, values
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    return keys[starts], np.stack([of.reduceat(row[order], starts) for of, row in zip(columns, values, strict=True)])
