"""What a command answers in rows: a table for a person; CSV, JSON or Parquet for a program."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import typer

from engine.errors import InputError
from engine.files import replace
from engine.terminal import print_table


class Format(StrEnum):
    """How an answer is printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


FormatOption = Annotated[Format, typer.Option("--format", help="How to print.")]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", help="Write to this file instead; without --format its ending says csv, json or parquet."),
]
TYPES: Mapping[str, pa.DataType] = {"text": pa.string(), "int": pa.int64(), "number": pa.float64()}
"""What a column of Parquet is, by the type that is told of it."""


def print_rows(
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    form: Format,
    *,
    types: Sequence[str] | None = None,
    out: Path | None = None,
) -> None:
    """Print rows under their columns, on stdout or into the file `out`, which is replaced whole.

    JSON is an array of objects. Columns of Parquet have the `types` told, names of TYPES, else those of their cells.
    Raises InputError for Parquet on a terminal, and for a table in a file.
    """
    if out is not None:
        _write(out, _content(columns, rows, _format_of(out) if form is Format.TABLE else form, types))
    elif form is Format.TABLE:
        print_table(columns, list(rows))
    elif form is Format.PARQUET:
        if sys.stdout.isatty():
            raise InputError("Parquet is no text for a terminal; name a file: --format parquet --out FILE.parquet")
        sys.stdout.flush()
        sys.stdout.buffer.write(_content(columns, rows, form, types))
    else:
        sys.stdout.write(_content(columns, rows, form, types).decode())


def print_json(value: object) -> None:
    """Print a value on stdout as indented JSON."""
    sys.stdout.write(_json(value).decode())


def _content(columns: Sequence[str], rows: Iterable[Sequence[Any]], form: Format, types: Sequence[str] | None) -> bytes:
    """The bytes of an answer in any format but a table."""
    if form is Format.JSON:
        return _json([dict(zip(columns, row, strict=True)) for row in rows])
    if form is Format.CSV:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
        return text.getvalue().encode()
    listed = list(rows)
    cells = [[row[place] for row in listed] for place in range(len(columns))]
    arrays = [_array(column, types[place] if types else None) for place, column in enumerate(cells)]
    sink = io.BytesIO()
    pq.write_table(pa.table(arrays, names=list(columns)), sink)
    return sink.getvalue()


def _json(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2) + b"\n"


def _array(cells: list[Any], told: str | None) -> pa.Array:
    """A column; one of mixed cells is text."""
    try:
        return pa.array(cells, TYPES.get(told or ""))
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array([None if cell is None else str(cell) for cell in cells], pa.string())


def _format_of(path: Path) -> Format:
    ending = path.suffix.lower().removeprefix(".")
    if ending in (Format.CSV, Format.JSON, Format.PARQUET):
        return Format(ending)
    raise InputError(f"{path}: a table is for the screen; say what to write: --format csv, json or parquet")


def _write(path: Path, content: bytes) -> None:
    if not path.parent.is_dir() or path.is_dir():
        raise InputError(f"{path} cannot be written: no file in a folder that is there; choose another --out")
    replace(path, content)
