"""What changed between two graphs: concepts by their ids, which outlive names and merges; edges by their ends; seeds.

    concept added     a node now; `before` is how many seeds mentioned it when it was left out, if it was
    concept gone      no node any more; `after` is how many seeds mention it now that it is left out, if it is
    concept merged    its id leads to another concept's now; `before` and `after` are their names
    concept split     a node now whose id led to another concept before; likewise
    concept renamed   shown under another name
    concept count     mentioned by another number of seeds
    edge added, edge gone, edge weight                the edge between two ids, by the seeds that hold both
    seed added, seed gone

The two need not be related: ids are hashes of names, so equal names are equal concepts in any two graphs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from graph.snapshot import Snapshot

CHANGES = (
    "concept added",
    "concept gone",
    "concept merged",
    "concept split",
    "concept renamed",
    "concept count",
    "edge added",
    "edge gone",
    "edge weight",
    "seed added",
    "seed gone",
)
"""In the order in which they are told."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changed, or in the rows of `totals` how many."""

    change: str
    """One of CHANGES, or `count`."""
    kind: str
    """The kind of a concept, the two kinds of an edge; empty for seeds and counts."""
    id: str
    """Of the concept or seed; of an edge the two ids."""
    name: str
    before: str | int | None
    after: str | int | None


def differences(before: Snapshot, after: Snapshot) -> list[Change]:
    """Every change, in the order of CHANGES; within one the largest first, then by kind, name and id."""
    found = [*_concepts(before, after), *_edges(before, after), *_seeds(before, after)]
    return sorted(found, key=lambda c: (CHANGES.index(c.change), -_size(c), c.kind, c.name, c.id))


def totals(before: Snapshot, after: Snapshot, changes: Iterable[Change]) -> list[Change]:
    """How many concepts, edges and seeds there were and are, then how many changes of each sort."""
    tables = {"concepts": "nodes", "concepts left out": "left_out", "edges": "edges", "seeds": "seeds"}
    rows = [
        Change("count", "", "", what, getattr(before, table).num_rows, getattr(after, table).num_rows)
        for what, table in tables.items()
    ]
    number = Counter(change.change for change in changes)
    return rows + [Change("count", "", "", sort, None, number[sort]) for sort in CHANGES]


def _concepts(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    old, new = _by_id(before.nodes), _by_id(after.nodes)
    leads, led, unseen, rare = after.resolver(), before.resolver(), _by_id(before.left_out), _by_id(after.left_out)
    for node, was in old.items():
        now = new.get(leads.get(node, ""))
        if now is None:
            rest = rare[node]["count"] if node in rare else None
            yield Change("concept gone", was["kind"], node, was["name"], was["count"], rest)
        elif now["id"] != node:
            yield Change("concept merged", was["kind"], node, was["name"], was["name"], now["name"])
        else:
            if was["name"] != now["name"]:
                yield Change("concept renamed", was["kind"], node, now["name"], was["name"], now["name"])
            if was["count"] != now["count"]:
                yield Change("concept count", was["kind"], node, now["name"], was["count"], now["count"])
    for node in new.keys() - old.keys():
        now = new[node]
        whole = old.get(led.get(node, ""))
        if whole is not None:
            yield Change("concept split", now["kind"], node, now["name"], whole["name"], now["name"])
        else:
            rest = unseen[node]["count"] if node in unseen else None
            yield Change("concept added", now["kind"], node, now["name"], rest, now["count"])


def _edges(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    old, new = _weights(before.edges), _weights(after.edges)
    kinds: dict[str, str] = {}
    names: dict[str, str] = {}
    for graph in (before, after):
        for node in graph.nodes.select(["id", "kind", "name"]).to_pylist():
            kinds[node["id"]], names[node["id"]] = node["kind"], node["name"]
    for ends in old.keys() | new.keys():
        was, now = old.get(ends), new.get(ends)
        if was != now:
            sort = "edge added" if was is None else "edge gone" if now is None else "edge weight"
            between = "-".join(kinds[end] for end in ends)
            yield Change(sort, between, " ".join(ends), " - ".join(names[end] for end in ends), was, now)


def _seeds(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    old, new = _by_id(before.seeds), _by_id(after.seeds)
    for sort, seeds, others in (("seed added", new, old), ("seed gone", old, new)):
        for seed in seeds.keys() - others.keys():
            yield Change(sort, "", seed, seeds[seed]["source"], None, None)


def _by_id(table: pa.Table) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in table.to_pylist()}


def _weights(edges: pa.Table) -> dict[tuple[str, str], int]:
    columns: Sequence[list[str]] = [edges[name].to_pylist() for name in ("source", "target", "weight")]
    return {(source, target): int(weight) for source, target, weight in zip(*columns, strict=True)}


def _size(change: Change) -> int:
    sides = (side if isinstance(side, int) else 0 for side in (change.after, change.before))
    return abs(next(sides) - next(sides))
