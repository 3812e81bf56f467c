"""Child processes of a long bench, watched over time: memory and CPU of each, the machine's load, calls answered.

A line of JSON a second goes to a file, so that what was measured stays whatever becomes of the bench.
"""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.figures import REPOSITORY, mib

EVERY_S = 1.0
_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """What a process has taken so far, threads included; 0 where it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS


def busy_seconds() -> float:
    """CPU seconds that the machine's cores have spent on anything since it started."""
    fields = [int(part) for part in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    user, nice, system, _idle, _wait, irq, softirq, stolen = fields
    return (user + nice + system + irq + softirq + stolen) / _TICKS


@dataclass
class Child:
    """A process of the bench. `code` is None while it runs."""

    role: str
    process: subprocess.Popen[bytes]
    begin: float = field(default_factory=time.monotonic)
    code: int | None = None
    wall_s: float = 0.0
    cpu_s: float = 0.0
    """Of itself and of what it waited for, exact also where it was killed."""
    mib: float = 0.0
    """Resident now."""
    peak_mib: float = 0.0

    def look(self) -> None:
        """Read its memory."""
        try:
            status = Path(f"/proc/{self.process.pid}/status").read_text()
        except OSError:
            return
        if "VmHWM" in status:
            self.mib = mib(status, "VmRSS")
            self.peak_mib = max(self.peak_mib, mib(status))

    def over(self) -> bool:
        """Whether it has ended; if so, with what."""
        if self.code is None:
            pid, status, used = os.wait4(self.process.pid, os.WNOHANG)
            if pid:
                self.code = self.process.returncode = os.waitstatus_to_exitcode(status)
                self.wall_s = time.monotonic() - self.begin
                self.cpu_s = used.ru_utime + used.ru_stime
                self.mib = 0.0
        return self.code is not None

    def told(self) -> dict[str, Any]:
        """Its figures, to be kept."""
        return {"role": self.role, "code": self.code, "wall_s": round(self.wall_s, 2), "cpu_s": round(self.cpu_s, 2),
                "peak_mib": round(self.peak_mib, 1)}  # fmt: skip


class Watch:
    """Starts processes and samples them into `path`; `asked` tells how many calls were answered so far."""

    def __init__(self, path: Path, log: Path, server: int, asked: Callable[[], int]) -> None:
        self._path, self._log, self._server, self._ask = path, log, server, asked
        self._children: list[Child] = []
        self.phase = ""
        self.asked = asked()

    def start(self, role: str, command: Sequence[str], *, group: int = 0) -> Child:
        """Start it in a group of processes of its own, or in that of another; what it says goes to the log."""
        with self._log.open("ab") as log:
            process = subprocess.Popen(command, cwd=REPOSITORY, stdout=log, stderr=log, process_group=group)
        child = Child(role, process)
        self._children.append(child)
        return child

    def sample(self) -> None:
        """Write a line."""
        self.asked = self._ask()
        for child in self._children:
            child.look()
        self._children = [child for child in self._children if child.code is None]
        line: Mapping[str, Any] = {
            "t": round(time.time(), 2),
            "phase": self.phase,
            "load": os.getloadavg()[0],
            "busy_s": round(busy_seconds(), 2),
            "server_cpu_s": cpu_seconds(self._server),
            "asked": self.asked,
            "mib": {child.role: round(child.mib, 1) for child in self._children},
            "server_mib": round(_resident(self._server), 1),
        }
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    @contextmanager
    def sampling(self) -> Iterator[None]:
        """Sample each second for as long as the block runs."""
        done = threading.Event()

        def go() -> None:
            while not done.wait(EVERY_S):
                self.sample()

        thread = threading.Thread(target=go, daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


def _resident(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    except OSError:
        return 0.0
