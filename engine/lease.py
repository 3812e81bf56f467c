"""Who works on a run, and on which shard: files that can be created only once.

    lease/worker-<token>          one process at work; its time is its heartbeat; gone when it left
          00042.000003            shard 42 in its third hands; holds the worker's token
          00042.000003.released   and nobody's since

The owner of a shard is the highest generation. The shard is free where nobody ever took it, where it was released, and
where its worker left, died on this host, or showed no heartbeat for `STALE_AFTER_S` by this machine's own clock, be it
on another host or only asleep. A generation can be created once, so two can never both hold one. Who was overtaken
learns it from the file of the next generation; until then, all it can do is pay for replies that nobody needs.
"""

from __future__ import annotations

import os
import secrets
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from engine.errors import SkillweaveError
from engine.files import storage_errors
from engine.places import place_of
from engine.processes import alive, numbering, process_start

STALE_AFTER_S = 60.0
"""A worker whose heartbeat rests for so long loses its shards to whoever asks for them."""
_WORKER, _RELEASED = "worker-", ".released"


class Lost(SkillweaveError):
    """Another worker has taken the shard over; what was paid here is journaled."""


def _ended(who: Mapping[str, str | int]) -> bool:
    """Whether a process of this host is gone; False for another host's, of which a number says nothing."""
    here = (who["host"], who["numbering"]) == (socket.gethostname(), numbering())
    return here and not alive(int(who["pid"]), str(who["start"]))


@dataclass(frozen=True, slots=True)
class Worker:
    """This process, at work on a run."""

    folder: Path
    token: str

    @classmethod
    def join(cls, folder: Path) -> Worker:
        """Say that this process works on the run."""
        with storage_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
        for path in folder.glob(f"{_WORKER}*"):
            if _who(path) is None:
                place_of(folder.parent).remove(path)
        worker = cls(folder, secrets.token_hex(6))
        worker.show()
        return worker

    @property
    def path(self) -> Path:
        """Its file, whose time is its heartbeat."""
        return self.folder / f"{_WORKER}{self.token}"

    def show(self) -> None:
        """Make its file."""
        who = {"host": socket.gethostname(), "pid": os.getpid(), "start": process_start(os.getpid())}
        place_of(self.folder.parent).put_new(self.path, orjson.dumps({**who, "numbering": numbering()}))

    def beat(self) -> None:
        """Show that it lives, even where somebody took it for dead."""
        try:
            place_of(self.folder.parent).beat(self.path)
        except FileNotFoundError:
            self.show()

    def leave(self) -> None:
        """Say that it is gone; what it held is free."""
        place_of(self.folder.parent).remove(self.path)


@dataclass(frozen=True, slots=True)
class Lease:
    """A shard that a worker holds."""

    folder: Path
    shard: int
    generation: int

    def _file(self, generation: int) -> Path:
        return self.folder / f"{self.shard:05d}.{generation:06d}"

    def check(self) -> None:
        """Raise Lost where another worker has taken the shard over."""
        if place_of(self.folder.parent).has(self._file(self.generation + 1)):
            raise Lost(f"shard {self.shard}: another worker has taken it over; what was paid here is journaled")

    def release(self) -> None:
        """Leave the shard to whoever wants it."""
        held = self._file(self.generation)
        place_of(self.folder.parent).put_new(held.with_name(held.name + _RELEASED), b"")


@dataclass(frozen=True, slots=True)
class Leases:
    """What the folder said at one moment."""

    generations: Mapping[int, int]
    """The highest generation by shard; a shard that was never taken is not in it."""
    released: frozenset[tuple[int, int]]
    """(shard, generation)"""
    workers: Mapping[str, tuple[str, int]]
    """By token: the name, `host, process n`, and the time of the heartbeat in nanoseconds."""


def _who(path: Path) -> tuple[Mapping[str, str | int], int] | None:
    """What a worker's file says, and its time; None where it left just now or its process is gone."""
    try:
        who: Mapping[str, str | int] = orjson.loads(path.read_bytes())
        return None if _ended(who) else (who, path.stat().st_mtime_ns)
    except FileNotFoundError:
        return None


def read_leases(folder: Path) -> Leases:
    """Look who works. Processes of this host that have ended are no workers."""
    generations: dict[int, int] = {}
    released: set[tuple[int, int]] = set()
    workers: dict[str, tuple[str, int]] = {}
    for path in sorted(folder.iterdir(), key=lambda path: path.name) if folder.is_dir() else []:
        if path.name.startswith(_WORKER):
            if (found := _who(path)) is not None:
                who, beat = found
                workers[path.name.removeprefix(_WORKER)] = (f"{who['host']}, process {who['pid']}", beat)
            continue
        shard, _, generation = path.name.removesuffix(_RELEASED).partition(".")
        if not (shard.isdigit() and generation.isdigit()):
            continue
        if path.name.endswith(_RELEASED):
            released.add((int(shard), int(generation)))
        else:
            generations[int(shard)] = max(int(generation), generations.get(int(shard), 0))
    return Leases(generations, frozenset(released), workers)


def workers(folder: Path) -> list[str]:
    """Who works on the run, as `host, process n`, to be shown: who rested for minutes by the clocks is left out."""
    since = time.time_ns() - int(5 * STALE_AFTER_S * 1e9)
    return sorted(name for name, beat in read_leases(folder).workers.values() if beat > since)


def living(folder: Path) -> frozenset[str]:
    """The tokens of the workers at work, without those whose heartbeat rested for minutes by the clocks."""
    since = time.time_ns() - int(5 * STALE_AFTER_S * 1e9)
    return frozenset(token for token, (_, beat) in read_leases(folder).workers.items() if beat > since)


@dataclass
class Watch:
    """Tells over time whose heartbeat rests, by this machine's own clock, whatever theirs say."""

    _seen: dict[str, tuple[int, float]] = field(default_factory=dict)

    def rests(self, token: str, beat: int) -> bool:
        """Whether this worker's heartbeat, seen again and again, has not moved for `STALE_AFTER_S`."""
        now = time.monotonic()
        known, since = self._seen.get(token, (beat, now))
        if known != beat:
            since = now
        self._seen[token] = (beat, since)
        return now - since >= STALE_AFTER_S


def _owner(path: Path) -> str:
    return path.read_bytes().decode()


def try_take(worker: Worker, shard: int, seen: Leases, watch: Watch) -> Lease | None:
    """Take a shard if it is free, without waiting. None where another worker holds it, or was faster."""
    last = seen.generations.get(shard, 0)
    if last and (shard, last) not in seen.released:
        token = _owner(worker.folder / f"{shard:05d}.{last:06d}")
        if token in seen.workers and not watch.rests(token, seen.workers[token][1]):
            return None
    lease = Lease(worker.folder, shard, last + 1)
    place = place_of(worker.folder.parent)
    made = place.put_new(worker.folder / f"{shard:05d}.{last + 1:06d}", worker.token.encode())
    return lease if made else None


def holder(seen: Leases, folder: Path, shard: int) -> str | None:
    """Who holds a shard, as `host, process n`; None where nobody that lives does."""
    last = seen.generations.get(shard, 0)
    if not last or (shard, last) in seen.released:
        return None
    known = seen.workers.get(_owner(folder / f"{shard:05d}.{last:06d}"))
    return known[0] if known is not None else None
