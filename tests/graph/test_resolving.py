"""A name resolves to what it would become, were it the next one that a seed mentions."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pyarrow as pa
import pytest

from graph.build import GraphSettings, build_snapshot
from graph.concept import KINDS
from graph.merging.aliases import AliasTable
from graph.merging.decisions import Decision, decide
from graph.merging.guards import Guards
from graph.merging.resolving import NameResolver
from graph.seed import Seed
from graph.snapshot import Snapshot

WORDS = ("sine", "cosine", "rule", "rules", "Rule", "linear", "linears", "equation", "2-digit", "3-digit", "not", "of")
ALIASES = {
    ("topic", "sine"): "sine",
    ("topic", "sine rule"): "law of sines",
    ("knowledge_point", "linear equation"): "linear equation",
    ("knowledge_point", "equation of a line"): "linear equation",
    ("knowledge_point", "cosine rule"): "cosine rule",
}
CONTRASTS = [["sine", "cosine"]]


def _name(random: Random) -> str:
    return " ".join(random.choice(WORDS) for _ in range(random.randint(1, 3)))


def _snapshot(random: Random, embedder: Any, threshold: float) -> Snapshot:
    seeds = [Seed(f"s{i}", f"q{i}") for i in range(40)]
    names = [_name(random) for _ in range(25)]
    rows = {
        "seed_id": [seed.id for seed in seeds],
        "topics": [random.sample(names, 2) for _ in seeds],
        "knowledge_points": [random.sample(names, 3) for _ in seeds],
    }
    settings = GraphSettings(threshold=threshold, min_count=3)
    return build_snapshot(
        pa.table(rows), seeds, embedder=embedder, aliases=ALIASES, contrasts=CONTRASTS, settings=settings
    )


@pytest.mark.parametrize("world", range(6))
def test_a_name_becomes_what_the_merging_of_a_growing_graph_makes_of_it(
    world: int, plain_embedder: Callable[..., Any]
) -> None:
    random, embedder, threshold = Random(f"resolving:{world}"), plain_embedder(), 0.7
    snapshot = _snapshot(random, embedder, threshold)
    aliases, guards = AliasTable(ALIASES), Guards(CONTRASTS)
    resolver = NameResolver(snapshot, aliases=aliases, guards=guards, embedder=embedder, threshold=threshold)
    nodes = set(snapshot.nodes["id"].to_pylist())
    rules = set()
    for kind in KINDS[:2]:
        earlier = [Decision(**row) for row in snapshot.merges.to_pylist() if row["kind"] == kind]
        counts = {decision.name: decision.mentions for decision in earlier}
        for name in [*counts, *(_name(random) for _ in range(60)), "equation of a line", "nothing of the sort"]:
            (decision,) = [
                d
                for d in decide(
                    kind,
                    {**counts, name: counts.get(name, 1)},
                    embedder=embedder,
                    aliases=aliases,
                    guards=guards,
                    threshold=threshold,
                    earlier=earlier,
                )
                if d.name == name
            ]
            assert resolver.concept(kind, name) == (decision.into if decision.into in nodes else None), name
            rules.add((decision.rule, decision.into in nodes))
    assert rules >= {("first", False), ("first", True), ("normalised", True), ("embedding", True)}


def test_kinds_are_never_mixed_and_without_an_embedder_nothing_is_near(plain_embedder: Callable[..., Any]) -> None:
    nodes = {
        "id": ["ka", "tb"],
        "kind": ["knowledge_point", "topic"],
        "name": ["quadratic formula", "Algebra"],
        "aliases": pa.array([[], []], pa.list_(pa.string())),
        "count": [2, 2],
    }
    snapshot = Snapshot.from_tables({"nodes": pa.table(nodes)})
    tables = {"aliases": AliasTable({}), "guards": Guards([])}
    near = NameResolver(snapshot, **tables, embedder=plain_embedder(), threshold=0.7)
    plain = NameResolver(snapshot, **tables)
    for resolver in (near, plain):
        assert resolver.concept("knowledge_point", "Quadratic  formulas") == "ka"
        assert resolver.concept("topic", "quadratic formula") is None
        assert resolver.concept("skill", "Algebra") is None
    assert near.concept("knowledge_point", "quadratic formulation") == "ka"
    assert plain.concept("knowledge_point", "quadratic formulation") is None
