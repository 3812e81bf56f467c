"""`skillweave graph query|queries` and the other commands that tell of a graph, as a person gives them."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import typer
from typer.testing import CliRunner

from engine.answers import Format, print_rows
from engine.errors import InputError
from engine.workspace import Workspace
from graph.build import GraphSettings, build_snapshot
from graph.commands import graph_commands
from graph.query import shipped_queries
from graph.seed import Seed, read_seeds
from graph.seed_commands import seeds_app
from graph.snapshot import Snapshot
from graph.stores import QUESTION_SCHEMA, Questions
from skillweave.models import CommandLineModels


@pytest.fixture
def home(tmp_path: Path, plain_embedder: Callable[..., Any]) -> Workspace:
    """A workspace with one small graph."""
    workspace = Workspace(tmp_path / "work").prepare()
    seeds = [Seed(id=f"s{i}", question=f"q{i}", level="high") for i in range(3)]
    extraction = pa.table(
        {
            "seed_id": [seed.id for seed in seeds],
            "topics": [["Algebra"], ["algebra"], ["Algebra", "Odd"]],
            "knowledge_points": [["[red]slope[/red]"], ["[red]slope[/red]", "\x1b[31mline"], ["\x1b[31mline"]],
        }
    )
    build_snapshot(
        extraction, seeds, embedder=plain_embedder(), aliases={}, contrasts=[], settings=GraphSettings()
    ).write(workspace.graphs)
    return workspace


def _questions(workspace: Workspace, snapshot: Snapshot) -> Questions:
    assert workspace.graphs.is_dir()
    concept = snapshot.nodes["id"][0].as_py()
    row = {"id": "q", "run": "r", "level": "high", "asked": [concept], "claimed": []}
    return Questions(["b2:1"], lambda: [pa.Table.from_pylist([row], schema=QUESTION_SCHEMA)])


def _run(app: typer.Typer, workspace: Workspace, *arguments: str) -> str:
    result = CliRunner().invoke(app, [*arguments, "--workspace", str(workspace.root)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_query_prints_a_table_csv_or_json(home: Workspace) -> None:
    app = graph_commands(_questions, CommandLineModels())
    rows = orjson.loads(_run(app, home, "query", "concepts-by-use", "--format", "json"))
    assert [(row["name"], row["seeds"], row["questions"]) for row in rows if row["kind"] == "topic"] == [
        ("Algebra", 3, 0)
    ]
    assert sum(row["questions"] for row in rows) == 1
    lines = list(csv.DictReader(io.StringIO(_run(app, home, "query", "concepts-by-use", "--format", "csv"))))
    assert [line["name"] for line in lines] == [row["name"] for row in rows]
    table = _run(app, home, "query", "concepts-by-use", "--param", "kind=knowledge_point", "--param", "limit=5")
    assert "[red]slope[/red]" in table
    assert "\x1b" not in table
    assert "Algebra" not in table


def test_an_answer_is_parquet_or_a_file(home: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = graph_commands(_questions, CommandLineModels())
    by_use = ("query", "concepts-by-use")
    for number, form in enumerate((["--format", "parquet", "--out", "0"], ["--out", "1.parquet"])):
        assert _run(app, home, *by_use, *form[:-1], str(tmp_path / form[-1])) == ""
        table = pq.read_table(tmp_path / form[-1])
        assert table.schema.names == ["id", "kind", "name", "seeds", "questions"], number
        assert table.schema.types == [pa.string()] * 3 + [pa.int64()] * 2
        assert table.num_rows == 3
    printed = CliRunner().invoke(
        app, [*by_use, "--format", "parquet", "--workspace", str(home.root)], catch_exceptions=False
    )
    assert pq.read_table(io.BytesIO(printed.stdout_bytes)) == table
    nobody = ("query", "orphans", "--param", "kind=skill", "--out", str(tmp_path / "nobody.parquet"))
    _run(app, home, *nobody)
    assert pq.read_schema(tmp_path / "nobody.parquet").types == [pa.string()] * 3 + [pa.int64()]

    for form in ("csv", "json"):
        _run(app, home, *by_use, "--out", str(tmp_path / f"use.{form}"))
        assert (tmp_path / f"use.{form}").read_text() == _run(app, home, *by_use, "--format", form)
    with pytest.raises(InputError, match=r"use\.txt: a table is for the screen; .*--format csv, json or parquet"):
        _run(app, home, *by_use, "--out", str(tmp_path / "use.txt"))
    with pytest.raises(InputError, match="choose another --out"):
        _run(app, home, *by_use, "--out", str(tmp_path / "none" / "use.csv"))
    monkeypatch.setattr("engine.answers.sys.stdout", _Terminal())
    with pytest.raises(InputError, match=r"Parquet is no text for a terminal; .*--out FILE"):
        print_rows(("a",), [(1,)], Format.PARQUET)


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_run_level_or_concept_that_is_not_there_is_told(home: Workspace) -> None:
    app = graph_commands(_questions, CommandLineModels())

    def told(*params: str) -> str:
        given = [word for param in params for word in ("--param", param)]
        name = "neighbours" if params[0].startswith("concept") else "uncovered-concepts"
        return CliRunner().invoke(app, ["query", name, *given, "--workspace", str(home.root)]).stderr

    assert "no question of this graph has the run 'R'; there are: 'r'" in told("run=R")
    assert "no question of this graph has the level '[red]'; there are: 'high'" in told("run=r", "level=[red]")
    assert "no question" not in told("run=any", "level=high")
    assert "there is no concept 'Algebrae'; one goes by its id" in told("concept=Algebrae")
    assert "there is no concept" not in told("concept=Algebra")


def test_the_table_in_the_docs_is_of_the_queries_there_are() -> None:
    script = Path(__file__).resolve().parents[2] / "scripts" / "make-query-table"
    done = subprocess.run([sys.executable, str(script), "--check"], check=False)
    assert done.returncode == 0, "make the table anew: scripts/make-query-table"


def test_the_graphs_their_merges_and_what_is_left_out_are_listed(home: Workspace) -> None:
    app = graph_commands(_questions, CommandLineModels())
    (graph,) = orjson.loads(_run(app, home, "list", "--format", "json"))
    assert (graph["nodes"], graph["left_out"], graph["seeds"]) == (3, 1, 3)
    (merge,) = orjson.loads(_run(app, home, "merges", "--rule", "normalised", "--format", "json"))
    assert (merge["name"], merge["into_name"], merge["by"]) == ("algebra", "Algebra", "rule")
    prefix = graph["graph"][:6]
    assert len(orjson.loads(_run(app, home, "merges", "--graph", prefix, "--format", "json"))) == 5
    (left,) = orjson.loads(_run(app, home, "left-out", "--format", "json"))
    assert (left["name"], left["reason"]) == ("Odd", "fewer than 2 seeds")
    listed = CliRunner().invoke(app, ["queries", "--format", "json"])
    assert [row["name"] for row in orjson.loads(listed.stdout)] == list(shipped_queries())
    one = orjson.loads(CliRunner().invoke(app, ["queries", "thin-pairs", "--format", "json"]).stdout)
    assert [(row["what"], row["name"], row["type"], row["default"]) for row in one[:3]] == [
        ("parameter", "basis", "asked|claimed|tagged", "asked"),
        ("parameter", "seeds", "int 1..", 3),
        ("parameter", "limit", "int 1..", 50),
    ]
    assert [row["name"] for row in one if row["what"] == "column"][-1] == "ratio"
    assert "note: reads every question once" in CliRunner().invoke(app, ["queries", "twins"]).stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["query", "nothing"], "no query"),
        (["query", "hubs", "--param", "limit"], "not name=value"),
        (["query", "hubs", "--param", "size=3"], "none of its parameters"),
        (["query", "hubs", "--graph", "gzzz"], "no graph"),
    ],
)
def test_a_wrong_command_is_one_clear_error_and_makes_no_store(
    home: Workspace, arguments: list[str], says: str
) -> None:
    with pytest.raises(InputError, match=says):
        _run(graph_commands(_questions, CommandLineModels()), home, *arguments)
    assert list(home.stores.iterdir()) == []


def test_seeds_are_imported_listed_and_not_lost_to_another_set(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "work")
    path = tmp_path / "mine.jsonl"
    path.write_text('{"question": "a"}\n{"question": "a"}\n{"answer": "4"}\n{"question": "b", "level": "high"}\n')
    result = CliRunner().invoke(seeds_app, ["import", str(path), "--workspace", str(workspace.root)])
    assert result.stdout == "2 seeds in mine, 2 rows skipped\n"
    assert "skipped 1: duplicate question (the same as line 1)" in result.stderr
    assert "skipped 1: no question" in result.stderr
    assert "line 3" in result.stderr
    assert [seed.question for seed in read_seeds(workspace.seeds / "mine.parquet")] == ["a", "b"]
    (listed,) = orjson.loads(_run(seeds_app, workspace, "list", "--format", "json"))
    assert (listed["name"], listed["seeds"], listed["levels"]) == ("mine", 2, "high")

    _run(seeds_app, workspace, "import", str(path))
    path.write_text('{"question": "c"}\n')
    with pytest.raises(InputError, match="another seed set 'mine'"):
        _run(seeds_app, workspace, "import", str(path))
    assert len(read_seeds(workspace.seeds / "mine.parquet")) == 2
    _run(seeds_app, workspace, "import", str(path), "--replace", "--level", "college")
    assert [seed.level for seed in read_seeds(workspace.seeds / "mine.parquet")] == ["college"]
    with pytest.raises(InputError, match="is no name"):
        _run(seeds_app, workspace, "import", str(path), "--name", "../escape")
