"""What is around concepts, paths, walks, layouts, search and cards, on a small graph whose answers are known."""

from __future__ import annotations

import gzip
from itertools import pairwise
from pathlib import Path

import numpy as np
import orjson
import pyarrow as pa
import pytest

from engine.errors import InputError
from engine.workspace import Workspace
from graph.card import concept_card, take_back
from graph.concept import concept_id
from graph.deciding import merge_concepts
from graph.layout import layout, layout_file
from graph.neighbourhood import Map
from graph.overview import overview
from graph.sampling.opening import open_sampler
from graph.sampling.samplers import DEFAULT, sampler_settings
from graph.similar import Meanings, embedder_of, search_names
from graph.snapshot import Snapshot
from graph.walked import draw_through, walk

TOPICS = ("Algebra", "Geometry", "Lone topic")
POINTS = ("right triangle", "Pythagorean theorem", "linear equation", "slope of a line")
IDS = {name: concept_id("topic", name) for name in TOPICS} | {
    name: concept_id("knowledge_point", name) for name in POINTS
}
EDGES = {
    ("Algebra", "Geometry"): 2,
    ("Algebra", "linear equation"): 5,
    ("Geometry", "right triangle"): 4,
    ("Geometry", "Pythagorean theorem"): 1,
    ("right triangle", "Pythagorean theorem"): 3,
    ("linear equation", "slope of a line"): 1,
}


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    kinds = {name: "topic" if name in TOPICS else "knowledge_point" for name in IDS}
    nodes = [
        {"id": IDS[name], "kind": kinds[name], "name": name, "aliases": ["rt triangle"] * (name == "right triangle"),
         "count": 10 - place}
        for place, name in enumerate(IDS)
    ]  # fmt: skip
    edges = []
    for (one, other), weight in EDGES.items():
        low, high = sorted((one, other), key=IDS.__getitem__)
        edges.append(
            {"source": IDS[low], "target": IDS[high], "weight": weight, "kinds": f"{kinds[low]}-{kinds[high]}"}
        )
    mentions = [
        {"seed_id": seed, "concept_id": IDS[name], "kind": kinds[name], "name": spelled, "level": level, "subject": ""}
        for seed, name, spelled, level in (
            ("s1", "right triangle", "right triangle", "high"),
            ("s1", "right triangle", "rt triangle", "high"),
            ("s2", "right triangle", "rt triangle", "middle"),
            ("s2", "linear equation", "linear equation", "middle"),
            ("s3", "slope of a line", "slope of a line", ""),
            ("s3", "Algebra", "Algebra", ""),
        )
    ]
    levels = {"s1": "high", "s2": "middle", "s3": None}
    seeds = [{"id": seed, "level": level, "subject": "", "source": "x"} for seed, level in levels.items()]
    merges = [
        {"kind": kinds[name], "name": name, "id": IDS[name], "into": IDS[name], "into_name": name, "rule": "first",
         "score": None, "by": "rule", "mentions": 1}
        for name in IDS
    ]  # fmt: skip
    merges.append(
        merges[3] | {"name": "rt triangle", "id": concept_id("knowledge_point", "rt triangle"), "rule": "embedding",
                     "score": 0.91, "mentions": 2}
    )  # fmt: skip
    rows = {"nodes": nodes, "edges": edges, "mentions": mentions, "seeds": seeds, "merges": merges}
    return Snapshot.from_tables({name: pa.Table.from_pylist(of) for name, of in rows.items()})


@pytest.fixture(scope="module")
def view(snapshot: Snapshot) -> Map:
    return Map(snapshot)


def names(found) -> list[str]:
    return [node.name for node in found.nodes]


def test_around_a_concept_are_its_neighbours_the_heaviest_first(view: Map) -> None:
    found = view.around([IDS["Geometry"]])
    assert names(found) == ["Geometry", "right triangle", "Algebra", "Pythagorean theorem"]
    assert [node.steps for node in found.nodes] == [0, 1, 1, 1]
    assert [link.weight for link in found.links] == [4, 3, 2, 1]
    assert found.left_out == 0


def test_two_steps_reach_further_and_a_limit_tells_what_it_left_out(view: Map) -> None:
    assert "linear equation" in names(view.around([IDS["Geometry"]], hops=2))
    few = view.around([IDS["Geometry"]], most=2)
    assert names(few) == ["Geometry", "right triangle"]
    assert few.left_out == 2


def test_hidden_concepts_are_no_way_and_light_edges_neither(view: Map) -> None:
    past = view.around([IDS["Geometry"]], hops=3, hidden=[IDS["Algebra"]])
    assert set(names(past)) == {"Geometry", "right triangle", "Pythagorean theorem"}
    heavy = view.around([IDS["Geometry"]], least_weight=3)
    assert names(heavy) == ["Geometry", "right triangle", "Pythagorean theorem"][: len(heavy.nodes)]
    assert all(link.weight >= 3 for link in heavy.links)


def test_the_middle_is_never_hidden_and_what_is_wanted_too_is_there_alone(view: Map) -> None:
    found = view.around([IDS["Lone topic"]], hidden=[IDS["Lone topic"]], too=[IDS["slope of a line"]])
    assert names(found) == ["Lone topic", "slope of a line"]
    assert found.links == ()


def test_a_shortest_path_takes_the_fewest_steps(view: Map) -> None:
    path = view.path(IDS["right triangle"], IDS["slope of a line"])
    assert [view.node(view.place(concept)).name for concept in path] == [
        "right triangle", "Geometry", "Algebra", "linear equation", "slope of a line",
    ]  # fmt: skip
    assert view.path(IDS["Algebra"], IDS["Lone topic"]) == ()
    assert view.path(IDS["Algebra"], IDS["Algebra"]) == (IDS["Algebra"],)
    assert view.path(IDS["Geometry"], IDS["linear equation"], hidden=[IDS["Algebra"]]) == ()


def test_the_hub_is_bound_most(view: Map) -> None:
    sums = dict.fromkeys(IDS, 0)
    for (one, other), weight in EDGES.items():
        sums[one] += weight
        sums[other] += weight
    best = max(sums.values())
    assert view.hub() in {IDS[name] for name, total in sums.items() if total == best}


def test_an_unknown_concept_is_a_sentence(view: Map) -> None:
    with pytest.raises(InputError, match="skillweave graph merges"):
        view.around(["t0000000000000000"])


def test_a_walk_is_told_step_by_step(snapshot: Snapshot, view: Map) -> None:
    sampler = open_sampler(DEFAULT, snapshot, sampler_settings(DEFAULT, {}), 0)
    for index in range(40):
        steps = walk(view, sampler, index)
        drawn = sampler.draw(index, index + 1)
        assert [view.place(step.concept) for step in steps] == [p for p in drawn.path[0].tolist() if p >= 0]
        assert steps[0].part == "start"
        for before, step in pairwise(steps):
            pair = {before.name, step.name}
            assert step.weight == next(weight for ends, weight in EDGES.items() if set(ends) == pair)
            assert 0 < step.chance <= 1
        kept = [p for p in (*drawn.topics[0].tolist(), *drawn.points[0].tolist()) if p >= 0]
        assert sum(step.counts for step in steps) == len(kept)
    bridges = [step for index in range(40) for step in walk(view, sampler, index) if step.part == "bridge"]
    assert {step.chance for step in bridges} == {1.0, 0.8, 0.2}


def test_a_walk_that_comes_by_a_concept_is_found(snapshot: Snapshot, view: Map) -> None:
    sampler = open_sampler(DEFAULT, snapshot, sampler_settings(DEFAULT, {}), 0)
    first = draw_through(view, sampler, IDS["slope of a line"])
    assert first is not None
    assert IDS["slope of a line"] in [step.concept for step in walk(view, sampler, first)]
    second = draw_through(view, sampler, IDS["slope of a line"], after=first)
    assert second is not None
    assert second > first
    assert draw_through(view, sampler, IDS["slope of a line"], tried=0) is None


def test_search_by_name_knows_aliases_and_spelling(snapshot: Snapshot) -> None:
    assert [(f.name, f.how, f.through) for f in search_names(snapshot, "RT Triangles")] == [
        ("right triangle", "alias", "rt triangle")
    ]
    assert [f.name for f in search_names(snapshot, "line")] == ["linear equation", "slope of a line"]
    assert search_names(snapshot, "  ") == []
    assert search_names(snapshot, "zebra") == []


def test_search_by_meaning_and_the_nearest(snapshot: Snapshot) -> None:
    meanings = Meanings(snapshot, embedder_of(snapshot))
    assert meanings.search("right angled triangle")[0].name == "right triangle"
    near = meanings.nearest(IDS["right triangle"], most=3)
    assert IDS["right triangle"] not in [found.id for found in near]
    assert [found.score for found in near] == sorted((found.score for found in near), reverse=True)
    with pytest.raises(InputError, match="no concept"):
        meanings.nearest("t0000000000000000")


def test_an_embedder_that_changed_is_refused(snapshot: Snapshot) -> None:
    tables = {name: getattr(snapshot, name) for name in ("nodes", "edges", "mentions", "merges", "seeds")}
    other = Snapshot.from_tables(tables, {"embedder": {"name": "skillweave", "digest": "b2:0"}})
    with pytest.raises(InputError, match="changed since"):
        embedder_of(other)


def test_a_layout_is_made_once_and_damage_is_mended(snapshot: Snapshot, tmp_path: Path) -> None:
    place = Workspace(tmp_path)
    made = layout(place, snapshot)
    assert made.shape == (len(IDS), 2)
    assert np.abs(made).max() <= 1.0
    assert len(np.unique(made, axis=0)) == len(IDS)
    file = layout_file(place, snapshot)
    kept = file.read_bytes()
    assert np.array_equal(layout(place, snapshot), made)
    file.write_bytes(kept[:40])
    assert np.array_equal(layout(place, snapshot), made)
    assert file.read_bytes() == kept


def test_the_overview_holds_every_node_and_edge(snapshot: Snapshot, tmp_path: Path) -> None:
    packed = overview(Workspace(tmp_path), snapshot)
    assert packed == overview(Workspace(tmp_path), snapshot)
    told = orjson.loads(gzip.decompress(packed))
    edges = zip(told["source"], told["target"], told["weight"], strict=True)
    shown = {frozenset((told["names"][one], told["names"][other])): weight for one, other, weight in edges}
    assert shown == {frozenset(ends): weight for ends, weight in EDGES.items()}
    assert len(told["x"]) == len(told["y"]) == len(told["kinds"]) == len(IDS)


def test_a_card_tells_names_seeds_and_levels(snapshot: Snapshot) -> None:
    card = concept_card(snapshot, IDS["right triangle"])
    assert [(a.name, a.rule, a.score, a.can_part) for a in card.names] == [
        ("rt triangle", "embedding", 0.91, True), ("right triangle", "first", None, False),
    ]  # fmt: skip
    assert [(m.seed, m.level, m.name) for m in card.mentions] == [
        ("s1", "high", "right triangle"), ("s2", "middle", "rt triangle"),
    ]  # fmt: skip
    assert {level: count for level, count in card.levels if count} == {"middle": 1, "high": 1}
    with pytest.raises(InputError, match="no concept"):
        concept_card(snapshot, "t0000000000000000")


def test_a_merge_is_taken_back_whoever_made_it(snapshot: Snapshot) -> None:
    concept = IDS["right triangle"]
    alias = concept_card(snapshot, concept).names[0]
    parted = take_back(snapshot, concept, alias, by="ann", why="not the same")
    assert "rt triangle" in parted.nodes["name"].to_pylist()
    assert parted.decisions["why"].to_pylist() == ["not the same"]
    merged = merge_concepts(snapshot, IDS["linear equation"], concept, by="ann", why="tried")
    into = merged.resolver()[IDS["linear equation"]]
    decided = [alias for alias in concept_card(merged, into).names if alias.decision is not None]
    assert {alias.why for alias in decided} == {"tried"}
    back = take_back(merged, into, decided[0], by="ann", why="no")
    assert {concept, IDS["linear equation"]} <= set(back.nodes["id"].to_pylist())


def test_only_what_was_merged_can_be_taken_back(snapshot: Snapshot) -> None:
    own = concept_card(snapshot, IDS["linear equation"]).names[0]
    with pytest.raises(InputError, match="no name that a rule or a model merged"):
        take_back(snapshot, IDS["linear equation"], own, by="ann", why="no")
