"""What can go wrong while a run is at work: signals, cancelling, faults, at the moments where they hurt."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import signal
import threading
from pathlib import Path

import pytest
from sender_in_process import InProcess, senders, work
from toy_recipe import TOY

import engine.drivers.online as online
import engine.drivers.shards as open_shards
from engine.call import Call, Message, Reply
from engine.drivers.online import OnlineOptions, drive
from engine.errors import ConnectionFault, QuotaExhausted, RunError
from engine.journal import Entry, Journal, journals_of, read_journal
from engine.lease import workers
from engine.run import Target
from engine.shard import seals_of


def entry(index: int) -> Entry:
    return Entry(index, "0", f"b2:{index:032x}", Reply(f"reply {index}"))


def lines_of(folder: Path, shard: int = 0) -> list[int]:
    return [e.index for path in journals_of(folder, shard) for e in read_journal(path)]


def test_a_commit_whose_waiter_is_cancelled_writes_each_reply_once(tmp_path, monkeypatch):
    """The second Ctrl-C cancels conversations, and one of them may be waiting for a commit."""
    disk = threading.Event()
    write = os.fdatasync

    def slow_disk(handle: int) -> None:
        disk.wait(5)
        write(handle)

    monkeypatch.setattr(os, "fdatasync", slow_disk)

    async def go() -> None:
        journal = Journal(tmp_path, commit_delay_s=60)
        for index in range(3):
            journal.add(0, entry(index))
        waiter = asyncio.create_task(journal.commit())
        await asyncio.sleep(0.05)
        waiter.cancel()
        await asyncio.sleep(0.05)
        journal.add(0, entry(3))
        last = asyncio.create_task(journal.commit())
        await asyncio.sleep(0.05)
        disk.set()
        await last
        assert journal.uncommitted == 0
        journal.close()

    asyncio.run(go())
    assert lines_of(tmp_path) == [0, 1, 2, 3]


def test_the_second_ctrl_c_does_not_wait_for_shards_to_be_sealed(toy, monkeypatch):
    folder = toy.create(size=40, target=Target())
    seal, on_signal, begun, told = open_shards.seal_shard, online.Online._on_signal, [], threading.Semaphore(0)

    def heard(driver):
        on_signal(driver)
        told.release()

    def slow_seal(*arguments, **options):
        begun.append(arguments[1].number)
        if len(begun) == 1:
            for _ in range(2):
                os.kill(os.getpid(), signal.SIGINT)
                assert told.acquire(timeout=60)
        return seal(*arguments, **options)

    monkeypatch.setattr(open_shards, "seal_shard", slow_seal)
    monkeypatch.setattr(online.Online, "_on_signal", heard)

    async def wait(call, sleep):
        if call.messages[-1].content.endswith("number 39."):
            while not begun:
                await asyncio.sleep(0.01)
            await asyncio.sleep(60)

    outcome = work(toy.open(folder), InProcess(wait), shard_size=2, concurrency=40)
    assert outcome.interrupted
    assert len(begun) == 1, "the other shards can be sealed by resume"
    assert toy.books(folder).open > 0
    work(toy.open(folder), InProcess())
    assert toy.books(folder).state == "complete"


def test_a_cancelled_drive_sends_nothing_more_and_keeps_what_had_come(toy):
    folder = toy.create(target=Target(count=1_000))
    sender = InProcess()

    async def go() -> int:
        task = asyncio.create_task(drive(toy.open(folder), senders(sender), OnlineOptions(concurrency=8)))
        while sender.answered < 50:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        asked = sender.asked
        assert [t for t in asyncio.all_tasks() if t is not asyncio.current_task()] == []
        await asyncio.sleep(0.05)
        assert sender.asked == asked
        return asked

    asyncio.run(go())
    assert workers(folder / "lease") == []
    journaled = sum(spent.calls for spent in toy.books(folder).spent)
    assert journaled == sender.answered


def open_journals() -> int:
    names = []
    for file in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed by another thread just now
            names.append(os.readlink(file))
    return sum(name.endswith(".calls.jsonl") for name in names)


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts open files where the system lists them")
def test_a_shard_that_stays_open_keeps_no_file_open(toy):
    folder = toy.create(size=400, target=Target())

    async def lose_one_a_shard(call, sleep):
        number = int(call.messages[1].content.rpartition(" ")[2].rstrip(".")) if len(call.messages) == 2 else 1
        if number == 399:  # the shards before it have ended, all but a few: in a while their files are closed
            for _ in range(6_000):
                if open_journals() <= 4:
                    break
                await asyncio.sleep(0.01)
            else:
                left_open.append(open_journals())
        if number % 4 == 0:
            raise ConnectionFault("gone")

    left_open: list[int] = []

    work(toy.open(folder), InProcess(lose_one_a_shard), shard_size=4, concurrency=4, stop_after_failures=1_000)
    assert len(journals_of(folder / "shards", 99)) == 1
    assert toy.books(folder).open == 400
    assert left_open == []


def test_replies_that_come_after_the_endpoint_said_stop_are_kept(toy):
    folder = toy.create(target=Target(count=1_000))

    begun = []

    async def stop(call, sleep):
        begun.append(call)
        if len(begun) == 6:
            raise QuotaExhausted("no money")
        await asyncio.sleep(0.05)

    sender = InProcess(stop)
    with pytest.raises(QuotaExhausted):
        work(toy.open(folder), sender, concurrency=6)
    assert sum(spent.calls for spent in toy.books(folder).spent) == sender.answered == 5


@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_ends_a_back_off_at_once(toy, times):
    folder = toy.create(target=Target(count=10))

    async def back_off(call, sleep):
        for _ in range(times):
            os.kill(os.getpid(), signal.SIGINT)
        await sleep(3_600)

    sender = InProcess(back_off)
    assert work(toy.open(folder), sender, concurrency=3).interrupted
    assert sender.answered == 0
    assert toy.books(folder).state == "incomplete"


def failing_filter(row):
    raise KeyError("nothing of that name")


def no_call(item, rng, terms):
    yield ["not a call"]
    return {}


@pytest.mark.parametrize("broken", [{"filters": (failing_filter,)}, {"converse": no_call}])
def test_a_recipe_that_breaks_is_named_with_the_index(toy, broken):
    folder = toy.create(target=Target(count=10))
    toy.recipe = dataclasses.replace(TOY, **broken)
    with pytest.raises(RunError, match=r"recipe toy .*index 0"):
        work(toy.open(folder), InProcess(), concurrency=1)
    assert not seals_of(folder / "shards")


def too_large(item, rng, terms):
    yield Call((Message("user", "How many?"),))
    return {"number": 2**80, "subject": "", "question": "", "votes": []}


def test_a_row_that_its_columns_cannot_hold_is_named(toy):
    folder = toy.create(size=3, target=Target())
    toy.recipe = dataclasses.replace(TOY, converse=too_large)
    with pytest.raises(RunError, match="does not fit the recipe's columns"):
        work(toy.open(folder), InProcess())
    assert not list((folder / "shards").glob("*.parquet"))
