"""A person renames, merges, splits and undoes: counted again from the seeds, replayed, told, and never lost."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_embedding import PlainEmbedder
from typer.testing import CliRunner

from engine.errors import InputError
from engine.workspace import Workspace
from graph.build import GraphSettings, build_snapshot
from graph.commands import graph_commands
from graph.concept import concept_id
from graph.deciding import merge_concepts, rename_concept, split_concept, undo_decision
from graph.finding import find_concept
from graph.merging.by_person import DecisionTable, read_decisions
from graph.seed import Label, Seed, seed_id, write_seeds
from graph.snapshot import SCHEMAS, Snapshot, find_snapshot, list_snapshots
from graph.stores import Questions
from skillweave.models import CommandLineModels

Rows = list[list[str]]
BY: dict[str, str] = {"by": "ada", "why": "I know"}
ROWS: Rows = [
    ["area", "slope", "Slopes", "rare one"],
    ["area", "slope", "gradient"],
    ["areas", "gradient", "volume"],
    ["areas", "rare two", "volume"],
    ["area", "Slopes", "volume"],
]

QUESTIONS = sorted((f"q{i}" for i in range(len(ROWS))), key=seed_id)
"""In the order in which a graph of labels reads them."""


def _built(rows: Rows, parent: Snapshot | None = None, *, min_count: int = 2) -> Snapshot:
    nothing_is_near = PlainEmbedder(near={name: [0.0] for of_seed in rows for name in of_seed})
    return build_snapshot(
        pa.table(
            {
                "seed_id": [f"s{i}" for i in range(len(rows))],
                "knowledge_points": pa.array(rows, pa.list_(pa.string())),
            }
        ),
        [Seed(id=f"s{i}", question=f"q{i}") for i in range(len(rows))],
        embedder=nothing_is_near,
        aliases={},
        contrasts=[],
        settings=GraphSettings(min_count=min_count),
        parent=parent,
    )


def _id(name: str) -> str:
    return concept_id("knowledge_point", name)


def _counts(graph: Snapshot) -> dict[str, int]:
    return dict(zip(graph.nodes["name"].to_pylist(), graph.nodes["count"].to_pylist(), strict=True))


def _check_counts(graph: Snapshot, rows: Rows) -> None:
    """Nodes, left-out concepts, edges and mentions are those of the rows, under the graph's own decision table."""
    into = {row["name"]: row["into"] for row in graph.merges.to_pylist()}
    of_seed = [{into[name] for name in names} for names in rows]
    counts = {concept: sum(concept in seed for seed in of_seed) for concept in into.values()}
    least = graph.meta["settings"]["min_count"]
    nodes = {row["id"]: row["count"] for row in graph.nodes.to_pylist()}
    assert nodes == {concept: count for concept, count in counts.items() if count >= least}
    left = {row["id"]: row["count"] for row in graph.left_out.to_pylist()}
    assert left == {concept: count for concept, count in counts.items() if count < least}
    pairs: dict[tuple[str, str], int] = {}
    for seed in of_seed:
        for pair in combinations(sorted(seed & nodes.keys()), 2):
            pairs[pair] = pairs.get(pair, 0) + 1
    assert {(e["source"], e["target"]): e["weight"] for e in graph.edges.to_pylist()} == pairs
    for table, where in (("mentions", nodes), ("left_out_mentions", left)):
        told = {(m["seed_id"], m["name"], m["concept_id"]) for m in getattr(graph, table).to_pylist()}
        assert told == {
            (f"s{i}", name, into[name]) for i, names in enumerate(rows) for name in names if into[name] in where
        }


def test_a_name_given_by_a_person_is_shown_and_the_id_stays() -> None:
    graph = _built(ROWS)
    named = rename_concept(graph, _id("slope"), "steepness", **BY)
    (node,) = [row for row in named.nodes.to_pylist() if row["id"] == _id("slope")]
    assert (node["name"], node["aliases"], node["count"]) == ("steepness", ["Slopes", "slope"], 3)
    assert named.edges.equals(graph.edges)
    assert (named.meta["parent"], named.meta["ancestors"]) == (graph.fingerprint, [graph.fingerprint])
    again = rename_concept(named, _id("slope"), "rate of change", **BY)
    assert {row["rule"] for row in again.merges.to_pylist() if row["name"] == "steepness"} == {"merged"}
    assert DecisionTable(again).shown(_id("slope")) == "rate of change"
    back = undo_decision(again, **BY)
    assert DecisionTable(back).shown(_id("slope")) == "steepness"
    assert "rate of change" not in back.merges["name"].to_pylist()
    _check_counts(graph, ROWS)
    with pytest.raises(InputError, match="a name of another concept, shown as 'area'"):
        rename_concept(graph, _id("slope"), "areas", **BY)
    with pytest.raises(InputError, match="names nothing"):
        rename_concept(graph, _id("slope"), " \x00 ", **BY)


def test_a_merge_counts_each_seed_once_and_keeps_the_id_of_the_larger_or_of_the_one_named() -> None:
    graph = _built(ROWS)
    merged = merge_concepts(graph, _id("gradient"), _id("slope"), **BY)
    _check_counts(merged, ROWS)
    assert _counts(merged) == {"area": 5, "slope": 4, "volume": 3}
    assert merged.resolver()[_id("gradient")] == _id("slope")
    other = merge_concepts(graph, _id("gradient"), _id("slope"), into=_id("gradient"), **BY)
    _check_counts(other, ROWS)
    assert _counts(other) == {"area": 5, "gradient": 4, "volume": 3}, "shown under the name that was asked for"
    assert {other.resolver()[_id(name)] for name in ("gradient", "slope", "Slopes")} == {_id("gradient")}
    grown = _built([*ROWS, ["slope", "Slope"]], other)
    assert _counts(grown)["gradient"] == 5, "the name stays, though fewer seeds mention it"


def test_rare_concepts_become_a_node_where_a_person_says_they_are_one() -> None:
    graph = _built(ROWS)
    assert {"rare one", "rare two"} == set(graph.left_out["name"].to_pylist())
    merged = merge_concepts(graph, _id("rare one"), _id("rare two"), **BY)
    _check_counts(merged, ROWS)
    assert _counts(merged)["rare one"] == 2


def test_names_leave_a_concept_and_take_the_id_of_their_own_first_name() -> None:
    graph = _built(ROWS, min_count=1)
    parted = split_concept(graph, _id("slope"), ["Slopes"], **BY)
    _check_counts(parted, ROWS)
    assert (_counts(parted)["slope"], _counts(parted)["Slopes"]) == (2, 2)
    assert {_id("slope"), _id("Slopes")} <= set(parted.nodes["id"].to_pylist())
    swapped = split_concept(graph, _id("slope"), ["slope"], **BY)
    assert swapped.nodes.equals(parted.nodes), "the part that has the name which lent the id keeps it"
    grown = _built([*ROWS, ["Slopes", "slope"]], parted, min_count=1)
    assert (_counts(grown)["slope"], _counts(grown)["Slopes"]) == (3, 3), "no rule joins them again"
    with pytest.raises(InputError, match="all names of 'slope' would leave"):
        split_concept(graph, _id("slope"), ["slope", "Slopes"], **BY)
    with pytest.raises(InputError, match="has no name 'volume'; it has 'Slopes', 'slope'"):
        split_concept(graph, _id("slope"), ["volume"], **BY)


def test_undo_puts_back_what_was_and_an_undone_undo_does_it_again() -> None:
    graph = _built(ROWS)
    merged = merge_concepts(graph, _id("slope"), _id("gradient"), **BY)
    back = undo_decision(merged, by="bo", why="no")
    assert all(getattr(back, name).equals(getattr(graph, name)) for name in SCHEMAS if name != "decisions")
    assert back.fingerprint != graph.fingerprint, "its history is part of it"
    assert [(d.action, d.state, d.by) for d in read_decisions(back.decisions)] == [
        ("merge", "undone", "ada"),
        ("undo", "applied", "bo"),
    ]
    again = undo_decision(back, 2, **BY)
    assert again.nodes.equals(merged.nodes)
    with pytest.raises(InputError, match=r"decision 1 does not stand.*skillweave graph decisions"):
        undo_decision(back, 1, **BY)
    with pytest.raises(InputError, match="no decision of a person stands"):
        undo_decision(back, **BY)


@pytest.mark.parametrize("into", [None, "slope"])
def test_undoing_a_merge_shows_the_name_of_before_though_another_is_as_frequent(into: str | None) -> None:
    rows = [["area", "slope"], ["area", "slopes", "Slope"], ["area", "Slope", "slopes", "volume"]]
    graph = _built(rows, min_count=1)
    merged = merge_concepts(graph, _id("slope"), _id("area"), into=into and _id(into), **BY)
    back = undo_decision(merged, **BY)
    assert back.nodes.equals(graph.nodes)
    assert _built(rows, back, min_count=1).fingerprint == back.fingerprint


def test_a_decision_that_a_later_one_built_on_cannot_be_undone_before_that() -> None:
    graph = merge_concepts(_built(ROWS), _id("slope"), _id("gradient"), **BY)
    graph = merge_concepts(graph, _id("slope"), _id("area"), **BY)
    with pytest.raises(InputError, match=r"decision 2 .*came later.*skillweave graph undo 2"):
        undo_decision(graph, 1, **BY)
    graph = undo_decision(undo_decision(graph, 2, **BY), 1, **BY)
    assert _counts(graph) == _counts(_built(ROWS))


def test_new_spellings_that_joined_since_go_with_the_name_that_an_undo_moves() -> None:
    merged = merge_concepts(_built(ROWS), _id("gradient"), _id("area"), **BY)
    rows = [*ROWS, ["Gradients", "Areas"]]
    grown = _built(rows, merged)
    assert grown.resolver()[_id("Gradients")] == _id("area")
    back = undo_decision(grown, **BY)
    _check_counts(back, rows)
    assert (back.resolver()[_id("Gradients")], back.resolver()[_id("Areas")]) == (_id("gradient"), _id("area"))


_NAMES = ["area", "areas", "slope", "slopes", "Slope", "volume", "x", "y"]


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_whatever_persons_decide_every_count_follows_from_the_seeds_and_undoing_all_gives_the_graph_back(
    data: st.DataObject,
) -> None:
    rows = [["area", "slope"], *data.draw(st.lists(st.lists(st.sampled_from(_NAMES), max_size=5, unique=True)))]
    first = graph = _built(rows, min_count=1)
    ids = set(first.merges["id"].to_pylist())
    for _ in range(data.draw(st.integers(1, 5))):
        table = DecisionTable(graph)
        concepts = sorted({row.into for row in table.rows.values()})
        one, other = data.draw(st.sampled_from(concepts)), data.draw(st.sampled_from(concepts))
        names = [row.name for row in table.names(one)]
        try:
            match data.draw(st.sampled_from(["rename", "merge", "split", "undo"])):
                case "rename":
                    graph = rename_concept(graph, one, data.draw(st.sampled_from([*_NAMES, "given", "Given"])), **BY)
                case "merge":
                    into = data.draw(st.sampled_from([None, one, other]))
                    graph = merge_concepts(graph, one, other, into=into, **BY)
                case "split":
                    leaving = data.draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
                    graph = split_concept(graph, one, leaving, **BY)
                case "undo":
                    graph = undo_decision(graph, **BY)
        except InputError as error:
            assert "skillweave graph" in str(error)
            continue
        _check_counts(graph, rows)
        assert ids <= DecisionTable(graph).leads().keys(), "old ids resolve for ever"
    again = _built(rows, graph, min_count=1)
    assert again.fingerprint == graph.fingerprint, "a rebuild replays them all"
    while any(d.state == "applied" and d.action != "undo" for d in read_decisions(graph.decisions)):
        graph = undo_decision(graph, **BY)
    assert all(getattr(graph, name).equals(getattr(first, name)) for name in SCHEMAS if name != "decisions")


def test_a_concept_is_found_by_any_id_name_or_spelling_else_the_nearest_are_told() -> None:
    table = DecisionTable(_built(ROWS))
    assert {find_concept(table, given) for given in (_id("Slopes"), "slope", "Slopes", "SLOPE")} == {_id("slope")}
    with pytest.raises(InputError, match=r"no concept 'volme' in this graph; the nearest names: 'volume'"):
        find_concept(table, "volme")
    with pytest.raises(InputError, match="of the kind topic"):
        find_concept(table, "slope", "topic")


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    """A workspace with the labelled seeds `lab` of ROWS, and a topic that shares a name with a point."""
    workspace = Workspace(tmp_path).prepare()
    write_seeds(_labelled(ROWS), workspace.seeds / "lab.parquet")
    return workspace


def _labelled(rows: Rows) -> list[Seed]:
    labels = [(Label("topic", "volume"), *(Label("knowledge_point", name) for name in names)) for names in rows]
    return [Seed(seed_id(q), q, concepts=of_seed) for q, of_seed in zip(QUESTIONS, labels, strict=True)]


@pytest.fixture
def command(place: Workspace) -> Iterator[Callable[..., tuple[str, str]]]:
    """Runs `skillweave graph ...` on the workspace: what it says on stdout and stderr; what it raises is raised."""
    app = graph_commands(lambda *_: Questions(), CommandLineModels())

    def run(*arguments: str) -> tuple[str, str]:
        result = CliRunner().invoke(app, [*arguments, "--workspace", str(place.root)], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.stdout, result.stderr

    yield run


def _json(said: tuple[str, str]) -> Any:
    return json.loads(said[0])


def test_the_commands_decide_tell_and_list_and_the_next_build_replays(
    place: Workspace, command: Callable[..., tuple[str, str]]
) -> None:
    command("build", "lab", "--labels")
    first = find_snapshot(place.graphs).name
    with pytest.raises(InputError, match=r"'volume' is a name of 2 concepts.*--kind"):
        command("merge", "gradient", "volume", "--why", "both")
    said, told = command("merge", "gradient", "slope", "--by", "ada", "--why", "one and the same")
    second = find_snapshot(place.graphs).name
    assert second != first
    assert f"graph {second}:" in told
    assert "it is the latest now" in told
    assert "skillweave graph undo 1" in told
    assert "concept merged" in said
    assert "one and the same" in said
    changes = {row["change"]: row for row in _json(command("diff", first, "--format", "json")) if row["id"]}
    assert (changes["concept merged"]["by"], changes["concept merged"]["why"]) == ("ada", "one and the same")

    command("rename", "slope", "steepness", "--by", "bo", "--why", "plainer")
    command("undo", "Slopes", "--by", "cy", "--why", "not a plural")
    rows = _json(command("merges", "--by", "cy", "--format", "json"))
    assert [(row["name"], row["rule"], row["why"], row["decision"]) for row in rows] == [
        ("Slopes", "parted", "not a plural", 3)
    ]
    concept = _json(command("merges", "--concept", "SLOPE", "--format", "json"))
    assert {row["name"]: row["rule"] for row in concept} == {
        "gradient": "merged",
        "slope": "first",
        "steepness": "renamed",
    }
    assert {row["rule"] for row in _json(command("merges", "--rule", "renamed", "--format", "json"))} == {"renamed"}
    log = _json(command("decisions", "--format", "json"))
    assert [(d["number"], d["action"], d["by"], d["state"]) for d in log] == [
        (1, "merge", "ada", "applied"),
        (2, "rename", "bo", "applied"),
        (3, "split", "cy", "applied"),
    ]
    command("undo")
    assert [d["state"] for d in _json(command("decisions", "--format", "json"))] == [
        "applied",
        "applied",
        "undone",
        "applied",
    ]

    said, told = command("build", "lab", "--labels")
    assert "2 decisions of persons were taken over" in told
    now = Snapshot.open(find_snapshot(place.graphs, said.split()[1].rstrip(":")))
    assert DecisionTable(now).shown(now.resolver()[_id("gradient")]) == "steepness"
    said, told = command("build", "lab", "--labels", "--no-decisions")
    assert first in said
    assert "taken over" not in told


def test_what_cannot_be_replayed_waits_is_told_and_is_done_when_its_names_come(
    place: Workspace, command: Callable[..., tuple[str, str]]
) -> None:
    write_seeds([Seed(seed_id(question), question) for question in QUESTIONS], place.seeds / "plain.parquet")
    file = place.root / "labels.json"

    def build(without: str) -> str:
        kept = [[name for name in names if name != without] for names in ROWS]
        questions = dict(zip(QUESTIONS, kept, strict=True))
        file.write_text(json.dumps({"question2knowledge_point": questions}), encoding="utf-8")
        return command("build", "plain", "--labels", "--labels-from", str(file), "--min-count", "1")[1]

    build(without="")
    command("merge", "rare one", "rare two", "--by", "ada", "--why", "rare")
    command("rename", "area", "surface", "--by", "bo", "--why", "plain")
    told = build(without="rare two")
    assert "decision 1 of ada waits: no concept of this graph has the id" in told
    states = [(d["number"], d["state"]) for d in _json(command("decisions", "--format", "json"))]
    assert states == [(1, "waiting"), (2, "applied")]
    assert "waits" not in build(without="")
    now = Snapshot.open(find_snapshot(place.graphs))
    (merged,) = {row["into"] for row in now.merges.to_pylist() if row["name"].startswith("rare")}
    assert merged in now.nodes["id"].to_pylist()
    assert DecisionTable(now).shown(now.resolver()[_id("area")]) == "surface"


def test_a_decision_about_the_latest_graph_is_refused_where_another_was_made_meanwhile(
    place: Workspace, command: Callable[..., tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    command("build", "lab", "--labels")

    def decided_meanwhile(*given: Any, **named: Any) -> Snapshot:
        rename_concept(given[0], _id("volume"), "content", **BY).write(place.graphs)
        return rename_concept(*given, **named)

    monkeypatch.setattr("graph.decision_commands.rename_concept", decided_meanwhile)
    with pytest.raises(InputError, match=r"made meanwhile.*give the same command again"):
        command("rename", "slope", "steepness", "--why", "plain")
    assert len(list_snapshots(place.graphs)) == 2


def test_a_graph_that_does_not_tell_its_mentions_can_be_renamed_and_nothing_else(tmp_path: Path) -> None:
    graph = _built(ROWS)
    tables = {name: getattr(graph, name) for name in ("nodes", "edges", "left_out")}
    bare = Snapshot.from_tables(tables, {"settings": {"min_count": 2}})
    named = rename_concept(bare, _id("slope"), "steepness", **BY)
    assert _counts(named) == {"area": 5, "gradient": 2, "steepness": 3, "volume": 3}
    assert named.edges.equals(bare.edges)
    for harm in (bare, Snapshot.from_tables(tables | {"mentions": graph.mentions, "merges": graph.merges}, graph.meta)):
        with pytest.raises(InputError, match="does not tell which seeds mention which names"):
            merge_concepts(harm, _id("slope"), _id("area"), **BY)


def test_a_decision_needs_a_reason_and_two_concepts_of_one_kind(
    command: Callable[..., tuple[str, str]],
) -> None:
    command("build", "lab", "--labels")
    with pytest.raises(InputError, match="needs its reason"):
        command("rename", "slope", "steepness", "--why", " ")
    with pytest.raises(InputError, match="kinds are never mixed"):
        command("merge", concept_id("topic", "volume"), "slope", "--why", "x")
    with pytest.raises(InputError, match="one concept"):
        command("merge", "Slopes", "slope", "--why", "x")
    with pytest.raises(InputError, match="into wants one of the two"):
        command("merge", "gradient", "slope", "--into", "area", "--why", "x")
    with pytest.raises(InputError, match="no name that a rule or a model merged"):
        command("undo", "gradient")
