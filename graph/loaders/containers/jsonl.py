"""JSON lines: one object a line, UTF-8. A file that holds a single object, over any number of lines, is one row."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import orjson

from engine.errors import InputError
from graph.loaders.rows import MOST_BYTES, Cells, Faulty, Row

_BOM = b"\xef\xbb\xbf"
_SAMPLE = 1 << 16


def json_rows(path: Path) -> Iterator[Row]:
    """The rows of a file of JSON lines; `line` is the line's number. Blank lines are passed over.

    Raises InputError where the file cannot be read, is no text, or is a JSON array.
    """
    try:
        with path.open("rb") as handle:
            sample = handle.read(_SAMPLE).removeprefix(_BOM)
            _check_text(path, sample)
            handle.seek(0)
            if _begins_one_object(sample) and (cells := _only_object(handle)) is not None:
                yield Row(str(path), 1, cells)
                return
            handle.seek(0)
            for number, line in _lines(handle):
                yield Row(str(path), number, Faulty(*_TOO_LONG) if line is None else parsed(line))
    except OSError as error:
        raise InputError(
            f"{path} cannot be read ({error.strerror}); see what may be wrong with: ls -l {path}, then give the same "
            "command again: skillweave seeds import FILE"
        ) from None


_TOO_LONG = ("line too long", f"over {MOST_BYTES >> 20} MiB")


def parsed(line: bytes) -> Cells | Faulty:
    """A line's object, or what is wrong with it."""
    try:
        line.decode()
        row = orjson.loads(line)
    except UnicodeDecodeError as error:
        return Faulty("not UTF-8", f"at byte {error.start + 1} of the line")
    except orjson.JSONDecodeError as error:
        return Faulty("not JSON", str(error))
    if not isinstance(row, dict):
        return Faulty("not an object", f"it is a {type(row).__name__}")
    return row


def _check_text(path: Path, sample: bytes) -> None:
    if b"\0" in sample:
        raise InputError(
            f"{path} is no UTF-8 text (binary, compressed or UTF-16); save it as UTF-8 JSON lines, then: "
            "skillweave seeds import FILE.jsonl"
        )
    if sample.lstrip().startswith(b"[") and path.suffix.lower() == ".json":
        raise InputError(
            f"{path} is one JSON array, and rows are read one a line; rewrite it with: jq -c '.[]' {path.name} > "
            f"{path.stem}.jsonl, then: skillweave seeds import {path.stem}.jsonl"
        )


def _begins_one_object(sample: bytes) -> bool:
    """The first line begins an object and seems not to end it."""
    first, _, rest = sample.lstrip().partition(b"\n")
    return first.startswith(b"{") and first.rstrip().endswith((b",", b"[", b"{")) and bool(rest.strip())


def _only_object(handle: BinaryIO) -> Cells | None:
    whole = handle.read(MOST_BYTES + 1)
    cells = parsed(whole.removeprefix(_BOM)) if len(whole) <= MOST_BYTES else None
    return None if isinstance(cells, Faulty) else cells


def _lines(handle: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """The lines that are not blank, with their numbers; None stands for one that is too long, never held as a whole."""
    number = 0
    while line := handle.readline(MOST_BYTES + 1):
        number += 1
        if len(line) > MOST_BYTES and not line.endswith(b"\n"):
            while (piece := handle.readline(1 << 20)) and not piece.endswith(b"\n"):
                pass
            yield number, None
        elif line := line.removeprefix(_BOM if number == 1 else b"").strip():
            yield number, line
