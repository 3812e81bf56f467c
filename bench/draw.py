"""Drawing compositions: our walk as arrays against the same walk with networkx, on the same graph in the same run.

    python bench/draw.py [--check]      (--check: exit status 1 unless ours draws 100 times as many per CPU second)

The graph is made up: 2,018 topics and 8,892 knowledge points as in the paper, 100,000 edges with a long tail. Both are
given their tables beforehand and timed drawing only; each is timed five times in turn and the medians are compared.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import networkx as nx
import numpy as np
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parents[1]))

from graph.sampling.walks import Walks, WalkSettings
from graph.snapshot import Snapshot

TOPICS, POINTS, EDGES = 2_018, 8_892, 100_000
OURS, THEIRS, AT_LEAST = 400_000, 4_000, 100


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


def networkx_walks(snapshot: Snapshot) -> Callable[[int], None]:
    kind = dict(zip(snapshot.nodes["id"].to_pylist(), snapshot.nodes["kind"].to_pylist(), strict=True))
    topics, points, bridge = nx.Graph(), nx.Graph(), nx.DiGraph()
    topics.add_nodes_from(c for c in kind if kind[c] == "topic")
    for a, b, w in zip(*(snapshot.edges[c].to_pylist() for c in ("source", "target", "weight")), strict=True):
        if kind[a] == kind[b]:
            (topics if kind[a] == "topic" else points).add_edge(a, b, weight=w)
        else:
            bridge.add_edge(*((a, b) if kind[a] == "topic" else (b, a)), weight=w)
    rng, names = random.Random(1), list(topics)

    def step(graph: nx.Graph, node: str) -> str:
        if node not in graph or not graph[node]:
            return node
        neighbours = graph[node]
        return rng.choices(list(neighbours), [edge["weight"] for edge in neighbours.values()])[0]

    def draw(count: int) -> None:
        order: list[str] = []
        for _ in range(count):
            if not order:
                order = rng.sample(names, len(names))
            path = [order.pop()]
            for _ in range(rng.randint(1, 2)):
                path.append(step(topics, path[-1]))
            if path[-1] in bridge and bridge[path[-1]]:
                path.append(step(bridge, path[-1]))
                for _ in range(rng.randint(0, 4)):
                    path.append(step(points, path[-1]))
            frozenset(path)

    return draw


def per_cpu_second(work: Callable[[], object], count: int) -> float:
    begin = time.process_time()
    work()
    return count / (time.process_time() - begin)


def main() -> int:
    snapshot = made_up_graph()
    begin = time.process_time()
    walks = Walks(snapshot.adjacency(), WalkSettings(), seed=1)
    build = time.process_time() - begin
    theirs = networkx_walks(snapshot)
    drawn, marked, peer = [], [], []
    for _ in range(5):
        drawn.append(per_cpu_second(lambda: walks.draw(0, OURS), OURS))
        marked.append(per_cpu_second(lambda: walks.identities(0, OURS), OURS))
        peer.append(per_cpu_second(lambda: theirs(THEIRS), THEIRS))
    ours, identities, networkx = (statistics.median(figures) for figures in (drawn, marked, peer))
    print(f"graph: {TOPICS:,} topics, {POINTS:,} knowledge points, {snapshot.edges.num_rows:,} edges")
    print(f"tables built in {build * 1e3:.0f} ms of CPU")
    print(
        f"walks per CPU second: arrays {ours:,.0f}, identities of their sets {identities:,.0f}, "
        f"networkx {networkx:,.0f}"
    )
    print(f"ratio: {ours / networkx:.0f} (at least {AT_LEAST})")
    return int("--check" in sys.argv and ours / networkx < AT_LEAST)


if __name__ == "__main__":
    sys.exit(main())
