"""Damage that is planted in a snapshot or a store is found, each kind by its own words; a healthy graph is one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import neo4j
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import typer
from real_neo4j import Opened
from typer.testing import CliRunner

from engine.errors import InputError
from engine.files import file_hash
from engine.workspace import Workspace
from graph.deciding import merge_concepts
from graph.doctor import check_snapshot
from graph.doctor_commands import add_doctor_command
from graph.labels import graph_from_labels
from graph.seed import Label, Seed, seed_id, write_seeds
from graph.snapshot import SCHEMAS, Snapshot
from graph.stores.checking import check_server
from graph.stores.ladybug import MANIFEST, LadybugStore, project
from graph.stores.neo4j_address import Address

NAMES = [["area", "slope", "rare"], ["area", "gradient", "Slopes"], ["slope", "area", "gradient"], ["gradient", "area"]]


@pytest.fixture
def healthy(tmp_path: Path) -> tuple[Workspace, Snapshot]:
    """A workspace with a graph of labelled seeds in which a person decided, and its store."""
    place = Workspace(tmp_path).prepare()
    seeds = [
        Seed(seed_id(f"q{i}"), f"q{i}", concepts=tuple(Label("skill", name) for name in names))
        for i, names in enumerate(NAMES)
    ]
    write_seeds(seeds, place.seeds / "lab.parquet")
    first = graph_from_labels(place, ["lab"])
    ids = {row["name"]: row["id"] for row in first.nodes.to_pylist()}
    graph = merge_concepts(first, ids["slope"], ids["gradient"], by="ada", why="one")
    graph.write(place.graphs)
    project(graph, place.stores)
    return place, graph


def _doctor(place: Workspace, *arguments: str) -> tuple[int, str]:
    app = typer.Typer()
    app.command("other")(lambda: None)
    add_doctor_command(app)
    result = CliRunner().invoke(app, ["doctor", *arguments, "--workspace", str(place.root)], catch_exceptions=False)
    return result.exit_code, result.stdout


def test_a_healthy_graph_is_one_line(healthy: tuple[Workspace, Snapshot]) -> None:
    place, graph = healthy
    for which in [f.name for f in place.graphs.iterdir()]:
        assert _doctor(place, which) == (0, f"{which}: nothing wrong (graph and embedded stores)\n")
    assert graph.left_out.num_rows, "what is left out is checked too"


Harm = Callable[[dict[str, pa.Table]], None]


def _set(table: str, column: str, row: int, value: Any) -> Harm:
    def harm(tables: dict[str, pa.Table]) -> None:
        rows = tables[table].to_pylist()
        rows[row][column] = value
        tables[table] = pa.Table.from_pylist(rows, schema=SCHEMAS[table])

    return harm


def _drop(table: str) -> Harm:
    def harm(tables: dict[str, pa.Table]) -> None:
        tables[table] = tables[table].slice(1)

    return harm


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (_set("nodes", "count", 0, 77), "nodes: 1 rows are not what the seeds' mentions make"),
        (_set("nodes", "name", 0, "other"), "nodes: 1 rows are not what the seeds' mentions make"),
        (_set("edges", "weight", 0, 77), "edges: 1 rows are not what the seeds' mentions make"),
        (_drop("edges"), "edges: 1 rows are lacking that the seeds' mentions make"),
        (_set("left_out", "count", 0, 77), "left_out: 1 rows are not what"),
        (_set("edges", "source", 0, "k-none"), "edges: 1 rows have a source that is no node, such as 'k-none'"),
        (_set("mentions", "concept_id", 0, "k-none"), "mentions: 1 rows have a concept_id that is no node"),
        (_set("mentions", "name", 0, "unheard"), "1 are of names that the decision table lacks, such as 'unheard'"),
        (_set("left_out_mentions", "seed_id", 0, "s-none"), "left_out_mentions: 1 rows have a seed_id that is no seed"),
        (_drop("seeds"), "have a seed_id that is no seed"),
        (_set("merges", "id", 0, "k-none"), "merges: 1 names have an id that is not theirs"),
        (_set("merges", "into_name", 0, "other"), "concepts are shown under two names"),
        (_set("merges", "into", 0, "k-none"), "stand at another concept than the decision table says"),
        (_set("decisions", "names", 0, "[no json"), "what persons decided cannot be read"),
        (_set("decisions", "into", 0, "k-none"), "1 made the concept k-none, which the decision table lacks"),
        (_set("decisions", "undoes", 0, 9), "1 undoes 9, which is not there"),
        (_set("decisions", "why", 0, "another"), "the rows are those of graph"),
        (_set("seeds", "source", 0, "another"), "the rows are those of graph"),
    ],
)
def test_what_is_wrong_with_the_rows_is_found_though_the_files_are_whole(
    healthy: tuple[Workspace, Snapshot], harm: Harm, says: str
) -> None:
    place, graph = healthy
    folder = place.graphs / graph.fingerprint
    tables = {name: getattr(graph, name) for name in SCHEMAS}
    harm(tables)
    meta = orjson.loads((folder / "meta.json").read_bytes())
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet")
        meta["files"][f"{name}.parquet"] = file_hash(folder / f"{name}.parquet")
        meta["counts"][name] = table.num_rows
    (folder / "meta.json").write_bytes(orjson.dumps(meta))
    code, said = _doctor(place, graph.fingerprint, "--format", "json")
    assert code == 1
    findings = json.loads(said)
    assert any(says in finding["what"] for finding in findings), findings
    assert all("skillweave graph" in finding["run"] for finding in findings)


def test_what_is_wrong_with_the_files_is_found_in_all_of_them(healthy: tuple[Workspace, Snapshot]) -> None:
    place, graph = healthy
    folder = place.graphs / graph.fingerprint
    (folder / "nodes.parquet").unlink()
    (folder / "edges.parquet").write_bytes(b"PAR1")
    (folder / "seeds.parquet").write_bytes((folder / "seeds.parquet").read_bytes() + b"\0")
    found = {(Path(finding.where).name, finding.what.partition("(")[0].strip()) for finding in check_snapshot(folder)}
    assert {
        ("nodes.parquet", "is missing"),
        ("edges.parquet", "was changed since it was made"),
        ("edges.parquet", "cannot be read as its table"),
        ("seeds.parquet", "was changed since it was made"),
    } <= found
    (folder / "meta.json").write_bytes(b"{}")
    assert "cannot be read" in check_snapshot(folder)[0].what


def test_another_embedding_model_than_the_graphs_is_told(healthy: tuple[Workspace, Snapshot]) -> None:
    place, graph = healthy
    tables = {name: getattr(graph, name) for name in SCHEMAS}
    for embedder, says in (
        ({"name": "skillweave", "digest": "b2:old"}, "of digest b2:old, and the one here has b2:"),
        ({"name": str(place.root / "gone"), "digest": "b2:x"}, "which is not here"),
    ):
        (place.graphs / graph.fingerprint).rename(place.root / f"old-{embedder['digest'][-1]}")
        Snapshot.from_tables(tables, {**graph.meta, "embedder": embedder}).write(place.graphs)
        (finding,) = check_snapshot(place.graphs / graph.fingerprint)
        assert says in finding.what


def test_what_is_wrong_with_a_store_is_found(healthy: tuple[Workspace, Snapshot]) -> None:
    place, graph = healthy
    (folder,) = place.stores.iterdir()
    manifest = orjson.loads((folder / MANIFEST).read_bytes())

    def told() -> str:
        code, said = _doctor(place, graph.fingerprint, "--format", "json")
        assert code == 1
        (finding, *_) = json.loads(said)
        assert f"rm -r {folder} and then skillweave graph query" in finding["run"]
        return str(finding["what"])

    for table in ("Question", "Milestone"):
        (folder / MANIFEST).write_bytes(orjson.dumps({**manifest, "counts": {**manifest["counts"], table: 4}}))
        assert told() == f"holds 0 {table}, and its manifest says 4"
    (folder / MANIFEST).write_bytes(b"")
    assert "cannot be read" in told()
    (folder / MANIFEST).write_bytes(orjson.dumps(manifest))
    database = next(file for file in folder.iterdir() if file.name != MANIFEST)
    whole = database.read_bytes()
    database.write_bytes(whole[:-1] + b"\1")
    assert "was changed since it was loaded" in told()
    database.write_bytes(whole)

    other = Snapshot.open(next(f for f in place.graphs.iterdir() if f.name != graph.fingerprint))
    impostor = project(other, place.stores)
    told_by = orjson.loads((impostor / MANIFEST).read_bytes())
    for file in impostor.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    (folder / MANIFEST).write_bytes(orjson.dumps({**told_by, "snapshot": graph.fingerprint}))
    _, said = _doctor(place, graph.fingerprint, "--format", "json")
    whats = [finding["what"] for finding in json.loads(said)]
    assert any("concepts compared some are others" in what for what in whats), whats
    assert any("CO_OCCURS, and the graph says" in what for what in whats), whats


def test_a_store_of_another_format_is_asked_by_nobody_and_is_no_finding(healthy: tuple[Workspace, Snapshot]) -> None:
    place, graph = healthy
    (folder,) = place.stores.iterdir()
    manifest = orjson.loads((folder / MANIFEST).read_bytes())
    (folder / MANIFEST).write_bytes(orjson.dumps({**manifest, "format": manifest["format"] - 1}))
    with pytest.raises(InputError, match="no store or was cut short"):
        LadybugStore(folder)
    assert _doctor(place, graph.fingerprint)[0] == 0


def test_a_server_that_does_not_run_is_a_finding(healthy: tuple[Workspace, Snapshot]) -> None:
    place, graph = healthy
    code, said = _doctor(place, graph.fingerprint, "--store", "neo4j", "--format", "json")
    assert code == 1
    (finding,) = json.loads(said)
    assert "does not run" in finding["what"]
    assert finding["run"] == "skillweave neo4j start"


def test_a_server_is_held_against_the_graph(
    healthy: tuple[Workspace, Snapshot], neo4j_store: Opened, neo4j_server: Address
) -> None:
    place, graph = healthy
    neo4j_store(graph)
    assert check_server(graph, neo4j_server) == []
    with neo4j.GraphDatabase.driver(neo4j_server.url, auth=(neo4j_server.user, neo4j_server.password)) as driver:
        driver.execute_query("MATCH (c:Concept) SET c.count = 77")
        driver.execute_query("MATCH ()-[r:CO_OCCURS]->() DELETE r")
    whats = [finding.what for finding in check_server(graph, neo4j_server)]
    assert any("holds 0 CO_OCCURS, and the graph says" in what for what in whats), whats
    assert any("concepts compared some are others" in what for what in whats), whats
    other = Snapshot.open(next(f for f in place.graphs.iterdir() if f.name != graph.fingerprint))
    (finding,) = check_server(other, neo4j_server)
    assert finding.what == f"holds graph {graph.fingerprint} with 0 questions, not this graph"
    assert finding.run.startswith("skillweave neo4j load")
