"""Which nodes are near each other: breadth-first search from 256 nodes at once, a bit for each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graph.sampling.rand import U64
from graph.sampling.sampler import GraphArrays

_WORDS = 4
_BITS = 64


def near(graph: GraphArrays, nodes: NDArray[np.int32], steps: int) -> U64:
    """Shape (k, words): bit j of row i says that nodes[j] is at most `steps` edges away from nodes[i], or i = j.

    Paths go through nodes of any kind. `nodes`, shape (k,), are numbers of nodes; the answer takes k^2 / 8 bytes.
    """
    linked = np.flatnonzero(np.diff(graph.indptr))
    blocks = []
    for start in range(0, len(nodes), _WORDS * _BITS):
        sources = nodes[start : start + _WORDS * _BITS]
        place = np.arange(len(sources))
        reached = np.zeros((len(graph.ids), _WORDS), np.uint64)
        reached[sources, place // _BITS] = np.uint64(1) << (place % _BITS).astype(np.uint64)
        for _ in range(steps if len(linked) else 0):
            reached[linked] |= np.bitwise_or.reduceat(reached[graph.indices], graph.indptr[linked], axis=0)
        blocks.append(reached[nodes])
    return np.hstack(blocks)


def is_near(table: U64, one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether the nodes of the two ranks are near, element by element."""
    found: NDArray[np.bool_] = (table[one, other // _BITS] >> (other % _BITS).astype(np.uint64)) & np.uint64(1) > 0
    return found


def near_pairs(table: U64) -> int:
    """How many pairs of two different nodes are near."""
    return (int(np.bitwise_count(table).sum()) - len(table)) // 2
