"""`graph diff`: every sort of change told once, counts first, in any form of output."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from graph.commands import graph_commands
from graph.diff import CHANGES, Change, differences, totals
from graph.snapshot import SCHEMAS, Snapshot
from graph.stores import Questions
from skillweave.models import CommandLineModels

Nodes = dict[str, tuple[str, int]]


def _graph(
    nodes: Nodes,
    edges: dict[tuple[str, str], int],
    *,
    merges: dict[str, str] | None = None,
    left_out: Nodes | None = None,
    seeds: str = "",
) -> Snapshot:
    """A snapshot of nodes (id -> name and count), edges, ids that lead to others, and seeds of one letter each."""

    def rows(of: Nodes) -> list[dict[str, Any]]:
        return [{"id": i, "kind": "topic", "name": name, "count": count} for i, (name, count) in of.items()]

    leads = {i: i for i in nodes} | (merges or {})
    decisions = [{"kind": "topic", "name": f"name of {i}", "id": i, "into": into} for i, into in leads.items()]
    listed = {
        "nodes": [row | {"aliases": []} for row in rows(nodes)],
        "edges": [{"source": a, "target": b, "weight": w, "kinds": "topic-topic"} for (a, b), w in edges.items()],
        "merges": [dict.fromkeys(SCHEMAS["merges"].names) | row for row in decisions],
        "left_out": [row | {"reason": "rare"} for row in rows(left_out or {})],
        "seeds": [{"id": seed, "level": "", "subject": "", "source": "ours"} for seed in seeds],
    }
    return Snapshot.from_tables({name: pa.Table.from_pylist(of, schema=SCHEMAS[name]) for name, of in listed.items()})


OLD = _graph(
    {"t1": ("Algebra", 5), "t2": ("Sets", 3), "t3": ("Angles", 2), "t4": ("Whole", 4), "t5": ("Same", 2)},
    {("t1", "t2"): 3, ("t1", "t4"): 1, ("t4", "t5"): 2},
    merges={"t6": "t4"},
    left_out={"t7": ("Rare", 1)},
    seeds="abc",
)
NEW = _graph(
    {
        "t1": ("algebra", 9),
        "t4": ("Whole", 4),
        "t5": ("Same", 2),
        "t6": ("Part", 2),
        "t7": ("Rare", 2),
        "t8": ("New", 4),
    },
    {("t1", "t4"): 7, ("t4", "t5"): 2, ("t1", "t8"): 2},
    merges={"t2": "t1"},
    left_out={"t3": ("Angles", 1)},
    seeds="bcde",
)


def test_every_sort_of_change_is_told_once_in_order_the_largest_first() -> None:
    assert differences(OLD, NEW) == [
        Change("concept added", "topic", "t8", "New", None, 4),
        Change("concept added", "topic", "t7", "Rare", 1, 2),
        Change("concept gone", "topic", "t3", "Angles", 2, 1),
        Change("concept merged", "topic", "t2", "Sets", "Sets", "algebra"),
        Change("concept split", "topic", "t6", "Part", "Whole", "Part"),
        Change("concept renamed", "topic", "t1", "algebra", "Algebra", "algebra"),
        Change("concept count", "topic", "t1", "algebra", 5, 9),
        Change("edge added", "topic-topic", "t1 t8", "algebra - New", None, 2),
        Change("edge gone", "topic-topic", "t1 t2", "algebra - Sets", 3, None),
        Change("edge weight", "topic-topic", "t1 t4", "algebra - Whole", 1, 7),
        Change("seed added", "", "d", "ours", None, None),
        Change("seed added", "", "e", "ours", None, None),
        Change("seed gone", "", "a", "ours", None, None),
    ]


def test_the_totals_are_those_of_the_graphs_and_of_the_changes() -> None:
    rows = totals(OLD, NEW, differences(OLD, NEW))
    assert [(row.name, row.before, row.after) for row in rows[:4]] == [
        ("concepts", 5, 6),
        ("concepts left out", 1, 1),
        ("edges", 3, 3),
        ("seeds", 3, 4),
    ]
    assert [row.name for row in rows[4:]] == list(CHANGES)
    assert [row.after for row in rows[4:]] == [2, 1, 1, 1, 1, 1, 1, 1, 1, 2, 1]
    assert {row.change for row in rows} == {"count"}


_ids = st.sampled_from([f"t{i}" for i in range(6)])
_nodes = st.dictionaries(_ids, st.tuples(st.sampled_from(["A", "B"]), st.integers(1, 3)), min_size=2)


@st.composite
def _graphs(draw: st.DrawFn) -> Snapshot:
    nodes = draw(_nodes)
    pairs = [(a, b) for a in sorted(nodes) for b in sorted(nodes) if a < b]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True))
    merges = {
        i: into for i, into in draw(st.dictionaries(_ids, st.sampled_from(sorted(nodes)))).items() if i not in nodes
    }
    seeds = "".join(sorted(draw(st.sets(st.sampled_from("abcd")))))
    return _graph(nodes, {pair: draw(st.integers(1, 3)) for pair in chosen}, merges=merges, seeds=seeds)


@settings(deadline=None, max_examples=60)
@given(_graphs(), _graphs())
def test_the_changes_account_for_the_difference_of_any_two_graphs(one: Snapshot, other: Snapshot) -> None:
    changes = differences(one, other)
    assert differences(one, one) == []
    number = Counter(change.change for change in changes)
    nodes = other.nodes.num_rows - one.nodes.num_rows
    gained, lost = number["concept added"] + number["concept split"], number["concept gone"] + number["concept merged"]
    assert gained - lost == nodes
    assert number["edge added"] - number["edge gone"] == other.edges.num_rows - one.edges.num_rows
    assert number["seed added"] - number["seed gone"] == other.seeds.num_rows - one.seeds.num_rows
    back = Counter(change.change for change in differences(other, one))
    assert back["edge added"] == number["edge gone"]
    assert (back["edge weight"], back["concept count"]) == (number["edge weight"], number["concept count"])
    assert len(changes) == len({(change.change, change.id) for change in changes})


def test_the_command_prints_counts_first_as_a_table_csv_or_json(tmp_path: Path) -> None:
    for graph in (OLD, NEW):
        graph.write(tmp_path / "graphs")
    app = graph_commands(lambda *_: Questions(), CommandLineModels())

    def diff(*arguments: str) -> str:
        given = ["diff", OLD.fingerprint[:9], NEW.fingerprint[:9], *arguments, "--workspace", str(tmp_path)]
        result = CliRunner().invoke(app, given, catch_exceptions=False)
        assert result.exit_code == 0
        assert ("11 more changes" in result.stderr) == ("--rows" in arguments)
        return str(result.stdout)

    rows = json.loads(diff("--format", "json"))
    assert [row["change"] for row in rows[:15]] == ["count"] * 15
    assert rows[15:] == [
        {name: getattr(change, name) for name in ("change", "kind", "id", "name", "before", "after", "by", "why")}
        for change in differences(OLD, NEW)
    ]
    lines = list(csv.DictReader(io.StringIO(diff("--format", "csv", "--rows", "2"))))
    assert [line["change"] for line in lines] == ["count"] * 15 + ["concept added"] * 2
    assert lines[0] == {
        "change": "count",
        "kind": "",
        "id": "",
        "name": "concepts",
        "before": "5",
        "after": "6",
        "by": "",
        "why": "",
    }
    assert "algebra - Whole" in diff()
