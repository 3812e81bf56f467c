"""The paper's walk: frequencies against the paper's formula, and what must hold on any graph."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from examples import some
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sampled_graphs import Arrays, arrays, graphs, random_graph
from scipy.stats import chi2

from engine.errors import InputError
from graph.sampling.alias import alias_tables
from graph.sampling.sampler import POINT, TOPIC
from graph.sampling.walks import Walks, WalkSettings

PAPER = WalkSettings()


def test_steps_follow_the_papers_softmax() -> None:
    """Chi-square over every transition of every sub-graph; seed fixed, so it passes or fails for good.

    A sampler that is right would fail for one seed in 10,000 (the error rate of the test); one whose transition
    probabilities are off by a few percent fails nearly always at 400,000 walks.
    """
    graph, walks = random_graph(1), 400_000
    path = Walks(graph, PAPER, seed=5).draw(0, walks).path
    n, epsilon = len(graph.ids), 1e-5
    made: NDArray[np.int64] = np.zeros((n, n), np.int64)
    last_topic = np.where(path[:, 2] >= 0, path[:, 2], np.where(path[:, 1] >= 0, path[:, 1], path[:, 0]))
    for a, b in [(path[:, k], path[:, k + 1]) for k in (0, 1, 3, 4, 5, 6)] + [(last_topic, path[:, 3])]:
        whole = (a >= 0) & (b >= 0)
        np.add.at(made, (a[whole], b[whole]), 1)
    statistic, degrees = 0.0, 0
    for u in range(n):
        for kind in (TOPIC, POINT):
            targets = [v for v in range(n) if graph.weight(u, v) and graph.kinds[v] == kind]
            if len(targets) < 2 or not made[u, targets].sum():
                continue
            f = np.log(np.array([graph.weight(u, v) for v in targets]) + epsilon)
            expected = np.exp(f) / np.exp(f).sum() * made[u, targets].sum()
            assert expected.min() >= 5
            statistic += float(((made[u, targets] - expected) ** 2 / expected).sum())
            degrees += len(targets) - 1
    assert degrees > 100
    assert chi2.sf(statistic, degrees) > 1e-4


def test_steps_are_counted_as_the_paper_bounds_them() -> None:
    path = Walks(random_graph(2), PAPER, seed=1).draw(0, 50_000).path
    with_neighbours = path[path[:, 0] < 6]  # topic 6 knows no other topic
    topic_steps = (with_neighbours[:, 1:3] >= 0).sum(axis=1)
    point_steps = (path[:, 4:] >= 0).sum(axis=1)
    assert np.unique(topic_steps).tolist() == [1, 2]
    assert np.bincount(topic_steps)[1:] / len(topic_steps) == pytest.approx([0.5] * 2, abs=0.01)
    assert np.bincount(point_steps) / len(path) == pytest.approx([0.2] * 5, abs=0.01)


def test_each_topic_starts_once_an_epoch_in_an_order_of_its_own() -> None:
    graph = random_graph(3)
    starts = Walks(graph, PAPER, seed=9).draw(0, 7 * 500).path[:, 0].reshape(500, 7)
    assert (np.sort(starts, axis=1) == np.arange(7)).all()
    places = np.bincount(starts[:, 0], minlength=7)
    assert chi2.sf(((places - 500 / 7) ** 2 / (500 / 7)).sum(), 6) > 1e-4
    assert len({tuple(order) for order in starts.tolist()}) > 400


@given(graphs(), st.integers(0, 2**63), st.integers(0, 200_000))
@some(60)
def test_a_walk_goes_along_edges_and_is_the_same_alone(graph: Arrays, seed: int, start: int) -> None:
    walks = Walks(graph, PAPER, seed)
    block, identities = walks.draw(start, start + 12), walks.identities(start, start + 12)
    for k in range(12):
        alone = walks.draw(start + k, start + k + 1)
        assert (alone.path[0] == block.path[k]).all()
        assert walks.identities(start + k, start + k + 1)[0] == identities[k]
        topics = [int(v) for v in block.path[k, :3] if v >= 0]
        points = [int(v) for v in block.path[k, 3:] if v >= 0]
        assert all(graph.kinds[v] == TOPIC for v in topics)
        assert all(graph.kinds[v] == POINT for v in points)
        steps = [*pairwise(topics), *pairwise(points)]
        assert all(graph.weight(a, b) for a, b in [*steps, *[(topics[-1], p) for p in points[:1]]])
        assert sorted(v for v in block.topics[k] if v >= 0) == sorted(set(topics))
        assert sorted(v for v in block.points[k] if v >= 0) == sorted(set(points))
        neighbours = {int(v) for v in graph.indices[graph.indptr[topics[-1]] : graph.indptr[topics[-1] + 1]]}
        assert bool(points) == any(graph.kinds[v] == POINT for v in neighbours)


def test_indices_may_be_any_and_blocks_are_invisible() -> None:
    walks = Walks(random_graph(4), PAPER, seed=3)
    whole = walks.draw(0, 70_000)
    indices = np.array([0, 1, 32_767, 32_768, 65_536, 69_999])
    some = walks.at(indices)
    assert (some.path == whole.path[indices]).all()
    assert (some.topics == whole.topics[indices]).all()
    assert (some.points == whole.points[indices]).all()
    assert (walks.identities(32_760, 32_780) == walks.identities(0, 70_000)[32_760:32_780]).all()
    assert walks.draw(5, 5).path.shape == (0, 8)
    assert walks.identities(5, 5).shape == (0,)


def test_equal_sets_and_only_they_share_an_identity() -> None:
    walks = Walks(random_graph(5), PAPER, seed=2)
    drawn, identities = walks.draw(0, 30_000), walks.identities(0, 30_000)
    rows = np.hstack((drawn.topics, drawn.points)).tolist()
    of_set: dict[frozenset[int], int] = {}
    for row, identity in zip(rows, identities.tolist(), strict=True):
        assert of_set.setdefault(frozenset(v for v in row if v >= 0), identity) == identity
    assert len(set(of_set.values())) == len(of_set)
    assert 1_000 < len(of_set) < 30_000


def test_identities_do_not_depend_on_the_numbers_of_nodes() -> None:
    graph = arrays([TOPIC, POINT], {(1, 0): 3})
    turned = replace(arrays([POINT, TOPIC], {(1, 0): 3}), ids=graph.ids[::-1])
    assert (Walks(graph, PAPER, 1).identities(0, 9) == Walks(turned, PAPER, 1).identities(0, 9)).all()


def test_settings_decide_what_the_paper_leaves_open() -> None:
    graph = arrays([TOPIC, TOPIC, TOPIC, POINT], {(1, 0): 1, (3, 2): 1, (3, 0): 1})  # topic 2 is lone
    stay, drop = Walks(graph, PAPER, 1), Walks(graph, WalkSettings(lone_topics="drop"), 1)
    of_lone = stay.draw(0, 300).path[:, 0] == 2
    assert (stay.draw(0, 300).points[of_lone, 0] == 3).all()
    assert (drop.draw(0, 300).points[of_lone] == -1).all()
    assert (drop.draw(0, 300).path[~of_lone] == stay.draw(0, 300).path[~of_lone]).all()

    without = Walks(graph, WalkSettings(start_counts=False), 1).draw(0, 300)
    assert (without.topics[of_lone] == -1).all()
    back = (without.path[:, 2] == without.path[:, 0]) & ~of_lone
    assert back.any()
    assert (without.topics[back, 2] == without.path[back, 0]).all()

    longer = Walks(random_graph(6), WalkSettings(topic_steps_min=3, topic_steps_max=3, point_steps_max=6), 1)
    assert longer.draw(0, 10).path.shape == (10, 4 + 7)
    with pytest.raises(ValueError, match="fewest steps"):
        WalkSettings(point_steps_min=5)


def test_a_graph_without_topics_is_refused() -> None:
    with pytest.raises(InputError, match="no topic"):
        Walks(arrays([POINT, POINT], {(1, 0): 1}), PAPER, 1)


@given(st.lists(st.lists(st.integers(1, 10**6), max_size=9), min_size=1, max_size=6))
@settings(max_examples=200, deadline=None)
def test_alias_tables_hold_the_weights(rows: list[list[int]]) -> None:
    """The shares that a table hands out are the weights over their sum, to the resolution of the coin."""
    indptr = np.cumsum([0] + [len(row) for row in rows])
    targets = np.concatenate([np.arange(len(row), dtype=np.int32) for row in rows])
    tables = alias_tables(indptr, targets, np.array([w for row in rows for w in row], np.int64))
    for node, row in enumerate(rows):
        share = np.zeros(len(row))
        for bucket in range(indptr[node], indptr[node + 1]):
            own = float(tables.threshold[bucket]) / 2**32
            share[tables.ends[2 * bucket]] += own / len(row)
            share[tables.ends[2 * bucket + 1]] += (1 - own) / len(row)
        assert share == pytest.approx(np.array(row) / max(sum(row), 1), abs=1e-8)


@pytest.mark.parametrize("weights", [[0, 1], [2**31, 1]])
def test_alias_tables_refuse_weights_they_cannot_hold(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights must be"):
        alias_tables(np.array([0, 2]), np.array([0, 1], np.int32), np.array(weights))


def test_draws_are_the_same_under_any_hash_seed() -> None:
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from test_walks import *\n"
        "w = Walks(random_graph(1), PAPER, 4)\n"
        "print(w.draw(0, 50).path.tolist(), w.identities(0, 50).tolist())"
    )
    root = Path(__file__).parents[2]
    printed = {
        subprocess.run(
            [sys.executable, "-c", script, str(Path(__file__).parent)],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(printed) == 1
    assert len(printed.pop()) > 1_000
