"""Our walks against the same walks written with networkx: one distribution, by a test of two samples.

Each test compares the counts of compositions by chi-square; a right sampler would fail for one seed in 10,000. Seeds
are fixed, so a test passes or fails for good. Steps are drawn by the paper's formula, the softmax of log(w + eps).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from random import Random

import networkx as nx
import numpy as np
from sampled_graphs import Arrays, random_graph
from scipy.stats import chi2_contingency

from graph.sampling.pairs import PairSettings, SkillPairs
from graph.sampling.sampler import POINT, TOPIC, Drawn
from graph.sampling.two_composition import TwoComposition, TwoCompositionSettings
from graph.sampling.walks import Walks, WalkSettings

THEIRS, OURS, ERROR_RATE = 20_000, 300_000, 1e-4


def _graph(arrays: Arrays) -> nx.Graph:
    graph = nx.Graph()
    graph.add_nodes_from((v, {"kind": int(kind)}) for v, kind in enumerate(arrays.kinds))
    rows = np.repeat(np.arange(len(arrays.ids)), np.diff(arrays.indptr)).tolist()
    graph.add_weighted_edges_from(zip(rows, arrays.indices.tolist(), arrays.weights.tolist(), strict=True))
    return graph


def _step(graph: nx.Graph, node: int, among: Iterable[int], random: Random, epsilon: float = 1e-5) -> int | None:
    nodes = list(among)
    f = [math.log(graph.get_edge_data(node, v, {"weight": 0})["weight"] + epsilon) for v in nodes]
    return random.choices(nodes, [math.exp(value) for value in f])[0] if nodes else None


def _near(graph: nx.Graph, node: int, kind: int) -> list[int]:
    return [v for v in graph[node] if graph.nodes[v]["kind"] == kind]


def _turns(graph: nx.Graph, random: Random, times: int) -> Iterable[int]:
    topics = [v for v in graph if graph.nodes[v]["kind"] == TOPIC]
    for _ in range(times // len(topics)):
        yield from random.sample(topics, len(topics))


def _walk(graph: nx.Graph, start: int, random: Random) -> frozenset[int]:
    path = [start]
    for _ in range(random.randint(1, 2)):
        if (following := _step(graph, path[-1], _near(graph, path[-1], TOPIC), random)) is not None:
            path.append(following)
    if (point := _step(graph, path[-1], _near(graph, path[-1], POINT), random)) is None:
        return frozenset(path)
    path.append(point)
    for _ in range(random.randint(0, 4)):
        if (following := _step(graph, path[-1], _near(graph, path[-1], POINT), random)) is not None:
            path.append(following)
    return frozenset(path)


def _two_compositions(graph: nx.Graph, topic: int, random: Random) -> Iterable[frozenset[int]]:
    length = random.randint(1, 5)
    yield _path(graph, [topic], length, random)
    others = _near(graph, topic, TOPIC)
    other = _step(graph, topic, others, random, 0.0) if others else None
    yield _path(graph, [topic, other], random.randint(1, 5), random) if other is not None else frozenset()


def _path(graph: nx.Graph, topics: list[int], length: int, random: Random) -> frozenset[int]:
    common = set.intersection(*(set(_near(graph, topic, POINT)) for topic in topics))
    if not common:
        return frozenset()
    firsts = sorted(common)
    path = random.choices(firsts, [sum(graph[t][v]["weight"] for t in topics) for v in firsts])
    points = [v for v in graph if graph.nodes[v]["kind"] == POINT]
    while len(path) < length:
        if not set(_near(graph, path[-1], POINT)) - set(path):
            return frozenset()
        following = _step(graph, path[-1], [v for v in points if v not in path], random)
        assert following is not None
        path.append(following)
    return frozenset([*topics, *path])


def _sets(drawn: Drawn) -> Counter[Hashable]:
    rows = np.hstack((drawn.topics, drawn.points)).tolist()
    return Counter(frozenset(v for v in row if v >= 0) for row in rows)


def _same(ours: Counter[Hashable], theirs: Counter[Hashable]) -> None:
    often = [outcome for outcome, count in ours.items() if count * THEIRS / OURS >= 5]
    table = np.array([[counts[outcome] for outcome in often] for counts in (ours, theirs)])
    rest = np.array([[counts.total() - row.sum()] for counts, row in zip((ours, theirs), table, strict=True)])
    assert len(often) > 20
    assert chi2_contingency(np.hstack((table, rest)) if rest.all() else table).pvalue > ERROR_RATE
    assert rest.sum() < 0.05 * table.sum()


def _drawn(walk: Callable[[nx.Graph, int, Random], Iterable[frozenset[int]]], arrays: Arrays) -> Counter[Hashable]:
    graph, random = _graph(arrays), Random(5)
    return Counter(found for topic in _turns(graph, random, THEIRS) for found in walk(graph, topic, random))


def test_the_papers_walk() -> None:
    arrays = random_graph(4, topics=4, points=5)
    theirs = _drawn(lambda graph, topic, random: [_walk(graph, topic, random)], arrays)
    _same(_sets(Walks(arrays, WalkSettings(), 6).draw(0, OURS)), theirs)


def test_two_composition() -> None:
    arrays = random_graph(5, topics=4, points=6)
    theirs = _drawn(_two_compositions, arrays)
    _same(_sets(TwoComposition(arrays, TwoCompositionSettings(), 6).draw(0, OURS)), theirs)


def test_skill_pairs_a_distance_apart() -> None:
    arrays = random_graph(6, topics=3, points=20, share=0.12)
    graph, random = _graph(arrays), Random(3)
    points = [v for v in graph if graph.nodes[v]["kind"] == POINT]
    theirs: Counter[Hashable] = Counter()
    while theirs.total() < THEIRS:
        pair = random.sample(points, 2)
        if not nx.has_path(graph, *pair) or nx.shortest_path_length(graph, *pair) >= 3:
            theirs[frozenset(pair)] += 1
    _same(_sets(SkillPairs(arrays, PairSettings(min_distance=3), 6).draw(0, OURS)), theirs)
