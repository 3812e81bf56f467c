"""Items made of walks: opened from run.json's words, the same wherever and however they are taken."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from small_workspace import Prepared

from engine.errors import InputError
from generation.composition import CompositionItems, describe_walks
from graph.seed import write_seeds


def test_items_are_walks_with_names_and_shots(prepared: Prepared) -> None:
    items = CompositionItems.open(prepared.items, prepared.root)
    assert items.size is None
    names = dict(zip(*(prepared.snapshot.nodes[c].to_pylist() for c in ("id", "name")), strict=True))
    for item in items.take(np.arange(100)):
        topics, points = item.composition.topics, item.composition.points
        assert 1 <= len(topics) <= 3
        assert 1 <= len(points) <= 5
        assert all(names[c.id] == c.name for c in (*topics, *points))
        assert {c.id[0] for c in topics} == {"t"}
        assert {c.id[0] for c in points} == {"k"}
        assert len({c.id for c in (*topics, *points)}) == len(topics) + len(points)
        assert len({shot.seed_id for shot in item.shots}) == len(item.shots) == 8


def test_an_item_is_the_same_alone_and_in_any_block(prepared: Prepared) -> None:
    one, other = (CompositionItems.open(prepared.items, prepared.root) for _ in range(2))
    indices = np.array([3, 17, 18, 400])
    block = one.take(indices)
    assert [other.take(np.array([i]))[0] for i in indices[::-1]] == block[::-1]
    assert (other.identities(10, 20) == one.identities(0, 30)[10:20]).all()
    another = CompositionItems.open({**prepared.items, "seed": 12}, prepared.root)
    assert another.take(indices) != block


@pytest.mark.parametrize(
    ("sampler", "settings", "topics", "points"),
    [
        ("two-composition", {"points_max": "3"}, {1, 2}, {1, 2, 3}),
        ("skill-pairs/1", {}, {0}, {2}),
        ("skill-pairs", {"size": 3, "min_distance": 2}, {0}, {3}),
    ],
)
def test_items_of_any_sampler_are_drawn_as_run_json_says(
    prepared: Prepared, sampler: str, settings: dict[str, object], topics: set[int], points: set[int]
) -> None:
    graph, seeds = prepared.items["graph"], prepared.items["seeds"]
    described = json.loads(json.dumps(describe_walks(graph, seeds, 11, sampler, settings)))
    assert described["sampler"] == f"{sampler.partition('/')[0]}/1"
    items = CompositionItems.open(described, prepared.root)
    drawn = [item.composition for item in items.take(np.arange(60)) if item.composition.points]
    assert len(drawn) > 20
    assert {len(composition.topics) for composition in drawn} == topics
    assert {len(composition.points) for composition in drawn} == points
    assert CompositionItems.open(described, prepared.root).take(np.array([7])) == items.take(np.array([7]))


def test_a_sampler_or_a_setting_that_is_not_there_is_named(prepared: Prepared) -> None:
    with pytest.raises(InputError, match=r"no sampler 'walks', only mathscale-walk/1.*skillweave samplers"):
        describe_walks("g", [], 1, "walks")
    with pytest.raises(InputError, match=r"sampler skill-pairs: setting size.*skillweave samplers skill-pairs"):
        describe_walks("g", [], 1, "skill-pairs", {"size": "9"})


def test_items_are_plain_json_and_describe_themselves_in_json(prepared: Prepared) -> None:
    read = json.loads(json.dumps(prepared.items))
    items = CompositionItems.open(read, prepared.root)
    item = items.take(np.array([5]))[0]
    described = json.loads(json.dumps(items.describe(item)))
    assert described["topics"][0] == {"id": item.composition.topics[0].id, "name": item.composition.topics[0].name}
    assert described["shots"] == [shot.seed_id for shot in item.shots]


def test_items_calls_and_rows_are_the_same_under_any_hash_seed(prepared: Prepared) -> None:
    script = """
import json, sys
from pathlib import Path
import numpy as np
from engine.call import Reply
from engine.recipe import Terms, rng_for
from generation.recipes.mathscale.recipe import MATHSCALE, MathScaleSettings, write
items = MATHSCALE.open_items(json.loads(sys.argv[1]), Path(sys.argv[2]))
for index, item in enumerate(items.take(np.arange(40))):
    conversation = write(item, rng_for(1, index), Terms(MathScaleSettings(), MATHSCALE.prompts))
    print(items.describe(item), next(conversation))
    concepts = "\\n".join([c.name for c in item.composition.topics + item.composition.points] + ["x", "y", "z"])
    pair = "<question>q</question><solution>The answer is 1.</solution>"
    try:
        conversation.send(Reply(f"{pair}<concepts>{concepts}</concepts>"))
    except StopIteration as end:
        print(end.value)
"""
    printed = {
        subprocess.run(
            [sys.executable, "-c", script, json.dumps(prepared.items), str(prepared.root)],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[2])},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(printed) == 1
    assert printed.pop().count(b"'claimed_other': ['x', 'y', 'z']") == 40


def test_what_is_missing_or_changed_stops_with_the_next_command(prepared: Prepared) -> None:
    def opened(**changed: object) -> CompositionItems:
        return CompositionItems.open({**prepared.items, **changed}, prepared.root)

    with pytest.raises(InputError, match="skillweave samplers"):
        opened(sampler="mathscale-walk/0")
    with pytest.raises(InputError, match="skillweave generate"):
        opened(kind="seeds")
    with pytest.raises(InputError, match="skillweave graph"):
        opened(graph="g0")
    with pytest.raises(InputError, match="no seed of no set"):
        opened(seeds=[])
    assert opened(seeds=[], shots={"count": 0, "distinct_sets": 0}).take(np.array([0]))[0].shots == ()
    write_seeds(prepared.seeds[1:], prepared.root / "seeds" / "ours.parquet")
    with pytest.raises(InputError, match="not what it was"):
        opened()
