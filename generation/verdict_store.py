"""Where verdicts lie: one file for each (check, what decides it, sealed shard), put once.

    verdicts/plan.json                                     the checks that were last run here; only a default
             questions/<hash>.parquet                      sets of questions that rows are compared with: id, question
             <check>/<identity>/check.json                 what the check was opened with
                                <rows hash>.parquet        the findings in one sealed shard: of a check of rows
                                <rows hash>.sketch         its sketch: of a check across rows
                                over-<hash>.parquet        what a check across rows decided of one dataset
                                over-<hash>.<part>.sketch  a part of that comparison, until it is decided

A shard is named by the hash of its sealed rows, an identity is a hash of check.json. So a file is true for ever: a
later check reads new shards only, a kill loses the shard that was being checked, and who comes second changes nothing.
Everything here can be made again: `skillweave dataset check`.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.lib import format as npy

from engine.call import content_hash
from engine.errors import InputError
from engine.files import put_new, storage_errors
from engine.shard import Seal
from engine.workspace import Workspace
from generation.quality.contract import Arrays

FORMAT = 1
_ARRAYS = b"skillweave sketch 1\n"


def verdict_folder(workspace: Workspace) -> Path:
    """The folder of all verdicts; need not exist."""
    return workspace.verdicts


def shard_name(seal: Seal) -> str:
    """What the files of a sealed shard are called: the hash of its rows."""
    return seal.files["rows"].hash.removeprefix("b2:")


@dataclass(frozen=True, slots=True)
class CheckFolder:
    """The files of one check that was opened with one thing."""

    path: Path

    @classmethod
    def of(cls, workspace: Workspace, check: str, identity: Mapping[str, Any]) -> CheckFolder:
        """Touches no file."""
        named = content_hash({"format": FORMAT, **identity}).removeprefix("b2:")
        return cls(verdict_folder(workspace) / check / named)

    def prepare(self, identity: Mapping[str, Any]) -> CheckFolder:
        """Make the folder and say in check.json what its files were opened with."""
        with storage_errors(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
        put_new(self.path / "check.json", orjson.dumps({"format": FORMAT, **identity}, option=orjson.OPT_INDENT_2))
        return self

    def has(self, name: str, ending: str) -> bool:
        """Whether that file is there."""
        return (self.path / f"{name}.{ending}").is_file()

    def put_table(self, name: str, table: pa.Table) -> None:
        """Put a table; one that is there already stays."""
        sink = io.BytesIO()
        pq.write_table(table, sink, compression="zstd")
        put_new(self.path / f"{name}.parquet", sink.getvalue())

    def table(self, name: str) -> pa.Table:
        """A table that was put. Raises InputError where it is damaged."""
        path = self.path / f"{name}.parquet"
        try:
            return pq.read_table(path)
        except (pa.ArrowException, OSError) as error:
            raise _damaged(path, error) from None

    def put_sketch(self, name: str, arrays: Arrays) -> None:
        """Put arrays by name; what is there already stays."""
        sink = io.BytesIO()
        sink.write(_ARRAYS + orjson.dumps(list(arrays)) + b"\n")
        for array in arrays.values():
            sink.write(b"\0" * (-sink.tell() % 64))
            npy.write_array(sink, np.ascontiguousarray(array), allow_pickle=False)
        put_new(self.path / f"{name}.sketch", sink.getvalue())

    def sketch(self, name: str) -> Arrays:
        """The arrays of a sketch, each mapped anew whenever it is asked for. Raises InputError where it is damaged."""
        return _Sketch(self.path / f"{name}.sketch")

    def drop_sketch(self, name: str) -> None:
        """Remove a sketch that nobody needs any more."""
        (self.path / f"{name}.sketch").unlink(missing_ok=True)


class _Sketch(Mapping[str, np.ndarray[Any, np.dtype[Any]]]):
    """The arrays of a file. No mapping is held: a process may have some 65,000, and a dataset can have more shards."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._arrays: dict[str, tuple[int, tuple[int, ...], np.dtype[Any]]] = {}
        try:
            with path.open("rb") as handle:
                if handle.readline() != _ARRAYS:
                    raise ValueError("it does not begin as a sketch does")
                for name in orjson.loads(handle.readline()):
                    self._arrays[name] = self._read_head(handle)
        except (OSError, ValueError, SyntaxError) as error:
            raise _damaged(path, error) from None

    def _read_head(self, handle: io.BufferedReader) -> tuple[int, tuple[int, ...], np.dtype[Any]]:
        handle.seek(-handle.tell() % 64, io.SEEK_CUR)
        npy.read_magic(handle)
        shape, fortran, dtype = npy.read_array_header_1_0(handle)
        start, size = handle.tell(), int(np.prod(shape)) * dtype.itemsize
        handle.seek(size, io.SEEK_CUR)
        if fortran or start + size > self._path.stat().st_size:
            raise ValueError("it is cut short")
        return start, shape, dtype

    def __getitem__(self, name: str) -> np.ndarray[Any, np.dtype[Any]]:
        start, shape, dtype = self._arrays[name]
        if 0 in shape:
            return np.empty(shape, dtype)
        try:
            return np.memmap(self._path, dtype, "r", start, shape).view(np.ndarray)
        except (OSError, ValueError) as error:
            raise _damaged(self._path, error) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)


def _damaged(path: Path, error: Exception) -> InputError:
    return InputError(f"{path} cannot be read ({error}); remove it and make it again: skillweave dataset check")
