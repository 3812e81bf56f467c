"""What a graph knows of one concept: its names and how each came to it, the seeds that mention it, its levels.

An automatic merge is undone by parting the name for good; what a person decided, by undoing the decision.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from engine.errors import InputError
from graph.deciding import joined_with, split_concept, undo_decision
from graph.merging.by_person import DecisionTable
from graph.snapshot import Snapshot
from graph.stores.levels import SeedLevels


@dataclass(frozen=True, slots=True)
class Alias:
    """A name of a concept, and how it came to it."""

    name: str
    rule: str
    """See `graph.merging.decisions`."""
    score: float | None
    by: str
    mentions: int
    """Seeds that mention the name."""
    why: str
    """The reason that a person gave; empty where none decided."""
    decision: int | None
    """The number of the person's decision by which the name stands here."""
    can_part: bool
    """Whether a rule or a model joined it, so that it can be parted from the concept."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A seed that mentions the concept."""

    seed: str
    level: str
    subject: str
    source: str
    name: str
    """The name it uses, of several the first by the alphabet."""


@dataclass(frozen=True, slots=True)
class Card:
    """A concept."""

    id: str
    kind: str
    name: str
    seeds: int
    names: tuple[Alias, ...]
    """Most mentioned first."""
    mentions: tuple[Mention, ...]
    """By the id of the seed; each seed once."""
    levels: tuple[tuple[str, int], ...]
    """Level, and seeds of it that mention the concept; levels in their order, those without a seed as well."""


def concept_card(snapshot: Snapshot, concept: str) -> Card:
    """The card of a node, by its id. Raises InputError where there is no such node."""
    row = snapshot.nodes.filter(pc.equal(snapshot.nodes["id"], concept)).to_pylist()
    if not row:
        raise InputError(f"there is no concept {concept!r} in this graph; see all: skillweave graph merges")
    (node,) = row
    levels = SeedLevels(snapshot)
    place = pc.index(snapshot.nodes["id"], concept).as_py()
    counted = zip(levels.names, levels.counts[:, place].tolist(), strict=True)
    return Card(
        node["id"], node["kind"], node["name"], node["count"],
        _names(snapshot, concept), _mentions(snapshot, concept), tuple(counted),
    )  # fmt: skip


def take_back(snapshot: Snapshot, concept: str, alias: Alias, *, by: str, why: str) -> Snapshot:
    """The graph in which a name's way to its concept is undone; not written yet.

    Raises InputError where nothing put it there but its own first mention, or a later decision stands in the way.
    """
    if alias.decision is not None:
        return undo_decision(snapshot, alias.decision, by=by, why=why)
    table = DecisionTable(snapshot)
    _, names = joined_with(snapshot, alias.name, table.names(concept)[0].kind)
    return split_concept(snapshot, concept, names, by=by, why=why)


def _names(snapshot: Snapshot, concept: str) -> tuple[Alias, ...]:
    table = DecisionTable(snapshot)
    standing = {
        (decision.kind, name): decision
        for decision in table.decisions
        if decision.state == "applied" and decision.action != "undo"
        for name in decision.before or ()
    }
    found = []
    for row in table.names(concept):
        decided = standing.get((row.kind, row.name))
        joined = row.id != row.into and row.rule not in ("first", "parted", "renamed", "merged")
        found.append(
            Alias(
                row.name,
                row.rule,
                row.score,
                row.by,
                row.mentions,
                decided.why if decided else "",
                decided.number if decided else None,
                joined and decided is None,
            )
        )
    return tuple(sorted(found, key=lambda alias: (-alias.mentions, alias.name)))


def _mentions(snapshot: Snapshot, concept: str) -> tuple[Mention, ...]:
    rows = snapshot.mentions.filter(pc.equal(snapshot.mentions["concept_id"], concept)).to_pylist()
    names: dict[str, str] = {}
    for row in rows:
        names.setdefault(row["seed_id"], row["name"])
    wanted = pc.is_in(snapshot.seeds["id"], pa.array(list(names), pa.string()))
    return tuple(
        Mention(seed["id"], seed["level"] or "", seed["subject"] or "", seed["source"] or "", names[seed["id"]])
        for seed in snapshot.seeds.filter(wanted).to_pylist()
    )
