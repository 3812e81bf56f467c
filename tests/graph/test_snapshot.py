"""Building a graph, its fingerprint, its files, and what is said of graphs that are none."""

from __future__ import annotations

import math
import shutil
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import InputError
from engine.workspace import Workspace
from graph.build import GraphSettings, build_snapshot
from graph.concept import KINDS, concept_id
from graph.seed import Seed, seeds_hash
from graph.snapshot import ORDER, SCHEMAS, Snapshot, find_snapshot, list_snapshots
from graph.stores.opening import open_store

Rows = list[tuple[list[str], list[str]]]
ROWS: Rows = [
    (["Algebra"], ["linear equation", "slope"]),
    (["algebra", "Geometry"], ["Linear equations", "slope"]),
    (["Geometry"], ["slope", "rare point", "algebra"]),
    (["Geometry"], ["linear equation", "algebra"]),
]


def _seeds(count: int) -> list[Seed]:
    return [Seed(id=f"s{i}", question=f"q{i}", level="high" if i % 2 else "middle", subject="m") for i in range(count)]


def _extraction(rows: Rows) -> pa.Table:
    return pa.table(
        {
            "seed_id": [f"s{i}" for i in range(len(rows))],
            "topics": pa.array([row[0] for row in rows], pa.list_(pa.string())),
            "knowledge_points": pa.array([row[1] for row in rows], pa.list_(pa.string())),
        }
    )


def _built(embedder: Any, rows: Rows = ROWS, **options: Any) -> Snapshot:
    given_settings = GraphSettings(**options)
    seeds = _seeds(len(rows))
    return build_snapshot(
        _extraction(rows), seeds, embedder=embedder, aliases={}, contrasts=[], settings=given_settings
    )


def test_counts_edges_and_what_is_left_out(plain_embedder: Callable[..., Any]) -> None:
    graph = _built(plain_embedder())
    nodes = {(row["kind"], row["name"]): (row["count"], row["aliases"]) for row in graph.nodes.to_pylist()}
    assert nodes == {
        ("topic", "Algebra"): (2, ["algebra"]),
        ("topic", "Geometry"): (3, []),
        ("knowledge_point", "linear equation"): (3, ["Linear equations"]),
        ("knowledge_point", "slope"): (3, []),
        ("knowledge_point", "algebra"): (2, []),
    }
    (rare,) = graph.left_out.to_pylist()
    assert (rare["name"], rare["count"], rare["reason"]) == ("rare point", 1, "fewer than 2 seeds")
    name = {row["id"]: f"{row['kind'][0]}:{row['name']}" for row in graph.nodes.to_pylist()}
    edges = {frozenset((name[e["source"]], name[e["target"]])): e["weight"] for e in graph.edges.to_pylist()}
    assert edges == {
        frozenset(("t:Algebra", "k:linear equation")): 2,
        frozenset(("t:Algebra", "k:slope")): 2,
        frozenset(("t:Algebra", "t:Geometry")): 1,
        frozenset(("t:Geometry", "k:linear equation")): 2,
        frozenset(("t:Geometry", "k:slope")): 2,
        frozenset(("t:Geometry", "k:algebra")): 2,
        frozenset(("k:linear equation", "k:slope")): 2,
        frozenset(("k:linear equation", "k:algebra")): 1,
        frozenset(("k:slope", "k:algebra")): 1,
    }
    assert {(m["seed_id"], m["name"], m["level"]) for m in graph.mentions.to_pylist()} >= {
        ("s0", "Algebra", "middle"),
        ("s1", "Linear equations", "high"),
    }
    assert "rare point" not in graph.mentions["name"].to_pylist()


def test_old_ids_resolve_and_names_left_out_do_not(plain_embedder: Callable[..., Any]) -> None:
    resolver = _built(plain_embedder()).resolver()
    kept = concept_id("knowledge_point", "linear equation")
    assert resolver[concept_id("knowledge_point", "Linear equations")] == kept == resolver[kept]
    assert concept_id("knowledge_point", "rare point") not in resolver


def test_min_count_one_keeps_everything_and_the_extraction_may_have_skills(plain_embedder: Callable[..., Any]) -> None:
    graph = _built(plain_embedder(), min_count=1)
    assert graph.left_out.num_rows == 0
    extraction = _extraction(ROWS).append_column("skills", pa.array([["estimate"]] * len(ROWS)))
    with_skills = build_snapshot(
        extraction, _seeds(4), embedder=plain_embedder(), aliases={}, contrasts=[], settings=GraphSettings()
    )
    assert "skill" in with_skills.nodes["kind"].to_pylist()


_names = st.lists(st.sampled_from(["a", "b", "B", "sine 1", "sine 2", "area", "areas", "volume"]), max_size=4)
_rows = st.lists(st.tuples(_names, _names), min_size=2, max_size=8)


def _graph_or_none(embedder: Any, rows: Rows, order: list[int]) -> Snapshot | None:
    extraction = _extraction(rows).take(order)
    try:
        return build_snapshot(
            extraction,
            _seeds(len(rows)),
            embedder=embedder,
            aliases={},
            contrasts=[],
            settings=GraphSettings(min_count=1),
        )
    except InputError as error:
        assert "needs at least two" in str(error)
        return None


@settings(deadline=None, max_examples=60)
@given(_rows, st.randoms())
def test_the_order_of_seeds_changes_ids_only(plain_embedder: Callable[..., Any], rows: Rows, random: Random) -> None:
    order = list(range(len(rows)))
    one = _graph_or_none(plain_embedder(), rows, order)
    random.shuffle(order)
    other = _graph_or_none(plain_embedder(), rows, order)
    assert (one is None) == (other is None)
    if one is None or other is None:
        return

    def shape(graph: Snapshot) -> tuple[Any, ...]:
        names = {r["id"]: (r["kind"], frozenset([r["name"], *r["aliases"]])) for r in graph.nodes.to_pylist()}
        counts = {names[r["id"]]: r["count"] for r in graph.nodes.to_pylist()}
        edges = {frozenset((names[e["source"]], names[e["target"]])): e["weight"] for e in graph.edges.to_pylist()}
        return counts, edges

    assert shape(one) == shape(other)
    for row in one.merges.to_pylist():
        assert row["into"][0] == row["kind"][0], "merged across kinds"


@settings(deadline=None, max_examples=60)
@given(_rows)
def test_counts_and_edges_are_those_of_the_plain_double_loop(plain_embedder: Callable[..., Any], rows: Rows) -> None:
    graph = _graph_or_none(plain_embedder(), rows, list(range(len(rows))))
    if graph is None:
        return
    into = {(row["kind"], row["name"]): row["into"] for row in graph.merges.to_pylist()}
    of_seed = [
        sorted({into["topic", n] for n in topics} | {into["knowledge_point", n] for n in points})
        for topics, points in rows
    ]
    counts = Counter(concept for concepts in of_seed for concept in concepts)
    pairs = Counter(pair for concepts in of_seed for pair in combinations(concepts, 2))
    assert dict(zip(*graph.nodes.select(["id", "count"]).to_pydict().values(), strict=True)) == counts
    assert {(e["source"], e["target"]): e["weight"] for e in graph.edges.to_pylist()} == pairs
    arrays = graph.adjacency()
    assert arrays.ids == sorted(counts)
    assert [KINDS[kind] for kind in arrays.kinds] == graph.nodes["kind"].to_pylist()
    both_ways = {
        (arrays.ids[row], arrays.ids[arrays.indices[at]]): int(arrays.weights[at])
        for row in range(len(arrays.ids))
        for at in range(arrays.indptr[row], arrays.indptr[row + 1])
    }
    assert both_ways == dict(pairs) | {(b, a): weight for (a, b), weight in pairs.items()}


@settings(deadline=None, max_examples=30)
@given(st.randoms())
def test_the_fingerprint_heeds_rows_not_their_order_nor_scores_nor_meta(
    plain_embedder: Callable[..., Any], random: Random
) -> None:
    graph = _built(plain_embedder())
    shuffled = {}
    for name in SCHEMAS:
        table = getattr(graph, name)
        order = list(range(table.num_rows))
        random.shuffle(order)
        shuffled[name] = table.take(pa.array(order, pa.int64()))
    merges = shuffled["merges"]
    at = merges.column_names.index("score")
    shuffled["merges"] = merges.set_column(at, "score", pa.array([0.5] * merges.num_rows))
    assert Snapshot.from_tables(shuffled, {"parent": "gother"}).fingerprint == graph.fingerprint


@pytest.mark.parametrize("name", ["nodes", "edges", "mentions", "merges", "left_out", "seeds"])
def test_the_fingerprint_heeds_every_table(plain_embedder: Callable[..., Any], name: str) -> None:
    graph = _built(plain_embedder())
    tables = {table: getattr(graph, table) for table in SCHEMAS}
    column = next(c for c in ("count", "weight", "level", "by") if c in SCHEMAS[name].names)
    table = tables[name]
    changed = [7] * table.num_rows if SCHEMAS[name].field(column).type == pa.int64() else ["x"] * table.num_rows
    at = table.column_names.index(column)
    tables[name] = table.set_column(at, column, pa.array(changed))
    assert Snapshot.from_tables(tables).fingerprint != graph.fingerprint
    assert set(ORDER[name]) <= set(SCHEMAS[name].names)


def test_a_snapshot_is_written_once_and_comes_back_whole(tmp_path: Path, plain_embedder: Callable[..., Any]) -> None:
    workspace = Workspace(tmp_path).prepare()
    seeds = _seeds(4)
    arguments: dict[str, Any] = {
        "embedder": plain_embedder(),
        "aliases": {},
        "contrasts": [],
        "settings": GraphSettings(),
        "runs": ["extract-1"],
    }
    built = build_snapshot(_extraction(ROWS), seeds, **arguments)
    built.write(workspace.graphs)
    (folder,) = workspace.graphs.iterdir()
    assert folder.name == built.fingerprint
    before = {file.name: (file.stat().st_ino, file.read_bytes()) for file in folder.iterdir()}
    build_snapshot(_extraction(ROWS), seeds, **arguments).write(workspace.graphs)
    assert {file.name: (file.stat().st_ino, file.read_bytes()) for file in folder.iterdir()} == before
    opened = Snapshot.open(folder)
    assert opened.fingerprint == built.fingerprint
    assert all(getattr(opened, name).equals(getattr(built, name)) for name in SCHEMAS)
    assert opened.meta["seeds_hash"] == seeds_hash(seeds)
    assert opened.meta["runs"] == ["extract-1"]
    assert opened.meta["embedder"] == {"name": "plain", "digest": "b2:plain", "dimension": 64}
    assert opened.meta["settings"] == GraphSettings().model_dump()
    assert opened.meta["counts"]["nodes"] == 5


def test_graphs_are_found_by_prefix_and_the_latest_made_comes_first(
    tmp_path: Path, plain_embedder: Callable[..., Any]
) -> None:
    with pytest.raises(InputError, match=r"there is no graph.*skillweave graph build"):
        find_snapshot(tmp_path)
    one, other = (_built(plain_embedder(), min_count=count) for count in (1, 2))
    for graph, created in ((one, "2026-01-02"), (other, "2026-01-01")):
        tables = {name: getattr(graph, name) for name in SCHEMAS}
        Snapshot.from_tables(tables, {"created": created}).write(tmp_path)
    (tmp_path / ".half.tmp").mkdir()
    assert [meta["fingerprint"] for meta in list_snapshots(tmp_path)] == [one.fingerprint, other.fingerprint]
    assert find_snapshot(tmp_path).name == one.fingerprint
    assert find_snapshot(tmp_path, other.fingerprint[:8]).name == other.fingerprint
    with pytest.raises(InputError, match="2 graphs"):
        find_snapshot(tmp_path, "g")
    with pytest.raises(InputError, match="no graph"):
        find_snapshot(tmp_path, "gzz")


def test_a_graph_that_is_made_again_is_the_latest_again(tmp_path: Path, plain_embedder: Callable[..., Any]) -> None:
    def make(count: int, created: str) -> str:
        graph = _built(plain_embedder(), min_count=count)
        tables = {name: getattr(graph, name) for name in SCHEMAS}
        return Snapshot.from_tables(tables, {"created": created}).write(tmp_path).name

    one, other = make(1, "2026-01-01"), make(2, "2026-01-02")
    assert find_snapshot(tmp_path).name == other
    assert make(1, "2026-01-03") == one
    assert find_snapshot(tmp_path).name == one
    assert [meta["created"] for meta in list_snapshots(tmp_path)] == ["2026-01-01", "2026-01-02"], "as it was"
    assert Snapshot.open(tmp_path / one).fingerprint == one
    assert make(2, "2026-01-04") == other
    assert find_snapshot(tmp_path).name == other


@pytest.mark.parametrize("name", [*SCHEMAS, "meta"])
@pytest.mark.parametrize("harm", ["missing", "changed"])
def test_a_damaged_snapshot_is_one_clear_error(
    tmp_path: Path, plain_embedder: Callable[..., Any], name: str, harm: str
) -> None:
    folder = _built(plain_embedder()).write(tmp_path)
    (file,) = folder.glob(f"{name}.*")
    if harm == "missing":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(InputError, match="skillweave graph"):
        Snapshot.open(folder)
    for table in SCHEMAS:  # whichever is asked for first
        with pytest.raises(InputError, match="skillweave graph"):
            getattr(Snapshot.open_lazily(folder), table)


def test_a_store_that_is_there_answers_without_a_table_of_its_snapshot(
    tmp_path: Path, plain_embedder: Callable[..., Any]
) -> None:
    place = Workspace(tmp_path).prepare()
    folder = _built(plain_embedder()).write(place.graphs)
    rows: list[list[tuple[Any, ...]]] = []
    for file in ("none.parquet", "nodes.parquet"):
        (folder / file).unlink(missing_ok=True)
        with closing(open_store(place, Snapshot.open_lazily(folder))) as store:
            rows.append(store.query("MATCH (c:Concept) RETURN c.id AS id ORDER BY id", {}).rows)
    assert len(rows[0]) == 5
    assert rows[0] == rows[1]
    shutil.rmtree(place.stores)
    with pytest.raises(InputError, match=r"nodes.parquet is missing"):
        open_store(place, Snapshot.open_lazily(folder))


def test_a_newer_format_says_upgrade(tmp_path: Path, plain_embedder: Callable[..., Any]) -> None:
    folder = _built(plain_embedder()).write(tmp_path)
    meta = orjson.loads((folder / "meta.json").read_bytes())
    (folder / "meta.json").write_bytes(orjson.dumps({**meta, "format": 99}))
    with pytest.raises(InputError, match=r"format 99.*upgrade"):
        Snapshot.open(folder)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([], "no concepts"),
        ([([], [])], "no concepts"),
        ([([" "], ["", "\t"])], "no concepts"),
        ([(["a"], [])] * 2, "1 concept "),
        ([(["a"], ["b"]), (["c"], ["d"])], "no concepts (4 left out)"),
    ],
)
def test_a_graph_of_fewer_than_two_concepts_says_what_to_do(
    plain_embedder: Callable[..., Any], rows: Rows, says: str
) -> None:
    with pytest.raises(InputError) as error:
        _built(plain_embedder(), rows)
    assert says in str(error.value)
    assert "skillweave graph build SEEDS --min-count 1" in str(error.value)


def test_an_extraction_of_other_seeds_is_refused(plain_embedder: Callable[..., Any]) -> None:
    with pytest.raises(InputError, match="names the seed s3"):
        build_snapshot(
            _extraction(ROWS),
            _seeds(3),
            embedder=plain_embedder(),
            aliases={},
            contrasts=[],
            settings=GraphSettings(),
        )


@pytest.mark.parametrize("table", ["nodes", "edges", "mentions"])
def test_tables_that_do_not_fit_together_are_refused(plain_embedder: Callable[..., Any], table: str) -> None:
    graph = _built(plain_embedder())
    tables = {name: getattr(graph, name) for name in SCHEMAS}
    if table == "nodes":
        tables["nodes"] = pa.concat_tables([graph.nodes, graph.nodes.slice(0, 1)])
    else:
        column = {"edges": "source", "mentions": "concept_id"}[table]
        at = SCHEMAS[table].get_field_index(column)
        broken = pa.array(["a-none"] * getattr(graph, table).num_rows)
        tables[table] = getattr(graph, table).set_column(at, column, broken)
    with pytest.raises(InputError, match="build it again"):
        Snapshot.from_tables(tables)


@pytest.mark.parametrize("harm", ["turned", "weighs 0", "weighs nothing"])
def test_an_edge_that_is_none_is_refused(plain_embedder: Callable[..., Any], harm: str) -> None:
    graph = _built(plain_embedder())
    edges = graph.edges.to_pylist()
    if harm == "turned":
        edges[0] |= {"source": edges[0]["target"], "target": edges[0]["source"]}
    else:
        edges[0]["weight"] = 0 if harm == "weighs 0" else None
    tables = {name: getattr(graph, name) for name in SCHEMAS}
    with pytest.raises(InputError, match=r"an edge does not go .* or has no weight"):
        Snapshot.from_tables(tables | {"edges": pa.Table.from_pylist(edges, schema=SCHEMAS["edges"])})


def test_a_kind_that_nobody_knows_is_told_where_the_graph_is_walked(plain_embedder: Callable[..., Any]) -> None:
    graph = _built(plain_embedder())
    nodes = graph.nodes.to_pylist()
    nodes[0]["kind"] = "mood"
    tables = {name: getattr(graph, name) for name in SCHEMAS}
    strange = Snapshot.from_tables(tables | {"nodes": pa.Table.from_pylist(nodes, schema=SCHEMAS["nodes"])})
    with pytest.raises(InputError, match="of the kind 'mood'; known are topic"):
        strange.adjacency()


def test_the_paper_weight_is_a_function_of_ours(plain_embedder: Callable[..., Any]) -> None:
    """Softmax over log(w + eps) (MathScale, section 2.2) is w over the sum of w, to within eps."""
    arrays = _built(plain_embedder()).adjacency()
    weights = arrays.weights[arrays.indptr[0] : arrays.indptr[1]].astype(float)
    powers = [math.exp(math.log(w + 1e-5)) for w in weights]
    assert [p / sum(powers) for p in powers] == pytest.approx(list(weights / weights.sum()), abs=1e-5)
