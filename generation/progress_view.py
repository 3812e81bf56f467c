"""How a run comes on, for a person at a terminal and for a program."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from engine.estimate import Range
from engine.terminal import print_text
from generation.run_progress import Flight, Progress


def print_progress(progress: Progress) -> None:
    """What the books do not tell: pace, time left, who is at work, what failed."""
    for line in progress_lines(progress, time.time()):
        print_text(line)


def progress_lines(progress: Progress, now_s: float) -> Iterator[str]:
    """The same, line by line; `now_s`: Unix time."""
    line = progress.line
    if line.calls_a_minute is not None:
        yield f"pace: {line.calls_a_minute:,.0f} calls a minute in its last minute{_left(progress.left)}"
    for worker in progress.at_work:
        some = _some([str(number) for number in worker.shards])
        shards = f"shard{'s' * (len(worker.shards) > 1)} {some}" if worker.shards else "no shard"
        flying = f", {worker.in_flight:,} calls in flight" if worker.in_flight else ""
        pause = f", asked to wait for {worker.waiting_s:,.0f} s" if worker.waiting_s else ""
        yield f"at work: {worker.name}, {shards}{flying}{pause}, seen {span(now_s - worker.seen_s)} ago"
    for flight in progress.flights:
        sent = "at the provider" if flight.submitted else "on its way to the provider"
        since = span(now_s - flight.since_s)
        calls = f"{flight.calls:,} call{'s' * (flight.calls > 1)}"
        yield f"wave {flight.wave}: {calls}, {sent} for {since}{_asked(flight, now_s)}"
    if progress.faults:
        counts = ", ".join(f"{kind} {count:,}" for kind, count in progress.faults.items())
        yield f"failed requests: {counts}{f'; the last: {progress.last_fault}' if progress.last_fault else ''}"
    if progress.said:
        yield f"{line.condition}: {progress.said}"


def _asked(flight: Flight, now_s: float) -> str:
    """How a wave stood when it was asked last, and when it is asked again."""
    if flight.asked_s is None or flight.again_s is None:
        return ""
    again = f", again in {span(flight.again_s - now_s)}" if flight.again_s > now_s else ""
    status = flight.status.replace("_", " ")
    return f"; {status}, {flight.answered:,} answered, asked {span(now_s - flight.asked_s)} ago{again}"


def _some(names: list[str], most: int = 6) -> str:
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more:,} more" if more > 0 else "")


def _left(left: Range | None) -> str:
    return f"; {span(left.likely)} left ({span(left.low)} to {span(left.high)})" if left is not None else ""


def span(seconds: float) -> str:
    """A time span in its two largest units: `3 h 20 min`."""
    whole = max(0, round(seconds))
    parts = [(whole // 86_400, "d"), (whole // 3600 % 24, "h"), (whole // 60 % 60, "min"), (whole % 60, "s")]
    first = next((place for place, (count, _) in enumerate(parts) if count), 3)
    return " ".join(f"{count} {unit}" for count, unit in parts[first : first + 2] if count) or "0 s"


def progress_object(progress: Progress) -> dict[str, Any]:
    """All of it as JSON: times in Unix seconds, spans in seconds, money in US dollars."""
    books, spending = progress.books, progress.spending
    return {
        **asdict(progress.line),
        "state": books.state,
        "books": {
            "drawn": books.drawn, "accepted": books.accepted, "ahead": books.ahead, "open": books.open,
            "rejected": books.reasons, "shards": books.shards, "sealed": books.sealed,
        },
        "funnel": [asdict(stage) for stage in progress.funnel],
        "spending": {
            "calls": spending.calls, "prompt": spending.prompt, "completion": spending.completion,
            "cached": spending.cached, "reasoning": spending.reasoning, "estimated": spending.estimated,
            "usd": spending.usd, "reserved_usd": progress.reserved_usd,
        },
        "limits": spending.budget.model_dump(exclude_none=True, exclude={"error_window"}),
        "pace": asdict(progress.series),
        "seconds_left": None if progress.left is None else asdict(progress.left),
        "faults": dict(progress.faults),
        "last_fault": progress.last_fault,
        "said": progress.said,
        "at_work": [asdict(worker) for worker in progress.at_work],
        "flights": [asdict(flight) for flight in progress.flights],
    }  # fmt: skip
