"""Constraints: what is drawn is the sampler's own distribution, of the smaller graph and under the condition."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from sampled_graphs import Arrays, arrays, chi_square, random_graph
from snapshots_with_levels import LEVELS, numbered, snapshot_of
from walk_chances import chances, given

from engine.errors import InputError
from graph.sampling.opening import level_of, open_sampler
from graph.sampling.sampler import POINT, TOPIC, Drawn, Sampler
from graph.sampling.samplers import SAMPLERS, find_sampler, sampler_settings
from graph.sampling.walks import Walks, WalkSettings
from graph.snapshot import SCHEMAS, Adjacency, Snapshot

SHORT: dict[str, Any] = {"point_steps_max": 2}
GRAPH = numbered(random_graph(1, topics=4, points=6, share=0.8))
SNAPSHOT = snapshot_of(GRAPH)
ALL = set(range(len(GRAPH.ids)))
TOPICS = {v for v in ALL if GRAPH.kinds[v] == TOPIC}


def opened(name: str, snapshot: Snapshot = SNAPSHOT, seed: int = 3, **settings: Any) -> Sampler:
    kind = find_sampler(name)
    return open_sampler(kind, snapshot, sampler_settings(kind, settings), seed)


def sets(drawn: Drawn) -> list[frozenset[int]]:
    return [frozenset(v for v in row if v >= 0) for row in np.hstack((drawn.topics, drawn.points)).tolist()]


def mentioned(level: str | None = None, subject: str | None = None) -> set[int]:
    rows = SNAPSHOT.mentions.to_pylist()
    ids = SNAPSHOT.nodes["id"].to_pylist()
    return {
        ids.index(row["concept_id"])
        for row in rows
        if level in (None, row["level"]) and subject in (None, row["subject"])
    }


def only(kept: set[int]) -> Arrays:
    """The graph of these concepts alone; the others keep their numbers, as a kind that no walk knows."""
    edges = {(a, b): GRAPH.weight(a, b) for a in ALL for b in range(a) if {a, b} <= kept and GRAPH.weight(a, b)}
    return arrays([int(GRAPH.kinds[v]) if v in kept else 2 for v in sorted(ALL)], edges)


CONDITIONS: list[tuple[dict[str, Any], Any]] = [
    ({"required": f"name of {GRAPH.ids[5]}"}, lambda c: 5 in c),
    ({"required": f"{GRAPH.ids[1]},{GRAPH.ids[7]}"}, lambda c: {1, 7} <= c),
    ({"topics_max": 1}, lambda c: len(c & TOPICS) <= 1),
    ({"topics_min": "3"}, lambda c: len(c & TOPICS) >= 3),
    ({"points_min": 2, "points_max": 2, "topics_max": 2}, lambda c: len(c - TOPICS) == 2 and len(c & TOPICS) <= 2),
]


@pytest.mark.parametrize(("constraints", "meets"), CONDITIONS)
def test_a_condition_leaves_the_walks_distribution_under_it(constraints: dict[str, Any], meets: Any) -> None:
    """Chi-square against every composition counted out by hand; wrong for one seed in 10,000."""
    found = chances(GRAPH, WalkSettings(**SHORT))
    expected = given(found, {c for c in found if meets(c)})
    drawn = sets(opened("mathscale-walk", **SHORT, **constraints).draw(0, 60_000))
    whole = [c for c in drawn if c]
    assert len(whole) > 30_000
    assert chi_square(Counter(whole), {c: share * len(whole) for c, share in expected.items()}) > 1e-4


def test_what_is_taken_away_leaves_the_walk_on_the_smaller_graph() -> None:
    kept = (mentioned(subject="algebra")) - {0, 8}
    expected = chances(only(kept), WalkSettings(**SHORT))
    sampler = opened("mathscale-walk", **SHORT, subjects="algebra", banned=[GRAPH.ids[0], GRAPH.ids[8]])
    drawn = sets(sampler.draw(0, 60_000))
    assert chi_square(Counter(drawn), {c: share * len(drawn) for c, share in expected.items()}) > 1e-4


def test_a_smaller_graph_and_a_condition_together() -> None:
    found = chances(only(mentioned("high")), WalkSettings(**SHORT))
    point = min(mentioned("high") - TOPICS)
    expected = given(found, {c for c in found if point in c})
    drawn = [
        c
        for c in sets(opened("mathscale-walk", **SHORT, levels="high", required=GRAPH.ids[point]).draw(0, 60_000))
        if c
    ]
    assert chi_square(Counter(drawn), {c: share * len(drawn) for c, share in expected.items()}) > 1e-4


@pytest.mark.parametrize("name", SAMPLERS)
def test_compositions_of_several_levels_come_in_turn(name: str) -> None:
    levels = ("high", "primary")
    sampler = opened(name, levels=";".join(levels))
    drawn = sampler.draw(0, 2_000)
    for index, composition in enumerate(sets(drawn)):
        assert composition <= mentioned(level_of(levels, index))
    alone = [opened(name, levels=level).draw(0, 1_000).path for level in levels]
    if name != "coverage-guided":  # there the stages are those of each level alone as well
        assert (drawn.path[0::2] == alone[0]).all()
    assert (drawn.path[1::2] == alone[1]).all()
    indices = np.array([1_999, 0, 1_000, 7])
    assert (sampler.at(indices).path == drawn.path[indices]).all()


@pytest.mark.parametrize("name", SAMPLERS)
def test_every_sampler_holds_to_what_is_required_and_banned(name: str) -> None:
    required, banned = GRAPH.ids[6], [GRAPH.ids[0], GRAPH.ids[9]]
    sampler = opened(name, required=required, banned=banned)
    drawn = [c for c in sets(sampler.draw(0, 4_000)) if c]
    assert len(drawn) > 3_000
    assert all(6 in c and not {0, 9} & c for c in drawn)
    block = sampler.draw(500, 520)
    assert (block.path == sampler.draw(0, 600).path[500:520]).all()
    assert (opened(name, required=required, banned=banned).at(np.array([519])).path == block.path[-1:]).all()


def test_draws_without_a_constraint_are_what_they_were() -> None:
    graph = SNAPSHOT.adjacency()
    assert (opened("mathscale-walk").draw(0, 500).path == Walks(graph, WalkSettings(), 3).draw(0, 500).path).all()


def test_both_ways_of_two_composition_serve_a_condition() -> None:
    """Only one of its two ways can give two topics: draws of the other find it when they are made again."""
    drawn = opened("two-composition", topics_min=2).draw(0, 2_000)
    both = (drawn.topics >= 0).sum(axis=1)
    assert (both[0::2] == 2).mean() > 0.9
    assert set(both.tolist()) <= {0, 2}


def test_skills_are_as_far_apart_as_in_the_whole_graph() -> None:
    """A banned concept between two skills still joins them: 1 and 3 are two edges apart through 2."""
    graph = numbered(arrays([POINT] * 5, {(2, 1): 1, (3, 2): 1, (4, 0): 1}))
    snapshot = snapshot_of(graph)
    drawn = sets(opened("skill-pairs", snapshot, banned=graph.ids[2], min_distance=3).draw(0, 300))
    assert frozenset({1, 3}) not in drawn
    assert frozenset({0, 1}) in drawn


IMPOSSIBLE: dict[str, tuple[dict[str, Any], str]] = {
    "no such level": (
        {"levels": "primary,doctoral"},
        r"no seed .* level 'doctoral'; there are primary, high, college",
    ),
    "no such subject": ({"subjects": "music"}, "subjects=music: no seed .* there are algebra, geometry"),
    "no such concept": ({"required": "name of t000"}, "there are name of"),
    "both": ({"required": GRAPH.ids[1], "banned": f"name of {GRAPH.ids[1]}"}, "both required and banned"),
    "upside down": ({"topics_min": 2, "topics_max": 1}, "topics_min=2 is more than topics_max=1"),
    "too many": ({"topics_min": 3, "points_min": 9}, r"none meets all .* points_min=9 by 0; leave out points_min=9"),
    "nothing left": ({"banned": [GRAPH.ids[v] for v in sorted(TOPICS)]}, "banned leave 0 topics, 6 knowledge points"),
    "no points left": (
        {"banned": [GRAPH.ids[v] for v in sorted(ALL - TOPICS)]},
        "draws with banned none meets all that is asked: any knowledge point by 0; ask for less",
    ),
    "no list": ({"levels": "[high"}, "it is no list"),
}


@pytest.mark.parametrize("fault", IMPOSSIBLE)
@pytest.mark.parametrize("name", ["mathscale-walk", "coverage-guided"])
def test_what_cannot_be_is_one_error_that_names_the_constraint(name: str, fault: str) -> None:
    settings, says = IMPOSSIBLE[fault]
    with pytest.raises(InputError, match=says) as error:
        opened(name, **settings)
    assert "skillweave" in str(error.value)


def test_a_required_concept_must_be_of_the_level_and_one_alone() -> None:
    missing = min(ALL - mentioned("college"))
    with pytest.raises(InputError, match="no seed of levels=college mentions the required"):
        opened("mathscale-walk", levels="college", required=GRAPH.ids[missing])
    nodes = SNAPSHOT.nodes.set_column(2, "name", [["Algebra"] * SNAPSHOT.nodes.num_rows])
    twins = Snapshot.from_tables({**{name: getattr(SNAPSHOT, name) for name in SCHEMAS}, "nodes": nodes})
    with pytest.raises(InputError, match=r"required=algebra are 10 concepts; name one by its id: c"):
        opened("mathscale-walk", twins, required="algebra")


def test_lists_are_read_with_commas_semicolons_or_as_json() -> None:
    for given_as in ("a, b", "a;b;", '["a", "b"]', ["a", "b"]):
        assert WalkSettings(banned=given_as).banned == ("a", "b")
    assert WalkSettings(banned="a, with comma; b").banned == ("a, with comma", "b")
    assert set(LEVELS) == set(WalkSettings(levels=",".join(LEVELS)).levels)


def test_adjacency_is_taken_where_it_is_there() -> None:
    graph: Adjacency = SNAPSHOT.adjacency()
    kind = find_sampler("mathscale-walk")
    sampler = open_sampler(kind, SNAPSHOT, sampler_settings(kind, {"topics_max": 2}), 3, graph=graph)
    assert (sampler.draw(0, 100).path == opened("mathscale-walk", topics_max=2).draw(0, 100).path).all()
