"""Progress of what takes over two seconds: done, total, rate, time left; a bar on a terminal, else lines."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, Task, TextColumn, TimeRemainingColumn
from rich.table import Column
from rich.text import Text

console = Console(stderr=True, highlight=False)
_FIRST_LINE_S, _LINE_EVERY_S = 2.0, 10.0


class _Rate(TextColumn):
    def __init__(self) -> None:
        super().__init__("")

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f}/s" if speed else "-/s", style="cyan")


class Meter:
    """What a stage tells of its progress. Cheap to call: of plain lines the first comes after two seconds, the others
    every ten at most. What was done by its first word, as of a run that is resumed, is no pace of this stage.
    """

    def __init__(self, label: str, total: int | None, bar: Progress | None) -> None:
        self._label, self._total, self._bar = label, total, bar
        self._task = bar.add_task(label, total=total, note="") if bar else None
        self._first = -1
        self._begin = time.monotonic()
        self._next = self._begin + _FIRST_LINE_S

    def update(self, done: int, total: int | None = None, note: str = "") -> None:
        """Say how much is done now (an absolute count), and, if it changed, of how much."""
        if total is not None:
            self._total = total
        if self._first < 0:
            self._first = done
            if self._bar is not None and self._task is not None:
                self._bar.reset(self._task, total=self._total, completed=done, note=note)
        text = f"{self._label}  {note}" if note else self._label
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=done, total=self._total, note=note)
        elif (now := time.monotonic()) >= self._next:
            self._next = now + _LINE_EVERY_S
            rate = (done - self._first) / (now - self._begin)
            pace = f", {rate:,.0f}/s" if rate else ""
            left = f", {(self._total - done) / rate:,.0f} s left" if self._total and rate else ""
            console.print(f"{text}: {done:,} of {f'{self._total:,}' if self._total else '?'}{pace}{left}", markup=False)


@contextmanager
def meter(label: str, total: int | None = None, *, quiet: bool = False) -> Iterator[Meter]:
    """A progress meter for one stage; on stderr, so that output can be piped."""
    if quiet or not console.is_terminal:
        yield Meter(label, total, None)
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=28 if console.width >= 100 else 12),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}", markup=False, table_column=Column(overflow="fold")),
    )
    with Progress(*columns, console=console, transient=False) as bar:
        yield Meter(label, total, bar)
