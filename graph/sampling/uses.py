"""How often the topics, knowledge points, pairs and levels of a graph are used, and how thin that leaves each pair.

A pair is two concepts that occur together in a seed: an edge between topics and knowledge points. Its thinness is

    1 / ((1 + c)^8 (1 + d)^2 (1 + e)^2)

with c the questions that use both of the pair, d those that use its less used concept, and e those of the pair's level
for each pair of that level. A use of the pair itself counts most, so that all pairs are used before one is used twice;
of pairs used alike, that of a rarer concept is thinner, and then that of a level with fewer questions. (The powers were
tried on a real graph: design/022-coverage-guided-drawing.md.)

The level of a question, as of a pair, is the one at which the seeds mention its concepts most, of equals the lowest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from graph.sampling.sampler import POINT, TOPIC, GraphArrays
from graph.sampling.thinness import I64, log_power

PAIR_POWER, CONCEPT_POWER, LEVEL_POWER = 8, 2, 2


@dataclass(frozen=True, slots=True)
class Used:
    """What the questions so far use, by the numbers of a graph's n nodes; nothing, where there are none."""

    concepts: I64 = field(default_factory=lambda: np.zeros(0, np.int64))
    """Shape (n,), or (0,) for nothing: questions that use each concept."""
    pairs: I64 = field(default_factory=lambda: np.zeros((3, 0), np.int64))
    """Shape (3, k): the lower and the higher number of each pair, and the questions that use both."""
    levels: Mapping[str, int] = field(default_factory=dict)
    """Questions of each level."""


@dataclass(frozen=True, slots=True)
class SeedMentions:
    """How many seeds of each level mention each of n nodes."""

    levels: Sequence[str]
    """The L levels, the lowest first."""
    counts: I64
    """Shape (L, n)."""


class Uses:
    """Counts of uses of a graph with E pairs, begun with `used` and gone on with draws."""

    def __init__(self, graph: GraphArrays, used: Used, mentions: SeedMentions | None, level: str = "") -> None:
        """With a `level` every draw is of that level, else of the one at which the seeds mention its concepts most."""
        n = len(graph.ids)
        rows = np.repeat(np.arange(n, dtype=np.int32), np.diff(graph.indptr))
        drawable = (graph.kinds == TOPIC) | (graph.kinds == POINT)
        once = np.flatnonzero((rows < graph.indices) & drawable[rows] & drawable[graph.indices])
        self.one, self.other = rows[once], graph.indices[once]  # (E,) each, the lower number first
        self.weights = graph.weights[once]
        self._keys = self.one.astype(np.int64) * n + self.other  # (E,): rising
        self._n = n

        self.concepts = np.zeros(n, np.int64)
        self.concepts[: len(used.concepts)] = used.concepts
        at, there = self._find(used.pairs[0] * n + used.pairs[1])
        self.pairs = np.zeros(len(self._keys), np.int64)
        self.pairs[at[there]] = used.pairs[2][there]

        seeds = mentions or SeedMentions((), np.zeros((0, n), np.int64))
        self._mentions = np.vstack((seeds.counts, np.zeros((1, n), np.int64)))  # the last stands for "not known"
        self._mentions = np.hstack((self._mentions, np.zeros((len(self._mentions), 1), np.int64)))  # (L + 1, n + 1)
        self.levels = np.array([*(used.levels.get(name, 0) for name in seeds.levels), 0], np.int64)  # (L + 1,)
        self._names = list(seeds.levels)
        self._fixed = self._names.index(level) if level in self._names else None
        self._level_of_pair = self.level_of(np.stack((self.one, self.other)))
        self._pairs_of_level = np.maximum(np.bincount(self._level_of_pair, minlength=len(self.levels)), 1)

    def __len__(self) -> int:
        """E, the number of pairs."""
        return len(self._keys)

    def find(self, one: NDArray[np.int32], other: NDArray[np.int32]) -> I64:
        """The numbers of the pairs of these concepts, every one of which is a pair."""
        return self._find(np.minimum(one, other).astype(np.int64) * self._n + np.maximum(one, other))[0]

    def used(self) -> Used:
        """The counts as they stand."""
        pairs = np.flatnonzero(self.pairs)
        return Used(
            self.concepts.copy(),
            np.stack((self.one[pairs].astype(np.int64), self.other[pairs], self.pairs[pairs])),
            {name: int(count) for name, count in zip(self._names, self.levels, strict=False) if count},
        )

    def add(self, members: NDArray[np.int32], levels: I64 | None = None) -> None:
        """Count questions: `members`, shape (places, c), are the concepts of each, each once, -1 in the other places.

        `levels`, shape (c,), are numbers as `level_of` gives them. A question of no concept counts for nothing.
        """
        some = (members >= 0).any(axis=0)
        drawn = members[:, some]
        self.concepts += np.bincount(drawn[drawn >= 0], minlength=self._n)
        for place in range(1, len(drawn)):
            for earlier in range(place):
                both = np.flatnonzero((drawn[place] >= 0) & (drawn[earlier] >= 0))
                one, other = drawn[place, both], drawn[earlier, both]
                at, there = self._find(np.minimum(one, other).astype(np.int64) * self._n + np.maximum(one, other))
                self.pairs += np.bincount(at[there], minlength=len(self.pairs))
        if self._fixed is not None:
            self.levels[self._fixed] += drawn.shape[1]
        else:
            of = self.level_of(drawn) if levels is None else levels[some]
            self.levels += np.bincount(of, minlength=len(self.levels))

    def thinness(self) -> I64:
        """Shape (E,): the logarithm of each pair's thinness, as `log_power` has it; at most 0."""
        rarer = np.minimum(self.concepts[self.one], self.concepts[self.other])
        of_level = (self.levels / self._pairs_of_level)[self._level_of_pair]
        return (
            log_power(1 + self.pairs, -PAIR_POWER)
            + log_power(1 + rarer, -CONCEPT_POWER)
            + log_power(1 + of_level, -LEVEL_POWER)
        )

    def _find(self, keys: I64) -> tuple[I64, NDArray[np.bool_]]:
        """Where each key stands among the pairs, and whether it does."""
        if not len(self._keys):
            return np.zeros(len(keys), np.int64), np.zeros(len(keys), np.bool_)
        at = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        return at, self._keys[at] == keys

    def level_of(self, members: NDArray[np.int32]) -> I64:
        """Shape (c,): the number of each draw's level; the last for one that is not known."""
        sums = np.zeros((len(self._mentions), members.shape[1]), np.int64)
        for place in members:
            sums += self._mentions[:, place]
        best = sums.argmax(axis=0)  # the first of equals, which is the lowest
        unknown = len(self._mentions) - 1
        known: I64 = np.where(np.take_along_axis(sums, best[None], axis=0)[0] > 0, best, unknown)
        return known
