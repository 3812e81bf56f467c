"""Runs as processes of their own: begun as a script would, stopped from elsewhere, resumed, and no key in any file."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from background_runs import ended, until, workspace_like
from typer.testing import CliRunner

from engine.books import read_books
from engine.errors import InputError
from engine.lease import workers
from engine.run import read_spec, read_target
from engine.workspace import Workspace
from generation.launching import launched, log_end, resume_run, start_run, stop_run
from generation.ordering import Order, offer
from skillweave.cli import app
from skillweave.models import CommandLineModels

SLOW = "offline-teacher:slow_ms=3000"
KEY = "sk-this-is-no-key-of-anybody"


@pytest.fixture(scope="module")
def workspace(quickstart_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return workspace_like(quickstart_workspace, tmp_path_factory.mktemp("launching") / "workspace")


def test_a_run_is_begun_stopped_resumed_and_ends(workspace, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    folder = workspace.runs / "night"
    began = start_run(workspace, Order(name="night", count=100, model=SLOW, max_tokens=10_000_000), by="ada")
    assert os.getsid(began.pid) == began.pid != os.getsid(0)
    until(lambda: workers(folder / "lease"), "a worker")
    with pytest.raises(InputError, match="is worked on by"):
        resume_run(workspace, "night")
    until(lambda: sum(part.calls for part in read_books(folder).spent), "a reply")
    said = CliRunner().invoke(app, ["stop", "night", "--workspace", str(workspace.root)])
    assert said.exit_code == 0, said.output
    assert f"process {began.pid}" in said.output
    until(lambda: ended(began), "the end of the first")
    stopped = read_books(folder)
    assert stopped.state == "incomplete"
    assert 0 < sum(part.calls for part in stopped.spent) < 100
    assert "Go on: skillweave resume night" in " ".join(log_end(workspace, "night").split())

    again = resume_run(workspace, "night", by="bo", limits={"max_hours": 2.0})
    until(lambda: ended(again), "the end of the second", 90)
    books = read_books(folder)
    assert (books.state, books.accepted) == ("complete", 100)
    assert read_target(folder).budget.max_hours == 2
    assert read_target(folder).budget.max_tokens == 10_000_000
    assert sum(part.calls for part in books.spent) == books.sent
    known = launched(workspace, "night")
    assert known is not None
    assert known.told() == "skillweave resume --max-hours=2.0 -- night"
    for path in (*workspace.logs.iterdir(), *folder.rglob("*.json")):
        assert KEY not in path.read_text()
    assert stop_run(workspace, "night") == []


def test_stopping_twice_leaves_what_is_in_flight(workspace):
    began = start_run(workspace, Order(name="hanging", count=50, model="offline-teacher:hang=1"))
    until(lambda: workers(workspace.runs / "hanging" / "lease"), "a worker")
    assert stop_run(workspace, "hanging", by="ada")
    time.sleep(2.5)
    assert began.lives, "one request waits for what is in flight"
    assert stop_run(workspace, "hanging", by="ada")
    until(lambda: ended(began), "the end", 20)
    assert read_books(workspace.runs / "hanging").open > 0


def test_a_process_that_has_not_come_to_work_is_ended(workspace):
    began = start_run(workspace, Order(name="early", count=50, model=SLOW))
    asked = stop_run(workspace, "early")
    assert asked == [began.name]
    until(lambda: ended(began), "the end", 20)


def test_what_keeps_a_run_from_beginning_is_in_its_log(workspace):
    began = start_run(workspace, Order(name="faulty", graph="nonsense"))
    until(lambda: ended(began), "the end")
    assert "nonsense" in log_end(workspace, "faulty")
    with pytest.raises(InputError, match="no run 'faulty'"):
        stop_run(workspace, "faulty")


@pytest.mark.parametrize("name", ["", ".hidden", "a/b", "x" * 201])
def test_a_bad_name_starts_nothing(workspace, name):
    before = sorted(workspace.logs.iterdir()) if workspace.logs.exists() else []
    with pytest.raises(InputError, match="is no name for a run"):
        start_run(workspace, Order(name=name))
    assert before == (sorted(workspace.logs.iterdir()) if workspace.logs.exists() else [])


def test_an_order_says_what_the_command_would_make(workspace):
    order = Order(
        count=7, name="--odd name", seed=3, sampling={"levels": "high,college"}, settings={}, shots=2, max_usd=1.5
    )
    told = offer(workspace, order, CommandLineModels())
    assert told.forecast.rows == 7
    assert told.forecast.left["usd"].high == 0
    assert not told.exists
    done = subprocess.run(
        [sys.executable, "-m", "skillweave", *told.order.arguments(), f"--workspace={workspace.root}"],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert read_books(workspace.runs / "--odd name").accepted == 7
    assert read_spec(workspace.runs / "--odd name").seed == 3
    assert offer(workspace, order, CommandLineModels()).exists
    with pytest.raises(InputError, match="would make other rows"):
        offer(workspace, Order(count=7, name="--odd name", seed=4), CommandLineModels())


def test_an_order_without_a_price_is_not_limited_in_money(workspace, monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    with pytest.raises(InputError, match="limit of US dollars cannot be kept"):
        offer(workspace, Order(model="somebody's", max_usd=1), CommandLineModels())
