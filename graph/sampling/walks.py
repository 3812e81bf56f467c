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

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from graph.sampling.alias import AliasTables, alias_tables
from graph.sampling.constraints import PointCounts, TopicCounts
from graph.sampling.rand import U64, between, bits, hash64, streams
from graph.sampling.sampler import POINT, TOPIC, GraphArrays, Sampler, Starts, links

SAMPLER = "mathscale-walk/1"


class WalkSettings(TopicCounts, PointCounts):
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


class Walks(Sampler):
    """Draws compositions of one graph. Raises InputError where it has no topic to start from.

    With the paper's bounds a path is the start, up to 2 topics stepped to, and up to 5 knowledge points.
    """

    def __init__(self, graph: GraphArrays, settings: WalkSettings, seed: int) -> None:
        super().__init__(graph, topics=settings.topic_steps_max + 1)
        self._settings = settings
        self._key = hash64(f"{SAMPLER}:walk:{seed}")
        self._starts = Starts(graph, hash64(f"{SAMPLER}:order:{seed}"))
        self._topics, self._bridge, self._points = (
            alias_tables(of.indptr, of.targets, of.weights)
            for of in (links(graph, TOPIC, TOPIC), links(graph, TOPIC, POINT), links(graph, POINT, POINT))
        )

    def paths(self, indices: NDArray[np.int64]) -> NDArray[np.int32]:
        """See Sampler."""
        s = self._settings
        stream = streams(self._key, indices)
        topic_steps = between(bits(stream, 0), s.topic_steps_min, s.topic_steps_max)
        point_steps = between(bits(stream, 1), s.point_steps_min, s.point_steps_max)
        rows = np.full((s.topic_steps_max + s.point_steps_max + 2, len(indices)), -1, np.int32)
        bridge = s.topic_steps_max + 1

        here = rows[0] = self._starts.at(indices)
        lone = self._topics.degree[here] == 0
        _wander(self._topics, rows, range(1, bridge), here, np.flatnonzero(~lone), topic_steps, stream)
        crosses = self._bridge.degree[here] > 0
        if s.lone_topics == "drop":
            crosses &= ~lone
        alive = np.flatnonzero(crosses)
        here[alive] = rows[bridge, alive] = self._bridge.step(here[alive], bits(stream[alive], bridge + 2))
        _wander(self._points, rows, range(bridge + 1, len(rows)), here, alive, point_steps, stream)
        return rows

    def members(self, path: NDArray[np.int32]) -> NDArray[np.int32]:
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
