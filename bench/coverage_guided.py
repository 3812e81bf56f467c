"""How many questions it takes to touch what a graph holds: coverage-guided drawing against the paper's walk.

    python -m bench coverage_guided

The graph is that of GSM8K, TAL-SCQ and CollegeMath (train), as `bench/three_sets.py` builds it; where these are not
beside the project it is the one of our own seeds. A question stands for a composition that is sent: repeats and those
without a knowledge point are not counted. Each sampler is run with three seeds and the median is told. `in rounds`
begins anew after every 2,000 questions with a coverage of all questions before, as somebody would who generates 2,000
at a time; else all is drawn at once, from nothing.
"""

from __future__ import annotations

import math
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.figures import SHARED, Figure, machine, must, skillweave
from bench.three_sets import SETS
from engine.workspace import data_path
from graph.sampling.guided import CoverageGuided, GuidedSettings
from graph.sampling.sampler import POINT, Drawn, Sampler
from graph.sampling.uses import SeedMentions, Used, Uses
from graph.sampling.walks import Walks, WalkSettings
from graph.snapshot import Adjacency, Snapshot
from graph.stores.levels import SeedLevels

SHARE = 0.95
SEEDS = (1, 2, 3)
TEMPERATURES = {0.3: 6.0, 0.7: 8.5, 1.0: 9.0}
"""Temperature -> how many times fewer questions, for the points and for the pairs, it is held to."""
OF_OUR_OWN_SEEDS = 1.5
"""The same on the graph of our own seeds: it is small, and a few hundred questions cover it in any way."""
ROUND = 2_000
_AT_ONCE, _DRAWS = 5_000, 400_000
_NEVER = np.iinfo(np.int64).max


class Needed(NamedTuple):
    """Questions until the share of the knowledge points, and of the observed pairs, was touched."""

    points: int
    pairs: int


class Touched:
    """The question that touched each knowledge point and each pair of a graph first."""

    def __init__(self, graph: Adjacency) -> None:
        self.uses = Uses(graph, Used(), None)
        self.questions = 0
        self._sent = np.zeros(0, np.uint64)
        self._is_point = graph.kinds == POINT
        self._concepts = np.full(len(graph.ids), _NEVER)
        self._pairs = np.full(len(self.uses), _NEVER)

    def add(self, drawn: Drawn, identities: NDArray[np.uint64], most: int) -> int:
        """Count draws as questions, at most so many. Returns how many were sent."""
        fresh = np.zeros(len(identities), np.bool_)
        fresh[np.unique(identities, return_index=True)[1]] = True
        fresh &= ~np.isin(identities, self._sent) & (drawn.points >= 0).any(axis=1)
        sent = np.flatnonzero(fresh)[:most]
        self._sent = np.concatenate((self._sent, identities[sent]))
        number = self.questions + 1 + np.arange(len(sent))
        self.questions += len(sent)
        members = np.hstack((drawn.topics, drawn.points))[sent].T
        self.uses.add(members)
        for place, mine in enumerate(members):
            np.minimum.at(self._concepts, mine[mine >= 0], number[mine >= 0])
            for other in members[:place]:
                both = (mine >= 0) & (other >= 0)
                low, high = np.minimum(mine, other)[both], np.maximum(mine, other)[both]
                at = self.uses.find(low, high)
                pair = (self.uses.one[at] == low) & (self.uses.other[at] == high)
                np.minimum.at(self._pairs, at[pair], number[both][pair])
        return len(sent)

    @property
    def needed(self) -> Needed | None:
        """The figures, once both shares are reached."""
        first = (self._concepts[self._is_point], self._pairs)
        last = [int(np.sort(each)[math.ceil(SHARE * len(each)) - 1]) for each in first]
        return Needed(*last) if max(last) < _NEVER else None


def needed(graph: Adjacency, sampler: Sampler) -> Needed:
    """The questions that one sampler needs."""
    touched = Touched(graph)
    for start in range(0, _DRAWS, _AT_ONCE):
        stop = start + _AT_ONCE
        touched.add(sampler.draw(start, stop), sampler.identities(start, stop), _AT_ONCE)
        if touched.needed is not None:
            return touched.needed
    raise RuntimeError(f"{_DRAWS:,} draws do not touch {SHARE:.0%}")


def needed_in_rounds(graph: Adjacency, mentions: SeedMentions, temperature: float, seed: int) -> Needed:
    """The same, where each round begins with a coverage of the rounds before."""
    touched = Touched(graph)
    while touched.needed is None:
        settings = GuidedSettings(temperature=temperature)
        sampler = CoverageGuided(graph, settings, seed, used=touched.uses.used(), mentions=mentions)
        left = ROUND
        for start in range(0, _DRAWS, ROUND):
            left -= touched.add(sampler.draw(start, start + ROUND), sampler.identities(start, start + ROUND), left)
            if not left or touched.needed is not None:
                break
    return touched.needed


def snapshots() -> Iterator[tuple[str, Snapshot]]:
    """The graph of real data, or that of our own seeds."""
    with tempfile.TemporaryDirectory() as folder:
        place, files = Path(folder), {name: SHARED / "data" / path for name, path in SETS.items()}
        if not all(path.exists() for path in files.values()):
            files = {path.stem: path for path in sorted(data_path("seeds").glob("*.jsonl"))}
        for name, path in files.items():
            must(skillweave(place, "seeds", "import", str(path), "--name", name))
        must(skillweave(place, "graph", "build", *files))
        (graph,) = (place / "graphs").glob("g*")
        yield " + ".join(files), Snapshot.open(graph)


def check() -> list[Figure]:
    """Questions for 95 % of the knowledge points and of the pairs, the ratios, and the speed."""
    ((name, snapshot),) = snapshots()
    graph, levels = snapshot.adjacency(), SeedLevels(snapshot)
    mentions = SeedMentions(levels.names, levels.counts)
    figures = [Figure(f"{name}: concepts", len(graph.ids)), Figure(f"{name}: pairs", len(graph.indices) // 2)]

    def told(what: str, runs: list[Needed], least: float = 0) -> Needed:
        middle = Needed(*(round(statistics.median(column)) for column in zip(*runs, strict=True)))
        figures.append(Figure(f"{what}: questions for 95 % of the knowledge points", middle.points))
        figures.append(Figure(f"{what}: questions for 95 % of the pairs", middle.pairs))
        if least:
            figures.append(Figure(f"{what}: fewer for the points, times", paper.points / middle.points, ">=", least))
            figures.append(Figure(f"{what}: fewer for the pairs, times", paper.pairs / middle.pairs, ">=", least))
        return middle

    paper = told("mathscale-walk", [needed(graph, Walks(graph, WalkSettings(), seed)) for seed in SEEDS])
    for t, of_real_seeds in TEMPERATURES.items():
        least = of_real_seeds if name == " + ".join(SETS) else OF_OUR_OWN_SEEDS
        settings = GuidedSettings(temperature=t)
        samplers = [CoverageGuided(graph, settings, seed, mentions=mentions) for seed in SEEDS]
        told(f"temperature {t}", [needed(graph, sampler) for sampler in samplers], least)
        told(f"temperature {t} in rounds", [needed_in_rounds(graph, mentions, t, seed) for seed in SEEDS], least)

    for what, sampler in (
        ("mathscale-walk", Walks(graph, WalkSettings(), 1)),
        ("coverage-guided", CoverageGuided(graph, GuidedSettings(), 1, mentions=mentions)),
    ):
        begin = time.process_time()
        sampler.identities(0, 2_000_000)
        figures.append(Figure(f"{what}: CPU seconds of 2,000,000", time.process_time() - begin, "<=", 20))
    return figures


if __name__ == "__main__":
    print(machine(), *check(), sep="\n")
