"""What each worker of a run says of itself: what failed at the endpoint, what is in flight, and how its work ended.

    lease/report-<token>.json    one worker's; written anew every few seconds, and once more when its work ends

Nothing rests on these files: no row and no count of the books. They hold what no other file does, for whoever watches
the run. Each is small, and only the last `MOST` are kept. On object storage each machine keeps its own.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from engine.drivers.contract import Outcome
from engine.errors import EndpointStop, Fruitless, LimitReached, StorageError
from engine.files import replace
from engine.sender import EndpointSender, Line

WRITE_S = 5.0
MOST = 32
_MOST_TEXT = 600
Ended = Literal["", "done", "stopped", "faults", "endpoint", "limit", "fruitless", "disk", "failed"]
"""`faults`: what is open failed at the endpoint, try after try; `endpoint`: it said that going on is pointless; empty:
at work, or killed.
"""


class Report(BaseModel):
    """One worker's report."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    worker: str
    """As `host, process n`."""
    began: float
    """Unix time."""
    at: float
    in_flight: int = 0
    """Calls on their way."""
    waiting_s: float = 0.0
    """Seconds that the endpoint asked to be left alone, at the longest of several."""
    faults: dict[str, int] = {}
    """Failed requests, also those that were tried again with success, by the kind of the error (`engine.errors`)."""
    last_fault: str = ""
    ended: Ended = ""
    said: str = ""
    """Why it ended, where more is to be said."""


@dataclass
class Reporter:
    """Writes one worker's report."""

    folder: Path
    """Of the run."""
    lines: list[Line] = field(default_factory=list)
    _token: str = field(default_factory=lambda: secrets.token_hex(6))
    _began: float = field(default_factory=time.time)
    _written: Report | None = None

    def watch(self, senders: Iterable[object]) -> None:
        """Report of what these send."""
        pools = {id(sender.pool): sender.pool for sender in senders if isinstance(sender, EndpointSender)}
        self.lines = [line for pool in pools.values() for line in pool.lines]

    def write(self, ended: Ended = "", said: str = "") -> None:
        """Put the report in place of the one before, where anything has changed."""
        faults: Counter[str] = Counter()
        for line in self.lines:
            faults.update(line.faults)
        report = Report(
            worker=f"{socket.gethostname()}, process {os.getpid()}",
            began=self._began,
            at=time.time(),
            in_flight=sum(line.limits.window.in_flight for line in self.lines),
            waiting_s=round(max((line.gate.closed_s for line in self.lines), default=0.0), 1),
            faults=dict(faults.most_common()),
            last_fault=next((line.last_fault for line in self.lines if line.last_fault), "")[:_MOST_TEXT],
            ended=ended,
            said=said[:_MOST_TEXT],
        )
        if self._written is None or report.model_copy(update={"at": self._written.at}) != self._written:
            with suppress(OSError, StorageError):  # whatever fails here fails no run
                replace(self.folder / "lease" / f"report-{self._token}.json", report.model_dump_json().encode())
                self._written = report


@asynccontextmanager
async def reported(folder: Path) -> AsyncIterator[Reporter]:
    """Let the work that the block does on the run in `folder` be reported."""
    _clear(folder)
    reporter = Reporter(folder)
    writing = asyncio.create_task(_write(reporter))
    try:
        yield reporter
    except Exception as error:
        reporter.write(_kind(error), str(error))
        raise
    finally:
        writing.cancel()


async def _write(reporter: Reporter) -> None:
    while True:
        reporter.write()
        await asyncio.sleep(WRITE_S)


def how_it_ended(outcome: Outcome) -> tuple[Ended, str]:
    """What a report says of work that nothing stopped short."""
    if outcome.interrupted:
        return "stopped", ""
    return ("faults", str(outcome.fault)) if outcome.fault is not None else ("done", "")


def _kind(error: Exception) -> Ended:
    kinds: tuple[tuple[type[Exception], Ended], ...] = (
        (LimitReached, "limit"), (Fruitless, "fruitless"), (EndpointStop, "endpoint"), (StorageError, "disk"),
    )  # fmt: skip
    return next((ended for kind, ended in kinds if isinstance(error, kind)), "failed")


def _paths(folder: Path) -> list[Path]:
    """The reports' files, the one that was written last at the end."""
    found: list[tuple[int, str, Path]] = []
    for path in (folder / "lease").glob("report-*.json"):
        with suppress(FileNotFoundError):
            found.append((path.stat().st_mtime_ns, path.name, path))
    return [path for _, _, path in sorted(found)]


def _clear(folder: Path) -> None:
    for path in _paths(folder)[: -MOST + 1]:
        path.unlink(missing_ok=True)


def read_reports(folder: Path) -> list[Report]:
    """The reports of the run in `folder`, the latest at the end; what is no report is passed over."""
    reports = []
    for path in _paths(folder):
        with suppress(OSError, ValueError):
            reports.append(Report.model_validate_json(path.read_bytes()))
    return sorted(reports, key=lambda report: report.at)
