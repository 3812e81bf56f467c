"""Balanced sampling: of each topic so many rows, the same ones whenever the same rows are there.

A row counts for its first topic, the one that its composition began with. Of a topic's rows those of the lowest hash of
their id are taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graph.sampling.rand import mix


@dataclass(frozen=True, slots=True)
class Balance:
    """What balancing chose."""

    taken: NDArray[np.bool_]
    """Shape (rows,)."""
    short: Mapping[str, int]
    """The rows of each topic that has fewer than asked for, by the topic's name."""


def balance(topic: NDArray[np.int32], names: list[str], keys: NDArray[np.uint64], per: int) -> Balance:
    """Take `per` rows of each topic. `topic`, shape (rows,): places in `names`; `keys`: a number of each row."""
    order = np.lexsort((keys, mix(keys), topic))
    sorted_topics = topic[order]
    first = np.searchsorted(sorted_topics, sorted_topics, side="left")
    taken = np.zeros(len(topic), np.bool_)
    taken[order[np.arange(len(topic)) - first < per]] = True
    counts = np.bincount(topic, minlength=len(names))
    short = {name: int(count) for name, count in zip(names, counts, strict=True) if count < per}
    return Balance(taken, dict(sorted(short.items(), key=lambda each: (each[1], each[0]))))
