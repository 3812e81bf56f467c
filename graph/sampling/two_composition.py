"""The variant `two-composition`: what the paper's authors' later public code does for the same method.

Of every topic in every epoch up to two compositions are made: one of the topic alone, one of it and another topic that
occurs with it, drawn by the number of seeds in which both do. The first knowledge point is one that occurs with the
topic, or with both of the two, drawn by their (summed) counts. From there a path of 1-5 knowledge points in all, each
length equally likely, follows edges between knowledge points and never comes back. A step goes to v with a probability
in proportion to w_uv + eps over all knowledge points not yet on the path, so it leaps to one that never occurs with u
in about 8 of 100 steps from a node of total weight 1 in the paper's graph, and in 2 of 100 at 4 (eps = 1e-5).

A draw gives nothing, and is empty, where there is no other topic, no first knowledge point, or where the path meets a
dead end before its length: a knowledge point without a neighbour that is not on the path. All empty draws are equal,
so a run counts them as repeats but for the first, which its recipe rejects without a call.

Draws 2j and 2j + 1 are the two of turn j; turn j belongs to epoch j // T, T being the number of topics. Draw i is a
pure function of (graph, sampler name and version, settings, seed, i).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from graph.sampling.alias import AliasTables, alias_tables
from graph.sampling.avoiding import BITS_A_STEP, AvoidingSteps
from graph.sampling.constraints import TopicCounts
from graph.sampling.rand import between, bits, hash64, streams
from graph.sampling.sampler import POINT, TOPIC, GraphArrays, Links, Sampler, Starts, links

SAMPLER = "two-composition/1"
_LENGTH, _OTHER, _FIRST, _STEPS = 0, 1, 2, 3  # which random numbers of a draw's stream are for what
_TOPICS = 2


class TwoCompositionSettings(TopicCounts):
    """How long a path is and how often it leaps. The defaults are those of the authors' code."""

    points_min: int = Field(1, ge=1, description="fewest knowledge points of a composition")
    points_max: int = Field(5, ge=1, le=16, description="most knowledge points of a composition")
    epsilon: float = Field(
        1e-5, ge=0, le=1, description="weight of two knowledge points that never occur together; 0: no leaps"
    )

    @model_validator(mode="after")
    def _bounds(self) -> TwoCompositionSettings:
        if self.points_min > self.points_max:
            raise ValueError("the fewest knowledge points are more than the most")
        return self


class TwoComposition(Sampler):
    """Draws compositions of one graph. Raises InputError where it has no topic to start from."""

    def __init__(self, graph: GraphArrays, settings: TwoCompositionSettings, seed: int) -> None:
        super().__init__(graph, topics=_TOPICS)
        self._settings = settings
        self._key = hash64(f"{SAMPLER}:walk:{seed}")
        self._starts = Starts(graph, hash64(f"{SAMPLER}:order:{seed}"))
        between_topics, of_topics = links(graph, TOPIC, TOPIC), links(graph, TOPIC, POINT)
        self._others = alias_tables(between_topics.indptr, between_topics.targets, between_topics.weights)
        self._alone = alias_tables(of_topics.indptr, of_topics.targets, of_topics.weights)
        self._pairs, self._together = _common_points(between_topics, of_topics)
        points = np.flatnonzero(graph.kinds == POINT).astype(np.int32)
        self._steps = AvoidingSteps(links(graph, POINT, POINT), points, settings.epsilon)

    def paths(self, indices: NDArray[np.int64]) -> NDArray[np.int32]:
        """See Sampler."""
        stream = streams(self._key, indices)
        length = between(bits(stream, _LENGTH), self._settings.points_min, self._settings.points_max)
        rows = np.full((_TOPICS + self._settings.points_max, len(indices)), -1, np.int32)
        topic = rows[0] = self._starts.at(indices >> 1)

        alone = np.flatnonzero((indices & 1 == 0) & (self._alone.degree[topic] > 0))
        rows[_TOPICS, alone] = self._alone.step(topic[alone], bits(stream[alone], _FIRST))

        both = np.flatnonzero((indices & 1 == 1) & (self._others.degree[topic] > 0))
        other = rows[1, both] = self._others.step(topic[both], bits(stream[both], _OTHER))
        pair = np.searchsorted(self._pairs, _pair_key(topic[both], other, len(self._hashes))).astype(np.int32)
        meets = self._together.degree[pair] > 0
        both, pair = both[meets], pair[meets]
        rows[_TOPICS, both] = self._together.step(pair, bits(stream[both], _FIRST))

        for made in range(1, self._settings.points_max):
            path = rows[_TOPICS : _TOPICS + made]
            alive = np.flatnonzero((length > made) & (path[-1] >= 0))
            alive = alive[self._steps.goes_on(path[:, alive])]
            first = _STEPS + BITS_A_STEP * (made - 1)
            rows[_TOPICS + made, alive] = self._steps.step(path[:, alive], stream[alive], first)
        rows[:, (rows[_TOPICS:] >= 0).sum(axis=0) < length] = -1
        return rows


def _pair_key(one: NDArray[np.int32], other: NDArray[np.int32], n: int) -> NDArray[np.int64]:
    """One number for each pair of nodes, whatever their order; `n` is more than any node."""
    return np.minimum(one, other).astype(np.int64) * n + np.maximum(one, other)


def _common_points(between_topics: Links, of_topics: Links) -> tuple[NDArray[np.int64], AliasTables]:
    """The pairs of topics that occur together, as rising keys (P,), and for each a table of their common points.

    A point's weight is the sum of its counts with the two. Takes, for each pair, the points of the topic with fewer.
    """
    n = len(between_topics.indptr)  # one more than nodes, as in `_hashes`
    topic = np.repeat(np.arange(n - 1, dtype=np.int32), np.diff(between_topics.indptr))
    once = topic < between_topics.targets
    one, other = topic[once], between_topics.targets[once]  # (P,)
    pairs = _pair_key(one, other, n)

    degree = np.diff(of_topics.indptr)
    fewer = np.where(degree[one] <= degree[other], one, other)
    more = one + other - fewer
    pair = np.repeat(np.arange(len(pairs)), degree[fewer])
    begin = np.cumsum(degree[fewer]) - degree[fewer]
    mine = of_topics.indptr[fewer][pair] + np.arange(len(pair)) - begin[pair]  # links of the topic with fewer
    keys = np.append(np.repeat(np.arange(n - 1), degree) * n + of_topics.targets, np.iinfo(np.int64).max)
    wanted = more[pair].astype(np.int64) * n + of_topics.targets[mine]
    theirs = np.searchsorted(keys, wanted)
    common = keys[theirs] == wanted
    mine, theirs = mine[common], theirs[common]
    indptr = np.concatenate((np.zeros(1, np.int64), np.cumsum(np.bincount(pair[common], minlength=len(pairs)))))
    return pairs, alias_tables(indptr, of_topics.targets[mine], of_topics.weights[mine] + of_topics.weights[theirs])
