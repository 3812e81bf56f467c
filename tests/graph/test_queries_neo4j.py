"""Every shipped query on a real Neo4j and on the embedded store: the same columns, types and rows, in the same order.

Over the graph of a published data set with some thousand questions, where `shared/` lies beside the project, and over
generated ones.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pytest
from examples import some
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from query_worlds import LEVELS, RUNS, a_world, choices
from real_neo4j import Opened

from engine.workspace import Workspace
from graph.labels import graph_from_labels
from graph.loaders import load_seeds
from graph.query import Query, run_query, shipped_queries
from graph.seed import write_seeds
from graph.snapshot import Snapshot
from graph.stores import QUESTION_SCHEMA, Questions, Store
from graph.stores.ladybug import LadybugStore, project

TAL = Path(__file__).resolve().parents[2].parent / "shared/data/tal_scq/en_single_choice_train_3K.jsonl"
QUESTIONS = 2_000
CHOICES = 2
"""Random sets of parameters for each query, on each graph."""


def differences(
    one: Store, other: Store, choose: Callable[[Query], list[dict[str, Any]]], limit: int
) -> list[tuple[str, dict[str, Any], Any, Any]]:
    """Where two stores do not give the same: the query, its parameters, and both answers."""
    found = []
    for query in shipped_queries().values():
        limited = any(parameter.name == "limit" for parameter in query.parameters)
        for choice in choose(query):
            values = {**choice, "limit": limit} if limited else choice
            answers = [run_query(store, query, values, timeout_s=120) for store in (one, other)]
            shapes = [(a.columns, a.types, [[type(cell) for cell in row] for row in a.rows], a.more) for a in answers]
            if shapes[0] != shapes[1] or answers[0].rows != answers[1].rows:
                found.append((query.name, values, answers[0].rows[:5], answers[1].rows[:5]))
    return found


def questions_on(snapshot: Snapshot, random: Random) -> Questions:
    """Questions of two runs, made without a model: each uses what one seed mentions, and some of what is near it."""
    by_seed: dict[str, list[str]] = {}
    for mention in snapshot.mentions.to_pylist():
        by_seed.setdefault(mention["seed_id"], []).append(mention["concept_id"])
    mentioned, ids = list(by_seed.values()), snapshot.nodes["id"].to_pylist()
    rows = []
    for number in range(QUESTIONS):
        asked = random.choice(mentioned) + random.choice(mentioned)[:1]
        tagged = [concept if random.random() < 0.8 else random.choice(ids) for concept in asked]
        rows.append(
            {
                "id": f"q{number:05}",
                "run": RUNS[number * len(RUNS) // QUESTIONS],
                "level": random.choice(["", "high", None]),
                "asked": asked,
                "claimed": asked[: random.randint(1, 3)],
                "tagged": tagged if random.random() < 0.9 else None,
                "text_key": random.randint(0, 3 * QUESTIONS),
                "review": random.choice([None] * 8 + ["accept", "reject"]),
            }
        )
    table = pa.Table.from_pylist(rows, schema=QUESTION_SCHEMA)
    return Questions(["on a published data set"], lambda: [table])


@pytest.mark.skipif(not TAL.is_file(), reason="shared/data/tal_scq is not here")
def test_both_stores_answer_alike_over_a_graph_of_real_size(neo4j_store: Opened, tmp_path: Path) -> None:
    place = Workspace(tmp_path).prepare()
    write_seeds(load_seeds(TAL).seeds, place.seeds / "tal.parquet")
    snapshot = graph_from_labels(place, ["tal"])
    questions = questions_on(snapshot, Random("questions"))
    assert snapshot.nodes.num_rows > 200
    often = sorted(snapshot.nodes.to_pylist(), key=lambda node: (-node["count"], node["id"]))
    concepts = [*(node["name"] for node in often[:2]), *(node["id"] for node in often[2::150]), "none"]
    random = Random("parameters")
    with closing(LadybugStore(project(snapshot, place.stores, questions))) as embedded:
        server = neo4j_store(snapshot, questions)

        def chosen(query: Query) -> list[dict[str, Any]]:
            return choices(query, random, CHOICES, concepts, RUNS, ["", "high"])

        assert differences(embedded, server, chosen, 500) == []


@some(
    2,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(random=st.randoms(use_true_random=True), size=st.integers(0, 60), concepts=st.integers(2, 40))
def test_both_stores_answer_alike_over_any_graph(neo4j_store: Opened, random: Random, size: int, concepts: int) -> None:
    world, snapshot, questions = a_world(random, size, concepts)
    named = [*list(world.nodes)[:4], "it's", "shared", "none"]
    with (
        TemporaryDirectory() as folder,
        closing(LadybugStore(project(snapshot, Path(folder), questions))) as embedded,
    ):
        server = neo4j_store(snapshot, questions)

        def chosen(query: Query) -> list[dict[str, Any]]:
            return choices(query, random, CHOICES, named, RUNS, LEVELS)

        assert differences(embedded, server, chosen, 30) == []
