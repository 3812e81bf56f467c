"""Batches by the commands, against the real teacher's files and batches endpoints."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from command_line import REPOSITORY, run_skillweave

from engine.batches.waves import Waves
from engine.books import read_books
from teacher.process import Child, start


@pytest.fixture
def place(tmp_path: Path, quickstarted: tuple[Path, object]) -> Path:
    return Path(shutil.copytree(quickstarted[0], tmp_path / "workspace"))


def options(teacher: Child) -> dict[str, str]:
    return {"OPENAI_BASE_URL": teacher.url, "OPENAI_API_KEY": "none"}


GENERATE = ("generate", "--count", "60", "--model", "offline-teacher-1", "--name", "waves", "--driver", "batch")


def test_a_killed_run_of_batches_is_resumed_watched_and_paid_once(place: Path) -> None:
    with start("batch_s=6,separators=0.2") as teacher:
        environ = {**os.environ, **options(teacher), "SKILLWEAVE_WORKSPACE": str(place)}
        command = [sys.executable, "-m", "skillweave", *GENERATE, "--batch-set", "max_requests=25"]
        child = subprocess.Popen(command, cwd=REPOSITORY, env=environ, stderr=subprocess.DEVNULL)
        folder = place / "runs/waves"
        while not all((folder / f"batches/0000{wave}.seen.json").exists() for wave in range(3)):
            assert child.poll() is None
            time.sleep(0.02)
        child.send_signal(signal.SIGKILL)
        child.wait()
        watched = run_skillweave(place, "watch", "waves")
        assert watched.returncode == 0
        assert "waves: waiting for a batch\n  0 of 60 accepted, 60 open, 0 rejected" in watched.stdout
        for wave, calls in enumerate((25, 25, 10)):
            assert re.search(
                rf"wave {wave}: {calls} calls, at the provider for \d+ s; submitted, 0 answered, asked \d+ s ago",
                watched.stdout,
            )
        resumed = run_skillweave(place, "resume", "waves", environ=options(teacher))
        assert resumed.returncode == 0, resumed.stderr
        told = teacher.stats()
    assert read_books(folder).state == "complete"
    assert told["asked"] == sum(spent.calls for spent in read_books(folder).spent)
    assert told["batches"] == told["files"] == len(Waves.of(folder).all())
    assert "60 of 60 accepted, 0 open" in run_skillweave(place, "watch", "waves").stdout


def test_what_is_wrong_is_said_at_once(place: Path) -> None:
    wrong = run_skillweave(place, *GENERATE, "--batch-set", "max_request=5")
    assert (wrong.returncode, "there is no setting 'max_request'" in wrong.stderr) == (2, True)
    nameless = run_skillweave(place, "watch", "nothing")
    assert (nameless.returncode, "there is no run 'nothing'" in nameless.stderr) == (2, True)
