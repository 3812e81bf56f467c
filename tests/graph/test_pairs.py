"""Skill pairs: every set equally likely, or a pair by its count; distances against networkx; any graph."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import combinations
from math import comb

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sampled_graphs import Arrays, arrays, chi_square, graphs, random_graph

from engine.errors import InputError
from graph.sampling.near import is_near, near
from graph.sampling.pairs import PairSettings, SkillPairs
from graph.sampling.sampler import POINT, SKILL, TOPIC


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_every_set_is_equally_likely(size: int) -> None:
    """Chi-square over all sets, in 1 of 10,000 seeds wrong; seed fixed."""
    graph, draws = random_graph(1, topics=2, points=9), 60_000
    points = SkillPairs(graph, PairSettings(size=size), 4).draw(0, draws).points
    seen = Counter(frozenset(row) for row in points.tolist())
    sets = [frozenset(of) for of in combinations(range(2, 11), size)]
    assert chi_square(seen, dict.fromkeys(sets, draws / comb(9, size))) > 1e-4
    firsts = Counter(points[:, 0].tolist())
    assert chi_square(firsts, dict.fromkeys(range(2, 11), draws / 9)) > 1e-4, "nor does the order tell anything"


def test_pairs_come_by_the_number_of_seeds_that_hold_both() -> None:
    graph, draws = random_graph(2, topics=3, points=12), 100_000
    points = SkillPairs(graph, PairSettings(weights="co-occurrence"), 4).draw(0, draws).points
    weights = {frozenset(p): graph.weight(*p) for p in combinations(range(3, 15), 2) if graph.weight(*p)}
    share = draws / sum(weights.values())
    seen = Counter(frozenset(row) for row in points.tolist())
    assert chi_square(seen, {pair: weight * share for pair, weight in weights.items()}) > 1e-4


def test_a_graph_of_skills_gives_skills_and_no_other_knowledge_points() -> None:
    kinds = [TOPIC, POINT, SKILL, SKILL, SKILL, POINT]
    graph = arrays(kinds, {(1, 0): 1, (2, 1): 5, (3, 2): 2, (5, 4): 3})
    assert set(SkillPairs(graph, PairSettings(), 1).draw(0, 500).points.ravel().tolist()) == {2, 3, 4}
    assert SkillPairs(graph, PairSettings(), 1).draw(0, 500).topics.shape == (500, 0)
    together = SkillPairs(graph, PairSettings(weights="co-occurrence"), 1).draw(0, 50).points
    assert {frozenset(row) for row in together.tolist()} == {frozenset((2, 3))}


@given(graphs(), st.integers(1, 6))
@settings(max_examples=150, deadline=None)
def test_what_is_near_is_what_networkx_finds_near(graph: Arrays, steps: int) -> None:
    there = nx.Graph()
    there.add_nodes_from(range(len(graph.ids)))
    there.add_edges_from(zip(np.repeat(np.arange(len(graph.ids)), np.diff(graph.indptr)), graph.indices, strict=True))
    lengths = dict(nx.all_pairs_shortest_path_length(there))
    nodes = np.arange(len(graph.ids), dtype=np.int32)
    table = near(graph, nodes, steps)
    for a in range(len(nodes)):
        for b in range(len(nodes)):
            found = bool(is_near(table, np.array([a]), np.array([b]))[0])
            assert found == (lengths[a].get(b, 99) <= steps)


def test_nearness_reaches_over_more_nodes_than_one_block_of_bits() -> None:
    ring = {(a + 1, a): 1 for a in range(999)} | {(999, 0): 1}
    graph = arrays([POINT] * 1_000, ring)
    table = near(graph, np.arange(1_000, dtype=np.int32), 3)
    rank = np.arange(1_000)
    for away, found in ((0, True), (1, True), (3, True), (4, False), (500, False), (997, True)):
        assert (is_near(table, rank, (rank + away) % 1_000) == found).all()


@given(graphs(), st.integers(1, 3), st.integers(1, 4), st.integers(0, 2**63), st.integers(0, 10**6))
@settings(max_examples=200, deadline=None)
def test_on_any_graph_a_set_keeps_its_distance_and_is_the_same_alone(
    graph: Arrays, size: int, distance: int, seed: int, start: int
) -> None:
    try:
        sampler = SkillPairs(graph, PairSettings(size=size, min_distance=distance), seed)
    except InputError as error:
        assert "too few" in str(error) or "edges apart" in str(error)
        return
    block, identities = sampler.draw(start, start + 10), sampler.identities(start, start + 10)
    there = nx.Graph(zip(np.repeat(np.arange(len(graph.ids)), np.diff(graph.indptr)), graph.indices, strict=True))
    there.add_nodes_from(range(len(graph.ids)))
    for k, row in enumerate(block.points.tolist()):
        assert (sampler.at(np.array([start + k])).points[0] == row).all()
        assert sampler.identities(start + k, start + k + 1)[0] == identities[k]
        chosen = [v for v in row if v >= 0]
        assert len(set(chosen)) == len(chosen)
        assert len(chosen) in ({0, size} if distance > 1 and size > 2 else {size})
        assert all(graph.kinds[v] == POINT for v in chosen)
        for a, b in combinations(chosen, 2):
            assert not nx.has_path(there, a, b) or nx.shortest_path_length(there, a, b) >= distance


@given(graphs(), st.integers(0, 2**63))
@settings(max_examples=100, deadline=None)
def test_pairs_that_occur_together_are_edges_on_any_graph(graph: Arrays, seed: int) -> None:
    try:
        sampler = SkillPairs(graph, PairSettings(weights="co-occurrence"), seed)
    except InputError:
        points = [v for v in range(len(graph.ids)) if graph.kinds[v] == POINT]
        assert not any(graph.weight(a, b) for a, b in combinations(points, 2))
        return
    for k, (a, b) in enumerate(sampler.draw(0, 20).points.tolist()):
        assert graph.weight(a, b)
        assert graph.kinds[a] == graph.kinds[b] == POINT
        assert sampler.at(np.array([k])).points.tolist() == [[a, b]]


def test_identities_are_those_of_sets_whatever_the_numbers_of_nodes() -> None:
    graph = arrays([POINT, POINT, POINT], {(1, 0): 3})
    turned = replace(graph, ids=graph.ids[::-1])
    sampler = SkillPairs(graph, PairSettings(), 1)
    pairs, identities = sampler.draw(0, 200).points.tolist(), sampler.identities(0, 200).tolist()
    assert len(set(identities)) == 3
    assert len({(frozenset(pair), identity) for pair, identity in zip(pairs, identities, strict=True)}) == 3
    assert set(SkillPairs(turned, PairSettings(), 1).identities(0, 200).tolist()) == set(identities)


def test_what_cannot_be_drawn_is_refused_with_what_to_do() -> None:
    pair = arrays([TOPIC, POINT, POINT], {(2, 1): 1})
    with pytest.raises(InputError, match=r"too few for sets of 3.*--sampler-set size=1"):
        SkillPairs(pair, PairSettings(size=3), 1)
    with pytest.raises(InputError, match=r"2 edges apart.*min_distance=1"):
        SkillPairs(pair, PairSettings(min_distance=2), 1)
    with pytest.raises(InputError, match=r"occur together.*weights=uniform"):
        SkillPairs(arrays([POINT, POINT], {}), PairSettings(weights="co-occurrence"), 1)
    with pytest.raises(ValueError, match="one edge apart"):
        PairSettings(weights="co-occurrence", size=3)
    path = arrays([POINT] * 4, {(1, 0): 1, (2, 1): 1, (3, 2): 1})  # no three of a path of four are apart
    assert (SkillPairs(path, PairSettings(size=3, min_distance=2), 1).draw(0, 50).points == -1).all()
