"""Alias tables: a neighbour drawn in proportion to its weight by one bucket and one coin (Walker 1977, Vose 1991).

A node with d neighbours has d buckets of equal size. A bucket holds its own neighbour up to a threshold and another
one, the alias, above it. The paper's transition is the softmax of log(w + eps) over the neighbours, which is w + eps
over the sum; eps = 1e-5 only keeps the logarithm defined at w = 0, and no neighbour has w = 0, so the tables are made
of the counts w alone, in whole numbers and so the same on every machine. (With eps no probability would differ by more
than 1e-5 of itself.)

All tables of a graph are built at once, without a loop over nodes, by the sweep of Hübschle-Schneider and Sanders
("Parallel Weighted Random Sampling", ESA 2019). Weights are scaled so that a bucket is worth the node's total. Light
neighbours lack something of a bucket, heavy ones have some over. Each light one in turn is filled up by the first heavy
one that still has some over; a heavy one that gave too much is filled up by the next heavy one. Who that is follows
from two running sums. They run through all nodes: within a node as much is lacking as is over, so they meet at its end.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graph.sampling.rand import U64, below, coin

_ONE = np.uint64(1)
_COIN_BITS = 32


@dataclass(frozen=True, slots=True)
class AliasTables:
    """The tables of n nodes with m links between them."""

    first: U64
    """Shape (n,): where a node's buckets begin."""
    degree: U64
    """Shape (n,): how many it has; 0 for a node without a neighbour."""
    threshold: U64
    """Shape (m,): a coin below it takes the bucket's own neighbour; in 2^-32 of a bucket."""
    ends: NDArray[np.int32]
    """Shape (2m,): bucket b's own neighbour at 2b, its alias at 2b + 1."""

    def step(self, nodes: NDArray[np.int32], random: U64) -> NDArray[np.int32]:
        """The next node for each of `nodes`, from 64 random bits each. Every node must have a neighbour."""
        bucket = self.first[nodes] + below(random, self.degree[nodes])
        reached: NDArray[np.int32] = self.ends[(bucket << _ONE) + (coin(random) >= self.threshold[bucket])]
        return reached


def alias_tables(indptr: NDArray[np.int64], targets: NDArray[np.int32], weights: NDArray[np.int64]) -> AliasTables:
    """Build the tables of a graph in CSR form: the neighbours of i are `targets[indptr[i]:indptr[i + 1]]`.

    Weights are at least 1, and those of one node add up to less than 2^31; else ValueError. O(m log m).
    """
    degree = np.diff(indptr)
    running = np.concatenate((np.zeros(1, np.int64), np.cumsum(weights)))
    bucket = np.repeat(running[indptr[1:]] - running[indptr[:-1]], degree)  # (m,) what a bucket is worth
    if len(weights) and (weights.min() < 1 or bucket.max() >= 1 << 31 or bucket.sum(dtype=np.float64) >= 2.0**62):
        raise ValueError("weights must be at least 1, and those of one node add up to less than 2^31")
    over = weights * np.repeat(degree, degree) - bucket  # (m,) negative: what is lacking
    light, heavy = np.flatnonzero(over < 0), np.flatnonzero(over >= 0)
    have = np.cumsum(over[heavy])
    lack = np.concatenate((np.zeros(1, np.int64), np.cumsum(-over[light])))  # lack[k]: of the first k light ones

    alias, kept = targets.copy(), bucket.copy()
    kept[light] += over[light]
    alias[light] = targets[heavy[np.searchsorted(have, lack[:-1], "right")]]  # the first with have > lack before
    rest = have - lack[np.searchsorted(lack[:-1], have, "left")]  # after giving, before being filled up itself
    kept[heavy] += rest
    gave_too_much = np.flatnonzero(rest < 0)
    alias[heavy[gave_too_much]] = targets[heavy[gave_too_much + 1]]

    return AliasTables(
        first=indptr[:-1].astype(np.uint64),
        degree=degree.astype(np.uint64),
        threshold=((kept << _COIN_BITS) // bucket).astype(np.uint64),
        ends=np.column_stack((targets, alias)).ravel(),
    )
