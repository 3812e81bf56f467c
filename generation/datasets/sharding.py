"""Files of rows of bounded size, the same bytes for the same rows however they come in.

Rows are gathered into groups of ROW_GROUP, whatever shards they were sealed in; a file ends with a group. Memory is a
few groups a split.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO, Self

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from engine.files import file_hash, sync
from engine.sealing import ROW_GROUP
from generation.datasets.formats import DatasetFormat, record_of
from generation.datasets.manifest import DataFile

ROWS_A_FILE = 30 * ROW_GROUP
BYTES_A_FILE = 256 << 20
"""Of rows in memory, or of lines; OpenAI takes files of up to 512 MB."""
ORIGIN = pa.schema([("id", pa.string()), ("run", pa.string()), ("index", pa.int64())])
_RUN = "\0run"  # no column of a row: what a run is called decides nothing of a row


class SplitWriter:
    """Writes the rows of one split into `folder`, for one `with` block; after it `files` says what was written.

    Everything is durable when the block ends. Where it ends in an error, what was written is nobody's.
    """

    def __init__(self, folder: Path, split: str, form: DatasetFormat, schema: pa.Schema) -> None:
        self._folder, self._split, self._form, self._schema = folder, split, form, schema
        self._waiting: list[pa.Table] = []
        self._rows_waiting = 0
        self._open: _File | None = None
        self.files: list[DataFile] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None and self._rows_waiting:
                self._write(self._rows_waiting)
            if kind is None:
                self._end()
        finally:
            if self._open is not None:
                self._open.release()

    @property
    def rows(self) -> int:
        """Rows written so far."""
        return sum(file.rows for file in self.files)

    def add(self, table: pa.Table, run: str) -> None:
        """Add rows of a run with the columns of the schema."""
        if table.num_rows:
            self._waiting.append(table.append_column(_RUN, pa.array([run] * table.num_rows, pa.string())))
            self._rows_waiting += table.num_rows
        while self._rows_waiting >= ROW_GROUP:
            self._write(ROW_GROUP)

    def _write(self, rows: int) -> None:
        waiting = pa.concat_tables(self._waiting).combine_chunks()
        group, rest = waiting.slice(0, rows), waiting.slice(rows)
        self._waiting, self._rows_waiting = ([rest] if rest.num_rows else []), rest.num_rows
        if self._open is None:
            self._open = _File(self._folder, f"{self._split}-{len(self.files):05d}", self._form, self._schema)
        self._open.write(group)
        if self._open.rows >= ROWS_A_FILE or self._open.bytes >= BYTES_A_FILE:
            self._end()

    def _end(self) -> None:
        if self._open is not None:
            self.files.append(self._open.close(self._split))
            self._open = None


class _File:
    """One file of rows, and the file of their origins."""

    def __init__(self, folder: Path, stem: str, form: DatasetFormat, schema: pa.Schema) -> None:
        self._folder, self._form = folder, form
        self._path = folder / "data" / f"{stem}{form.suffix}"
        self._origin_path = folder / "origin" / f"{stem}.parquet"
        self._origin = pq.ParquetWriter(self._origin_path, ORIGIN, compression="zstd")
        self._parquet: pq.ParquetWriter | None = None
        self._lines: BinaryIO | None = None
        if form is DatasetFormat.PARQUET:
            self._parquet = pq.ParquetWriter(self._path, schema, compression="zstd")
        else:
            self._lines = self._path.open("xb")
        self.rows = self.bytes = 0

    def write(self, waiting: pa.Table) -> None:
        table = waiting.drop_columns(_RUN)
        if self._parquet is not None:
            self._parquet.write_table(table, row_group_size=ROW_GROUP)
            self.bytes += table.nbytes
        if self._lines is not None:
            lines = [orjson.dumps(record_of(row, self._form)) + b"\n" for row in table.to_pylist()]
            self.bytes += self._lines.write(b"".join(lines))
        origin = waiting.select(["id", _RUN, "index"]).rename_columns(ORIGIN.names)
        self._origin.write_table(origin, row_group_size=ROW_GROUP)
        self.rows += table.num_rows

    def release(self) -> None:
        for handle in (self._parquet, self._lines, self._origin):
            if handle is not None:
                handle.close()

    def close(self, split: str) -> DataFile:
        self.release()
        for path in (self._path, self._origin_path):
            sync(path)
        return DataFile(
            name=str(self._path.relative_to(self._folder)),
            split=split,
            rows=self.rows,
            size=self._path.stat().st_size,
            hash=file_hash(self._path),
            origin=file_hash(self._origin_path),
        )
