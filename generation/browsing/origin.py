"""The way back from a question: the draw it was composed of, the seeds shown, the seeds behind its concepts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from engine.errors import InputError
from engine.workspace import Workspace
from generation.again import draws_of, replaced_by
from generation.browsing.indexing import asked_of
from generation.browsing.opened import OpenedRun
from graph.extraction import open_seeds
from graph.neighbourhood import Map
from graph.sampling.coverage import read_coverage
from graph.sampling.opening import open_sampler
from graph.sampling.sampler import Sampler
from graph.sampling.samplers import find_sampler, sampler_settings
from graph.seed import Seed
from graph.snapshot import Snapshot
from graph.walked import Step, walk

_KEPT = 4
"""Graphs and samplers that stay opened."""
BEHIND = 5
"""Seeds at most that are told of a question's concepts."""


@dataclass(frozen=True, slots=True)
class Behind:
    """A seed that mentions concepts of a question."""

    seed: Seed
    concepts: tuple[str, ...]
    """Their names."""
    shown: bool
    """It was shown to the writer as an example."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What a question was made from."""

    graph: str
    sampler: str
    """Name and version."""
    draw: int
    """The number of the sampler's draw."""
    steps: tuple[Step, ...]
    shots: tuple[Seed, ...]
    """The examples that its writer saw, in their order, without their solutions."""
    behind: tuple[Behind, ...]
    """Seeds that mention most of its concepts together, the most first; these made the edges that were walked."""
    replaces: str | None
    """The id of the row in whose place it was made."""


def origin_of(run: OpenedRun, row: Mapping[str, Any]) -> Origin:
    """What a row of a run was made from, accepted or rejected.

    Opens the run's graph, its sampler and its seeds once. Raises InputError where one of them is gone or changed.
    """
    items, index = run.items, int(row["index"])
    view, sampler = _opened(run.workspace.root, run.spec.model_dump_json())
    draw = int(draws_of(items, np.array([index], np.int64))[0])
    seeds = seeds_of(run)
    shown = row["shots"] if row.get("shots") is not None else orjson.loads(row.get("item") or "{}").get("shots", [])
    asked = row["asked"] if row.get("asked") is not None else asked_of(row.get("item"))
    return Origin(
        graph=items["graph"],
        sampler=items["sampler"],
        draw=draw,
        steps=walk(view, sampler, draw),
        shots=tuple(seeds[seed] for seed in shown if seed in seeds),
        behind=_behind(run, view, seeds, asked, frozenset(shown)),
        replaces=replaced_by(items, [index])[0],
    )


def map_of(run: OpenedRun) -> Map:
    """The graph that a run was made from, to look around in. Raises InputError where it is gone."""
    return _opened(run.workspace.root, run.spec.model_dump_json())[0]


def seeds_of(run: OpenedRun) -> Mapping[str, Seed]:
    """The seeds that a run shows examples of, by id. Raises InputError where a set is gone or changed."""
    return _seeds(run.workspace.root, tuple((entry["name"], entry["hash"]) for entry in run.items.get("seeds", ())))


@lru_cache(_KEPT)
def _seeds(workspace: Path, sets: tuple[tuple[str, str], ...]) -> Mapping[str, Seed]:
    named = [{"name": name, "hash": found} for name, found in sets]
    return {seed.id: seed for seed in reversed(open_seeds(named, workspace))}


@lru_cache(_KEPT)
def _opened(workspace: Path, spec: str) -> tuple[Map, Sampler]:
    """The graph and the sampler of a run.json, as `generation.composition` opens them."""
    items = orjson.loads(spec)["items"]
    snapshot = Snapshot.open(Workspace(workspace).graphs / items["graph"])
    kind = find_sampler(items["sampler"])
    settings = sampler_settings(kind, items["settings"])
    coverage = read_coverage(Workspace(workspace), items["coverage"]) if "coverage" in items else None
    view = Map(snapshot)
    return view, open_sampler(kind, snapshot, settings, items["seed"], coverage=coverage, graph=view.graph)


def _behind(
    run: OpenedRun, view: Map, seeds: Mapping[str, Seed], asked: list[str], shown: frozenset[str]
) -> tuple[Behind, ...]:
    if run.snapshot is None:
        raise InputError(
            f"the graph {run.items['graph']} is no longer here; build it again: skillweave graph build SEEDS"
        )
    mentions = run.snapshot.mentions.to_pydict()
    wanted = dict.fromkeys(asked)
    found: dict[str, set[str]] = {}
    for seed, concept in zip(mentions["seed_id"], mentions["concept_id"], strict=True):
        if concept in wanted:
            found.setdefault(seed, set()).add(concept)
    ranked = Counter({seed: len(concepts) for seed, concepts in sorted(found.items()) if seed in seeds})
    return tuple(
        Behind(
            seeds[seed],
            tuple(view.node(view.place(concept)).name for concept in wanted if concept in found[seed]),
            seed in shown,
        )
        for seed, _ in ranked.most_common(BEHIND)
    )
