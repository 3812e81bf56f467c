"""A folder of JSON files, one object a file, as MATH is published: `train/algebra/1.json`. Also files of JSON lines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine.errors import InputError
from graph.loaders.containers.jsonl import json_rows
from graph.loaders.rows import Row

_SUFFIXES = (".json", ".jsonl")


def folder_rows(folder: Path) -> Iterator[Row]:
    """The rows of all JSON files below a folder, by path, numbers in names by value: `2.json` before `10.json`.

    Raises InputError where there is none.
    """
    files = [path for path in folder.rglob("*") if path.suffix.lower() in _SUFFIXES and path.is_file()]
    if not files:
        raise InputError(
            f"{folder} holds no .json or .jsonl file; for a Hugging Face data set on this machine: "
            f"skillweave seeds import hf:{folder}"
        )
    for path in sorted(files, key=lambda path: _by_value(path.relative_to(folder))):
        yield from json_rows(path)


def _by_value(path: Path) -> tuple[tuple[int, str], ...]:
    parts = (*path.parts[:-1], path.stem, path.suffix)
    return tuple((int(part), "") if part.isascii() and part.isdigit() else (-1, part) for part in parts)
