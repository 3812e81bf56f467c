"""Few-shots: the seed questions whose knowledge points are nearest to a composition's (MathScale, arXiv 2403.02884).

Nearness is Jaccard's: shared knowledge points over all knowledge points of the two. Candidates share at least one; they
are found through an inverted index from knowledge points to seeds. Seeds with the same knowledge points are one set:
the nearest sets give one seed each, so that the shots differ. The paper says neither how many nor how ties fall; the
authors' code takes the 8 nearest distinct sets, fills up at random and shuffles, and so does this. Filled up is from
the other candidates first, then from all seeds. Ties fall at random.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field

from engine.recipe import Settings
from graph.sampling.rand import mix, streams
from graph.sampling.sampler import POINT, TOPIC
from graph.snapshot import Adjacency

# A candidate's place in the order is one whole number: nearness in its upper 20 bits, enough to tell the Jaccard
# indices of sets of up to 700 apart, chance below, the candidate itself in the lowest bits, so that none are equal.
_FINE, _BELOW = 1 << 19, 44


class ShotSettings(Settings):
    """How many examples a prompt shows. The numbers are those of the authors' code."""

    count: int = Field(8, ge=0, le=64, description="seed questions shown; fewer only where there are not so many seeds")
    distinct_sets: int = Field(8, ge=0, le=64, description="how many of them, at most, are the nearest distinct sets")


@dataclass(frozen=True, slots=True)
class Shot:
    """One example: a seed's question with its concepts, without its solution."""

    seed_id: str
    topics: tuple[str, ...]
    points: tuple[str, ...]
    question: str


class ShotIndex:
    """The inverted index over the seeds that have a knowledge point in the graph and a text in `questions`.

    `mentions` is the snapshot's table, `questions` the text of each seed by id. S distinct sets of knowledge points.
    """

    def __init__(
        self, graph: Adjacency, mentions: pa.Table, questions: Mapping[str, str], settings: ShotSettings
    ) -> None:
        self._settings = settings
        self._shots: list[Shot] = []
        self._seeds_of_set: list[list[int]] = []  # positions in _shots
        sets: dict[tuple[int, ...], int] = {}
        for seed, concepts in _concepts_of_seeds(graph, mentions).items():
            points = tuple(c for c in concepts if graph.kinds[c] == POINT)
            if not points or seed not in questions:
                continue
            number = sets.setdefault(points, len(sets))
            if number == len(self._seeds_of_set):
                self._seeds_of_set.append([])
            self._seeds_of_set[number].append(len(self._shots))
            topics = tuple(graph.names[c] for c in concepts if graph.kinds[c] == TOPIC)
            self._shots.append(Shot(seed, topics, tuple(graph.names[p] for p in points), questions[seed]))

        self._size = np.array([len(points) for points in sets], np.int64)  # (S,)
        point = np.array([p for points in sets for p in points], np.int64)
        order = np.argsort(point, kind="stable")
        self._postings = np.repeat(np.arange(len(sets)), self._size)[order]  # sets, ordered by knowledge point
        self._first = np.searchsorted(point[order], np.arange(len(graph.ids) + 1))  # (n + 1,)

    def __len__(self) -> int:
        """How many seeds can be shown."""
        return len(self._shots)

    def choose(self, points: Sequence[int], rng: Random) -> tuple[Shot, ...]:
        """The shots for a composition with these knowledge points (numbers of nodes, each once), shuffled."""
        count = min(self._settings.count, len(self._shots))
        if not count:
            return ()
        candidates, nearness = self._nearness(points)
        nearest = self._nearest(candidates, nearness, min(count, self._settings.distinct_sets), rng)
        chosen = [rng.choice(self._seeds_of_set[number]) for number in nearest]
        for pool in (lambda: [s for c in candidates.tolist() for s in self._seeds_of_set[c]], self._everyone):
            if missing := count - len(chosen):
                others = sorted(set(pool()) - set(chosen))
                chosen += rng.sample(others, min(missing, len(others)))
        rng.shuffle(chosen)
        return tuple(self._shots[number] for number in chosen)

    def _everyone(self) -> list[int]:
        return list(range(len(self._shots)))

    def _nearness(self, points: Sequence[int]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The sets that share a knowledge point, and their Jaccard indices; shape (c,) each."""
        hits = [self._postings[self._first[p] : self._first[p + 1]] for p in points]
        shared = np.bincount(np.concatenate(hits or [self._postings[:0]]), minlength=len(self._size))
        candidates = np.flatnonzero(shared)
        in_both = shared[candidates]
        return candidates, in_both / (self._size[candidates] + len(points) - in_both)

    def _nearest(
        self, candidates: NDArray[np.int64], nearness: NDArray[np.float64], most: int, rng: Random
    ) -> list[int]:
        """The `most` nearest sets, the nearest first, ties at random."""
        most = min(most, len(candidates))
        if not most:
            return []
        low = np.uint64((1 << len(self._size).bit_length()) - 1)
        chance = mix(streams(rng.getrandbits(64), candidates)) & np.uint64((1 << _BELOW) - 1) & ~low
        place = np.rint(nearness * _FINE).astype(np.uint64) << np.uint64(_BELOW)
        place |= chance | candidates.astype(np.uint64)
        nearest = np.sort(np.partition(place, len(place) - most)[-most:])[::-1]
        numbers: list[int] = (nearest & low).tolist()
        return numbers


def _concepts_of_seeds(graph: Adjacency, mentions: pa.Table) -> dict[str, list[int]]:
    """The nodes that each seed mentions, rising, each once; seeds sorted by id."""
    number = {node: i for i, node in enumerate(graph.ids)}
    found: dict[str, set[int]] = {}
    for seed, concept in zip(mentions["seed_id"].to_pylist(), mentions["concept_id"].to_pylist(), strict=True):
        found.setdefault(seed, set()).add(number[concept])
    return {seed: sorted(found[seed]) for seed in sorted(found)}
