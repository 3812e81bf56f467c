"""A large graph is built by arrays; here a small one of the same making is counted out in plain Python beside it."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from itertools import combinations

import numpy as np
import orjson
import pyarrow as pa
import pytest

from bench.graph_scale import Size, build, build_with_networkx, made_up_seeds, open_sampler
from engine.errors import InputError
from graph.build import GraphSettings, build_snapshot
from graph.concept import KINDS
from graph.embedding import NoEmbedder
from graph.labels import label_rows
from graph.merging.candidates import similar_pairs
from graph.merging.normalise import clean, normalise
from graph.seed import Seed
from graph.snapshot import Snapshot

SMALL = Size(concepts=300, seeds=400, mentions=2_000)


def _built(rows: pa.Table, seeds: list[Seed], min_count: int) -> Snapshot:
    settings = GraphSettings(threshold=1, min_count=min_count)
    return build_snapshot(rows, seeds, embedder=NoEmbedder(), aliases={}, contrasts=[], settings=settings)


@pytest.mark.parametrize("min_count", [1, 3])
def test_arrays_count_what_plain_python_counts(min_count: int) -> None:
    seeds = made_up_seeds(SMALL)
    graph = _built(label_rows(seeds).rows, seeds, min_count)
    into = {(row["kind"], row["name"]): row["into"] for row in graph.merges.to_pylist()}
    by_seed = {seed.id: {(x.kind, clean(x.name)) for x in seed.concepts or ()} for seed in seeds}
    assert into.keys() == set().union(*by_seed.values())
    count, names = Counter[str](), defaultdict(set)
    for mentioned in by_seed.values():
        count.update({into[mention] for mention in mentioned})
    for mention, concept in into.items():
        names[concept].add(mention[1])
    kept = {concept for concept, seen in count.items() if seen >= min_count}
    edges = Counter(
        pair
        for mentioned in by_seed.values()
        for pair in combinations(sorted({into[mention] for mention in mentioned} & kept), 2)
    )
    assert {row["id"]: row["count"] for row in graph.nodes.to_pylist()} == {c: count[c] for c in kept}
    assert {row["id"]: {row["name"], *row["aliases"]} for row in graph.nodes.to_pylist()} == {c: names[c] for c in kept}
    assert {(row["source"], row["target"]): row["weight"] for row in graph.edges.to_pylist()} == edges
    level = {seed.id: seed.level for seed in seeds}
    assert [(r["seed_id"], r["kind"], r["name"], r["concept_id"], r["level"]) for r in graph.mentions.to_pylist()] == [
        (seed, kind, name, concept, level[seed])
        for seed, concept, kind, name in sorted(
            (seed, into[kind, name], kind, name)
            for seed, mentioned in by_seed.items()
            for kind, name in mentioned
            if into[kind, name] in kept
        )
    ]
    if min_count == 1:
        assert len(kept) == SMALL.concepts + sum(name.startswith("basic ") for _, name in into)
    else:
        assert graph.left_out.num_rows == len(count) - len(kept) > 0


def test_networkx_comes_to_the_same_graph() -> None:
    seeds = made_up_seeds(SMALL)
    ours, theirs = build(seeds, 2), build_with_networkx(seeds, 2)
    key = {row["id"]: (row["kind"], normalise(row["name"])) for row in ours.nodes.to_pylist()}
    assert {key[row["id"]]: row["count"] for row in ours.nodes.to_pylist()} == dict(theirs.nodes(data="count"))
    assert {frozenset((key[e["source"]], key[e["target"]])): e["weight"] for e in ours.edges.to_pylist()} == {
        frozenset((one, other)): weight for one, other, weight in theirs.edges(data="weight")
    }
    assert len(open_sampler(ours).draw(0, 50).topics) == 50


def test_the_first_row_in_order_lends_the_id_also_where_rows_come_in_pieces() -> None:
    columns = {"seed_id": [], "topics": [], "knowledge_points": []}
    rows = [
        {"seed_id": "s0", "topics": [], "knowledge_points": ["  Slope ", "\x00", ""]},
        {"seed_id": "s1", "topics": ["slopes"], "knowledge_points": ["slopes", "slope", "slope"]},
        {"seed_id": "s1", "topics": None, "knowledge_points": ["slopes", "Line"]},
        {"seed_id": "s0", "topics": ["slopes"], "knowledge_points": ["line"]},
    ]
    schema = pa.schema([(name, pa.string() if name == "seed_id" else pa.list_(pa.string())) for name in columns])
    table = pa.concat_tables(pa.Table.from_pylist([row], schema=schema) for row in rows)
    seeds = [Seed(id=name, question=name, level="high", subject="m") for name in ("s1", "s0", "unread")]
    graph = _built(table, seeds, 1)
    assert [(r["kind"], r["name"], r["into_name"], r["rule"], r["mentions"]) for r in graph.merges.to_pylist()] == [
        ("knowledge_point", "Line", "Line", "first", 1),
        ("knowledge_point", "Slope", "Slope", "first", 1),
        ("knowledge_point", "line", "Line", "normalised", 1),
        ("knowledge_point", "slope", "Slope", "normalised", 1),
        ("knowledge_point", "slopes", "Slope", "normalised", 1),
        ("topic", "slopes", "slopes", "first", 2),
    ]
    assert set(graph.mentions["subject"].to_pylist()) == {"m"}
    with pytest.raises(InputError, match="names the seed s1, which"):
        _built(table, seeds[1:], 1)


def test_names_without_vectors_are_not_compared_however_many_they_are() -> None:
    assert list(similar_pairs(np.zeros((50, 1), np.float32), 0.5, exact_up_to=10)) == []


def test_the_fingerprint_is_the_one_it_always_was() -> None:
    concept = [
        {"id": f"{kind[0]}{i}", "kind": kind, "name": n} for i, (kind, n) in enumerate(zip(KINDS, "aéβ", strict=True))
    ]
    mention = {"seed_id": "s", "level": "high", "subject": ""}
    tables = {
        "nodes": [{**c, "aliases": ["x", "\\( y \\)"] if c["kind"] == "skill" else [], "count": 2} for c in concept],
        "edges": [{"source": "k1", "target": "t0", "weight": 2, "kinds": "knowledge_point-topic"}],
        "mentions": [{**mention, "concept_id": c["id"], "kind": c["kind"], "name": c["name"]} for c in concept],
        "merges": [
            {**c, "into": c["id"], "into_name": c["name"], "rule": "first", "score": score, "by": "r", "mentions": 2}
            for c, score in zip(concept, (None, 0.5, 1.0), strict=True)
        ],
        "left_out": [{"id": "t9", "kind": "topic", "name": "rare", "count": 1, "reason": "fewer than 2 seeds"}],
        "seeds": [{"id": "s", "level": "high", "subject": "", "source": "made up"}],
    }
    graph = Snapshot.from_tables({name: pa.Table.from_pylist(rows) for name, rows in tables.items()})
    digest = hashlib.blake2b(digest_size=16)
    for name, rows in tables.items():
        columns = [column for column in getattr(graph, name).column_names if column != "score"]
        ordered = sorted(rows, key=lambda row: str(row.get("id") or row.get("concept_id")))
        if name == "merges":
            ordered = sorted(rows, key=lambda row: (row["kind"], row["name"]))
        digest.update(orjson.dumps([name, columns, len(rows)]))
        digest.update(orjson.dumps([[row[column] for row in ordered] for column in columns]))
    assert graph.fingerprint == "g" + digest.hexdigest() == "gec1939cb7c62bd8396043d2f9e32143e"
