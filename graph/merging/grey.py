"""The grey band: pairs of names too near to be called different and not near enough to be called the same.

They are what a model is asked about (graph/merging/judging.py), and what is left for a person
(`skillweave graph merges --undecided`).
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from graph.embedding import Embedder
from graph.merging.aliases import AliasTable
from graph.merging.candidates import similar_pairs
from graph.merging.decisions import Decision, decided_groups, kept_apart
from graph.merging.guards import Guards


@dataclass(frozen=True, slots=True)
class GreyPair:
    """Two names of different concepts that may mean the same."""

    kind: str
    one: str
    other: str
    """The later one in the alphabet."""
    score: float
    """The cosine."""


def grey_pairs(
    decisions: Iterable[Decision],
    *,
    embedder: Embedder,
    aliases: AliasTable,
    guards: Guards,
    floor: float,
    most: int,
    settled: frozenset[str] = frozenset(),
    parted: frozenset[frozenset[str]] = frozenset(),
) -> list[GreyPair]:
    """The `most` nearest pairs from the cosine `floor` on of the concepts of one kind, the nearest first.

    Left out are pairs that a guard or the alias table keeps apart, the pairs of concepts (ids) that a person `parted`,
    and those of two concepts that are `settled` (ids): what a graph that grows decided before. A pair above the
    threshold is among them where complete linkage stopped it. Memory is that of `most` pairs.
    """
    table = list(decisions)
    kind = table[0].kind if table else ""
    groups = decided_groups(kind, table, aliases)

    def found() -> Iterator[GreyPair]:
        for i, j, score in similar_pairs(embedder.encode([group.face for group in groups]), floor):
            one, other = groups[i], groups[j]
            if one.concept == other.concept or {one.concept, other.concept} <= settled:
                continue
            if {one.concept, other.concept} in parted or kept_apart(one, other, guards):
                continue
            first, second = sorted((one.face, other.face))
            yield GreyPair(kind, first, second, score)

    return heapq.nsmallest(most, found(), key=lambda pair: (-pair.score, pair.one, pair.other))
