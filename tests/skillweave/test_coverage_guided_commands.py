"""Coverage-guided generation and constraints as a person uses them: commands on a workspace, the offline teacher.

The commands run in this process, from the arguments on: there are thirty of them.
"""

from __future__ import annotations

import io
import json
import shutil
import sys
from collections import Counter
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.rows import read_accepted
from engine.workspace import Workspace
from generation.coverage import take_coverage
from generation.making import questions_of
from graph.sampling.coverage import list_coverages, read_coverage
from graph.snapshot import Snapshot, find_snapshot
from skillweave.cli import main


@pytest.fixture
def place(quickstarted, tmp_path: Path) -> Workspace:
    shutil.copytree(quickstarted[0], tmp_path / "place")
    return Workspace(tmp_path / "place")


def snapshot_of(place: Workspace) -> Snapshot:
    return Snapshot.open(find_snapshot(place.graphs))


def called(place: Workspace, *arguments: str) -> tuple[int, str, str]:
    """A command's exit code, standard output and standard error."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["skillweave", *arguments])
        patch.setenv("SKILLWEAVE_WORKSPACE", str(place.root))
        with pytest.raises(SystemExit) as ended:
            main()
    return int(ended.value.code or 0), out.getvalue(), err.getvalue()


def made(place: Workspace, *arguments: str) -> str:
    code, out, err = called(place, *arguments)
    assert code == 0, err
    return out


def refused(place: Workspace, *arguments: str) -> str:
    runs = sorted(path.name for path in place.runs.iterdir())
    code, _, said = called(place, *arguments)
    assert code == 2
    assert said.count("error:") == 1
    assert sorted(path.name for path in place.runs.iterdir()) == runs
    return " ".join(said.split())


def items_of(place: Workspace, run: str) -> dict:
    return json.loads((place.runs / run / "run.json").read_text())["items"]


def rows_of(place: Workspace, run: str) -> pa.Table:
    return pa.concat_tables(read_accepted(place.runs / run))


def test_a_run_begins_with_the_coverage_of_now_and_names_it(place):
    made(place, "generate", "--count", "40", "--sampler", "coverage-guided", "--name", "guided")
    items = items_of(place, "guided")
    assert items["sampler"] == "coverage-guided/1"
    ((name, meta),) = list_coverages(place)
    assert items["coverage"] == name
    assert meta["questions"] == 60

    coverage = read_coverage(place, name)
    (earlier,) = [run.name for run in place.runs.iterdir() if run.name in meta["runs"]]
    asked = rows_of(place, earlier)["asked"].to_pylist()
    counts = Counter(concept for concepts in asked for concept in set(concepts))
    rows = coverage.rows.to_pylist()
    assert {row["id"]: row["questions"] for row in rows if row["what"] == "concept"} == counts
    edges = {tuple(edge.values()) for edge in snapshot_of(place).edges.select(["source", "target"]).to_pylist()}
    both = Counter((a, b) for concepts in asked for a in set(concepts) for b in set(concepts) if (a, b) in edges)
    assert {(row["id"], row["other"]): row["questions"] for row in rows if row["what"] == "pair"} == both
    assert sum(row["questions"] for row in rows if row["what"] == "level") == 60

    used = {concept for concepts in asked for concept in concepts}
    new = {concept for concepts in rows_of(place, "guided")["asked"].to_pylist() for concept in concepts}
    made(place, "generate", "--count", "40", "--seed", "5", "--name", "paper")
    plain = {concept for concepts in rows_of(place, "paper")["asked"].to_pylist() for concept in concepts}
    assert len(new - used) > 1.25 * len(plain - used)


def test_a_coverage_stays_what_it_was_while_more_is_made(place, tmp_path):
    """The same run, extended with and without other questions in between, has the same rows."""
    made(place, "generate", "--count", "20", "--sampler", "coverage-guided", "--name", "guided")
    shutil.copytree(place.root, tmp_path / "other")
    other = Workspace(tmp_path / "other")
    made(other, "generate", "--count", "10", "--sampler", "coverage-guided", "--name", "between")
    assert items_of(other, "between")["coverage"] != items_of(other, "guided")["coverage"]
    for each in (place, other):
        made(each, "extend", "guided", "--count", "30")
    assert rows_of(place, "guided").equals(rows_of(other, "guided"))
    assert rows_of(place, "guided").num_rows == 30

    again = made(other, "generate", "--count", "30", "--sampler", "coverage-guided", "--name", "guided",
                 "--coverage", items_of(other, "guided")["coverage"][:10])  # fmt: skip
    assert "complete" in again
    listed = made(other, "coverage", "list")
    assert all(name[:13] in listed for name, _ in list_coverages(other))


def test_taking_twice_is_one_coverage_and_grown_graphs_count_earlier_questions(place):
    first, second = (made(place, "coverage", "take") for _ in range(2))
    assert first == second
    ((name, _),) = list_coverages(place)
    assert f"coverage {name}: 60 questions (asked) of 1 run use" in " ".join(first.split())
    made(place, "generate", "--sampler", "coverage-guided", "--coverage", "latest", "--count", "5", "--name", "latest")
    assert items_of(place, "latest")["coverage"] == name
    assert take_coverage(place, snapshot_of(place), "tagged").questions == 0
    made(place, "generate", "--sampler", "coverage-guided", "--coverage", "none", "--count", "5", "--name", "fresh")
    assert "coverage" not in items_of(place, "fresh")
    one = take_coverage(place, snapshot_of(place), "claimed", ["latest"])
    assert (one.questions, list(one.runs)) == (5, ["latest"])


def test_a_coverage_that_is_gone_changed_or_anothers_is_one_error(place):
    made(place, "generate", "--count", "5", "--sampler", "coverage-guided", "--name", "guided")
    name = items_of(place, "guided")["coverage"]
    path = place.root / "coverage" / f"{name}.parquet"
    whole = path.read_bytes()
    table = pq.read_table(path)
    for content, says in ((None, "there is no coverage"), (whole[:100], "is no coverage"), (table, "was changed")):
        if content is None:
            path.unlink()
        elif isinstance(content, bytes):
            path.write_bytes(content)
        else:
            pq.write_table(content.slice(1), path)
        message = refused(place, "extend", "guided", "--count", "9")
        assert says in message
        assert "skillweave coverage take" in message
    path.unlink()
    assert "skillweave coverage take" in refused(place, "generate", "--sampler", "coverage-guided", "--coverage", "v12")
    assert "does not go by a coverage" in refused(place, "generate", "--coverage", "latest")
    path.write_bytes(whole)
    assert "leave out --coverage" in refused(place, "generate", "--coverage", name)
    assert "there are: " in refused(place, "coverage", "take", "--run", "nosuch")


def test_compositions_of_asked_levels_say_so_in_every_place(place):
    arguments = ["--count", "40", "--name", "levels", "--sampler-set", "levels=high,primary"]
    made(place, "generate", *arguments, "--sampler-set", "topics_max=2")
    snapshot = snapshot_of(place)
    mentions = snapshot.mentions.to_pylist()
    at = {level: {row["concept_id"] for row in mentions if row["level"] == level} for level in ("high", "primary")}
    tables = [table for table in questions_of(place, snapshot).tables() if table["run"][0].as_py() == "levels"]
    questions = pa.concat_tables(tables).to_pylist()
    assert len(questions) == 40
    assert {question["level"] for question in questions} == {"high", "primary"}
    for question, row in zip(questions, rows_of(place, "levels").to_pylist(), strict=True):
        assert question["level"] == ("high", "primary")[row["index"] % 2]
        assert set(question["asked"]) <= at[question["level"]]
        assert len(row["topics"]) <= 2
    coverage = take_coverage(place, snapshot, runs=["levels"])
    counted = {row["id"]: row["questions"] for row in coverage.rows.to_pylist() if row["what"] == "level"}
    assert counted == Counter(question["level"] for question in questions)


def test_what_cannot_be_drawn_stops_before_there_is_a_run(place):
    message = refused(place, "generate", "--sampler-set", "points_min=9")
    assert "points_min=9 by 0; leave out points_min=9" in message
    assert "skillweave samplers mathscale-walk" in message
    assert "there are" in refused(place, "generate", "--sampler-set", "levels=kindergarten")
    guided = ("generate", "--sampler", "coverage-guided", "--coverage", "none")
    assert "concepts-by-use" in refused(place, *guided, "--sampler-set", "required=zzzz")
    assert "temperature: it should be less than or equal to 1" in refused(
        place, *guided, "--sampler-set", "temperature=2"
    )
    shown = made(place, "samplers", "coverage-guided")
    assert shown.index("temperature") < shown.index("required")
