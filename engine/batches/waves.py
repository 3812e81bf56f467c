"""The records of a run's waves: what was meant to be sent, what is known of it, and for which shards it is settled.

    runs/<name>/batches/<token>.jsonl               the calls, one a line; removed when the wave is settled
                        00007.json                  the intent: put once, before anything is uploaded
                        00007.uploaded.json         the provider's id of the file
                        00007.submitted.json        the provider's id of the batch
                        00007.settled.<worker>.json the shards whose replies are journaled, and what became of the rows
                        00007.seen.json             how the provider said it stands, for whoever watches

Every record but the last is put once and never changed, so several workers may read and write them at any time, on a
disk or on object storage. A wave is in flight for a shard from its intent until a settled record names the shard.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from engine.budget import NOTHING
from engine.files import storage_errors, sync
from engine.places import place_of
from engine.places.contract import Place
from engine.run import Run

_INTENT = re.compile(r"(\d{5,})\.json")
_ABANDONED_S = 3600.0
_SETTLED = re.compile(r"(\d{5,})\.settled\.[\w-]+\.json")


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Wave(_Record):
    """The intent of one batch. Its token is in the batch's metadata and in the file's name, so both are found again."""

    format: Literal[1] = 1
    run: str
    """The identity of run.json."""
    number: int
    token: str
    served_by: str
    model: str
    requests: int
    size: int
    """Bytes of the file."""
    hash: str
    shards: tuple[int, ...]
    at_ms: int

    @property
    def filename(self) -> str:
        """The name under which the file is uploaded."""
        return f"skillweave-{self.number:05d}-{self.token}.jsonl"

    def metadata(self, name: str) -> dict[str, str]:
        """What the batch carries at the provider; `name` is the run's."""
        return {"skillweave_run": name, "skillweave_wave": str(self.number), "skillweave_token": self.token}


class Known(_Record):
    """What the provider calls a thing."""

    id: str


class Settled(_Record):
    """What became of a wave's rows, of these shards."""

    shards: tuple[int, ...]
    status: str
    """The batch's last state at the provider."""
    rows: dict[str, int]
    """By fate: `reply`, `open: <why>`, and what is no row of ours: `twice`, `known`, `stranger`, `garbled`."""


class Seen(_Record):
    """How a wave stood when it was asked last. Decides nothing."""

    status: str
    done: int
    """Its calls that have ended."""
    at_ms: int
    next_ms: int
    """When it is asked again, by the clock of who asks."""


@dataclass
class Waves:
    """The folder of a run's waves."""

    folder: Path
    _known: dict[int, Wave] = field(default_factory=dict)
    _settled: dict[str, Settled] = field(default_factory=dict)

    @classmethod
    def of(cls, run_folder: Path) -> Waves:
        """The waves of the run in this folder."""
        return cls(run_folder / "batches")

    @property
    def _place(self) -> Place:
        return place_of(self.folder.parent)

    def path(self, number: int, kind: str = "") -> Path:
        """A record of a wave, by its kind; the intent without one."""
        return self.folder / f"{number:05d}{kind and '.' + kind}.json"

    def source(self, token: str) -> Path:
        """The file that holds a wave's calls."""
        return self.folder / f"{token}.jsonl"

    def brought(self, token: str) -> Path:
        """The same file, brought here where another machine wrote it."""
        path = self.source(token)
        self._place.bring(path)
        return path

    def clear(self) -> None:
        """Remove the files that no intent names and nobody has written to for an hour: a crash left them."""
        named = {wave.token for wave in self.all().values()}
        for path in self.folder.glob("*.jsonl"):
            with suppress(FileNotFoundError):
                if path.stem not in named and time.time() - path.stat().st_mtime > _ABANDONED_S:
                    self._place.remove(path)

    def all(self) -> dict[int, Wave]:
        """Every wave so far, by number."""
        self._look()
        return dict(sorted(self._known.items()))

    def _look(self) -> None:
        for path in self.folder.iterdir() if self.folder.is_dir() else ():
            if (match := _INTENT.fullmatch(path.name)) and int(match[1]) not in self._known:
                self._known[int(match[1])] = Wave.model_validate_json(path.read_bytes())
            elif _SETTLED.fullmatch(path.name) and path.name not in self._settled:
                self._settled[path.name] = Settled.model_validate_json(path.read_bytes())

    def settled(self) -> dict[int, list[Settled]]:
        """The settled records by wave."""
        self._look()
        found: dict[int, list[Settled]] = {}
        for name, record in sorted(self._settled.items()):
            found.setdefault(int(name.partition(".")[0]), []).append(record)
        return found

    def in_flight(self) -> dict[int, frozenset[int]]:
        """By wave: the shards that it is not settled for. Waves that are settled for all are not in it."""
        done = {number: {s for record in records for s in record.shards} for number, records in self.settled().items()}
        left = {number: frozenset(wave.shards) - done.get(number, set()) for number, wave in self.all().items()}
        return {number: shards for number, shards in left.items() if shards}

    def put_intent(self, wave: Wave) -> Wave:
        """Record that this is to be sent, under the next free number, which the returned intent has."""
        number = max(self.all(), default=-1) + 1
        self._place.keep(self.source(wave.token))
        while not self._place.put_new(
            self.path(number),
            (numbered := wave.model_copy(update={"number": number})).model_dump_json(indent=1).encode(),
        ):
            number += 1
        self._known[number] = numbered
        return numbered

    def known(self, number: int, kind: Literal["uploaded", "submitted"]) -> str | None:
        """What the provider calls the wave's file or batch; None where that is not recorded."""
        try:
            return Known.model_validate_json(self.path(number, kind).read_bytes()).id
        except FileNotFoundError:
            return None

    def put_known(self, number: int, kind: Literal["uploaded", "submitted"], name: str) -> str:
        """Record what the provider calls it; where another worker was faster, what that one recorded. Returns it."""
        self._place.put_new(self.path(number, kind), Known(id=name).model_dump_json().encode())
        return self.known(number, kind) or name

    def put_settled(self, number: int, worker: str, settled: Settled) -> None:
        """Record that the replies of these shards are journaled; the last one removes the wave's file."""
        path = self.path(number, f"settled.{worker}-{secrets.token_hex(3)}")
        self._place.put_new(path, settled.model_dump_json().encode())
        if number not in self.in_flight():
            self._place.remove(self.source(self.all()[number].token))

    def put_seen(self, number: int, seen: Seen) -> None:
        """Tell whoever watches how a wave stands."""
        self._place.replace(self.path(number, "seen"), seen.model_dump_json().encode())

    def seen(self, number: int) -> Seen | None:
        """How it stood when it was asked last; None where nobody asked yet."""
        try:
            return Seen.model_validate_json(self.path(number, "seen").read_bytes())
        except FileNotFoundError:
            return None


def shards_in_flight(run_folder: Path) -> frozenset[int]:
    """The shards that wait for a batch: asking their calls elsewhere would pay for them twice."""
    return frozenset().union(*Waves.of(run_folder).in_flight().values())


class WaveFile:
    """The calls of a wave that is being filled, written line by line."""

    def __init__(self, waves: Waves, max_requests: int, max_bytes: int) -> None:
        self._waves, self._max_requests, self._max_bytes = waves, max_requests, max_bytes
        self.token = secrets.token_hex(12)
        self.path = waves.source(self.token)
        with storage_errors(waves.folder):
            waves.folder.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("xb")
        self._digest = hashlib.blake2b(digest_size=16)
        self.requests = 0
        self.size = 0
        self.reserved = NOTHING
        """What its calls may take."""
        self.shards: dict[int, None] = {}

    def fits(self, line: bytes) -> bool:
        """Whether the line has room."""
        return self.requests < self._max_requests and self.size + len(line) <= self._max_bytes

    def add(self, shard: int, line: bytes) -> None:
        """Append one call of a shard."""
        with storage_errors(self.path):
            self._file.write(line)
        self._digest.update(line)
        self.requests, self.size = self.requests + 1, self.size + len(line)
        self.shards[shard] = None

    def close(self, run: Run, served_by: str, model: str) -> Wave:
        """Make the file durable, then record the intent."""
        with storage_errors(self.path):
            self._file.close()
            sync(self.path)
        return self._waves.put_intent(Wave(
            run=run.id, number=0, token=self.token, served_by=served_by, model=model, requests=self.requests,
            size=self.size, hash="b2:" + self._digest.hexdigest(), shards=tuple(self.shards),
            at_ms=time.time_ns() // 1_000_000,
        ))  # fmt: skip

    def drop(self) -> None:
        """Forget it: nothing of it was recorded."""
        self._file.close()
        self.path.unlink(missing_ok=True)
