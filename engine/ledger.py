"""How the workers of a run share its limits: numbered statements, each of which can be made only once.

    purse/000007.json    what one worker may spend in all, since it joined

A worker that wants more reads all statements and makes the next one; where another was faster, it reads again. So what
all may spend together is known at every moment, and two can never be granted the same dollar. A later statement of a
worker stands for its earlier ones. A worker that leaves states what it spent; what one that was killed had been granted
stays taken, since it may have been billed for calls whose replies it could not keep.

A worker that joins while no other lives settles: its statement sums up all before it, and with the books what was paid
outside of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import orjson

from engine.budget import NOTHING, Amount
from engine.errors import RunError
from engine.files import storage_errors
from engine.places import place_of

_FILE = re.compile(r"(\d{6,})\.json")
_KEPT = 32
"""Outdated statements among the last so many stay: who reads while they are made then still finds a whole beginning."""


@dataclass(frozen=True, slots=True)
class Grant:
    """The last statement of one worker."""

    worker: str
    """The token of its lease file."""
    granted: Amount | None
    """What it may spend in all since it joined, or spent, once it is gone; None: without limit."""
    began: float
    """Unix time at which it joined."""
    at: float
    """Unix time of the statement."""
    state: Literal["at work", "idle", "gone"] = "at work"
    """idle: it asks for more than there is, and holds nothing."""
    recovered: Amount = NOTHING
    """Part of `granted` that a worker before it had been granted, for calls that are in the air still."""

    def told(self) -> dict[str, Any]:
        """It as JSON."""
        granted = None if self.granted is None else list(self.granted)
        return asdict(self) | {"granted": granted, "recovered": list(self.recovered)}

    @property
    def new(self) -> Amount:
        """What it adds to what was granted before."""
        return (self.granted or NOTHING).minus(self.recovered)


@dataclass(frozen=True, slots=True)
class Standing:
    """What the statements say together."""

    number: int = 0
    """The last one's."""
    settled: Amount = NOTHING
    """Spent, or granted to workers that are gone for good, before the last settlement."""
    settled_hours: float = 0.0
    grants: Mapping[str, Grant] = field(default_factory=dict)
    """Those of the last settlement and since, by worker."""

    def taken(self, but: str = "") -> Amount:
        """What is spent or granted in all, but for one worker's; grants without limit are left out."""
        total = self.settled
        for grant in self.grants.values():
            if grant.worker != but:
                total = total.plus(grant.new)
        return total

    def hours(self, living: frozenset[str], now: float) -> float:
        """Hours of work of all workers."""
        seconds = ((now if g.worker in living and g.state != "gone" else g.at) - g.began for g in self.grants.values())
        return self.settled_hours + sum(max(0.0, each) for each in seconds) / 3600


@dataclass(frozen=True, slots=True)
class Ledger:
    """The folder of a run's statements."""

    folder: Path

    def _numbers(self) -> list[int]:
        found = (_FILE.fullmatch(path.name) for path in self.folder.iterdir()) if self.folder.is_dir() else ()
        return sorted(int(match[1]) for match in found if match)

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:06d}.json"

    def read(self) -> Standing:
        """All statements. Raises RunError for a file that is none."""
        while True:
            try:
                return self._read(self._numbers())
            except FileNotFoundError:  # outdated, and removed just now
                continue

    def _read(self, numbers: list[int]) -> Standing:
        grants: dict[str, Grant] = {}
        settled, hours = NOTHING, 0.0
        for number in reversed(numbers):
            path = self._path(number)
            try:
                said: dict[str, Any] = orjson.loads(path.read_bytes())
                grant = _grant(said["grant"])
            except (ValueError, KeyError, TypeError) as error:
                raise RunError(f"{path}: no statement of a worker ({error}); restore it from a copy") from None
            grants.setdefault(grant.worker, grant)
            if (before := said.get("settled")) is not None:
                settled, hours = Amount(before["usd"], before["tokens"]), before["hours"]
                break
        return Standing(numbers[-1] if numbers else 0, settled, hours, grants)

    def state(self, after: Standing, grant: Grant) -> bool:
        """Make the statement that follows what was read. False where another was faster: read again."""
        return self._put(after, {"grant": grant.told()})

    def settle(self, after: Standing, grant: Grant, settled: Amount, hours: float) -> bool:
        """The same, and let everything before be summed up in `settled` and `hours`."""
        before = {"usd": settled.usd, "tokens": settled.tokens, "hours": hours}
        return self._put(after, {"grant": grant.told(), "settled": before})

    def _put(self, after: Standing, content: dict[str, Any]) -> bool:
        with storage_errors(self.folder):
            self.folder.mkdir(exist_ok=True)
        if not place_of(self.folder.parent).put_new(self._path(after.number + 1), orjson.dumps(content)):
            return False
        if after.number % _KEPT == 0:
            self._clear()
        return True

    def _clear(self) -> None:
        """Remove what later statements stand for."""
        numbers = self._numbers()
        said: set[str] = set()
        summed_up = False
        for number in reversed(numbers):
            path = self._path(number)
            try:
                content = orjson.loads(path.read_bytes())
            except FileNotFoundError:
                continue
            worker = content["grant"]["worker"]
            if (summed_up or (worker in said and "settled" not in content)) and number <= numbers[-1] - _KEPT:
                place_of(self.folder.parent).remove(path)
            said.add(worker)
            summed_up = summed_up or "settled" in content


def _grant(said: dict[str, Any]) -> Grant:
    granted = None if said["granted"] is None else Amount(*said["granted"])
    return replace(Grant(**said), granted=granted, recovered=Amount(*said["recovered"]))
