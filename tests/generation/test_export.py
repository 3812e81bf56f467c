"""Exports: what trainers read, of one run or many, whole, and the same bytes for the same rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from export_world import World, ids, plain_writer, world_at

from engine.errors import InputError
from engine.rows import read_accepted
from generation.datasets import sharding
from generation.datasets.exporting import ExportOptions, export
from generation.datasets.formats import DatasetFormat, record_of
from generation.reviews import REJECT, Verdict, add_verdicts

DRAWN = 60


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> World:
    world = world_at(tmp_path_factory.mktemp("export") / "workspace")
    world.run("first", DRAWN)
    world.run("second", 40, items={**world.prepared.items, "seed": 12})
    return world


@pytest.fixture
def world(made: World, tmp_path: Path) -> World:
    return made.copied(tmp_path / "workspace")


def accepted(world: World, run: str) -> list[dict[str, Any]]:
    return [row for table in read_accepted(world.place.runs / run) for row in table.to_pylist()]


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_runs_are_merged_in_order_with_every_column(world: World) -> None:
    world.ok("dataset", "export", "second", "first", "--name", "both")
    rows = world.rows("both")
    both = accepted(world, "first") + accepted(world, "second")
    assert [{name: row[name] for name in both[0]} for row in rows] == both
    assert {(row["again_of"], row["tagged"], row["tagged_other"]) for row in rows} == {(None, None, None)}
    origin = pq.read_table(world.folder("both") / "origin").to_pylist()
    assert [(row["id"], row["index"]) for row in rows] == [(row["id"], row["index"]) for row in origin]
    assert {row["run"] for row in origin} == {"first", "second"}
    card = (world.folder("both") / "README.md").read_text()
    assert "### Run `first`" in card
    assert "### Run `second`" in card
    assert f"| **dataset** | **{len(both):,}** |" in card


def test_the_same_rows_are_the_same_bytes_however_their_shards_were_cut(world: World, tmp_path: Path) -> None:
    world.ok("dataset", "export", "first", "--name", "a", "--split", "train=0.5,test=0.5")
    other = world_at(tmp_path / "cut")
    other.run("first", DRAWN, shard=7)
    other.ok("dataset", "export", "first", "--name", "a", "--split", "train=0.5,test=0.5")
    ours, theirs = files_of(world.folder("a")), files_of(other.folder("a"))
    assert [name for name in ours if ours[name] != theirs[name]] == ["export.json"], "which names the seals"


def test_an_export_that_is_there_stays_and_another_is_refused(world: World) -> None:
    world.ok("dataset", "export", "first", "--name", "a")
    before = files_of(world.folder("a"))
    again = world.ok("dataset", "export", "first", "--name", "a").stdout  # wrapped where the folder's name is long
    assert "it was there already, the same" in " ".join(again.split())
    refused = world.command("dataset", "export", "second", "--name", "a")
    assert isinstance(refused.exception, InputError)
    assert "--replace" in str(refused.exception)
    assert files_of(world.folder("a")) == before
    world.ok("dataset", "export", "second", "--name", "a", "--replace")
    assert ids(world.rows("a")) == ids(accepted(world, "second"))
    assert sorted(path.name for path in world.place.datasets.iterdir()) == ["a"], "nothing hidden is left"


def test_a_failure_on_the_way_leaves_no_dataset(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> dict[str, Any]:
        raise RuntimeError("broken")

    monkeypatch.setattr(sharding, "record_of", broken)
    with pytest.raises(RuntimeError, match="broken"):
        export(world.place, [world.place.runs / "first"], "a", ExportOptions(form=DatasetFormat.MESSAGES))
    assert list(world.place.datasets.iterdir()) == []


def test_files_are_of_bounded_size_and_hold_all_rows_in_order(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharding, "ROW_GROUP", 8)
    monkeypatch.setattr(sharding, "ROWS_A_FILE", 24)
    for form in ("parquet", "messages"):
        world.ok("dataset", "export", "first", "--name", form, "--format", form)
        files = world.manifest(form).files
        assert [file.rows for file in files[:-1]] == [24] * (len(files) - 1)
        assert ids(world.rows(form)) == ids(accepted(world, "first"))
    monkeypatch.setattr(sharding, "BYTES_A_FILE", 1)
    world.ok("dataset", "export", "first", "--name", "bytes", "--format", "messages")
    assert {file.rows for file in world.manifest("bytes").files[:-1]} == {8}


PUBLISHED = {
    # https://github.com/tatsu-lab/stanford_alpaca (data release): three strings
    "alpaca": {"instruction": str, "input": str, "output": str},
    # https://github.com/lm-sys/FastChat (data/dummy_conversation.json): id, conversations of {from, value}
    "sharegpt": {"id": str, "conversations": list},
    # https://platform.openai.com/docs/guides/supervised-fine-tuning: messages of {role, content}, nothing else
    "openai": {"messages": list},
    # https://huggingface.co/docs/trl/dataset_formats, conversational language modeling
    "messages": {"id": str, "messages": list},
}


@pytest.mark.parametrize("form", list(PUBLISHED))
def test_every_line_has_the_published_form(world: World, form: str) -> None:
    world.ok("dataset", "export", "first", "--name", form, "--format", form)
    source = accepted(world, "first")
    rows = world.rows(form)
    assert len(rows) == len(source)
    for row, of in zip(rows, source, strict=True):
        assert {name: type(value) for name, value in row.items()} == PUBLISHED[form]
        if form == "alpaca":
            assert (row["instruction"], row["input"], row["output"]) == (of["question"], "", of["solution"])
        elif form == "sharegpt":
            assert row["conversations"] == [
                {"from": "human", "value": of["question"]},
                {"from": "gpt", "value": of["solution"]},
            ]
        else:
            assert row["messages"] == [
                {"role": "user", "content": of["question"]},
                {"role": "assistant", "content": of["solution"]},
            ]


MANY_TURNS = {
    "id": "r1",
    "question": "q",
    "solution": "s",
    "messages": [
        {"role": "system", "content": "be brief"},
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": "b"},
        {"role": "user", "content": "c"},
        {"role": "assistant", "content": "d"},
    ],
}


def test_a_conversation_of_many_turns_fits_every_form_that_has_room_for_it() -> None:
    turns = MANY_TURNS["messages"]
    assert record_of(MANY_TURNS, DatasetFormat.OPENAI) == {"messages": turns}
    assert record_of(MANY_TURNS, DatasetFormat.MESSAGES) == {"id": "r1", "messages": turns}
    said = record_of(MANY_TURNS, DatasetFormat.SHAREGPT)["conversations"]
    assert [turn["from"] for turn in said] == ["system", "human", "gpt", "human", "gpt"]
    with pytest.raises(InputError, match="--format messages"):
        record_of(MANY_TURNS, DatasetFormat.ALPACA)


def test_what_persons_rejected_is_left_out_and_counted(world: World) -> None:
    gone = accepted(world, "first")[3]["id"]
    add_verdicts(world.place, [Verdict(gone, REJECT, "wrong", "ann")])
    world.ok("dataset", "export", "first", "--name", "a")
    assert gone not in ids(world.rows("a"))
    assert world.manifest("a").left_out == {"rejected by a person": 1}
    assert "| left out: `rejected by a person` | 1 |" in (world.folder("a") / "README.md").read_text()


def test_checks_leave_rows_out_unless_they_are_kept_and_rows_must_have_been_checked(world: World) -> None:
    def writes_twice(index: int, item: Any) -> str:
        reply = plain_writer(index % 30, item)
        return reply.replace(" and ".join(point.name for point in item.composition.points), "squares", 1)

    world.run("twins", DRAWN, writes_twice, items={**world.prepared.items, "seed": 13})
    unchecked = world.ok("dataset", "export", "twins", "--name", "before").stdout
    assert "No check was run" in unchecked
    world.ok("dataset", "check", "twins", "--checks", "duplicates")
    world.ok("dataset", "export", "twins", "--name", "a")
    left_out = world.manifest("a").left_out["check: duplicates"]
    assert 0 < left_out < len(accepted(world, "twins"))
    world.ok("dataset", "export", "twins", "--name", "b", "--keep", "duplicates")
    world.ok("dataset", "export", "twins", "--name", "c", "--unchecked")
    assert world.manifest("b").rows == world.manifest("c").rows == world.manifest("a").rows + left_out
    for arguments, message in (
        (("export", "first", "--name", "d"), "skillweave dataset check first"),
        (("export", "twins", "--name", "d", "--keep", "nearness"), "no such check was run, only duplicates"),
    ):
        failed = world.command("dataset", *arguments)
        assert message in str(failed.exception)


def test_copies_of_a_run_merge_and_a_row_that_differs_stops_the_merge(world: World) -> None:
    world.run("copy", 40)
    world.ok("dataset", "export", "copy", "first", "--name", "a")
    assert ids(world.rows("a")) == ids(accepted(world, "first"))
    assert world.manifest("a").left_out == {"same row in another run": len(accepted(world, "copy"))}

    def other(index: int, item: Any) -> str:
        return plain_writer(index, item).replace("things", "stones" if index == 25 else "things")

    world.run("liar", 40, other)
    refused = world.command("dataset", "export", "liar", "first", "--name", "b")
    assert "is not the same in first and liar" in str(refused.exception)
    assert "index 25" in str(refused.exception)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nope", "--name", "a"), "there is no run 'nope'"),
        (("first", "--name", "../a"), "no name for a dataset"),
        (("first", "--name", "a", "--split", "train=0.5,test=0.6"), "1.1 together"),
        (("first", "--name", "a", "--split", "train=1.5"), "'train=1.5' is no share"),
        (("first", "--name", "a", "--split", "train=0.5,train=0.5"), "no share of its own"),
        (("first", "--name", "a", "--split", "train=0.999,test=0.001"), "the split test would have no row"),
        (("first", "--name", "a", "--balance", "topic"), "--balance topic --per 200"),
        (("first", "--name", "a", "--per", "3"), "--balance topic --per 200"),
        (("first", "--name", "a", "--balance", "level", "--per", "3"), "--balance topic --per 200"),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence(world: World, arguments: tuple[str, ...], message: str) -> None:
    failed = world.command("dataset", "export", *arguments)
    assert isinstance(failed.exception, InputError)
    assert message in str(failed.exception)
    assert not list(world.place.datasets.iterdir())
