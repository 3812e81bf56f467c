"""Loaders that are killed, that meet, and that replace a graph under readers; on a real server."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from loader_to_kill import CONCEPTS, QUESTIONS, REACH, questions, waves
from real_neo4j import Opened

from graph.stores.neo4j import Neo4jStore
from graph.stores.neo4j_address import Address
from graph.stores.neo4j_connection import connect
from graph.stores.neo4j_loading import load
from graph.stores.neo4j_manifest import KEY, BeingLoaded, NotReady, store_id

_SCRIPT = Path(__file__).with_name("loader_to_kill.py")
EDGES = (CONCEPTS - REACH) * REACH
WHOLE = """
MATCH (c:Concept) WITH count(c) AS concepts, min(c.count) AS fewest, max(c.count) AS most, sum(c.asked) AS asked
UNWIND range(1, 200000) AS i WITH concepts, fewest, most, asked, sum(i % 7) AS work
MATCH (:Concept)-[r:CO_OCCURS]->(:Concept)
WITH concepts, fewest, most, asked, count(r) AS edges, min(r.weight) AS lightest, max(r.weight) AS heaviest
MATCH (q:Question)-[u:USES]->(:Concept)
RETURN concepts, fewest, most, asked, edges, lightest, heaviest, count(u) AS uses, count(DISTINCT q.id) AS questions
"""
"""What is read first and last lie far apart, so that a graph that is replaced meanwhile shows."""
DUPLICATES = """
MATCH (a)-[r]->(b) WHERE NOT a:Manifest
WITH a, type(r) AS type, b, properties(r) AS what, count(*) AS n WHERE n > 1 RETURN count(*) AS n
"""


def _whole(weight: int) -> tuple[int, ...]:
    return (CONCEPTS, weight, weight, 2 * QUESTIONS, EDGES, weight, weight, 2 * QUESTIONS, QUESTIONS)


@contextmanager
def _loader(address: Address, weight: int, folder: Path, *stands: object) -> Iterator[subprocess.Popen[str]]:
    """A process that loads; `stands`: phase, moment and number of where it stands still, see `loader_to_kill`."""
    where = map(str, stands or ("never", "never", 0))
    command = [sys.executable, str(_SCRIPT), address.url, address.password, str(weight), str(folder), *where]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=_SCRIPT.parents[2],
        env={"PYTHONPATH": str(_SCRIPT.parents[2])},
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _says(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.mark.parametrize(
    ("phase", "moment", "number"),
    [
        ("clearing", "after", 1),
        ("clearing", "within", 14),
        ("loading", "within", 1),
        ("loading", "after", 5),
        ("loading", "within", 20),
        ("ready", "within", 1),
    ],
)
def test_a_loader_that_is_killed_anywhere_is_gone_on_with(
    neo4j_store: Opened, neo4j_server: Address, tmp_path: Path, phase: str, moment: str, number: int
) -> None:
    neo4j_store(waves(1), questions())
    with _loader(neo4j_server, 2, tmp_path, phase, moment, number) as process:
        assert _says(process) == "there"
        with pytest.raises(BeingLoaded, match=rf"is being loaded by .*, process {process.pid}; .*neo4j status"):
            load(neo4j_server, waves(2), tmp_path, questions())
        with pytest.raises(NotReady, match=rf"is being replaced by .*, process {process.pid}.*ask again in a while"):
            Neo4jStore(neo4j_server, store_id(waves(1), questions()))
        process.kill()
        process.wait()
    assert len(list(tmp_path.iterdir())) == 1, "what it had staged"
    load(neo4j_server, waves(2), tmp_path, questions())
    assert list(tmp_path.iterdir()) == []
    store = neo4j_store(waves(2), questions())
    assert store.query(WHOLE, {}).rows == [_whole(2)]
    assert store.query(DUPLICATES, {}).rows == [(0,)]


def test_what_was_loaded_before_the_kill_is_not_loaded_again(
    neo4j_store: Opened, neo4j_server: Address, tmp_path: Path
) -> None:
    neo4j_store(waves(1), questions())
    with _loader(neo4j_server, 2, tmp_path, "loading", "within", 8) as process:
        assert _says(process) == "there"
        process.kill()
    with closing(connect(neo4j_server)) as driver:
        loaded = driver.execute_query("MATCH (m:Manifest {id: $key}) RETURN m.loaded AS n", {"key": KEY}).records[0][
            "n"
        ]
        driver.execute_query("MATCH (c:Concept {id: 'k001'}) SET c.seen = true")
        assert loaded > CONCEPTS
        store = neo4j_store(waves(2), questions())
        assert store.query("MATCH (c:Concept) WHERE c.seen RETURN c.id AS id", {}).rows == [("k001",)]
        assert store.query(WHOLE, {}).rows == [_whole(2)]


def test_a_loader_that_was_thought_dead_writes_nothing_more(
    neo4j_store: Opened, neo4j_server: Address, tmp_path: Path
) -> None:
    neo4j_store(waves(1), questions())
    with _loader(neo4j_server, 2, tmp_path, "loading", "after", 8) as process, closing(connect(neo4j_server)) as driver:
        assert _says(process) == "there"
        driver.execute_query("MATCH (m:Manifest {id: $key}) SET m.beat = m.beat - 61000", {"key": KEY})
        store = neo4j_store(waves(3), questions())
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
        assert "has taken over the loading" in _says(process)
    assert store.query(WHOLE, {}).rows == [_whole(3)]
    assert store.query(DUPLICATES, {}).rows == [(0,)]


def test_readers_see_one_whole_graph_or_the_sentence(
    neo4j_store: Opened, neo4j_server: Address, tmp_path: Path
) -> None:
    """Graphs are replaced without pause, every other loader is killed somewhere; nobody ever reads a mixture."""
    neo4j_store(waves(1), questions())
    over = threading.Event()
    answers: dict[int, int] = {1: 0, 2: 0}
    refusals = 0
    wrong: list[object] = []

    def read(weight: int) -> None:
        nonlocal refusals
        wanted = store_id(waves(weight), questions())
        while not over.is_set():
            try:
                with closing(Neo4jStore(neo4j_server, wanted)) as store:
                    while not over.is_set():
                        rows = store.query(WHOLE, {}).rows
                        if rows == [_whole(weight)]:
                            answers[weight] += 1
                        else:
                            wrong.append(rows)
            except NotReady:
                refusals += 1
            except Exception as error:
                wrong.append(error)

    threads = [threading.Thread(target=read, args=(weight,)) for weight in (1, 2, 1, 2)]
    for thread in threads:
        thread.start()
    for turn in range(6):
        with _loader(neo4j_server, 2 - turn % 2, tmp_path) as process:
            if turn % 3 == 1:
                time.sleep(1.5)
                process.kill()
            else:
                assert _says(process) == "loaded"
    time.sleep(0.3)
    over.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert refusals
    assert all(answers.values())
