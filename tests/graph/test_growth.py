"""A graph that grows: new seeds pay for themselves, and ids, decisions and questions made before live on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from math import cos, sin
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from engine.books import read_books
from engine.call import ModelRef
from engine.errors import InputError
from engine.models import Endpoint
from engine.workspace import Workspace
from generation.commands import add_commands
from generation.making import questions_of
from graph.build import GraphSettings, build_snapshot
from graph.commands import graph_commands
from graph.concept import concept_id
from graph.merging.aliases import AliasTable
from graph.merging.decisions import Decision, decide
from graph.merging.guards import Guards
from graph.seed import Seed
from graph.seed_commands import seeds_app
from graph.snapshot import SCHEMAS, Snapshot, find_snapshot, lineage
from skillweave.models import CommandLineModels

Rows = list[tuple[list[str], list[str]]]


def _built(embedder: Any, rows: Rows, parent: Snapshot | None = None, **options: Any) -> Snapshot:
    """The graph of all `rows`, (topics, knowledge points) of a seed each."""
    extraction = {
        "seed_id": [f"s{i}" for i in range(len(rows))],
        "topics": pa.array([row[0] for row in rows], pa.list_(pa.string())),
        "knowledge_points": pa.array([row[1] for row in rows], pa.list_(pa.string())),
    }
    return build_snapshot(
        pa.table(extraction),
        [Seed(id=f"s{i}", question=f"q{i}") for i in range(len(rows))],
        embedder=embedder,
        aliases=options.pop("aliases", {}),
        contrasts=[["sine", "cosine"]],
        settings=GraphSettings(**options),
        parent=parent,
    )


def _changed(graph: Snapshot, rows: Iterable[dict[str, Any]]) -> Snapshot:
    """The graph with these rows of its decision table in place of those of the same names."""
    table = {(row["kind"], row["name"]): row for row in graph.merges.to_pylist()}
    table |= {(row["kind"], row["name"]): row for row in rows}
    tables = {name: getattr(graph, name) for name in SCHEMAS}
    tables["merges"] = pa.Table.from_pylist(list(table.values()), schema=SCHEMAS["merges"])
    return Snapshot.from_tables(tables, graph.meta)


def _point(name: str) -> str:
    return concept_id("knowledge_point", name)


OLD: Rows = [
    (["Algebra"], ["linear equation", "slope", "rare point"]),
    (["algebra"], ["Linear equations", "slope"]),
    (["Algebra"], ["linear equation", "area"]),
    (["Geometry"], ["area"]),
    (["Geometry"], ["area", "slope"]),
]


def test_the_name_that_most_seeds_mention_is_shown_and_the_id_stays_that_of_the_first(
    plain_embedder: Callable[..., Any],
) -> None:
    rows: Rows = [(["A"], ["Linear Equations"]), (["A"], ["linear equation", "Slopes"]), (["A"], ["linear equation"])]
    graph = _built(plain_embedder(), [*rows, (["A"], ["slope"])], min_count=1)
    shown = {row["id"]: (row["name"], row["aliases"]) for row in graph.nodes.to_pylist()}
    assert shown[_point("Linear Equations")] == ("linear equation", ["Linear Equations"])
    assert shown[_point("Slopes")] == ("Slopes", ["slope"]), "of equals the first seen"
    assert {row["into_name"] for row in graph.merges.to_pylist()} == {"A", "linear equation", "Slopes"}
    grown = _built(plain_embedder(), [*rows, (["A"], ["slope"]), (["A"], ["slope"])], graph, min_count=1)
    shown = {row["id"]: (row["name"], row["aliases"]) for row in grown.nodes.to_pylist()}
    assert shown[_point("Slopes")] == ("slope", ["Slopes"])


def test_what_was_left_out_enters_with_the_id_it_had(plain_embedder: Callable[..., Any]) -> None:
    graph = _built(plain_embedder(), OLD)
    assert graph.left_out["id"].to_pylist() == [_point("rare point")]
    grown = _built(plain_embedder(), [*OLD, (["Geometry"], ["Rare Points", "new point"])], graph)
    assert _point("rare point") in grown.nodes["id"].to_pylist()
    assert grown.resolver()[_point("Rare Points")] == _point("rare point")
    assert grown.left_out["id"].to_pylist() == [_point("new point")]
    assert (grown.meta["parent"], grown.meta["ancestors"]) == (graph.fingerprint, [graph.fingerprint])


def test_what_a_person_decided_lives_on(plain_embedder: Callable[..., Any]) -> None:
    graph = _built(plain_embedder(), OLD)
    by_person = {"kind": "knowledge_point", "score": None, "by": "person", "mentions": 0}
    parted = by_person | dict.fromkeys(("id", "into"), _point("Linear equations"))
    parted |= {"name": "Linear equations", "into_name": "Linear equations", "rule": "parted"}
    renamed = by_person | {"name": "gradient", "id": _point("gradient"), "into": _point("slope")}
    renamed |= {"into_name": "gradient", "rule": "renamed"}
    merged = by_person | {"name": "rare point", "id": _point("rare point"), "into": _point("area")}
    merged |= {"into_name": "area", "rule": "merged"}
    new: Rows = [(["Algebra"], ["slopes", "Linear equations"]), (["Algebra"], ["Rare points", "slope"])]
    grown = _built(plain_embedder(), OLD + new, _changed(graph, [parted, renamed, merged]), min_count=1)
    names = {row["id"]: (row["name"], row["count"]) for row in grown.nodes.to_pylist() if row["id"][0] == "k"}
    assert names == {
        _point("linear equation"): ("linear equation", 2),
        _point("Linear equations"): ("Linear equations", 2),
        _point("slope"): ("gradient", 5),
        _point("area"): ("area", 5),
    }
    table = {row["name"]: row for row in grown.merges.to_pylist()}
    assert [(table[name]["rule"], table[name]["by"]) for name in ("gradient", "rare point", "Linear equations")] == [
        ("renamed", "person"),
        ("merged", "person"),
        ("parted", "person"),
    ]
    assert (table["Rare points"]["rule"], table["Rare points"]["by"]) == ("normalised", "rule")
    assert grown.resolver()[_point("gradient")] == _point("slope")
    again = _built(plain_embedder(), OLD + new, grown, min_count=1)
    assert again.fingerprint == grown.fingerprint
    assert lineage(again) == [again.fingerprint, grown.fingerprint, *grown.meta["ancestors"]]


def _decided(embedder: Any, counts: dict[str, int], earlier: list[Decision], **given: Any) -> dict[str, Decision]:
    table = decide(
        "topic",
        counts,
        embedder=embedder,
        aliases=AliasTable(given.get("aliases", {})),
        guards=Guards([["sine", "cosine"]]),
        threshold=0.85,
        earlier=earlier,
    )
    return {decision.name: decision for decision in table}


def test_a_new_name_joins_a_concept_only_where_it_is_near_every_name_of_it(plain_embedder: Callable[..., Any]) -> None:
    angles = {"a": 0.0, "b": 0.5, "c": 0.25, "d": 0.7}
    embedder = plain_embedder(near={name: [cos(x), sin(x)] for name, x in angles.items()})
    before = _decided(embedder, {"a": 1, "b": 1}, [])
    assert before["b"].rule == "embedding", "0.5 apart is a cosine of 0.88"
    after = _decided(embedder, {"a": 1, "b": 1, "c": 2, "d": 1}, list(before.values()))
    assert (after["c"].into, after["c"].rule) == (concept_id("topic", "a"), "embedding")
    assert after["c"].score == pytest.approx(0.9689, abs=1e-4), "the cosine to the first name"
    assert after["d"].into == concept_id("topic", "d"), "near b, but not near a"
    assert {d.into_name for d in after.values() if d.into == concept_id("topic", "a")} == {"c"}


def test_a_new_name_between_two_concepts_joins_the_nearer_and_does_not_join_them(
    plain_embedder: Callable[..., Any],
) -> None:
    angles = {"left": 0.0, "right": 0.9, "middle": 0.4, "further": 0.41}
    embedder = plain_embedder(near={name: [cos(x), sin(x)] for name, x in angles.items()})
    before = _decided(embedder, {"left": 1, "right": 1}, [])
    after = _decided(embedder, {"left": 1, "right": 1, "middle": 1, "further": 1}, list(before.values()))
    assert after["left"] == before["left"]
    assert after["right"] == before["right"]
    assert {after["middle"].into, after["further"].into} == {concept_id("topic", "left")}


def test_concepts_that_are_near_but_were_parted_stay_two_for_new_names(plain_embedder: Callable[..., Any]) -> None:
    angles = {"mode": 0.0, "mean": 0.1, "new": 0.6}
    embedder = plain_embedder(near={name: [cos(x), sin(x)] for name, x in angles.items()})
    own = {name: concept_id("topic", name) for name in angles}
    parted = [Decision("topic", name, own[name], own[name], name, "first", None, "person", 1) for name in angles][:2]
    after = _decided(embedder, {"mode": 1, "mean": 1, "new": 1}, parted)
    assert [after[name].into for name in angles] == [own["mode"], own["mean"], own["mean"]]
    assert [after[name].by for name in angles] == ["person", "person", "rule"]


def test_new_names_heed_guards_and_the_alias_table(plain_embedder: Callable[..., Any]) -> None:
    same = plain_embedder(near={name: [1.0] for name in ("sine rule", "cosine rule", "ring", "loop")})
    before = _decided(same, {"sine rule": 1}, [])
    after = _decided(same, {"sine rule": 1, "cosine rule": 1}, list(before.values()))
    assert after["cosine rule"].rule == "first"
    known = {("topic", "ring"): "ring", ("topic", "annulus"): "ring", ("topic", "loop"): "loop"}
    before = _decided(same, {"annulus": 1}, [], aliases=known)
    after = _decided(same, {"annulus": 1, "ring": 4, "Rings": 1, "loop": 1}, list(before.values()), aliases=known)
    assert {name: (d.into, d.rule, d.into_name) for name, d in after.items()} == {
        "annulus": (concept_id("topic", "annulus"), "first", "ring"),
        "ring": (concept_id("topic", "annulus"), "alias", "ring"),
        "Rings": (concept_id("topic", "annulus"), "alias", "ring"),
        "loop": (concept_id("topic", "loop"), "first", "loop"),
    }


_NAMES = ["a", "b", "B", "sine 1", "sine 2", "area", "areas", "volume", "cubes"]
_names = st.lists(st.sampled_from(_NAMES), max_size=4)
_rows = st.lists(st.tuples(_names, _names), min_size=1, max_size=6)


def _graph_or_none(embedder: Any, rows: Rows, parent: Snapshot | None = None, **options: Any) -> Snapshot | None:
    try:
        return _built(embedder, rows, parent, **options)
    except InputError:
        return None


@settings(deadline=None, max_examples=50)
@given(_rows, _rows, st.sampled_from([0.4, 0.6, 0.85]), st.sampled_from([1, 2]))
def test_ids_and_decisions_live_on_whatever_comes(
    plain_embedder: Callable[..., Any], old: Rows, new: Rows, threshold: float, min_count: int
) -> None:
    graph = _graph_or_none(plain_embedder(), old, threshold=threshold, min_count=min_count)
    if graph is None:
        return
    grown = _built(plain_embedder(), old + new, graph, threshold=threshold, min_count=min_count)
    assert set(graph.nodes["id"].to_pylist()) <= set(grown.nodes["id"].to_pylist())
    before, after = graph.resolver(), grown.resolver()
    assert all(after[old_id] == node for old_id, node in before.items())
    decided = {(row["kind"], row["name"]): row for row in grown.merges.to_pylist()}
    for row in graph.merges.to_pylist():
        now = decided[row["kind"], row["name"]]
        assert all(now[column] == row[column] for column in ("id", "into", "rule", "by", "score"))
        assert now["mentions"] >= row["mentions"]
    weights = {(e["source"], e["target"]): e["weight"] for e in grown.edges.to_pylist()}
    assert all(weights[e["source"], e["target"]] >= e["weight"] for e in graph.edges.to_pylist())


@settings(deadline=None, max_examples=50)
@given(_rows, _rows)
def test_where_nothing_is_merged_by_meaning_a_grown_graph_is_the_one_built_at_once(
    plain_embedder: Callable[..., Any], old: Rows, new: Rows
) -> None:
    apart = plain_embedder(near={name: [0.0] for name in _NAMES})
    aliases = {("knowledge_point", "cubes"): "volume"}
    graph = _graph_or_none(apart, old, aliases=aliases)
    if graph is not None:
        at_once = _built(apart, old + new, aliases=aliases)
        assert _built(apart, old + new, graph, aliases=aliases).fingerprint == at_once.fingerprint


def test_a_graph_built_at_once_learns_that_it_also_grew(tmp_path: Path, plain_embedder: Callable[..., Any]) -> None:
    graph = _built(plain_embedder(), OLD)
    rows: Rows = [*OLD, (["Geometry"], ["area"])]
    at_once, grown = _built(plain_embedder(), rows), _built(plain_embedder(), rows, graph)
    assert at_once.fingerprint == grown.fingerprint
    folder = at_once.write(tmp_path)
    assert lineage(Snapshot.open(folder)) == [at_once.fingerprint]
    assert grown.write(tmp_path) == at_once.write(tmp_path) == folder
    opened = Snapshot.open(folder)
    assert lineage(opened) == [grown.fingerprint, graph.fingerprint]
    assert opened.meta["parent"] == graph.fingerprint


class _OneTeacher(CommandLineModels):
    """The command line's models, but one teacher answers all commands."""

    def __init__(self, endpoints: dict[str, Endpoint]) -> None:
        self._endpoints = endpoints

    @contextmanager
    def open(self, models: Iterable[ModelRef], workspace: Workspace) -> Iterator[dict[str, Endpoint]]:
        yield self._endpoints


@pytest.fixture
def skillweave(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Runs a command on the workspace `workspace` and returns what it prints on stdout; what it raises is raised."""
    place, ours = tmp_path / "workspace", CommandLineModels()
    teacher = ours.ref("offline-teacher", Workspace(place))
    with ours.open([teacher], Workspace(place)) as endpoints:
        models, app = _OneTeacher(endpoints), typer.Typer()
        app.add_typer(seeds_app, name="seeds")
        app.add_typer(graph_commands(questions_of, models), name="graph")
        add_commands(app, models)

        def run(*arguments: str) -> str:
            given = [*arguments, "--workspace", str(place)]
            return str(CliRunner().invoke(app, given, catch_exceptions=False).stdout)

        yield run


def _uses(skillweave: Callable[..., str]) -> dict[str, int]:
    """Concept -> the questions that were asked to use it, in the coverage of the latest graph."""
    said = skillweave("graph", "query", "concepts-by-use", "--param", "limit=1000", "--format", "json")
    return {row["id"]: row["questions"] for row in json.loads(said) if row["questions"]}


def test_new_seeds_pay_for_themselves_and_questions_made_before_count(
    tmp_path: Path, skillweave: Callable[..., str]
) -> None:
    """The whole way by the commands: a graph, questions, two growths, coverage; then what cannot grow."""
    files: dict[str, list[str]] = {}
    for level in ("middle", "high", "primary"):
        text = Path(__file__).parents[2].joinpath("data", "seeds", f"{level}.jsonl").read_text(encoding="utf-8")
        files[level] = text.splitlines(keepends=True)[:40]
    files["high"] += files["middle"][:10]
    place = tmp_path / "workspace"
    for name, lines in files.items():
        (tmp_path / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")
        skillweave("seeds", "import", str(tmp_path / f"{name}.jsonl"))
    skillweave("graph", "build", "middle", "--min-count", "1")
    first = find_snapshot(place / "graphs").name
    skillweave("generate", "--count", "15", "--shots", "1")
    before = _uses(skillweave)
    assert sum(before.values()) > 30

    skillweave("graph", "build", "middle", "high", "--onto", first)
    grown = Snapshot.open(next(f for f in (place / "graphs").iterdir() if f.name != first))
    runs = [place / "runs" / name for name in grown.meta["runs"]]
    assert [read_books(run).drawn for run in runs] == [40, 40], "the ten seeds that were there are not paid again"
    assert grown.seeds.num_rows == 80
    assert (grown.meta["parent"], grown.meta["settings"]["min_count"]) == (first, 1)
    assert set(Snapshot.open(place / "graphs" / first).nodes["id"].to_pylist()) <= set(grown.nodes["id"].to_pylist())

    skillweave("graph", "build", "primary", "--parent", grown.fingerprint)
    (third,) = (f for f in (place / "graphs").iterdir() if f.name not in (first, grown.fingerprint))
    assert lineage(Snapshot.open(third)) == [third.name, grown.fingerprint, first]
    assert _uses(skillweave) == before, "as many questions of each concept, in the third graph too"

    with pytest.raises(InputError, match="every seed of middle already"):
        skillweave("graph", "build", "middle", "--onto", third.name)
    with pytest.raises(InputError, match="leave --onto out"):
        skillweave("graph", "build", "middle", "--labels", "--onto", third.name)
