"""The offline teacher as a child process: started for one command, gone with it, however that ends."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, build_opener

import orjson

from engine.errors import SkillweaveError

_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Child:
    """A teacher that answers at `url`, the base URL to give a client."""

    url: str
    pid: int

    def stats(self) -> dict[str, Any]:
        """What it was asked so far; see `Teacher.stats`."""
        base = "http://" + urlsplit(self.url).netloc
        with build_opener(ProxyHandler({})).open(base + "/stats", timeout=10) as response:
            return dict(orjson.loads(response.read()))


@contextmanager
def start(faults: str = "", log: Path | None = None, *, ready_within_s: float = 60.0) -> Iterator[Child]:
    """A teacher on a free port of this machine, for as long as the block runs.

    It ends when its stdin does, so a killed parent leaves no orphan; it is in a session of its own, so a Ctrl-C at the
    terminal reaches only the parent, which may still wait for replies. Raises SkillweaveError where it does not start.
    """
    command = [sys.executable, "-P", "-m", "teacher.server", "--faults", faults]
    if log is not None:
        command += ["--log", str(log.absolute())]
    path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
    with (
        tempfile.TemporaryFile() as complaints,
        subprocess.Popen(  # noqa: S603 - our own module, no shell
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": path},
        ) as process,
    ):
        try:
            yield Child(_address(process, complaints, ready_within_s), process.pid)
        finally:
            _stop(process)


def _address(process: subprocess.Popen[bytes], complaints: IO[bytes], within_s: float) -> str:
    """The line that the child prints once it listens."""
    assert process.stdout is not None  # noqa: S101 - asked for by PIPE
    alarm = threading.Timer(within_s, process.kill)
    alarm.start()
    line = process.stdout.readline().decode().strip()
    alarm.cancel()
    if line:
        return line
    process.wait()
    complaints.seek(0)
    said = complaints.read().decode(errors="replace").strip().splitlines()
    why = said[-1] if said else f"it was not ready within {within_s:g} s"
    raise SkillweaveError(f"the offline teacher did not start: {why}. See more: skillweave teacher serve")


def _stop(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None  # noqa: S101 - asked for by PIPE
    process.stdin.close()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
