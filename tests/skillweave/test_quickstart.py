"""The main job in one command, and what one does next."""

from __future__ import annotations

import json
import re
import shutil

import pyarrow.parquet as pq
import pytest
from command_line import run_skillweave

from engine.books import read_books


@pytest.fixture
def place(quickstarted, tmp_path):
    """A copy of the quickstart's workspace, to be changed at will."""
    folder, done = quickstarted
    assert done.returncode == 0, done.stderr
    return shutil.copytree(folder, tmp_path / "workspace")


def generation(place):
    (run,) = (path for path in (place / "runs").iterdir() if path.name.startswith("mathscale"))
    return run


def test_it_ends_with_a_dataset_ten_questions_coverage_and_three_commands(place, quickstarted):
    said = quickstarted[1].stdout
    books = read_books(generation(place))
    assert (books.state, books.accepted) == ("complete", 60)
    assert books.acceptance >= 0.6
    assert len(re.findall(r"^answer .*\(asked: ", said, re.MULTILINE)) >= 10
    assert "Coverage by topic" in said
    commands = re.findall(r"^  (\S*skillweave \w.*)$", said, re.MULTILINE)
    assert len(commands) == 3
    *ending, staying = (command.split()[1:] for command in commands)
    assert staying == ["app"]  # tests/app starts it
    for command in ending:
        done = run_skillweave(place, *command)
        assert done.returncode == 0, done.stderr
        assert done.stdout
    extended = read_books(generation(place))
    assert extended.accepted == 120


def test_the_dataset_holds_the_accepted_rows_and_a_card_that_says_no_model_wrote_them(place):
    (dataset,) = (place / "datasets").iterdir()
    rows = pq.read_table(dataset / "data")
    assert rows.num_rows == read_books(generation(place)).accepted
    assert len(set(rows["id"].to_pylist())) == rows.num_rows
    assert {"question", "solution", "answer", "asked", "claimed", "shots"} <= set(rows.column_names)
    assert set(rows["model"].to_pylist()) == {"offline-teacher-1"}
    card = (dataset / "README.md").read_text()
    assert "not a language model" in card
    for row in rows.to_pylist():
        assert row["answer"] in row["solution"]
        assert set(row["claimed"]) <= set(row["asked"])
        assert len(row["claimed"]) >= 2


def test_given_again_it_asks_nothing_and_says_the_same(place):
    before = read_books(generation(place))
    done = run_skillweave(place, "quickstart", "--count", "60")
    assert done.returncode == 0
    assert read_books(generation(place)).spent == before.spent


def test_runs_lists_both_runs_and_tells_all_about_one(place):
    listed = run_skillweave(place, "runs").stdout
    assert "extract" in listed
    assert "mathscale" in listed
    told = run_skillweave(place, "runs", generation(place).name).stdout
    assert "drawn" in told
    assert '"recipe": "mathscale"' in told


def test_a_conversation_is_shown_turn_by_turn(place):
    index = pq.read_table(next((generation(place) / "shards").glob("*.rows.parquet")))["index"][0].as_py()
    told = run_skillweave(place, "show", generation(place).name, "--index", str(index)).stdout
    assert "[system]" in told
    assert "Now write yours." in told
    assert "<solution>" in told


def test_rejected_rows_are_shown_with_their_reason(place):
    done = run_skillweave(
        place, "generate", "--count", "20", "--name", "cut", "--model", "offline-teacher:cut=0.4", "--seed", "3"
    )
    assert done.returncode == 0, done.stderr
    told = run_skillweave(place, "show", "cut", "--rejected", "--rows", "3").stdout
    assert told.count("reason: cut off") == 3
    assert "nothing to show" in run_skillweave(place, "show", "cut", "--reason", "no question").stdout


def test_a_query_answers_in_json_and_csv(place):
    done = run_skillweave(place, "graph", "query", "concepts-by-use", "--param", "limit=3", "--format", "json")
    rows = json.loads(done.stdout)
    assert len(rows) == 3
    assert rows[0]["questions"] >= rows[1]["questions"] >= rows[2]["questions"] > 0
    done = run_skillweave(place, "graph", "query", "hubs", "--format", "csv")
    assert done.stdout.splitlines()[0].startswith("id,")


def test_a_changed_prompt_is_a_new_run_that_reuses_equal_calls(place, tmp_path):
    shipped = run_skillweave(place, "prompt", "list", "mathscale/write").stdout
    prompt = tmp_path / "mine.prompt"
    prompt.write_text(shipped.replace("one exact answer", "exactly one answer"))
    name = generation(place).name
    done = run_skillweave(
        place, "generate", "--count", "20", "--prompt", f"write={prompt}", "--name", "mine", "--reuse", name
    )
    assert done.returncode == 0, done.stderr
    assert read_books(place / "runs" / "mine").spent[0].calls >= 20
    done = run_skillweave(place, "generate", "--count", "20", "--set", "reasks=2", "--name", "patient", "--reuse", name)
    assert done.returncode == 0, done.stderr
    assert read_books(place / "runs" / "patient").spent == ()


def test_rows_are_the_same_under_two_values_of_pythonhashseed(place):
    name = generation(place).name
    tables = []
    for value in ("1", "2"):
        done = run_skillweave(
            place, "generate", "--count", "30", "--seed", "7", "--name", f"hash-{value}",
            environ={"PYTHONHASHSEED": value},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        tables.append(pq.read_table(place / "datasets" / f"hash-{value}" / "data"))
    assert tables[0].equals(tables[1])
    assert not set(tables[0]["id"].to_pylist()) & set(
        pq.read_table(place / "datasets" / name / "data")["id"].to_pylist()
    )
