"""Every shipped query against the same question asked of plain Python, and the commands that run them."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pyarrow as pa
import pytest
import typer
from typer.testing import CliRunner

from engine.errors import InputError
from engine.workspace import Workspace
from graph.build import GraphSettings, build_snapshot
from graph.commands import graph_commands
from graph.concept import KINDS
from graph.query import Query, find_query, parse_query, run_query, shipped_queries
from graph.seed import Seed, read_seeds
from graph.seed_commands import seeds_app
from graph.snapshot import Snapshot
from graph.stores import QUESTION_SCHEMA, Questions
from graph.stores.ladybug import LadybugStore, project
from graph.stores.schema import BASES
from skillweave.models import CommandLineModels

Row = tuple[Any, ...]
CAP = 7
BANDS = ((0, "0"), (1, "1"), (9, "2-9"), (99, "10-99"), (999, "100-999"), (10**9, "1000 and more"))


@dataclass
class World:
    """A random graph with questions, as plain Python and as a store."""

    nodes: dict[str, tuple[str, str, int]]
    edges: dict[tuple[str, str], int]
    mentions: dict[str, set[str]]
    seeds: dict[str, tuple[str, str, str]]
    questions: dict[str, tuple[str, dict[str, set[str]]]]
    store: LadybugStore

    def uses(self, basis: str) -> Counter[str]:
        return Counter(c for _, used in self.questions.values() for c in used[basis])

    def pairs(self, basis: str) -> Counter[tuple[str, str]]:
        return Counter(p for _, used in self.questions.values() for p in combinations(sorted(used[basis]), 2))

    def neighbours(self, concept: str) -> dict[str, int]:
        both = {**self.edges, **{(b, a): w for (a, b), w in self.edges.items()}}
        return {b: w for (a, b), w in both.items() if a == concept}

    def of_kind(self, kind: str) -> list[str]:
        return sorted(c for c, (k, _, _) in self.nodes.items() if kind in ("any", k))

    def named(self, concept: str) -> list[str]:
        return sorted(c for c, (_, name, _) in self.nodes.items() if concept in (c, name))

    def label(self, *concepts: str) -> Row:
        return tuple(x for c in concepts for x in (c, self.nodes[c][1]))

    def show(self, concept: str) -> Row:
        return concept, *self.nodes[concept][:2]


def _snapshot(random: Random) -> Snapshot:
    count = random.randint(2, 14)
    kinds = [random.choice(KINDS) for _ in range(count)]
    nodes = {
        "id": [f"{kind[0]}{i:02}" for i, kind in enumerate(kinds)],
        "kind": kinds,
        "name": [random.choice(["it's", "shared"]) if random.random() < 0.2 else f"name {i}" for i in range(count)],
        "aliases": pa.array([[]] * count, pa.list_(pa.string())),
        "count": [random.randint(1, 4) for _ in range(count)],
    }
    pairs = [pair for pair in combinations(sorted(nodes["id"]), 2) if random.random() < 0.3]
    edges = {
        "source": pa.array([a for a, _ in pairs], pa.string()),
        "target": pa.array([b for _, b in pairs], pa.string()),
        "weight": pa.array([random.randint(1, 3) for _ in pairs], pa.int64()),
        "kinds": pa.array([""] * len(pairs), pa.string()),
    }
    seeds = [(f"s{i}", random.choice(["", "high"]), "m", random.choice(["x", "y"])) for i in range(6)]
    mentions = sorted({(random.choice(seeds)[:2], random.choice(nodes["id"])) for _ in range(12)})
    return Snapshot.from_tables(
        {
            "nodes": pa.table(nodes),
            "edges": pa.table(edges),
            "seeds": pa.table([list(c) for c in zip(*seeds, strict=True)], names=["id", "level", "subject", "source"]),
            "mentions": pa.table(
                {
                    "seed_id": [seed[0] for seed, _ in mentions],
                    "concept_id": [concept for _, concept in mentions],
                    "kind": ["topic"] * len(mentions),
                    "name": ["x"] * len(mentions),
                    "level": [seed[1] for seed, _ in mentions],
                    "subject": [""] * len(mentions),
                }
            ),
        }
    )


@pytest.fixture(scope="module", params=range(6))
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    random = Random(f"world:{request.param}")
    snapshot = _snapshot(random)
    ids = snapshot.nodes["id"].to_pylist()
    questions = [
        {
            "id": f"q{i:02}",
            "run": "r",
            "level": random.choice(["", "high", "college"]),
            "asked": random.sample(ids, min(len(ids), random.randint(0, 4))),
            "claimed": random.sample(ids, min(len(ids), random.randint(0, 2))),
            "tagged": random.choice([None, random.sample(ids, min(len(ids), random.randint(0, 3)))]),
        }
        for i in range(12 * (request.param % 3))
    ]
    table = pa.Table.from_pylist(questions, schema=QUESTION_SCHEMA)
    folder = project(snapshot, tmp_path_factory.mktemp("stores"), Questions([str(request.param)], lambda: [table]))
    mentions = defaultdict(set)
    for row in snapshot.mentions.to_pylist():
        mentions[row["seed_id"]].add(row["concept_id"])
    store = LadybugStore(folder)
    yield World(
        nodes={r["id"]: (r["kind"], r["name"], r["count"]) for r in snapshot.nodes.to_pylist()},
        edges={(r["source"], r["target"]): r["weight"] for r in snapshot.edges.to_pylist()},
        mentions=mentions,
        seeds={r["id"]: (r["level"], r["subject"], r["source"]) for r in snapshot.seeds.to_pylist()},
        questions={q["id"]: (q["level"], {basis: set(q[basis] or ()) for basis in BASES}) for q in questions},
        store=store,
    )
    store.close()


def _by_level(members: dict[str, tuple[str, set[str]]], nodes: dict[str, tuple[str, str, int]]) -> list[Row]:
    """(level, kind, members, different concepts, uses), sorted."""
    found = defaultdict(list)
    for member, (level, concepts) in members.items():
        for concept in concepts:
            found[level, nodes[concept][0]].append((member, concept))
    return [(*key, len({m for m, _ in v}), len({c for _, c in v}), len(v)) for key, v in sorted(found.items())]


def _concentration(world: World, basis: str, kind: str) -> list[Row]:
    bands = defaultdict(list)
    for concept in world.of_kind(kind):
        uses = world.uses(basis)[concept]
        bands[next(name for most, name in BANDS if uses <= most)].append(uses)
    return sorted(((name, len(v), sum(v), min(v)) for name, v in bands.items()), key=lambda row: row[-1])


def _coverage_by_topic(world: World, basis: str) -> list[Row]:
    rows = []
    for topic in world.of_kind("topic"):
        points = [n for n in world.neighbours(topic) if world.nodes[n][0] == "knowledge_point"]
        covered = sum(world.uses(basis)[p] > 0 for p in points)
        rows.append((*world.label(topic), len(points), covered, round(100 * covered / len(points), 2) if points else 0))
    return sorted(rows, key=lambda row: (row[4], -row[2], row[0]))


def _neighbours(world: World, concept: str) -> list[Row]:
    weights: Counter[str] = Counter()
    for named in world.named(concept):
        weights.update(world.neighbours(named))
    rows = [(*world.show(n), weight, world.nodes[n][2]) for n, weight in weights.items()]
    return sorted(rows, key=lambda row: (-row[3], row[0]))


def _ranked(rows: list[Row], *, by: int = -1, ids: tuple[int, ...] = (0,)) -> list[Row]:
    return sorted(rows, key=lambda row: (-row[by], *(row[i] for i in ids)))


ORACLES: dict[str, Callable[..., list[Row]]] = {
    "concepts-by-use": lambda w, basis, kind: _ranked(
        [(*w.show(c), w.nodes[c][2], w.uses(basis)[c]) for c in w.of_kind(kind)]
    ),
    "uncovered-concepts": lambda w, basis, kind: _ranked(
        [(*w.show(c), w.nodes[c][2]) for c in w.of_kind(kind) if not w.uses(basis)[c]]
    ),
    "coverage-by-topic": _coverage_by_topic,
    "coverage-by-level": lambda w, basis: _by_level(
        {q: (level, used[basis]) for q, (level, used) in w.questions.items()}, w.nodes
    ),
    "seeds-by-level": lambda w: [
        row[:4] for row in _by_level({s: (w.seeds[s][0], c) for s, c in w.mentions.items()}, w.nodes)
    ],
    "top-pairs": lambda w, basis: _ranked([(*w.label(*p), n) for p, n in w.pairs(basis).items()], ids=(0, 2)),
    "seed-pairs-not-generated": lambda w, basis: _ranked(
        [(*w.label(*p), n) for p, n in w.edges.items() if p not in w.pairs(basis)], ids=(0, 2)
    ),
    "generated-pairs-not-in-seeds": lambda w, basis: _ranked(
        [(*w.label(*p), n) for p, n in w.pairs(basis).items() if p not in w.edges], ids=(0, 2)
    ),
    "strongest-edges": lambda w: _ranked([(*w.label(*p), n) for p, n in w.edges.items()], ids=(0, 2)),
    "hubs": lambda w, kind: sorted(
        ((*w.show(c), len(n), sum(n.values())) for c in w.of_kind(kind) if (n := w.neighbours(c))),
        key=lambda row: (-row[3], -row[4], row[0]),
    ),
    "orphans": lambda w, kind: _ranked([(*w.show(c), w.nodes[c][2]) for c in w.of_kind(kind) if not w.neighbours(c)]),
    "topics-without-points": lambda w: _ranked(
        [
            (*w.label(t), w.nodes[t][2])
            for t in w.of_kind("topic")
            if not any(w.nodes[n][0] == "knowledge_point" for n in w.neighbours(t))
        ]
    ),
    "neighbours": _neighbours,
    "concept-card": lambda w, concept, basis: [
        (*w.show(c), w.nodes[c][2], len(w.neighbours(c)), w.uses(basis)[c]) for c in w.named(concept)
    ],
    "seeds-of-concept": lambda w, concept: sorted(
        (s, *w.seeds[s]) for s, concepts in w.mentions.items() if concepts & set(w.named(concept))
    ),
    "concentration": _concentration,
}


def _choices(query: Query, world: World) -> list[dict[str, str]]:
    """Every combination of the words and concepts that a query's parameters may be, `limit` left out."""
    choices: list[dict[str, str]] = [{}]
    for parameter in query.parameters:
        if parameter.name == "limit":
            continue
        first = next(iter(world.nodes))
        values = [first, "it's", "shared", "none"] if parameter.name == "concept" else parameter.type.split("|")
        choices = [{**choice, parameter.name: value} for choice in choices for value in values]
    return choices


@pytest.mark.parametrize("name", sorted(ORACLES))
def test_a_query_answers_what_plain_python_does(world: World, name: str) -> None:
    query = find_query(name)
    for choice in _choices(query, world):
        wanted = ORACLES[name](world, **choice)
        if any(parameter.name == "limit" for parameter in query.parameters):
            assert run_query(world.store, query, {**choice, "limit": CAP}).rows == wanted[:CAP], choice
            choice["limit"] = "1000"
        assert run_query(world.store, query, choice).rows == wanted, choice


def test_every_shipped_query_is_tested_and_told() -> None:
    assert set(ORACLES) == set(shipped_queries())
    assert len(ORACLES) >= 10
    for query in shipped_queries().values():
        assert query.question.endswith("?")
        assert {parameter.name for parameter in query.parameters} == set(re.findall(r"\$(\w+)", query.text))


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "concept must be given"),
        ({"concept": "x", "colour": "red"}, "colour is none of its parameters"),
        ({"concept": "x", "limit": "many"}, "limit cannot be 'many'"),
        ({"concept": "x", "limit": True}, "limit cannot be True"),
    ],
)
def test_wrong_parameters_are_named_with_all_there_are(given: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError) as error:
        find_query("neighbours").bind(given)
    assert says in str(error.value)
    for part in (
        "concept (text;",
        "limit (int;",
        "20 if not given",
        "skillweave graph query neighbours --param concept",
    ):
        assert part in str(error.value)


def test_words_and_defaults_are_checked_and_typed() -> None:
    assert find_query("concepts-by-use").bind({"limit": "5"}) == {"basis": "asked", "kind": "any", "limit": 5}
    with pytest.raises(InputError, match="basis cannot be 'guessed'"):
        find_query("concepts-by-use").bind({"basis": "guessed"})
    with pytest.raises(InputError, match=r"only concentration, .*skillweave graph queries"):
        find_query("nothing")


_HEADER = "// title: T\n// question: Q?\n// column id: text -- the id\n"


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("// title: T\n// question: Q?\n", "wants a title"),
        (_HEADER + "// parameter x int\n", "line 4"),
        (_HEADER + "// parameter x: date -- a day\n", "line 4"),
        (_HEADER + "// parameter x: int = many -- rows\n", "line 4"),
        (_HEADER + "// parameter x: a|b = c -- a word\n", "line 4"),
    ],
)
def test_a_faulty_header_names_its_line(header: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        parse_query("mine", header + "RETURN 1 AS id")


def test_columns_other_than_the_header_says_are_refused(world: World) -> None:
    query = parse_query("mine", _HEADER + "RETURN 'a' AS other")
    with pytest.raises(InputError, match=r"returned \('other',\), and its header names \('id',\)"):
        run_query(world.store, query, {})


# The commands


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
