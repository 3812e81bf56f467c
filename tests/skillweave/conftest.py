"""Fixtures of the command line's tests."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from command_line import Run, run_skillweave


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return tmp_path / "workspace"


@pytest.fixture
def skillweave(workspace: Path) -> Run:
    return lambda *arguments, **how: run_skillweave(workspace, *arguments, **how)


@pytest.fixture(scope="session")
def quickstarted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """A workspace after a small quickstart, and what that printed. Shared: copy it to change it."""
    place = tmp_path_factory.mktemp("quickstart") / "workspace"
    return place, run_skillweave(place, "quickstart", "--count", "60")
