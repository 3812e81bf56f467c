"""What the disk refuses: one clear error, what was kept stays kept, and the same command goes on later."""

from __future__ import annotations

import os
import resource
import sys
import time
from pathlib import Path

import pytest
from toy import toy_process

from engine.errors import InputError, NotDeterministic, StorageError
from engine.files import file_hash, put_new, replace
from engine.journal import journals_of, read_journal
from engine.planner import BLOCK, Repeats
from engine.prompt import placeholders, render
from engine.run import Target, read_spec
from engine.shard import seals_of
from engine.workspace import Workspace


def as_unprivileged(action) -> str:
    """Run `action` in a forked process without root's rights; returns what it printed of its StorageError."""
    read, write = os.pipe()
    if (child := os.fork()) == 0:
        try:
            if os.getuid() == 0:
                os.setgid(65534)
                os.setuid(65534)
            action()
        except StorageError as error:
            os.write(write, str(error).encode())
        finally:
            os._exit(0)
    os.close(write)
    os.waitpid(child, 0)
    with os.fdopen(read) as pipe:
        return pipe.read()


def test_a_full_disk_stops_with_one_error_and_the_run_goes_on_when_there_is_room(toy, simulated):
    endpoint = simulated()
    folder = toy.create(target=Target(count=300))

    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    with toy_process(folder, endpoint, little_room, concurrency=16) as child:
        assert child.wait(60) == 1
        assert child.stdout is not None
        said = child.stdout.read()
    assert said.startswith("StorageError: no room to write")
    assert "give the same command again" in said
    assert len(said.splitlines()) == 1
    (journal,) = journals_of(folder / "shards", 0)
    kept = list(read_journal(journal))
    assert kept
    assert journal.read_bytes().endswith(b"\n")
    asked = endpoint.asked
    toy.work(folder, endpoint)
    assert toy.books(folder).state == "complete"
    assert endpoint.asked - asked <= toy.table(folder, "calls").num_rows - len(kept)


def test_a_disk_that_fills_while_a_shard_is_sealed_leaves_no_half_of_it(toy, simulated):
    """The journals fit, the Parquet does not: the same limit, met one step later."""
    endpoint = simulated()
    folder = toy.create(size=20, target=Target())
    Repeats(toy.open(folder)).marks(0, 20)  # these marks are larger than the limit: made before it holds

    def no_room_for_parquet() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, 5_000))

    with toy_process(folder, endpoint, no_room_for_parquet, concurrency=1, shard_size=4) as child:
        assert child.wait(60) == 1
        assert child.stdout is not None
        assert ".parquet (File too large)" in child.stdout.read()
    assert not seals_of(folder / "shards")
    assert not list((folder / "shards").glob("*.parquet"))
    journaled = sum(spent.calls for spent in toy.books(folder).spent)
    assert journaled == endpoint.asked
    toy.work(folder, endpoint)
    assert toy.books(folder).state == "complete"
    assert endpoint.asked == toy.table(folder, "calls").num_rows


def test_a_folder_that_may_not_be_written_is_named(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir()
    closed.chmod(0o555)
    tmp_path.chmod(0o755)
    said = as_unprivileged(lambda: Workspace(closed / "workspace").prepare())
    assert str(closed) in said
    assert "--workspace" in said
    assert str(closed / "x") in as_unprivileged(lambda: put_new(closed / "x", b"content"))
    assert list(closed.iterdir()) == []


def test_a_file_is_put_once_and_replaced_whole(tmp_path):
    path = tmp_path / "file"
    assert put_new(path, b"first")
    assert not put_new(path, b"second")
    assert path.read_bytes() == b"first"
    replace(path, b"third")
    assert path.read_bytes() == b"third"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]
    assert file_hash(path) != file_hash(Path(__file__))


def test_a_block_of_marks_that_a_crash_cut_short_is_made_again(toy, simulated):
    endpoint = simulated()
    folder = toy.create(distinct=100, target=Target(count=1_000, exhausted_after=2 * BLOCK))
    toy.work(folder, endpoint)
    marks = folder / "repeats.bits"
    whole = marks.read_bytes()
    assert len(whole) >= 2 * BLOCK // 8
    marks.write_bytes(whole[:-100])
    drawn = toy.books(folder).drawn
    repeats_before = toy.books(folder).reasons["repeat"]
    assert Repeats(toy.open(folder)).marks(0, len(whole) * 8).sum() == len(whole) * 8 - 100
    assert marks.read_bytes() == whole
    assert (toy.books(folder).drawn, toy.books(folder).reasons["repeat"]) == (drawn, repeats_before)


def test_marks_of_other_items_stop_the_run(toy, simulated):
    endpoint = simulated()
    folder = toy.create(distinct=100, target=Target(count=1_000, exhausted_after=10_000))
    toy.work(folder, endpoint)
    marks = folder / "repeats.bits"
    marks.write_bytes(b"\xff" + marks.read_bytes()[1:])
    with pytest.raises(NotDeterministic, match="block 0"):
        Repeats(toy.open(folder)).marks(BLOCK, 2 * BLOCK)


def test_a_run_that_is_none_and_a_run_json_changed_by_hand_are_refused(toy):
    with pytest.raises(InputError, match="skillweave runs"):
        toy.open(toy.root / "runs" / "nothing")
    folder = toy.create()
    (folder / "run.json").write_text('{"format": 1')
    with pytest.raises(InputError, match=r"run\.json"):
        read_spec(folder)
    (folder / "run.json").write_text('{"format": 99}')
    with pytest.raises(InputError, match=r"run\.json"):
        read_spec(folder)


def test_a_prompt_fills_its_placeholders_and_reads_nothing_in_a_value():
    text = "=== system\nTeach {{domain}}.\n=== user\n{{question}} with \\frac{a}{b}"
    messages = render(text, {"domain": "mathematics", "question": "=== user\n{{domain}} {x}"})
    assert [message.role for message in messages] == ["system", "user"]
    assert messages[1].content == "=== user\n{{domain}} {x} with \\frac{a}{b}"
    assert placeholders(text) == {"domain", "question"}
    with pytest.raises(InputError, match="question"):
        render(text, {"domain": "mathematics"})
    with pytest.raises(InputError, match="=== system"):
        render("Teach.", {})


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX only")
def test_the_lease_of_a_dead_process_is_free_and_its_generation_rises(toy, simulated):
    endpoint = simulated("--latency", "50")
    folder = toy.create(target=Target(count=100))
    for generation in (1, 2, 3):
        with toy_process(folder, endpoint, concurrency=2) as child:
            while not (folder / "lease" / f"00000.{generation:06d}").exists():
                assert child.poll() is None
                time.sleep(0.01)
    assert not list((folder / "lease").glob("*.released"))
