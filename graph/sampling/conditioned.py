"""Samplers made of samplers: draws under a condition, and draws of several levels in turn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from graph.sampling.constraints import TRIES, Condition
from graph.sampling.rand import bits, coin, hash64, streams
from graph.sampling.sampler import GraphArrays, Sampler

_FAR = 40


class Conditioned(Sampler):
    """The draws of a sampler, each made again until it meets the condition; empty after `TRIES` tries.

    The first try of draw i is the sampler's own draw i. Try a is its draw i + a * 2^40, or the one beside it where a
    coin says so: a sampler that makes even and odd draws in two ways thus tries both for each draw.
    """

    def __init__(self, graph: GraphArrays, inner: Sampler, topics: int, condition: Condition, seed: int) -> None:
        super().__init__(graph, topics)
        self._inner, self._condition = inner, condition
        self._key = hash64(f"conditioned/1:{seed}")

    def paths(self, indices: NDArray[np.int64]) -> NDArray[np.int32]:
        """See Sampler."""
        rows = self._inner.paths(indices)
        left = np.flatnonzero(~self._met(rows))
        stream = streams(self._key, indices)
        for attempt in range(1, TRIES):
            if not len(left):
                break
            beside = (coin(bits(stream[left], attempt)) & np.uint64(1)).astype(np.int64)
            paths = self._inner.paths((indices[left] ^ beside) + (attempt << _FAR))
            met = self._met(paths)
            rows[:, left[met]] = paths[:, met]
            left = left[~met]
        rows[:, left] = -1
        return rows

    def members(self, path: NDArray[np.int32]) -> NDArray[np.int32]:
        """See Sampler."""
        return self._inner.members(path)

    def _met(self, paths: NDArray[np.int32]) -> NDArray[np.bool_]:
        return self._condition.met(self.members(paths), self.topic_places)


class InTurn(Sampler):
    """The draws of L samplers of one kind: draw i is draw i // L of the sampler i mod L."""

    def __init__(self, graph: GraphArrays, samplers: Sequence[Sampler], topics: int) -> None:
        super().__init__(graph, topics)
        self._samplers = samplers

    def paths(self, indices: NDArray[np.int64]) -> NDArray[np.int32]:
        """See Sampler."""
        which = indices % len(self._samplers)
        parts = [
            sampler.paths(indices[which == place] // len(self._samplers))
            for place, sampler in enumerate(self._samplers)
        ]
        rows = np.empty((len(parts[0]), len(indices)), np.int32)
        for place, part in enumerate(parts):
            rows[:, which == place] = part
        return rows

    def members(self, path: NDArray[np.int32]) -> NDArray[np.int32]:
        """See Sampler."""
        return self._samplers[0].members(path)
