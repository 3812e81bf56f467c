"""From a graph and a person's decision to the next graph, at once and without a call to any model.

Every name keeps its mentions, those of left-out concepts too, so what a decision moves is counted again from the seeds:
nodes, edges, and who is left out by the graph's minimum count. The graph decided on stays; the new one is its child.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from engine.errors import InputError
from engine.progress import console
from graph.build import concept_tables
from graph.merging.by_person import Action, DecisionTable, PersonsDecision, State, decisions_table, read_decisions
from graph.merging.normalise import clean, normalise
from graph.snapshot import SCHEMAS, Snapshot, lineage, list_snapshots


def rename_concept(snapshot: Snapshot, concept: str, name: str, *, by: str, why: str) -> Snapshot:
    """Show a concept, given by its id, under this name. Raises InputError where the name is another concept's."""
    table = DecisionTable(snapshot)
    if not (name := clean(name)):
        raise InputError("a name of spaces names nothing; give one: skillweave graph rename CONCEPT NAME --why REASON")
    if any(row.name == name and row.rule == "renamed" for row in table.names(concept)):
        raise InputError(f"a person named it {name!r} already; see: skillweave graph decisions")
    kind = table.names(concept)[0].kind
    done = table.apply(_decision(table, "rename", kind, (concept, concept), (name,), by, why))
    return _child(snapshot, table, [*table.decisions, done])


def merge_concepts(snapshot: Snapshot, one: str, other: str, *, into: str | None = None, by: str, why: str) -> Snapshot:
    """Make two concepts, given by their ids, one.

    `into` is the one of them whose id and name stay; without it the id of the one that more seeds mention stays, of
    equals the first, and the name follows the counts. Raises InputError where they are one already, or of two kinds.
    """
    table = DecisionTable(snapshot)
    first, second = table.names(one), table.names(other)
    if one == other:
        raise InputError(f"both are {table.shown(one)!r}, one concept; see its names: skillweave graph merges")
    if first[0].kind != second[0].kind:
        raise InputError(
            f"{table.shown(one)!r} is a {first[0].kind} and {table.shown(other)!r} a {second[0].kind}; kinds are never "
            "mixed; see the names: skillweave graph merges"
        )
    if into not in (None, one, other):
        raise InputError("--into wants one of the two; such as: skillweave graph merge A B --into A --why REASON")
    counts = _counts(snapshot)
    target = into or (one if counts.get(one, 0) >= counts.get(other, 0) else other)
    gone, shown = other if target == one else one, table.shown(target)
    done = table.apply(_decision(table, "merge", first[0].kind, (gone, target), (), by, why))
    if into is not None:
        done = table.pin(target, shown, done)
    return _child(snapshot, table, [*table.decisions, done])


def split_concept(snapshot: Snapshot, concept: str, names: Sequence[str], *, by: str, why: str) -> Snapshot:
    """Have these names leave a concept and be one of their own, or the one they were before.

    Raises InputError for a name that the concept does not have, or where none would stay.
    """
    table = DecisionTable(snapshot)
    rows = table.names(concept)
    known = {row.name: row.name for row in rows}
    spelled = {normalise(row.name): row.name for row in rows}
    leaving = {name: known.get(clean(name)) or spelled.get(normalise(name)) for name in names}
    has = ", ".join(repr(row.name) for row in rows)
    if missing := [name for name, found in leaving.items() if found is None]:
        raise InputError(
            f"{table.shown(concept)!r} has no name {missing[0]!r}; it has {has}; see: skillweave graph merges"
        )
    moved = tuple(dict.fromkeys(name for name in leaving.values() if name is not None))
    if len(moved) == len(rows):
        raise InputError(
            f"all names of {table.shown(concept)!r} would leave it: {has}; leave one out, or give it another name: "
            "skillweave graph rename CONCEPT NAME --why REASON"
        )
    done = table.apply(_decision(table, "split", rows[0].kind, (concept, concept), moved, by, why))
    return _child(snapshot, table, [*table.decisions, done])


def undo_decision(snapshot: Snapshot, number: int | None = None, *, by: str, why: str) -> Snapshot:
    """Undo a person's decision, without a number the last that stands; to undo an undo is to do it again.

    Raises InputError where there is none, it was undone, or a later one moved the same names.
    """
    table = DecisionTable(snapshot)
    decisions = table.decisions
    standing = {d.number: d for d in decisions if d.state == "applied"}
    if number is None:
        number = max((n for n, d in standing.items() if d.action != "undo"), default=0)
    chosen = standing.get(number)
    if chosen is None:
        what = f"decision {number} does not stand" if number else "no decision of a person stands"
        raise InputError(f"{what} in graph {snapshot.fingerprint}; see them: skillweave graph decisions")
    later = [d for n, d in standing.items() if n > number and d.action != "undo" and _share_names(d, chosen)]
    if later:
        last = later[-1]
        raise InputError(
            f"decision {last.number} ({last.action} of {', '.join(map(repr, last.names))}) came later and moved the "
            f"same names; undo it first: skillweave graph undo {last.number}"
        )
    undo = _decision(table, "undo", chosen.kind, (chosen.concept, chosen.into), chosen.names, by, why)
    undo = replace(undo, undoes=number, before=table.undo(chosen))
    states: dict[int, State] = {number: "undone"}
    if chosen.action == "undo":
        states[chosen.undoes] = "applied"
    told = [replace(decision, state=states.get(decision.number, decision.state)) for decision in decisions]
    return _child(snapshot, table, [*told, undo])


def joined_with(snapshot: Snapshot, name: str, kind: str | None = None) -> tuple[str, tuple[str, ...]]:
    """What undoing the automatic merge of a name means: its concept, and the names that were joined to it together.

    Names that a table of aliases or an embedding joined go with their other spellings. Raises InputError where no rule
    and no model joined the name.
    """
    table = DecisionTable(snapshot)
    rows = [
        row
        for row in table.rows.values()
        if (name in (row.name, row.id) or clean(name) == row.name) and kind in (None, row.kind)
    ]
    joined = [row for row in rows if row.id != row.into and row.rule not in ("first", "parted", "renamed", "merged")]
    if len(joined) != 1:
        raise InputError(
            f"{name!r} is {'such a name of two kinds' if joined else 'no name that a rule or a model merged'}; give "
            "a merged name (and its kind with --kind) or the number of a person's decision; see them: "
            "skillweave graph merges"
        )
    (row,) = joined
    if row.rule == "normalised":
        return row.into, (row.name,)
    same = [r.name for r in table.names(row.into) if r.rule == row.rule and normalise(r.name) == normalise(row.name)]
    return row.into, (row.name, *(other for other in same if other != row.name))


def with_decisions(graphs: Path, made: Snapshot) -> tuple[Snapshot, list[str]]:
    """The graph that was just built, with what persons decided; written where that makes another of it.

    Where it grew, decisions that waited are tried again. Where it was built anew, those that stand in the latest graph
    of the same seeds are done again in their order, under their numbers; what cannot be done is kept as waiting. Also
    returns what was taken over and why some of it waits, each a sentence.
    """
    told: list[str] = []
    decisions = read_decisions(made.decisions)
    if not decisions:
        alike = [
            meta["fingerprint"]
            for meta in list_snapshots(graphs)
            if meta.get("seeds_hash") == made.meta["seeds_hash"] and meta["counts"].get("decisions")
        ]
        if not alike:
            return made, []
        earlier = read_decisions(Snapshot.open(graphs / alike[0]).decisions)
        standing = [decision for decision in earlier if decision.state != "undone" and decision.action != "undo"]
        decisions = [replace(decision, state="waiting") for decision in standing]
        told = [f"{len(decisions):,} decisions of persons were taken over from graph {alike[0]}"]
    kept, waiting, table = [], [], DecisionTable(made)
    for decision in decisions:
        try:
            kept.append(table.apply(decision) if decision.state == "waiting" else decision)
        except InputError as error:
            kept.append(decision)
            waiting.append(f"decision {decision.number} of {decision.by} waits: {error}")
    if all(decision.state != "waiting" for decision in decisions):
        return made, []
    final = _child(made, table, kept)
    if final.fingerprint == made.fingerprint:
        return made, waiting
    final.write(graphs)
    return final, told + waiting


def decided(graphs: Path, made: Snapshot) -> Snapshot:
    """The same, told on stderr: the graph that `make_graph` and `graph_from_labels` give."""
    final, told = with_decisions(graphs, made)
    for sentence in told:
        console.print(sentence, markup=False, soft_wrap=True)
    return final


def _child(snapshot: Snapshot, table: DecisionTable, decisions: Sequence[PersonsDecision]) -> Snapshot:
    """The graph after these decisions, with the graph decided on as its parent."""
    meta = {
        **{name: value for name, value in snapshot.meta.items() if name not in ("files", "format", "fingerprint")},
        "parent": snapshot.fingerprint,
        "ancestors": lineage(snapshot),
        "created": datetime.now(UTC).isoformat(timespec="microseconds"),
    }
    return _built(snapshot, table, decisions_table(decisions), meta)


def _built(snapshot: Snapshot, table: DecisionTable, decisions: pa.Table, meta: Mapping[str, Any]) -> Snapshot:
    """The graph of the changed decision table: only names change, or all is counted again from the seeds."""
    merges = table.merges
    tables = {name: getattr(snapshot, name) for name in SCHEMAS} | {"merges": merges, "decisions": decisions}
    if table.moved:
        tables |= concept_tables(_all_mentions(snapshot), merges, _min_count(snapshot))
    else:
        for name in ("nodes", "left_out"):
            tables[name] = _renamed(tables[name], table)
    return Snapshot.from_tables(tables, meta)


def _all_mentions(snapshot: Snapshot) -> pa.Table:
    """Who mentions what, whatever concept it is of. Raises InputError where the graph does not tell."""
    uncounted = snapshot.left_out_mentions.num_rows == 0 and (pc.sum(snapshot.left_out["count"]).as_py() or 0) > 0
    if snapshot.mentions.num_rows == 0 or uncounted:
        raise InputError(
            f"graph {snapshot.fingerprint} does not tell which seeds mention which names (it came from elsewhere or "
            "was made by an earlier skillweave), so nothing can be counted again; build it again: skillweave graph "
            "build SEEDS. What needs no counting can be done: skillweave graph rename CONCEPT NAME --why REASON"
        )
    both = pa.concat_tables([snapshot.mentions, snapshot.left_out_mentions])
    columns = [name for name in both.column_names if name != "concept_id"]
    return both.select(columns).group_by(columns, use_threads=False).aggregate([])


def _renamed(concepts: pa.Table, table: DecisionTable) -> pa.Table:
    """The concepts under the names that the table has for them."""
    rows = concepts.to_pylist()
    for row in rows:
        names = table.names(row["id"])
        row["name"] = names[0].into_name
        if "aliases" in row:
            row["aliases"] = sorted(each.name for each in names if each.name != row["name"])
    return pa.Table.from_pylist(rows, schema=concepts.schema)


def _decision(
    table: DecisionTable, action: Action, kind: str, ends: tuple[str, str], names: tuple[str, ...], by: str, why: str
) -> PersonsDecision:
    """A decision that begins now; `ends` are its concept and into."""
    if not (reason := " ".join(why.split())):
        raise InputError(
            "a decision needs its reason, for who reads it later: --why REASON; see: skillweave graph merges"
        )
    at = datetime.now(UTC).isoformat(timespec="seconds")
    return PersonsDecision(table.next_number, action, kind, *ends, names, clean(by), reason, at)


def _share_names(one: PersonsDecision, other: PersonsDecision) -> bool:
    return one.kind == other.kind and not set(one.before or ()).isdisjoint(other.before or ())


def _counts(snapshot: Snapshot) -> dict[str, int]:
    """Concept -> seeds that mention it, left out or not."""
    return {
        concept: count
        for part in (snapshot.left_out, snapshot.nodes)
        for concept, count in zip(part["id"].to_pylist(), part["count"].to_pylist(), strict=True)
    }


def _min_count(snapshot: Snapshot) -> int:
    return int(snapshot.meta.get("settings", {}).get("min_count", 1))
