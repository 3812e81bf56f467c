"""The rows of a dataset in their order, each with the run and the index that it is from.

Memory is that of one group of rows a split, as `sharding` writes them, however many groups a file has.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from generation.datasets.formats import DatasetFormat
from generation.datasets.manifest import DataFile, Manifest
from generation.datasets.proving import Difference
from generation.datasets.sharding import ORIGIN

Rows: TypeAlias = "pa.Table | list[bytes]"
"""Rows of a Parquet file, or lines of a file of JSON, each without its end."""


class SplitReader:
    """The rows of a split, in their order, for whoever goes over its runs shard by shard."""

    def __init__(self, folder: Path, manifest: Manifest, split: str, chosen: NDArray[np.int64] | None) -> None:
        """Only the rows at the places `chosen` of the split, rising, are given; all of them if None."""
        self._folder, self._form, self._split, self._chosen = folder, manifest.form, split, chosen
        self._files = [file for file in manifest.files if file.split == split]
        self._broken: list[Difference] = []
        self._groups = self._read()
        self._group = next(self._groups, None)
        self._taken = 0  # rows of the group

    def take(self, run: str, stop: int) -> Iterator[tuple[NDArray[np.int64], Rows]]:
        """Go over the rows of a run up to an index; those that are wanted come as (indices, rows)."""
        while self._group is not None:
            first, origins, rows = self._group
            rest = origins.slice(self._taken)
            theirs = pc.and_(pc.equal(rest["run"], run), pc.less(rest["index"], stop)).combine_chunks()
            others = np.flatnonzero(~pc.fill_null(theirs, fill_value=False).to_numpy(zero_copy_only=False))
            count = int(others[0]) if len(others) else rest.num_rows
            places = self._taken + self._wanted(first + self._taken, count)
            if len(places):
                found = origins["index"].to_numpy()[places].astype(np.int64)
                yield found, [rows[place] for place in places] if isinstance(rows, list) else rows.take(places)
            self._taken += count
            if self._taken < origins.num_rows:
                return
            self._group, self._taken = next(self._groups, None), 0

    def left(self) -> list[Difference]:
        """What could not be read, and the first row that belongs to no shard in its turn."""
        if self._group is None:
            return self._broken
        row = self._group[1].slice(self._taken, 1).to_pylist()[0]
        what = "the dataset names no shard that it comes from, or it is out of order"
        return [*self._broken, Difference(f"split {self._split}, run {row['run']}, index {row['index']}", what)]

    def _wanted(self, first: int, count: int) -> NDArray[np.int64]:
        """Of `count` rows from place `first` of the split, which are chosen."""
        if self._chosen is None:
            return np.arange(count)
        start, stop = np.searchsorted(self._chosen, (first, first + count))
        return self._chosen[start:stop] - first

    def _read(self) -> Iterator[tuple[int, pa.Table, Rows]]:
        """All files: (place of the first row in the split, origins, rows), up to what cannot be read of each."""
        start = 0
        for file in self._files:
            first = start
            start += file.rows
            try:
                for origins, rows in _read_together(self._folder, file, self._form):
                    yield first, origins, rows
                    first += origins.num_rows
            except (pa.ArrowException, OSError, ValueError) as error:
                self._broken.append(Difference(file.name, f"its rows cannot be read: {error}"))


def split_readers(folder: Path, manifest: Manifest, chosen: NDArray[np.int64] | None) -> list[SplitReader]:
    """One for each split; `chosen` are places among all rows of the dataset, rising."""
    readers, start = [], 0
    for split, rows in manifest.splits.items():
        theirs = None
        if chosen is not None:
            theirs = chosen[(start <= chosen) & (chosen < start + rows)] - start
        readers.append(SplitReader(folder, manifest, split, theirs))
        start += rows
    return readers


def _read_together(folder: Path, file: DataFile, form: DatasetFormat) -> Iterator[tuple[pa.Table, Rows]]:
    """A file's origins and rows, a group at a time. Raises ValueError where one has other groups than the other."""
    with pq.ParquetFile(folder / file.origin_name) as origins:
        if not origins.schema_arrow.equals(ORIGIN):
            raise ValueError(f"{file.origin_name} has other columns than {', '.join(ORIGIN.names)}")
        sizes = [origins.metadata.row_group(group).num_rows for group in range(origins.num_row_groups)]
        read = _groups_of if form is DatasetFormat.PARQUET else _lines_of
        for group, rows in enumerate(read(folder / file.name, sizes)):
            yield origins.read_row_group(group, use_threads=False), rows


def _groups_of(path: Path, sizes: Sequence[int]) -> Iterator[pa.Table]:
    with pq.ParquetFile(path) as file:
        if sizes != [file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)]:
            raise ValueError(f"{file.metadata.num_rows:,} rows, and {sum(sizes):,} origins, or in other groups")
        for group in range(file.num_row_groups):
            yield file.read_row_group(group, use_threads=False)


def _lines_of(path: Path, sizes: Sequence[int]) -> Iterator[list[bytes]]:
    with path.open("rb") as file:
        for size in sizes:
            lines = [line.removesuffix(b"\n") for line in islice(file, size)]
            if len(lines) < size:
                raise ValueError(f"fewer lines than its {sum(sizes):,} origins")
            yield lines
        if file.read(1):
            raise ValueError(f"more lines than its {sum(sizes):,} origins")
