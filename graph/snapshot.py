"""A snapshot: the concept graph at one moment, immutable, as Parquet. It is the truth; every store is made from it.

    graphs/<fingerprint>/nodes.parquet     the concepts
                         edges.parquet     source < target; weight = seeds in which both occur
                         mentions.parquet  which seed mentions which node, under which name
                         merges.parquet    the decision table: which name became which concept, by which rule
                         left_out.parquet  the concepts that are no nodes, each with the reason
                         seeds.parquet     what is known of the seeds that were read
                         decisions.parquet what persons decided of it, in order (graph/merging/by_person.py)
                         left_out_mentions.parquet  mentions of what was left out: they count once it is a node
                         meta.json         format, fingerprint, ancestors, runs, embedder, settings, counts, file hashes

The fingerprint is `g` and blake2b over the sorted rows of the first six tables, and of the decisions where there are
any. Parent, times, embedder, similarity scores, mentions of what was left out and the bytes of the files are not in it:
the same concepts with the same edges are the same graph.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial, reduce
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from engine.errors import InputError
from engine.files import file_hash, replace, write_new
from engine.folders import made_whole, write_parquet
from graph.concept import KINDS

FORMAT = 1
_TEXT, _COUNT = pa.string(), pa.int64()
_MENTIONS = pa.schema([(name, _TEXT) for name in ("seed_id", "concept_id", "kind", "name", "level", "subject")])
SCHEMAS: Mapping[str, pa.Schema] = {
    "nodes": pa.schema(
        [("id", _TEXT), ("kind", _TEXT), ("name", _TEXT), ("aliases", pa.list_(_TEXT)), ("count", _COUNT)]
    ),
    "edges": pa.schema([("source", _TEXT), ("target", _TEXT), ("weight", _COUNT), ("kinds", _TEXT)]),
    "mentions": _MENTIONS,
    "merges": pa.schema(
        [
            ("kind", _TEXT),
            ("name", _TEXT),
            ("id", _TEXT),
            ("into", _TEXT),
            ("into_name", _TEXT),
            ("rule", _TEXT),
            ("score", pa.float64()),
            ("by", _TEXT),
            ("mentions", _COUNT),
        ]
    ),
    "left_out": pa.schema([("id", _TEXT), ("kind", _TEXT), ("name", _TEXT), ("count", _COUNT), ("reason", _TEXT)]),
    "seeds": pa.schema([("id", _TEXT), ("level", _TEXT), ("subject", _TEXT), ("source", _TEXT)]),
    "decisions": pa.schema(
        [
            ("number", _COUNT),
            ("action", _TEXT),
            ("kind", _TEXT),
            ("concept", _TEXT),
            ("into", _TEXT),
            ("names", _TEXT),
            ("before", _TEXT),
            ("undoes", _COUNT),
            ("by", _TEXT),
            ("why", _TEXT),
            ("state", _TEXT),
            ("at", _TEXT),
        ]
    ),
    "left_out_mentions": _MENTIONS,
}
"""The tables by name. Rows are sorted by `ORDER`; `edges.kinds` is the two kinds, `knowledge_point-topic`."""
ORDER: Mapping[str, tuple[str, ...]] = {
    "nodes": ("id",),
    "edges": ("source", "target"),
    "mentions": ("seed_id", "concept_id", "name"),
    "merges": ("kind", "name"),
    "left_out": ("id",),
    "seeds": ("id",),
    "decisions": ("number",),
    "left_out_mentions": ("seed_id", "concept_id", "name"),
}
"""The columns that tell a table's rows apart."""
LATER_TABLES = ("decisions", "left_out_mentions")
"""Tables that earlier graphs lack: there they are read as if they were empty."""
_UNSIGNED_COLUMNS = ("score", "before", "at")
_ROWS_A_HASH = 1 << 16
_PRETTY = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS


@dataclass(frozen=True, slots=True)
class Adjacency:
    """The graph as arrays, n nodes and m edges; row i is the node `ids[i]`, and the ids are sorted."""

    ids: list[str]
    kinds: NDArray[np.uint8]
    """Shape (n,): the place of a node's kind in `graph.concept.KINDS`."""
    names: list[str]
    indptr: NDArray[np.int64]
    """Shape (n + 1,): the neighbours of i stand at indptr[i]..indptr[i + 1]."""
    indices: NDArray[np.int32]
    """Shape (2m,): each edge stands at both its ends; the neighbours of a node are sorted."""
    weights: NDArray[np.int64]
    """Shape (2m,): in how many seeds the two occur together."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A concept graph. Made by `from_tables`, `open` or `open_lazily`; no table is given out that was not checked."""

    fingerprint: str
    meta: Mapping[str, Any]
    """Where it comes from: parent, ancestors (parent first), runs, seeds_hash, embedder, settings, counts, created."""
    _tables: Callable[[], Mapping[str, pa.Table]] = field(repr=False, compare=False)
    """All of them, checked; read once."""

    @classmethod
    def from_tables(cls, tables: Mapping[str, pa.Table], meta: Mapping[str, Any] | None = None) -> Snapshot:
        """Make a snapshot of tables with the columns of `SCHEMAS`, in any order of rows; absent ones are empty.

        Raises InputError where an edge or mention names no node, ids repeat, or there are fewer than two nodes.
        """
        ordered = {name: _ordered(name, tables.get(name)) for name in SCHEMAS}
        _check_graph(ordered)
        counts = {name: table.num_rows for name, table in ordered.items()}
        return cls(_fingerprint(ordered), {**(meta or {}), "counts": counts}, lambda: ordered)

    @classmethod
    def open(cls, path: Path) -> Snapshot:
        """Read and check a snapshot's folder. Raises InputError naming the file that is missing or damaged."""
        meta = _read_meta(path)
        tables = _read_tables(path, meta["files"])
        return cls(meta["fingerprint"], meta, lambda: tables)

    @classmethod
    def open_lazily(cls, path: Path) -> Snapshot:
        """The same, but all tables are read and checked when the first of them is asked for, until then only meta.json.

        For what can do without them most of the time, as a question to a store that is there already. Raises InputError
        for a meta.json that is missing or damaged; so does the first table where any file is.
        """
        meta = _read_meta(path)
        return cls(meta["fingerprint"], meta, cache(partial(_read_tables, path, meta["files"])))

    @property
    def nodes(self) -> pa.Table:
        """The concepts."""
        return self._tables()["nodes"]

    @property
    def edges(self) -> pa.Table:
        """Which concepts occur together, and in how many seeds."""
        return self._tables()["edges"]

    @property
    def mentions(self) -> pa.Table:
        """Which seed mentions which concept, under which name."""
        return self._tables()["mentions"]

    @property
    def merges(self) -> pa.Table:
        """The decision table."""
        return self._tables()["merges"]

    @property
    def left_out(self) -> pa.Table:
        """The concepts that are no nodes."""
        return self._tables()["left_out"]

    @property
    def seeds(self) -> pa.Table:
        """The seeds that were read."""
        return self._tables()["seeds"]

    @property
    def decisions(self) -> pa.Table:
        """What persons decided."""
        return self._tables()["decisions"]

    @property
    def left_out_mentions(self) -> pa.Table:
        """The mentions of concepts that are no nodes."""
        return self._tables()["left_out_mentions"]

    def write(self, graphs: Path) -> Path:
        """Put the snapshot into `graphs/<fingerprint>` and return that folder. One that is there already stays.

        Its meta.json only learns of ancestors, as the same graph may have been built at once before it was grown, and
        when it was made again, where another graph was made since: then it is the latest.
        """
        final = graphs / self.fingerprint
        if (final / "meta.json").is_file():
            self._made_again(final)
            return final
        with made_whole(final) as folder:
            self.write_into(folder)
        return final

    def write_into(self, folder: Path) -> None:
        """Write the snapshot's files into a folder that is there and has none of them; their content is durable."""
        files = {}
        for name in SCHEMAS:
            file = folder / f"{name}.parquet"
            write_parquet(file, getattr(self, name))
            files[file.name] = file_hash(file)
        meta = {**self.meta, "format": FORMAT, "fingerprint": self.fingerprint, "files": files}
        write_new(folder / "meta.json", orjson.dumps(meta, option=_PRETTY))

    def _made_again(self, folder: Path) -> None:
        meta = _read_meta(folder)
        known = meta.get("ancestors", [])
        changed: dict[str, Any] = {}
        if new := [name for name in self.meta.get("ancestors", []) if name not in known]:
            changed |= {"parent": meta.get("parent") or self.meta["parent"], "ancestors": [*known, *new]}
        made = self.meta.get("created")
        if made and list_snapshots(folder.parent)[0]["fingerprint"] != self.fingerprint:
            changed["made_again"] = made
        if changed:
            replace(folder / "meta.json", orjson.dumps({**meta, **changed}, option=_PRETTY))

    def adjacency(self) -> Adjacency:
        """The graph as arrays, for the samplers."""
        ids = self.nodes["id"].combine_chunks()
        places = {kind: place for place, kind in enumerate(KINDS)}
        try:
            kinds = np.fromiter((places[kind] for kind in self.nodes["kind"].to_pylist()), np.uint8, len(ids))
        except KeyError as unknown:
            raise InputError(f"a concept of the graph is of the kind {unknown}; known are {', '.join(KINDS)}") from None
        source = _numbers(pc.index_in(self.edges["source"], ids))
        target = _numbers(pc.index_in(self.edges["target"], ids))
        weight = _numbers(self.edges["weight"])
        rows, columns = np.concatenate((source, target)), np.concatenate((target, source))  # (2m,)
        order = np.lexsort((columns, rows))
        indptr = np.zeros(len(ids) + 1, np.int64)
        np.cumsum(np.bincount(rows, minlength=len(ids)), out=indptr[1:])
        return Adjacency(
            ids=ids.to_pylist(),
            kinds=kinds,
            names=self.nodes["name"].to_pylist(),
            indptr=indptr,
            indices=columns[order],
            weights=np.concatenate((weight, weight))[order],
        )

    def resolver(self) -> Mapping[str, str]:
        """Every id that a name of this graph ever had -> the id of its node now. Names left out are not in it."""
        nodes = set(self.nodes["id"].to_pylist())
        pairs = zip(self.merges["id"].to_pylist(), self.merges["into"].to_pylist(), strict=True)
        return {node: node for node in sorted(nodes)} | {old: now for old, now in pairs if now in nodes}


def lineage(snapshot: Snapshot) -> list[str]:
    """The fingerprints of a graph and of those it grew from. Every id of these still resolves in it."""
    return [snapshot.fingerprint, *snapshot.meta.get("ancestors", ())]


def list_snapshots(graphs: Path) -> list[Mapping[str, Any]]:
    """The meta.json of every snapshot, the one last made, or made again, first."""
    folders = [f for f in graphs.iterdir() if not f.name.startswith(".")] if graphs.is_dir() else []
    metas = [_read_meta(folder) for folder in sorted(folders) if (folder / "meta.json").is_file()]
    return sorted(metas, key=lambda m: (m.get("made_again") or m.get("created") or "", m["fingerprint"]), reverse=True)


def find_snapshot(graphs: Path, which: str = "latest") -> Path:
    """The folder of the snapshot whose fingerprint begins with `which`, or of the one last made or decided on."""
    known: list[str] = [meta["fingerprint"] for meta in list_snapshots(graphs)]
    if not known:
        raise InputError(f"there is no graph in {graphs}; make one: skillweave graph build SEEDS")
    matching = known[:1] if which == "latest" else [f for f in known if f.startswith(which)]
    if len(matching) != 1:
        what = "no graph" if not matching else f"{len(matching)} graphs"
        raise InputError(
            f"{what} in {graphs} begin{'s' * (not matching)} with {which!r}; see them: skillweave graph list"
        )
    return graphs / matching[0]


def _read_meta(path: Path) -> Mapping[str, Any]:
    file = path / "meta.json"
    try:
        meta: Mapping[str, Any] = orjson.loads(file.read_bytes())
        version, _ = meta["format"], (meta["fingerprint"], meta["files"].items())
    except FileNotFoundError:
        raise InputError(f"{path} holds no graph; see what there is: skillweave graph list") from None
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        raise InputError(f"{file} is damaged; delete {path} and build again: skillweave graph build SEEDS") from None
    if version != FORMAT:
        raise InputError(f"{file} has format {version}, this skillweave reads {FORMAT}; upgrade it")
    return meta


def _read_tables(path: Path, files: Mapping[str, str]) -> Mapping[str, pa.Table]:
    """All tables of a folder, each file as its hash says, and what they hold checked."""
    tables = {}
    for name, schema in SCHEMAS.items():
        file = path / f"{name}.parquet"
        if name in LATER_TABLES and file.name not in files:
            tables[name] = schema.empty_table()
            continue
        if not file.is_file() or file_hash(file) != files.get(file.name):
            raise InputError(
                f"{file} is missing or was changed since it was made; delete the folder {path} and build the "
                "graph again: skillweave graph build SEEDS"
            )
        with pq.ParquetFile(file) as opened:
            tables[name] = opened.read().cast(schema)
    _check_graph(tables)
    return tables


def _numbers(column: pa.ChunkedArray) -> NDArray[Any]:
    """A column of numbers, none of them missing. As pyarrow gives them itself, it imports pandas first: 0.3 s."""
    whole: NDArray[Any] = np.from_dlpack(column.combine_chunks())
    return whole


def _ordered(name: str, table: pa.Table | None) -> pa.Table:
    """The table with exactly its schema, its rows sorted, in one chunk."""
    schema = SCHEMAS[name]
    if table is None:
        return schema.empty_table()
    cast = table.select(schema.names).cast(schema)
    return cast.sort_by([(column, "ascending") for column in ORDER[name]]).combine_chunks()


def _check_graph(tables: Mapping[str, pa.Table]) -> None:
    nodes, edges = tables["nodes"], tables["edges"]
    if nodes.num_rows < 2:
        what = f"{nodes.num_rows or 'no'} concept{'s'[nodes.num_rows == 1 :]}"
        raise InputError(
            f"the graph has {what} ({tables['left_out'].num_rows} left out), and needs at least two to join; "
            "import more seeds, or keep rarer concepts: skillweave graph build SEEDS --min-count 1"
        )
    for name in ("nodes", "edges"):
        keys = [
            tables[name][column] for column in ORDER[name]
        ]  # rows are sorted by these, so equal ones are neighbours
        same = reduce(pc.and_, (pc.equal(key[1:], key[:-1]) for key in keys))
        if pc.any(same).as_py():
            raise InputError(f"the graph's {name} repeat an id; build it again: skillweave graph build SEEDS")
    ids = nodes["id"].combine_chunks()
    ends = (edges["source"], edges["target"], tables["mentions"]["concept_id"])
    if not all(pc.all(pc.is_in(column, ids)).as_py() is not False for column in ends):
        raise InputError(
            "an edge or a mention names no node of the graph; build it again: skillweave graph build SEEDS"
        )
    straight = pc.all(pc.less(edges["source"], edges["target"])).as_py() is not False
    weighed = edges["weight"].null_count == 0 and (edges.num_rows == 0 or pc.min(edges["weight"]).as_py() > 0)
    if not (straight and weighed):
        raise InputError(
            "an edge does not go from the lower id to the higher, or has no weight; "
            "build it again: skillweave graph build SEEDS"
        )


def _fingerprint(ordered: Mapping[str, pa.Table]) -> str:
    """`g` and 32 hexadecimal digits over the rows of every table in its order, scores and times left out."""
    digest = hashlib.blake2b(digest_size=16)
    for name, table in ordered.items():
        if name == "left_out_mentions" or (name == "decisions" and not table.num_rows):
            continue
        columns = [column for column in SCHEMAS[name].names if column not in _UNSIGNED_COLUMNS]
        digest.update(orjson.dumps([name, columns, table.num_rows]))
        for batch in table.select(columns).to_batches(max_chunksize=_ROWS_A_HASH):
            digest.update(orjson.dumps(list(batch.to_pydict().values())))
    return "g" + digest.hexdigest()
