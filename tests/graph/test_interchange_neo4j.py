"""Neo4j's own admin import takes our CSV: a real AdminTool, and a real server on what it made."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import neo4j
import pyarrow as pa
import pytest

from graph.interchange.formats import ExchangeFormat, export_graph
from graph.neo4j_server.jars import FetchError, WrongJars, class_path, fetch_jars, java
from graph.neo4j_server.server import USER, LocalServer, Memory
from graph.snapshot import SCHEMAS, Snapshot
from graph.stores import QUESTION_SCHEMA, Questions
from graph.stores.projection import stage
from graph.stores.schema import TABLES

NAMES = ['the "best", \\name\\', "two\nlines; and, a comma", "π 𝛑 'quoted'", "plain"]


@pytest.fixture(scope="module")
def jars() -> Path:
    try:
        return fetch_jars()
    except WrongJars:
        raise
    except FetchError as error:
        pytest.skip(f"no Neo4j to test with: {error}")


def _graph() -> tuple[Snapshot, Questions]:
    nodes = [
        {"id": f"t{i}", "kind": "topic", "name": name, "aliases": [], "count": i + 1} for i, name in enumerate(NAMES)
    ]
    tables = {
        "nodes": nodes,
        "edges": [{"source": "t0", "target": f"t{i}", "weight": i, "kinds": "topic-topic"} for i in (1, 2, 3)],
        "mentions": [
            {"seed_id": "s1", "concept_id": "t1", "kind": "topic", "name": NAMES[1], "level": None, "subject": ""}
        ],
        "seeds": [{"id": "s1", "level": None, "subject": "", "source": 'a "b"'}],
    }
    made = {name: pa.Table.from_pylist(rows, schema=SCHEMAS[name]) for name, rows in tables.items()}
    row = {**dict.fromkeys(QUESTION_SCHEMA.names), "id": "r1", "run": "r", "asked": ["t0", "t2"], "tagged": ["t3"]}
    questions = pa.Table.from_pylist([row], schema=QUESTION_SCHEMA)
    return Snapshot.from_tables(made), Questions(shards=["one"], tables=lambda: [questions])


@pytest.fixture(scope="module")
def imported(jars: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[LocalServer, dict[str, int], str]:
    """A server's folder that AdminTool filled, what should be in it, and what AdminTool said."""
    folder = tmp_path_factory.mktemp("imported")
    snapshot, questions = _graph()
    export_graph(snapshot, ExchangeFormat.CSV, folder / "out", questions)
    home = folder / "home"
    (home / "conf").mkdir(parents=True)
    (home / "conf" / "neo4j.conf").touch()
    command = [str(java()), "-XX:TieredStopAtLevel=1", "-Xmx256m", "-cp", class_path(jars), "org.neo4j.cli.AdminTool"]
    done = subprocess.run(
        [*command, "database", "import", "full", "neo4j", "@import.args"],
        cwd=folder / "out" / "neo4j",
        env={**os.environ, "NEO4J_HOME": str(home), "NEO4J_CONF": str(home / "conf")},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (staging := folder / "staging").mkdir()
    return LocalServer(home), dict(stage(snapshot, questions, staging).counts), done.stdout


def test_the_admin_import_of_neo4j_takes_every_row(imported: tuple[LocalServer, dict[str, int], str]) -> None:
    _, counts, said = imported
    nodes = sum(count for name, count in counts.items() if TABLES[name].ends is None)
    assert f"{nodes} nodes" in said
    assert f"{sum(counts.values()) - nodes} relationships" in said


@pytest.mark.slow
def test_what_the_admin_import_made_is_what_was_written(imported: tuple[LocalServer, dict[str, int], str]) -> None:
    server, counts, _ = imported
    server.start(memory=Memory(heap_mb=256, page_cache_mb=32), environ={})
    try:
        with neo4j.GraphDatabase.driver(server.url, auth=(USER, server.password({}))) as driver:

            def ask(text: str) -> list[list[object]]:
                return [list(record.values()) for record in driver.execute_query(text).records]

            for name, table in TABLES.items():
                pattern = f"(n:{name})" if table.ends is None else f"(:{table.ends[0]})-[n:{name}]->(:{table.ends[1]})"
                assert ask(f"MATCH {pattern} RETURN count(n)") == [[counts[name]]], name
            assert ask("MATCH (c:Concept) RETURN c.name, c.count ORDER BY c.id") == [
                [name, place + 1] for place, name in enumerate(NAMES)
            ]
            assert ask("MATCH (s:Seed) RETURN s.level, s.subject, s.source") == [["", "", 'a "b"']]
            assert ask("MATCH (:Concept)-[r:CO_OCCURS]->(b) RETURN r.weight, r.asked, b.id ORDER BY b.id") == [
                [1, 0, "t1"],
                [2, 1, "t2"],
                [3, 0, "t3"],
            ]
    finally:
        server.stop()
