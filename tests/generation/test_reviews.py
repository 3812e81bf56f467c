"""What persons say of questions: kept, never changed, imported as a whole or not at all."""

from __future__ import annotations

import csv
import json
import shutil
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from engine.errors import InputError, StorageError
from engine.rows import read_accepted
from engine.workspace import Workspace
from generation.review_import import import_verdicts
from generation.reviews import Given, Verdict, add_verdicts, read_verdicts, verdicts
from skillweave.cli import app

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace").prepare()


def test_the_last_verdict_of_a_question_counts_and_all_are_kept(place: Workspace) -> None:
    assert verdicts(place) == {}
    assert read_verdicts(place) == []
    assert not place.reviews.exists()  # reading makes nothing
    first = [Verdict("q2", "reject", "wrong answer", "Ada"), Verdict("q1", "accept", "", "Ada")]
    assert add_verdicts(place, first, now=lambda: NOON) == 2
    later = [Verdict("q2", "accept", "", "Bo"), Verdict("q1", "accept", "", "Ada")]
    assert add_verdicts(place, later, now=lambda: NOON) == 1  # what Ada says again of q1 counts already
    assert list(verdicts(place).items()) == [("q1", "accept"), ("q2", "accept")]
    assert read_verdicts(place) == [
        Given(3, later[0], "2026-11-21T12:00:00+00:00"),
        Given(2, first[1], "2026-11-21T12:00:00+00:00"),
        Given(1, first[0], "2026-11-21T12:00:00+00:00"),
    ]
    assert [given.number for given in read_verdicts(place, last=True)] == [3, 2]
    assert [given.number for given in read_verdicts(place, most=1)] == [3]


@pytest.mark.parametrize("faulty", [("", "accept", "", "Ada"), ("q", "maybe", "", "Ada"), ("q", "reject", "", "Ada")])
def test_verdicts_are_added_all_or_none(place: Workspace, faulty: tuple[str, str, str, str]) -> None:
    with pytest.raises(InputError, match="is no verdict"):
        add_verdicts(place, [Verdict("q1", "accept", "", "Ada"), Verdict(*faulty)])
    assert verdicts(place) == {}


def test_a_verdict_is_never_changed_or_deleted(place: Workspace) -> None:
    add_verdicts(place, [Verdict("q1", "reject", "dull", "Ada")])
    for statement in ("UPDATE verdict SET verdict = 'accept'", "DELETE FROM verdict"):
        with (
            sqlite3.connect(place.reviews) as reviews,
            pytest.raises(sqlite3.IntegrityError, match="a verdict is never"),
        ):
            reviews.execute(statement)
        reviews.close()
    assert verdicts(place) == {"q1": "reject"}


def test_a_writer_that_is_killed_leaves_what_was_there_and_readers_go_on(place: Workspace) -> None:
    add_verdicts(place, [Verdict("q1", "accept", "", "Ada")])
    writer = subprocess.Popen([sys.executable, "-c", _HALF_WAY, str(place.reviews)], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    assert writer.stdout.readline() == "in the middle\n"
    assert verdicts(place) == {"q1": "accept"}  # WAL: nobody waits for a writer
    writer.kill()
    writer.communicate()
    assert add_verdicts(place, [Verdict("q2", "accept", "", "Bo")]) == 1
    assert verdicts(place) == {"q1": "accept", "q2": "accept"}


_HALF_WAY = """
import sqlite3, sys, time
reviews = sqlite3.connect(sys.argv[1], isolation_level=None)
reviews.execute("BEGIN IMMEDIATE")
reviews.execute("INSERT INTO verdict (question, verdict, reason, by, at) VALUES ('q1', 'reject', 'x', 'Eve', '')")
print("in the middle", flush=True)
time.sleep(60)
"""


def test_a_file_that_is_none_of_ours_or_of_a_later_format_is_told(place: Workspace) -> None:
    place.reviews.write_bytes(b"no database at all" * 100)
    with pytest.raises(InputError, match=r"reviews\.sqlite is no file of reviews"):
        verdicts(place)
    place.reviews.unlink()
    add_verdicts(place, [Verdict("q1", "accept", "", "Ada")])
    with sqlite3.connect(place.reviews) as reviews:
        reviews.execute("PRAGMA user_version = 9")
    reviews.close()
    with pytest.raises(InputError, match="has format 9, this skillweave reads 1; upgrade it"):
        verdicts(place)


def test_a_folder_that_is_not_there_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="unable to open"):
        add_verdicts(Workspace(tmp_path / "none"), [Verdict("q1", "accept", "", "Ada")])


# From files, on the questions of a run


@pytest.fixture(scope="module")
def quickstarted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("reviews") / "workspace"
    CliRunner().invoke(app, ["quickstart", "--count", "30", "--workspace", str(root)], catch_exceptions=False)
    return root


@pytest.fixture
def reviewed(quickstarted: Path, tmp_path: Path) -> tuple[Workspace, list[str]]:
    """A workspace with a run of 30 questions, and their ids."""
    place = Workspace(tmp_path / "workspace")
    shutil.copytree(quickstarted, place.root)
    (run,) = place.runs.glob("mathscale-*")
    return place, [row for table in read_accepted(run, ["id"]) for row in table["id"].to_pylist()]


def _written(path: Path, rows: list[dict[str, Any]]) -> Path:
    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    elif path.suffix == ".csv":
        with path.open("w", newline="") as handle:
            writer = csv.DictWriter(handle, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.mark.parametrize("ending", ["jsonl", "csv", "parquet"])
def test_verdicts_come_from_any_file_once(reviewed: tuple[Workspace, list[str]], tmp_path: Path, ending: str) -> None:
    place, ids = reviewed
    rows = [
        {"id": ids[0], "verdict": "reject", "reason": "the answer, 7, is wrong", "by": "Ada", "question": "..."},
        {"id": ids[1], "verdict": "accept", "reason": "", "by": "", "question": "..."},
    ]
    path = _written(tmp_path / f"mine.{ending}", rows)
    assert import_verdicts(place, path, by="Bo") == (2, 2)
    assert import_verdicts(place, path, by="Bo") == (2, 0)
    assert [given.verdict for given in reversed(read_verdicts(place))] == [
        Verdict(ids[0], "reject", "the answer, 7, is wrong", "Ada"),
        Verdict(ids[1], "accept", "", "Bo"),
    ]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"id": "q0"}, "line 2: no such verdict: '' is none of accept, reject"),
        ({"verdict": "accept", "by": "Ada"}, "line 2: no id"),
        ({"id": "nobody's", "verdict": "accept", "by": "Ada"}, 'line 2: no question "nobody\'s"'),
        ({"verdict": "reject", "by": "Ada"}, "line 2: no reason"),
        ({"verdict": "accept"}, "line 2: nobody"),
        ({"verdict": 1, "by": "Ada"}, "line 2: wrong type"),
        ({"verdict": "accept", "reason": "\x00", "by": "Ada"}, "line 2: control character"),
    ],
)
def test_a_faulty_row_is_told_by_its_line_and_nothing_is_taken(
    reviewed: tuple[Workspace, list[str]], tmp_path: Path, row: dict[str, Any], says: str
) -> None:
    place, ids = reviewed
    good = {"id": ids[0], "verdict": "accept", "by": "Ada"}
    faulty = row if "id" in row or says.endswith("no id") else {"id": ids[1], **row}
    with pytest.raises(InputError) as error:
        import_verdicts(place, _written(tmp_path / "mine.jsonl", [good, faulty]))
    assert says in str(error.value)
    assert "1 rows are no verdicts" in str(error.value)
    assert "Nothing was taken" in str(error.value)
    assert str(error.value).endswith("skillweave review import FILE")
    assert not place.reviews.exists()


def test_of_many_faulty_rows_the_first_are_told_and_all_counted(place: Workspace, tmp_path: Path) -> None:
    path = _written(tmp_path / "mine.jsonl", [{"id": f"q{i}", "verdict": "accept", "by": "Ada"} for i in range(8)])
    with pytest.raises(InputError, match=r"8 rows are no verdicts: line 1: .*line 5: .*; and 3 more\."):
        import_verdicts(place, path)
    with pytest.raises(InputError, match="it holds no verdict"):
        import_verdicts(place, _written(tmp_path / "none.jsonl", []))
    with pytest.raises(InputError, match=r"there is no file .*skillweave review import FILE"):
        import_verdicts(place, tmp_path / "missing.jsonl")


def test_the_commands_import_and_list(reviewed: tuple[Workspace, list[str]], tmp_path: Path) -> None:
    place, ids = reviewed

    def run(*arguments: str) -> Any:
        return CliRunner().invoke(app, [*arguments, "--workspace", str(place.root)], catch_exceptions=False)

    assert "no verdicts yet; bring some in: skillweave review import FILE" in run("review", "list").stderr
    for verdict in ("reject", "accept"):
        row = {"id": ids[0], "verdict": verdict, "reason": "[red]dull\x1b[31m", "by": "Ada"}
        path = _written(tmp_path / "mine.parquet", [{**row, "reason": "[red]dull"}])
        assert run("review", "import", str(path)).stdout == f"1 verdicts in {path}, 1 new\n"
    (counts,) = orjson.loads(run("review", "list", "--format", "json").stdout)
    assert (counts["id"], counts["verdict"], counts["reason"], counts["by"]) == (ids[0], "accept", "[red]dull", "Ada")
    assert len(orjson.loads(run("review", "list", "--all", "--format", "json").stdout)) == 2
    told = run("review", "list", "--all", "--rows", "1")
    assert "[red]dull" in told.stdout
    assert "there are more than these 1" in told.stderr
