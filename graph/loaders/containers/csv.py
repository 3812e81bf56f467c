"""CSV with a header line, UTF-8: commas, semicolons or tabs, whichever the header has most of.

A cell is a text. Where a list is wanted (options, topics, knowledge_points, skills) a cell is a JSON array,
`["2", "3"]`, or its parts stand between semicolons, `2; 3`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import orjson

from engine.errors import InputError
from graph.loaders.rows import MOST_BYTES, Faulty, Row

_DELIMITERS = (",", ";", "\t")


def csv_rows(path: Path, lists: frozenset[str] = frozenset()) -> Iterator[Row]:
    """The rows of a CSV file; `line` is the one a row begins in. The cells of the columns `lists` become lists.

    Raises InputError where the file cannot be read, has no header, or its quotes do not close.
    """
    csv.field_size_limit(MOST_BYTES)
    try:
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as handle:
            yield from _rows(path, handle, lists)
    except OSError as error:
        raise InputError(
            f"{path} cannot be read ({error.strerror}); give the same command again when it can: "
            "skillweave seeds import FILE.csv"
        ) from None


def _rows(path: Path, handle: TextIO, lists: frozenset[str]) -> Iterator[Row]:
    first = handle.readline(MOST_BYTES)
    handle.seek(0)
    reader = csv.reader(handle, delimiter=max(_DELIMITERS, key=first.count), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        if not any(header) or len(set(header)) != len(header) or "\0" in first:
            raise InputError(
                f"{path} has no header that names each column once ({', '.join(header)[:100]!r}); put one in its first "
                "line, such as question,answer. Then: skillweave seeds import FILE.csv"
            )
        begins = reader.line_num + 1
        for cells in reader:
            if len(cells) == len(header):
                named = zip(header, cells, strict=True)
                row = {name: _list(cell) if name in lists else cell for name, cell in named}
                yield Row(str(path), begins, row)
            elif cells:
                detail = f"{len(cells)}, and the header has {len(header)}"
                yield Row(str(path), begins, Faulty("wrong number of cells", detail))
            begins = reader.line_num + 1
    except csv.Error as error:
        raise InputError(
            f"{path}, line {reader.line_num}: {error}; mend the quotes there (a quote within a cell is written twice), "
            "then: skillweave seeds import FILE.csv"
        ) from None


def _list(cell: str) -> object:
    """The parts of a cell; the cell itself where it looks like a JSON array and is none."""
    if not cell.lstrip().startswith("["):
        return [part.strip() for part in cell.split(";") if part.strip()]
    try:
        return orjson.loads(cell)
    except orjson.JSONDecodeError:
        return cell
