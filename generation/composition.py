"""A composition: the topics and knowledge points that a question is to use; and a run's items drawn from a graph.

run.json's `items` names everything that decides item i: the graph, the seeds and the coverage by their content, the
sampler, its settings, the seed, and how the shots are chosen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from engine.errors import InputError
from engine.recipe import Items
from engine.workspace import Workspace
from generation.again import AgainItems, draws_of
from generation.shots import Shot, ShotIndex, ShotSettings
from graph.extraction import open_seeds, question_text
from graph.sampling import constraints
from graph.sampling.coverage import Coverage, read_coverage
from graph.sampling.opening import level_of, open_sampler
from graph.sampling.sampler import Sampler
from graph.sampling.samplers import DEFAULT, find_sampler, sampler_settings
from graph.snapshot import Adjacency, Snapshot


class Named(NamedTuple):
    """A concept as a composition holds it."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Composition:
    """What a question is asked to use, in the order it was drawn. Without points nothing can be asked of it."""

    topics: tuple[Named, ...]
    points: tuple[Named, ...]
    """Knowledge points, or skills where the sampler draws those."""
    level: str = ""
    """The level it is asked to be of; empty where none is asked for."""


@dataclass(frozen=True, slots=True)
class MathScaleItem:
    """A composition and the seed questions shown with it."""

    composition: Composition
    shots: tuple[Shot, ...]


def describe_walks(
    graph: str,
    seeds: Sequence[Mapping[str, str]],
    seed: int,
    sampler: str = DEFAULT.id,
    settings: Mapping[str, Any] | None = None,
    shots: ShotSettings | None = None,
    coverage: str | None = None,
) -> dict[str, Any]:
    """The `items` of run.json: the graph's fingerprint, the seed sets as `{"name", "hash"}`, and the rest.

    `settings` are the sampler's, in place of its defaults; of constraints only those that are given are named.
    `coverage` is the id of the coverage that a guided sampler begins with; it begins with nothing without one. Raises
    InputError for a sampler or settings there are not, or a coverage for a sampler that does not go by one.
    """
    kind = find_sampler(sampler)
    if coverage is not None and not kind.guided:
        raise InputError(
            f"sampler {kind.name} does not go by a coverage; leave out --coverage, or give --sampler coverage-guided"
        )
    items = {
        "kind": "walks",
        "graph": graph,
        "sampler": kind.id,
        "settings": constraints.described(sampler_settings(kind, settings or {})),
        "seeds": [dict(entry) for entry in seeds],
        "seed": seed,
        "shots": (shots or ShotSettings()).model_dump(),
    }
    return items if coverage is None else {**items, "coverage": coverage}


def levels_asked(items: Mapping[str, Any], indices: pa.ChunkedArray) -> pa.Array:
    """The level that each index's composition asks for, by the `items` of its run.json; null where it asks for none."""
    levels = items.get("settings", {}).get("levels", ())
    if not levels:
        return pa.nulls(len(indices), pa.string())
    drawn = draws_of(items, indices.to_numpy().astype(np.int64))
    return pa.array([level_of(levels, index) for index in drawn.tolist()], pa.string())


def check_draws(workspace: Workspace, snapshot: Snapshot, items: Mapping[str, Any]) -> None:
    """Raises InputError where what `describe_walks` described asks for what the graph cannot give. Changes no file."""
    kind = find_sampler(items["sampler"])
    settings = sampler_settings(kind, items["settings"])
    if constraints.constraints_of(settings):
        open_sampler(kind, snapshot, settings, items["seed"], coverage=_coverage(items, workspace))


def _coverage(items: Mapping[str, Any], workspace: Workspace) -> Coverage | None:
    return read_coverage(workspace, items["coverage"]) if "coverage" in items else None


class CompositionItems:
    """Compositions drawn from a graph with their shots, without end; item i is a pure function of run.json."""

    def __init__(
        self, graph: Adjacency, sampler: Sampler, shots: ShotIndex, seed: int, levels: Sequence[str] = ()
    ) -> None:
        self._sampler, self._shots, self._seed, self._levels = sampler, shots, seed, levels
        self._named = [Named(*pair) for pair in zip(graph.ids, graph.names, strict=True)]

    @classmethod
    def open(cls, described: Mapping[str, Any], workspace: Path) -> CompositionItems:
        """Open the items that `describe_walks` described. Raises InputError where an input is missing or changed."""
        if described.get("kind") != "walks":
            raise InputError(
                f"this recipe works on walks through a graph, not on {described.get('kind')!r}; begin a new run: "
                "skillweave generate"
            )
        kind = find_sampler(described["sampler"])
        snapshot = Snapshot.open(Workspace(workspace).graphs / described["graph"])
        graph = snapshot.adjacency()
        settings = ShotSettings(**described["shots"])
        questions = {seed.id: question_text(seed) for seed in reversed(open_seeds(described["seeds"], workspace))}
        shots = ShotIndex(graph, snapshot.mentions, questions, settings)
        if settings.count and not len(shots):
            raise InputError(
                f"no seed of {', '.join(entry['name'] for entry in described['seeds']) or 'no set'} has a knowledge "
                f"point in the graph {described['graph']}, so no example can be shown; ask without examples: "
                "skillweave generate --shots 0"
            )
        drawing = sampler_settings(kind, described["settings"])
        counted = _coverage(described, Workspace(workspace))
        sampler = open_sampler(kind, snapshot, drawing, described["seed"], coverage=counted, graph=graph)
        return cls(graph, sampler, shots, described["seed"], described["settings"].get("levels", ()))

    @property
    def size(self) -> int | None:
        """None: draws never end, though new sets of concepts may."""
        return None

    def take(self, indices: NDArray[np.int64]) -> Sequence[MathScaleItem]:
        """The items at `indices`, shape (n,)."""
        drawn = self._sampler.at(indices)
        items = []
        for index, topics, points in zip(indices.tolist(), drawn.topics.tolist(), drawn.points.tolist(), strict=True):
            there = [point for point in points if point >= 0]
            shots = self._shots.choose(there, Random(f"shots:{self._seed}:{index}")) if there else ()
            named = tuple(self._named[topic] for topic in topics if topic >= 0)
            points_named = tuple(self._named[point] for point in there)
            items.append(MathScaleItem(Composition(named, points_named, level_of(self._levels, index)), shots))
        return items

    def identities(self, start: int, stop: int) -> NDArray[np.uint64]:
        """Shape (stop - start,): one number for each set of concepts."""
        return self._sampler.identities(start, stop)

    def describe(self, item: MathScaleItem) -> Mapping[str, Any]:
        """The composition by ids and names, its level where one is asked for, and the ids of the seeds shown."""
        level = item.composition.level
        return {
            **({"level": level} if level else {}),
            "topics": [topic._asdict() for topic in item.composition.topics],
            "knowledge_points": [point._asdict() for point in item.composition.points],
            "shots": [shot.seed_id for shot in item.shots],
        }


def open_compositions(described: Mapping[str, Any], workspace: Path) -> Items[MathScaleItem]:
    """The items of a run.json: what `describe_walks` described, or those of its indices that are made again."""
    items = CompositionItems.open(described, workspace)
    if "again" not in described:
        return items
    return AgainItems(items, draws_of(described, np.arange(described["size"])))
