"""What the page keeps between two looks, by what decides it: nothing kept is ever old."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from app.state import Looked
from engine.call import content_hash
from engine.models import known_prices
from generation.browsing import (
    Count,
    Filter,
    Nearest,
    OpenedRun,
    Origin,
    Standing,
    Talk,
    count,
    neighbours,
    origin_of,
    standing_of,
    talks_of,
)
from generation.quality.plan import read_plan
from generation.reviews import verdicts
from graph.similar import embedder_of

KEPT = 64
State = tuple[Any, ...]


def state_of(runs: Sequence[OpenedRun]) -> State:
    """What decides the rows of these runs: it changes when shards are sealed, and with a run's target."""
    return tuple((str(run.folder), len(run.seals), run.stop) for run in runs)


def standing_now(looked: Looked, runs: Sequence[OpenedRun]) -> Standing:
    """What checks say of the runs."""
    return _standing(state_of(runs), read_plan(looked.place).model_dump_json(), runs)


@st.cache_resource(max_entries=KEPT, show_spinner="Reading what the checks found ...", ttl=60)
def _standing(state: State, plan: str, _runs: Sequence[OpenedRun]) -> Standing:  # noqa: ARG001 - the key
    return standing_of(_runs)


def count_now(looked: Looked, runs: Sequence[OpenedRun], chosen: Filter, standing: Standing) -> Count:
    """How many rows are as the filter asks."""
    said = content_hash(verdicts(looked.place)) if chosen.review else ""
    return _count(state_of(runs), repr(chosen), f"{said} {standing.file}", runs, chosen, standing)


@st.cache_resource(max_entries=KEPT, show_spinner=False, ttl=600)
def _count(
    state: State, asked: str, said: str, _runs: Sequence[OpenedRun], _chosen: Filter, _standing: Standing  # noqa: ARG001 - the key
) -> Count:  # fmt: skip
    return count(_runs, _chosen, standing=_standing)


@st.cache_resource(max_entries=KEPT, show_spinner="Following it back ...")
def _origin(run_id: str, question: str, _run: OpenedRun, _row: Mapping[str, Any]) -> Origin:  # noqa: ARG001 - the key
    return origin_of(_run, _row)


def origin_now(run: OpenedRun, row: Mapping[str, Any]) -> Origin:
    """What a row was made from."""
    return _origin(run.spec.id, row["id"], run, row)


@st.cache_resource(max_entries=KEPT, show_spinner="Looking for what is near ...", ttl=600)
def _nearest(
    state: State, question: str, _looked: Looked, _runs: Sequence[OpenedRun], _run: OpenedRun, _row: Mapping[str, Any]  # noqa: ARG001 - the key
) -> Nearest:  # fmt: skip
    return neighbours(_runs, _run, _row, embedder_of(_looked.snapshot))


def nearest_now(looked: Looked, runs: Sequence[OpenedRun], run: OpenedRun, row: Mapping[str, Any]) -> Nearest:
    """What is near a question. Raises InputError where the graph's model cannot be opened."""
    return _nearest(state_of(runs), row["id"], looked, runs, run, row)


def talks_now(looked: Looked, run: OpenedRun, row: Mapping[str, Any]) -> list[Talk]:
    """The conversations about a row."""
    return talks_of(run, row, known_prices(looked.place))
