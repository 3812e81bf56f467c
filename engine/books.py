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
from engine.lease import workers
from engine.planner import BLOCK
from engine.records import Records
from engine.run import read_spec, read_target
from engine.shard import REPEAT, Shard, Spent

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


def read_spent(folder: Path) -> tuple[Spent, ...]:
    """What the run in `folder` has spent, from seals and unsealed journals, by model and price."""
    records = Records(folder)
    records.look()
    return records.spent()


def read_books(folder: Path, records: Records | None = None) -> Books:
    """The books of the run in `folder`, from seals, ranges, marks and unsealed journals.

    Takes no lease, so it can watch a run at work; with the `records` of an earlier look it reads only what is new.
    Raises RunError where the marks are gone or the books do not close.
    """
    size, target = read_spec(folder).items.get("size"), read_target(folder)
    records = Records(folder) if records is None else records
    records.look()
    reasons, passed, open_ = Counter(records.reasons), records.passed, 0
    for shard in records.unsealed:
        if repeats := _repeats(folder, shard):
            reasons[REPEAT] += repeats
        open_ += shard.stop - shard.start - repeats
    drawn = records.drawn
    accepted = passed if target.count is None else min(passed, target.count)
    asked = size if size is not None else target.max_draws  # without a count: every item, or so many of endless ones
    every = asked is not None and drawn >= asked
    state: State
    if open_ == 0 and (accepted == target.count or (target.count is None and every)):
        state = "complete"
    elif open_ == 0 and target.exhausted(size, drawn, records.last_passed):
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
        shards=len(records.shards),
        sealed=len(records.seals),
        spent=records.spent(),
        state=state,
    )
    if not books.balanced:
        raise RunError(f"the books of run {folder.name} do not close: {books}")
    return books
