"""Parquet: a row of the table is a row, its columns are the fields."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from engine.errors import InputError
from graph.loaders.rows import Row

_ROWS_AT_ONCE = 1000


def parquet_rows(path: Path) -> Iterator[Row]:
    """The rows of a Parquet file; `line` is the row's number. Raises InputError where it is damaged or no Parquet."""
    number = 0
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=_ROWS_AT_ONCE):
                for cells in batch.to_pylist():
                    number += 1
                    yield Row(str(path), number, cells)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"{path} cannot be read as Parquet, after {number} rows ({error}); make it anew, then: "
            "skillweave seeds import FILE.parquet"
        ) from None
