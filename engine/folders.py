"""Folders that are there whole or not at all, and the Parquet files that lie in them.

Everything is written into a hidden folder beside the final one, made durable, and renamed. A process that dies on the
way leaves a hidden folder that nobody reads.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from engine.files import storage_errors, sync


@contextmanager
def made_whole(final: Path) -> Iterator[Path]:
    """A hidden folder to fill; on leaving without an error it becomes `final`.

    Where `final` is there already, by then or before, it stays as it is and the new folder is thrown away; a name that
    is no hash of the content is the caller's to compare. Raises StorageError where the disk is full or refuses.
    """
    with storage_errors(final):
        final.parent.mkdir(parents=True, exist_ok=True)
        folder = final.parent / f".{final.name}.{secrets.token_hex(4)}.tmp"
        folder.mkdir()
        try:
            yield folder
            sync(folder)
            if not final.exists():
                try:
                    folder.rename(final)
                except OSError:
                    if not final.exists():
                        raise
            sync(final.parent)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def write_parquet(path: Path, table: pa.Table) -> None:
    """Write a new Parquet file (zstd); durable on return. Raises OSError."""
    with path.open("xb") as handle:
        pq.write_table(table, handle, compression="zstd")
        handle.flush()
        os.fsync(handle.fileno())
