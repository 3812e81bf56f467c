"""Processes that share a run are killed, stopped, woken and joined at random moments until it is done."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from toy import SimulatedEndpoint, Toy, toy_process

from engine.run import Target
from engine.shard import seals_of, shards_of

CONCURRENCY, COMMIT = 8, 16
WINDOW = CONCURRENCY + COMMIT
STALE_S = 1.0
OPTIONS = {
    "concurrency": CONCURRENCY,
    "commit_replies": COMMIT,
    "commit_delay_s": 0.05,
    "stale_after_s": STALE_S,
    "beat_s": 0.2,
}


@dataclass
class Fleet:
    """Processes at work on one run, and what befell them."""

    folder: Path
    endpoint: SimulatedEndpoint
    shard_size: int
    chance: random.Random
    stack: ExitStack
    alive: list[subprocess.Popen[str]] = field(default_factory=list)
    asleep: dict[int, float] = field(default_factory=dict)
    """When to wake it, by process."""
    told: list[str] = field(default_factory=list)

    def join(self) -> None:
        process = toy_process(self.folder, self.endpoint, shard_size=self.shard_size, **OPTIONS)
        self.alive.append(self.stack.enter_context(process))

    def disturb(self) -> None:
        child = self.chance.choice(self.alive)
        what = self.chance.choice(("kill", "kill", "stop", "stop", "leave"))
        self.told.append(f"{what} {child.pid}")
        if what == "stop":
            child.send_signal(signal.SIGSTOP)
            self.asleep[child.pid] = time.monotonic() + self.chance.uniform(0.1, 4) * STALE_S
            return
        child.send_signal(signal.SIGKILL if what == "kill" else signal.SIGINT)
        if what == "kill" or child.pid not in self.asleep:
            child.wait()
            self.asleep.pop(child.pid, None)
        self.join()

    def tend(self) -> None:
        """Wake those whose time has come, forget those that ended."""
        for child in list(self.alive):
            if self.asleep.get(child.pid, float("inf")) <= time.monotonic():
                child.send_signal(signal.SIGCONT)
                del self.asleep[child.pid]
            if child.poll() is not None:
                assert child.returncode in (0, 130, -signal.SIGINT, -signal.SIGKILL), child.stdout.read()
                self.alive.remove(child)


def storm(toy: Toy, folder: Path, endpoint: SimulatedEndpoint, *, seed: int, blows: int, processes: int) -> list[str]:
    """Let processes finish the run under so many blows; returns what was done to them."""
    with ExitStack() as stack:
        fleet = Fleet(folder, endpoint, shard_size=20, chance=random.Random(seed), stack=stack)
        for _ in range(processes):
            fleet.join()
        while fleet.alive and len(fleet.told) < blows:
            after = endpoint.asked + fleet.chance.randint(20, 90)
            while fleet.alive and endpoint.asked < after:
                fleet.tend()
                time.sleep(0.01)
            if fleet.alive:
                fleet.disturb()
        while fleet.alive:
            fleet.tend()
            time.sleep(0.01)
    with toy_process(folder, endpoint, shard_size=20, **OPTIONS) as last:
        assert last.wait(60) == 0
    return fleet.told


def handed_over(folder: Path) -> int:
    """How often a shard went from one worker to another that had not been given it."""
    names = [path.name for path in (folder / "lease").glob("?????.*")]
    return sum(not name.endswith(("000001", "released")) for name in names)


def check_whole(toy: Toy, folder: Path, endpoint: SimulatedEndpoint, size: int) -> None:
    """No index is missing or there twice, each conversation rests on one chain of replies, and little was in vain."""
    books = toy.books(folder)
    assert books.balanced
    assert (books.state, books.sealed, books.open) == ("complete", books.shards, 0)
    ended = toy.table(folder, "rows")["index"].to_pylist() + toy.table(folder, "rejected")["index"].to_pylist()
    assert sorted(ended) == list(range(size))
    assert sum(shard.stop - shard.start for shard in shards_of(folder / "shards")) == size
    named = {file.name for seal in seals_of(folder / "shards").values() for file in seal.files.values()}
    assert named == {path.name for path in (folder / "shards").glob("*.parquet")}
    used = [call for call in toy.table(folder, "calls").to_pylist() if call["used"]]
    assert len({(call["index"], call["path"]) for call in used}) == len(used)
    said = {(call["index"], call["text"]) for call in used}
    for call in used:
        for message in call["messages"]:
            if message["role"] == "assistant" and message["content"] != "yes":
                assert (call["index"], message["content"]) in said, "it answers what another worker was told"
    in_vain, handed = endpoint.asked - len(used), handed_over(folder)
    print(f"{endpoint.asked} asked, {len(used)} used, {in_vain} in vain, {handed} hand-overs")
    assert 0 <= in_vain <= 2 * WINDOW * handed


@pytest.mark.parametrize("moody", [False, True], ids=["seeded", "moody"])
def test_a_run_survives_a_storm_of_kills_stops_and_joins(toy, simulated, moody):
    endpoint = simulated("--latency", "200", *(["--moody"] if moody else []))
    folder = toy.create(size=160, target=Target())
    print(storm(toy, folder, endpoint, seed=20261121 + moody, blows=7, processes=3))
    check_whole(toy, folder, endpoint, 160)
    if not moody:
        calm = toy.create("calm", size=160, target=Target())
        toy.work(calm, simulated())
        assert toy.accepted(folder) == toy.accepted(calm)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(4))
def test_a_run_survives_a_long_storm(toy, simulated, seed):
    endpoint = simulated("--latency", "200", *(["--moody"] if seed % 2 else []))
    folder = toy.create(size=1_000, target=Target())
    print(storm(toy, folder, endpoint, seed=seed, blows=50, processes=4))
    check_whole(toy, folder, endpoint, 1_000)
