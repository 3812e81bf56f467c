"""The embedded store: what is in it, that it is never half there, and how it says no."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import orjson
import pyarrow as pa
import pytest

from engine import progress
from engine.errors import InputError, SkillweaveError, StorageError
from engine.workspace import Workspace
from graph.snapshot import Snapshot
from graph.stores import QUESTION_SCHEMA, Questions
from graph.stores.ladybug import DATABASE, MANIFEST, LadybugStore, project, store_id
from graph.stores.opening import must_be_made, open_store

_NO_ALIASES = pa.array([[], [], []], pa.list_(pa.string()))


def _snapshot(weight: int = 2) -> Snapshot:
    nodes = {"id": ["ka", "kb", "tc"], "kind": ["knowledge_point"] * 2 + ["topic"], "name": ["it's", 'a "b"', "C \\"]}
    mentions = {
        "seed_id": ["s1", "s1", "s1", "s2"],
        "concept_id": ["ka", "ka", "tc", "tc"],
        "kind": ["knowledge_point"] * 2 + ["topic"] * 2,
        "name": ["it's", "its", "C \\", "C \\"],
        "level": ["high"] * 4,
        "subject": [""] * 4,
    }
    merges = {
        "kind": ["knowledge_point"],
        "name": ["its"],
        "id": ["kold"],
        "into": ["ka"],
        "into_name": ["it's"],
        "rule": ["normalised"],
        "score": pa.array([None], pa.float64()),
        "by": ["rule"],
        "mentions": [1],
    }
    edges = {"source": ["ka"], "target": ["tc"], "weight": [weight], "kinds": ["knowledge_point-topic"]}
    seeds = {"id": ["s1", "s2"], "level": ["high", ""], "subject": ["x", ""], "source": ["", "y"]}
    tables = {"edges": edges, "mentions": mentions, "merges": merges, "seeds": seeds}
    return Snapshot.from_tables(
        {
            "nodes": pa.table({**nodes, "aliases": _NO_ALIASES, "count": [1, 1, 2]}),
            **{name: pa.table(columns) for name, columns in tables.items()},
        }
    )


def _tables() -> Iterable[pa.Table]:
    rows = [
        {"id": "q1", "run": "r", "level": "high", "asked": ["ka", "tc", "ka"], "claimed": ["kold"]},
        {"id": "q2", "run": "r", "level": "", "asked": ["gone", "kb"], "claimed": [], "tagged": ["kb", "kold", "ka"]},
    ]
    yield pa.Table.from_pylist(rows[:1], schema=QUESTION_SCHEMA)
    yield pa.Table.from_pylist(rows[1:], schema=QUESTION_SCHEMA)


# 3^20 rows to look at
SLOW = (
    f"MATCH {', '.join(f'(c{i}:Concept)' for i in range(20))} "
    f"WHERE {' + '.join(f'c{i}.count' for i in range(20))} = -1 RETURN count(*) AS n"
)
QUESTIONS = Questions(["b2:1", "b2:2"], _tables)


def test_everything_is_loaded_once_and_counted(tmp_path: Path) -> None:
    folder = project(_snapshot(), tmp_path / "a folder's name, with \\ and ü", QUESTIONS)
    assert sorted(file.name for file in folder.iterdir()) == [DATABASE, MANIFEST]
    manifest = orjson.loads((folder / MANIFEST).read_bytes())
    assert manifest["counts"] == {
        "Concept": 3,
        "Seed": 2,
        "Question": 2,
        "Slice": 4,
        "Milestone": 6,
        "CO_OCCURS": 1,
        "MENTIONS": 3,
        "USES": 6,
        "USED_IN": 6,
        "USED_WITH": 2,
    }
    assert manifest["unresolved_uses"] == 1
    assert manifest["shards"] == ["b2:1", "b2:2"]
    store = LadybugStore(folder)
    uses = store.query("MATCH (q:Question)-[u:USES]->(c:Concept) RETURN q.id AS q, c.name AS c, u.basis AS b", {})
    assert set(uses.rows) == {
        ("q1", "it's", "asked"),
        ("q1", "C \\", "asked"),
        ("q1", "it's", "claimed"),
        ("q2", 'a "b"', "asked"),
        ("q2", 'a "b"', "tagged"),
        ("q2", "it's", "tagged"),
    }
    edge = store.query("MATCH (a)-[r:CO_OCCURS]->(b) RETURN a.id AS a, b.id AS b, r.weight AS w", {})
    assert (edge.columns, edge.types, edge.rows, edge.more) == (
        ("a", "b", "w"),
        ("STRING", "STRING", "INT64"),
        [("ka", "tc", 2)],
        False,
    )
    store.close()


def test_it_is_told_how_many_questions_are_counted_and_how_many_rows_are_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for pause in ("_FIRST_LINE_S", "_LINE_EVERY_S"):
        monkeypatch.setattr(progress, pause, 0.0)
    project(_snapshot(), tmp_path, Questions(QUESTIONS.shards, QUESTIONS.tables, count=2))
    said = " ".join(capsys.readouterr().err.split())
    assert "counting the questions: 1 of 2" in said
    assert "counting the questions adding up: 2 of 2" in said
    assert "loading the store USES: 21 of 35" in said
    assert "loading the store: 35 of 35" in said


def test_it_is_known_beforehand_whether_a_store_must_be_made(tmp_path: Path) -> None:
    place = Workspace(tmp_path)
    assert must_be_made(place, _snapshot(), QUESTIONS, "embedded")
    open_store(place, _snapshot(), QUESTIONS, "embedded").close()
    assert not must_be_made(place, _snapshot(), QUESTIONS, "embedded")
    assert must_be_made(place, _snapshot(), Questions(["b2:1"]), "embedded")
    assert not must_be_made(place, _snapshot(), Questions(["b2:1"]), "neo4j")


def test_a_store_is_named_by_snapshot_and_shards_and_made_once(tmp_path: Path) -> None:
    calls = []

    def tables() -> Iterable[pa.Table]:
        calls.append(1)
        return _tables()

    folder = project(_snapshot(), tmp_path, Questions(["b2:1", "b2:2"], tables))
    assert project(_snapshot(), tmp_path, Questions(["b2:2", "b2:1"], tables)) == folder
    assert calls == [1]
    others = {store_id(_snapshot(3), QUESTIONS), store_id(_snapshot(), Questions(["b2:1"]))}
    assert len(others | {folder.name}) == 3


@pytest.mark.parametrize("harm", ["truncated", "empty", "flipped", "no manifest", "no file", "manifest cut"])
def test_a_damaged_store_is_made_anew(tmp_path: Path, harm: str) -> None:
    folder = project(_snapshot(), tmp_path, QUESTIONS)
    database, manifest = folder / DATABASE, folder / MANIFEST
    whole = database.read_bytes()
    match harm:
        case "truncated":
            database.write_bytes(whole[:-4096])
        case "empty":
            database.write_bytes(b"")
        case "flipped":
            database.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        case "no manifest":
            manifest.unlink()
        case "no file":
            database.unlink()
        case "manifest cut":
            manifest.write_bytes(manifest.read_bytes()[:20])
    if harm != "flipped":
        with pytest.raises(InputError, match="no store or was cut short"):
            LadybugStore(folder)
    assert project(_snapshot(), tmp_path, QUESTIONS) == folder
    store = LadybugStore(folder)
    assert store.query("MATCH (c:Concept) RETURN count(*) AS n", {}).rows == [(3,)]
    store.close()


def test_a_failure_on_the_way_leaves_nothing_behind(tmp_path: Path) -> None:
    def broken() -> Iterable[pa.Table]:
        yield from _tables()
        raise StorageError("the shard is gone")

    with pytest.raises(StorageError, match="the shard is gone"):
        project(_snapshot(), tmp_path, Questions(["b2:1"], broken))
    assert list(tmp_path.iterdir()) == []


def test_two_questions_with_one_id_are_refused(tmp_path: Path) -> None:
    def twice() -> Iterable[pa.Table]:
        return [*_tables(), *_tables()]

    with pytest.raises(InputError, match="share an id"):
        project(_snapshot(), tmp_path, Questions(["b2:1"], twice))
    assert list(tmp_path.iterdir()) == []


def test_rows_are_limited_and_it_is_told(tmp_path: Path) -> None:
    store = LadybugStore(project(_snapshot(), tmp_path))
    text = "MATCH (c:Concept) RETURN c.id AS id ORDER BY id"
    cut = store.query(text, {}, row_limit=2)
    assert (cut.rows, cut.more) == ([("ka",), ("kb",)], True)
    whole = store.query(text, {}, row_limit=3)
    assert (len(whole.rows), whole.more) == (3, False)
    store.close()


def test_parameters_are_bound_and_never_a_part_of_the_text(tmp_path: Path) -> None:
    store = LadybugStore(project(_snapshot(), tmp_path))
    text = "MATCH (c:Concept) WHERE c.name = $name RETURN c.id AS id"
    assert store.query(text, {"name": "it's"}).rows == [("ka",)]
    assert store.query(text, {"name": "' OR true //"}).rows == []
    store.close()


@pytest.mark.parametrize(
    ("text", "timeout_s", "says"),
    [
        ("MATCH (c:Concept) RETURN c.nothing AS x", 60, "refuses"),
        ("CREATE (:Seed {id: 'x'})", 60, "read-only"),
        ("RETURN 1 AS a; RETURN 2 AS b", 60, "one statement"),
        (SLOW, 0.1, "longer than 0.1 s"),
    ],
    ids=["unknown property", "a write", "two statements", "slow"],
)
def test_a_refused_or_slow_query_is_one_clear_error_and_the_store_stays_usable(
    tmp_path: Path, text: str, timeout_s: float, says: str
) -> None:
    store = LadybugStore(project(_snapshot(), tmp_path))
    with pytest.raises(InputError, match=says) as error:
        store.query(text, {}, timeout_s=timeout_s)
    assert isinstance(error.value, SkillweaveError)
    assert store.query("RETURN 1 AS one", {}).rows == [(1,)]
    store.close()


def test_threads_share_a_store(tmp_path: Path) -> None:
    store = LadybugStore(project(_snapshot(), tmp_path))
    barrier = threading.Barrier(4)

    def ask(number: int) -> list[tuple[int]]:
        barrier.wait()
        return store.query("MATCH (c:Concept) RETURN count(*) + $n AS n", {"n": number}).rows

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(ask, range(4))) == [[(3 + number,)] for number in range(4)]
    store.close()


def _make_and_ask(folder: str) -> tuple[str, int]:
    made = project(_snapshot(), Path(folder), QUESTIONS)
    store = LadybugStore(made)
    count = store.query("MATCH (q:Question) RETURN count(*) AS n", {}).rows[0][0]
    store.close()
    return made.name, count


def test_processes_that_make_one_store_at_once_all_get_it(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        answers = pool.map(_make_and_ask, [str(tmp_path)] * 4)
    assert {count for _, count in answers} == {2}
    assert [folder.name for folder in tmp_path.iterdir()] == [answers[0][0]]


_LOAD_AND_WAIT = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_store import _snapshot, _tables
from graph.stores import Questions
from graph.stores.ladybug import project

def tables():
    yield from _tables()
    print("half", flush=True)
    time.sleep(600)

project(_snapshot(), Path(sys.argv[1]), Questions(["b2:1", "b2:2"], tables))
"""

_WRITE_UNDER_A_LIMIT = """
import resource, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_store import QUESTIONS, _snapshot
from engine.errors import StorageError
from graph.stores.ladybug import project

resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
for make in (lambda: _snapshot().write(Path(sys.argv[1])), lambda: project(_snapshot(), Path(sys.argv[1]), QUESTIONS)):
    try:
        make()
        print("made")
    except StorageError as error:
        print("no room" if "room" in str(error) or "free some space" in str(error) else error)
"""


def _python(code: str, *arguments: object) -> subprocess.Popen[str]:
    here = Path(__file__).parent
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=here.parents[1])


def test_a_killed_loader_leaves_no_store_and_the_next_one_makes_it(tmp_path: Path) -> None:
    with _python(_LOAD_AND_WAIT, tmp_path, Path(__file__).parent) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "half\n"
        process.kill()
    (left,) = tmp_path.iterdir()
    assert left.name.startswith(".")
    folder = project(_snapshot(), tmp_path, QUESTIONS)
    assert list(tmp_path.iterdir()) == [folder], "and clears away what was left"
    store = LadybugStore(folder)
    assert store.query("MATCH (q:Question) RETURN count(*) AS n", {}).rows == [(2,)]
    store.close()


@pytest.mark.parametrize(("limit", "says"), [(500, ["no room"] * 2), (20_000, ["made", "no room"])])
def test_a_full_disk_is_one_clear_error_and_leaves_nothing_half_written(
    tmp_path: Path, limit: int, says: list[str]
) -> None:
    with _python(_WRITE_UNDER_A_LIMIT, tmp_path, Path(__file__).parent, limit) as process:
        assert process.stdout is not None
        assert process.stdout.read().splitlines() == says
    made = [_snapshot().fingerprint] * says.count("made")
    assert [folder.name for folder in tmp_path.iterdir()] == made
