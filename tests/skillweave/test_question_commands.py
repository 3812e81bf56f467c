"""`skillweave questions` as a person and a script use it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from command_line import run_skillweave

from engine.rows import calls_of, read_accepted


@pytest.fixture(scope="module")
def place(quickstarted: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The quickstart's workspace, its run solved again by three votes, and checked."""
    root = tmp_path_factory.mktemp("questions") / "workspace"
    shutil.copytree(quickstarted[0], root)
    (run,) = (root / "runs").glob("mathscale-*")
    for arguments in (["resolve", run.name, "--set", "votes=3"], ["check"]):
        assert run_skillweave(root, "dataset", *arguments).returncode == 0
    return root


@pytest.fixture(scope="module")
def ask(place: Path) -> Callable[..., Any]:
    """What a command answers, as JSON."""

    def asked(*arguments: str) -> Any:
        ended = run_skillweave(place, "questions", *arguments, "--format", "json")
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout)

    return asked


def rows_of(place: Path) -> list[dict[str, Any]]:
    (run,) = (place / "runs").glob("mathscale-*")
    return [row for table in read_accepted(run) for row in table.to_pylist()]


def test_a_list_is_filtered_cut_and_gone_on_with(place):
    rows = rows_of(place)
    concept = rows[0]["topics"][0]
    wanted = [row["index"] for row in rows if concept in row["topics"]]
    out = place / "found.parquet"
    ended = run_skillweave(
        place, "questions", "list", "--concept", rows[0]["asked"][0], "--limit", "0", "--out", str(out)
    )
    assert ended.returncode == 0, ended.stderr
    assert pq.read_table(out)["index"].to_pylist() == wanted
    first = run_skillweave(place, "questions", "list", "--limit", "5", "--format", "csv")
    assert len(first.stdout.splitlines()) > 5
    after = first.stderr.rpartition("--after ")[2].strip()
    assert after.endswith(f":{rows[4]['index']}")
    told = run_skillweave(place, "questions", "list", "--count", "--after", after)
    assert told.stdout.split() == [str(len(rows))]


def test_all_is_told_of_one_question_with_its_seeds_its_votes_and_its_cost(place, ask):
    row = rows_of(place)[3]
    told = ask("show", row["id"])
    assert told["row"]["question"] == row["question"]
    assert [seed["id"] for seed in told["origin"]["shots"]] == row["shots"]
    assert all(seed["question"] for seed in told["origin"]["shots"])
    assert {step["name"] for step in told["origin"]["steps"] if step["counts"]} == {
        *row["topics"], *row["knowledge_points"],
    }  # fmt: skip
    written, again = told["conversations"]
    assert (written["purpose"], again["purpose"]) == ("written", "solved again")
    (run,) = (place / "runs").glob("mathscale-*")
    (call,) = calls_of(run, row["index"]).to_pylist()
    assert written["turns"][0]["messages"] == call["messages"]
    assert written["usage"]["prompt"] == row["prompt_tokens"]
    assert len(again["turns"]) >= 2, "more than half of three votes must agree"
    assert row["question"] in again["turns"][0]["messages"][-1]["content"]
    assert [turn["sample"] for turn in again["turns"]] == list(range(len(again["turns"])))
    assert told["said"]["checked"]


def test_what_is_near_and_why_rows_are_left_out_is_told(place, ask):
    rows = rows_of(place)
    near = ask("near", rows[0]["id"], "--most", "3")
    assert [each["what"] for each in near] == ["question"] * 3 + ["seed"] * 3
    assert {each["id"] for each in near[:3]} <= {row["id"] for row in rows[1:]}
    assert {"by", "reason", "rows"} == set(ask("reasons")[0]) if ask("reasons") else True


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["list", "--concept", "nothing like it"], "there is no concept"),
        (["list", "--run", "nowhere"], "no run 'nowhere' was made from graph"),
        (["list", "--after", "there"], "is no place of a row"),
        (["list", "--rejected", "--check", "kept"], "leave it out, or --rejected"),
        (["show", "r00000000000000000000"], "skillweave questions list"),
    ],
)
def test_what_does_not_fit_is_one_sentence_that_helps(place, arguments, said):
    ended = run_skillweave(place, "questions", *arguments)
    assert ended.returncode == 2
    assert said in " ".join(ended.stderr.split())
    assert "Traceback" not in ended.stderr
