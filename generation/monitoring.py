"""How runs stand and come on, from their files alone: what `skillweave runs` tells and the app shows.

A `Monitor` remembers what it read, so that a look at hundreds of runs, or at one of ten thousand shards, reads only
what is new. It asks nobody, takes no lease, and may look from another process or machine than the workers'.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from engine.books import Books, read_books
from engine.errors import SkillweaveError
from engine.history import History
from engine.lease import Leases, read_leases
from engine.models import known_prices
from engine.places import PLACE, place_of
from engine.prices import Price
from engine.records import Records
from engine.reports import read_reports
from engine.run import RunSpec, list_runs, open_run, read_spec, read_target
from engine.spending import total_spending
from engine.unsealed import Unsealed
from engine.workspace import Workspace
from generation.launching import Launched, all_launched, launched, log_end
from generation.recipes import ALL_RECIPES
from generation.run_lines import Line, line_of, line_of_unborn, line_of_unread
from generation.run_progress import Progress, Seen, progress_of

_BRING_S = 10.0
_MOST_LOG = 1_000
"""Bytes that are told of what a process wrote."""


@dataclass
class _Known:
    """What is remembered of one run."""

    records: Records
    history: History
    spec: RunSpec
    lock: threading.Lock = field(default_factory=threading.Lock)
    unsealed: Unsealed | None = None
    tried: bool = False
    """Whether the run was opened for its replay; that may fail where its recipe has changed."""
    brought: float = -math.inf
    """When news of a run on object storage were brought here last."""
    finished: tuple[tuple[int, ...], Books] | None = None
    """The books of a run that is done, and the times of what they stand on."""


@dataclass
class Monitor:
    """Looks at the runs of one workspace. For several threads."""

    place: Workspace
    _known: dict[str, _Known] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def lines(self, replay_s: float = 0.0) -> list[Line]:
        """Every run, the one that was seen last first; also one whose process is on its way.

        For about `replay_s` seconds unsealed shards are replayed; what is left then is left for the next look.
        """
        until = time.monotonic() + replay_s
        prices = known_prices(self.place)
        began = {each.run: each for each in all_launched(self.place)}
        lines = []
        for folder in list_runs(self.place.runs):
            try:
                lines.append(self._line(folder, prices, began.pop(folder.name, None), until))
            except FileNotFoundError:  # removed just now
                continue
            except SkillweaveError:  # its own page tells why
                lines.append(line_of_unread(folder))
        lines += [line_of_unborn(each) for each in began.values() if not (self.place.runs / each.run).is_dir()]
        return sorted(lines, key=lambda line: (line.seen_s or 0.0, line.run), reverse=True)

    def progress(self, run: str) -> Progress:
        """All about one run, which must be there."""
        folder = self.place.runs / run
        known, prices = self._of(folder), known_prices(self.place)
        with known.lock:
            _bring_here(folder, known)
            books, reports = self._books(folder, known), read_reports(folder)
            began = launched(self.place, run)
            unsealed = self._unsealed(folder, known)
            leases = read_leases(folder / "lease")
            spending = total_spending(books.spent, prices)
            budget = read_target(folder).budget
            line = line_of(folder, known.spec, known.records, books, spending, reports, leases, began, unsealed)
            at_work = line.condition in ("running", "stopping")
            series = known.history.series(
                known.records, unsealed.rows_at if unsealed else (), until_s=time.time() if at_work else None
            )
            seen = Seen(folder, known.spec, known.records, unsealed, books, spending, reports, leases, budget)
            return progress_of(seen, line, series, began, log_end(self.place, run, _MOST_LOG))

    def _of(self, folder: Path) -> _Known:
        with self._lock:
            known, spec = self._known.get(folder.name), read_spec(folder)
            if known is None or known.spec != spec:
                known = self._known[folder.name] = _Known(Records(folder), History(folder), spec)
            return known

    def _line(self, folder: Path, prices: Mapping[str, Price], began: Launched | None, until: float) -> Line:
        known = self._of(folder)
        with known.lock:
            books = self._books(folder, known)
            spending = total_spending(books.spent, prices)
            done = books.state in ("complete", "exhausted")
            unsealed = self._unsealed(folder, known) if time.monotonic() < until and not done else known.unsealed
            leases = Leases({}, frozenset(), {}) if done else read_leases(folder / "lease")
            reports = [] if done else read_reports(folder)
            return line_of(folder, known.spec, known.records, books, spending, reports, leases, began, unsealed)

    def _books(self, folder: Path, known: _Known) -> Books:
        """The books; of a run that is done read again only where its target, marks or shards have changed."""
        stamps = tuple((folder / name).stat().st_mtime_ns for name in ("target.json", "shards"))
        if known.finished is not None and known.finished[0] == stamps:
            return known.finished[1]
        books = read_books(folder, known.records)
        known.finished = (stamps, books) if books.state in ("complete", "exhausted") else None
        return books

    def _unsealed(self, folder: Path, known: _Known) -> Unsealed | None:
        if not known.tried and known.records.unsealed:
            known.tried = True
            with suppress(SkillweaveError):
                known.unsealed = Unsealed(open_run(folder, ALL_RECIPES, self.place.root))
        if known.unsealed is not None:
            try:
                known.unsealed.look(known.records)
            except SkillweaveError:  # work on it would tell; whoever watches does without
                known.unsealed = None
        return known.unsealed


def _bring_here(folder: Path, known: _Known) -> None:
    """Of a run on object storage bring what is new; where that fails, what is here already is told."""
    if (folder / PLACE).exists() and time.monotonic() - known.brought > _BRING_S:
        with suppress(SkillweaveError):
            place_of(folder).look()
        known.brought = time.monotonic()
