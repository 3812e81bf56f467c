"""The formats by name: a graph is written whole or not at all, and read by what the path holds."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from engine.errors import InputError
from engine.files import storage_errors, sync
from engine.folders import made_whole
from graph.interchange.csv_folder import read_csv_folder, write_csv_folder
from graph.interchange.graphml import graphml_parts, read_graphml
from graph.interchange.node_link import node_link_bytes, read_node_link
from graph.interchange.parquet_folder import read_parquet_folder
from graph.snapshot import Snapshot
from graph.stores import Questions


class ExchangeFormat(StrEnum):
    """What a graph can be written as."""

    GRAPHML = "graphml"
    JSON = "json"
    CSV = "csv"
    PARQUET = "parquet"


class _Read(Protocol):
    def __call__(self, path: Path, *, kind: str | None = None, foreign: bool = False) -> Snapshot: ...


_FILES: Mapping[ExchangeFormat, Callable[[Snapshot], Iterable[bytes]]] = {
    ExchangeFormat.GRAPHML: lambda snapshot: (part.encode() for part in graphml_parts(snapshot)),
    ExchangeFormat.JSON: lambda snapshot: [node_link_bytes(snapshot)],
}
_SUFFIXES: Mapping[str, _Read] = {".graphml": read_graphml, ".xml": read_graphml, ".json": read_node_link}


def export_graph(snapshot: Snapshot, form: ExchangeFormat, out: Path, questions: Questions | None = None) -> None:
    """Write a graph to `out`, a file (GraphML, JSON) or a folder (CSV, Parquet); durable on return.

    `questions` are put into CSV for Neo4j. Raises InputError where there is something at `out` already or the format
    has no place for questions, StorageError where the disk refuses.
    """
    if out.exists():
        raise InputError(
            f"{out} is there already and stays; name another place: skillweave graph export GRAPH --to {form} "
            "--out PATH"
        )
    if questions is not None and form is not ExchangeFormat.CSV:
        raise InputError(
            "questions go with CSV alone, for Neo4j's admin import: skillweave graph export GRAPH --to csv "
            "--out FOLDER --questions"
        )
    if (parts := _FILES.get(form)) is not None:
        _write_file(out, parts(snapshot))
        return
    with made_whole(out) as folder:
        if form is ExchangeFormat.CSV:
            write_csv_folder(snapshot, questions or Questions(), folder)
        else:
            snapshot.write_into(folder)


def import_graph(path: Path, *, kind: str | None = None, foreign: bool = False) -> Snapshot:
    """The graph that a file or folder holds, of skillweave or from elsewhere (graph/interchange/foreign.py).

    `kind` is that of nodes that say none; with `foreign` only nodes and edges are read, though it is of skillweave.
    Raises InputError naming file, line and what to do.
    """
    return _reader_of(path)(path, kind=kind, foreign=foreign)


def _reader_of(path: Path) -> _Read:
    if path.is_dir():
        if (path / "tables").is_dir() or (path / "nodes.csv").is_file():
            return read_csv_folder
        if (path / "nodes.parquet").is_file():
            return read_parquet_folder
    elif path.exists() and (read := _SUFFIXES.get(path.suffix.lower())) is not None:
        return read
    what = "is not there" if not path.exists() else "holds no graph that is known"
    raise InputError(
        f"{path} {what}; a graph is a file .graphml or .json, or a folder with nodes and edges as .csv or .parquet: "
        "skillweave graph import PATH"
    )


def _write_file(path: Path, parts: Iterable[bytes]) -> None:
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
        try:
            with temporary.open("xb") as file:
                file.writelines(parts)
            sync(temporary)
            temporary.replace(path)
            sync(path.parent)
        finally:
            temporary.unlink(missing_ok=True)
