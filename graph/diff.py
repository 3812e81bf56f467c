"""What changed between two graphs: concepts by their ids, which outlive names and merges; edges by their ends; seeds.

    concept added     a node now; `before` is how many seeds mentioned it when it was left out, if it was
    concept gone      no node any more; `after` is how many seeds mention it now that it is left out, if it is
    concept merged    its id leads to another concept's now; `before` and `after` are their names
    concept split     a node now whose id led to another concept before; likewise
    concept renamed   shown under another name
    concept count     mentioned by another number of seeds
    edge added, edge gone, edge weight                the edge between two ids, by the seeds that hold both
    seed added, seed gone

What a person decided between the two is told with who and why. The two need not be related: ids are hashes of names,
so equal names are equal concepts in any two graphs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from graph.merging.by_person import read_decisions
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
_DECIDABLE = ("concept added", "concept gone", "concept merged", "concept split", "concept renamed")


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
    by: str = ""
    """The person who decided it; empty where nobody did."""
    why: str = ""
    """That person's reason."""


def differences(before: Snapshot, after: Snapshot) -> list[Change]:
    """Every change, in the order of CHANGES; within one the largest first, then by kind, name and id."""
    found = [*_decided(before, after, _concepts(before, after)), *_edges(before, after), *_seeds(before, after)]
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


def _decided(before: Snapshot, after: Snapshot, changes: Iterable[Change]) -> Iterator[Change]:
    """The changes, those that a person's decision since accounts for with who and why."""
    known = {(d.number, d.at, d.by, d.why): d.state for d in read_decisions(before.decisions)}
    ids = {
        (kind, name): own
        for kind, name, own in zip(*(after.merges[c].to_pylist() for c in ("kind", "name", "id")), strict=True)
    }
    decided: dict[str, tuple[str, str]] = {}
    for decision in read_decisions(after.decisions):
        new = known.get((decision.number, decision.at, decision.by, decision.why)) != decision.state
        if new and decision.state == "applied":
            own = (ids.get((decision.kind, name), "") for name in decision.before or ())
            decided |= dict.fromkeys((*own, decision.concept, decision.into), (decision.by, decision.why))
    for change in changes:
        by, why = decided.get(change.id, ("", "")) if change.change in _DECIDABLE else ("", "")
        yield replace(change, by=by, why=why)


def _edges(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    kinds: dict[str, str] = {}
    names: dict[str, str] = {}
    for graph in (before, after):
        for node in graph.nodes.select(["id", "kind", "name"]).to_pylist():
            kinds[node["id"]], names[node["id"]] = node["kind"], node["name"]
    columns = ["source", "target", "weight"]
    both = before.edges.select(columns).join(
        after.edges.select(columns), columns[:2], join_type="full outer", right_suffix="_after"
    )
    same = pc.fill_null(pc.equal(both["weight"], both["weight_after"]), fill_value=False)
    for row in both.filter(pc.invert(same)).to_pylist():
        ends, was, now = (row["source"], row["target"]), row["weight"], row["weight_after"]
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


def _size(change: Change) -> int:
    sides = (side if isinstance(side, int) else 0 for side in (change.after, change.before))
    return abs(next(sides) - next(sides))
