"""Node-link JSON, as networkx writes and reads it: `networkx.node_link_graph(json.load(file), edges="edges")`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from engine.errors import InputError
from graph.interchange.document import BESIDE, Document, document_of, read_whole, snapshot_of
from graph.snapshot import Snapshot

_FORM = (
    '{"nodes": [{"id": "a", "name": "...", "kind": "topic"}], "edges": [{"source": "a", "target": "b", "weight": 2}]}'
)


def node_link_bytes(snapshot: Snapshot) -> bytes:
    """The graph as JSON: one object with `graph`, `nodes` and `edges`."""
    return orjson.dumps(document_of(snapshot), option=orjson.OPT_APPEND_NEWLINE)


def read_node_link(path: Path, *, kind: str | None = None, foreign: bool = False) -> Snapshot:
    """The graph of a JSON file. `links` is read as `edges`, as older networkx wrote it. Raises InputError."""
    try:
        read = orjson.loads(read_whole(path))
    except orjson.JSONDecodeError as error:
        raise InputError(
            f"{path}, line {error.lineno}: no JSON ({error.msg}); it must hold {_FORM}. See: "
            "skillweave graph import --help"
        ) from None
    read = read if isinstance(read, dict) else {}
    nodes, edges = (_rows(path, name, read) for name in ("nodes", "edges"))
    graph: Any = read.get("graph")
    beside = graph.get(BESIDE) if isinstance(graph, dict) else None
    document = Document(str(path), nodes, edges, beside, lambda what, place: f"{path}, {what}[{place}]")
    return snapshot_of(document, kind=kind, foreign=foreign)


def _rows(path: Path, name: str, read: dict[str, Any]) -> list[dict[str, Any]]:
    rows = read.get(name, read.get("links") if name == "edges" else None)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InputError(f"{path} has no list of {name}; it must hold {_FORM}. See: skillweave graph import --help")
    return rows
