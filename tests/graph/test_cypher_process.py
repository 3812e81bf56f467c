"""The process that answers: killed when it must be, warm when it may be, shared by threads; and the command."""

from __future__ import annotations

import csv
import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pytest
import typer
from query_worlds import a_world
from typer.testing import CliRunner

from engine.errors import InputError
from engine.workspace import Workspace
from graph.cypher.asking import ask
from graph.cypher.guard import Question, check
from graph.cypher.workers import Child, Limits, Target, Workers
from graph.cypher_commands import add_cypher_command
from graph.snapshot import Snapshot
from graph.stores import Questions
from graph.stores.ladybug import DATABASE, project

SLOW = (
    f"MATCH {', '.join(f'(n{i}:Concept)' for i in range(14))} "
    f"WHERE {' + '.join(f'n{i}.count' for i in range(14))} = -1 RETURN count(*) AS n"
)
LARGE = "UNWIND range(1, 60000) AS x RETURN collect(x + 1000000) AS a"


def _world() -> tuple[Snapshot, Questions]:
    _, snapshot, questions = a_world(Random("processes"), 20, concepts=30)
    return snapshot, questions


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Target:
    snapshot, questions = _world()
    return Target.embedded(project(snapshot, tmp_path_factory.mktemp("stores"), questions) / DATABASE)


def _asked(workers: Workers, target: Target, text: str, timeout_s: float = 30.0) -> list[tuple[Any, ...]]:
    return workers.ask(target, check(text, {}), timeout_s=timeout_s, row_limit=10).rows


def test_a_child_is_used_again_and_replaced_when_it_dies(target: Target) -> None:
    child = Child(target, Limits())
    assert child.ask("RETURN 1 AS a", {}, 30, 1) == [[1]]
    assert child.ask("RETURN 2 AS a", {}, 30, 1) == [[2]]
    os.kill(child.pid, signal.SIGKILL)
    with pytest.raises(InputError, match="ended"):
        child.ask("RETURN 3 AS a", {}, 30, 1)
    assert not child.alive
    workers = Workers()
    assert _asked(workers, target, "RETURN 4 AS a") == [(4,)]
    workers.close()


def test_a_store_that_does_not_stop_is_killed(target: Target) -> None:
    """The store is told an hour, and its parent a fifth of a second: what then ends it is the parent."""
    child = Child(target, Limits(grace_s=-3599.8))
    began = time.monotonic()
    with pytest.raises(InputError, match="took longer than 3600 s and was ended"):
        child.ask(SLOW, {}, 3600, 1)
    assert time.monotonic() - began < 3000
    with pytest.raises(ProcessLookupError):
        os.kill(child.pid, 0)


def test_a_child_ends_with_its_parent(target: Target) -> None:
    code = (
        "import sys, json, os; sys.path[:] = json.loads(sys.argv[1]); from graph.cypher.workers import *; "
        "child = Child(Target(sys.argv[2], ()), Limits()); print(child.pid, flush=True); os._exit(1)"
    )
    paths = orjson.dumps(sys.path).decode()
    done = subprocess.run([sys.executable, "-c", code, paths, target.opening], capture_output=True, check=False)
    pid = int(done.stdout)
    for _ in range(600):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        state = Path(f"/proc/{pid}/stat")
        if state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z":
            return
        time.sleep(0.05)
    raise AssertionError("the child outlives its parent")


def test_an_answer_has_a_size(target: Target) -> None:
    child = Child(target, Limits(answer_bytes=100_000))
    with pytest.raises(InputError, match=r"more than 0\.09\d+ MiB; return fewer rows with LIMIT"):
        child.ask(LARGE, {}, 30, 1)
    assert child.ask("RETURN 1 AS a", {}, 30, 1) == [[1]]
    child.kill()


def test_memory_has_an_end_and_the_next_question_is_answered(target: Target) -> None:
    workers = Workers(Limits(memory_bytes=600 << 20, pool_bytes=256 << 20))
    for text in (
        "UNWIND range(1, 300000000) AS x RETURN count(x) AS n",
        "UNWIND range(1, 30000000) AS x RETURN size(collect(x)) AS n",
    ):
        with pytest.raises(InputError, match=r"more than 0\.585938 GiB of memory and was ended"):
            _asked(workers, target, text)
        assert _asked(workers, target, "MATCH (c:Concept) RETURN count(*) > 1 AS a") == [(True,)]
    workers.close()


def test_threads_share_a_few_children(target: Target) -> None:
    workers = Workers(at_once=3, warm=2)

    def one(number: int) -> bool:
        if number % 7 == 3:
            with pytest.raises(InputError, match="took longer"):
                _asked(workers, target, SLOW, 0.2)
            return True
        return _asked(workers, target, f"MATCH (c:Concept) RETURN DISTINCT {number} AS a") == [(number,)]

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(one, range(40)))
    workers.close()


def test_too_many_at_once_are_told_so(target: Target) -> None:
    workers = Workers(Limits(place_s=0.01), at_once=1)
    told: list[str] = []
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(_asked, workers, target, SLOW, 2.0)
        while not running.done() and not told:
            try:
                _asked(workers, target, "RETURN 1 AS a")
            except InputError as error:
                told.append(str(error))
        with pytest.raises(InputError, match=r"took longer|too many"):
            running.result()
    assert told == ["too many questions are being answered; ask again when one of them is done"]
    workers.close()


def test_a_store_that_is_not_there_is_one_sentence(tmp_path: Path, target: Target) -> None:
    with pytest.raises(InputError, match="there is no store at"):
        Target.embedded(tmp_path / "none")
    bad = tmp_path / "bad.lbug"
    bad.write_bytes(b"no database at all")
    with pytest.raises(InputError, match="the store cannot be opened"):
        Child(Target.embedded(bad), Limits())
    assert "password" not in repr(Target('{"password": "password"}'))
    assert repr(target).startswith("Target(")


def test_another_number_of_columns_is_an_error(target: Target) -> None:
    workers = Workers()
    with pytest.raises(InputError, match="other columns than a, b"):
        workers.ask(target, Question("RETURN 1 AS a", {}, ("a", "b"), ()), timeout_s=30, row_limit=1)
    workers.close()


def test_limits_of_a_caller_are_checked(tmp_path: Path) -> None:
    snapshot, questions = _world()
    place = Workspace(tmp_path)
    for timeout_s, rows, says in ((0.0, 1, "up to 600 s"), (601.0, 1, "up to 600 s"), (1.0, 0, "1 to 100,000 rows")):
        with pytest.raises(InputError, match=says):
            ask(place, snapshot, questions, "embedded", "RETURN 1 AS a", {}, timeout_s, rows)


# The command

Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    snapshot, questions = _world()
    place = Workspace(tmp_path / "work").prepare()
    snapshot.write(place.graphs)
    app = typer.Typer()
    app.callback()(lambda: None)
    add_cypher_command(app, lambda _place, _snapshot: questions)

    def given(*arguments: str, stdin: bytes = b"") -> str:
        result = CliRunner().invoke(
            app, ["cypher", *arguments, "--workspace", str(place.root)], input=stdin, catch_exceptions=False
        )
        assert result.exit_code == 0, result.output
        return result.output

    return given


def test_the_command_prints_what_is_asked(run: Run, tmp_path: Path) -> None:
    text = "MATCH (c:Concept) WHERE c.count >= $least RETURN c.id AS id, c.count AS n ORDER BY n DESC, id"
    rows = orjson.loads(run(text, "--param", "least=2", "--format", "json"))
    assert rows
    assert all(row["n"] >= 2 for row in rows)
    from_stdin = run("-", "--param", "least=2", "--format", "csv", stdin=text.encode())
    assert [int(row["n"]) for row in csv.DictReader(io.StringIO(from_stdin))] == [row["n"] for row in rows]
    (tmp_path / "q.cypher").write_text("\ufeff" + text)
    shown = run("--file", str(tmp_path / "q.cypher"), "--param", "least=1", "--rows", "3")
    assert "there are more than these 3 rows" in shown


def test_values_are_json_or_text(run: Run) -> None:
    def value(given: str) -> Any:
        return orjson.loads(run("RETURN $x AS x", "--param", f"x={given}", "--format", "json"))[0]["x"]

    for given, wanted in (
        ("3", 3), ("1.5", 1.5), ("true", True), ("null", None), ('"3"', "3"), ("Algebra", "Algebra"), ("007", "007"),
        ("NaN", "NaN"), ('["a", "b"]', ["a", "b"]), ('{"a": 1}', '{"a": 1}'), ("' OR 1=1 //", "' OR 1=1 //"),
    ):  # fmt: skip
        assert value(given) == wanted


def test_notes_are_told(run: Run) -> None:
    assert "coalesce(sum(x), 0)" in run("MATCH (c:Concept) RETURN sum(c.count) AS n")


@pytest.mark.parametrize(
    ("arguments", "stdin", "says"),
    [
        ([], b"", "give one question, or --file, such as: skillweave graph cypher"),
        (["RETURN 1 AS a", "--file", "x"], b"", "give one question"),
        (["--file", "/nowhere/q.cypher"], b"", "cannot be read"),
        (["-"], b"RETURN '\xff' AS a", "stdin is not UTF-8 at byte 9"),
        (["-"], b"RETURN 1 AS a" + b" " * 100_000, "may have 20,000"),
        (["CREATE (:Concept)"], b"", "line 1, column 1: CREATE is not allowed"),
        (["RETURN $x AS a"], b"", r"\$x has no value; give it with --param x="),
        (["RETURN 1 AS a", "--timeout", "0"], b"", "choose another --timeout"),
    ],
)
def test_a_wrong_command_is_one_sentence(run: Run, arguments: list[str], stdin: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says):
        run(*arguments, stdin=stdin)
