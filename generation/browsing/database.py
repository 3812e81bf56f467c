"""DuckDB over Parquet files, a query at a time: no file of its own, nothing fetched, two threads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import pyarrow as pa

from engine.errors import InputError, StorageError


@cache
def _database() -> Any:
    try:
        import duckdb
    except ImportError:
        raise InputError("looking through questions needs DuckDB; install it: pip install 'skillweave[app]'") from None
    return duckdb.connect(config={"threads": 2, "autoinstall_known_extensions": False, "parquet_metadata_cache": True})


def ask(text: str, values: Sequence[Any], tables: Mapping[str, pa.Table] | None = None) -> pa.Table:
    """The rows of a query with these values bound, over files and `tables` by name. Several threads may ask at once.

    Raises InputError where DuckDB is not installed, StorageError where a file cannot be read.
    """
    cursor = _database().cursor()
    import duckdb

    try:
        for name, table in (tables or {}).items():
            cursor.register(name, table)
        answer: pa.Table = cursor.sql(text, params=list(values)).to_arrow_table()
    except (
        duckdb.IOException, duckdb.InvalidInputException, duckdb.SerializationException, duckdb.OutOfRangeException,
    ) as error:  # fmt: skip
        raise StorageError(
            f"rows cannot be read ({error}); put the file back from a copy, or remove it where it lies under browsing: "
            "then it is made again. See the runs: skillweave runs"
        ) from None
    finally:
        cursor.close()
    return answer
