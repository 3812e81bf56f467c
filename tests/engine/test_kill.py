"""A process that is really killed: nothing is lost, nothing is half-written, and no more is paid than promised."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from pathlib import Path

from toy import toy_process

from engine.run import Target
from engine.shard import seals_of

CONCURRENCY, COMMIT = 8, 16


def interrupt(child: subprocess.Popen[str]) -> None:
    """Send SIGINT and wait until it was delivered: of two that wait for a busy machine, the system makes one."""
    child.send_signal(signal.SIGINT)
    status = Path(f"/proc/{child.pid}/status")
    if not status.exists():
        time.sleep(1)
    while status.exists() and "ShdPnd:\t0000000000000000" not in status.read_text():
        time.sleep(0.01)


def test_killed_at_random_moments_it_pays_at_most_the_window_again_and_makes_the_same_rows(toy, simulated):
    endpoint, calm = simulated("--latency", "10"), simulated()
    undisturbed = toy.create("undisturbed", target=Target(count=240))
    toy.work(undisturbed, calm)
    folder = toy.create("killed", target=Target(count=240))
    chance, kills = random.Random(20261121), 0
    while toy.books(folder).state not in ("complete", "exhausted"):
        asked, more = endpoint.asked, chance.randint(5, 250)
        with toy_process(
            folder, endpoint, concurrency=CONCURRENCY, commit_replies=COMMIT, commit_delay_s=0.05, shard_size=40
        ) as child:
            while child.poll() is None and endpoint.asked < asked + more:
                time.sleep(0.005)
            time.sleep(chance.uniform(0, 0.1))
            kills += child.poll() is None
            child.send_signal(signal.SIGKILL)
            child.wait()
        books = toy.books(folder)
        assert books.balanced
        assert books.accepted + books.ahead == sum(seal.passed for seal in seals_of(folder / "shards").values())
    assert kills >= 5, "the process ended before it could be killed"
    assert toy.accepted(folder) == toy.accepted(undisturbed)
    calls = toy.table(folder, "calls")
    assert all(calls["used"].to_pylist())
    needed = calls.num_rows
    print(f"{kills} kills, {needed} calls needed, {endpoint.asked - needed} asked again")
    assert needed <= endpoint.asked <= needed + kills * (CONCURRENCY + COMMIT)


def test_a_model_without_a_seed_is_asked_no_more_and_its_first_reply_stands(toy, simulated):
    """The endpoint answers the same request differently each time, so a reply kept twice would show."""
    endpoint = simulated("--moody", "--latency", "3")
    folder = toy.create(target=Target(count=120))
    kills = 4
    for kill in range(kills):
        with toy_process(folder, endpoint, concurrency=CONCURRENCY, commit_replies=COMMIT, shard_size=30) as child:
            while endpoint.asked < 60 * (kill + 1):
                assert child.poll() is None
                time.sleep(0.005)
    with toy_process(folder, endpoint, concurrency=CONCURRENCY) as child:
        assert child.wait(60) == 0
    calls = toy.table(folder, "calls")
    assert toy.books(folder).state == "complete"
    assert endpoint.asked <= calls.num_rows + kills * (CONCURRENCY + COMMIT)
    addresses = list(zip(calls["index"].to_pylist(), calls["path"].to_pylist(), strict=True))
    assert len(set(addresses)) == len(addresses)


def test_the_first_ctrl_c_waits_for_what_is_in_flight_and_nothing_is_paid_twice(toy, simulated):
    endpoint = simulated("--latency", "300")
    folder = toy.create(target=Target(count=40))
    with toy_process(folder, endpoint, concurrency=6) as child:
        while endpoint.asked < 6:
            time.sleep(0.01)
        interrupt(child)
        seen = endpoint.asked
        assert child.wait(60) == 130
    asked = endpoint.asked
    assert asked <= seen + 6  # what was being sent as the signal came; the whole run asks hundreds
    journaled = sum(spent.calls for spent in toy.books(folder).spent)
    assert journaled == asked
    assert toy.books(folder).state == "incomplete"


def test_the_second_ctrl_c_leaves_at_once_and_keeps_what_had_come(toy, simulated):
    endpoint = simulated("--latency", "0")
    slow = simulated("--latency", "60000")
    folder = toy.create(target=Target(count=40))
    with toy_process(folder, endpoint, concurrency=2) as child:
        child.wait(60)
    complete = toy.accepted(folder)
    folder = toy.create("again", seed=2, target=Target(count=40))
    seconds = []
    while not seconds or (seconds[-1] > 2 and len(seconds) < 3):  # a busy machine may make it slow, never fast
        asked = slow.asked
        with toy_process(folder, slow, concurrency=4) as child:
            while slow.asked < asked + 4:
                time.sleep(0.01)
            interrupt(child)
            time.sleep(0.3)
            assert child.poll() is None
            child.send_signal(signal.SIGINT)
            begin = time.monotonic()
            assert child.wait(30) == 130
            seconds.append(time.monotonic() - begin)
    assert min(seconds) <= 2
    assert len(complete) == 40
    assert toy.books(folder).open > 0
    toy.work(folder, endpoint)
    assert toy.books(folder).state == "complete"


def test_processes_share_a_run_and_what_one_leaves_the_others_take(toy, simulated):
    endpoint = simulated("--latency", "20")
    alone = toy.create("alone", target=Target(count=300))
    toy.work(alone, endpoint)
    needed = endpoint.asked
    folder = toy.create(target=Target(count=300))
    options = {"concurrency": 8, "shard_size": 20}
    with toy_process(folder, endpoint, **options) as first, toy_process(folder, endpoint, **options) as second:
        while len(list((folder / "shards").glob("*.seal.json"))) < 3:
            time.sleep(0.01)
        assert toy.books(folder).state == "running"
        with toy_process(folder, endpoint, **options) as third:
            first.kill()
            assert third.wait(120) == second.wait(120) == 0
    books = toy.books(folder)
    assert (books.state, books.sealed) == ("complete", books.shards)
    assert toy.accepted(folder) == toy.accepted(alone)
    holders = {path.read_text() for path in (folder / "lease").glob("?????.??????")}
    assert len(holders) == 3, "every process had a share"
    used = toy.table(folder, "calls")["used"].to_pylist()
    assert used.count(True) <= needed + 8 * 3 * 5, "they draw together what one would, a margin each"
    assert endpoint.asked - needed - len(used) <= 8 + 256, "the killed one cost what was in flight, and one commit"


def test_a_process_that_slept_beside_its_replacement_stops_and_nothing_is_lost(toy, simulated):
    endpoint = simulated("--latency", "50", "--moody")
    folder = toy.create(size=120, target=Target())
    options = {"concurrency": 8, "shard_size": 40, "commit_delay_s": 0.05, "stale_after_s": 1.0}
    with toy_process(folder, endpoint, **options) as zombie:
        while endpoint.asked < 30:
            time.sleep(0.01)
        zombie.send_signal(signal.SIGSTOP)
        with toy_process(folder, endpoint, **options) as replacement:
            while not list((folder / "lease").glob("?????.000002")):
                time.sleep(0.01)
            zombie.send_signal(signal.SIGCONT)
            assert replacement.wait(120) == zombie.wait(120) == 0
    books = toy.books(folder)
    assert (books.state, books.sealed, books.open) == ("complete", books.shards, 0)
    assert len(toy.table(folder, "rows")) + len(toy.table(folder, "rejected")) == 120
