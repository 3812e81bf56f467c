"""A Hugging Face data set: `hf:NAME`, `hf:NAME:SPLIT`, `hf:NAME,CONFIG:SPLIT`; a name is a hub's or a local path.

A folder that `save_to_disk` wrote is read as such; any other goes through `load_dataset`, streaming, so that a large
set is never held as a whole. Code that comes with a data set is never run. Needs the package `datasets`, which is
imported here and nowhere else.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from engine.errors import InputError
from graph.loaders.rows import Cells, Row

PREFIX = "hf:"
_SAVED = ("dataset_info.json", "dataset_dict.json")


def hub_rows(where: str) -> Iterator[Row]:
    """The rows of a data set's split: the one named, else `train`, else the only one; `line` is the row's number.

    Raises InputError where `datasets` is missing, or there is no such data set, config or split.
    """
    name, _, split = where.removeprefix(PREFIX).partition(":")
    name, _, config = name.partition(",")
    number = 0
    try:
        for cells in _split(where, _open(name, config), split):
            number += 1
            yield Row(where, number, cells)
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001 - the library raises whatever a network or a stranger's file brings
        told = f"{type(error).__name__}: {error}".splitlines()[0][:300]
        raise InputError(
            f"{where} cannot be read, after {number} rows ({told}); the form is hf:NAME,CONFIG:SPLIT, such as: "
            "skillweave seeds import hf:openai/gsm8k,main:train"
        ) from None


def _open(name: str, config: str) -> Any:
    try:
        datasets = importlib.import_module("datasets")
    except ImportError:
        raise InputError(
            "a Hugging Face data set needs the package datasets; install it with: pip install datasets"
        ) from None
    folder = Path(name).expanduser()
    if any((folder / file).is_file() for file in _SAVED):
        return datasets.load_from_disk(str(folder))
    return datasets.load_dataset(str(folder) if folder.is_dir() else name, config or None, streaming=True)


def _split(where: str, opened: Any, split: str) -> Iterable[Cells]:
    """The rows of a split; `opened` is a data set, or a mapping of splits to data sets."""
    if not isinstance(opened, Mapping):
        rows: Iterable[Cells] = opened
        return rows
    wanted = split or ("train" if "train" in opened or len(opened) != 1 else next(iter(opened)))
    if wanted not in opened:
        first = next(iter(opened), "train")
        raise InputError(
            f"{where} has no split {wanted!r}, only {', '.join(opened)}; name one: "
            f"skillweave seeds import {where.removesuffix(':' + split)}:{first}"
        )
    of_split: Iterable[Cells] = opened[wanted]
    return of_split
