"""The first accepted rows of a run under one count: what a run that works on another run's questions has for items.

A run that is extended gets more accepted rows after those it had, so row i of the first n stays the same row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from engine.call import content_hash
from engine.rows import Part, accepted_parts, sealed_file
from engine.run import read_spec


class FirstAccepted:
    """The first accepted rows of a run, in index order."""

    def __init__(self, run: Path, rows: int) -> None:
        self.run = run
        self._parts: list[Part] = []
        for part in accepted_parts(run):
            if rows > 0:
                self._parts.append(Part(part.seal, min(part.rows, rows)))
            rows -= part.rows
        self._starts = np.cumsum([0, *(part.rows for part in self._parts)])

    @classmethod
    def described(cls, run: Path, described: Mapping[str, Any]) -> Self | None:
        """The rows that `run_id`, `size` and `hash` of a run's items name; None where the run does not hold them."""
        found = cls(run, described["size"])
        return found if read_spec(run).id == described["run_id"] and found.hash == described["hash"] else None

    def __len__(self) -> int:
        return int(self._starts[-1])

    @property
    def hash(self) -> str:
        """`b2:` and a hash of the sealed files that hold them."""
        return content_hash([[part.seal.files["rows"].hash, part.rows] for part in self._parts])

    def read(self, indices: NDArray[np.int64], columns: Sequence[str]) -> Iterator[dict[str, Any]]:
        """The rows at `indices` (shape (n,), rising), a sealed file in memory at a time."""
        for part, start, stop in zip(self._parts, self._starts[:-1], self._starts[1:], strict=True):
            first, last = np.searchsorted(indices, (start, stop))
            if first < last:
                table = pq.read_table(sealed_file(self.run, part.seal, "rows"), columns=list(columns))
                yield from table.take(indices[first:last] - start).to_pylist()
