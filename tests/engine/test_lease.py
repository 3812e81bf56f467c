"""Who works on a run: one process, on any host, and it notices when it no longer is the one."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import orjson
import pytest
from sender_in_process import InProcess, work

import engine.lease
from engine.errors import RunHeld
from engine.lease import Lease, holder, take
from engine.run import Target


def taken_by(folder: Path, **other: object) -> Lease:
    """A lease whose holder differs from this process."""
    lease = take(folder)
    lease.path.write_bytes(orjson.dumps({**orjson.loads(lease.path.read_bytes()), **other}))
    return lease


def test_a_process_that_lost_its_lease_unawares_stops_at_its_next_commit(toy):
    folder = toy.create(target=Target(count=1_000))
    sender = InProcess()

    async def lose_the_lease(call, sleep):
        if sender.asked >= 20:
            (folder / "lease" / "run.000002").write_bytes((folder / "lease" / "run.000001").read_bytes())

    sender.before = lose_the_lease
    with pytest.raises(RunHeld, match="taken over; what was paid here is journaled"):
        work(toy.open(folder), sender, concurrency=4, commit_replies=4)
    assert 20 <= sender.answered <= 40
    assert sum(spent.calls for spent in toy.books(folder).spent) == sender.answered


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="tells processes apart where the system can")
def test_a_later_process_with_the_same_number_holds_nothing(tmp_path):
    taken_by(tmp_path / "lease", start="1")
    assert holder(tmp_path / "lease") is None
    assert take(tmp_path / "lease").generation == 2


def test_another_hosts_lease_is_taken_over_when_its_heart_rests(tmp_path, monkeypatch):
    monkeypatch.setattr(engine.lease, "STALE_AFTER_S", 0.1)
    taken_by(tmp_path / "lease", host="elsewhere")
    assert holder(tmp_path / "lease") == f"elsewhere, process {os.getpid()}"
    assert take(tmp_path / "lease").generation == 2


def test_another_hosts_lease_is_left_alone_while_its_heart_beats(tmp_path):
    lease, done = taken_by(tmp_path / "lease", host="elsewhere"), threading.Event()

    def beat() -> None:
        while not done.wait(0.05):
            os.utime(lease.path, ns=(time.time_ns(), time.time_ns()))

    heart = threading.Thread(target=beat)
    heart.start()
    try:
        with pytest.raises(RunHeld, match="elsewhere"):
            take(tmp_path / "lease")
    finally:
        done.set()
        heart.join()
