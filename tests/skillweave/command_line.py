"""The command line as a person uses it: a process of its own, on a workspace of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent.parent
Run = Callable[..., subprocess.CompletedProcess[str]]


def run_skillweave(
    workspace: Path, *arguments: str, timeout: float = 120, environ: dict[str, str] | None = None,
    preexec: Callable[[], None] | None = None,
) -> subprocess.CompletedProcess[str]:  # fmt: skip
    """Run one command; nothing of the caller's own settings reaches it."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI_", "SKILLWEAVE_"))}
    return subprocess.run(
        [sys.executable, "-m", "skillweave", *arguments], cwd=REPOSITORY, text=True, capture_output=True,
        timeout=timeout, env={**ours, "SKILLWEAVE_WORKSPACE": str(workspace), **(environ or {})}, preexec_fn=preexec,
    )  # fmt: skip
