"""A small workspace: forty seeds over four topics and a dozen knowledge points, their graph, and both on disk."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa

from generation.composition import describe_walks
from graph.concept import concept_id
from graph.seed import Seed, seed_id, seeds_hash, write_seeds
from graph.snapshot import Snapshot

TOPICS = ("Algebra", "Geometry", "Counting principles", "Probability")
POINTS = tuple(f"point {letter}" for letter in "abcdefghijkl")


def snapshot_of(concepts: dict[str, list[tuple[str, str]]]) -> Snapshot:
    """The graph of seeds (by id) with their concepts as (kind, name)."""
    counts = Counter(c for named in concepts.values() for c in named)
    edges: Counter[tuple[str, str]] = Counter()
    for named in concepts.values():
        edges.update(combinations(sorted(concept_id(*c) for c in named), 2))
    return Snapshot.from_tables(
        {
            "nodes": pa.table(
                {
                    "id": [concept_id(*c) for c in counts],
                    "kind": [kind for kind, _ in counts],
                    "name": [name for _, name in counts],
                    "aliases": pa.array([[]] * len(counts), pa.list_(pa.string())),
                    "count": list(counts.values()),
                }
            ),
            "edges": pa.table(
                {
                    "source": [a for a, _ in edges],
                    "target": [b for _, b in edges],
                    "weight": list(edges.values()),
                    "kinds": [""] * len(edges),
                }
            ),
            "mentions": pa.table(
                {
                    "seed_id": [seed for seed, named in concepts.items() for _ in named],
                    "concept_id": [concept_id(*c) for named in concepts.values() for c in named],
                    "kind": [kind for named in concepts.values() for kind, _ in named],
                    "name": [name for named in concepts.values() for _, name in named],
                    "level": [""] * sum(map(len, concepts.values())),
                    "subject": [""] * sum(map(len, concepts.values())),
                }
            ),
        }
    )


@dataclass(frozen=True)
class Prepared:
    """A workspace with one graph and one seed set, and the `items` of a run on them."""

    root: Path
    snapshot: Snapshot
    seeds: list[Seed]
    items: dict[str, Any]


def prepare(root: Path) -> Prepared:
    """Fill the folder `root`."""
    random = Random(3)
    seeds, concepts = [], {}
    for number in range(40):
        question = f"Seed question {number} costs ${number}; what is \\( {number} + 1 \\)?"
        seed = Seed(seed_id(question), question, solution="secret", answer=str(number + 1))
        seeds.append(seed)
        concepts[seed.id] = [("topic", t) for t in random.sample(TOPICS, random.randint(1, 2))]
        concepts[seed.id] += [("knowledge_point", p) for p in random.sample(POINTS, random.randint(1, 3))]
    snapshot = snapshot_of(concepts)
    snapshot.write(root / "graphs")
    (root / "seeds").mkdir()
    write_seeds(seeds, root / "seeds" / "ours.parquet")
    named = [{"name": "ours", "hash": seeds_hash(seeds)}]
    return Prepared(root, snapshot, seeds, describe_walks(snapshot.fingerprint, named, seed=11))
