"""Small graphs with questions, as plain Python and as the tables that a store is made of."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from random import Random
from typing import Any

import pyarrow as pa

from graph.concept import KINDS
from graph.query import Parameter, Query
from graph.snapshot import Snapshot
from graph.stores import QUESTION_SCHEMA, Questions
from graph.stores.schema import BASES

Row = tuple[Any, ...]
Pair = tuple[str, str]
RUNS, LEVELS = ("first", "second"), ("", "college", "high")


@dataclass(frozen=True)
class Question:
    """A question as a store knows it."""

    id: str
    run: str
    level: str
    twin: str
    review: str
    uses: dict[str, frozenset[str]]
    """By basis."""

    @property
    def row(self) -> Row:
        return self.id, self.run, self.level, self.twin, self.review


@dataclass(frozen=True)
class World:
    """What a store holds, counted by nobody yet."""

    nodes: dict[str, tuple[str, str, int]]
    """Kind, name and count by id."""
    edges: dict[Pair, int]
    seeds: dict[str, tuple[str, str, str]]
    """Level, subject and source by id."""
    mentions: dict[str, set[str]]
    """Concepts by seed."""
    questions: list[Question]

    def kind(self, concept: str) -> str:
        return self.nodes[concept][0]

    def count(self, concept: str) -> int:
        return self.nodes[concept][2]

    def show(self, concept: str) -> Row:
        return concept, *self.nodes[concept][:2]

    def label(self, *concepts: str) -> Row:
        return tuple(x for c in concepts for x in (c, self.nodes[c][1]))

    def of_kind(self, kind: str) -> list[str]:
        return sorted(c for c in self.nodes if kind in ("any", self.kind(c)))

    def named(self, concept: str) -> list[str]:
        return sorted(c for c, (_, name, _) in self.nodes.items() if concept in (c, name))

    def neighbours(self, concept: str) -> dict[str, int]:
        both = {**self.edges, **{(b, a): w for (a, b), w in self.edges.items()}}
        return {b: w for (a, b), w in both.items() if a == concept}

    def weight(self, a: str, b: str) -> int:
        return self.edges.get((min(a, b), max(a, b)), 0)

    def asked(self, run: str = "any", level: str = "any") -> Iterator[Question]:
        return (q for q in self.questions if run in ("any", q.run) and level in ("any", q.level))

    def uses(self, basis: str, run: str = "any", level: str = "any") -> Counter[str]:
        return Counter(c for q in self.asked(run, level) for c in q.uses[basis])

    def pairs(self, basis: str, run: str = "any", level: str = "any") -> Counter[Pair]:
        return Counter(p for q in self.asked(run, level) for p in combinations(sorted(q.uses[basis]), 2))


def a_world(random: Random, questions: int, concepts: int = 14) -> tuple[World, Snapshot, Questions]:
    """A world of up to so many concepts, with the snapshot and the questions it is made of."""
    kinds = [random.choice(KINDS) for _ in range(random.randint(2, concepts))]
    ids = [f"{kind[0]}{i:02}" for i, kind in enumerate(kinds)]
    names = [random.choice(["it's", "shared"]) if random.random() < 0.2 else f"name {i}" for i in range(len(ids))]
    counts = [random.randint(1, 4) for _ in ids]
    pairs = [pair for pair in combinations(sorted(ids), 2) if random.random() < 0.3]
    edges = {pair: random.randint(1, 3) for pair in pairs}
    seeds = {
        f"s{i}": (random.choice(["", "high"]), random.choice(["", "m"]), random.choice(["x", "y"])) for i in range(6)
    }
    mentions = sorted({(random.choice(list(seeds)), random.choice(ids)) for _ in range(12)})
    rows = [_row(random, i, ids) for i in range(questions)]
    table = pa.Table.from_pylist(rows, schema=QUESTION_SCHEMA)
    by_seed = defaultdict(set)
    for seed, concept in mentions:
        by_seed[seed].add(concept)
    world = World(
        nodes={c: node for c, *node in zip(ids, kinds, names, counts, strict=True)},  # type: ignore[misc]
        edges=edges,
        seeds=seeds,
        mentions=by_seed,
        questions=list(_known(rows)),
    )
    return world, _snapshot(world, mentions), Questions([repr(world)], lambda: [table])


def _row(random: Random, number: int, ids: Sequence[str]) -> dict[str, Any]:
    """A question as a run gives it."""

    def some(most: int) -> list[str]:
        return random.sample(ids, min(len(ids), random.randint(0, most)))

    return {
        "id": f"q{number:03}",
        "run": random.choice(RUNS),
        "level": random.choice(LEVELS),
        "asked": some(4),
        "claimed": some(2),
        "tagged": random.choice([None, some(3)]),
        "text_key": random.choice([None, random.randint(0, 9)]),
        "review": random.choice([None, None, "accept", "reject"]),
    }


def _known(rows: Sequence[dict[str, Any]]) -> Iterator[Question]:
    first: dict[int, str] = {}
    for row in rows:
        key = row["text_key"]
        twin = "" if key is None or key not in first else first[key]
        if key is not None:
            first.setdefault(key, row["id"])
        uses = {basis: frozenset(row[basis] or ()) for basis in BASES}
        yield Question(row["id"], row["run"], row["level"], twin, row["review"] or "", uses)


def _snapshot(world: World, mentions: Sequence[tuple[str, str]]) -> Snapshot:
    kinds, names, counts = zip(*world.nodes.values(), strict=True)
    nodes = {
        "id": list(world.nodes),
        "kind": list(kinds),
        "name": list(names),
        "aliases": pa.array([[]] * len(kinds), pa.list_(pa.string())),
        "count": list(counts),
    }
    edges = {
        "source": pa.array([a for a, _ in world.edges], pa.string()),
        "target": pa.array([b for _, b in world.edges], pa.string()),
        "weight": pa.array(list(world.edges.values()), pa.int64()),
        "kinds": pa.array([""] * len(world.edges), pa.string()),
    }
    seeds = [(seed, *what) for seed, what in world.seeds.items()]
    return Snapshot.from_tables(
        {
            "nodes": pa.table(nodes),
            "edges": pa.table(edges),
            "seeds": pa.table([list(c) for c in zip(*seeds, strict=True)], names=["id", "level", "subject", "source"]),
            "mentions": pa.table(
                {
                    "seed_id": [seed for seed, _ in mentions],
                    "concept_id": [concept for _, concept in mentions],
                    "kind": ["topic"] * len(mentions),
                    "name": ["x"] * len(mentions),
                    "level": [world.seeds[seed][0] for seed, _ in mentions],
                    "subject": [""] * len(mentions),
                }
            ),
        }
    )


def choices(
    query: Query, random: Random, count: int, concepts: Sequence[str], runs: Sequence[str], levels: Sequence[str]
) -> list[dict[str, Any]]:
    """So many different combinations, or as many as there are, of what a query's parameters may be, but for `limit`."""
    values = {p.name: _values(p, concepts, runs, levels) for p in query.parameters if p.name != "limit"}
    found = [{name: random.choice(among) for name, among in values.items()} for _ in range(count)]
    return [dict(items) for items in dict.fromkeys(tuple(choice.items()) for choice in found)]


def _values(parameter: Parameter, concepts: Sequence[str], runs: Sequence[str], levels: Sequence[str]) -> list[Any]:
    every = ["any"] if parameter.default == "any" else []
    match parameter.type:
        case "concept":
            return list(concepts)
        case "run":
            return [*every, *runs, "none"]
        case "level":
            return [*every, *levels]
        case words if "|" in words:
            return words.split("|")
        case _:
            return [1, 2]
