"""What can go wrong between two system calls, two processes, or two readings of a run's folder."""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path

import numpy as np
import orjson
import pytest
from numpy.typing import NDArray
from sender_in_process import InProcess, work
from toy import MODELS
from toy_recipe import TOY, Numbers

import engine.places.disk
import engine.records
import engine.run
from engine.errors import ConnectionFault, InputError, RunError
from engine.files import file_hash
from engine.journal import journals_of
from engine.lease import Watch, Worker, read_leases, try_take, workers
from engine.planner import BLOCK, Repeats
from engine.reuse import EarlierRun
from engine.run import Target, create_run, plan_spec, read_spec, write_target
from engine.sealing import seal_shard
from engine.shard import clear_unsealed, seals_of, shards_of


async def lose_the_first_half(call, sleep):
    if len(call.messages) == 2 and int(call.messages[1].content.rpartition(" ")[2].rstrip(".")) < 10:
        raise ConnectionFault("gone")


def test_every_file_that_a_seal_names_is_there_though_another_process_cleared_while_it_was_made(toy, monkeypatch):
    """A holder that slept too long wakes between its Parquet and its seal; the next holder has begun meanwhile."""
    folder = toy.create(size=20, target=Target())
    run = toy.open(folder)
    work(run, InProcess(lose_the_first_half), stop_after_failures=1_000)
    put_new = engine.places.disk.put_new

    def put_new_late(path: Path, content: bytes) -> bool:
        clear_unsealed(run.shards, seals_of(run.shards))
        return put_new(path, content)

    monkeypatch.setattr(engine.places.disk, "put_new", put_new_late)
    seal = seal_shard(run, shards_of(run.shards)[0], Repeats(run).sendable(shards_of(run.shards)[0]), give_up=True)
    assert seal is not None
    assert {file.hash for file in seal.files.values()} == {
        file_hash(run.shards / file.name) for file in seal.files.values()
    }


def test_what_a_crash_left_of_a_sealing_is_cleared_once_the_shard_is_sealed(toy):
    folder = toy.create(size=20, target=Target())
    run = toy.open(folder)
    work(run, InProcess(lose_the_first_half), stop_after_failures=1_000)
    stray = run.shards / "00000.deadbeef.rows.parquet"
    stray.write_bytes(b"cut short")
    for name, age_s in (("left", 3600), ("young", 0)):  # a young one may be another worker's
        path = run.shards / f".00000.seal.json.{name}.tmp"
        path.write_bytes(b"{")
        os.utime(path, (path.stat().st_mtime - age_s,) * 2)
    work(run, InProcess())
    work(run, InProcess())
    assert toy.books(folder).state == "complete"
    named = {file.name for seal in seals_of(run.shards).values() for file in seal.files.values()}
    assert {path.name for path in run.shards.iterdir()} == named | {
        "00000.range.json", "00000.seal.json", ".00000.seal.json.young.tmp",
    }  # fmt: skip


def test_books_of_a_run_without_its_marks_say_so_instead_of_looking_for_ever(toy):
    folder = toy.create(size=20, target=Target())
    work(toy.open(folder), InProcess(lose_the_first_half), stop_after_failures=1_000)
    (folder / "repeats.bits").unlink()
    said: list[BaseException] = []

    def read() -> None:
        try:
            toy.books(folder)
        except RunError as error:
            said.append(error)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    reader.join(10)
    assert [str(error) for error in said if "repeats.bits" in str(error)]


def test_books_see_the_tokens_of_a_shard_that_is_sealed_while_they_are_read(toy, monkeypatch):
    folder = toy.create(size=20, target=Target())
    run = toy.open(folder)
    work(run, InProcess(lose_the_first_half), stop_after_failures=1_000)
    before = toy.books(folder).spent
    size_of = engine.records.whole_size

    def sealed_just_before(journal: Path) -> int:
        shard = shards_of(run.shards)[int(journal.name.partition(".")[0])]
        seal_shard(run, shard, Repeats(run).sendable(shard), give_up=True)
        return size_of(journal)

    monkeypatch.setattr(engine.records, "whole_size", sealed_just_before)
    books = toy.books(folder)
    assert books.spent == before
    assert books.balanced


def test_a_run_over_no_items_is_complete(toy):
    folder = toy.create(size=0, target=Target())
    sender = InProcess()
    work(toy.open(folder), sender)
    assert (toy.books(folder).state, toy.books(folder).drawn, sender.asked) == ("complete", 0, 0)


def test_a_run_over_every_item_is_not_complete_at_max_draws(toy):
    folder = toy.create(size=40, target=Target(max_draws=10))
    work(toy.open(folder), InProcess())
    assert (toy.books(folder).state, toy.books(folder).drawn) == ("exhausted", 10)
    write_target(folder, Target())
    assert toy.books(folder).state == "incomplete"
    work(toy.open(folder), InProcess())
    assert (toy.books(folder).state, toy.books(folder).drawn) == ("complete", 40)


def test_a_bounded_run_is_not_exhausted_while_items_are_left(toy):
    """The planner draws every item of a bounded run, however many are refused: the books must not end it before."""
    folder = toy.create(size=60, target=Target(max_draws=30, exhausted_after=5), reasks=0)
    work(toy.open(folder), InProcess(text="no question"))
    assert (toy.books(folder).state, toy.books(folder).reasons) == ("exhausted", {"no question": 30})
    write_target(folder, Target(exhausted_after=5))
    assert toy.books(folder).state == "incomplete"
    work(toy.open(folder), InProcess())
    assert (toy.books(folder).state, toy.books(folder).drawn) == ("complete", 60)


def test_draws_that_all_repeat_exhaust_a_run_before_its_limit_of_draws(toy):
    folder = toy.create(distinct=30, target=Target(count=1_000, max_draws=4 * BLOCK, exhausted_after=2_000))
    work(toy.open(folder), InProcess())
    books = toy.books(folder)
    assert books.state == "exhausted"
    assert 2_000 <= books.drawn <= 5_000


def test_the_lease_of_a_process_that_ended_and_was_not_waited_for_is_free(tmp_path):
    """Where a container has no init, a killed process stays in the table for ever."""
    read, write = os.pipe()
    if (child := os.fork()) == 0:
        Worker.join(tmp_path)
        os.write(write, b"taken")
        os._exit(0)
    assert os.read(read, 5) == b"taken"
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    try:
        assert workers(tmp_path) == []
    finally:
        os.waitpid(child, 0)
        os.close(read)
        os.close(write)


@pytest.mark.skipif(not Path("/proc/self/ns/pid").exists(), reason="needs process namespaces")
def test_a_process_number_of_another_namespace_says_nothing_about_this_one(tmp_path):
    """Two containers may share a host name and a folder, and each has a process 7."""
    there, here = Worker.join(tmp_path), Worker.join(tmp_path)
    assert try_take(there, 0, read_leases(tmp_path), Watch()) is not None
    content = orjson.loads(there.path.read_bytes())
    there.path.write_bytes(orjson.dumps({**content, "numbering": "pid:[1]", "pid": 2**22 + 1}))
    assert len(workers(tmp_path)) == 2
    assert try_take(here, 0, read_leases(tmp_path), Watch()) is None


def test_two_processes_that_make_the_same_run_at_once_make_one_whole_run(toy, monkeypatch):
    spec = plan_spec(TOY, items={"distinct": 5}, models=MODELS, seed=1)
    (toy.root / "runs").mkdir()
    write_new, nested = engine.run.write_new, []

    def write_while_another_makes_it(path: Path, content: bytes) -> None:
        if not nested:
            nested.append(path)
            create_run(toy.root / "runs", "twin", spec, Target(count=3))
        write_new(path, content)

    monkeypatch.setattr(engine.run, "write_new", write_while_another_makes_it)
    folder = create_run(toy.root / "runs", "twin", spec, Target(count=3))
    assert read_spec(folder).id == spec.id
    assert sorted(path.name for path in folder.iterdir()) == ["lease", "run.json", "shards", "target.json"]
    assert [path.name for path in (toy.root / "runs").iterdir()] == ["twin"]


def test_reuse_finds_the_replies_of_a_shard_that_was_sealed_meanwhile(toy):
    folder = toy.create(size=20, target=Target())
    old = toy.open(folder)
    work(old, InProcess(lose_the_first_half), stop_after_failures=1_000)
    earlier = EarlierRun(old, old.items)
    expected = dict(EarlierRun(old, old.items).replies_of(15))
    assert expected
    work(old, InProcess())
    assert not journals_of(old.shards, 0)
    assert {path: entry.key for path, entry in earlier.replies_of(15).items()} == {
        path: entry.key for path, entry in expected.items()
    }


def test_reuse_of_a_run_whose_sealed_file_is_gone_says_so(toy):
    folder = toy.create(size=20, target=Target())
    work(toy.open(folder), InProcess())
    shutil.rmtree(folder / "lease")
    (calls,) = (folder / "shards").glob("*.calls.parquet")
    calls.unlink()
    old = toy.open(folder)
    with pytest.raises(InputError, match="missing"):
        EarlierRun(old, old.items).replies_of(0)


def test_reuse_draws_identities_in_blocks_and_matches_the_same(toy):
    """One identity alone costs a sampler hundreds of times its share, and reuse asks for one a call."""
    folder = toy.create(distinct=7_000, size=9_000, target=Target(count=2))
    work(toy.open(folder), InProcess(), concurrency=2)
    old = toy.open(folder)

    class Counted(Numbers):
        def identities(self, start: int, stop: int) -> NDArray[np.uint64]:
            asked.append(stop - start)
            return super().identities(start, stop)

    asked: list[int] = []
    earlier = EarlierRun(old, Counted(7_000, 9_000))
    drawn = toy.books(folder).drawn
    found = [earlier.matching(index) for index in range(9_000)]
    assert found == [index % 7_000 if index % 7_000 < drawn else None for index in range(9_000)]
    assert len(asked) <= 3
