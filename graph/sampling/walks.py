"""The paper's walk: one walk through the concept graph is one composition (MathScale, arXiv 2403.02884).

From a start topic, 1-2 steps along topic-topic edges, one step to a knowledge point, 0-4 steps along edges between
knowledge points. A step goes to a neighbour v of u within its sub-graph with the probability w_uv over the sum of w_uv.
Every topic is the start once in each epoch: draw i belongs to epoch i // T, T being the number of topics, and the
topics come in a random order of that epoch.

Where the paper is silent, version 1 of the sampler does this; what another could want otherwise is a setting:

- each number of steps within its bounds is equally likely;
- a walk may come back; a concept counts once, where it was first met;
- a node without a neighbour in the sub-graph ends that part of the walk there (`lone_topics` for a start topic);
- a last topic without a knowledge point gives a composition without points: nothing can be asked of it, and a recipe
  rejects it with a reason and without a call.

Draw i is a pure function of (graph, sampler name and version, settings, seed, i).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from engine.errors import InputError
from engine.recipe import Settings
from graph.concept import KINDS
from graph.sampling.alias import AliasTables, alias_tables
from graph.sampling.rand import U64, below, bits, hash64, mix, streams

SAMPLER = "mathscale-walk/1"
TOPIC, POINT = KINDS.index("topic"), KINDS.index("knowledge_point")
_BLOCK = 1 << 15  # draws at a time: the arrays of a block stay in the processor's cache


class WalkSettings(Settings):
    """How far a walk goes, and what counts. The bounds are the paper's, the rest is ours."""

    topic_steps_min: int = Field(1, ge=0, description="fewest steps along topic-topic edges")
    topic_steps_max: int = Field(2, ge=0, le=16, description="most steps along topic-topic edges")
    point_steps_min: int = Field(0, ge=0, description="fewest steps along edges between knowledge points")
    point_steps_max: int = Field(4, ge=0, le=16, description="most steps along edges between knowledge points")
    start_counts: bool = Field(True, description="the start topic belongs to the composition though no step led to it")
    lone_topics: Literal["stay", "drop"] = Field(
        "stay",
        description="a start topic that no other topic occurs with: the walk goes on from it, or ends without points",
    )

    @model_validator(mode="after")
    def _bounds(self) -> WalkSettings:
        if self.topic_steps_min > self.topic_steps_max or self.point_steps_min > self.point_steps_max:
            raise ValueError("the fewest steps are more than the most")
        return self


class GraphArrays(Protocol):
    """What a walk needs of a graph of n nodes and m edges; `Snapshot.adjacency()` has it."""

    @property
    def ids(self) -> list[str]:
        """The ids of the nodes."""

    @property
    def kinds(self) -> NDArray[np.uint8]:
        """Shape (n,): the place of a node's kind in KINDS."""

    @property
    def indptr(self) -> NDArray[np.int64]:
        """Shape (n + 1,): the neighbours of i stand at indptr[i]..indptr[i + 1]."""

    @property
    def indices(self) -> NDArray[np.int32]:
        """Shape (2m,): each edge stands at both its ends."""

    @property
    def weights(self) -> NDArray[np.int64]:
        """Shape (2m,): in how many seeds the two occur together."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """n walks. Numbers are those of the graph's nodes; -1 means none. With the paper's bounds t = 3, p = 5."""

    path: NDArray[np.int32]
    """Shape (n, t + p): the start and the topics stepped to, then the knowledge points; -1 where no step was made."""
    topics: NDArray[np.int32]
    """Shape (n, t): the topics of the composition where they were first met, -1 in the other places."""
    points: NDArray[np.int32]
    """Shape (n, p): likewise its knowledge points."""


class Walks:
    """Draws compositions of one graph. Raises InputError where it has no topic to start from."""

    def __init__(self, graph: GraphArrays, settings: WalkSettings, seed: int) -> None:
        self._settings = settings
        self._order_key, self._walk_key = hash64(f"{SAMPLER}:order:{seed}"), hash64(f"{SAMPLER}:walk:{seed}")
        self._starts = np.flatnonzero(graph.kinds == TOPIC).astype(np.int32)  # (T,)
        if not len(self._starts):
            raise InputError(
                "the graph has no topic for a walk to start from; build one of more seeds: skillweave graph build"
            )
        self._topics = _sub_graph(graph, TOPIC, TOPIC)
        self._bridge = _sub_graph(graph, TOPIC, POINT)
        self._points = _sub_graph(graph, POINT, POINT)
        # (n + 1,): the last stands for "none", which adds nothing
        self._hashes = np.append(mix(np.array([hash64(i) for i in graph.ids], np.uint64)), np.uint64(0))

    @property
    def epoch(self) -> int:
        """T, the number of topics: the draws of an epoch."""
        return len(self._starts)

    def draw(self, start: int, stop: int) -> Drawn:
        """Draws start..stop-1."""
        return self.at(np.arange(start, stop, dtype=np.int64))

    def at(self, indices: NDArray[np.int64]) -> Drawn:
        """The draws at `indices`, shape (n,), none negative, in their order."""
        paths = [self._walk(block) for block in _blocks(indices)]
        path, members = np.hstack(paths), np.hstack([self._members(p) for p in paths])
        topics = self._settings.topic_steps_max + 1
        return Drawn(path.T, members[:topics].T, members[topics:].T)

    def identities(self, start: int, stop: int) -> U64:
        """Shape (stop - start,): one number for each set of concepts, whatever their order and the nodes' numbers.

        A sum of hashes of the concepts' ids: that two of 2 million different sets share it has odds of 1e-7.
        """
        blocks = _blocks(np.arange(start, stop, dtype=np.int64))
        return np.concatenate([mix(self._hashes[self._members(self._walk(b))].sum(axis=0)) for b in blocks])

    def _start(self, indices: NDArray[np.int64]) -> NDArray[np.int32]:
        """The start topic of each draw.

        An epoch's order sorts the topics by random numbers that hold the topic in their lowest bits: none are equal.
        """
        epochs, which = np.unique(indices // self.epoch, return_inverse=True)
        topic = np.arange(self.epoch, dtype=np.uint64)
        low = np.uint64((1 << (self.epoch - 1).bit_length()) - 1)
        random = mix(streams(self._order_key, epochs)[:, None] + mix(topic))  # (epochs, T)
        order = np.sort((random & ~low) | topic, axis=1) & low
        start: NDArray[np.int32] = self._starts[order[which, indices % self.epoch]]
        return start

    def _walk(self, indices: NDArray[np.int64]) -> NDArray[np.int32]:
        """The paths of one block, shape (t + p, n): a row a step."""
        s = self._settings
        stream = streams(self._walk_key, indices)
        topic_steps = s.topic_steps_min + _range(bits(stream, 0), s.topic_steps_max - s.topic_steps_min + 1)
        point_steps = s.point_steps_min + _range(bits(stream, 1), s.point_steps_max - s.point_steps_min + 1)
        rows = np.full((s.topic_steps_max + s.point_steps_max + 2, len(indices)), -1, np.int32)
        bridge = s.topic_steps_max + 1

        here = rows[0] = self._start(indices)
        lone = self._topics.degree[here] == 0
        _wander(self._topics, rows, range(1, bridge), here, np.flatnonzero(~lone), topic_steps, stream)
        crosses = self._bridge.degree[here] > 0
        if s.lone_topics == "drop":
            crosses &= ~lone
        alive = np.flatnonzero(crosses)
        here[alive] = rows[bridge, alive] = self._bridge.step(here[alive], bits(stream[alive], bridge + 2))
        _wander(self._points, rows, range(bridge + 1, len(rows)), here, alive, point_steps, stream)
        return rows

    def _members(self, path: NDArray[np.int32]) -> NDArray[np.int32]:
        """The path with each concept left only where it was first met, and the start only where it counts."""
        members = path.copy()
        if not self._settings.start_counts:
            members[0] = -1
        bridge = self._settings.topic_steps_max + 1
        for part in (members[:bridge], members[bridge:]):
            for later in range(1, len(part)):
                for earlier in range(later):
                    np.copyto(part[later], -1, where=part[later] == part[earlier])
        return members


def _wander(
    tables: AliasTables,
    rows: NDArray[np.int32],
    places: range,
    here: NDArray[np.int32],
    alive: NDArray[np.int64],
    steps: NDArray[np.int64],
    stream: U64,
) -> None:
    """Let the `alive` walks go on from `here`, each its number of `steps`; fill rows[places] and move `here` along."""
    for made, place in enumerate(places):
        at = here[alive]
        goes = (steps[alive] > made) & (tables.degree[at] > 0)
        alive = alive[goes]
        here[alive] = rows[place, alive] = tables.step(at[goes], bits(stream[alive], place + 2))


def _range(random: U64, size: int) -> NDArray[np.int64]:
    return below(random, np.uint64(size)).astype(np.int64)


def _sub_graph(graph: GraphArrays, source: int, target: int) -> AliasTables:
    """The links from nodes of one kind to nodes of another; all nodes keep their numbers."""
    rows = np.repeat(np.arange(len(graph.ids)), np.diff(graph.indptr))
    kept = (graph.kinds[rows] == source) & (graph.kinds[graph.indices] == target)
    indptr = np.zeros(len(graph.ids) + 1, np.int64)
    np.cumsum(np.bincount(rows[kept], minlength=len(graph.ids)), out=indptr[1:])
    return alias_tables(indptr, graph.indices[kept], graph.weights[kept])


def _blocks(indices: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    return [indices[i : i + _BLOCK] for i in range(0, max(len(indices), 1), _BLOCK)]
