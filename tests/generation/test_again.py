"""Weak rows made again: exactly their compositions, by a new prompt, resumed and replayed like any run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from export_world import World, ids, plain_writer, world_at
from hypothesis import given
from hypothesis import strategies as st

from engine.books import read_books
from engine.errors import InputError
from engine.rows import read_accepted, read_rejected
from engine.run import Run, Target, open_run, row_id
from generation.again import draws_of, read_ranges, replaced_by, write_ranges
from generation.composition import levels_asked
from generation.making import generation_run
from generation.recipes import RECIPES
from generation.remaking import Where, plan_again, weak_rows
from generation.reviews import REJECT, Verdict, add_verdicts

PROMPT = "=== user\nTry harder, teacher of {{domain}}.\n{{shots}}\n{{topics}}\n{{knowledge_points}}\n"


def often_without_answer(index: int, item: Any) -> str:
    reply = plain_writer(index, item)
    return reply.replace("The answer is", "It is") if index % 3 == 0 else reply


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> World:
    world = world_at(tmp_path_factory.mktemp("again") / "workspace")
    world.run("first", 60, often_without_answer)
    return world


@pytest.fixture
def world(made: World, tmp_path: Path) -> World:
    return made.copied(tmp_path / "workspace")


def first(world: World) -> Run:
    return open_run(world.place.runs / "first", RECIPES, world.place.root)


def remade(world: World, *where: str, of: str = "first", name: str = "again", prompt: str = PROMPT) -> Run:
    """A run that makes rows again, with every reply good."""
    spec = plan_again(world.place, of, Where.read(where), prompts={"write": prompt})
    run = generation_run(world.place, spec, Target(), name)
    return world.fill(run.folder, spec.items["size"], shard=7)


def rows_of(run: Run) -> list[dict[str, Any]]:
    return [row for table in read_accepted(run.folder) for row in table.to_pylist()]


def rejected(run: Run, reason: str) -> list[dict[str, Any]]:
    return [row for table in read_rejected(run.folder) for row in table.to_pylist() if row["reason"] == reason]


def test_rejected_rows_are_made_again_from_the_same_compositions_and_examples(world: World) -> None:
    old, weak = first(world), rejected(first(world), "no answer")
    assert len(weak) > 10
    new = remade(world, "reason=no answer")
    assert new.items.size == len(weak)
    assert list(new.items.take(np.arange(len(weak)))) == list(old.items.take(np.array([row["index"] for row in weak])))
    books = read_books(new.folder)
    assert (books.state, books.accepted) == ("complete", len(weak))
    assert replaced_by(new.spec.items, range(len(weak))) == [row["id"] for row in weak]
    assert {row["question"] for row in rows_of(new)}.isdisjoint(row["question"] for row in rows_of(old))


def test_an_export_of_both_has_the_newer_rows_and_says_which_they_replace(world: World) -> None:
    bad = [row["id"] for row in rows_of(first(world))[:5]]
    add_verdicts(world.place, [Verdict(row, REJECT, "dull", "ann") for row in bad[:4]])
    again = remade(world, "verdict=reject")
    assert again.items.size == 4
    world.ok("dataset", "export", "first", "again", "--name", "both")
    rows = world.rows("both")
    assert {row["again_of"] for row in rows} == {None, *bad[:4]}
    assert not {*bad[:4]} & {*ids(rows)}
    assert bad[4] in ids(rows)
    assert world.manifest("both").left_out == {"rejected by a person": 4}
    world.ok("dataset", "verify", "both")


def test_a_row_that_is_not_rejected_gives_way_to_the_one_made_again_unless_that_is_rejected(world: World) -> None:
    point = rows_of(first(world))[0]["asked"][-1]
    asked = [row["id"] for row in rows_of(first(world)) if point in row["asked"]]
    again = remade(world, f"concept={point}")
    world.ok("dataset", "export", "first", "again", "--name", "both")
    assert world.manifest("both").left_out == {"made again": len(asked)}
    assert not {*asked} & {*ids(world.rows("both"))}
    new = rows_of(again)[0]["id"]
    add_verdicts(world.place, [Verdict(new, REJECT, "worse", "ann")])
    world.ok("dataset", "export", "first", "again", "--name", "other")
    assert asked[0] in ids(world.rows("other"))
    assert new not in ids(world.rows("other"))


def test_what_was_made_again_can_be_made_again(world: World) -> None:
    point = rows_of(first(world))[0]["asked"][-1]
    second = remade(world, f"concept={point}")
    third = remade(world, f"concept={point}", of="again", name="third", prompt=PROMPT.replace("harder", "hardest"))
    everything = np.arange(third.items.size or 0)
    assert list(third.items.take(everything)) == list(second.items.take(everything))
    drawn = draws_of(third.spec.items, everything).tolist()
    assert drawn == [row["index"] for row in rows_of(first(world)) if point in row["asked"]]
    world.ok("dataset", "export", "first", "again", "third", "--name", "all")
    assert world.manifest("all").left_out == {"made again": 2 * len(drawn)}
    newest = {row["again_of"] for row in world.rows("all")} - {None}
    assert newest == {row_id(second.id, index) for index in everything.tolist()}


def test_a_concept_is_named_by_its_name_too_and_two_conditions_hold_together(world: World) -> None:
    row = rejected(first(world), "no answer")[0]
    item = first(world).items.take(np.array([row["index"]]))[0]
    point = item.composition.points[0]
    by_name = weak_rows(world.place, first(world).folder, Where.read(["reason=no answer", f"concept={point.name}"]))
    by_id = weak_rows(world.place, first(world).folder, Where.read(["reason=no answer", f"concept={point.id}"]))
    assert by_name == by_id
    assert row["index"] in by_name
    assert len(by_name) < len(rejected(first(world), "no answer"))


def test_verdicts_of_checks_say_which_rows_are_weak(world: World) -> None:
    with pytest.raises(InputError, match="skillweave dataset check first"):
        weak_rows(world.place, first(world).folder, Where.read(["verdict=length"]))
    lengths = {row["index"]: len(row["solution"]) for row in rows_of(first(world))}
    most = max(lengths.values())
    world.ok("dataset", "check", "first", "--checks", "length", "--set", f"length.solution_min={most}")
    found = weak_rows(world.place, first(world).folder, Where.read(["verdict=length"]))
    assert found == [index for index, length in lengths.items() if length < most] != []


def test_the_level_of_a_row_made_again_is_that_of_its_composition() -> None:
    items = {"settings": {"levels": ["primary", "high", "college"]}, "again": {"indices": "1,5-6"}, "size": 3}
    was = levels_asked({"settings": items["settings"]}, pa.chunked_array([pa.array([1, 5, 6])]))
    assert levels_asked(items, pa.chunked_array([pa.array([0, 1, 2])])).to_pylist() == was.to_pylist()


def test_the_command_makes_rows_again_by_the_offline_teacher_and_goes_on_with_them(world: World) -> None:
    weak = rejected(first(world), "no answer")
    said = world.ok(
        "generate", "--again", "first", "--where", "reason=no answer", "--model", "offline-teacher", "--name", "better"
    ).stdout  # fmt: skip
    assert "skillweave dataset export first better --name NAME" in " ".join(said.split())
    books = read_books(world.place.runs / "better")
    assert books.drawn == len(weak)
    assert books.open == 0
    assert "made again: weak rows of | `first`" in (world.folder("better") / "README.md").read_text()
    world.ok("resume", "better")
    assert read_books(world.place.runs / "better") == books


def test_where_none_of_them_is_accepted_no_dataset_is_advised(world: World, tmp_path: Path) -> None:
    prompt = tmp_path / "write.prompt"
    prompt.write_text("=== user\nHello. {{domain}} {{shots}} {{topics}} {{knowledge_points}}\n")
    said = " ".join(
        world.ok(
            "generate", "--again", "first", "--where", "reason=no answer", "--prompt", f"write={prompt}",
            "--model", "offline-teacher", "--name", "worse",
        ).stdout.split()
    )  # fmt: skip
    assert "None of them is better than before; see why: skillweave show worse --rejected" in said
    assert "dataset export" not in said


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--again", "first"), "--again needs to know which rows"),
        (("--where", "reason=x"), "name the run: --again RUN"),
        (("--again", "nope", "--where", "reason=x"), "there is no run 'nope'"),
        (("--again", "first", "--where", "reason=x"), "has no such row"),
        (("--again", "first", "--where", "level=x"), "says nothing of a row"),
        (("--again", "first", "--where", "reason=no answer"), "--prompt write=my.prompt"),
        (("--again", "first", "--where", "reason=no answer", "--where", "verdict=reject"), "one of the two"),
        (("--again", "first", "--where", "reason=no answer", "--graph", "latest"), "--graph decides nothing"),
        (("--again", "first", "--where", "concept=nothing like it"), "there is no concept"),
    ],
)
def test_what_cannot_be_made_again_is_said(world: World, arguments: tuple[str, ...], message: str) -> None:
    failed = world.command("generate", *arguments)
    assert isinstance(failed.exception, InputError), failed.output
    assert message in str(failed.exception)


@given(st.sets(st.integers(0, 10_000), min_size=1))
def test_ranges_are_read_as_they_were_written(numbers: set[int]) -> None:
    rising = np.array(sorted(numbers), np.int64)
    assert read_ranges(write_ranges(rising)).tolist() == rising.tolist()


@pytest.mark.parametrize("text", ["", "1,", "a", "3--4", "-1"])
def test_other_texts_are_no_ranges(text: str) -> None:
    with pytest.raises(InputError, match="restore a copy"):
        read_ranges(text)
