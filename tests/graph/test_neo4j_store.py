"""The Neo4j store on a real server: what is in it, that rows are of one whole graph, and how it says no."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import neo4j
import pytest
from real_neo4j import Opened
from test_store import QUESTIONS, _snapshot

from engine.errors import InputError
from engine.workspace import Workspace
from graph.stores.neo4j import Neo4jStore
from graph.stores.neo4j_address import Address
from graph.stores.neo4j_connection import connect
from graph.stores.neo4j_loading import load
from graph.stores.neo4j_manifest import KEY, NotReady, store_id
from graph.stores.opening import open_store

CONCEPTS = "MATCH (c:Concept) RETURN c.id AS id ORDER BY id"


@pytest.fixture
def driver(neo4j_store: Opened, neo4j_server: Address) -> Iterator[neo4j.Driver]:
    """The server by another door, while no other test loads it."""
    with closing(connect(neo4j_server)) as driver:
        yield driver


def test_everything_is_loaded(neo4j_store: Opened) -> None:
    store = neo4j_store(_snapshot(), QUESTIONS)
    uses = store.query("MATCH (q:Question)-[u:USES]->(c:Concept) RETURN q.id AS q, c.name AS c, u.basis AS b", {})
    assert set(uses.rows) == {
        ("q1", "it's", "asked"),
        ("q1", "C \\", "asked"),
        ("q1", "it's", "claimed"),
        ("q2", 'a "b"', "asked"),
        ("q2", 'a "b"', "tagged"),
        ("q2", "it's", "tagged"),
    }
    edge = store.query("MATCH (a)-[r:CO_OCCURS]->(b) RETURN a.id AS a, b.id AS b, r.weight AS w", {})
    assert (edge.columns, edge.types, edge.rows, edge.more) == (
        ("a", "b", "w"),
        ("STRING", "STRING", "INT64"),
        [("ka", "tc", 2)],
        False,
    )


def test_values_of_every_kind_are_plain(neo4j_store: Opened) -> None:
    store = neo4j_store(_snapshot())
    text = (
        "MATCH (a:Concept {id: 'ka'})-[r:CO_OCCURS]->(b) RETURN a, r, [1, 2.5, 'x'] AS l, {k: true} AS m, date() AS d"
    )
    (row,) = store.query(text, {}).rows
    assert row[0]["_label"] == "Concept"
    assert row[0]["name"] == "it's"
    assert (row[1]["_label"], row[1]["weight"], row[2], row[3]) == ("CO_OCCURS", 2, [1, 2.5, "x"], {"k": True})
    assert isinstance(row[4], str)
    assert store.query("RETURN null AS x, 1.5 AS y, true AS z", {}).types == ("ANY", "DOUBLE", "BOOL")


def test_rows_are_limited_and_it_is_told(neo4j_store: Opened) -> None:
    store = neo4j_store(_snapshot())
    cut = store.query(CONCEPTS, {}, row_limit=2)
    assert (cut.rows, cut.more) == ([("ka",), ("kb",)], True)
    whole = store.query(CONCEPTS, {}, row_limit=3)
    assert (len(whole.rows), whole.more) == (3, False)


def test_parameters_are_bound_and_never_a_part_of_the_text(neo4j_store: Opened) -> None:
    store = neo4j_store(_snapshot())
    text = "MATCH (c:Concept) WHERE c.name = $name RETURN c.id AS id"
    assert store.query(text, {"name": "it's"}).rows == [("ka",)]
    assert store.query(text, {"name": "' OR true //"}).rows == []


@pytest.mark.parametrize(
    ("text", "timeout_s", "says"),
    [
        ("MATCH (c:Concept RETURN c", 60, "refuses the query.*skillweave graph queries"),
        ("CREATE (:Seed {id: 'x'})", 60, "read access mode"),
        ("MATCH (m:Manifest) SET m.state = 'x'", 60, "read access mode"),
        ("CREATE CONSTRAINT FOR (n:X) REQUIRE n.id IS UNIQUE", 60, "refuses the query"),
        ("RETURN 1 AS a; RETURN 2 AS b", 60, "refuses the query"),
        ("RETURN $absent AS a", 60, "absent"),
        ("UNWIND range(1, 100000000000) AS i RETURN sum(sin(i)) AS n", 0.2, "longer than 0.2 s.*--timeout"),
    ],
    ids=["syntax", "a write", "the manifest", "a constraint", "two statements", "a parameter", "slow"],
)
def test_a_refused_or_slow_query_is_one_clear_error_and_the_store_stays_usable(
    neo4j_store: Opened, text: str, timeout_s: float, says: str
) -> None:
    store = neo4j_store(_snapshot())
    with pytest.raises(InputError, match=says):
        store.query(text, {}, timeout_s=timeout_s)
    assert store.query("RETURN 1 AS one", {}).rows == [(1,)]


def test_threads_share_a_store(neo4j_store: Opened) -> None:
    store = neo4j_store(_snapshot())
    barrier = threading.Barrier(4)

    def ask(number: int) -> list[tuple[int]]:
        barrier.wait()
        return store.query("MATCH (c:Concept) RETURN count(*) + $n AS n", {"n": number}).rows

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(ask, range(4))) == [[(3 + number,)] for number in range(4)]


def test_another_graph_is_never_asked_instead(neo4j_store: Opened, neo4j_server: Address) -> None:
    old = neo4j_store(_snapshot(2))
    new = neo4j_store(_snapshot(3))
    weight = "MATCH ()-[r:CO_OCCURS]->() RETURN r.weight AS w"
    assert new.query(weight, {}).rows == [(3,)]
    with pytest.raises(NotReady, match=r"holds graph .*another than is asked; replace it: skillweave neo4j load"):
        old.query(weight, {})
    with pytest.raises(NotReady, match="another than is asked"):
        Neo4jStore(neo4j_server, store_id(_snapshot(), QUESTIONS))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"state": "clearing"}, r"is being replaced, but its loader stopped; go on with it: skillweave neo4j load"),
        (
            {"state": "loading", "loaded": 5},
            r"its loader stopped \(5 of 9 rows are there\); go on with it: skillweave neo4j load",
        ),
        ({"state": "empty"}, "holds no graph yet; load it: skillweave neo4j load --store bolt://"),
    ],
    ids=["clearing", "loading", "empty"],
)
def test_a_graph_that_is_not_whole_is_not_asked(
    neo4j_store: Opened, driver: neo4j.Driver, changes: dict[str, object], says: str
) -> None:
    store = neo4j_store(_snapshot())
    set_manifest = "MATCH (m:Manifest {id: $key}) SET m += $changes"
    driver.execute_query(set_manifest, {"key": KEY, "changes": changes | {"loader": ""}})
    try:
        with pytest.raises(NotReady, match=says):
            store.query(CONCEPTS, {})
    finally:
        driver.execute_query(set_manifest, {"key": KEY, "changes": {"state": "clearing"}})


def test_rows_are_refused_where_the_graph_was_replaced_while_they_were_read(
    neo4j_store: Opened, driver: neo4j.Driver
) -> None:
    store = neo4j_store(_snapshot())
    began, go_on = threading.Event(), threading.Event()

    def replaced() -> None:
        began.wait()
        driver.execute_query("MATCH (m:Manifest {id: $key}) SET m.version = 'another'", {"key": KEY})
        go_on.set()

    class Rows(list[int]):
        """A parameter that is sent only when the graph has been replaced: after the first look at the manifest."""

        def __iter__(self) -> Iterator[int]:
            began.set()
            assert go_on.wait(60)
            return super().__iter__()

    thread = threading.Thread(target=replaced)
    thread.start()
    with pytest.raises(NotReady, match="replaced while it was asked; ask again"):
        store.query("UNWIND $rows AS i RETURN i", {"rows": Rows([1, 2])})
    thread.join()
    assert store.query("RETURN 1 AS one", {}).rows == [(1,)]


def test_what_is_not_ours_is_left_alone(
    neo4j_store: Opened, driver: neo4j.Driver, neo4j_server: Address, tmp_path: Path
) -> None:
    driver.execute_query("MATCH (n) DETACH DELETE n")
    driver.execute_query("CREATE (:Mine {id: 1})")
    with pytest.raises(InputError, match=r"holds 1 nodes that are not ours.*take an empty one"):
        load(neo4j_server, _snapshot(), tmp_path)
    driver.execute_query("MATCH (n) DETACH DELETE n")
    neo4j_store(_snapshot(2))
    driver.execute_query("CREATE (:Mine {id: 1})")
    neo4j_store(_snapshot(3))
    assert driver.execute_query("MATCH (n:Mine) RETURN count(*) AS n").records[0]["n"] == 1
    driver.execute_query("MATCH (n:Mine) DELETE n")


def test_a_server_that_cannot_be_reached_is_one_clear_error(neo4j_server: Address) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        away = f"bolt://127.0.0.1:{nobody.getsockname()[1]}"
        with pytest.raises(InputError, match=r"no Neo4j answers at .*skillweave neo4j start"):
            Neo4jStore(replace(neo4j_server, url=away), "b2:x")
    with pytest.raises(
        InputError, match=r"refuses the user 'neo4j' or its password.*SKILLWEAVE_NEO4J_PASSWORD"
    ) as error:
        Neo4jStore(replace(neo4j_server, password="not the word"), "b2:x")
    assert "not the word" not in str(error.value)


def test_one_url_opens_it_and_loads_it_only_where_nothing_is(
    neo4j_store: Opened, driver: neo4j.Driver, neo4j_server: Address, tmp_path: Path
) -> None:
    place = Workspace(tmp_path)
    environ = {"SKILLWEAVE_NEO4J_PASSWORD": neo4j_server.password, "SKILLWEAVE_STORE": neo4j_server.url}
    driver.execute_query("MATCH (n) DETACH DELETE n")
    with closing(open_store(place, _snapshot(2), QUESTIONS, environ=environ)) as store:
        assert store.dialect == "neo4j"
        assert len(store.query(CONCEPTS, {}).rows) == 3
    with pytest.raises(NotReady, match="another than is asked"):
        open_store(place, _snapshot(3), QUESTIONS, environ=environ)
    embedded = open_store(place, _snapshot(3), QUESTIONS, "embedded", environ=environ)
    assert embedded.dialect == "ladybug"
    embedded.close()
