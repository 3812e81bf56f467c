"""The app as a person starts it: `skillweave app` in a process of its own, on a port that is free."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ADDRESS = re.compile(r"http://(127\.0\.0\.1|localhost):(\d+)")


@dataclass(frozen=True, slots=True)
class Served:
    """An app that runs."""

    url: str
    workspace: Path
    log: Path

    def said(self) -> str:
        """What it wrote to its terminal so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")


@contextmanager
def served(workspace: Path, log: Path, environ: Mapping[str, str] | None = None, port: int = 0) -> Iterator[Served]:
    """The app on a workspace for as long as the block runs; nothing of the caller's own settings reaches it."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI_", "SKILLWEAVE_"))}
    command = [sys.executable, "-m", "skillweave", "app", "--port", str(port), "--workspace", str(workspace)]
    with log.open("wb") as said:
        process = subprocess.Popen(command, env={**ours, **(environ or {})}, stdout=said, stderr=said)
    try:
        app = Served(_address(process, log), workspace, log)
        _wait_until_healthy(app)
        yield app
    finally:
        process.terminate()
        process.wait(30)


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    for _ in range(3_000):
        if found := ADDRESS.search(log.read_text(encoding="utf-8", errors="replace")):
            return f"http://127.0.0.1:{found[2]}"
        if process.poll() is not None:
            break
        time.sleep(0.02)
    raise AssertionError(f"the app did not start: {log.read_text(encoding='utf-8', errors='replace')}")


def _wait_until_healthy(app: Served) -> None:
    for _ in range(3_000):
        try:
            with urllib.request.urlopen(f"{app.url}/_stcore/health", timeout=5):
                return
        except OSError:
            time.sleep(0.02)
    raise AssertionError(f"the app is not healthy: {app.said()}")
