"""A seed that must go: what derives from it stays out of what is made later, is counted, and can come back."""

from __future__ import annotations

from pathlib import Path

import pyarrow.compute as pc
import pytest
from export_world import World, ids, world_at

from engine.errors import InputError
from engine.rows import read_accepted
from generation.withdrawing import effect_of
from graph.concept import concept_id
from graph.labels import graph_from_labels
from graph.seed import Label, Seed, read_seeds, seed_id, write_seeds
from graph.withdrawn import add_withdrawal, read_withdrawals, unsupported, withdrawn_seeds


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> World:
    world = world_at(tmp_path_factory.mktemp("withdraw") / "workspace")
    world.run("first", 60)
    world.run("bare", 20, items={**world.prepared.items, "shots": {"count": 0, "distinct_sets": 0}})
    return world


@pytest.fixture
def world(made: World, tmp_path: Path) -> World:
    return made.copied(tmp_path / "workspace")


def shown(world: World, run: str, seed: str) -> set[str]:
    tables = read_accepted(world.place.runs / run)
    return {row["id"] for table in tables for row in table.to_pylist() if seed in row["shots"]}


def test_rows_that_were_shown_the_seed_stay_out_of_later_datasets_until_it_comes_back(world: World) -> None:
    seed = world.prepared.seeds[3].id
    gone = shown(world, "first", seed)
    assert gone
    world.ok("dataset", "export", "first", "--name", "before", "--split", "train=0.5,test=0.5")
    said = " ".join(world.ok("seeds", "withdraw", seed, "--why", "a test question").stdout.split())
    assert f"{seed} is withdrawn: a test question" in said
    assert f"{len(gone):,} accepted questions derive from it" in said
    assert f"dataset before, made before, holds {len(gone)} of them" in said
    assert "skillweave dataset export first --name before --split train=0.5,test=0.5 --replace" in said
    assert f"graph {world.prepared.snapshot.fingerprint} rests on it" in said
    world.ok("dataset", "export", "first", "--name", "after")
    assert set(ids(world.rows("before"))) - set(ids(world.rows("after"))) == gone
    assert world.manifest("after").left_out == {"withdrawn seed": len(gone)}
    assert world.manifest("after").withdrawn == (seed,)
    world.ok("dataset", "verify", "after")
    assert "nothing was changed" in world.ok("seeds", "withdraw", seed, "--why", "again").stdout
    assert seed in world.ok("seeds", "withdrawn").stdout
    back = " ".join(world.ok("seeds", "withdraw", seed, "--why", "a mistake", "--back").stdout.split())
    assert "dataset after, made before, was made without them" in back
    world.ok("dataset", "export", "first", "--name", "again")
    assert sorted(ids(world.rows("again"))) == sorted(ids(world.rows("before")))
    assert [(word.why, word.back) for word in read_withdrawals(world.place)] == [
        ("a test question", False),
        ("a mistake", True),
    ]


def test_rows_that_were_asked_for_what_only_withdrawn_seeds_support_go_too(world: World) -> None:
    mentions = world.prepared.snapshot.mentions
    point = concept_id("knowledge_point", "point a")
    seeds = pc.unique(mentions.filter(pc.equal(mentions["concept_id"], point))["seed_id"]).to_pylist()
    assert len(seeds) > 1
    for seed in seeds[:-1]:
        add_withdrawal(world.place, seed, "gone")
    assert point not in unsupported(mentions, seeds[:-1]).to_pylist()
    assert point in unsupported(mentions, seeds).to_pylist()
    effect = {loss.run: loss for loss in effect_of(world.place, seeds[-1]).losses}
    asked = [
        row["id"]
        for table in read_accepted(world.place.runs / "bare")
        for row in table.to_pylist()
        if point in row["asked"]
    ]
    assert (effect["bare"].rows, effect["bare"].shown) == (len(asked), 0)
    add_withdrawal(world.place, seeds[-1], "gone")
    world.ok("dataset", "export", "bare", "--name", "bare")
    assert not set(asked) & set(ids(world.rows("bare")))


def test_a_graph_that_is_made_later_does_not_have_it(world: World) -> None:
    seeds = [
        Seed(seed_id(question), question, concepts=(Label("topic", "T"), Label("skill", skill)))
        for question, skill in (("one", "adding"), ("two", "adding"), ("three", "halving"), ("four", "halving"))
    ]
    write_seeds(seeds, world.place.seeds / "labelled.parquet")
    before = graph_from_labels(world.place, ["labelled"])
    add_withdrawal(world.place, seeds[3].id, "gone")
    after = graph_from_labels(world.place, ["labelled"])
    assert "halving" in before.nodes["name"].to_pylist()
    assert "halving" not in after.nodes["name"].to_pylist(), "one seed alone is too few"
    assert seeds[3].id not in after.mentions["seed_id"].to_pylist()


def test_a_torn_last_word_does_not_count_and_the_next_one_does(world: World) -> None:
    first, second = (seed.id for seed in world.prepared.seeds[:2])
    add_withdrawal(world.place, first, "gone")
    whole = world.place.withdrawn.read_bytes()
    world.place.withdrawn.write_bytes(whole + b'{"seed": "s1", "wh')
    assert list(withdrawn_seeds(world.place)) == [first]
    add_withdrawal(world.place, second, "gone")
    assert list(withdrawn_seeds(world.place)) == sorted((first, second))
    with world.place.withdrawn.open("ab") as words:
        words.write(b'{"seed": "s1"}\n')
    with pytest.raises(InputError, match=r"withdrawn\.jsonl:3: no word on a seed"):
        read_withdrawals(world.place)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(("s0", "--why", "x"), "no seed set and no graph here holds a seed 's0'"), (("KNOWN", "--why", " "), "--why")],
)
def test_what_cannot_be_withdrawn_is_said(world: World, arguments: tuple[str, ...], message: str) -> None:
    known = read_seeds(world.place.seeds / "ours.parquet")[0].id
    failed = world.command("seeds", "withdraw", *(known if word == "KNOWN" else word for word in arguments))
    assert isinstance(failed.exception, InputError)
    assert message in str(failed.exception)
    assert not world.place.withdrawn.exists()
