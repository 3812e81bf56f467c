"""Skill pairs: sets of skills drawn together, in the way of MATH^2 (arXiv 2407.21009) and Instruct-SkillMix
(arXiv 2408.14774).

The skills are the concepts of the kind `skill`, or the knowledge points where a graph has no skills. A draw is a set of
one to four different ones, two by default:

- `uniform`: every set is equally likely, whether its skills ever occur together or not. With `min_distance` d every set
  of which any two are at least d edges apart in the concept graph is equally likely: 1 asks nothing, 2 that no seed
  holds two of them, 3 that no concept occurs with two of them either. Sets that are not are drawn again; a draw that
  finds none in 256 tries is empty.
- `co-occurrence`: a pair is as likely as the number of seeds that hold both.

Draw i is a pure function of (graph, sampler name and version, settings, seed, i).
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from engine.errors import InputError
from graph.sampling.alias import alias_tables
from graph.sampling.constraints import Constraints
from graph.sampling.near import is_near, near, near_pairs
from graph.sampling.rand import U64, below, bits, hash64, streams
from graph.sampling.sampler import POINT, SKILL, GraphArrays, Sampler, links

SAMPLER = "skill-pairs/1"
_TRIES = 256


class PairSettings(Constraints):
    """Which sets are drawn."""

    size: int = Field(2, ge=1, le=4, description="skills in a set")
    weights: Literal["uniform", "co-occurrence"] = Field(
        "uniform", description="every set equally likely, or a pair by the number of seeds that hold both"
    )
    min_distance: int = Field(1, ge=1, le=16, description="edges between any two of a set, at least")

    @model_validator(mode="after")
    def _fitting(self) -> PairSettings:
        if self.weights == "co-occurrence" and (self.size != 2 or self.min_distance != 1):
            raise ValueError("co-occurrence weighs pairs that are one edge apart: leave size and min_distance as is")
        return self


class SkillPairs(Sampler):
    """Draws sets of skills of one graph, as `points`. Raises InputError where no set can be drawn."""

    def __init__(self, graph: GraphArrays, settings: PairSettings, seed: int) -> None:
        super().__init__(graph, topics=0)
        self._size = settings.size
        self._key = hash64(f"{SAMPLER}:{seed}")
        kind, name = (SKILL, "skills") if (graph.kinds == SKILL).any() else (POINT, "knowledge points")
        self._nodes = np.flatnonzero(graph.kinds == kind).astype(np.int32)  # (k,)
        k = len(self._nodes)
        if k < self._size:
            raise InputError(
                f"the graph has {k} {name}, too few for sets of {self._size}; build one of more seeds: "
                "skillweave graph build SEEDS, or draw smaller ones: --sampler-set size=1"
            )
        self._near: U64 | None = None
        if settings.min_distance > 1 and self._size > 1:
            self._near = near(graph, self._nodes, settings.min_distance - 1)
            if near_pairs(self._near) == k * (k - 1) // 2:
                raise InputError(
                    f"no two {name} of the graph are {settings.min_distance} edges apart; ask for less: "
                    f"--sampler-set min_distance={settings.min_distance - 1}"
                )
        self._edges: NDArray[np.int32] | None = None
        if settings.weights == "co-occurrence":
            of = links(graph, kind, kind)
            source = np.repeat(np.arange(len(graph.ids), dtype=np.int32), np.diff(of.indptr))
            once = source < of.targets
            self._edges = np.stack((source[once], of.targets[once]))  # (2, e)
            e = self._edges.shape[1]
            if not e:
                raise InputError(
                    f"no two {name} of the graph occur together; draw them all: --sampler-set weights=uniform"
                )
            self._table = alias_tables(np.array([0, e]), np.arange(e, dtype=np.int32), of.weights[once])

    def paths(self, indices: NDArray[np.int64]) -> NDArray[np.int32]:
        """See Sampler."""
        stream = streams(self._key, indices)
        if self._edges is not None:
            edge = self._table.step(np.zeros(len(indices), np.int32), bits(stream, 0))
            pairs: NDArray[np.int32] = self._edges[:, edge]
            return pairs
        rows = np.full((self._size, len(indices)), -1, np.int32)
        left = np.arange(len(indices))
        for attempt in range(1 if self._near is None else _TRIES):
            ranks = self._subsets(stream[left], attempt)
            apart = self._apart(ranks)
            rows[:, left[apart]] = self._nodes[ranks[:, apart]]
            left = left[~apart]
            if not len(left):
                break
        return rows

    def _subsets(self, stream: U64, attempt: int) -> NDArray[np.int64]:
        """Shape (size, c): different ranks of skills, every set equally likely.

        The j-th is drawn from the k - j that are left and moved up past those drawn before, in their order.
        """
        ranks = np.zeros((self._size, len(stream)), np.int64)
        for place in range(self._size):
            random = bits(stream, attempt * self._size + place)
            rank = below(random, np.uint64(len(self._nodes) - place)).astype(np.int64)
            for taken in np.sort(ranks[:place], axis=0):
                rank += rank >= taken
            ranks[place] = rank
        return ranks

    def _apart(self, ranks: NDArray[np.int64]) -> NDArray[np.bool_]:
        apart = np.ones(ranks.shape[1], np.bool_)
        if self._near is not None:
            for later in range(1, self._size):
                for earlier in range(later):
                    apart &= ~is_near(self._near, ranks[later], ranks[earlier])
        return apart
