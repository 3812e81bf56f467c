"""Graphs go out and come back the same, by their fingerprints, whatever their names are; foreign ones come in."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import networkx as nx
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from engine.errors import InputError
from engine.workspace import Workspace
from graph.commands import graph_commands
from graph.concept import concept_id
from graph.deciding import merge_concepts, rename_concept
from graph.interchange.document import BESIDE
from graph.interchange.formats import ExchangeFormat, export_graph, import_graph
from graph.interchange.networkx_graph import from_networkx, to_networkx
from graph.labels import graph_from_labels
from graph.seed import Label, Seed, seed_id, write_seeds
from graph.snapshot import SCHEMAS, Snapshot
from graph.stores import QUESTION_SCHEMA, Questions
from graph.stores.schema import TABLES
from skillweave.models import CommandLineModels

AWKWARD = [
    "quotes \" and ' and “these”",
    "a\nline end",
    "carriage\r\nreturn",
    "tab\tand  two spaces ",
    "comma, semicolon; and pipe|",
    "\\(x^2 < y\\) & \\[z\\]",
    "control \x00\x01\x1f\x7f\x85",
    "not a character \ufffe \uffff",
    "Καλημέρα 𝛑 👩‍🔬 e\u0301 \u202edrow",
    "</data>]]><!--",
    "",
    " ",
    "null",
    "[1, 2]",
]
_text = st.one_of(st.sampled_from(AWKWARD), st.text(st.characters(exclude_categories=["Cs"]), max_size=8))
_count = st.integers(1, 9)


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """Any graph that the format allows: names, levels and sources are any text, null where they may be."""
    names = draw(st.lists(_text, min_size=2, max_size=6, unique=True))
    kinds = [draw(st.sampled_from(["topic", "knowledge_point", "skill"])) for _ in names]
    ids = [concept_id(kind, name) for kind, name in zip(kinds, names, strict=True)]
    nodes = [
        {
            "id": i,
            "kind": kind,
            "name": name,
            "aliases": draw(st.lists(_text, max_size=2)),
            "count": draw(st.integers(1, 9)),
        }
        for i, kind, name in zip(ids, kinds, names, strict=True)
    ]
    pairs = draw(st.lists(st.sampled_from([(a, b) for a in ids for b in ids if a < b]), unique=True))
    seeds = [
        {"id": f"s{i}", "level": draw(st.none() | _text), "subject": draw(_text), "source": draw(_text)}
        for i in range(2)
    ]
    tables = {
        "nodes": nodes,
        "edges": [{"source": a, "target": b, "weight": draw(_count), "kinds": draw(_text)} for a, b in pairs],
        "mentions": [
            {
                "seed_id": "s0",
                "concept_id": i,
                "kind": "topic",
                "name": draw(_text),
                "level": None,
                "subject": draw(_text),
            }
            for i in ids
        ],
        "merges": [
            {
                "kind": node["kind"],
                "name": node["name"],
                "id": node["id"],
                "into": node["id"],
                "rule": "first",
                "into_name": draw(_text),
                "score": draw(st.none() | st.floats(-1, 1)),
                "by": draw(_text),
                "mentions": 1,
            }
            for node in nodes
        ],
        "seeds": seeds,
        "decisions": [
            {
                "number": 1,
                "action": "rename",
                "kind": "topic",
                "concept": ids[0],
                "into": ids[0],
                "undoes": 0,
                "names": json.dumps([draw(_text)]),
                "before": "{}",
                "by": draw(_text),
                "why": draw(_text),
                "state": "applied",
                "at": "2026-01-01",
            }
        ],
    }
    made = {name: pa.Table.from_pylist(rows, schema=SCHEMAS[name]) for name, rows in tables.items()}
    return Snapshot.from_tables(made, {"parent": None, "ancestors": [], "runs": [], "note": draw(_text)})


def _same(one: Snapshot, other: Snapshot) -> None:
    assert one.fingerprint == other.fingerprint
    for name in SCHEMAS:
        assert getattr(one, name).equals(getattr(other, name)), name
    kept = {name: value for name, value in one.meta.items() if name not in ("files", "format", "fingerprint")}
    assert kept == {name: value for name, value in other.meta.items() if name not in ("files", "format", "fingerprint")}


@pytest.mark.parametrize("form", list(ExchangeFormat))
@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(snapshots())
def test_what_goes_out_comes_back_the_same(tmp_path: Path, form: ExchangeFormat, snapshot: Snapshot) -> None:
    out = tmp_path / f"out.{form}"
    export_graph(snapshot, form, out)
    try:
        _same(import_graph(out), snapshot)
    finally:
        shutil.rmtree(out) if out.is_dir() else out.unlink()
    assert not list(tmp_path.iterdir())


@settings(deadline=None, max_examples=30)
@given(snapshots())
def test_networkx_and_back_is_the_same(snapshot: Snapshot) -> None:
    graph = to_networkx(snapshot)
    assert graph.number_of_nodes() == snapshot.nodes.num_rows
    assert sorted(graph.nodes) == snapshot.nodes["id"].to_pylist()
    assert {tuple(sorted(e[:2])): e[2]["weight"] for e in graph.edges(data=True)} == {
        (e["source"], e["target"]): e["weight"] for e in snapshot.edges.to_pylist()
    }
    _same(from_networkx(graph), snapshot)


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(snapshots())
def test_networkx_reads_our_files_and_what_it_read_is_the_same_graph(tmp_path: Path, snapshot: Snapshot) -> None:
    for form in (ExchangeFormat.GRAPHML, ExchangeFormat.JSON):
        out = tmp_path / f"out.{form}"
        export_graph(snapshot, form, out)
        if form is ExchangeFormat.GRAPHML:
            graph = nx.read_graphml(out)
        else:
            graph = nx.node_link_graph(json.loads(out.read_bytes()), edges="edges")
        out.unlink()
        if form is ExchangeFormat.JSON or all(row["name"] and row["kinds"] for row in _named(snapshot)):
            _same(from_networkx(graph), snapshot)


def _named(snapshot: Snapshot) -> list[dict[str, str]]:
    """Names and kinds that networkx, which leaves empty data out of GraphML, reads as they are."""
    edges = snapshot.edges["kinds"].to_pylist()
    return [{"name": name, "kinds": "x"} for name in snapshot.nodes["name"].to_pylist()] + [
        {"name": "x", "kinds": kinds} for kinds in edges
    ]


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Snapshot]:
    """A workspace with a graph of labelled seeds on which a person decided twice."""
    place = Workspace(tmp_path_factory.mktemp("labelled")).prepare()
    names = [["area", "slope", "rare"], ["area", "gradient"], ["slope", "area", 'the "best"\nname'], ["gradient"]]
    seeds = [
        Seed(seed_id(f"q{i}"), f"q{i}", source="ours", concepts=tuple(Label("skill", name) for name in of_seed))
        for i, of_seed in enumerate(names)
    ]
    write_seeds(seeds, place.seeds / "lab.parquet")
    graph = graph_from_labels(place, ["lab"], min_count=1)
    ids = {row["name"]: row["id"] for row in graph.nodes.to_pylist()}
    graph = rename_concept(graph, ids["area"], "surface", by="ada", why='she said "so"')
    graph = merge_concepts(graph, ids["slope"], ids["gradient"], by="ada", why="one")
    graph.write(place.graphs)
    return place, graph


@pytest.mark.parametrize("form", list(ExchangeFormat))
def test_the_commands_take_a_graph_to_another_workspace(
    labelled: tuple[Workspace, Snapshot], tmp_path: Path, form: ExchangeFormat
) -> None:
    place, graph = labelled
    app = graph_commands(lambda *_: Questions(), CommandLineModels())

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return str(result.stdout)

    out = tmp_path / f"out.{form}"
    run("export", graph.fingerprint[:9], "--to", form, "--out", str(out), "--workspace", str(place.root))
    other = Workspace(tmp_path / "other")
    assert graph.fingerprint in run("import", str(out), "--workspace", str(other.root))
    _same(Snapshot.open(other.graphs / graph.fingerprint), Snapshot.open(place.graphs / graph.fingerprint))
    assert json.loads(run("decisions", "--format", "json", "--workspace", str(other.root)))[0]["why"] == 'she said "so"'
    with pytest.raises(InputError, match="is there already and stays"):
        run("export", "--to", form, "--out", str(out), "--workspace", str(place.root))


def test_what_was_changed_outside_is_refused_or_taken_as_a_graph_from_elsewhere(
    labelled: tuple[Workspace, Snapshot], tmp_path: Path
) -> None:
    graph = to_networkx(labelled[1])
    first = next(iter(graph.nodes))
    graph.nodes[first]["name"] = "another"
    with pytest.raises(InputError, match=r"changed since it was exported.*--foreign"):
        from_networkx(graph)
    taken = from_networkx(graph, foreign=True)
    assert concept_id("skill", "another") in taken.nodes["id"].to_pylist()
    assert taken.edges["weight"].to_pylist().sort() == labelled[1].edges["weight"].to_pylist().sort()
    for form in ExchangeFormat:
        out = tmp_path / f"out.{form}"
        export_graph(labelled[1], form, out)
        changed = out if out.is_file() else out / "meta.json"
        changed.write_bytes(changed.read_bytes().replace(labelled[1].fingerprint.encode(), b"g" + b"0" * 32))
        with pytest.raises(InputError, match="changed since it was exported"):
            import_graph(out)


def _foreign(folder: Path, form: str, nodes: list[dict[str, Any]], edges: list[dict[str, Any]]) -> Path:
    """Write nodes and edges as another program would."""
    folder.mkdir(exist_ok=True)
    if form in ("graphml", "json"):
        graph = nx.Graph()
        graph.add_nodes_from((node["id"], {k: v for k, v in node.items() if k != "id"}) for node in nodes)
        graph.add_edges_from((e["source"], e["target"], {k: v for k, v in e.items() if k == "weight"}) for e in edges)
        path = folder / f"foreign.{form}"
        if form == "json":
            path.write_text(json.dumps(nx.node_link_data(graph, edges="edges")), encoding="utf-8")
        else:
            nx.write_graphml(graph, path)
        return path
    for name, rows in (("nodes", nodes), ("edges", edges)):
        if form == "parquet":
            pq.write_table(pa.Table.from_pylist(rows), folder / f"{name}.parquet")
        else:
            with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)
    return folder


NODES = [{"id": "1", "name": "Algebra", "kind": "topic"}, {"id": "2", "name": "slope", "kind": "skill"}]
EDGES = [{"source": "2", "target": "1", "weight": 3}]


@pytest.mark.parametrize("form", ["graphml", "json", "csv", "parquet"])
def test_a_graph_from_elsewhere_needs_names_kinds_and_weights_and_no_more(tmp_path: Path, form: str) -> None:
    graph = import_graph(_foreign(tmp_path / "in", form, NODES, EDGES))
    assert {(row["kind"], row["name"], row["count"]) for row in graph.nodes.to_pylist()} == {
        ("topic", "Algebra", 3),
        ("skill", "slope", 3),
    }
    assert graph.edges.to_pylist()[0]["weight"] == 3
    assert graph.mentions.num_rows == graph.seeds.num_rows == 0
    Snapshot.open(graph.write(tmp_path / "graphs"))
    assert graph.resolver()[concept_id("topic", "Algebra")] == concept_id("topic", "Algebra")
    bare = import_graph(
        _foreign(tmp_path / "bare", form, [{"id": "x"}, {"id": "y"}], EDGES[:0] or [_edge("x", "y")]), kind="topic"
    )
    assert [row["name"] for row in sorted(bare.nodes.to_pylist(), key=lambda row: str(row["name"]))] == ["x", "y"]
    assert bare.edges["weight"].to_pylist() == [1]


def _edge(source: str, target: str, **more: Any) -> dict[str, Any]:
    return {"source": source, "target": target, **more}


@pytest.mark.parametrize(
    ("nodes", "edges", "says"),
    [
        ([NODES[0], {**NODES[1], "kind": "idea"}], EDGES, "only topic, knowledge_point, skill are known"),
        ([*NODES, {"id": "3", "name": " Algebra ", "kind": "topic"}], EDGES, "'Algebra' is a topic before"),
        (NODES, [_edge("1", "9")], "the target '9' is the id of no node"),
        (NODES, [_edge("1", "1")], "joined to itself"),
        (NODES, [_edge("1", "2", weight="-1")], "no whole number from 1"),
        (NODES, [_edge("1", "2", weight="2.5")], "no whole number from 1"),
        (NODES, [_edge("1", "2"), _edge("2", "1")], "are joined twice"),
        ([{"id": "1", "name": "\x01 ", "kind": "topic"}, NODES[1]], EDGES, "needs letters"),
        ([{**NODES[0], "count": "0"}, NODES[1]], EDGES, "has the count '0'"),
    ],
)
def test_what_is_wrong_with_a_graph_from_elsewhere_is_told_with_its_line(
    tmp_path: Path, nodes: list[dict[str, Any]], edges: list[dict[str, Any]], says: str
) -> None:
    with pytest.raises(InputError, match=r"(nodes|edges)\.csv, line [2345]: .*skillweave graph import") as error:
        import_graph(_foreign(tmp_path / "in", "csv", nodes, edges))
    assert says in str(error.value)


_HEAD = '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.json", '{"nodes": [\n{"id": 1},}', r"a.json, line 2: no JSON"),
        ("a.json", "[]", "no list of nodes"),
        ("a.json", '{"nodes": [], "edges": [3]}', "no list of edges"),
        ("a.json", '{"nodes": [{"id": "1", "name": "n"}], "edges": []}', r"nodes\[0\]: 'n' is of the kind None"),
        ("a.json", '{"graph": {"skillweave": {"format": 9}}, "nodes": [], "edges": []}', "damaged graph"),
        ("a.graphml", "<graphml>\n<graph>\n</graphml>", r"a.graphml, line 3: no XML \(mismatched tag\)"),
        ("a.graphml", f"{_HEAD}\n</graphml>", "no graph; a GraphML file holds"),
        ("a.graphml", f"{_HEAD}<graph>\n<node/></graph></graphml>", "line 2: a node without id"),
        (
            "a.graphml",
            f"{_HEAD}<graph><node id='a'>\n<data key='k'>x</data></node></graph></graphml>",
            "line 2: data of",
        ),
        ("a.graphml", f"{_HEAD}<graph/>\n<graph/></graphml>", "line 2: a second graph"),
        (
            "a.graphml",
            f'{_HEAD}<key id="w" for="edge" attr.name="weight" attr.type="int"/><graph>\n'
            "<edge source='a' target='b'><data key='w'>\nx</data></edge></graph></graphml>",
            "line 3: weight is",
        ),
        ("a.graphml", '<!DOCTYPE x [<!ENTITY a "b">]>\n<graphml/>', "line 1: a document type"),
        ("a.txt", "x", "holds no graph that is known"),
        ("missing.json", None, "is not there"),
    ],
)
def test_a_file_that_is_no_graph_says_where_and_what_to_do(
    tmp_path: Path, name: str, content: str | None, says: str
) -> None:
    if content is not None:
        (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=rf"(?s){says}.*skillweave graph"):
        import_graph(tmp_path / name)


def test_csv_cells_that_do_not_fit_their_line_are_told(tmp_path: Path) -> None:
    (tmp_path / "nodes.csv").write_text('id,name,kind\n1,"two\nlines",topic\n2,x\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"nodes\.csv, line 4: 2 cells, and 3 names stand on top"):
        import_graph(tmp_path)
    (tmp_path / "nodes.csv").write_bytes(b"id,name,kind\n1,\xff,topic\n")
    with pytest.raises(InputError, match="in UTF-8"):
        import_graph(tmp_path)


def _questions(graph: Snapshot) -> Questions:
    ids = graph.nodes["id"].to_pylist()
    rows = [
        {**dict.fromkeys(QUESTION_SCHEMA.names), "id": "r1", "run": "r", "level": 'a "level"\n', "asked": ids[:2]},
        {**dict.fromkeys(QUESTION_SCHEMA.names), "id": "r2", "run": "r", "asked": ids[:1], "claimed": ids},
    ]
    return Questions(shards=["one"], tables=lambda: [pa.Table.from_pylist(rows, schema=QUESTION_SCHEMA)])


def test_csv_for_neo4j_has_a_header_and_the_rows_of_every_table(
    labelled: tuple[Workspace, Snapshot], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    export_graph(labelled[1], ExchangeFormat.CSV, out, _questions(labelled[1]))
    arguments = (out / "neo4j" / "import.args").read_text(encoding="utf-8").splitlines()
    for name, table in TABLES.items():
        option = "--nodes" if table.ends is None else "--relationships"
        assert f"{option}={name}={name}-header.csv,{name}.csv" in arguments
        (header,) = csv.reader((out / "neo4j" / f"{name}-header.csv").read_text(encoding="utf-8").splitlines())
        with (out / "neo4j" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        assert all(len(row) == len(header) for row in rows)
        assert header[0] == (f"id:ID({name})" if table.ends is None else f":START_ID({table.ends[0]})")
    with (out / "neo4j" / "Question.csv").open(encoding="utf-8", newline="") as file:
        assert [row[0] for row in csv.reader(file)] == ["r1", "r2"]
    with pytest.raises(InputError, match="questions go with CSV alone"):
        export_graph(labelled[1], ExchangeFormat.JSON, tmp_path / "x.json", _questions(labelled[1]))


def test_one_attribute_of_the_graph_holds_all_that_is_neither_node_nor_edge(
    labelled: tuple[Workspace, Snapshot], tmp_path: Path
) -> None:
    export_graph(labelled[1], ExchangeFormat.JSON, tmp_path / "a.json")
    read = orjson.loads((tmp_path / "a.json").read_bytes())
    assert set(read) == {"directed", "multigraph", "graph", "nodes", "edges"}
    assert set(read["graph"][BESIDE]["tables"]) == set(SCHEMAS) - {"nodes", "edges"}
