"""Coverage-guided drawing: what it must be on any graph, its chances against the formula, and what it is for."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
from examples import some
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sampled_graphs import Arrays, arrays, chi_square, graphs, random_graph
from scipy.stats import chi2

from graph.sampling.aimed import AimedWalks
from graph.sampling.guided import STAGE, CoverageGuided, GuidedSettings
from graph.sampling.rand import streams
from graph.sampling.sampler import POINT, TOPIC
from graph.sampling.thinness import log_power, weights_of
from graph.sampling.uses import SeedMentions, Used, Uses
from graph.sampling.walks import Walks, WalkSettings

temperatures = st.sampled_from([0.0, 0.1, 0.5, 0.7, 1.0])


def pairs_of(graph: Arrays) -> list[tuple[int, int]]:
    n = len(graph.ids)
    return [(a, b) for a in range(n) for b in range(a + 1, n) if graph.weight(a, b)]


@given(graphs(), st.integers(0, 2**63), st.integers(0, 40_000))
@some(40)
def test_at_temperature_0_it_is_the_papers_walk_draw_for_draw(graph: Arrays, seed: int, start: int) -> None:
    guided, paper = CoverageGuided(graph, GuidedSettings(temperature=0), seed), Walks(graph, WalkSettings(), seed)
    assert (guided.draw(start, start + 40).path == paper.draw(start, start + 40).path).all()
    assert (guided.identities(start, start + 40) == paper.identities(start, start + 40)).all()


@given(graphs(), temperatures, st.sampled_from(["stay", "drop"]), st.integers(0, 2**63), st.data())
@some(40)
def test_a_draw_is_a_walk_along_edges_and_the_same_alone(
    graph: Arrays, temperature: float, lone: str, seed: int, data: st.DataObject
) -> None:
    bounds = {"topic_steps_min": 0, "topic_steps_max": data.draw(st.integers(0, 2)),
              "point_steps_max": data.draw(st.integers(0, 4))}  # fmt: skip
    how = GuidedSettings(temperature=temperature, lone_topics=lone, **bounds)
    block = CoverageGuided(graph, how, seed).draw(0, 2 * STAGE)
    bridge = how.topic_steps_max + 1
    for row in block.path.tolist():
        topics, points = ([v for v in part if v >= 0] for part in (row[:bridge], row[bridge:]))
        walk = topics + points
        assert topics
        assert all(graph.kinds[v] == TOPIC for v in topics)
        assert all(graph.kinds[v] == POINT for v in points)
        assert all(graph.weight(a, b) for a, b in pairwise(walk))
        assert row[:bridge] == topics + [-1] * (bridge - len(topics))
    indices = np.array(data.draw(st.lists(st.integers(0, 2 * STAGE - 1), min_size=1, max_size=6)))
    other = CoverageGuided(graph, how, seed)
    assert (other.at(indices).path == block.path[indices]).all()
    assert (other.identities(5, 9) == CoverageGuided(graph, how, seed).identities(0, 700)[5:9]).all()


def test_blocks_and_order_are_invisible_over_many_stages() -> None:
    graph, how = random_graph(2), GuidedSettings()
    whole = CoverageGuided(graph, how, 5).draw(0, 40_000)
    backwards = CoverageGuided(graph, how, 5)
    for start in (39_990, 32_700, 12_345, 250, 0):
        assert (backwards.draw(start, start + 100).path[:10] == whole.path[start : start + 10]).all()


def test_draws_are_the_same_under_any_hash_seed_in_any_process() -> None:
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from test_coverage_sampling import *\n"
        "g = random_graph(1)\n"
        "s = CoverageGuided(g, GuidedSettings(temperature=0.6), 4, mentions=mentions_of(g))\n"
        "print(s.draw(900, 950).path.tolist(), s.identities(0, 50).tolist())"
    )
    root = Path(__file__).parents[2]
    printed = {
        subprocess.run(
            [sys.executable, "-c", script, str(Path(__file__).parent)],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(root)}, capture_output=True, check=True,
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(printed) == 1
    assert len(printed.pop()) > 1_000


def mentions_of(graph: Arrays) -> SeedMentions:
    """Of two levels, the first n // 2 nodes are mentioned at the lower, the others at the higher."""
    n = len(graph.ids)
    low = (np.arange(n) < n // 2).astype(np.int64)
    return SeedMentions(("low", "high"), np.stack((low, 1 - low)))


def used_at_random(graph: Arrays, seed: int) -> Used:
    random = np.random.default_rng(seed)
    pairs = np.array(pairs_of(graph)).T
    counts = random.integers(0, 4, pairs.shape[1])
    return Used(random.integers(0, 6, len(graph.ids)), np.vstack((pairs, counts)), {"low": 40, "high": 7})


def thinness_of(graph: Arrays, used: Used) -> dict[tuple[int, int], float]:
    """The formula of graph/sampling/uses.py, written out."""
    level = {v: v >= len(graph.ids) // 2 for v in range(len(graph.ids))}
    of_pair = {(a, b): level[a] and level[b] for a, b in pairs_of(graph)}  # one of each: a draw, so the lower
    size = Counter(of_pair.values())
    questions = {False: used.levels["low"], True: used.levels["high"]}
    both = {(a, b): c for a, b, c in used.pairs.T.tolist()}
    return {
        (a, b): (1 + both[a, b]) ** -8.0
        * (1 + min(used.concepts[a], used.concepts[b])) ** -2.0
        * (1 + questions[high] / size[high]) ** -2.0
        for (a, b), high in of_pair.items()
    }  # fmt: skip


def test_thinness_is_the_formula() -> None:
    graph = random_graph(4)
    used = used_at_random(graph, 1)
    uses = Uses(graph, used, mentions_of(graph))
    expected = thinness_of(graph, used)
    logs = uses.thinness()
    for one, other, log in zip(uses.one.tolist(), uses.other.tolist(), logs.tolist(), strict=True):
        assert log / 4096 == pytest.approx(np.log2(expected[one, other]), abs=3 / 8192)


def test_steps_go_by_weight_and_thinness_as_the_temperature_says() -> None:
    """Chi-square over every transition of walks without an aim; wrong for one seed in 10,000."""
    graph, t, walks = random_graph(1, topics=5, points=9), 0.35, 150_000
    used = used_at_random(graph, 2)
    uses = Uses(graph, used, mentions_of(graph))
    aimed = AimedWalks(graph, uses, WalkSettings())
    aimed.step_by(log_power(uses.weights, 1 - t) + np.rint(uses.thinness() * t).astype(np.int64))
    starts = np.resize(np.arange(4, dtype=np.int32), walks)
    path = aimed.paths(starts, np.full(walks, -1), streams(9, np.arange(walks)))
    thin = thinness_of(graph, used)
    made: NDArray[np.int64] = np.zeros((14, 14), np.int64)
    last = np.where(path[2] >= 0, path[2], path[1])
    for a, b in [(path[k], path[k + 1]) for k in (0, 1, 3, 4, 5, 6)] + [(last, path[3])]:
        whole = (a >= 0) & (b >= 0)
        np.add.at(made, (a[whole], b[whole]), 1)
    statistic, degrees = 0.0, 0
    for u in range(14):
        for kind in (TOPIC, POINT):
            targets = [v for v in range(14) if graph.weight(u, v) and graph.kinds[v] == kind]
            bent = np.array([graph.weight(u, v) ** (1 - t) * thin[min(u, v), max(u, v)] ** t for v in targets])
            expected = bent / bent.sum() * made[u, targets].sum()
            often = expected >= 5
            if often.sum() > 1:
                statistic += float((((made[u, targets] - expected) ** 2 / expected)[often]).sum())
                degrees += int(often.sum()) - 1
    assert degrees > 50
    assert chi2.sf(statistic, degrees) > 1e-4


def test_aims_fall_on_pairs_by_their_thinness_and_evenly() -> None:
    """Draws of one topic and one point are the pair aimed at: each as often as its share says, rounded up or down."""
    graph = random_graph(6, topics=6, points=12)
    graph = arrays(
        graph.kinds.tolist(),
        {(b, a): graph.weight(a, b) for a, b in pairs_of(graph) if graph.kinds[a] != graph.kinds[b]},
    )
    used = used_at_random(graph, 3)
    how = GuidedSettings(temperature=1, topic_steps_min=0, topic_steps_max=0, point_steps_max=0)
    thin = thinness_of(graph, used)
    counted: Counter[tuple[int, int]] = Counter()
    for seed in range(1_000):
        sampler = CoverageGuided(graph, how, seed, used=used, mentions=mentions_of(graph))
        of_stage = Counter((min(a, b), max(a, b)) for a, b in sampler.draw(0, STAGE).path.tolist())
        counted += of_stage
        for pair, share in thin.items():
            assert abs(of_stage[pair] - share / sum(thin.values()) * STAGE) < 1.1
    expected = {pair: share / sum(thin.values()) * 1_000 * STAGE for pair, share in thin.items()}
    assert chi_square(counted, expected) > 1e-4


@given(graphs(), st.integers(0, 1000))
@settings(max_examples=60, deadline=None)
def test_a_walk_that_aims_uses_its_pair(graph: Arrays, seed: int) -> None:
    uses = Uses(graph, Used(), None)
    walks = AimedWalks(graph, uses, WalkSettings())
    walks.step_by(np.zeros(len(uses), np.int64))
    aims = np.flatnonzero(walks.aimable())
    starts = np.full(len(aims), np.flatnonzero(graph.kinds == TOPIC)[0], np.int32)
    path = walks.paths(starts, aims, streams(seed, aims))
    for column, aim in enumerate(aims.tolist()):
        assert {int(uses.one[aim]), int(uses.other[aim])} <= set(path[:, column].tolist())
    under_topics = {v for a, b in pairs_of(graph) for v in (a, b) if graph.kinds[a] != graph.kinds[b]}
    out_of_reach = {
        (a, b) for a, b in pairs_of(graph) if graph.kinds[a] == graph.kinds[b] == POINT and not {a, b} & under_topics
    }
    assert len(uses) - len(aims) == len(out_of_reach)


@given(graphs(), temperatures.filter(bool), st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_counts_are_those_of_the_draws(graph: Arrays, temperature: float, seed: int) -> None:
    drawn = CoverageGuided(graph, GuidedSettings(temperature=temperature), seed).draw(0, 300)
    members = np.hstack((drawn.topics, drawn.points)).T
    uses = Uses(graph, Used(), mentions_of(graph))
    uses.add(members)
    sets = [{v for v in column if v >= 0} for column in members.T.tolist()]
    assert uses.concepts.tolist() == [sum(v in one for one in sets) for v in range(len(graph.ids))]
    together = Counter(pair for one in sets for pair in combinations(sorted(one), 2))
    pairs = zip(uses.one.tolist(), uses.other.tolist(), strict=True)
    assert uses.pairs.tolist() == [together[pair] for pair in pairs]
    assert sum(uses.levels.tolist()) == 300
    begun = Uses(graph, uses.used(), mentions_of(graph))
    assert (begun.pairs == uses.pairs).all()
    assert (begun.concepts == uses.concepts).all()
    assert (begun.levels == uses.levels).all()


def draws_for(graph: Arrays, temperature: float, share: float = 0.95) -> int:
    """Draws until that share of the pairs is used."""
    uses, sampler = Uses(graph, Used(), None), CoverageGuided(graph, GuidedSettings(temperature=temperature), 1)
    for start in range(0, 200_000, 100):
        drawn = sampler.draw(start, start + 100)
        uses.add(np.hstack((drawn.topics, drawn.points)).T)
        if np.count_nonzero(uses.pairs) >= share * len(uses):
            return start + 100
    raise AssertionError(f"200,000 draws do not use {share:.0%} of the pairs")


def test_the_higher_the_temperature_the_fewer_draws_cover_a_graph() -> None:
    graph = random_graph(8, topics=20, points=80, share=0.25)
    needed = [draws_for(graph, temperature) for temperature in (0, 0.2, 0.5, 1)]
    assert needed == sorted(needed, reverse=True)
    assert needed[0] > 4 * needed[-1]


@pytest.mark.parametrize("what", ["concept", "pair", "level"])
def test_what_was_used_is_drawn_the_less_the_higher_the_temperature(what: str) -> None:
    """Of two equal halves of a graph one was used: the share of the first stage that falls on it, by temperature."""
    half = random_graph(9, topics=5, points=10)
    n = len(half.ids)
    edges = {(a + m * n, b + m * n): half.weight(a, b) for b, a in pairs_of(half) for m in (0, 1)}
    graph = arrays([*half.kinds.tolist()] * 2, edges)
    lower = [pair for pair in pairs_of(graph) if pair[0] < n]
    used = {
        "concept": Used(concepts=np.repeat([2, 0], n)),
        "pair": Used(pairs=np.array([(*pair, 2) for pair in lower]).T),
        "level": Used(levels={"low": 5 * len(lower)}),
    }[what]
    shares = []
    for temperature in (0.0, 0.3, 0.6, 1.0):
        drawn = [
            CoverageGuided(graph, GuidedSettings(temperature=temperature), seed, used=used, mentions=mentions_of(graph))
            .draw(0, STAGE).path[:, 0] < n
            for seed in range(300)
        ]  # fmt: skip
        shares.append(float(np.mean(drawn)))
    assert shares[0] == pytest.approx(0.5, abs=0.02)
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] < 0.2


@given(st.lists(st.integers(-60_000, 0), min_size=1, max_size=50), st.integers(8, 30))
def test_weights_are_powers_of_two_to_the_promised_exactness(logs: list[int], width: int) -> None:
    array = np.array(logs)
    weights = weights_of(array, array.max(), width)
    exact = np.exp2((array - array.max()) / 4096 + width)
    assert weights.max() == 2**width
    assert (np.abs(weights - np.maximum(exact, 1)) < 1 + 1e-6 * exact).all()
