"""Every shipped query against the same question asked of plain Python, and how queries are written and bound."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest
from query_oracles import ORACLES
from query_worlds import LEVELS, RUNS, Row, World, a_world, choices

from engine.errors import InputError
from graph.query import FOLDER, Query, find_query, parse_query, run_query, shipped_queries
from graph.stores import Result
from graph.stores.ladybug import LadybugStore, project

CHOICES = 6
"""Of all combinations of a query's parameters, so many are tried in each world."""
CAP = 7


@dataclass
class Loaded:
    """A world and the store of it."""

    world: World
    store: LadybugStore


@pytest.fixture(scope="module", params=range(6))
def loaded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    world, snapshot, questions = a_world(Random(f"world:{request.param}"), 16 * (request.param % 3))
    store = LadybugStore(project(snapshot, tmp_path_factory.mktemp("stores"), questions))
    yield Loaded(world, store)
    store.close()


def tried(query: Query, world: World) -> list[dict[str, Any]]:
    """Combinations of what a query's parameters may be, at random, `limit` left out."""
    random = Random(f"{query.name}:{len(world.nodes)}:{len(world.questions)}")
    return choices(query, random, CHOICES, [*list(world.nodes)[:3], "it's", "shared", "none"], RUNS, LEVELS)


@pytest.mark.parametrize("name", sorted(ORACLES))
def test_a_query_answers_what_plain_python_does(loaded: Loaded, name: str) -> None:
    query = find_query(name)
    limited = any(parameter.name == "limit" for parameter in query.parameters)
    for choice in tried(query, loaded.world):
        wanted = ORACLES[name](loaded.world, **choice)
        given = {**choice, "limit": "1000"} if limited else choice
        assert run_query(loaded.store, query, given).rows == wanted, choice
    if limited:
        assert run_query(loaded.store, query, {**choice, "limit": CAP}).rows == wanted[:CAP], choice


def test_the_worlds_give_every_query_something_to_say() -> None:
    """Oracles that are always empty would prove nothing."""
    silent = set(ORACLES)
    for number in range(6):
        world, _, _ = a_world(Random(f"world:{number}"), 16 * (number % 3))
        silent -= {n for n in silent if any(ORACLES[n](world, **choice) for choice in tried(find_query(n), world))}
    assert silent == set()


def test_every_shipped_query_is_tested_and_told() -> None:
    assert set(ORACLES) == set(shipped_queries())
    assert len(ORACLES) >= 28
    for query in shipped_queries().values():
        assert query.question.endswith("?")
        for text in (query.text, *query.variants.values()):
            assert {parameter.name for parameter in query.parameters} == set(re.findall(r"\$(\w+)", text))
            returned = text[text.rindex("RETURN") :]
            assert re.findall(r" AS (\w+)", returned) == [column.name for column in query.columns], query.name
            assert "ORDER BY" in returned


def test_questions_of_a_run_or_level_can_be_asked_for_wherever_a_basis_is_taken() -> None:
    """Where not, the query is about all runs by its nature, or its counts are carried for all questions only."""
    without = {
        query.name: missing
        for query in shipped_queries().values()
        if (names := {p.name for p in query.parameters}) and "basis" in names
        if (missing := {"run", "level"} - names)
    }
    assert without == {
        "bare-questions": {"run", "level"},
        "coverage-by-level": {"level"},
        "coverage-by-run": {"run"},
        "coverage-of-pairs": {"run", "level"},
        "drift": {"run"},
        "growth": {"run", "level"},
        "thin-pairs": {"run", "level"},
        "topic-by-level": {"level"},
    }


def test_as_few_queries_as_possible_have_a_text_for_each_store() -> None:
    assert {name for name, query in shipped_queries().items() if query.variants} == {"shortest-path"}
    assert len(list(FOLDER.glob("*.cypher"))) == len(shipped_queries()) + 1


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "concept must be given"),
        ({"concept": "x", "colour": "red"}, "colour is none of its parameters"),
        ({"concept": "x", "limit": "many"}, "limit cannot be 'many'"),
        ({"concept": "x", "limit": True}, "limit cannot be True"),
        ({"concept": "x", "limit": 0}, "limit cannot be 0"),
        ({"concept": "x", "limit": 2.5}, "limit cannot be 2.5"),
        ({"concept": "x", "limit": 2**63}, f"limit cannot be {2**63}"),
    ],
)
def test_wrong_parameters_are_named_with_all_there_are(given: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError) as error:
        find_query("neighbours").bind(given)
    assert says in str(error.value)
    for part in (
        "concept (concept;",
        "limit (int 1..;",
        "20 if not given",
        "skillweave graph query neighbours --param concept",
    ):
        assert part in str(error.value)


def test_words_bounds_and_defaults_are_checked_and_typed() -> None:
    assert find_query("thin-pairs").bind({"limit": "5"}) == {"basis": "asked", "seeds": 3, "limit": 5}
    with pytest.raises(InputError, match="basis cannot be 'guessed'"):
        find_query("concepts-by-use").bind({"basis": "guessed"})
    with pytest.raises(InputError, match="hops cannot be 3"):
        find_query("neighbourhood").bind({"concept": "x", "hops": 3})
    with pytest.raises(InputError, match=r"only asked-not-found, .*skillweave graph queries"):
        find_query("nothing")


_HEADER = "// title: T\n// question: Q?\n// column id: text -- the id\n"


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("// title: T\n// question: Q?\n", "wants a title"),
        (_HEADER + "// parameter x int\n", "line 4"),
        (_HEADER + "// parameter x: date -- a day\n", "line 4"),
        (_HEADER + "// parameter x: int = many -- rows\n", "line 4"),
        (_HEADER + "// parameter x: int 1.. = 0 -- rows\n", "line 4"),
        (_HEADER + "// parameter x: a|b = c -- a word\n", "line 4"),
    ],
)
def test_a_faulty_header_names_its_line(header: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        parse_query("mine", header + "RETURN 1 AS id")


def test_columns_other_than_the_header_says_are_refused(loaded: Loaded) -> None:
    query = parse_query("mine", _HEADER + "RETURN 'a' AS other")
    with pytest.raises(InputError, match=r"returned \('other',\), and its header names \('id',\)"):
        run_query(loaded.store, query, {})


def test_a_store_of_another_dialect_gets_the_text_that_is_for_it() -> None:
    class Other:
        dialect = "other"

        def query(self, text: str, *_: object, **__: object) -> Result:
            return Result(("id",), ("text",), [(text,)], more=False)

        def close(self) -> None: ...

    query = parse_query("mine", _HEADER + "RETURN 1 AS id", {"other": "RETURN 2 AS id"})
    rows: list[Row] = run_query(Other(), query, {}).rows
    assert rows == [("RETURN 2 AS id",)]
