"""What the guard lets through has the same columns, types and rows on both stores, in the same order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest
from cypher_questions import Writer
from query_worlds import a_world
from real_neo4j import Opened

from engine.workspace import Workspace
from graph.cypher.asking import ask
from graph.cypher.guard import Value
from graph.snapshot import Snapshot
from graph.stores import Questions, Result
from graph.stores.neo4j_address import Address

QUESTIONS = 60


@dataclass
class Both:
    """One graph on two stores."""

    workspace: Workspace
    snapshot: Snapshot
    questions: Questions
    server: str

    def ask(self, text: str, params: dict[str, Value]) -> tuple[Result, Result]:
        embedded, server = (
            ask(self.workspace, self.snapshot, self.questions, url, text, params, 30, 500)
            for url in ("embedded", self.server)
        )
        return embedded, server


@pytest.fixture(scope="module")
def both(
    neo4j_server: Address,
    neo4j_database: Callable[[], AbstractContextManager[Opened]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Both]:
    _, snapshot, questions = a_world(Random("the same rows"), 40)
    with neo4j_database() as opened, pytest.MonkeyPatch.context() as patch:
        opened(snapshot, questions)
        patch.setenv("SKILLWEAVE_NEO4J_USER", neo4j_server.user)
        patch.setenv("SKILLWEAVE_NEO4J_PASSWORD", neo4j_server.password)
        yield Both(Workspace(tmp_path_factory.mktemp("both")).prepare(), snapshot, questions, neo4j_server.url)


def test_questions_at_random_have_the_same_rows(both: Both) -> None:
    filled = 0
    for number in range(QUESTIONS):
        asked = Writer(f"question {number}").question()
        embedded, server = both.ask(asked.text, asked.parameters)
        if " UNION" in asked.text:  # its parts are ordered, it is not
            embedded.rows.sort()
            server.rows.sort()
        assert embedded == server, (asked.text, asked.parameters)
        filled += bool(embedded.rows)
    assert filled > QUESTIONS / 2


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("RETURN 7 / 2 AS a, -7 / 2 AS b, -7 % 3 AS c, 2 ^ 3 AS d, 2 ^ 3 ^ 2 AS e", (3, -3, -1, 8.0, 64.0)),
        ("RETURN abs(-2.5) AS a, ceil(1.2) AS b, floor(1.8) AS c, sqrt(4) AS d", (2.5, 2.0, 1.0, 2.0)),
        ("RETURN sign(-3) AS a, abs(-3) AS b", (-1, 3)),
        ("RETURN round(2.345, 2) AS a, log10(100) AS b, log(1) AS c, round(pi(), 5) AS d", (2.35, 2.0, 0.0, 3.14159)),
        ("RETURN toLower('AB') AS a, toUpper('ab') AS b, trim(' a ') AS c, ltrim(' a') AS d", ("ab", "AB", "a", "a")),
        ("RETURN left('abc', 2) AS a, right('abc', 5) AS b, rtrim('a ') AS c", ("ab", "abc", "a")),
        ("RETURN size('né😀') AS a, size([1, 2]) AS b, range(1, 9, 4) AS c, range(2, 1) AS d", (3, 2, [1, 5, 9], [])),
        ("RETURN coalesce(null, 1) AS a, nullIf(1, 1) AS b, 1 IN [] AS c, null IS NULL AS d", (1, None, False, True)),
        (r"RETURN 'it\'s \\ \u0041\n' AS a, 'x' + 'y' AS b, [1] + [2] AS c", ("it's \\ A\n", "xy", [1, 2])),
        ("RETURN 1.0 / 0 AS a, -1.0 / 0 AS b, true XOR null AS c", (float("inf"), float("-inf"), None)),
        ("RETURN CASE 2 WHEN 1 THEN 'a' WHEN 2 THEN 'b' END AS a, CASE WHEN 1 > 2 THEN 1 END AS b", ("b", None)),
        ("UNWIND [2, 1, 2] AS x RETURN count(x) AS a, count(DISTINCT x) AS b, sum(x) AS c, collect(DISTINCT x) AS d",
         (3, 2, 5, [2, 1])),
        ("MATCH (c:Concept) WHERE c.id = '-' RETURN count(*) AS n, min(c.count) AS a, collect(c.id) AS b",
         (0, None, [])),
        ("MATCH (`my c`:Concept|Seed) RETURN count(*) > 6 AS `a b`", (True,)),
        ("MATCH p = (a:Concept)-[:CO_OCCURS]->(b) RETURN max(length(p)) AS n", (1,)),
    ],
)  # fmt: skip
def test_every_function_on_the_list_means_the_same(both: Both, text: str, rows: tuple[Any, ...]) -> None:
    embedded, server = both.ask(text, {})
    assert embedded == server
    assert embedded.rows == [rows]


def test_paths_reach_the_same_concepts(both: Both) -> None:
    text = (
        "MATCH (a:Concept)-[:CO_OCCURS*1..3]-(b:Concept) WHERE a.id <> b.id "
        "RETURN DISTINCT a.id AS x, b.id AS y ORDER BY x, y"
    )
    embedded, server = both.ask(text, {})
    assert embedded == server
    assert embedded.rows


def test_columns_are_named_as_they_are_written(both: Both) -> None:
    embedded, server = both.ask("MATCH (c:Concept) RETURN c . id, c.count AS `how many` ORDER BY c.id LIMIT 2", {})
    assert embedded == server
    assert embedded.columns == ("c.id", "how many")
    assert embedded.types == ("text", "int")


def test_values_are_bound_and_never_read(both: Both) -> None:
    texts = ["') DETACH DELETE n //", "\\u0027", "`", "$x", "a\nb", "é😀", ""]
    values: list[Value] = [*texts, 2**63 - 1, -1.5, True, ["a", "b'"], None]
    for value in values:
        embedded, server = both.ask("RETURN $x AS x", {"x": value})
        assert embedded == server
        assert embedded.rows == [(value,)]


def test_an_empty_list_holds_nothing_on_both(both: Both) -> None:
    embedded, server = both.ask("MATCH (c:Concept) WHERE c.id IN $x RETURN count(*) AS n", {"x": []})
    assert embedded == server
    assert embedded.rows == [(0,)]
