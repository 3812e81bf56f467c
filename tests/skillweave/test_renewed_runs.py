"""A run whose recipe has changed since: it stops, says what a new one would pay, and the command it names goes on."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from command_line import Run

from engine.books import read_books, read_spent
from engine.run import list_runs, read_spec, read_target


@pytest.fixture
def place(quickstarted, workspace: Path) -> Path:
    return Path(shutil.copytree(quickstarted[0], workspace))


def made_long_ago(run: Path) -> Path:
    """The run as if its recipe had another source when it began; it has a name of its own."""
    spec = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps({**spec, "source": "b2:" + "0" * 32}))
    return run.rename(run.with_name("old"))


def command_in(said: str) -> list[str]:
    return " ".join(said.split()).split("Begin it: skillweave ")[1].split()


def calls(run: Path) -> int:
    return sum(part.calls for part in read_spent(run))


def test_an_unfinished_run_goes_on_as_a_new_one_with_its_options_and_pays_no_reply_again(skillweave: Run, place: Path):
    options = ("--sampler", "skill-pairs", "--shots", "3", "--set", "reasks=0")
    stopped = skillweave("generate", "--count", "40", "--name", "began", "--max-tokens", "20000", *options)
    assert stopped.returncode == 4, stopped.stderr
    old = made_long_ago(place / "runs/began")
    paid = calls(old)
    answer = skillweave("resume", "old")
    assert answer.returncode == 1
    assert f"would keep {paid:,} replies of its first" in " ".join(answer.stderr.split())
    assert "pay none of them again" in answer.stderr
    assert command_in(skillweave("plan", "--run", "old").stderr) == command_in(answer.stderr)
    before = set(list_runs(place / "runs"))
    answer = skillweave(*command_in(answer.stderr), "--max-tokens", "inf")
    assert answer.returncode == 0, answer.stderr
    (new,) = set(list_runs(place / "runs")) - before
    spec = read_spec(new)
    assert spec.model_dump(exclude={"source"}) == read_spec(old).model_dump(exclude={"source"})
    assert (read_books(new).accepted, read_target(new).count) == (40, 40)
    sealed = [row for path in new.glob("shards/*.calls.parquet") for row in pq.read_table(path)["origin"].to_pylist()]
    assert sealed.count("old") == paid
    assert sealed.count("") == calls(new)


@pytest.mark.parametrize("recipe", ["extract", "tag", "resolve"])
def test_the_command_holds_for_the_other_recipes(skillweave: Run, place: Path, recipe: str):
    runs = {run.name.partition("-")[0]: run for run in list_runs(place / "runs")}
    if recipe in ("tag", "resolve"):
        begin = {"tag": ("tag",), "resolve": ("dataset", "resolve")}[recipe]
        assert skillweave(*begin, runs["mathscale"].name).returncode == 0
        runs = {run.name.partition("-")[0]: run for run in list_runs(place / "runs")}
    old = made_long_ago(runs[recipe])
    answer = skillweave(*command_in(skillweave("resume", "old").stderr))
    assert answer.returncode == 0, answer.stderr
    assert calls(runs[recipe]) == 0, "it has the name of its content, as if it had been begun now"
    assert read_books(runs[recipe]).accepted == read_books(old).accepted


def test_a_run_whose_recipe_is_what_it_was_needs_no_other(skillweave: Run, place: Path):
    (run,) = (run.name for run in list_runs(place / "runs") if run.name.startswith("mathscale"))
    answer = skillweave("resume", run, "--anew")
    assert answer.returncode == 2
    assert f"skillweave resume {run}" in answer.stderr
    both = skillweave("resume", run, "--anew", "--reuse", run)
    assert (both.returncode, "leave --reuse out" in both.stderr) == (2, True)
