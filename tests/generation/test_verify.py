"""The proof of a dataset, and every kind of damage it finds: planted one by one, and hidden behind hashes made anew."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from export_world import World, plain_writer, world_at

from engine.errors import ExitCode, InputError
from engine.files import file_hash
from engine.shard import Seal
from generation.datasets import sharding
from generation.datasets.manifest import NAME, Manifest
from generation.datasets.verifying import Report, verify
from generation.recipes import RECIPES
from generation.reviews import REJECT, Verdict, add_verdicts

DRAWN = 60


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> World:
    world = world_at(tmp_path_factory.mktemp("verify") / "workspace")
    world.run("first", DRAWN)
    world.run("second", 30, items={**world.prepared.items, "seed": 12})
    world.ok("dataset", "export", "first", "second", "--name", "whole", "--split", "train=0.8,test=0.2")
    for form in ("messages", "alpaca", "sharegpt", "openai"):
        world.ok("dataset", "export", "first", "second", "--name", form, "--format", form)
    return world


@pytest.fixture
def world(made: World, tmp_path: Path) -> World:
    return made.copied(tmp_path / "workspace")


def report(world: World, name: str = "whole", sample: int | None = None) -> Report:
    return verify(world.place, world.folder(name), sample)


def rewrite(path: Path, change: Callable[[list[dict[str, Any]]], None]) -> None:
    """Change the rows of a Parquet file."""
    table = pq.read_table(path)
    rows = table.to_pylist()
    change(rows)
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path, compression="zstd")


def sealed_path(world: World, kind: str, shard: int = 0, run: str = "first") -> Path:
    seal = Seal.model_validate_json((world.place.runs / run / "shards" / f"{shard:05d}.seal.json").read_bytes())
    return world.place.runs / run / "shards" / seal.files[kind].name


def reseal(world: World, shard: int = 0, run: str = "first") -> None:
    """Write the hashes of a shard's files anew into its seal, and that seal's into export.json: a thorough liar."""
    path = world.place.runs / run / "shards" / f"{shard:05d}.seal.json"
    seal = orjson.loads(path.read_bytes())
    for file in seal["files"].values():
        held = path.parent / file["name"]
        file |= {"size": held.stat().st_size, "hash": file_hash(held)}
    path.write_bytes(orjson.dumps(seal))
    manifest_path = world.folder("whole") / NAME
    manifest = orjson.loads(manifest_path.read_bytes())
    for source in manifest["sources"]:
        if source["run"]["name"] == run:
            source["run"]["seals"][str(shard)] = file_hash(path)
    manifest_path.write_bytes(Manifest.model_validate(manifest).content())


def rehash(world: World, name: str = "whole") -> None:
    """Write the hashes of the dataset's files anew into export.json."""
    path = world.folder(name) / NAME
    manifest = orjson.loads(path.read_bytes())
    for file in manifest["files"]:
        data = path.parent / file["name"]
        file |= {"size": data.stat().st_size, "hash": file_hash(data)}
        file["origin"] = file_hash(path.parent / "origin" / Path(file["name"]).with_suffix(".parquet").name)
    path.write_bytes(Manifest.model_validate(manifest).content())


@pytest.mark.parametrize("name", ["whole", "messages", "alpaca", "sharegpt", "openai"])
def test_every_row_of_every_form_is_proved(world: World, name: str) -> None:
    found = report(world, name)
    assert found.proved
    assert found.rows == found.replayed == found.of == world.manifest(name).rows > 60
    said = world.ok("dataset", "verify", name)
    assert f"{name} is proved" in said.stdout


def test_a_sample_looks_at_so_many_rows_and_says_that_it_is_one(world: World) -> None:
    found = report(world, sample=7)
    assert (found.proved, found.rows, found.replayed) == (True, 7, 7)
    assert "nothing wrong in the sample" in world.ok("dataset", "verify", "whole", "--sample", "7").stdout


def test_a_folder_elsewhere_is_proved_by_its_path(world: World, tmp_path: Path) -> None:
    shutil.move(world.folder("whole"), tmp_path / "elsewhere")
    world.ok("dataset", "verify", str(tmp_path / "elsewhere"))
    missing = world.command("dataset", "verify", "whole")
    assert "skillweave dataset export RUN --name NAME" in str(missing.exception)


def data_row_changed(world: World) -> None:
    def change(rows: list[dict[str, Any]]) -> None:
        rows[4]["solution"] += " Or not."

    rewrite(world.folder("whole") / "data" / "train-00000.parquet", change)


def data_row_changed_and_rehashed(world: World) -> None:
    data_row_changed(world)
    rehash(world)


def data_files_swapped(world: World) -> None:
    data = world.folder("whole") / "data"
    one, other = (data / f"{split}-00000.parquet" for split in ("train", "test"))
    held = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(held)


def data_row_cut(world: World) -> None:
    for part in ("data", "origin"):
        rewrite(world.folder("whole") / part / "train-00000.parquet", lambda rows: rows.__delitem__(0))


def origin_turned(world: World) -> None:
    rewrite(world.folder("whole") / "origin" / "train-00000.parquet", lambda rows: rows.reverse())
    rehash(world)


def origin_of_nobody(world: World) -> None:
    def change(rows: list[dict[str, Any]]) -> None:
        rows[-1]["run"] = "third"

    rewrite(world.folder("whole") / "origin" / "train-00000.parquet", change)
    rehash(world)


def data_row_lost_and_rehashed(world: World) -> None:
    rewrite(world.folder("whole") / "data" / "train-00000.parquet", lambda rows: rows.__delitem__(-1))
    rehash(world)


def origins_of_other_columns(world: World) -> None:
    path = world.folder("whole") / "origin" / "train-00000.parquet"
    pq.write_table(pq.read_table(path).drop_columns("index"), path)
    rehash(world)


def file_added(world: World) -> None:
    (world.folder("whole") / "data" / "train-00009.parquet").write_bytes(b"x")


def file_gone(world: World) -> None:
    (world.folder("whole") / "data" / "test-00000.parquet").unlink()


def card_changed(world: World) -> None:
    with (world.folder("whole") / "README.md").open("a") as card:
        card.write("checked by hand\n")


def seal_changed(world: World) -> None:
    path = world.place.runs / "first" / "shards" / "00001.seal.json"
    path.write_bytes(path.read_bytes().replace(b'"passed"', b'"passed" '))


def seal_gone(world: World) -> None:
    (world.place.runs / "first" / "shards" / "00001.seal.json").unlink()


def sealed_row_changed(world: World) -> None:
    rewrite(sealed_path(world, "rows"), lambda rows: rows[2].update(answer="42"))


def sealed_row_changed_and_resealed(world: World) -> None:
    sealed_row_changed(world)
    reseal(world)


def shards_swapped(world: World) -> None:
    one, other = sealed_path(world, "rows", 0), sealed_path(world, "rows", 1)
    held = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(held)


def calls_changed(world: World) -> None:
    rewrite(sealed_path(world, "calls"), lambda calls: calls[3].update(text=calls[4]["text"]))


def calls_changed_and_resealed(world: World) -> None:
    calls_changed(world)
    reseal(world)


def key_changed_and_resealed(world: World) -> None:
    rewrite(sealed_path(world, "calls"), lambda calls: calls[3].update(key=calls[4]["key"]))
    reseal(world)


def messages_changed_and_resealed(world: World) -> None:
    rewrite(sealed_path(world, "calls"), lambda calls: calls[3]["messages"][0].update(content="You are a poet."))
    reseal(world)


def call_lost_and_resealed(world: World) -> None:
    rewrite(sealed_path(world, "calls"), lambda calls: calls.__delitem__(3))
    reseal(world)


def calls_gone(world: World) -> None:
    sealed_path(world, "calls").unlink()


def run_json_changed(world: World) -> None:
    path = world.place.runs / "first" / "run.json"
    path.write_bytes(path.read_bytes().replace(b'"seed": 0', b'"seed": 1'))


def run_gone(world: World) -> None:
    shutil.rmtree(world.place.runs / "first")


DAMAGE: dict[Callable[[World], None], str] = {
    data_row_changed: "column solution",
    data_row_changed_and_rehashed: "column solution",
    data_files_swapped: "not the file that export.json names",
    data_row_cut: "not the file that export.json names",
    origin_turned: "out of order",
    origin_of_nobody: "run third",
    data_row_lost_and_rehashed: "origins, or in other groups",
    origins_of_other_columns: "other columns than id, run, index",
    file_added: "export.json does not name it",
    file_gone: "it is missing",
    card_changed: "not the file that export.json names",
    seal_changed: "not the seal that export.json names",
    seal_gone: "it is missing",
    sealed_row_changed: "not the file that its seal names",
    sealed_row_changed_and_resealed: "its calls give '$6', the sealed row has '42'",
    shards_swapped: "not the file that its seal names",
    calls_changed: "not the file that its seal names",
    calls_changed_and_resealed: "its calls give",
    key_changed_and_resealed: "its calls cannot be replayed",
    messages_changed_and_resealed: "not those that are asked",
    call_lost_and_resealed: "a reply is missing",
    calls_gone: "it is missing",
    run_json_changed: "its run.json is not the one it was",
    run_gone: "no run",
}


def in_small_groups(world: World, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    """Export the runs again, seven rows in a group."""
    monkeypatch.setattr(sharding, "ROW_GROUP", 7)
    world.ok("dataset", "export", "first", "second", "--name", "small", "--format", form, "--split", "train=0.8,b=0.2")


@pytest.mark.parametrize("form", ["parquet", "messages"])
def test_a_dataset_of_many_groups_of_rows_is_proved_group_by_group(
    world: World, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    in_small_groups(world, monkeypatch, form)
    found, few = report(world, "small"), report(world, "small", sample=11)
    assert (found.proved, found.rows, found.replayed) == (True, found.of, found.of)
    assert (few.proved, few.rows, few.replayed) == (True, 11, 11)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda lines: [*lines, lines[0]], "more lines than its"),
        (lambda lines: lines[:-1], "fewer lines than its"),
    ],
)
def test_a_line_too_many_or_too_few_is_found_after_the_groups_before_it_were_proved(
    world: World, monkeypatch: pytest.MonkeyPatch, damage: Callable[[list[bytes]], list[bytes]], said: str
) -> None:
    in_small_groups(world, monkeypatch, "openai")
    path = world.folder("small") / "data" / "train-00000.jsonl"
    path.write_bytes(b"".join(damage(path.read_bytes().splitlines(keepends=True))))
    rehash(world, "small")
    found = report(world, "small")
    assert [said in one.what for one in found.differences] == [True]
    assert found.of - 7 <= found.rows <= found.of


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: damage.__name__)
def test_damage_is_found_and_named(world: World, damage: Callable[[World], None]) -> None:
    damage(world)
    found = report(world).differences
    assert any(DAMAGE[damage] in f"{one.where}: {one.what}" for one in found), found


def test_the_command_names_damage_and_fails(world: World) -> None:
    card_changed(world)
    failed = world.command("dataset", "verify", "whole")
    assert failed.exit_code == ExitCode.FAILED
    assert "README.md: it is not the file that export.json names" in failed.stdout
    assert "skillweave dataset export RUN --name NAME --replace" in failed.stdout


def test_one_bit_anywhere_is_seen(tmp_path: Path) -> None:
    world = world_at(tmp_path / "workspace")

    def often_without_answer(index: int, item: Any) -> str:
        reply = plain_writer(index, item)
        return reply.replace("The answer is", "It is") if index % 3 == 0 else reply

    run = world.run("first", 30, often_without_answer, shard=10)
    dull = [row["id"] for row in pq.read_table(sealed_path(world, "rows", 2)).to_pylist()]  # a shard without a kept row
    add_verdicts(world.place, [Verdict(row, REJECT, "dull", "ann") for row in dull])
    world.ok("dataset", "export", "first", "--name", "whole", "--split", "train=0.7,test=0.3")
    folder, chance = world.folder("whole"), Random(5)
    planning = {"target.json", "repeats.bits", *(path.name for path in run.shards.glob("*.range.json"))}
    files = [path for top in (folder, run.folder) for path in sorted(top.rglob("*")) if path.is_file()]
    files = [path for path in files if path.name not in planning]
    assert len(files) == 6 + 1 + 3 * 4, "the dataset; run.json; seal, rows, calls and rejected rows of each shard"
    assert verify(world.place, folder).proved
    for path in files:
        held = path.read_bytes()
        for at in (len(held) - 1, chance.randrange(len(held)), chance.randrange(len(held))):
            path.write_bytes(held[:at] + bytes([held[at] ^ 1 << chance.randrange(8)]) + held[at + 1 :])
            try:
                seen = bool(verify(world.place, folder).differences)
            except InputError:
                seen = True
            assert seen, (path.name, at)
        path.write_bytes(held)
    assert verify(world.place, folder).proved


def test_a_changed_line_is_found_though_its_hash_was_made_anew(world: World) -> None:
    path = world.folder("openai") / "data" / "train-00000.jsonl"
    path.write_bytes(path.read_bytes().replace(b"What does", b"What did", 1).replace(b"what does", b"what did", 1))
    rehash(world, "openai")
    (found,) = report(world, "openai").differences
    assert "its line is not what the sealed row gives" in found.what


def test_a_recipe_that_changed_since_leaves_the_replay_open(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(RECIPES["mathscale"]), "source_hash", lambda _: "b2:other")
    failed = world.command("dataset", "verify", "whole")
    assert failed.exit_code == ExitCode.INCOMPLETE
    assert "cannot be replayed here" in failed.stdout
    assert report(world).rows == world.manifest("whole").rows, "the rows are the sealed ones all the same"
