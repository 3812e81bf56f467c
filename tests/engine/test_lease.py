"""Who works on a run and on which shard, and how a worker learns that it was overtaken."""

from __future__ import annotations

import os
import time
from pathlib import Path

import orjson
import pytest
from sender_in_process import InProcess, work

import engine.lease
from engine.call import Reply
from engine.journal import Chain, Entry, Part, chain_of, encode, head
from engine.lease import Lease, Lost, Watch, Worker, read_leases, try_take, workers
from engine.replay import remember_shard
from engine.run import Target


def take(worker: Worker, shard: int = 0, watch: Watch | None = None) -> Lease | None:
    return try_take(worker, shard, read_leases(worker.folder), watch or Watch())


def pretend(worker: Worker, **other: object) -> None:
    """The worker is another process than this one."""
    beat = worker.path.stat().st_mtime_ns
    worker.path.write_bytes(orjson.dumps({**orjson.loads(worker.path.read_bytes()), **other}))
    os.utime(worker.path, ns=(beat, beat))


def test_a_shard_is_one_workers_until_it_gives_it_back_or_leaves(tmp_path):
    one, two = Worker.join(tmp_path), Worker.join(tmp_path)
    lease = take(one)
    assert lease is not None
    assert take(two) is None
    assert take(two, shard=1) is not None
    lease.release()
    assert take(two) == Lease(tmp_path, 0, 2)
    with pytest.raises(Lost, match="shard 0"):
        lease.check()
    two.leave()
    assert take(one, shard=1) == Lease(tmp_path, 1, 2)


def test_of_two_that_saw_a_shard_free_one_has_it(tmp_path):
    one, two = Worker.join(tmp_path), Worker.join(tmp_path)
    seen = read_leases(tmp_path)
    assert try_take(one, 0, seen, Watch()) is not None
    assert try_take(two, 0, seen, Watch()) is None


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="tells processes apart where the system can")
def test_a_later_process_with_the_same_number_holds_nothing(tmp_path):
    worker = Worker.join(tmp_path)
    take(worker)
    pretend(worker, start="1")
    assert workers(tmp_path) == []
    assert take(Worker.join(tmp_path)) == Lease(tmp_path, 0, 2)
    assert not worker.path.exists()


def test_another_hosts_shard_is_taken_over_when_its_heart_rests_and_not_before(tmp_path, monkeypatch):
    monkeypatch.setattr(engine.lease, "STALE_AFTER_S", 0.2)
    worker, other, watch = Worker.join(tmp_path), Worker.join(tmp_path), Watch()
    take(other)
    pretend(other, host="elsewhere")
    assert f"elsewhere, process {os.getpid()}" in workers(tmp_path)
    for _ in range(4):
        assert take(worker, watch=watch) is None, "it beats"
        time.sleep(0.1)
        other.beat()
    deadline = time.monotonic() + 60
    while (lease := take(worker, watch=watch)) is None and time.monotonic() < deadline:
        time.sleep(0.05)
    assert lease == Lease(tmp_path, 0, 2)


def test_a_process_of_this_host_that_only_sleeps_is_overtaken_as_well(tmp_path, monkeypatch):
    monkeypatch.setattr(engine.lease, "STALE_AFTER_S", 0.1)
    asleep, worker, watch = Worker.join(tmp_path), Worker.join(tmp_path), Watch()
    take(asleep)
    deadline = time.monotonic() + 60
    while (lease := take(worker, watch=watch)) is None and time.monotonic() < deadline:
        time.sleep(0.02)
    assert lease == Lease(tmp_path, 0, 2)


def test_a_worker_that_lost_a_shard_unawares_stops_at_its_next_commit_and_goes_on_with_others(toy):
    folder = toy.create(size=40, target=Target())
    sender, other = InProcess(), []

    async def lose_the_lease(call, sleep):
        if sender.asked >= 20 and not other:
            other.append(Worker.join(folder / "lease"))
            (folder / "lease" / "00000.000002").write_text(other[0].token)

    sender.before = lose_the_lease

    def wait(held):
        """Whoever took it gives it back; it is this worker's again then, whose replies are still there."""
        assert list(held) == [0]
        assert "process" in held[0]
        other[0].leave()

    work(toy.open(folder), sender, on_wait=wait, concurrency=4, commit_replies=4, shard_size=20)
    assert toy.books(folder).state == "complete"
    paid, used = sender.answered, toy.table(folder, "calls")["used"].to_pylist()
    assert len(used) == paid, "every reply that was paid is in the books"
    assert 0 <= used.count(False) <= 8, "what was in flight, and one commit"


def test_what_a_worker_writes_after_its_successor_read_decides_nothing(tmp_path):
    """An endpoint without a seed tells every asker another thing: one chain decides, not a mixture of two."""

    def write(generation: int, chain: Chain, *texts: tuple[int, str, str]) -> None:
        path = tmp_path / f"00000.{generation:06d}-1-aa.calls.jsonl"
        entries = [Entry(index, place, "k", Reply(text)) for index, place, text in texts]
        with path.open("ab") as file:
            file.write((b"" if file.tell() else head(chain)) + b"".join(map(encode, entries)))

    write(1, (), (0, "0", "first"), (1, "0", "first"))
    second = chain_of(tmp_path, 0)
    write(2, second, (0, "1", "second"), (2, "0", "second"))
    write(1, (), (0, "1", "late"), (2, "0", "late"), (2, "1", "late"), (3, "0", "late"))
    memory = remember_shard(tmp_path, 0)
    texts = {(i, path): e.reply.text for i, of_index in memory.replies.items() for path, e in of_index.items()}
    assert texts == {(0, "0"): "first", (1, "0"): "first", (0, "1"): "second", (2, "0"): "second"}
    assert [entry.reply.text for entry in memory.surplus] == ["late"] * 4
    assert remember_shard(tmp_path, 0, second, 2).replies == memory.replies, "what its holder seals is the same"


def test_an_attempt_that_was_cut_in_its_first_line_continues_nothing(tmp_path):
    whole = tmp_path / "00000.000001-1-aa.calls.jsonl"
    whole.write_bytes(head(()) + encode(Entry(0, "0", "k", Reply("kept"))))
    (tmp_path / "00000.000002-1-aa.calls.jsonl").write_bytes(head(())[:-3])
    assert chain_of(tmp_path, 0) == (Part(whole, whole.stat().st_size),)
    assert remember_shard(tmp_path, 0).replies[0]["0"].reply.text == "kept"
