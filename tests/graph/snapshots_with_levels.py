"""Snapshots of drawn graphs, with seeds of levels and subjects that mention their concepts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
from sampled_graphs import Arrays

from graph.concept import KINDS
from graph.snapshot import Snapshot

LEVELS = ("primary", "high", "college")
SUBJECTS = ("algebra", "geometry")


def numbered(graph: Arrays) -> Arrays:
    """The graph with ids in the order of its numbers, as a snapshot has them."""
    return replace(graph, ids=[f"c{number:04d}" for number in range(len(graph.ids))])


def snapshot_of(graph: Arrays, seed: int = 0) -> Snapshot:
    """Each concept is mentioned by seeds of one or two levels; a concept's name is `name of` its id."""
    random = np.random.default_rng(seed)
    n = len(graph.ids)
    rows = np.repeat(np.arange(n), np.diff(graph.indptr))
    once = rows < graph.indices
    ids = np.array(graph.ids)
    seeds = [(f"s{level}-{subject}", level, subject) for level in LEVELS for subject in SUBJECTS]
    mentions = [
        (seeds[number], concept) for concept in range(n) for number in random.choice(6, 2, replace=False).tolist()
    ]
    kinds = [KINDS[kind] for kind in graph.kinds]
    return Snapshot.from_tables(
        {
            "nodes": pa.table({
                "id": ids, "kind": kinds, "name": [f"name of {i}" for i in ids],
                "aliases": pa.array([[]] * n, pa.list_(pa.string())), "count": [1] * n,
            }),
            "edges": pa.table({
                "source": ids[rows[once]], "target": ids[graph.indices[once]], "weight": graph.weights[once],
                "kinds": [""] * int(once.sum()),
            }),
            "mentions": pa.table({
                "seed_id": [seed[0] for seed, _ in mentions],
                "concept_id": [graph.ids[concept] for _, concept in mentions],
                "kind": [kinds[concept] for _, concept in mentions],
                "name": [f"name of {graph.ids[concept]}" for _, concept in mentions],
                "level": [seed[1] for seed, _ in mentions],
                "subject": [seed[2] for seed, _ in mentions],
            }),
            "seeds": pa.table({
                "id": [seed[0] for seed in seeds], "level": [seed[1] for seed in seeds],
                "subject": [seed[2] for seed in seeds], "source": ["drawn"] * len(seeds),
            }),
        }
    )  # fmt: skip
