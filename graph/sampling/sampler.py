"""What samplers have in common: the graph as they read it, the draws they give, and the order of start topics.

A draw is one composition. Draw i is a pure function of (graph, sampler name and version, settings, seed, i): the same
alone, in a block, in any order and on any machine. A sampler says how a block of draws is made; the rest is here.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError
from graph.concept import KINDS
from graph.sampling.rand import U64, hash64, mix, streams

TOPIC, POINT, SKILL = (KINDS.index(kind) for kind in ("topic", "knowledge_point", "skill"))
_BLOCK = 1 << 15  # draws at a time: the arrays of a block stay in the processor's cache


class GraphArrays(Protocol):
    """What a sampler needs of a graph of n nodes and m edges; `Snapshot.adjacency()` has it."""

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
        """Shape (2m,): each edge stands at both its ends; the neighbours of a node are sorted."""

    @property
    def weights(self) -> NDArray[np.int64]:
        """Shape (2m,): in how many seeds the two occur together."""


@dataclass(frozen=True, slots=True)
class Links:
    """The links from nodes of one kind to nodes of another, in CSR form; all n nodes keep their numbers."""

    indptr: NDArray[np.int64]
    """Shape (n + 1,)."""
    targets: NDArray[np.int32]
    """Shape (m,): sorted within a node."""
    weights: NDArray[np.int64]
    """Shape (m,)."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """n draws of at most t topics and p points. Numbers are those of the graph's nodes; -1 means none."""

    path: NDArray[np.int32]
    """Shape (n, t + p): what was drawn, place by place; -1 where no step was made."""
    topics: NDArray[np.int32]
    """Shape (n, t): the topics of the composition where they were first met, -1 in the other places."""
    points: NDArray[np.int32]
    """Shape (n, p): likewise its knowledge points, or its skills."""


class Sampler(ABC):
    """Draws compositions of one graph."""

    def __init__(self, graph: GraphArrays, topics: int) -> None:
        """`topics` of the places of a path, the first ones, are for topics."""
        self.topic_places = topics
        """How many places of a path, the first ones, are for topics."""
        # (n + 1,): the last stands for "none", which adds nothing
        self._hashes = np.append(mix(np.array([hash64(i) for i in graph.ids], np.uint64)), np.uint64(0))

    @abstractmethod
    def paths(self, indices: NDArray[np.int64]) -> NDArray[np.int32]:
        """The paths of one block, shape (t + p, n): a row a place."""

    def members(self, path: NDArray[np.int32]) -> NDArray[np.int32]:
        """The path with each concept of the composition left once."""
        return path

    def draw(self, start: int, stop: int) -> Drawn:
        """Draws start..stop-1."""
        return self.at(np.arange(start, stop, dtype=np.int64))

    def at(self, indices: NDArray[np.int64]) -> Drawn:
        """The draws at `indices`, shape (n,), none negative, in their order."""
        paths = [self.paths(block) for block in _blocks(indices)]
        path, members = np.hstack(paths), np.hstack([self.members(p) for p in paths])
        return Drawn(path.T, members[: self.topic_places].T, members[self.topic_places :].T)

    def identities(self, start: int, stop: int) -> U64:
        """Shape (stop - start,): one number for each set of concepts, whatever their order and the nodes' numbers.

        A sum of hashes of the concepts' ids: that two of 2 million different sets share it has odds of 1e-7.
        """
        blocks = _blocks(np.arange(start, stop, dtype=np.int64))
        return np.concatenate(
            [mix(self._hashes[self.members(self.paths(b))].sum(axis=0, dtype=np.uint64)) for b in blocks]
        )


class Starts:
    """The start topics: every topic once in each epoch, in a random order of that epoch."""

    def __init__(self, graph: GraphArrays, key: int) -> None:
        """Raises InputError where the graph has no topic."""
        self._key = key
        self._topics = np.flatnonzero(graph.kinds == TOPIC).astype(np.int32)  # (T,)
        if not len(self._topics):
            raise InputError(
                "the graph has no topic for a walk to start from; build another: skillweave graph build SEEDS, "
                "or draw pairs: skillweave generate --sampler skill-pairs"
            )

    def __len__(self) -> int:
        """T, the number of topics."""
        return len(self._topics)

    def at(self, turns: NDArray[np.int64]) -> NDArray[np.int32]:
        """The topic of each turn; turn j belongs to epoch j // T.

        An epoch's order sorts the topics by random numbers that hold the topic in their lowest bits: none are equal.
        """
        epochs, which = np.unique(turns // len(self), return_inverse=True)
        topic = np.arange(len(self), dtype=np.uint64)
        low = np.uint64((1 << (len(self) - 1).bit_length()) - 1)
        random = mix(streams(self._key, epochs)[:, None] + mix(topic))  # (epochs, T)
        order = np.sort((random & ~low) | topic, axis=1) & low
        start: NDArray[np.int32] = self._topics[order[which, turns % len(self)]]
        return start


def links(graph: GraphArrays, source: int, target: int) -> Links:
    """The links from nodes of the kind `source` to nodes of the kind `target`."""
    rows = np.repeat(np.arange(len(graph.ids)), np.diff(graph.indptr))
    kept = (graph.kinds[rows] == source) & (graph.kinds[graph.indices] == target)
    indptr = np.zeros(len(graph.ids) + 1, np.int64)
    np.cumsum(np.bincount(rows[kept], minlength=len(graph.ids)), out=indptr[1:])
    return Links(indptr, graph.indices[kept], graph.weights[kept])


def _blocks(indices: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    return [indices[i : i + _BLOCK] for i in range(0, max(len(indices), 1), _BLOCK)]
