"""What the shards of a run say, remembered from one look to the next: ranges and seals never change, journals grow.

A look reads the folder's names, and of the files only what is new. So a run of ten thousand shards can be watched.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path

import orjson

from engine.call import Usage
from engine.errors import RunError
from engine.journal import Entry, read_journal, whole_size
from engine.shard import Seal, Shard, Spent

_AMOUNTS = ("calls", *Usage._fields)
_amounts = attrgetter(*_AMOUNTS)
_RANGE, _SEAL, _CALLS = "range.json", "seal.json", "calls.jsonl"


@dataclass(slots=True)
class Tally:
    """What replies took, by model and price."""

    _totals: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    """Calls, then tokens as `Usage` has them."""

    def _add(self, model: str, price: str, amounts: Iterable[int]) -> None:
        total = self._totals.setdefault((model, price), [0] * len(_AMOUNTS))
        for place, amount in enumerate(amounts):
            total[place] += amount

    def add(self, parts: Iterable[Spent]) -> None:
        """Add these."""
        for part in parts:
            self._add(part.model, part.price, _amounts(part))

    def add_reply(self, entry: Entry) -> None:
        """Add a reply, unless it was taken from another run and cost nothing."""
        if not entry.origin:
            self._add(entry.reply.model, entry.price, (1, *entry.reply.usage))

    def parts(self) -> list[Spent]:
        """All of it, sorted by model and price."""
        return [
            Spent(model=model, price=price, **dict(zip(_AMOUNTS, total, strict=True)))
            for (model, price), total in sorted(self._totals.items())
        ]


@dataclass(slots=True)
class Journaled:
    """What one journal says."""

    size: int = 0
    """Bytes of the whole lines that were read."""
    tally: Tally = field(default_factory=Tally)
    indices: set[int] = field(default_factory=set)
    """Indices that have a reply."""
    times: list[int] = field(default_factory=list)
    """Unix milliseconds of each paid reply."""

    def read_on(self, path: Path) -> None:
        """Read what was added. Raises FileNotFoundError where the journal is gone, JournalDamaged as `read_journal`."""
        size = whole_size(path)
        if size < self.size:  # a commit that failed was taken back
            self.size, self.tally, self.indices, self.times = 0, Tally(), set(), []
        if size == self.size:
            return
        for entry in read_journal(path, start=self.size, stop=size):
            self.tally.add_reply(entry)
            self.indices.add(entry.index)
            if not entry.origin:
                self.times.append(entry.at_ms)
        self.size = size


@dataclass
class Records:
    """The records of one run's shards. Not for several threads at once."""

    folder: Path
    """The run's."""
    shards: dict[int, Shard] = field(default_factory=dict)
    seals: dict[int, Seal] = field(default_factory=dict)
    journals: dict[int, dict[str, Journaled]] = field(default_factory=dict)
    """Of each unsealed shard that has any: by the file's name."""
    drawn: int = 0
    passed: int = 0
    """Of the sealed shards, as what follows."""
    last_passed: int = -1
    reasons: Counter[str] = field(default_factory=Counter)
    first_ms: int | None = None
    """Of the replies of sealed shards, as far as their seals say; Unix milliseconds."""
    last_ms: int | None = None
    _sealed: Tally = field(default_factory=Tally)

    def look(self) -> None:
        """Read what is new. Takes no lease: others may be at work. Raises RunError for a file that is damaged."""
        folder = self.folder / "shards"
        found: dict[int, list[str]] = {}
        for name in os.listdir(folder):  # noqa: PTH208 - names alone, in half the time
            head, _, kind = name.partition(".")
            if not head.isdigit():
                continue
            number = int(head)
            if kind == _RANGE and number not in self.shards:
                self._read_range(folder, number)
            elif kind == _SEAL and number not in self.seals:
                self._read_seal(folder / name)
            elif kind.endswith(_CALLS) and number not in self.seals:
                found.setdefault(number, []).append(name)
        self._fill_gaps(folder)
        for number in sorted(self.shards.keys() - self.seals.keys()):
            self._read_journals(folder, number, sorted(found.get(number, ())))

    def _fill_gaps(self, folder: Path) -> None:
        """Ranges are drawn in order; a listing may lack one that was drawn meanwhile and show a later one."""
        last = max((*self.shards, *self.seals), default=-1)
        if len(self.shards) <= last:
            for number in range(last + 1):
                if number not in self.shards:
                    with suppress(FileNotFoundError):
                        self._read_range(folder, number)

    def _read_range(self, folder: Path, number: int) -> None:
        path = folder / f"{number:05d}.{_RANGE}"
        try:
            content = orjson.loads(path.read_bytes())
            shard = Shard(number, int(content["start"]), int(content["stop"]))
        except (ValueError, KeyError, TypeError):
            raise RunError(f"{path} is no range of indices; restore it from a copy") from None
        self.shards[number] = shard
        self.drawn = max(self.drawn, shard.stop)

    def _read_seal(self, path: Path) -> None:
        try:
            seal = Seal.model_validate_json(path.read_bytes())
        except ValueError:
            raise RunError(f"{path} is no seal of a shard; restore it from a copy") from None
        self.seals[seal.shard] = seal
        self.journals.pop(seal.shard, None)
        self.passed += seal.passed
        self.reasons.update(seal.rejected)
        self.last_passed = max(self.last_passed, seal.last_passed if seal.last_passed is not None else -1)
        if seal.first_ms is not None and seal.last_ms is not None:
            self.first_ms = min(seal.first_ms, self.first_ms or seal.first_ms)
            self.last_ms = max(seal.last_ms, self.last_ms or seal.last_ms)
        self._sealed.add(seal.spent)

    def _read_journals(self, folder: Path, number: int, names: list[str]) -> None:
        """The journals go only after the seal is there: who read them and finds no seal has read them whole."""
        known = self.journals.setdefault(number, {})
        for name in names:
            with suppress(FileNotFoundError):
                known.setdefault(name, Journaled()).read_on(folder / name)
        with suppress(FileNotFoundError):
            self._read_seal(folder / f"{number:05d}.{_SEAL}")

    @property
    def unsealed(self) -> list[Shard]:
        """The shards that are not sealed, in order."""
        return [self.shards[number] for number in sorted(self.shards.keys() - self.seals.keys())]

    def spent(self) -> tuple[Spent, ...]:
        """What was spent, by model and price."""
        total = Tally()
        total.add(self._sealed.parts())
        for journals in self.journals.values():
            for journal in journals.values():
                total.add(journal.tally.parts())
        return tuple(total.parts())

    def times(self) -> list[int]:
        """Unix milliseconds of the paid replies of unsealed shards, in no order."""
        return [at for journals in self.journals.values() for journal in journals.values() for at in journal.times]

    def begun(self) -> int:
        """Indices of unsealed shards that have a reply."""
        found = (set().union(*(j.indices for j in journals.values())) for journals in self.journals.values())
        return sum(map(len, found))
