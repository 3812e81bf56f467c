"""Durable files: made once, replaced whole, never half-written.

`put_new` can succeed only once for a path (by link, which no file system lets overwrite); `replace` swaps a whole file.
Both return only when the content and the directory entry are on the disk.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.errors import StorageError


def sync(path: Path) -> None:
    """Make a file's content durable, or the entries of a folder."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn what a disk or a permission refuses into one StorageError that names the path."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise StorageError(
                f"no room to write {path} ({os.strerror(error.errno)}); what was there before is untouched. "
                "Free some space, or raise the limit, and give the same command again"
            ) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise StorageError(
                f"{path} may not be written ({os.strerror(error.errno)}); choose another folder with --workspace"
            ) from error
        raise


def write_new(path: Path, content: bytes) -> None:
    """Write a file that is not there yet, where nobody reads it before it is whole; its content is durable on return.

    Its entry is not: see `sync`. Raises OSError: what is being made says under `storage_errors` what it is.
    """
    with path.open("xb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())


def _write_temporary(path: Path, content: bytes) -> Path:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        write_new(temporary, content)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def put_new(path: Path, content: bytes) -> bool:
    """Put a file that must not exist yet. True if it is ours, False if another was there first (left as it is).

    A network file system sends a request again whose answer was lost, and then says that the file exists; it is ours
    all the same if our content has a second name now.
    """
    with storage_errors(path):
        temporary = _write_temporary(path, content)
        try:
            os.link(temporary, path)
        except FileExistsError:
            if temporary.stat().st_nlink == 1:
                return False
        finally:
            temporary.unlink()
        sync(path.parent)
    return True


def replace(path: Path, content: bytes) -> None:
    """Replace a file as a whole: readers see the old content or the new."""
    with storage_errors(path):
        temporary = _write_temporary(path, content)
        temporary.replace(path)
        sync(path.parent)


def file_hash(path: Path) -> str:
    """`b2:` and blake2b of the file's bytes, read in pieces of 1 MiB."""
    digest = hashlib.blake2b(digest_size=16)
    with path.open("rb") as handle:
        while piece := handle.read(1 << 20):
            digest.update(piece)
    return "b2:" + digest.hexdigest()
