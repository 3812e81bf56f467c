"""Graphs to draw from: any small one for hypothesis, and denser ones for statistics."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import chi2

from graph.sampling.sampler import POINT, TOPIC


@dataclass(frozen=True)
class Arrays:
    ids: list[str]
    kinds: NDArray[np.uint8]
    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]
    weights: NDArray[np.int64]

    def weight(self, a: int, b: int) -> int:
        span = slice(self.indptr[a], self.indptr[a + 1])
        return int(self.weights[span][self.indices[span] == b].sum())


def arrays(kinds: list[int], edges: dict[tuple[int, int], int]) -> Arrays:
    both = sorted([(a, b, w) for (a, b), w in edges.items()] + [(b, a, w) for (a, b), w in edges.items()])
    table = np.array(both, np.int64).reshape(-1, 3)
    return Arrays(
        ids=[f"{'tks'[kind]}{number:04d}" for number, kind in enumerate(kinds)],
        kinds=np.array(kinds, np.uint8),
        indptr=np.searchsorted(table[:, 0], np.arange(len(kinds) + 1)),
        indices=table[:, 1].astype(np.int32),
        weights=table[:, 2],
    )


SHAPES = ("any", "isolated topics", "no topic-point edges", "one component of two")


@st.composite
def graphs(draw: st.DrawFn) -> Arrays:
    """At least one topic. Of the shapes a sampler may trip over, each is drawn as often as any other graph."""
    shape = draw(st.sampled_from(SHAPES))
    if shape == "one component of two":
        kinds = [TOPIC, draw(st.sampled_from([TOPIC, POINT]))]
        return arrays(kinds, {(1, 0): draw(st.integers(1, 1000))})
    kinds = draw(st.lists(st.sampled_from([TOPIC, POINT]), min_size=1, max_size=12))
    kinds[draw(st.integers(0, len(kinds) - 1))] = TOPIC
    pairs = [(a, b) for a in range(len(kinds)) for b in range(a)]
    if shape == "isolated topics":
        pairs = [(a, b) for a, b in pairs if (kinds[a], kinds[b]) != (TOPIC, TOPIC)]
    if shape == "no topic-point edges":
        pairs = [(a, b) for a, b in pairs if kinds[a] == kinds[b]]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    return arrays(kinds, {pair: draw(st.integers(1, 1000)) for pair in chosen})


def random_graph(seed: int, topics: int = 7, points: int = 20, share: float = 0.6) -> Arrays:
    """Every kind of edge, weights over three orders of magnitude; the last topic knows no other topic."""
    random = np.random.default_rng(seed)
    n = topics + points
    edges = {}
    for a in range(n):
        for b in range(a):
            lone = topics - 1 in (a, b) and a < topics
            if not lone and random.random() < share:
                edges[a, b] = int(np.ceil(random.lognormal(1, 1.5)))
    return arrays([TOPIC] * topics + [POINT] * points, edges)


def chi_square(seen: Mapping[Hashable, int], expected: Mapping[Hashable, float]) -> float:
    """The probability of counts as far from the expected ones as these, or farther, if those are right.

    What is expected less than 5 times is counted together. An outcome that is not expected at all gives 0.
    """
    if any(expected.get(outcome, 0) == 0 for outcome in seen):
        return 0.0
    often = [outcome for outcome, count in expected.items() if count >= 5]
    counts = np.array([seen.get(outcome, 0) for outcome in often])
    means = np.array([expected[outcome] for outcome in often])
    rest = sum(seen.values()) - counts.sum(), sum(expected.values()) - means.sum()
    statistic = ((counts - means) ** 2 / means).sum()
    degrees = len(often) - 1
    if rest[1] >= 5:
        statistic += (rest[0] - rest[1]) ** 2 / rest[1]
        degrees += 1
    return float(chi2.sf(statistic, degrees)) if degrees else 1.0
