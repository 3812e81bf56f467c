"""Steps that never come back: to a node that was not visited yet, in proportion to its weight, exactly.

A step from u goes to an unvisited node v with the probability (w_uv + eps) over the sum of it over all unvisited nodes
of the kind; w_uv is 0 where the two are no neighbours, so that with eps = 0 a step leads to neighbours only and with
eps > 0 it sometimes leaps. A node without an unvisited neighbour is a dead end, whatever eps is.

First a node is drawn from all, visited or not, by alias table. Only where it was visited is it drawn again, from the
unvisited alone. So a node is reached with p + (probability that a visited one came first) * p / (sum of the unvisited
p), which is p / (sum of the unvisited p), as it should be; and most steps cost no more than in a walk that may return.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graph.sampling.alias import alias_tables
from graph.sampling.rand import U64, below, bits, coin
from graph.sampling.sampler import Links

BITS_A_STEP = 4
"""Random numbers that one step uses up."""
_COIN = float(1 << 32)


class AvoidingSteps:
    """Steps over the links between the nodes of one kind; `nodes`, shape (k,), are their numbers, rising."""

    def __init__(self, links: Links, nodes: NDArray[np.int32], epsilon: float) -> None:
        self._nodes, self._epsilon = nodes, epsilon
        self._first, self._targets = links.indptr[:-1], links.targets
        self._degree = np.diff(links.indptr)
        n, m = len(self._degree), len(links.targets)
        self._tables = alias_tables(links.indptr, links.targets, links.weights)
        keys = np.repeat(np.arange(n), self._degree) * n + links.targets
        self._keys = np.append(keys, np.iinfo(np.int64).max)  # (m + 1,): rising
        self._weights = np.append(links.weights, 0)  # (m + 1,): the last for "no such link"
        self._running = np.concatenate((np.zeros(1, np.int64), np.cumsum(links.weights)))  # (m + 1,)
        self._total = self._running[links.indptr[1:]] - self._running[links.indptr[:-1]]  # (n,)
        self._none = m

    def goes_on(self, visited: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Shape (c,): whether the last of `visited`, shape (places, c), has a neighbour that is not among them."""
        here = visited[-1]
        ways = self._degree[here]
        near = np.flatnonzero((ways > 0) & (ways < len(visited)))  # only of these may all neighbours be visited
        met = (self._links(visited[:, near]) != self._none).sum(axis=0)
        goes: NDArray[np.bool_] = ways > 0
        goes[near] = ways[near] > met
        return goes

    def step(self, visited: NDArray[np.int32], stream: U64, first: int) -> NDArray[np.int32]:
        """The next node for each of c walks of which `visited`, shape (places, c), were visited, the last one now.

        Every one must go on. Uses the random numbers first..first + BITS_A_STEP - 1 of each stream.
        """
        here = visited[-1]
        leaps = self._leaps(self._total[here], np.full(len(here), len(self._nodes)), bits(stream, first))
        random = bits(stream, first + 1)
        reached = self._tables.step(here, random)
        reached[leaps] = self._nodes[below(random[leaps], np.uint64(len(self._nodes)))]
        again = np.flatnonzero((visited == reached).any(axis=0))
        if len(again):
            reached[again] = self._unvisited(visited[:, again], stream[again], first + 2)
        return reached

    def _leaps(self, weight: NDArray[np.int64], others: NDArray[np.int64], random: U64) -> NDArray[np.bool_]:
        """Whether a step leaps to any of `others` nodes, each worth eps, or follows links worth `weight`."""
        eps = self._epsilon * others
        leaps: NDArray[np.bool_] = coin(random) < eps / (eps + weight) * _COIN
        return leaps

    def _links(self, visited: NDArray[np.int32]) -> NDArray[np.int64]:
        """Shape as `visited`: the link from the last of each walk to each, `_none` where there is none."""
        keys = visited[-1].astype(np.int64) * len(self._degree) + visited
        at = np.searchsorted(self._keys, keys)
        return np.where(self._keys[at] == keys, at, self._none)

    def _unvisited(self, visited: NDArray[np.int32], stream: U64, first: int) -> NDArray[np.int32]:
        """A step from the unvisited alone.

        A number below the weight that is left is moved up by each visited neighbour's weight that it reaches, in order
        of their links; it then falls on an unvisited one. A leap counts ranks of nodes in the same way.
        """
        here, at = visited[-1], np.sort(self._links(visited), axis=0)
        left = self._total[here] - self._weights[at].sum(axis=0)
        random = bits(stream, first + 1)
        target = self._running[self._first[here]] + below(random, left.astype(np.uint64)).astype(np.int64)
        for link in at:
            target += np.where(target >= self._running[link], self._weights[link], 0)
        reached: NDArray[np.int32] = self._targets[np.searchsorted(self._running, target, "right") - 1]

        others = np.full(len(here), len(self._nodes) - len(visited))
        leaps = self._leaps(left, others, bits(stream, first))
        rank = below(random[leaps], others[leaps].astype(np.uint64)).astype(np.int64)
        for taken in np.sort(np.searchsorted(self._nodes, visited[:, leaps]), axis=0):
            rank += rank >= taken
        reached[leaps] = self._nodes[rank]
        return reached
