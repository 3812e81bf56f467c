"""All about one run: where its items went, its pace, its cost, what failed, who is at work, and how long it takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from engine.batches.waves import Wave, Waves
from engine.books import Books
from engine.budget import Budget
from engine.estimate import Range
from engine.history import Series, lately, time_left
from engine.lease import Leases, holder
from engine.ledger import Ledger
from engine.records import Records
from engine.reports import Report
from engine.run import RunSpec
from engine.shard import REPEAT
from engine.spending import Spending
from engine.unsealed import Unsealed
from generation.launching import Launched
from generation.run_lines import Line


@dataclass(frozen=True, slots=True)
class Stage:
    """How many came so far, and how many went no further, by reason."""

    name: Literal["drawn", "asked", "answered", "accepted"]
    count: int
    lost: Mapping[str, int]
    """What went no further from here: `repeat`; `waiting` for its turn or in flight; `under way`; a reason; `ahead`."""


@dataclass(frozen=True, slots=True)
class AtWork:
    """One worker."""

    name: str
    shards: tuple[int, ...]
    in_flight: int | None
    """Calls on their way; None where it has not said."""
    seen_s: float
    """Unix time of its heartbeat."""
    waiting_s: float
    """Seconds that the endpoint asked it to send nothing."""


@dataclass(frozen=True, slots=True)
class Flight:
    """One wave of a batch run that is not settled."""

    wave: int
    calls: int
    shards: int
    submitted: bool
    since_s: float
    status: str = ""
    """What the provider called it when it was asked last; empty where nobody asked yet."""
    answered: int = 0
    """Its calls that had ended then."""
    asked_s: float | None = None
    """Unix time of that."""
    again_s: float | None = None
    """Unix time at which it is asked again by whoever asked then."""


@dataclass(frozen=True, slots=True)
class Progress:
    """All about one run."""

    line: Line
    books: Books
    spec: RunSpec
    spending: Spending
    """Its limits too."""
    reserved_usd: float | None
    """Granted to workers at work and not spent yet, where money is limited."""
    funnel: tuple[Stage, ...]
    series: Series
    left: Range | None
    """Seconds until it is done, at the present pace; None where nobody works on it or too little is known."""
    faults: Mapping[str, int]
    """Failed requests by kind, of the workers whose reports are kept; of batches, rows that failed."""
    last_fault: str
    said: str
    """Why the last worker ended, where it said."""
    at_work: tuple[AtWork, ...]
    flights: tuple[Flight, ...]
    launched: Launched | None


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read of a run's files at one moment."""

    folder: Path
    spec: RunSpec
    records: Records
    unsealed: Unsealed | None
    """None where the run cannot be replayed here."""
    books: Books
    spending: Spending
    reports: list[Report]
    leases: Leases
    budget: Budget


def progress_of(seen: Seen, line: Line, series: Series, began: Launched | None, log: str = "") -> Progress:
    """What follows from what was read. `series` is the run's pace so far, `log` what the process `began` wrote last."""
    at_work, flights = line.condition in ("running", "stopping"), _flights(seen.folder)
    return Progress(
        line=line,
        books=seen.books,
        spec=seen.spec,
        spending=replace(seen.spending, budget=seen.budget),
        reserved_usd=_reserved(seen),
        funnel=_funnel(seen.books, seen.records, seen.unsealed),
        series=series,
        left=_left(seen, series) if line.condition == "running" and not flights else None,
        faults=_faults(seen.folder, seen.reports),
        last_fault=next((report.last_fault for report in reversed(seen.reports) if report.last_fault), ""),
        said="" if at_work else _said(seen.reports, began, log),
        at_work=_at_work(seen),
        flights=flights,
        launched=began,
    )


def _funnel(books: Books, records: Records, unsealed: Unsealed | None) -> tuple[Stage, ...]:
    """From drawn to accepted; each stage is the one before without what went no further there."""
    reasons = Counter(books.reasons)
    repeats = reasons.pop(REPEAT, 0)
    begun = records.begun()
    ended, passed = (unsealed.ended, unsealed.passed) if unsealed is not None else (0, 0)
    reasons.update(unsealed.reasons if unsealed is not None else {})
    asked = books.sent - books.open + begun
    answered = asked - begun + ended
    every = books.accepted + books.ahead + passed
    accepted = every if books.count is None else min(every, books.count)
    lost = {reason: count for reason, count in reasons.most_common() if count}
    return (
        Stage("drawn", books.drawn, _some({REPEAT: repeats, "waiting": books.open - begun})),
        Stage("asked", asked, _some({"under way": begun - ended})),
        Stage("answered", answered, _some({**lost, "ahead": every - accepted})),
        Stage("accepted", accepted, {}),
    )


def _said(reports: list[Report], began: Launched | None, log: str) -> str:
    """Why nobody works on it: as the last worker said, or as the last process wrote, if it ended before it worked."""
    last = reports[-1] if reports else None
    if began is not None and not began.lives and (last is None or last.at < began.at):
        return log.strip()
    return last.said if last is not None else ""


def _some(lost: Mapping[str, int]) -> dict[str, int]:
    return {reason: count for reason, count in lost.items() if count}


def _reserved(seen: Seen) -> float | None:
    if seen.budget.max_usd is None or seen.spending.usd is None:
        return None
    return max(0.0, Ledger(seen.folder / "purse").read().taken().usd - seen.spending.usd)


def _left(seen: Seen, series: Series) -> Range | None:
    books, unsealed = seen.books, seen.unsealed
    pace = lately(series)
    if pace is None:
        return None
    more = (unsealed.ended, unsealed.passed) if unsealed is not None else (0, 0)
    ended, passed = books.sent - books.open + more[0], books.accepted + books.ahead + more[1]
    rows = None if books.count is None else max(0, books.count - passed)
    size = seen.spec.items.get("size")
    items = max(0, size - books.drawn + books.open - more[0]) if books.count is None and size is not None else None
    return time_left(pace, passed=passed, ended=ended, calls=round(sum(series.calls)), rows=rows, items=items)


def _faults(folder: Path, reports: list[Report]) -> Mapping[str, int]:
    total: Counter[str] = Counter()
    for report in reports:
        total.update(report.faults)
    for records in Waves.of(folder).settled().values():
        for record in records:
            failed = {fate: n for fate, n in record.rows.items() if fate.startswith("open: ") and n}
            total.update({f"in a batch: {fate.removeprefix('open: ')}": n for fate, n in failed.items()})
    return dict(total.most_common())


def _at_work(seen: Seen) -> tuple[AtWork, ...]:
    held: dict[str, list[int]] = {}
    for shard in seen.records.unsealed:
        with suppress(FileNotFoundError):
            if (name := holder(seen.leases, seen.folder / "lease", shard.number)) is not None:
                held.setdefault(name, []).append(shard.number)
    said = {report.worker: report for report in seen.reports if not report.ended}
    return tuple(
        AtWork(
            name=name,
            shards=tuple(held.get(name, ())),
            in_flight=said[name].in_flight if name in said else None,
            seen_s=beat / 1e9,
            waiting_s=said[name].waiting_s if name in said else 0.0,
        )
        for name, beat in sorted(seen.leases.workers.values())
    )


def _flights(folder: Path) -> tuple[Flight, ...]:
    waves = Waves.of(folder)
    flying, known = waves.in_flight(), waves.all()
    return tuple(_flight(waves, known[number], len(shards)) for number, shards in sorted(flying.items()))


def _flight(waves: Waves, wave: Wave, shards: int) -> Flight:
    submitted = waves.known(wave.number, "submitted") is not None
    flight = Flight(wave.number, wave.requests, shards, submitted, wave.at_ms / 1000)
    if (seen := waves.seen(wave.number)) is None:
        return flight
    return replace(
        flight, status=seen.status, answered=seen.done, asked_s=seen.at_ms / 1000, again_s=seen.next_ms / 1000
    )
