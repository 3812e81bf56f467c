"""A graph as nodes and edges with attributes: what networkx, node-link JSON and GraphML have in common.

Nodes and edges are the rows of `nodes.parquet` and `edges.parquet`. All else of a snapshot stands beside them under one
attribute of the graph, `skillweave`:

    {"format": 1, "fingerprint": "g...", "meta": {...}, "tables": {"mentions": {"seed_id": [...], ...}, ...}}

With it a graph comes back as it was; without it, it is one from elsewhere (graph/interchange/foreign.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa

from engine.errors import InputError
from graph.interchange.foreign import foreign_snapshot
from graph.snapshot import SCHEMAS, Snapshot

FORMAT = 1
BESIDE = "skillweave"
"""The attribute of the graph that holds what is neither node nor edge."""
DRAWN = ("nodes", "edges")
_OF_A_FILE = ("files", "format", "fingerprint")


@dataclass(frozen=True, slots=True)
class Document:
    """A graph that was read, of whatever format."""

    name: str
    """The file, or what else it was read from, for messages."""
    nodes: Sequence[Mapping[str, Any]]
    """Attributes of each, `id` among them."""
    edges: Sequence[Mapping[str, Any]]
    """Attributes of each, `source` and `target` among them."""
    beside: Any
    """What stands under `skillweave`, as JSON text or read; None in a graph from elsewhere."""
    where: Callable[[str, int], str]
    """Where the i-th of `nodes` or `edges` stands: `graph.graphml, line 17`."""


def document_of(snapshot: Snapshot) -> dict[str, Any]:
    """The graph as node-link data, in the form of networkx: graph, nodes and edges; rows sorted."""
    return {
        "directed": False,
        "multigraph": False,
        "graph": {BESIDE: beside(snapshot)},
        "nodes": snapshot.nodes.to_pylist(),
        "edges": snapshot.edges.to_pylist(),
    }


def beside(snapshot: Snapshot) -> dict[str, Any]:
    """All of a snapshot but nodes and edges."""
    return {
        "format": FORMAT,
        "fingerprint": snapshot.fingerprint,
        "meta": plain_meta(snapshot),
        "tables": {name: getattr(snapshot, name).to_pydict() for name in SCHEMAS if name not in DRAWN},
    }


def plain_meta(snapshot: Snapshot) -> dict[str, Any]:
    """What meta.json tells but for the files it stands beside."""
    return {name: value for name, value in snapshot.meta.items() if name not in _OF_A_FILE}


def snapshot_of(document: Document, *, kind: str | None = None, foreign: bool = False) -> Snapshot:
    """The graph that a document holds.

    `kind` is that of nodes from elsewhere that say none; with `foreign` what stands beside is left unread. Raises
    InputError naming the place where something is missing or wrong, or where the graph is not what it says it is.
    """
    nodes, edges = (
        [_restored(row, document, what, place) for place, row in enumerate(rows)]
        for what, rows in (("nodes", document.nodes), ("edges", document.edges))
    )
    if document.beside is None or foreign:
        return foreign_snapshot(document.name, nodes, edges, document.where, kind)
    stated = document.beside
    try:
        if isinstance(stated, str):
            stated = orjson.loads(stated)
        version, fingerprint, meta = stated["format"], stated["fingerprint"], dict(stated["meta"])
        if version != FORMAT:
            raise InputError(f"{document.name} has format {version}, this skillweave reads {FORMAT}; upgrade it")
        tables = {
            name: pa.table({column: rows[column] for column in SCHEMAS[name].names}, schema=SCHEMAS[name])
            for name, rows in stated["tables"].items()
            if name in SCHEMAS
        }
        for name, rows in zip(DRAWN, (nodes, edges), strict=True):
            columns = {column: [row[column] for row in rows] for column in SCHEMAS[name].names}
            tables[name] = pa.table(columns, schema=SCHEMAS[name])
    except (ValueError, KeyError, TypeError, AttributeError) as error:  # Arrow's own errors are ValueErrors
        raise InputError(
            f"{document.name} holds a damaged graph of skillweave ({error!r}); export it again: "
            "skillweave graph export GRAPH --to json --out FILE"
        ) from None
    return same_graph(Snapshot.from_tables(tables, meta), fingerprint, document.name)


def _restored(row: Mapping[str, Any], document: Document, what: str, place: int) -> Mapping[str, Any]:
    """The row with what GraphML must carry as JSON text read: lists, and texts that XML cannot hold."""
    if not isinstance(row.get("aliases"), str) and "exact" not in row:
        return row
    try:
        exact = orjson.loads(row.get("exact") or b"{}")
        aliases = row.get("aliases")
        read = {**row, **{name: value for name, value in exact.items() if name in row}}
        return read | ({"aliases": orjson.loads(aliases or "[]")} if isinstance(aliases, str) else {})
    except (ValueError, TypeError, AttributeError):
        raise InputError(
            f"{document.where(what, place)}: aliases or exact is no JSON; mend it, as in "
            'aliases ["a", "b"]. What a graph needs at least: skillweave graph import --help'
        ) from None


def same_graph(snapshot: Snapshot, fingerprint: str, name: str) -> Snapshot:
    """The snapshot, if it is the graph of this fingerprint. Raises InputError where something was changed."""
    if snapshot.fingerprint != fingerprint:
        raise InputError(
            f"{name} says that it holds graph {fingerprint}, but its rows are those of {snapshot.fingerprint}: it was "
            "changed since it was exported. Change a graph by: skillweave graph rename --help, and merge and split; or "
            f"take its nodes and edges alone: skillweave graph import {name} --foreign"
        )
    return snapshot


def read_whole(path: Path) -> bytes:
    """A file's bytes. Raises InputError where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            f"{path} cannot be read ({error.strerror}); name a file or folder that is there: "
            "skillweave graph import PATH"
        ) from None
