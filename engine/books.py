"""The books of a run: how many indices are in which state, derived from its files and from nothing else.

drawn = accepted + ahead + open + the sum of the reasons (of which `repeat` is one).
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from engine.errors import RunError
from engine.journal import Entry, journals_of, read_journal
from engine.lease import workers
from engine.planner import BLOCK
from engine.run import read_spec, read_target
from engine.sealing import total_spent
from engine.shard import REPEAT, Shard, Spent, seal_of, seals_of, shards_of

State = Literal["complete", "exhausted", "incomplete", "running"]


@dataclass(frozen=True, slots=True)
class Books:
    """Counts of indices, and what was spent on them."""

    count: int | None
    """Accepted rows wanted; None where every item is."""
    drawn: int
    accepted: int
    """Passed, among the first `count` in index order."""
    ahead: int
    """Passed, after those; `extend` uses them first."""
    open: int
    """Drawn, in a shard that is not sealed yet."""
    reasons: dict[str, int]
    """Rejected by reason, `repeat` included; by falling count."""
    shards: int
    sealed: int
    spent: tuple[Spent, ...]
    state: State

    @property
    def balanced(self) -> bool:
        """Whether the books close."""
        return self.drawn == self.accepted + self.ahead + self.open + sum(self.reasons.values())

    @property
    def sent(self) -> int:
        """Indices that were no repeats."""
        return self.drawn - self.reasons.get(REPEAT, 0)

    @property
    def acceptance(self) -> float | None:
        """The share of ended conversations that passed; None before the first."""
        ended = self.sent - self.open
        return (self.accepted + self.ahead) / ended if ended else None


def _repeats(folder: Path, shard: Shard) -> int:
    """The repeats among an unsealed shard's indices, by their marks, which were made before its range."""
    path, first = folder / "repeats.bits", shard.start // BLOCK
    size = (-(-shard.stop // BLOCK) - first) * (BLOCK // 8)
    content = b""
    with suppress(FileNotFoundError), path.open("rb") as handle:
        handle.seek(first * (BLOCK // 8))
        content = handle.read(size)
    if len(content) < size:
        raise RunError(f"{path} is missing or cut short; make it again: skillweave resume {folder.name}")
    bits = np.unpackbits(np.frombuffer(content, np.uint8), bitorder="little")
    offset = shard.start % BLOCK
    return int(bits[offset : offset + shard.stop - shard.start].sum())


def _journaled(shards: Path, number: int) -> list[Entry]:
    entries: list[Entry] = []
    for path in journals_of(shards, number):
        with suppress(FileNotFoundError):  # its shard is sealed just now
            entries += read_journal(path)
    return entries


def read_spent(folder: Path) -> tuple[Spent, ...]:
    """What the run in `folder` has spent, from seals and unsealed journals, by model and price."""
    shards = folder / "shards"
    spent: list[Spent] = []
    for shard in shards_of(shards):
        entries = _journaled(shards, shard.number)
        seal = seal_of(shards, shard.number)
        spent += seal.spent if seal is not None else total_spent(entries)
    return _merged(spent)


def _merged(parts: list[Spent]) -> tuple[Spent, ...]:
    totals: dict[tuple[str, str], Counter[str]] = {}
    for part in parts:
        totals.setdefault((part.model, part.price), Counter()).update(part.model_dump(exclude={"model", "price"}))
    return tuple(Spent(model=model, price=price, **total) for (model, price), total in sorted(totals.items()))


def read_books(folder: Path) -> Books:
    """The books of the run in `folder`, from seals, ranges, marks and unsealed journals.

    Takes no lease, so it can watch a run at work. Raises RunError where the marks are gone or the books do not close.
    """
    size, target = read_spec(folder).items.get("size"), read_target(folder)
    shards, seals = shards_of(folder / "shards"), seals_of(folder / "shards")
    reasons: Counter[str] = Counter()
    spent: list[Spent] = []
    passed = open_ = sealed = 0
    last_passed = -1
    for shard in shards:
        entries = [] if shard.number in seals else _journaled(folder / "shards", shard.number)
        seal = seals.get(shard.number) or seal_of(folder / "shards", shard.number)
        if seal is not None:
            sealed += 1
            passed += seal.passed
            reasons.update(seal.rejected)
            spent += seal.spent
            last_passed = max(last_passed, seal.last_passed if seal.last_passed is not None else -1)
            continue
        if repeats := _repeats(folder, shard):
            reasons[REPEAT] += repeats
        open_ += shard.stop - shard.start - repeats
        spent += total_spent(entries)
    drawn = shards[-1].stop if shards else 0
    accepted = passed if target.count is None else min(passed, target.count)
    asked = size if size is not None else target.max_draws  # without a count: every item, or so many of endless ones
    every = asked is not None and drawn >= asked
    state: State
    if open_ == 0 and (accepted == target.count or (target.count is None and every)):
        state = "complete"
    elif open_ == 0 and target.exhausted(size, drawn, last_passed):
        state = "exhausted"
    else:
        state = "running" if workers(folder / "lease") else "incomplete"
    books = Books(
        count=target.count,
        drawn=drawn,
        accepted=accepted,
        ahead=passed - accepted,
        open=open_,
        reasons=dict(reasons.most_common()),
        shards=len(shards),
        sealed=sealed,
        spent=_merged(spent),
        state=state,
    )
    if not books.balanced:
        raise RunError(f"the books of run {folder.name} do not close: {books}")
    return books
