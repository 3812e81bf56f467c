"""A graph from elsewhere: concepts with a name and a kind, weighted edges, and no seeds that mention them.

| | must be there | may be there |
|---|---|---|
| node | an id that edges name | `name` (else `label`, else the id), `kind` (else --kind), `count`, `aliases` |
| edge | `source`, `target` | `weight`, a whole number from 1 (else 1) |

Ids are made anew of kind and name, as for any graph. A node without `count` counts as many seeds as its heaviest edge
weighs, and one without edges 1. Directions are dropped, and then no two nodes may be joined twice. Such a graph can be
queried, drawn from, compared and renamed in; counts cannot be told again after a merge, for want of seeds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, NoReturn

import pyarrow as pa

from engine.errors import InputError
from graph.concept import KINDS, concept_id
from graph.embedding import NoEmbedder
from graph.merging.normalise import clean
from graph.seed import seeds_hash
from graph.snapshot import SCHEMAS, Snapshot

Where = Callable[[str, int], str]


def foreign_snapshot(
    origin: str,
    nodes: Sequence[Mapping[str, Any]],
    edges: Sequence[Mapping[str, Any]],
    where: Where,
    kind: str | None = None,
) -> Snapshot:
    """Make a snapshot of nodes and edges from `origin`. Raises InputError naming what is wrong and where it stands."""
    if kind is not None and kind not in KINDS:
        raise InputError(f"there is no kind {kind!r}; give one of {', '.join(KINDS)}: --kind {KINDS[1]}")

    def refuse(what: str, place: int, why: str) -> NoReturn:
        raise InputError(f"{where(what, place)}: {why}. What a graph needs at least: skillweave graph import --help")

    ids: dict[Any, str] = {}
    rows: dict[str, dict[str, Any]] = {}
    for place, node in enumerate(nodes):
        row = _node(node, kind, partial(refuse, "nodes", place))
        if row["id"] in rows:
            refuse("nodes", place, f"{row['name']!r} is a {row['kind']} before; give each name of a kind once")
        if node["id"] in ids:
            refuse("nodes", place, f"the id {node['id']!r} stands twice; give each node its own")
        ids[node["id"]], rows[row["id"]] = row["id"], row
    weights: dict[tuple[str, str], int] = {}
    for place, edge in enumerate(edges):
        ends, weight = _edge(edge, ids, partial(refuse, "edges", place))
        if ends in weights:
            names = " and ".join(repr(rows[end]["name"]) for end in ends)
            refuse("edges", place, f"{names} are joined twice; add their weights up")
        weights[ends] = weight
    heaviest: dict[str, int] = {}
    for ends, weight in weights.items():
        for end in ends:
            heaviest[end] = max(weight, heaviest.get(end, 1))
    for row in rows.values():
        row["count"] = row["count"] or heaviest.get(row["id"], 1)
    tables = {
        "nodes": list(rows.values()),
        "edges": [
            {"source": a, "target": b, "weight": weight, "kinds": f"{rows[a]['kind']}-{rows[b]['kind']}"}
            for (a, b), weight in weights.items()
        ],
        "merges": _merges(rows.values(), refuse),
    }
    nothing = NoEmbedder()
    return Snapshot.from_tables(
        {name: pa.Table.from_pylist(of, schema=SCHEMAS[name]) for name, of in tables.items()},
        {
            "parent": None,
            "ancestors": [],
            "runs": [],
            "seeds_hash": seeds_hash([]),
            "embedder": {"name": nothing.name, "digest": nothing.digest, "dimension": nothing.dimension},
            "settings": {"threshold": 1.0, "min_count": 1},
            "imported": origin,
            "created": datetime.now(UTC).isoformat(timespec="microseconds"),
        },
    )


def _node(node: Mapping[str, Any], kind: str | None, refuse: Callable[[str], NoReturn]) -> dict[str, Any]:
    if node.get("id") in (None, ""):
        refuse("a node without an id, which edges need; give each node its own")
    given = next((node[key] for key in ("name", "label") if node.get(key) not in (None, "")), node["id"])
    if not (name := clean(str(given))):
        refuse(f"a node of the name {given!r}; a concept needs letters; give it a name")
    its_kind = node.get("kind") or kind
    if its_kind not in KINDS:
        refuse(
            f"{name!r} is of the kind {its_kind!r}, and only {', '.join(KINDS)} are known; say the kind of those that "
            f"have none: skillweave graph import FILE --kind {KINDS[1]}"
        )
    count = _whole(node.get("count"))
    if node.get("count") is not None and count is None:
        refuse(f"{name!r} has the count {node['count']!r}; give a whole number from 1, or none")
    aliases = node.get("aliases") or []
    if not isinstance(aliases, list) or not all(isinstance(alias, str) and clean(alias) for alias in aliases):
        refuse(f"{name!r} has the aliases {aliases!r}; give a list of names, or none")
    others = sorted({clean(alias) for alias in aliases} - {name})
    return {"id": concept_id(its_kind, name), "kind": its_kind, "name": name, "aliases": others, "count": count}


def _edge(
    edge: Mapping[str, Any], ids: Mapping[Any, str], refuse: Callable[[str], NoReturn]
) -> tuple[tuple[str, str], int]:
    ends = []
    for end in ("source", "target"):
        if edge.get(end) not in ids:
            refuse(f"the {end} {edge.get(end)!r} is the id of no node; add the node, or leave the edge out")
        ends.append(ids[edge[end]])
    if ends[0] == ends[1]:
        refuse(f"{edge['source']!r} is joined to itself; leave that edge out")
    weight = 1 if edge.get("weight") is None else _whole(edge["weight"])
    if weight is None:
        refuse(f"the weight {edge['weight']!r} is no whole number from 1: how many seeds hold both; give one")
    return (min(ends), max(ends)), weight


def _whole(value: Any) -> int | None:
    """A whole number from 1, however it is written; None for anything else."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return int(number) if number.is_integer() and 1 <= number < 2**53 and not isinstance(value, bool) else None


def _merges(rows: Any, refuse: Callable[[str, int, str], NoReturn]) -> list[dict[str, Any]]:
    """A decision table for names as they came: each concept's own, then its aliases."""
    merges: dict[tuple[str, str], dict[str, Any]] = {}
    rows = list(rows)
    own = [(place, row, row["name"], "first") for place, row in enumerate(rows)]
    others = [(place, row, alias, "alias") for place, row in enumerate(rows) for alias in row["aliases"]]
    for place, row, name, rule in own + others:
        if (row["kind"], name) in merges:
            other = merges[row["kind"], name]["into_name"]
            refuse("nodes", place, f"{name!r} is a name of {row['name']!r} and of {other!r}; let it be of one")
        merges[row["kind"], name] = {
            "kind": row["kind"],
            "name": name,
            "id": concept_id(row["kind"], name),
            "into": row["id"],
            "into_name": row["name"],
            "rule": rule,
            "score": None,
            "by": "rule",
            "mentions": row["count"] if rule == "first" else 0,
        }
    return list(merges.values())
