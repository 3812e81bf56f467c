"""Runs are watched from their files, by another process than works on them: each condition, each figure."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from pathlib import Path

import pytest
from background_runs import ended, until, workspace_like
from typer.testing import CliRunner

from engine.batches.waves import Wave, Waves
from engine.budget import Budget
from engine.run import read_target, write_target
from engine.workspace import Workspace
from generation.launching import resume_run, start_run, stop_run
from generation.monitoring import Monitor
from generation.ordering import Order
from generation.progress_view import progress_lines, span
from generation.run_lines import Line
from generation.run_progress import Progress
from skillweave.cli import app


@pytest.fixture(scope="module")
def workspace(quickstart_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return workspace_like(quickstart_workspace, tmp_path_factory.mktemp("monitoring") / "workspace")


def line_of(monitor: Monitor, run: str) -> Line | None:
    return next((line for line in monitor.lines() if line.run == run), None)


def condition(monitor: Monitor, run: str) -> str:
    line = line_of(monitor, run)
    return line.condition if line is not None else ""


def closes(progress: Progress) -> bool:
    """Whether every stage is the one before without what went no further there."""
    stages = progress.funnel
    counts = [stage.count for stage in stages]
    return counts[1:] == [stage.count - sum(stage.lost.values()) for stage in stages[:-1]]


def told(workspace: Workspace, *arguments: str) -> str:
    done = CliRunner().invoke(app, [*arguments, "--workspace", str(workspace.root)])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_run_is_watched_from_its_start_to_its_end(workspace):
    monitor = Monitor(workspace)
    model = "offline-teacher:slow_ms=1500,5xx=0.05,malformed=0.1"
    began = start_run(workspace, Order(name="seen", count=300, model=model, max_tokens=9_000_000), by="ada")
    assert condition(monitor, "seen") == "starting"
    until(lambda: condition(monitor, "seen") == "running", "work")
    until(lambda: monitor.progress("seen").funnel[3].count > 20, "rows")
    progress = monitor.progress("seen")
    assert progress.books.accepted == 0, "no shard is sealed yet; what is accepted comes from the journals"
    assert closes(progress)
    assert progress.funnel[0].lost["waiting"] > 0
    (worker,) = progress.at_work
    assert worker.name == began.name
    assert worker.shards == (0,)
    assert time.time() - worker.seen_s < 30
    assert sum(progress.series.calls) >= sum(progress.series.rows) >= progress.funnel[3].count > 0
    assert progress.spending.budget.max_tokens == 9_000_000
    assert progress.line.calls_a_minute
    until(lambda: monitor.progress("seen").left is not None, "an estimate of the time left")
    left = monitor.progress("seen").left
    assert left is not None
    assert left.low <= left.likely <= left.high

    stop_run(workspace, "seen", by="ada")
    assert condition(monitor, "seen") == "stopping"
    until(lambda: condition(monitor, "seen") != "stopping", "the end of its work")
    assert condition(monitor, "seen") == "stopped", "also while its process still tells how it went"
    until(lambda: ended(began), "the end")
    assert condition(monitor, "seen") == "stopped"
    stopped = monitor.progress("seen")
    assert (stopped.at_work, stopped.left) == ((), None)
    assert closes(stopped)
    assert stopped.faults["ServerFault"] > 0
    assert stopped == Monitor(workspace).progress("seen"), "a new look sees what the old one does"

    again = resume_run(workspace, "seen")
    until(lambda: ended(again), "the end")
    done = monitor.progress("seen")
    assert done.line.condition == "complete"
    assert (done.line.accepted, done.funnel[3].count) == (300, 300)
    assert closes(done)
    assert sum(done.series.calls) == pytest.approx(done.spending.calls)
    assert sum(done.series.rows) == pytest.approx(done.books.accepted + done.books.ahead)


def test_a_program_is_told_all_of_it(workspace):
    run = json.loads(told(workspace, "runs", "seen", "--format", "json"))
    assert (run["condition"], run["funnel"][3]["count"], run["limits"]) == ("complete", 300, {"max_tokens": 9_000_000})
    assert run["faults"]["ServerFault"] > 0
    listed = json.loads(told(workspace, "runs", "--format", "json"))
    assert {line["run"]: line["accepted"] for line in listed}["seen"] == 300
    assert "failed requests: ServerFault" in told(workspace, "runs", "seen")


def test_a_run_at_its_limit_says_which(workspace):
    monitor = Monitor(workspace)
    began = start_run(workspace, Order(name="dear", count=300, max_tokens=100_000))
    until(lambda: ended(began), "the end")
    progress = monitor.progress("dear")
    assert progress.line.condition == "at its limit"
    assert "--max-tokens" in progress.said
    assert 0 < progress.spending.tokens <= 100_000
    assert any("--max-tokens" in line for line in progress_lines(progress, time.time()))


def test_a_run_that_the_endpoint_fails_says_why(workspace):
    monitor = Monitor(workspace)
    began = start_run(workspace, Order(name="poor", count=100, model="offline-teacher:quota_after=20"))
    until(lambda: ended(began), "the end")
    progress = monitor.progress("poor")
    assert progress.line.condition == "failed at the endpoint"
    assert progress.faults["QuotaExhausted"] > 0
    assert progress.said


def test_a_killed_worker_leaves_a_run_that_is_left_off(workspace):
    monitor = Monitor(workspace)
    began = start_run(workspace, Order(name="killed", count=300, model="offline-teacher:slow_ms=500"))
    until(lambda: condition(monitor, "killed") == "running", "work")
    os.kill(began.pid, signal.SIGKILL)
    until(lambda: ended(began), "the end")
    assert condition(monitor, "killed") == "left off"


def test_a_run_whose_batch_is_at_the_provider_waits(workspace):
    monitor = Monitor(workspace)
    folder = workspace.runs / "killed"
    wave = Wave(
        run="b2:x", number=0, token="t" * 24, served_by="offline-teacher", model="m", requests=70, size=1, hash="b2:y",
        shards=(0,), at_ms=int(time.time() * 1000) - 7_200_000,
    )  # fmt: skip
    waves = Waves.of(folder)
    waves.folder.mkdir(exist_ok=True)
    waves.put_intent(wave)
    waves.put_known(0, "submitted", "batch_1")
    progress = monitor.progress("killed")
    assert progress.line.condition == "waiting for a batch"
    (flight,) = progress.flights
    assert (flight.calls, flight.shards, flight.submitted) == (70, 1, True)
    assert "wave 0: 70 calls, at the provider for 2 h" in list(progress_lines(progress, time.time()))


def test_a_damaged_run_hides_no_other(workspace):
    shutil.copytree(workspace.runs / "dear", workspace.runs / "damaged")
    (workspace.runs / "damaged" / "run.json").write_text("{}")
    monitor = Monitor(workspace)
    assert condition(monitor, "damaged") == "cannot be read"
    assert condition(monitor, "seen") == "complete"
    assert "cannot be read" in told(workspace, "runs")


def test_a_run_that_never_came_to_be_is_listed_too(workspace):
    began = start_run(workspace, Order(name="unborn", graph="nonsense"))
    until(lambda: ended(began), "the end")
    assert condition(Monitor(workspace), "unborn") == "failed"


def test_what_changed_of_a_run_that_was_done_is_seen(workspace):
    monitor = Monitor(workspace)
    assert condition(monitor, "seen") == "complete"
    target = read_target(workspace.runs / "seen")
    write_target(workspace.runs / "seen", target.model_copy(update={"count": 400, "budget": Budget(max_usd=3)}))
    line = line_of(monitor, "seen")
    assert line is not None
    assert (line.condition, line.count) == ("left off", 400)
    assert monitor.progress("seen").spending.budget.max_usd == 3


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (59.6, "1 min"), (61, "1 min 1 s"), (7_200, "2 h"), (7_260, "2 h 1 min"), (200_000, "2 d 7 h")],
)
def test_spans_of_time(seconds, said):
    assert span(seconds) == said
