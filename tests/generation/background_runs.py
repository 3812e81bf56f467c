"""What tests of runs in the background share: a workspace to change, and patience."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from engine.workspace import Workspace
from generation.launching import Launched


def workspace_like(quickstart: Path, root: Path) -> Workspace:
    """A copy of the quickstart's workspace, with its graph, seeds and runs."""
    shutil.copytree(quickstart, root, ignore=shutil.ignore_patterns("stores", "datasets"))
    return Workspace(root)


def until(true: Callable[[], object], what: str, most_s: float = 60) -> None:
    """Wait until it is true; fails after `most_s` seconds."""
    end = time.monotonic() + most_s
    while not true():
        assert time.monotonic() < end, f"not within {most_s} s: {what}"
        time.sleep(0.1)


def ended(began: Launched) -> bool:
    """Whether the process has ended."""
    return not began.lives
