"""What is on the disk, and when: a power failure and a `kill -9` cost what the design says and no more."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import threading
import time
from pathlib import Path

import pytest
from sender_in_process import InProcess, senders, work

import engine.sharing as sharing
from engine.call import Reply
from engine.drivers.online import OnlineOptions, drive
from engine.errors import ConnectionFault, StorageError
from engine.files import put_new, replace
from engine.journal import Entry, Journal, encode, journals_of, read_journal
from engine.planner import Repeats
from engine.reuse import sealed_replies
from engine.run import Target
from engine.sealing import seal_shard
from engine.shard import Shard, seals_of, shards_of


class Disk:
    """Notes what is made durable and what is named or removed, in order; the real calls are made."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.events: list[tuple[str, str]] = []
        for name in ("fsync", "fdatasync"):
            self._watch(monkeypatch, name, "sync", lambda handle, *_: os.readlink(f"/proc/self/fd/{handle}"))
        self._watch(monkeypatch, "link", "name", lambda _, target, **__: str(target))
        self._watch(monkeypatch, "unlink", "remove", lambda path, **_: str(path))
        self._watch(monkeypatch, "replace", "name", lambda _, target, **__: str(target))

    def _watch(self, monkeypatch, name, what, path_of) -> None:
        call = getattr(os, name)

        def noted(*arguments, **options):
            self.events.append((what, Path(path_of(*arguments, **options)).name))
            return call(*arguments, **options)

        monkeypatch.setattr(os, name, noted)

    def first(self, what: str, ending: str) -> int:
        return next(place for place, (did, name) in enumerate(self.events) if did == what and name.endswith(ending))


def entry(index: int) -> Entry:
    return Entry(index, "0", f"b2:{index:032x}", Reply(f"reply {index}"))


needs_proc = pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="names open files where the system does")


@needs_proc
def test_a_seal_is_named_after_its_files_and_their_names_are_durable_and_journals_go_last(toy, monkeypatch):
    folder = toy.create(size=6, target=Target())
    disk = Disk(monkeypatch)
    work(toy.open(folder), InProcess())
    sealed = disk.first("name", "seal.json")
    for kind in ("rows", "rejected", "calls"):
        assert disk.first("sync", f"{kind}.parquet") < sealed
    last_file = max(disk.first("sync", f"{kind}.parquet") for kind in ("rows", "rejected", "calls"))
    assert ("sync", "shards") in disk.events[last_file:sealed]
    journal_gone = disk.first("remove", "calls.jsonl")
    assert ("sync", "shards") in disk.events[sealed:journal_gone]
    assert disk.first("sync", "calls.jsonl") < sealed


@needs_proc
@pytest.mark.parametrize("put", [put_new, replace])
def test_a_file_is_durable_before_it_has_its_name_and_its_name_on_return(tmp_path, monkeypatch, put):
    disk = Disk(monkeypatch)
    put(tmp_path / "file", b"content")
    names = [event for event in disk.events if event[0] != "remove"]
    assert [what for what, _ in names] == ["sync", "name", "sync"]
    assert names[0][1].endswith(".tmp")
    assert names[1:] == [("name", "file"), ("sync", tmp_path.name)]


def test_no_more_is_asked_than_a_kill_may_cost_while_the_disk_is_slow(toy, monkeypatch):
    folder = toy.create(target=Target(count=1_000))
    disk, write = threading.Event(), os.fdatasync

    def slow_disk(handle: int) -> None:
        disk.wait(60)
        write(handle)

    monkeypatch.setattr(os, "fdatasync", slow_disk)
    sender = InProcess()

    async def go() -> None:
        options = OnlineOptions(concurrency=4, commit_replies=8)
        task = asyncio.create_task(drive(toy.open(folder), senders(sender), options))
        while sender.answered < 12:
            await asyncio.sleep(0.001)
        for _ in range(200):
            await asyncio.sleep(0)
        asked = sender.asked
        disk.set()
        assert asked == 4 + 8
        while sender.answered < 100:
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(go())


def test_a_lone_reply_is_written_without_another(tmp_path):
    async def go() -> None:
        journal = Journal(tmp_path, commit_delay_s=0.02)
        journal.add(0, entry(0))
        end = time.monotonic() + 60
        while journal.uncommitted and time.monotonic() < end:
            await asyncio.sleep(0.005)
        journal.close()

    asyncio.run(go())
    assert [e.index for path in journals_of(tmp_path, 0) for e in read_journal(path)] == [0]


def test_what_a_failed_commit_left_is_written_before_what_came_later(tmp_path, monkeypatch):
    """A conversation's second turn must never be kept without its first."""
    write, faults = os.fdatasync, [OSError(errno.ENOSPC, "full")]

    def full_once(handle: int) -> None:
        if faults:
            time.sleep(0.05)
            raise faults.pop()
        write(handle)

    monkeypatch.setattr(os, "fdatasync", full_once)

    async def go() -> None:
        journal = Journal(tmp_path, commit_delay_s=60)
        for index in range(3):
            journal.add(0, entry(index))
        failing = asyncio.create_task(journal.commit())
        await asyncio.sleep(0)
        journal.add(0, entry(3))
        with pytest.raises(StorageError):
            await failing
        assert journal.uncommitted == 4
        await journal.commit()
        assert journal.uncommitted == 0
        journal.close()

    asyncio.run(go())
    assert [e.index for path in journals_of(tmp_path, 0) for e in read_journal(path)] == [0, 1, 2, 3]


async def lose_all(call, sleep):
    raise ConnectionFault("gone")


async def lose_the_even(call, sleep):
    if len(call.messages) == 2 and int(call.messages[1].content.rpartition(" ")[2].rstrip(".")) % 2 == 0:
        raise ConnectionFault("gone")


def test_of_two_replies_at_one_address_the_first_counts_and_both_were_paid(toy):
    """Two processes may have asked the same: one that lost its lease unawares, and the next."""
    folder = toy.create(size=10, target=Target())
    work(toy.open(folder), InProcess(lose_the_even))
    run = toy.open(folder)
    (journal,) = journals_of(run.shards, 0)
    first = list(read_journal(journal))
    again = [Entry(e.index, e.path, e.key, Reply("Another answer", "stop", e.reply.usage, "late")) for e in first]
    later = journal.with_name("00000.99999999999999999999-1-aaaaaa.calls.jsonl")
    later.write_bytes(b"".join(map(encode, again)))
    work(toy.open(folder), InProcess())
    calls = toy.table(folder, "calls").to_pylist()
    assert [call["text"] for call in calls if not call["used"]] == ["Another answer"] * len(first)
    assert {call["model"] for call in calls if call["used"]} == {"in-process"}
    assert {part.model: part.calls for part in toy.books(folder).spent} == {
        "in-process": len(calls) - len(first), "late": len(first),
    }  # fmt: skip
    kept = [entry for of_index in sealed_replies(run, 0).values() for entry in of_index.values()]
    assert len(kept) == len(calls) - len(first)
    assert "Another answer" not in {entry.reply.text for entry in kept}
    addresses = [(call["index"], [int(part) for part in call["path"].split(".")]) for call in calls]
    assert addresses == sorted(addresses)


def test_a_shard_is_sealed_once_and_the_first_seal_stays(toy, tmp_path):
    folder = toy.create(size=10, target=Target())
    run = toy.open(folder)
    work(run, InProcess(lose_the_even))
    (journal,) = journals_of(run.shards, 0)
    shutil.copy(journal, tmp_path / "kept")
    (shard,) = shards_of(run.shards)
    seal = seal_shard(run, shard, Repeats(run).sendable(shard), give_up=True)
    shutil.copy(tmp_path / "kept", journal)
    before = sorted(path.name for path in run.shards.glob("*.parquet"))
    assert seal_shard(run, shard, Repeats(run).sendable(shard), give_up=True) == seal
    assert seals_of(run.shards) == {0: seal}
    assert sorted(path.name for path in run.shards.glob("*.parquet")) == before


def test_a_shard_drawn_by_another_process_just_before_is_worked_on_as_it_was_drawn(toy, monkeypatch):
    folder = toy.create(size=10, target=Target())
    make = sharing.make_shard

    def make_another_first(shards, shard):
        if not shard.number:
            assert make(shards, Shard(0, 0, 3))
        return make(shards, shard)

    monkeypatch.setattr(sharing, "make_shard", make_another_first)
    work(toy.open(folder), InProcess())
    assert [(shard.start, shard.stop) for shard in shards_of(folder / "shards")] == [(0, 3), (3, 10)]
    assert (toy.books(folder).state, toy.books(folder).drawn) == ("complete", 10)


def test_repeats_in_a_shard_that_is_not_sealed_are_not_open(toy):
    folder = toy.create(distinct=15, size=40, target=Target())
    work(toy.open(folder), InProcess(lose_all))
    books = toy.books(folder)
    assert (books.drawn, books.open, books.reasons) == (40, 15, {"repeat": 25})
