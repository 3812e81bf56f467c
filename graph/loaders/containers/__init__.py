"""What rows come in: JSON lines, CSV, Parquet, a folder of JSON files, a Hugging Face data set.

Each is a function from where it lies to a stream of `Row`; no more than a few thousand rows are held at once. A row
that cannot be read comes as a row that is faulty; a file that cannot be read raises one InputError.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine.errors import InputError
from graph.loaders.containers.csv import csv_rows
from graph.loaders.containers.folder import folder_rows
from graph.loaders.containers.hub import PREFIX, hub_rows
from graph.loaders.containers.jsonl import json_rows
from graph.loaders.containers.parquet import parquet_rows
from graph.loaders.rows import Row


def open_rows(where: str, lists: frozenset[str] = frozenset()) -> Iterator[Row]:
    """The rows of `hf:NAME`, of a folder, or of a file by its suffix; any other suffix is JSON lines.

    `lists` names the columns that hold lists, for a container that knows only texts.
    """
    if where.startswith(PREFIX):
        return hub_rows(where)
    path = Path(where).expanduser()
    if not path.exists():
        raise InputError(
            f"there is no file or folder {path}; give one that is there: skillweave seeds import FILE, "
            f"or a Hugging Face data set: skillweave seeds import {PREFIX}NAME:SPLIT"
        )
    if path.is_dir():
        return folder_rows(path)
    suffix = path.suffix.lower()
    if suffix in (".csv", ".tsv"):
        return csv_rows(path, lists)
    return parquet_rows(path) if suffix == ".parquet" else json_rows(path)
