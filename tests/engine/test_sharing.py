"""Several workers on one run, met at the worst moments: nothing is sealed twice, nothing is paid for in vain."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

import pytest
from sender_in_process import InProcess, senders, work

import engine.drivers.shards
import engine.replay
import engine.sharing
from engine.drivers.online import OnlineOptions, drive
from engine.files import put_new
from engine.journal import Chain
from engine.lease import Worker
from engine.processes import numbering
from engine.replay import remember_shard
from engine.run import Run, Target
from engine.sealing import seal_shard
from engine.shard import Shard, left_behind, make_shard, seal_of, seals_of, shards_of
from engine.sharing import Share


@pytest.fixture
def journaled(toy, monkeypatch) -> Run:
    """A run of one shard whose replies are all journaled, and which nobody has sealed."""
    folder = toy.create(size=20, target=Target())
    with monkeypatch.context() as patch:
        patch.setattr(engine.drivers.shards, "seal_shard", lambda *_, **__: None)
        work(toy.open(folder), InProcess())
    assert shards_of(folder / "shards")
    assert not seals_of(folder / "shards")
    return toy.open(folder)


def at(moment: str, patch: pytest.MonkeyPatch, happens) -> None:
    """Let something happen once, right before the function of `engine.replay` is called."""
    real = getattr(engine.replay, moment)

    def first_this(*arguments, **options):
        patch.undo()
        happens()
        return real(*arguments, **options)

    patch.setattr(engine.replay, moment, first_this)
    if moment == "remember_shard":
        patch.setattr(engine.sharing, moment, first_this)


def seal(run: Run) -> None:
    (shard,) = shards_of(run.shards)
    assert seal_shard(run, shard, Share(run, Worker.join(run.folder / "lease")).repeats.sendable(shard)) is not None


@pytest.mark.parametrize("moment", ["remember_shard", "chain_of", "read_journal"])
def test_a_shard_that_is_sealed_while_it_is_taken_over_is_not_worked_on(journaled, moment, monkeypatch):
    at(moment, monkeypatch, lambda: seal(journaled))
    assert Share(journaled, Worker.join(journaled.folder / "lease")).next() is None


@pytest.mark.parametrize("moment", ["journals_of", "read_journal"])
def test_of_two_that_seal_at_once_the_slower_finds_the_seal_of_the_other(journaled, moment, monkeypatch):
    (shard,) = shards_of(journaled.shards)
    sendable = Share(journaled, Worker.join(journaled.folder / "lease")).repeats.sendable(shard)
    memory = remember_shard(journaled.shards, 0)
    at(moment, monkeypatch, lambda: seal(journaled))
    late = seal_shard(journaled, shard, sendable, chain=memory.chain, generation=99)
    assert late == seal_of(journaled.shards, 0)
    named = {file.name for file in late.files.values()}
    assert {path.name for path in journaled.shards.glob("*.parquet")} == named


def test_a_shard_that_was_lost_is_taken_again_only_when_its_last_call_came_back(toy):
    """Its late replies belong to the journal of the earlier attempt, and none of them may end up in the later one."""
    folder = toy.create(size=30, target=Target())
    sender, asked = InProcess(), iter(range(10_000))

    async def lose_the_lease(call, sleep):
        place = next(asked)
        if place == 12:
            other = Worker.join(folder / "lease")
            (folder / "lease" / "00000.000002").write_text(other.token)
            other.leave()
        if place == 13:
            await asyncio.sleep(2.5)  # longer than the worker waits before it looks for something to do

    sender.before = lose_the_lease
    work(toy.open(folder), sender, concurrency=4, commit_replies=1, shard_size=30)
    assert toy.books(folder).state == "complete"
    used = toy.table(folder, "calls")["used"].to_pylist()
    assert (folder / "lease" / "00000.000003").exists(), "it took the shard again"
    assert len(used) == sender.answered, "every reply that was paid is in the books"
    assert used.count(False) <= 5, "what was in flight, and one commit"


def test_a_shard_that_is_lost_while_it_is_sealed_is_handed_in_once(toy, monkeypatch):
    folder, sender, met = toy.create(size=40, target=Target()), InProcess(), []
    real = engine.drivers.shards.seal_shard

    def lose_it_meanwhile(run: Run, shard: Shard, *arguments, **options):
        if not met:
            met.append(Worker.join(folder / "lease"))
            (folder / "lease" / f"{shard.number:05d}.000002").write_text(met[0].token)
            met[0].leave()
            time.sleep(0.5)  # the other shard commits, and with each commit looks whose this one is
        return real(run, shard, *arguments, **options)

    async def take_a_while(call, sleep):
        await asyncio.sleep(0.01)

    sender.before = take_a_while
    monkeypatch.setattr(engine.drivers.shards, "seal_shard", lose_it_meanwhile)
    work(toy.open(folder), sender, concurrency=2, commit_replies=1, shard_size=20)
    assert toy.books(folder).state == "complete"
    assert len(toy.table(folder, "calls")) == sender.answered


def test_where_another_seal_stands_that_has_fewer_rows_the_missing_ones_are_drawn(toy, monkeypatch):
    """An endpoint without a seed gave the other worker other replies; what counts is what is sealed."""
    folder = toy.create(target=Target(count=20))
    real, met = engine.drivers.shards.seal_shard, []

    def meet_another(run: Run, shard: Shard, sendable, *, chain: Chain, generation: int, give_up: bool):
        if not met:
            met.append(real(run, shard, sendable, chain=(), generation=99, give_up=True))
        return real(run, shard, sendable, chain=chain, generation=generation, give_up=give_up)

    monkeypatch.setattr(engine.drivers.shards, "seal_shard", meet_another)
    work(toy.open(folder), InProcess(), shard_size=100)
    assert met[0].passed == 0
    assert toy.books(folder).state == "complete"


def test_a_folder_is_looked_through_though_a_file_goes_meanwhile(tmp_path):
    """A name that leads nowhere any more is what a temporary file is that was just put in its place."""
    (tmp_path / ".00000.range.json.1a2b.tmp").symlink_to("gone")
    assert left_behind(tmp_path, {}) == []


def test_a_file_whose_making_was_answered_late_is_still_its_makers(tmp_path, monkeypatch):
    """NFS sends a request again whose answer was lost; the second one then says that the file is there."""
    real = os.link

    def link_and_lose_the_answer(source, target, **options):
        real(source, target, **options)
        raise FileExistsError(target)

    monkeypatch.setattr(os, "link", link_and_lose_the_answer)
    assert put_new(tmp_path / "lease", b"mine")
    monkeypatch.undo()
    assert not put_new(tmp_path / "lease", b"theirs")
    assert (tmp_path / "lease").read_bytes() == b"mine"


@pytest.mark.skipif(not Path("/proc/sys/kernel/random/boot_id").exists(), reason="machines tell their boots on Linux")
def test_machines_of_one_name_are_told_apart():
    """The first namespace of process numbers has the same name on every machine."""
    assert Path("/proc/sys/kernel/random/boot_id").read_text().strip() in numbering()


def test_a_worker_that_was_taken_for_dead_shows_itself_again(tmp_path):
    worker = Worker.join(tmp_path)
    worker.path.unlink()
    worker.beat()
    assert worker.path.exists()


def test_ranges_that_two_draw_at_once_are_drawn_once(toy):
    folder = toy.create(size=40, target=Target())
    shares = [Share(toy.open(folder), Worker.join(folder / "lease"), 10) for _ in range(2)]
    assert make_shard(folder / "shards", Shard(0, 0, 10))
    claims = [share.next() for _ in range(2) for share in shares]
    assert [claim.shard for claim in claims] == [Shard(n, 10 * n, 10 * n + 10) for n in range(4)]
    assert not any(share.next() for share in shares)


def test_several_workers_of_one_process_share_a_run(toy):
    folder, sender = toy.create(size=60, target=Target()), InProcess()

    async def together():
        runs = [toy.open(folder) for _ in range(3)]
        options = OnlineOptions(concurrency=4, shard_size=10)
        await asyncio.gather(*(drive(run, senders(sender), options) for run in runs))

    asyncio.run(together())
    assert toy.books(folder).state == "complete"
    assert len(toy.table(folder, "calls")) == sender.answered
