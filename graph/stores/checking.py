"""Hold a store against the snapshot it was made of: whole, counted by Cypher, and a sample of its rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson

from engine.errors import SkillweaveError
from engine.files import file_hash
from graph.doctor import Finding
from graph.snapshot import Snapshot
from graph.stores import Store
from graph.stores.ladybug import DATABASE, FORMAT, MANIFEST, LadybugStore
from graph.stores.neo4j_address import Address
from graph.stores.schema import TABLES

_SAMPLE = 200
_ANEW = "skillweave graph query concepts-by-use"


def check_embedded(snapshot: Snapshot, stores: Path) -> list[Finding]:
    """What is wrong with the embedded stores of this graph; that there is none is nothing wrong."""
    found: list[Finding] = []
    folders = (
        [folder for folder in sorted(stores.iterdir()) if not folder.name.startswith(".")] if stores.is_dir() else []
    )
    for folder in folders:
        run = f"rm -r {folder} and then {_ANEW} --graph {snapshot.fingerprint[:10]}"
        try:
            manifest: Mapping[str, Any] = orjson.loads((folder / MANIFEST).read_bytes())
            if (manifest["snapshot"], manifest["format"]) != (snapshot.fingerprint, FORMAT):
                continue  # of another format: nobody asks it, and it goes with `workspace gc`
            size, expected, counts = manifest["bytes"], manifest["hash"], dict(manifest["counts"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            found.append(Finding(str(folder / MANIFEST), f"cannot be read ({error!r})", run))
            continue
        file = folder / DATABASE
        if not file.is_file() or file.stat().st_size != size or file_hash(file) != expected:
            found.append(Finding(str(file), "is missing or was changed since it was loaded", run))
            continue
        try:
            with closing(LadybugStore(folder)) as store:
                found += [Finding(str(folder), what, run) for what in _check(snapshot, store, counts)]
        except SkillweaveError as error:
            found.append(Finding(str(folder), f"does not answer ({error})", run))
    return found


def check_server(snapshot: Snapshot, address: Address) -> list[Finding]:
    """What is wrong with what a Neo4j server holds; that it holds another graph is told too."""
    from graph.stores.neo4j import Neo4jStore
    from graph.stores.neo4j_status import server_status

    run = f"skillweave neo4j load {address.option} --graph {snapshot.fingerprint[:10]}"
    try:
        manifest = server_status(address).manifest
        if manifest is None or manifest.state != "ready" or manifest.snapshot != snapshot.fingerprint:
            holds = manifest.told() if manifest is not None else "no graph"
            return [Finding(address.url, f"holds {holds}, not this graph", run)]
        with closing(Neo4jStore(address, manifest.store)) as store:
            return [Finding(address.url, what, run) for what in _check(snapshot, store, manifest.counts)]
    except SkillweaveError as error:
        return [Finding(address.url, f"does not answer ({error})", "skillweave neo4j status")]


def _check(snapshot: Snapshot, store: Store, counts: Mapping[str, int]) -> Iterator[str]:
    """What does not agree: counts with the manifest's and the snapshot's, rows with the snapshot's."""
    mentions = snapshot.mentions.select(["seed_id", "concept_id"])
    of_snapshot = {
        "Concept": snapshot.nodes.num_rows,
        "Seed": snapshot.seeds.num_rows,
        "CO_OCCURS": snapshot.edges.num_rows,
        "MENTIONS": mentions.group_by(mentions.column_names).aggregate([]).num_rows,
    }
    for name, table in TABLES.items():
        pattern = f"(n:{name})" if table.ends is None else f"()-[r:{name}]->()"
        ((held,),) = store.query(f"MATCH {pattern} RETURN count(*) AS n", {}).rows
        wanted = of_snapshot.get(name, counts.get(name))
        if held != wanted:
            says = "the graph" if name in of_snapshot else "its manifest"
            yield f"holds {held:,} {name}, and {says} says {wanted or 0:,}"
    every = max(1, snapshot.nodes.num_rows // _SAMPLE)
    sample = {row["id"]: row for row in snapshot.nodes.take(list(range(0, snapshot.nodes.num_rows, every))).to_pylist()}
    text = (
        "MATCH (c:Concept) WHERE c.id IN $ids RETURN c.id AS id, c.kind AS kind, c.name AS name, c.count AS count "
        "ORDER BY id"
    )
    held_rows = store.query(text, {"ids": list(sample)}).rows
    wanted_rows = [(i, row["kind"], row["name"], row["count"]) for i, row in sorted(sample.items())]
    if held_rows != wanted_rows:
        wrong = sorted(set(wanted_rows) ^ set(held_rows))
        yield f"of {len(sample):,} concepts compared some are others: {wrong[0]!r}"
    edges = snapshot.edges
    every = max(1, edges.num_rows // _SAMPLE)
    for row in edges.take(list(range(0, edges.num_rows, every))).to_pylist():
        ends = {"a": row["source"], "b": row["target"]}
        weights = store.query(
            "MATCH (a:Concept {id: $a})-[r:CO_OCCURS]->(b:Concept {id: $b}) RETURN r.weight AS weight", ends
        ).rows
        if weights != [(row["weight"],)]:
            yield f"the edge {row['source']} - {row['target']} weighs {row['weight']:,}, and it holds {weights}"
            return
