"""Folders that are there whole or not at all, and the Parquet files that lie in them.

Everything is written into a hidden folder beside the final one, made durable, and renamed. A process that dies on the
way leaves a hidden folder that nobody reads. Its maker holds a lock on it, which ends with the process, so that what is
left behind can be told from what is being made, and is removed by whoever makes the same again.
"""

from __future__ import annotations

import fcntl
import glob
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
        with held_folder(final) as folder:
            yield folder
            sync(folder)
            if not final.exists():
                try:
                    folder.rename(final)
                except OSError:
                    if not final.exists():
                        raise
            sync(final.parent)


@contextmanager
def held_folder(final: Path) -> Iterator[Path]:
    """A new hidden folder beside `final`, held by this process; what is left of it in the end is removed.

    So is what others left behind who were killed while they held one.
    """
    for left in final.parent.glob(f".{glob.escape(final.name)}.*.tmp"):
        with suppress(FileNotFoundError), abandoned(left) as ours:
            if ours:
                shutil.rmtree(left, ignore_errors=True)
    folder, lock = _locked_folder(final)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _locked_folder(final: Path) -> tuple[Path, int]:
    """A new hidden folder, and the handle that holds it; without a lock where the file system has none."""
    while True:
        folder = final.parent / f".{final.name}.{secrets.token_hex(4)}.tmp"
        folder.mkdir()
        try:
            lock = os.open(folder, os.O_RDONLY)
        except FileNotFoundError:  # it was cleared away before it was held
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:  # it is being cleared away
            os.close(lock)
            continue
        except OSError:
            return folder, lock
        if folder.exists():
            return folder, lock
        os.close(lock)


@contextmanager
def abandoned(folder: Path) -> Iterator[bool]:
    """Whether the maker of a hidden folder is gone; if so, it is held while the block lasts, so that none comes back.

    False too where the file system has no locks, because then nobody can tell.
    """
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        yield False
    else:
        yield True
    finally:
        os.close(lock)


def write_parquet(path: Path, table: pa.Table) -> None:
    """Write a new Parquet file (zstd); durable on return. Raises OSError."""
    with path.open("xb") as handle:
        pq.write_table(table, handle, compression="zstd")
        handle.flush()
        os.fsync(handle.fileno())
