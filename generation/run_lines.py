"""One run in a line: in which condition it is, how far it has come, how fast it goes, when it was seen last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from engine.batches.waves import Waves
from engine.books import Books
from engine.lease import Leases
from engine.records import Records
from engine.reports import Report
from engine.run import RunSpec
from engine.spending import Spending
from engine.stopping import last_request
from engine.unsealed import Unsealed
from generation.launching import Launched

Condition = Literal[
    "complete", "exhausted", "running", "starting", "stopping", "waiting for a batch", "stopped", "at its limit",
    "failed at the endpoint", "fruitless", "failed", "left off", "cannot be read",
]  # fmt: skip
"""`at its limit`: of money, tokens or hours; `fruitless`: too many conversations without a row; `left off`: nobody
works on it, and nobody said why.
"""
_ENDINGS: Mapping[str, Condition] = {
    "stopped": "stopped", "limit": "at its limit", "endpoint": "failed at the endpoint", "disk": "failed",
    "faults": "failed at the endpoint", "fruitless": "fruitless", "failed": "failed",
}  # fmt: skip
_MINUTE_S = 60.0


@dataclass(frozen=True, slots=True)
class Line:
    """One run among all."""

    run: str
    recipe: str
    condition: Condition
    accepted: int
    """By the books: of sealed shards."""
    rows: int
    """The same with rows of unsealed shards, as far as these were replayed."""
    count: int | None
    """Rows wanted; None: one for each item."""
    open: int
    rejected: int
    calls: int
    tokens: int
    usd: float | None
    """None where a price is not known."""
    calls_a_minute: float | None
    """Of the last minute of work; None where no time is known."""
    began_s: float | None
    """Unix time of the first reply."""
    seen_s: float | None
    """Unix time of the last sign of life: a reply, a heartbeat, a report."""
    workers: int


def line_of_unread(folder: Path) -> Line:
    """A run whose files are damaged."""
    return Line(folder.name, "", "cannot be read", 0, 0, None, 0, 0, 0, 0, None, None, None, folder.stat().st_mtime, 0)


def line_of_unborn(began: Launched) -> Line:
    """A run that is not there, whose process is on its way or has failed."""
    condition: Condition = "starting" if began.lives else "failed"
    recipe = next((word.removeprefix("--recipe=") for word in began.command if word.startswith("--recipe=")), "")
    return Line(
        began.run, recipe, condition, 0, 0, None, 0, 0, 0, 0, 0.0, None, None, began.at, int(condition == "starting")
    )


def line_of(
    folder: Path,
    spec: RunSpec,
    records: Records,
    books: Books,
    spending: Spending,
    reports: list[Report],
    leases: Leases,
    began: Launched | None,
    unsealed: Unsealed | None = None,
) -> Line:
    """The line of a run that is there, from what was read of it."""
    made = books.accepted + books.ahead + (unsealed.passed if unsealed is not None else 0)
    times = records.times()
    first = min(filter(None, (records.first_ms, *times)), default=None)
    last = max(filter(None, (records.last_ms, *times)), default=None)
    signs = [
        last / 1000 if last else (folder / "shards").stat().st_mtime,
        *(beat / 1e9 for _, beat in leases.workers.values()),
    ]
    signs += [report.at for report in reports[-1:]]
    signs += [began.at] if began is not None and began.lives else []
    return Line(
        run=folder.name,
        recipe=spec.recipe,
        condition=condition_of(folder, books, reports, began),
        accepted=books.accepted,
        rows=made if books.count is None else min(books.count, made),
        count=books.count,
        open=books.open,
        rejected=sum(books.reasons.values()),
        calls=spending.calls,
        tokens=spending.tokens,
        usd=spending.usd,
        calls_a_minute=_last_minute(records, times, first, last) if first and last else None,
        began_s=first / 1000 if first else None,
        seen_s=max(signs),
        workers=len(leases.workers) if books.state == "running" else 0,
    )


def condition_of(folder: Path, books: Books, reports: list[Report], began: Launched | None) -> Condition:
    """In which condition a run is, by its books, what its workers said, and the process that was started for it."""
    if books.state in ("complete", "exhausted"):
        return "complete" if books.state == "complete" else "exhausted"
    last = reports[-1] if reports else None
    lives = began is not None and began.lives
    if lives and began is not None and (last is None or last.began < began.at):
        return "starting" if books.state != "running" else "running"
    if books.state == "running" or (lives and last is not None and not last.ended):
        asked = last_request(folder)
        latest = max((report.began for report in reports if not report.ended), default=0.0)
        if asked is not None and asked.at > latest:
            return "stopping"
        return "waiting for a batch" if Waves.of(folder).in_flight() else "running"
    if Waves.of(folder).in_flight():
        return "waiting for a batch"
    return _ENDINGS.get(last.ended if last is not None else "", "left off")


def _last_minute(records: Records, times: list[int], first_ms: int, last_ms: int) -> float:
    """Calls of the last minute that had any; of a sealed shard the share that fell into it."""
    since = last_ms - int(_MINUTE_S * 1000)
    calls = float(sum(at > since for at in times))
    for seal in records.seals.values():
        if seal.first_ms and seal.last_ms and seal.last_ms > since:
            share = (seal.last_ms - max(since, seal.first_ms) + 1) / (seal.last_ms - seal.first_ms + 1)
            calls += share * sum(part.calls for part in seal.spent)
    lasted = min(_MINUTE_S, (last_ms - first_ms) / 1000)
    return calls * _MINUTE_S / max(lasted, 1.0)
