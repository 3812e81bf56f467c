"""`skillweave watch RUN`: how a run comes on, seen from its files alone, by any process on any machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import typer
from rich.live import Live
from rich.text import Text

from engine.progress import console
from engine.terminal import plain
from engine.workspace import Workspace
from generation.monitoring import Monitor
from generation.progress_view import progress_lines
from generation.run_progress import Progress

LOOK_S, LINE_EVERY_S = 2.0, 10.0
_UNDER_WAY = ("running", "starting", "stopping")


def told(progress: Progress, now_s: float) -> Iterator[str]:
    """A run at one moment, line by line; `now_s`: Unix time."""
    line = progress.line
    cost = "cost unknown" if line.usd is None else f"${line.usd:,.4f}"
    yield f"{line.run}: {line.condition}"
    yield (
        f"{line.accepted:,} of {f'{line.count:,}' if line.count else 'all'} accepted, {line.open:,} open, "
        f"{line.rejected:,} rejected"
    )
    yield f"{line.calls:,} calls, {line.tokens:,} tokens, {cost}"
    yield from progress_lines(progress, now_s)


def watch(place: Workspace, run: str, sleep: Callable[[float], None] = time.sleep) -> Progress:
    """Show how a run comes on, until nobody works on it; on a terminal in place, else anew every ten seconds."""
    monitor = Monitor(place)
    if not console.is_terminal:
        while True:
            progress = monitor.progress(run)
            typer.echo(plain("\n  ".join(told(progress, time.time()))))
            if not _goes_on(progress):
                return progress
            sleep(LINE_EVERY_S)
    with Live(console=console, auto_refresh=False) as live:
        while True:
            progress = monitor.progress(run)
            live.update(Text(plain("\n".join(told(progress, time.time())))), refresh=True)
            if not _goes_on(progress):
                return progress
            sleep(LOOK_S)


def _goes_on(progress: Progress) -> bool:
    return progress.books.state == "running" or progress.line.condition in _UNDER_WAY
