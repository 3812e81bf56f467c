"""Look whether a snapshot is whole and true to itself. Everything that is wrong is found, not only the first.

    files        each as its hash in meta.json says, with its columns; the folder's name is the fingerprint of the rows
    references   edges and mentions name nodes, mentions name seeds, ids stand once
    counts       nodes, edges, mentions and left-out concepts are what the mentions and the decision table make of them
    decisions    every name's id is its own, every name of a concept is shown under one name, persons' log can be read
    embedder     the model that merged names is the one that is here

A graph from elsewhere has no mentions, so nothing of it can be counted again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from engine.errors import InputError
from engine.files import file_hash
from graph.build import concept_tables
from graph.concept import concept_id
from graph.embedding import NONE, open_embedder
from graph.merging.by_person import read_decisions
from graph.snapshot import LATER_TABLES, ORDER, SCHEMAS, Snapshot

_AGAIN = "skillweave graph build SEEDS"
_TOLD = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, and the command to run."""

    where: str
    what: str
    run: str


def check_snapshot(folder: Path) -> list[Finding]:
    """All that is wrong with the snapshot in this folder; empty for a healthy one."""
    anew = f"rm -r {folder} and then {_AGAIN}, or bring it in again: skillweave graph import PATH"
    try:
        meta = orjson.loads((folder / "meta.json").read_bytes())
        files, fingerprint = dict(meta["files"]), str(meta["fingerprint"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        return [Finding(str(folder / "meta.json"), f"cannot be read ({error!r})", anew)]
    found: list[Finding] = []
    tables: dict[str, pa.Table] = {}
    for name, schema in SCHEMAS.items():
        file = folder / f"{name}.parquet"
        if name in LATER_TABLES and file.name not in files:
            tables[name] = schema.empty_table()
            continue
        if not file.is_file():
            found.append(Finding(str(file), "is missing", anew))
            continue
        if file_hash(file) != files.get(file.name):
            found.append(Finding(str(file), "was changed since it was made", anew))
        try:
            tables[name] = pq.read_table(file, schema=schema)
        except (pa.ArrowException, OSError) as error:
            found.append(Finding(str(file), f"cannot be read as its table ({error})", anew))
    if len(tables) < len(SCHEMAS):
        return found
    wrong = [*_references(tables), *_counts(tables, meta), *_decisions(tables)]
    found += [Finding(str(folder), what, anew) for what in wrong]
    if not wrong:
        own = Snapshot.from_tables(tables).fingerprint
        if {own, fingerprint} != {folder.name}:
            what = f"the rows are those of graph {own}, meta.json says {fingerprint}, the folder {folder.name}"
            found.append(Finding(str(folder), what, anew))
    if (strange := _embedder(meta)) is not None:
        found.append(Finding(str(folder), *strange))
    return found


def _references(tables: Mapping[str, pa.Table]) -> Iterator[str]:
    for name, columns in ORDER.items():
        keys = tables[name].select(columns)
        if (repeated := keys.num_rows - keys.group_by(list(columns)).aggregate([]).num_rows) > 0:
            yield f"{name}: {repeated:,} rows repeat {', '.join(columns)}"
    nodes, left, seeds = (tables[name]["id"].combine_chunks() for name in ("nodes", "left_out", "seeds"))
    for table, column, known, what in (
        ("edges", "source", nodes, "node"),
        ("edges", "target", nodes, "node"),
        ("mentions", "concept_id", nodes, "node"),
        ("mentions", "seed_id", seeds, "seed"),
        ("left_out_mentions", "concept_id", left, "left-out concept"),
        ("left_out_mentions", "seed_id", seeds, "seed"),
    ):
        unknown = tables[table].filter(pc.invert(pc.is_in(tables[table][column], known)))[column]
        if len(unknown):
            yield f"{table}: {len(unknown):,} rows have a {column} that is no {what}, such as {_some(unknown)}"


def _counts(tables: Mapping[str, pa.Table], meta: Mapping[str, Any]) -> Iterator[str]:
    told = meta.get("counts", {})
    for name, table in tables.items():
        if told.get(name, table.num_rows) != table.num_rows:
            yield f"{name}: {table.num_rows:,} rows, and meta.json counts {told[name]:,}"
    mentions = pa.concat_tables([tables["mentions"], tables["left_out_mentions"]])
    if not mentions.num_rows:
        return
    columns = [name for name in mentions.column_names if name != "concept_id"]
    named = mentions.join(tables["merges"].select(["kind", "name", "into"]), ["kind", "name"])
    lost = named.filter(pc.is_null(named["into"]))
    if lost.num_rows:
        yield f"mentions: {lost.num_rows:,} are of names that the decision table lacks, such as {_some(lost['name'])}"
        return
    moved = named.filter(pc.not_equal(named["into"], named["concept_id"]))
    if moved.num_rows:
        yield (
            f"mentions: {moved.num_rows:,} stand at another concept than the decision table says, such as those of "
            f"{_some(moved['name'])}"
        )
    distinct = mentions.select(columns).group_by(columns, use_threads=False).aggregate([])
    least = int(meta.get("settings", {}).get("min_count", 1))
    counted = concept_tables(distinct, tables["merges"], least)
    complete = tables["left_out_mentions"].num_rows or not (pc.sum(tables["left_out"]["count"]).as_py() or 0)
    compared = {"nodes": ["id", "kind", "name", "aliases", "count"], "edges": ["source", "target", "weight", "kinds"]}
    if complete:
        compared["left_out"] = ["id", "kind", "name", "count"]
    for name, of in compared.items():
        order = [(column, "ascending") for column in ORDER[name]]
        stored, recounted = (table.select(of).sort_by(order) for table in (tables[name], counted[name]))
        if stored.equals(recounted):
            continue
        there, made = _rows(stored), _rows(recounted)
        if surplus := there - made:
            yield f"{name}: {len(surplus):,} rows are not what the seeds' mentions make, such as {_first(surplus)}"
        elif missing := made - there:
            yield f"{name}: {len(missing):,} rows are lacking that the seeds' mentions make, such as {_first(missing)}"


def _decisions(tables: Mapping[str, pa.Table]) -> Iterator[str]:
    merges = tables["merges"]
    rows = list(zip(*(merges[name].to_pylist() for name in ("kind", "name", "id", "into", "into_name")), strict=True))
    alien = [name for kind, name, own, _, _ in rows if own != concept_id(kind, name)]
    if alien:
        yield f"merges: {len(alien):,} names have an id that is not theirs, such as {alien[0]!r}"
    shown: dict[str, set[str]] = {}
    for _, _, _, into, into_name in rows:
        shown.setdefault(into, set()).add(into_name)
    if torn := sorted(into for into, names in shown.items() if len(names) > 1):
        yield f"merges: {len(torn):,} concepts are shown under two names, such as {torn[0]}"
    try:
        decisions = read_decisions(tables["decisions"])
    except (ValueError, TypeError) as error:
        yield f"decisions: what persons decided cannot be read ({error})"
        return
    numbers = Counter(decision.number for decision in decisions)
    ids = {own for _, _, own, _, _ in rows} | shown.keys()
    for decision in decisions:
        if decision.undoes and decision.undoes not in numbers:
            yield f"decisions: {decision.number} undoes {decision.undoes}, which is not there"
        if decision.state == "applied" and decision.action != "undo" and decision.into not in ids:
            yield f"decisions: {decision.number} made the concept {decision.into}, which the decision table lacks"


def _embedder(meta: Mapping[str, Any]) -> tuple[str, str] | None:
    """What is wrong with the embedding model, and what to run."""
    told = meta.get("embedder") or {}
    name, digest = told.get("name", NONE), told.get("digest", NONE)
    if name == NONE:
        return None
    build = "skillweave graph build SEEDS --onto GRAPH decides new names by the model that is here"
    try:
        here = open_embedder(name).digest
    except InputError as error:
        return f"names were merged by the embedding model {name!r}, which is not here ({error})", build
    if here != digest:
        return (
            f"names were merged by the embedding model {name!r} of digest {digest}, and the one here has {here}",
            build,
        )
    return None


def _rows(table: pa.Table) -> set[bytes]:
    columns = table.to_pydict().values()
    return {orjson.dumps(row) for row in zip(*columns, strict=True)}


def _first(rows: set[bytes]) -> str:
    return min(rows).decode()


def _some(column: pa.ChunkedArray) -> str:
    return ", ".join(map(repr, sorted(set(column.to_pylist()[: 1 << 16]))[:_TOLD]))
