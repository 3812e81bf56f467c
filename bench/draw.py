"""Drawing compositions: each sampler as arrays against the same with networkx, on the same graph in the same run.

    python -m bench draw

The graph is made up: 2,018 topics and 8,892 knowledge points as in the paper, 100,000 edges with a long tail. Both are
given their tables beforehand and timed drawing only; each is timed five times in turn and the medians are compared.
The walks with networkx are written to be fast: no walk looks at more than the neighbours of where it stands, and a leap
of `two-composition` costs one random number. Skill pairs of a minimum distance ask `nx.shortest_path_length`.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.figures import Figure, machine
from graph.sampling.samplers import find_sampler, sampler_settings
from graph.snapshot import Snapshot

TOPICS, POINTS, EDGES = 2_018, 8_892, 100_000
COMPOSITIONS, OURS, AT_LEAST, SECONDS = 2_000_000, 400_000, 100, 10
ROUNDS = 5


def made_up_graph() -> Snapshot:
    rng = np.random.default_rng(13)
    n = TOPICS + POINTS
    ends = (rng.random((2 * EDGES, 2)) ** 2 * n).astype(np.int64)  # low numbers are the hubs
    ends = rng.permutation(n)[np.unique(np.sort(ends[ends[:, 0] != ends[:, 1]], axis=1), axis=0)]
    ends = np.sort(rng.permutation(ends)[:EDGES], axis=1)
    kinds = np.where(rng.permutation(n) < TOPICS, "topic", "knowledge_point")
    ids = np.array([f"c{i:06d}" for i in range(n)])
    nodes = {"id": ids, "kind": kinds, "name": ids, "aliases": [[]] * n, "count": np.ones(n, np.int64)}
    weight = rng.geometric(0.3, len(ends))
    edges = {"source": ids[ends[:, 0]], "target": ids[ends[:, 1]], "weight": weight, "kinds": [""] * len(ends)}
    return Snapshot.from_tables({"nodes": pa.table(nodes), "edges": pa.table(edges)})


class NetworkxGraph:
    """The graph and its three sub-graphs, and the walks through them."""

    def __init__(self, snapshot: Snapshot) -> None:
        kind = dict(zip(snapshot.nodes["id"].to_pylist(), snapshot.nodes["kind"].to_pylist(), strict=True))
        self.whole, self.topics, self.points, self.bridge = nx.Graph(), nx.Graph(), nx.Graph(), nx.DiGraph()
        for node, of in kind.items():
            self.whole.add_node(node)
            (self.topics if of == "topic" else self.points).add_node(node)
        self.bridge.add_nodes_from(kind)
        for a, b, w in zip(*(snapshot.edges[c].to_pylist() for c in ("source", "target", "weight")), strict=True):
            self.whole.add_edge(a, b, weight=w)
            if kind[a] == kind[b]:
                (self.topics if kind[a] == "topic" else self.points).add_edge(a, b, weight=w)
            else:
                self.bridge.add_edge(*((a, b) if kind[a] == "topic" else (b, a)), weight=w)
        self.every_topic, self.every_point = list(self.topics), list(self.points)
        self.rng, self.order = random.Random(1), list[str]()

    def start(self) -> str:
        """The next topic of the epoch."""
        if not self.order:
            self.order = self.rng.sample(self.every_topic, len(self.every_topic))
        return self.order.pop()

    def step(self, graph: nx.Graph, node: str) -> str:
        """A neighbour by weight; the node itself where it has none."""
        neighbours = graph[node]
        if not neighbours:
            return node
        chosen: str = self.rng.choices(list(neighbours), [edge["weight"] for edge in neighbours.values()])[0]
        return chosen

    def walks(self, count: int) -> None:
        """The paper's walk."""
        for _ in range(count):
            path = [self.start()]
            for _ in range(self.rng.randint(1, 2)):
                path.append(self.step(self.topics, path[-1]))
            if self.bridge[path[-1]]:
                path.append(self.step(self.bridge, path[-1]))
                for _ in range(self.rng.randint(0, 4)):
                    path.append(self.step(self.points, path[-1]))
            frozenset(path)

    def two_compositions(self, count: int) -> None:
        """The variant: `count` draws, discarded ones among them."""
        for _ in range(count // 2):
            topic = self.start()
            frozenset(self.two_composition([topic]))
            if self.topics[topic]:
                frozenset(self.two_composition([topic, self.step(self.topics, topic)]))

    def two_composition(self, topics: list[str]) -> list[str]:
        """One composition of one or two topics; none where it is discarded."""
        length, mine = self.rng.randint(1, 5), self.bridge[topics[0]]
        weights = {point: edge["weight"] for point, edge in mine.items()}
        if len(topics) == 2:
            theirs = self.bridge[topics[1]]
            weights = {point: weight + theirs[point]["weight"] for point, weight in weights.items() if point in theirs}
        if not weights:
            return []
        path = self.rng.choices(list(weights), list(weights.values()))
        while len(path) < length:
            neighbours = self.points[path[-1]]
            free = {point: edge["weight"] for point, edge in neighbours.items() if point not in path}
            if not free:
                return []
            leaps = 1e-5 * (len(self.every_point) - len(path))
            if self.rng.random() < leaps / (leaps + sum(free.values())):
                while (point := self.rng.choice(self.every_point)) in path:
                    pass
                path.append(point)
            else:
                path += self.rng.choices(list(free), list(free.values()))
        return topics + path

    def distant_pairs(self, count: int) -> None:
        """Pairs of knowledge points at least 3 edges apart."""
        made = 0
        while made < count:
            one, other = self.rng.sample(self.every_point, 2)
            try:
                made += nx.shortest_path_length(self.whole, one, other) >= 3
            except nx.NetworkXNoPath:
                made += 1


@dataclass(frozen=True, slots=True)
class Case:
    """A sampler with settings, and the same with networkx where that is a question about the graph."""

    sampler: str
    settings: Mapping[str, Any]
    theirs: Callable[[NetworkxGraph, int], None] | None = None
    times: int = 0

    def __str__(self) -> str:
        return " ".join([self.sampler, *(f"{name}={value}" for name, value in self.settings.items())])


CASES = (
    Case("mathscale-walk", {}, NetworkxGraph.walks, 4_000),
    Case("two-composition", {}, NetworkxGraph.two_compositions, 4_000),
    Case("skill-pairs", {}),
    Case("skill-pairs", {"size": 3}),
    Case("skill-pairs", {"weights": "co-occurrence"}),
    Case("skill-pairs", {"min_distance": 3}, NetworkxGraph.distant_pairs, 1_000),
)


def cpu_seconds(work: Callable[[], object]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


def check() -> list[Figure]:
    """What each sampler draws in a CPU second, the ratio to networkx, and the CPU seconds of 2 million."""
    snapshot = made_up_graph()
    graph, peer = snapshot.adjacency(), NetworkxGraph(snapshot)
    figures = []
    for case in CASES:
        kind = find_sampler(case.sampler)
        begin = time.process_time()
        sampler = kind.open(graph, sampler_settings(kind, case.settings), 1)
        tables = time.process_time() - begin
        ours, theirs = [], []
        for _ in range(ROUNDS):
            ours.append(OURS / cpu_seconds(partial(sampler.draw, 0, OURS)))
            if case.theirs is not None:
                theirs.append(case.times / cpu_seconds(partial(case.theirs, peer, case.times)))
        figures += [
            Figure(f"{case}: ms of CPU for its tables", round(tables * 1e3)),
            Figure(f"{case}: draws a CPU second", round(statistics.median(ours))),
            Figure(
                f"{case}: CPU seconds of {COMPOSITIONS:,}",
                cpu_seconds(partial(sampler.draw, 0, COMPOSITIONS)),
                "<=",
                SECONDS,
            ),
        ]
        if theirs:
            ratio = statistics.median(ours) / statistics.median(theirs)
            figures += [
                Figure(f"{case}: networkx, draws a CPU second", round(statistics.median(theirs))),
                Figure(f"{case}: ratio", round(ratio), ">=", AT_LEAST),
            ]
    return figures


if __name__ == "__main__":
    print(machine(), *check(), sep="\n")
