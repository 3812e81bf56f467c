"""The funnel: every row that was drawn is counted once, in every format."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from planted_runs import planted_run, row
from small_workspace import Prepared, prepare
from typer.testing import CliRunner, Result

from engine.errors import InputError
from engine.workspace import Workspace
from generation.funnel import Funnel, funnel
from generation.quality.plan import make_plan
from generation.verdicts import check_runs, kept_rows, verdicts_of
from skillweave.cli import app

FRESH = [
    "A gardener plants tulips in four beds of six rows. What is the number of tulips?",
    "Two pipes fill a tank in three and four hours. Find how long both of them take together.",
    "The sides of a triangle are in the ratio three to four to five. Determine its largest angle.",
    "Seven people shake hands, each with every other one. How many handshakes are there in all?",
]


def command(prepared: Prepared, *arguments: str) -> Result:
    result = CliRunner().invoke(
        app, ["dataset", *arguments, "--workspace", str(prepared.root)], catch_exceptions=False, env={"COLUMNS": "160"}
    )
    assert result.exit_code == 0, result.output
    return result


def close(found: Funnel) -> None:
    """The books of a funnel, step by step."""
    checks = [
        step for step in found.steps if step.stage not in ("drawn", "rejected", "open", "ahead", "accepted", "kept")
    ]
    assert found.at("drawn") == sum(found.at(stage) for stage in ("rejected", "open", "ahead", "accepted"))
    assert found.at("accepted") == sum(step.rows for step in checks) + found.at("kept")
    assert all(step.rows <= step.all for step in found.steps)


def test_rows_are_counted_at_the_first_check_that_they_fail(prepared: Prepared) -> None:
    rows: list[str | dict[str, Any]] = [
        FRESH[0],
        FRESH[1],
        row(FRESH[0], answer="8"),
        row("Tiny?", answer="8"),
        FRESH[0],
        prepared.seeds[3].question,
    ]
    first = planted_run(prepared, "a", [rows[:3], rows[3:]], rejected=2, seed=1)
    second = planted_run(prepared, "b", [[FRESH[1], FRESH[2], FRESH[3]]], seed=2, count=2)
    said = command(prepared, "check").stdout
    assert "a, b" in said
    told = orjson.loads(command(prepared, "funnel", "b", "a", "--format", "json").stdout)
    steps = {
        (step["stage"], step["reason"]): (step["rows"], step["all"]) for step in told if step["rows"] or step["all"]
    }
    assert steps == {
        ("drawn", ""): (16, 16),
        ("rejected", "repeat"): (3, 3),
        ("rejected", "refused"): (4, 4),
        ("ahead", ""): (1, 1),
        ("accepted", ""): (8, 8),
        ("length", "question too short"): (1, 1),
        ("answers", "answer differs from its solution"): (1, 2),
        ("seed-copies", "copies a seed"): (1, 1),
        ("swapped", "a seed with other numbers"): (0, 1),  # that seed is another one's paraphrase
        ("duplicates", "equal to an earlier question"): (2, 2),
        ("kept", ""): (3, 3),
    }
    place, plan = Workspace(prepared.root), make_plan()
    close(funnel(place, [first, second], plan))
    # the third row of `a` is out for its answer, so it is no duplicate that the fifth would have survived
    kept = [
        (j.run.name, i)
        for j in kept_rows(place, [first, second], plan, ["index"])
        for i in j.table.filter(j.kept)["index"].to_pylist()
    ]
    assert kept == [("a", 1), ("a", 2), ("b", 2)]


def test_all_formats_say_the_same(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> None:
    run = planted_run(prepared, "a", [[FRESH[0], FRESH[0], "Tiny?"]], rejected=1)
    command(prepared, "check", "a")
    told = orjson.loads(command(prepared, "funnel", "--format", "json").stdout)
    lines = list(csv.DictReader(io.StringIO(command(prepared, "funnel", "--format", "csv").stdout)))
    assert [{**line, "rows": int(line["rows"]), "all": int(line["all"])} for line in lines] == told
    folder = tmp_path_factory.mktemp("out")
    for ending in ("parquet", "csv", "json"):
        command(prepared, "funnel", "--out", str(folder / f"funnel.{ending}"))
        command(prepared, "verdicts", "--out", str(folder / f"verdicts.{ending}"))
    assert pq.read_table(folder / "funnel.parquet").to_pylist() == told
    assert orjson.loads((folder / "funnel.json").read_bytes()) == told
    found = [line for table in verdicts_of(Workspace(prepared.root), [run], make_plan()) for line in table.to_pylist()]
    assert pq.read_table(folder / "verdicts.parquet").to_pylist() == found
    assert orjson.loads((folder / "verdicts.json").read_bytes()) == found
    table = command(prepared, "funnel").stdout
    assert "equal to an earlier question" in table and "kept" in table
    only = command(prepared, "verdicts", "--check", "duplicates").stdout
    assert "equal to an earlier question" in only and "too short" not in only
    assert "1.000" in only
    assert "5 characters" in command(prepared, "verdicts", "--reason", "question too short").stdout


def test_a_verdict_is_read_with_both_texts(prepared: Prepared, tmp_path: Path) -> None:
    exam = tmp_path / "exam.jsonl"
    exam.write_bytes(orjson.dumps({"question": FRESH[2], "answer": "1"}))
    rows = [FRESH[0], FRESH[0].upper(), f"  {prepared.seeds[3].question}", FRESH[2]]
    planted_run(prepared, "a", [rows])
    command(prepared, "check", "a", "--against", str(exam), "--checks", "contamination,duplicates,seed-copies")
    said = command(prepared, "verdicts").stdout
    for block, (text, like, source) in zip(
        said.strip().split("\n\n"),
        [
            (prepared.seeds[3].question, prepared.seeds[3].question, "ours"),
            (FRESH[2], FRESH[2], "exam.jsonl"),
            (FRESH[0].upper(), FRESH[0], "a"),
        ],
        strict=True,
    ):
        plain = " ".join(block.split())
        assert f"of a {' '.join(text.split())}" in plain
        assert f"of {source} {' '.join(like.split())}" in plain
    one = command(prepared, "verdicts", "--rows", "1")
    assert "1 of 3 verdicts" in one.stderr
    assert len(one.stdout.strip().split("\n\n")) == 1
    assert "nothing was found" in command(prepared, "verdicts", "--reason", "in German").stderr


def test_a_new_run_is_checked_as_before_and_a_check_that_had_nothing_to_go_by_says_so(
    prepared: Prepared, tmp_path: Path
) -> None:
    exam = tmp_path / "exam.jsonl"
    exam.write_bytes(orjson.dumps({"question": FRESH[2], "answer": "1"}))
    planted_run(prepared, "a", [[FRESH[0]]], seed=1)
    with pytest.raises(InputError, match="nothing was checked here yet"):
        command(prepared, "check", "--as-before")
    command(prepared, "check", "--against", str(exam), "--set", "contamination.share=0.4")
    plan = (prepared.root / "verdicts" / "plan.json").read_bytes()
    planted_run(prepared, "b", [[FRESH[2]]], seed=2)
    with pytest.raises(InputError, match=r"skillweave dataset check b --as-before"):
        command(prepared, "funnel")
    exam.unlink()
    command(prepared, "check", "b", "--as-before")
    assert (prepared.root / "verdicts" / "plan.json").read_bytes() == plan
    told = {(step["stage"], step["reason"]): step["rows"] for step in orjson.loads(
        command(prepared, "funnel", "--format", "json").stdout)}  # fmt: skip
    assert told["contamination", "13 words of a test question"] == 1
    assert ("resolved", "not asked: no second solution") in told
    with pytest.raises(InputError, match="give it alone"):
        command(prepared, "check", "--as-before", "--checks", "length")


def test_what_there_is_to_check_with() -> None:
    listed = CliRunner().invoke(app, ["dataset", "checks"]).stdout
    assert "contamination" in listed and "--against" in listed
    assert "jaccard" in CliRunner().invoke(app, ["dataset", "checks", "duplicates"]).stdout


def test_without_checks_all_that_is_accepted_is_kept_and_what_is_not_checked_is_an_error(prepared: Prepared) -> None:
    with pytest.raises(InputError, match=r"no run in .* has accepted questions; .* skillweave generate"):
        command(prepared, "check")
    planted_run(prepared, "a", [[FRESH[0], FRESH[0]]], seed=1)
    bare = orjson.loads(command(prepared, "funnel", "--format", "json").stdout)
    assert {step["stage"]: step["rows"] for step in bare}["kept"] == 2
    command(prepared, "check", "a", "--checks", "duplicates")
    planted_run(prepared, "b", [[FRESH[0]]], seed=2)
    assert {s["stage"]: s["rows"] for s in orjson.loads(command(prepared, "funnel", "a", "--format", "json").stdout)}[
        "kept"
    ] == 1
    with pytest.raises(InputError, match="run b has rows that duplicates was not asked about yet"):
        command(prepared, "funnel")
    with pytest.raises(InputError, match="the check 'length' was not run, only duplicates"):
        command(prepared, "verdicts", "a", "--check", "length")


ANY = st.sampled_from([*FRESH, "Tiny?", "Seed question 5 costs $5; what is \\( 5 + 1 \\)?"])


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    runs=st.lists(st.lists(st.lists(ANY, max_size=4), min_size=1, max_size=3), min_size=1, max_size=3),
    rejected=st.integers(0, 2),
    count=st.integers(1, 12),
)
def test_the_books_close_whatever_the_runs_hold(
    tmp_path_factory: pytest.TempPathFactory, runs: list[list[list[str]]], rejected: int, count: int
) -> None:
    prepared = prepare(tmp_path_factory.mktemp("funnel"))
    folders: list[Path] = [
        planted_run(prepared, f"run{number}", shards, seed=number, rejected=rejected, count=count)
        for number, shards in enumerate(runs)
    ]
    place, plan = Workspace(prepared.root), make_plan()
    if not any(any(shards) for shards in runs):
        with pytest.raises(InputError, match="no accepted rows"):
            check_runs(place, folders, plan)
        return
    check_runs(place, folders, plan)
    found = funnel(place, folders, plan)
    close(found)
    kept = [
        question
        for j in kept_rows(place, folders, plan, ["question"])
        for question in j.table.filter(j.kept)["question"].to_pylist()
    ]
    accepted = [question for run in runs for question in [q for shard in run for q in shard][:count]]
    assert found.at("accepted") == len(accepted)
    expected = [question for question in dict.fromkeys(accepted) if question in FRESH]
    assert kept == expected
    counted = Counter(question in FRESH for question in accepted)
    assert found.at("duplicates") == counted[True] - len(expected)
