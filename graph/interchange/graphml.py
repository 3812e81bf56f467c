"""GraphML, for Gephi, yEd, Cytoscape, igraph and networkx.

XML cannot hold every character: control characters, U+FFFE and U+FFFF are forbidden, and a carriage return comes back
as a line end. A text with one of these is written with U+FFFD in its place, so that every reader can show it, and once
more, exactly, as JSON under the attribute `exact`, which we read and others may ignore. Lists are JSON text.

Read without a document type: entities of a stranger's file are refused, not resolved.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from engine.errors import InputError
from graph.interchange.document import BESIDE, Document, beside, read_whole, snapshot_of
from graph.snapshot import Snapshot

_FORBIDDEN = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPACE = "http://graphml.graphdrawing.org/xmlns"
_KEYS = {
    "graph": {BESIDE: "string"},
    "node": {"kind": "string", "name": "string", "aliases": "string", "count": "long", "exact": "string"},
    "edge": {"weight": "long", "kinds": "string", "exact": "string"},
}
_READ: Mapping[str, Any] = {"int": int, "long": int, "float": float, "double": float}
_CHUNK = 1 << 20


def graphml_parts(snapshot: Snapshot) -> Iterator[str]:
    """The graph as GraphML, in parts; memory is that of a batch of rows and of what stands beside the graph.

    Raises InputError for an id that XML cannot hold; ids of our own are plain.
    """
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="{_SPACE}">\n'
    for owner, keys in _KEYS.items():
        for name, kind in keys.items():
            yield f'  <key id="{owner}-{name}" for="{owner}" attr.name="{name}" attr.type="{kind}"/>\n'
    yield '  <graph id="concepts" edgedefault="undirected">\n'
    yield f'    <data key="graph-{BESIDE}">{escape(json.dumps(beside(snapshot)))}</data>\n'
    for batch in snapshot.nodes.to_batches():
        for row in batch.to_pylist():
            values = {**row, "aliases": json.dumps(row["aliases"])}
            yield f"    <node id={_id(values.pop('id'))}>{_data('node', values)}</node>\n"
    for batch in snapshot.edges.to_batches():
        for row in batch.to_pylist():
            ends = f"source={_id(row.pop('source'))} target={_id(row.pop('target'))}"
            yield f"    <edge {ends}>{_data('edge', row)}</edge>\n"
    yield "  </graph>\n</graphml>\n"


def read_graphml(path: Path, *, kind: str | None = None, foreign: bool = False) -> Snapshot:
    """The graph of a GraphML file. Raises InputError naming the line that is wrong."""
    reader = _Reader(path)
    document = Document(str(path), reader.nodes, reader.edges, reader.graph.get(BESIDE), reader.where)
    return snapshot_of(document, kind=kind, foreign=foreign)


def _id(value: str) -> str:
    if _FORBIDDEN.search(value):
        raise InputError(
            f"the id {value!r} holds a character that XML forbids; take another form: skillweave graph export GRAPH "
            "--to parquet --out FOLDER"
        )
    return quoteattr(value)


def _data(owner: str, values: Mapping[str, Any]) -> str:
    exact = {name: value for name, value in values.items() if isinstance(value, str) and _FORBIDDEN.search(value)}
    written = {name: _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", str(value)) for name, value in values.items()}
    if exact:
        written["exact"] = json.dumps(exact)
    return "".join(f'<data key="{owner}-{name}">{escape(value)}</data>' for name, value in written.items())


class _Reader:
    """Reads a file when it is made; `nodes`, `edges` and `graph` are what it holds."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.nodes: list[dict[str, Any]] = []
        self.edges: list[dict[str, Any]] = []
        self.graph: dict[str, Any] = {}
        self._lines: dict[str, list[int]] = {"nodes": [], "edges": []}
        self._keys: dict[str, tuple[str, str, str]] = {}
        self._defaults: dict[str, dict[str, Any]] = {"node": {}, "edge": {}, "graph": {}}
        self._open: list[tuple[str, dict[str, Any]]] = []
        self._key, self._text = "", list[str]()
        self._graphs = 0
        self._parser = parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = lambda *_: self._refuse(
            "a document type, which could hide entities; remove it"
        )
        parser.buffer_text = True
        content = read_whole(path)
        try:
            for start in range(0, len(content), _CHUNK):
                parser.Parse(content[start : start + _CHUNK], False)
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            self._refuse(f"no XML ({expat.errors.messages[error.code]})")
        if not self._graphs:
            self._refuse("no graph; a GraphML file holds <graphml><graph>...")

    def where(self, what: str, place: int) -> str:
        """See Document."""
        return f"{self._path}, line {self._lines[what][place]}"

    def _refuse(self, why: str) -> NoReturn:
        raise InputError(
            f"{self._path}, line {self._parser.CurrentLineNumber}: {why}. What a graph needs at least: "
            "skillweave graph import --help"
        )

    def _start(self, tag: str, given: dict[str, str]) -> None:
        name = tag.rpartition(" ")[2]
        if name == "key":
            self._keys[given.get("id", "")] = (
                given.get("for", "all"),
                given.get("attr.name", given.get("id", "")),
                given.get("attr.type", "string"),
            )
            self._key = given.get("id", "")
        elif name == "graph":
            self._graphs += 1
            if self._graphs > 1:
                self._refuse("a second graph; put each into a file of its own")
            self._open.append(("graph", self.graph))
        elif name in ("node", "edge"):
            wanted = ("id",) if name == "node" else ("source", "target")
            if missing := [each for each in wanted if each not in given]:
                self._refuse(f"a {name} without {missing[0]}; add it")
            made: dict[str, Any] = {**self._defaults[name], **{each: given[each] for each in wanted}}
            (self.nodes if name == "node" else self.edges).append(made)
            self._lines[f"{name}s"].append(self._parser.CurrentLineNumber)
            self._open.append((name, made))
        elif name == "data":
            self._key = given.get("key", "")
        elif name == "hyperedge":
            self._refuse("an edge of more than two ends; join its ends in pairs")
        self._text.clear()

    def _characters(self, text: str) -> None:
        self._text.append(text)

    def _end(self, tag: str) -> None:
        name, text = tag.rpartition(" ")[2], "".join(self._text)
        if name == "default":
            owner, key, kind = self._keys[self._key]
            for each in self._defaults if owner == "all" else (owner,):
                self._defaults.setdefault(each, {})[key] = self._value(key, kind, text)
        elif name == "data" and self._open:
            if self._key not in self._keys:
                self._refuse(f"data of the key {self._key!r}, which is not declared; add a <key> for it")
            owner, values = self._open[-1]
            _, key, kind = self._keys[self._key]
            if key not in ("id", "source", "target"):
                values[key] = self._value(key, kind, text)
        elif self._open and name == self._open[-1][0]:
            self._open.pop()
        self._text.clear()

    def _value(self, key: str, kind: str, text: str) -> Any:
        try:
            return _READ.get(kind, str)(text)
        except ValueError:
            return self._refuse(f"{key} is {text[:60]!r}, which is no {kind}; mend it")
