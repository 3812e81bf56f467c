"""Few-shots: nearest by Jaccard, distinct sets first, filled up and shuffled, the same for the same chance."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_workspace import snapshot_of

from generation.shots import ShotIndex, ShotSettings
from graph.concept import concept_id

Sets = Sequence[str]
"""The knowledge points of each seed, a letter each."""


def index_of(sets: Sets, count: int = 8, distinct: int = 8, without_text: Sequence[str] = ()) -> ShotIndex:
    concepts = {
        f"s{i:03d}": [("topic", "T"), *(("knowledge_point", p) for p in points)] for i, points in enumerate(sets)
    }
    snapshot = snapshot_of(concepts)
    questions = {seed: f"question of {seed}" for seed in concepts if seed not in without_text}
    return ShotIndex(
        snapshot.adjacency(), snapshot.mentions, questions, ShotSettings(count=count, distinct_sets=distinct)
    )


def nodes(sets: Sets, points: str) -> list[int]:
    ids = sorted({concept_id("topic", "T")} | {concept_id("knowledge_point", p) for p in "".join(sets)})
    return [ids.index(concept_id("knowledge_point", p)) for p in points]


def jaccard(a: str, b: str) -> float:
    return len(set(a) & set(b)) / len(set(a) | set(b))


point_sets = st.lists(st.sets(st.sampled_from("abcdef"), min_size=1, max_size=4).map(sorted).map("".join), min_size=1)


@given(point_sets, st.integers(0, 5), st.integers(0, 5), st.integers(0, 2**32), st.data())
@settings(max_examples=150, deadline=None)
def test_the_nearest_distinct_sets_come_first(
    sets: list[str], count: int, distinct: int, seed: int, data: st.DataObject
) -> None:
    known = sorted(set("".join(sets)))
    asked = "".join(data.draw(st.lists(st.sampled_from(known), unique=True, min_size=1)))
    shots = index_of(sets, count, distinct).choose(nodes(sets, asked), Random(seed))
    assert shots == index_of(sets, count, distinct).choose(nodes(sets, asked), Random(seed))
    assert len({shot.seed_id for shot in shots}) == len(shots) == min(count, len(sets))

    shown = ["".join(sorted(shot.points)) for shot in shots]
    most = min(count, distinct)
    by_nearness = sorted({s for s in sets if jaccard(s, asked)}, key=lambda s: -jaccard(s, asked))
    nearest = [jaccard(s, asked) for s in by_nearness[:most]]
    found = sorted((jaccard(s, asked) for s in set(shown)), reverse=True)
    assert found[: len(nearest)] == pytest.approx(nearest)
    sharing = sum(1 for s in sets if jaccard(s, asked))
    assert sum(1 for s in shown if jaccard(s, asked)) == min(count, sharing)


def test_a_shot_is_topics_points_and_question() -> None:
    shot = index_of(["ba"], count=1).choose(nodes(["ba"], "a"), Random(1))[0]
    assert (shot.seed_id, shot.topics, sorted(shot.points)) == ("s000", ("T",), ["a", "b"])
    assert shot.question == "question of s000"


def test_ties_seeds_of_a_set_and_the_order_fall_at_random() -> None:
    sets = ["ab", "ac", "ad", "ae", "af", "ab"]
    index = index_of(sets, count=2)
    chosen = [tuple(s.seed_id for s in index.choose(nodes(sets, "a"), Random(i))) for i in range(200)]
    assert {seed for pair in chosen for seed in pair} == {f"s00{i}" for i in range(6)}
    assert all({"s000", "s005"} != set(pair) for pair in chosen)
    assert {pair[::-1] for pair in chosen} & set(chosen)


def test_seeds_without_a_text_are_not_shown() -> None:
    sets = ["a", "b", "c"]
    index = index_of(sets, without_text=["s001"])
    assert len(index) == 2
    assert {s.seed_id for s in index.choose(nodes(sets, "b"), Random(1))} == {"s000", "s002"}
