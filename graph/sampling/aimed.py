"""Walks like the paper's that can be made to use a given pair, and whose steps go by weights that can be changed.

A walk that aims at a pair of topics begins with it, in either direction. One that aims at a topic and a knowledge point
crosses from one to the other, its topics made from the last one back; one that aims at two knowledge points begins its
points with them, in either direction, under a topic drawn for the first. Its numbers of steps are the paper's, but
enough for the pair; and a step that would come back is made again, up to `TRIES` times. A walk without an aim is the
paper's, from a given start topic.

Two knowledge points of which neither occurs with a topic cannot be aimed at: a walk can only come to them by chance.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graph.sampling.alias import AliasTables, alias_tables
from graph.sampling.rand import U64, between, bits, coin
from graph.sampling.sampler import POINT, TOPIC, GraphArrays, Links, links
from graph.sampling.thinness import I64, weights_of
from graph.sampling.uses import Uses
from graph.sampling.walks import WalkSettings

TRIES = 3
_TOPIC_STEPS, _POINT_STEPS, _TURN, _ABOVE, _BRIDGE, _STEPS = range(6)  # which random numbers of a stream are for what
_WIDTH = 30
_NONE = np.int32(-1)


class AimedWalks:
    """Walks through a graph; `step_by` must be called before the first."""

    def __init__(self, graph: GraphArrays, uses: Uses, settings: WalkSettings) -> None:
        self._settings, self._uses = settings, uses
        self._is_topic = graph.kinds == TOPIC
        self._topics = _Steps(links(graph, TOPIC, TOPIC), uses)
        self._down = _Steps(links(graph, TOPIC, POINT), uses)
        self._up = _Steps(links(graph, POINT, TOPIC), uses)
        self._points = _Steps(links(graph, POINT, POINT), uses)
        self._lone = self._is_topic & (self._topics.degree == 0)

    def aimable(self) -> NDArray[np.bool_]:
        """Shape (E,): whether a walk can be made to use each pair."""
        s, one, other = self._settings, self._uses.one, self._uses.other
        topics = self._is_topic[one].astype(int) + self._is_topic[other]
        under = (self._up.degree > 0)[one] | (self._up.degree > 0)[other]
        can = np.choose(topics, (under & (s.point_steps_max > 0), np.True_, np.bool_(s.topic_steps_max > 0)))
        if s.lone_topics == "drop":
            can = can & ~((topics == 1) & (self._lone[one] | self._lone[other]))
        aimable: NDArray[np.bool_] = can.astype(np.bool_)
        return aimable

    def step_by(self, logs: I64) -> None:
        """From now on a step along pair e has the weight whose logarithm is `logs[e]`, shape (E,)."""
        for steps in (self._topics, self._down, self._up, self._points):
            steps.weigh(logs)

    def paths(self, starts: NDArray[np.int32], aims: I64, stream: U64) -> NDArray[np.int32]:
        """Shape (places, c): walks that use the pairs `aims`, or begin at `starts` where the aim is negative."""
        s, c = self._settings, len(aims)
        topic_steps = between(bits(stream, _TOPIC_STEPS), s.topic_steps_min, s.topic_steps_max)
        point_steps = between(bits(stream, _POINT_STEPS), s.point_steps_min, s.point_steps_max)
        one, other = self._ends(aims, stream)
        aimed = aims >= 0
        in_topics = aimed & self._is_topic[other]
        in_points = aimed & ~self._is_topic[one]
        across = aimed & ~in_topics & ~in_points

        bridge = s.topic_steps_max + 1
        rows = np.full((bridge + s.point_steps_max + 1, c), _NONE)
        topics, points = rows[:bridge], rows[bridge:]
        topics[0] = np.where(aimed, one, starts)
        topics[0, in_points] = self._up.tables.step(one[in_points], bits(stream[in_points], _ABOVE))
        if s.topic_steps_max:
            topics[1, in_topics] = other[in_topics]
        self._wander(self._topics.tables, topics, np.maximum(topic_steps, in_topics), in_topics, aimed, stream, _STEPS)
        _turn_round(topics, np.flatnonzero(across | in_points))

        last = topics[(topics >= 0).sum(axis=0) - 1, np.arange(c)]
        crosses = self._down.degree[last] > 0
        if s.lone_topics == "drop":
            crosses &= ~self._lone[topics[0]]
        free = np.flatnonzero(crosses & ~across & ~in_points)
        points[0, free] = self._down.tables.step(last[free], bits(stream[free], _BRIDGE))
        points[0, across & crosses] = other[across & crosses]
        points[0, in_points & crosses] = one[in_points & crosses]
        if s.point_steps_max:
            points[1, in_points & crosses] = other[in_points & crosses]
        first = _STEPS + s.topic_steps_max * (1 + TRIES)
        self._wander(self._points.tables, points, np.maximum(point_steps, in_points), in_points, aimed, stream, first)
        return rows

    def _ends(self, aims: I64, stream: U64) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """The two concepts of each aim as the walk comes to them: topics first, the one under a topic first."""
        if not len(self._uses):
            none = np.zeros(len(aims), np.int32)
            return none, none
        one, other = self._uses.one[aims], self._uses.other[aims]
        turned = coin(bits(stream, _TURN)) & np.uint64(1) > 0
        under = self._up.degree > 0
        alike = self._is_topic[one] == self._is_topic[other]
        free = self._is_topic[one] | (under[one] == under[other])
        turned = np.where(alike, np.where(free, turned, under[other]), self._is_topic[other])
        return np.where(turned, other, one), np.where(turned, one, other)

    def _wander(
        self,
        tables: AliasTables,
        part: NDArray[np.int32],
        steps: NDArray[np.int64],
        begun: NDArray[np.bool_],
        aimed: NDArray[np.bool_],
        stream: U64,
        first: int,
    ) -> None:
        """Fill `part`, one kind's places of the walks, as far as each has steps; of those begun the first is made."""
        for made in range(len(part) - 1):
            goes = np.flatnonzero((steps > made) & (part[made] >= 0) & ~(begun if made == 0 else np.False_))
            goes = goes[tables.degree[part[made, goes]] > 0]
            here, mine = part[made, goes], stream[goes]
            number = first + made * (1 + TRIES)
            reached = tables.step(here, bits(mine, number))
            for again in range(1, TRIES + 1):
                back = np.flatnonzero(aimed[goes] & (part[: made + 1, goes] == reached).any(axis=0))
                reached[back] = tables.step(here[back], bits(mine[back], number + again))
            part[made + 1, goes] = reached


class _Steps:
    """Steps from nodes of one kind to nodes of another by weights of their pairs."""

    def __init__(self, of: Links, uses: Uses) -> None:
        self._of = of
        self.degree = np.diff(of.indptr)
        self._from = np.repeat(np.arange(len(self.degree), dtype=np.int32), self.degree)
        self._pairs = uses.find(self._from, of.targets)
        self._linked = np.flatnonzero(self.degree)
        # the weights of a node must add up to less than 2^31
        self._width = (_WIDTH - np.ceil(np.log2(np.maximum(self.degree, 1)))).astype(np.int64)

    def weigh(self, logs: I64) -> None:
        mine = logs[self._pairs]
        top = np.zeros(len(self.degree), np.int64)
        if len(self._linked):
            top[self._linked] = np.maximum.reduceat(mine, self._of.indptr[self._linked])
        weights = weights_of(mine, top[self._from], self._width[self._from])
        self.tables = alias_tables(self._of.indptr, self._of.targets, weights)


def _turn_round(part: NDArray[np.int32], which: NDArray[np.int64]) -> None:
    """Let what is filled of these columns run the other way."""
    filled = (part[:, which] >= 0).sum(axis=0)
    for length in range(2, len(part) + 1):
        columns = which[filled == length]
        part[:length, columns] = part[:length, columns][::-1]
