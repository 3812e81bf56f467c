"""A large graph by the real commands: a million mentions to 100,000 concepts; as many concepts with 5 million edges.

    python -m bench graph_scale

Two seed sets are made up, labelled, so that no model is asked. Names are words of made-up syllables; each concept has
spellings that normalising joins, every second one a near name that embeddings join, and counts have a long tail.

    skillweave graph build large --labels --threshold 0.85    a million mentions: normalised, embedded, compared, linked
    skillweave graph build large --labels                     seeds with more labels, so with more edges
    skillweave graph query hubs                               loads the embedded store first

Each command is a process of its own, watched from outside; so is one that opens the graph and draws from it. networkx
does the same as far as it can bear, seconds of CPU against seconds of CPU in one process: from the labels of a smaller
seed set to a weighted graph, and the paper's walks on it.
"""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import networkx as nx
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.draw import NetworkxGraph
from bench.figures import REPOSITORY, Figure, Measured, must, skillweave
from engine.workspace import Workspace
from graph.build import GraphSettings, build_snapshot
from graph.concept import KINDS
from graph.embedding import NoEmbedder
from graph.labels import label_rows
from graph.merging.normalise import clean, normalise
from graph.sampling.sampler import Sampler
from graph.sampling.samplers import find_sampler, sampler_settings
from graph.seed import LEVELS, Label, Seed, seed_id, write_seeds
from graph.snapshot import Snapshot, find_snapshot

SHARES = (0.05, 0.75, 0.20)
"""Of the concepts, how many are topics, knowledge points and skills."""
MINUTES, MEMORY_MIB = 5, 8 * 1024
DRAWS, OUR_DRAWS, PEER_DRAWS, ROUNDS = 2_000_000, 400_000, 4_000, 3
MIN_COUNT = 2


@dataclass(frozen=True, slots=True)
class Size:
    """How large a made-up seed set is."""

    concepts: int
    seeds: int
    mentions: int


MENTIONS = Size(concepts=105_000, seeds=300_000, mentions=1_000_000)
EDGES = Size(concepts=100_000, seeds=300_000, mentions=1_830_000)
PEER = Size(concepts=10_000, seeds=30_000, mentions=183_000)


def made_up_names(count: int, rng: random.Random) -> list[str]:
    """So many different names of three made-up words, no two of them near."""
    starts = [*"bcdfghjklmnprstvwz", *("br", "cr", "dr", "fl", "gr", "pl", "pr", "st", "tr", "th", "sh", "ch")]
    middles, ends = [*"aeiou", "ai", "ea", "io", "oo"], [*"nrlmt", "nd", "st", "ck"]
    words: dict[str, None] = {}
    while len(words) < 12_000:
        words["".join(rng.choice(starts) + rng.choice(middles) for _ in range(2)) + rng.choice(ends)] = None
    known = list(words)
    names: dict[str, None] = {}
    while len(names) < count:
        names[" ".join(rng.sample(known, 3))] = None
    return list(names)


def made_up_seeds(size: Size) -> list[Seed]:
    """Labelled seeds. Every concept has three mentions at least, the rest are the more the lower its number."""
    rng, arrays = random.Random(15), np.random.default_rng(15)
    names = made_up_names(size.concepts, rng)
    few = np.repeat(np.arange(size.concepts), min(3, size.mentions // size.concepts))
    tail = (size.concepts * arrays.random(size.mentions - len(few)) ** 3).astype(np.int64)
    concept = arrays.permutation(size.concepts)[np.concatenate((few, tail))]  # (mentions,)
    kind = np.searchsorted(np.cumsum(SHARES), concept / size.concepts, side="right").clip(max=2)
    seed = arrays.integers(0, size.seeds, size.mentions)
    labels: list[list[Label]] = [[] for _ in range(size.seeds)]
    for of, number, its_kind, way in zip(
        seed.tolist(), concept.tolist(), kind.tolist(), arrays.integers(0, 20, size.mentions).tolist(), strict=True
    ):
        labels[of].append(Label(KINDS[its_kind], _spelled(names[number], way, near=number % 2 == 0)))
    questions = [f"Made-up question {number}?" for number in range(size.seeds)]
    return [
        Seed(seed_id(q), q, answer="1", source="made up", level=LEVELS[i % len(LEVELS)], concepts=tuple(labels[i]))
        for i, q in enumerate(questions)
    ]


def _spelled(name: str, way: int, *, near: bool) -> str:
    """A name as somebody writes it: mostly plain, at times in other letters or in the plural, or a near name."""
    ways = {0: name.title(), 1: name.upper(), 2: name.replace(" ", "-", 1), 3: name + "s"}
    return "basic " + name if near and way == 4 else ways.get(way, name)


def build_with_networkx(seeds: Sequence[Seed], min_count: int) -> nx.Graph:
    """The graph of the seeds' labels by spelling alone: nodes are (kind, key), with `count`; edges have `weight`."""
    graph, counts = nx.Graph(), Counter[tuple[str, str]]()
    for seed in seeds:
        concepts = sorted({(label.kind, normalise(clean(label.name))) for label in seed.concepts or ()})
        counts.update(concepts)
        for one, other in combinations(concepts, 2):
            if graph.has_edge(one, other):
                graph[one][other]["weight"] += 1
            else:
                graph.add_edge(one, other, weight=1)
    graph.add_nodes_from((concept, {"count": count}) for concept, count in counts.items())
    graph.remove_nodes_from([concept for concept, count in counts.items() if count < min_count])
    return graph


def build(seeds: Sequence[Seed], min_count: int) -> Snapshot:
    """The same as a snapshot, with the decision table, ids, mentions and a fingerprint besides."""
    settings = GraphSettings(threshold=1, min_count=min_count)
    rows = label_rows(seeds).rows
    return build_snapshot(rows, seeds, embedder=NoEmbedder(), aliases={}, contrasts=[], settings=settings)


def against_networkx(size: Size) -> list[Figure]:
    """CPU seconds of both on the same rows, and the draws of the paper's walk."""
    seeds = made_up_seeds(size)
    ours, theirs = [], []
    for _ in range(ROUNDS):
        normalise.cache_clear()
        ours.append(cpu_seconds(lambda: build(seeds, MIN_COUNT)))
        normalise.cache_clear()
        theirs.append(cpu_seconds(lambda: build_with_networkx(seeds, MIN_COUNT)))
    snapshot = build(seeds, MIN_COUNT)
    peer, sampler = NetworkxGraph(snapshot), open_sampler(snapshot)
    drawn = [OUR_DRAWS / cpu_seconds(lambda: sampler.draw(0, OUR_DRAWS)) for _ in range(ROUNDS)]
    walked = [PEER_DRAWS / cpu_seconds(lambda: peer.walks(PEER_DRAWS)) for _ in range(ROUNDS)]
    what = f"{size.mentions:,} mentions, {snapshot.nodes.num_rows:,} concepts, {snapshot.edges.num_rows:,} edges"
    return [
        Figure(f"{what}: CPU seconds to the snapshot", round(statistics.median(ours), 2)),
        Figure("the same with networkx, without ids, decisions and mentions", round(statistics.median(theirs), 2)),
        Figure("building: ratio", round(statistics.median(theirs) / statistics.median(ours), 2)),
        Figure("walks: ratio", round(statistics.median(drawn) / statistics.median(walked)), ">=", 100),
    ]


def open_sampler(snapshot: Snapshot) -> Sampler:
    """The paper's walk on a graph."""
    kind = find_sampler("mathscale-walk")
    return kind.open(snapshot.adjacency(), sampler_settings(kind, {}), 1)


def cpu_seconds(work: Callable[[], object]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


def figures_of(what: str, measured: Measured, minutes: float = MINUTES) -> list[Figure]:
    """A command's time and peak memory. The promise is for CPU: the wall clock of a busy machine says little."""
    return [
        Figure(f"{what}: CPU seconds", round(measured.cpu_s), "<=", 60 * minutes),
        Figure(f"{what}: seconds on the wall", round(measured.wall_s)),
        Figure(f"{what}: peak MiB", round(measured.peak_mib), "<=", MEMORY_MIB),
    ]


def large(size: Size, folder: Path, *options: str) -> tuple[Workspace, Snapshot, Measured]:
    """A workspace with the graph of a made-up seed set, built by the real command."""
    workspace = Workspace(folder).prepare()
    write_seeds(made_up_seeds(size), workspace.seeds / "large.parquet")
    measured = must(skillweave(folder, "graph", "build", "large", "--labels", *options))
    return workspace, Snapshot.open(find_snapshot(workspace.graphs)), measured


def check() -> list[Figure]:
    """What was promised for 1 million mentions, and for 100,000 concepts with 5 million edges."""
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        _, graph, measured = large(MENTIONS, Path(folder) / "mentions", "--threshold", "0.85")
        names = len(set(map(normalise, graph.merges["name"].to_pylist())))
        figures += [
            Figure("mentions", graph.mentions.num_rows + graph.meta["counts"]["left_out_mentions"]),
            Figure("names", graph.merges.num_rows),
            Figure("names once they are normalised", names),
            Figure("concepts", graph.nodes.num_rows, ">=", 100_000),
            *figures_of("mentions to concepts", measured),
        ]
    with tempfile.TemporaryDirectory() as folder:
        place, graph, measured = large(EDGES, Path(folder) / "edges")
        figures += [
            Figure("concepts of the graph with many edges", graph.nodes.num_rows, ">=", 100_000),
            Figure("its edges", graph.edges.num_rows, ">=", 5_000_000),
            *figures_of("seeds to this graph", measured),
            Figure("its files: MiB", round(sum(f.stat().st_size for f in place.graphs.rglob("*.parquet")) / 2**20)),
        ]
        del graph
        command = [sys.executable, "-m", "bench.graph_scale", str(place.root)]
        drawn = Measured(subprocess.Popen(command, cwd=REPOSITORY, text=True))
        drawn.watch()
        figures += figures_of(f"opening it and drawing {DRAWS:,} compositions", must(drawn), 1)
        ask = ("graph", "query", "hubs", "--timeout", "300")
        figures += figures_of("loading the embedded store and asking it for hubs", must(skillweave(place.root, *ask)))
        figures += figures_of("asking it again", must(skillweave(place.root, *ask)), 1)
    return [*figures, *against_networkx(PEER)]


def main() -> None:
    """Draw from the graph of a workspace; what `check` measures as a process of its own."""
    snapshot = Snapshot.open(find_snapshot(Workspace(Path(sys.argv[1])).graphs))
    sampler = open_sampler(snapshot)
    for start in range(0, DRAWS, OUR_DRAWS):
        sampler.draw(start, start + OUR_DRAWS)


if __name__ == "__main__":
    main()
