"""What a bench returns, and how a process is measured from outside."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED = REPOSITORY.parent / "shared"


class Skip(Exception):
    """The bench cannot run here; says why."""


class Figure(NamedTuple):
    """One figure. `bound` is `<=`, `>=` or `==` and `promised` what it is held to; an empty bound promises nothing."""

    what: str
    measured: float
    bound: str = ""
    promised: float = 0

    @property
    def kept(self) -> bool:
        """Whether the promise was kept."""
        kept = {"": True, "<=": self.measured <= self.promised, ">=": self.measured >= self.promised}
        return kept.get(self.bound, self.measured == self.promised)

    def __str__(self) -> str:
        promise = f"  ({self.bound} {self.promised:,g}: {'kept' if self.kept else 'MISSED'})" if self.bound else ""
        return (
            f"{self.what}: {self.measured:,.4g}{promise}"
            if self.measured % 1
            else (f"{self.what}: {self.measured:,.0f}{promise}")
        )


def machine() -> str:
    """The machine in a line."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if "model name" in line), platform.processor())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    return f"{os.cpu_count()} x {model}, {memory:.0f} GiB, Python {platform.python_version()}, load {load:.1f}"


def need(path: Path) -> Path:
    """The path, if it is there; raises Skip otherwise."""
    if not path.exists():
        raise Skip(f"{path.name} is not beside the project in shared/")
    return path


def mib(status: str, field: str = "VmHWM") -> float:
    """A figure of /proc/PID/status; the peak since the process's own start, which ru_maxrss is not (design/log.md)."""
    return int(status.partition(f"{field}:")[2].split()[0]) / 1024


@dataclass
class Measured:
    """A child process, watched: wall and CPU seconds and peak memory of itself, without its children."""

    process: subprocess.Popen[str]
    begin: float = field(default_factory=time.monotonic)
    wall_s: float = 0.0
    cpu_s: float = 0.0
    peak_mib: float = 0.0

    def watch(self) -> None:
        """Look every 20 ms until it is gone."""
        proc = Path(f"/proc/{self.process.pid}")
        ticks = os.sysconf("SC_CLK_TCK")
        while self.process.poll() is None:
            try:
                fields = (proc / "stat").read_text().rpartition(")")[2].split()
                status = (proc / "status").read_text()
            except (FileNotFoundError, ProcessLookupError):
                break
            self.cpu_s = (int(fields[11]) + int(fields[12])) / ticks
            if "VmHWM" in status:
                self.peak_mib = mib(status)
            time.sleep(0.02)
        self.process.wait()
        self.wall_s = time.monotonic() - self.begin


def skillweave(workspace: Path, *arguments: str, kill_after_s: float | None = None) -> Measured:
    """Run the command line on a workspace and measure it; with `kill_after_s` it is really killed after that time."""
    process = subprocess.Popen(
        [sys.executable, "-m", "skillweave", *arguments, "--workspace", str(workspace)],
        cwd=REPOSITORY, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    measured = Measured(process)
    timer = threading.Timer(kill_after_s, process.kill) if kill_after_s is not None else None
    if timer is not None:
        timer.start()
    drain = threading.Thread(target=process.stderr.read if process.stderr else None, daemon=True)
    drain.start()
    measured.watch()
    if timer is not None:
        timer.cancel()
    return measured


def must(measured: Measured, codes: Sequence[int] = (0,)) -> Measured:
    """The measured process, if it ended with one of these codes."""
    if measured.process.returncode not in codes:
        raise RuntimeError(f"{measured.process.args!r} ended with {measured.process.returncode}")
    return measured
