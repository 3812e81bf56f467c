"""`skillweave runs RUN --watch`: how a run comes on, seen from its files alone, by any process on any machine."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import typer
from rich.live import Live
from rich.text import Text

from engine.batches.waves import Waves
from engine.books import Books, read_books
from engine.lease import workers
from engine.prices import Price, cost_of
from engine.progress import console
from engine.terminal import plain

LOOK_S, LINE_EVERY_S = 2.0, 10.0
_RATE_OVER_S = 60.0


@dataclass
class Watched:
    """A run's counts over time."""

    folder: Path
    prices: dict[str, Price]
    _seen: deque[tuple[float, int]] = field(default_factory=deque)
    """(when, calls) of the last minute."""
    _waves: Waves = field(init=False)

    def __post_init__(self) -> None:
        self._waves = Waves.of(self.folder)

    def look(self, now_s: float) -> tuple[Books, str]:
        """The books now, and all in one line."""
        books = read_books(self.folder)
        calls = sum(part.calls for part in books.spent)
        self._seen.append((now_s, calls))
        while now_s - self._seen[0][0] > _RATE_OVER_S:
            self._seen.popleft()
        cost = cost_of(books.spent, self.prices)
        tokens = sum(part.prompt + part.completion for part in books.spent)
        parts = [
            f"{self.folder.name}: {books.state}",
            f"{books.accepted:,} of {books.count or 'all'} accepted, {books.open:,} open",
            f"{sum(books.reasons.values()):,} rejected",
            f"{calls:,} calls{self._rate()}, {tokens:,} tokens, {'cost unknown' if cost is None else f'${cost:,.4f}'}",
            *self._in_flight(),
            f"{len(workers(self.folder / 'lease'))} workers",
        ]
        return books, " · ".join(parts)

    def _rate(self) -> str:
        (began, before), (now, calls) = self._seen[0], self._seen[-1]
        return f" ({(calls - before) / (now - began):,.1f}/s)" if now > began else ""

    def _in_flight(self) -> Iterator[str]:
        """The waves that are at the provider, or on their way."""
        flying = self._waves.in_flight()
        if not flying:
            return
        waves = self._waves.all()
        sent = sum(self._waves.known(number, "submitted") is not None for number in flying)
        asked = sum(waves[number].requests for number in flying)
        oldest_h = (time.time() - min(waves[number].at_ms for number in flying) / 1000) / 3600
        yield f"{len(flying)} waves of {asked:,} calls in flight ({sent} submitted), the oldest for {oldest_h:.1f} h"


def watch(folder: Path, prices: dict[str, Price], sleep: Callable[[float], None] = time.sleep) -> Books:
    """Show how a run comes on, until nobody works on it; on a terminal in place, else a line every ten seconds."""
    watched = Watched(folder, prices)
    if not console.is_terminal:
        while True:
            books, line = watched.look(time.monotonic())
            typer.echo(plain(line))
            if books.state != "running":
                return books
            sleep(LINE_EVERY_S)
    with Live(console=console, auto_refresh=False) as live:
        while True:
            books, line = watched.look(time.monotonic())
            live.update(Text(plain(line)), refresh=True)
            if books.state != "running":
                return books
            sleep(LOOK_S)
