"""What a person does about money: plan, sample, limit, go on, and work offline, by the commands and a real endpoint."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import Run

from engine.books import read_books, read_spent
from engine.run import list_runs, read_target
from teacher.process import Child, start

CONFIG = """\
[models.paid]
base_url = "{url}"
model = "offline-teacher"
price = {{ prompt = 1.0, cached = 0.1, completion = 4.0, batch = 0.5, as_of = 2026-11-21 }}
sampling = {{ max_tokens = 2000 }}

[models.unpriced]
base_url = "{url}"
model = "offline-teacher"
"""
GENERATE = ("--model", "paid", "--seed", "3")


@pytest.fixture
def endpoint() -> Iterator[Child]:
    with start() as child:
        yield child


@pytest.fixture
def place(quickstarted, workspace: Path, endpoint: Child) -> Path:
    """A workspace with a graph and no run but its extraction; the models are those of CONFIG."""
    shutil.copytree(quickstarted[0], workspace)
    for run in list_runs(workspace / "runs"):
        if run.name.startswith("mathscale"):
            shutil.rmtree(run)
    (workspace / "skillweave.toml").write_text(CONFIG.format(url=endpoint.url))
    return workspace


def the_run(place: Path) -> Path:
    (found,) = [run for run in list_runs(place / "runs") if run.name.startswith("mathscale")]
    return found


def planned(skillweave: Run, *arguments: str) -> dict:
    answer = skillweave("plan", "--format", "json", *GENERATE, *arguments)
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def test_a_plan_without_a_sample_measures_prompts_says_what_it_assumes_and_sends_nothing(skillweave, place, endpoint):
    answer = skillweave("plan", "--count", "1000", *GENERATE)
    said = " ".join(answer.stdout.split())
    assert answer.returncode == 0
    assert "It stands on assumptions: prompts of" in said
    assert "The bounds are guesses, not statistics. Measure instead, and pay nothing twice" in said
    assert not [run for run in list_runs(place / "runs") if run.name.startswith("mathscale")]
    told = planned(skillweave, "--count", "1000")
    money = told["left"]["usd"]
    assert 0 < money["low"] < money["likely"] < money["high"]
    assert told["sample"] == 0
    half = planned(skillweave, "--count", "1000", "--driver", "batch")["left"]["usd"]
    assert half["likely"] == pytest.approx(money["likely"] / 2)


def test_a_sample_is_paid_once_the_plan_comes_true_and_the_run_goes_on_with_it(skillweave, place, endpoint):
    told = planned(skillweave, "--count", "60", "--sample", "15")
    run = the_run(place)
    sampled = sum(part.calls for part in read_spent(run))
    assert told["basis"].startswith("15 conversations of its own journal")
    assert (told["rows_made"], told["paid"]["calls"]) == (15, sampled)
    assert read_target(run).count == 60
    again = planned(skillweave, "--count", "60", "--sample", "15")
    assert again == told, "the sample was there, so nothing was paid"

    made = skillweave("generate", "--count", "60", *GENERATE)
    assert made.returncode == 0, made.stderr
    (spent,) = read_spent(run)
    assert read_books(run).accepted == 60
    assert endpoint.stats()["asked"] == spent.calls
    left = told["left"]
    assert left["calls"]["low"] <= spent.calls - sampled <= left["calls"]["high"]
    paid = (spent.prompt + 4 * spent.completion) / 1e6
    assert told["paid"]["usd"] + left["usd"]["low"] <= paid <= told["paid"]["usd"] + left["usd"]["high"]
    done = planned(skillweave, "--count", "60")
    assert done["left"]["usd"]["high"] == 0
    asked = endpoint.stats()["asked"]
    other = planned(skillweave, "--count", "500", "--seed", "5")
    assert other["basis"].startswith(f"{done['ended']} conversations of run {run.name}")
    assert (other["paid"]["calls"], other["sample"]) == (0, done["ended"])
    left = {name: kind for name, kind in other["left"].items() if kind["high"]}
    assert left.keys() >= {"calls", "prompt", "completion", "usd", "hours", "bytes"}
    assert all(0 < kind["low"] <= kind["likely"] <= kind["high"] for kind in left.values())
    reusing = planned(skillweave, "--count", "60", "--reuse", run.name, "--set", "reasks=2")
    assert reusing["left"]["calls"]["high"] == 0, "the other run answers all of it"
    ten_times = planned(skillweave, "--count", "600", "--reuse", run.name, "--set", "reasks=2")["left"]["calls"]
    without = planned(skillweave, "--count", "600", "--set", "reasks=2")["left"]["calls"]
    assert 0.85 < ten_times["likely"] / without["likely"] < 0.95, "and a tenth of a run ten times as large"
    assert endpoint.stats()["asked"] == asked, "nothing was sent"


def test_at_the_limit_it_stops_with_exit_code_4_and_the_command_that_it_names_goes_on(skillweave, place):
    answer = skillweave("generate", "--count", "60", "--max-usd", "0.05", *GENERATE)
    run = the_run(place)
    (spent,) = read_spent(run)
    assert answer.returncode == 4
    assert (spent.prompt + 4 * spent.completion) / 1e6 <= 0.05
    command = answer.stderr.strip().split("Go on with more: skillweave ")[1].split()
    assert command == ["resume", run.name, "--max-usd", "0.1"]
    assert "limits --max-usd 0.05" in " ".join(skillweave("runs", run.name).stdout.split())
    more = skillweave("resume", run.name, "--max-usd", "inf")
    assert more.returncode == 0, more.stderr
    assert read_target(run).budget.max_usd is None
    assert "limits" not in more.stdout


def test_a_model_without_a_price_cannot_be_limited_by_money_but_by_tokens(skillweave, place):
    answer = skillweave("generate", "--model", "unpriced", "--count", "20", "--max-usd", "1")
    assert answer.returncode == 2
    assert "the model 'unpriced' has no price. Give it one in skillweave.toml" in answer.stderr
    limited = skillweave(
        "generate", "--model", "unpriced", "--count", "20", "--max-usd", "inf", "--max-tokens", "10000"
    )
    assert limited.returncode == 4
    assert "10,000 tokens that --max-tokens allows" in limited.stderr


def test_offline_sends_nothing_and_tells_what_is_missing_and_its_price(skillweave, place, endpoint):
    answer = skillweave("generate", "--count", "20", "--offline", *GENERATE)
    assert answer.returncode == 4
    assert "would have to ask 20 calls that are in no journal, at least: about" in answer.stderr
    assert "for $0.0" in answer.stderr
    run = the_run(place)
    assert read_spent(run) == ()
    assert skillweave("generate", "--count", "20", *GENERATE).returncode == 0
    assert skillweave("generate", "--count", "20", "--offline", *GENERATE).returncode == 0
    tags = skillweave("tag", run.name, "--model", "paid", "--offline")
    assert "would have to ask 20 calls" in tags.stderr
    more = skillweave("extend", run.name, "--count", "30", "--offline")
    assert more.returncode == 4
    assert "would have to ask 10 calls" in more.stderr
    rest = skillweave("resume", run.name, "--offline", "--give-up")
    assert (rest.returncode, "leave one of them out" in rest.stderr) == (2, True)
    graph = skillweave("graph", "build", "skillweave", "--model", "unpriced", "--offline")
    assert graph.returncode == 4
    assert "for a price that is not known" in graph.stderr


def test_an_extraction_is_planned_sampled_and_gone_on_with(skillweave, place):
    told = skillweave("plan", "--seeds", "skillweave", "--model", "paid", "--sample", "10", "--format", "json")
    assert told.returncode == 0, told.stderr
    plan = json.loads(told.stdout)
    assert plan["rows"] is None
    assert plan["rows_made"] >= 10
    assert plan["left"]["conversations"]["likely"] + plan["ended"] == 363
    built = skillweave("graph", "build", "skillweave", "--model", "paid", timeout=300)
    assert built.returncode == 0, built.stderr
    assert sum(part.calls for part in read_spent(place / "runs" / plan["run"])) == 363
