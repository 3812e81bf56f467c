"""What persons decide of a graph's concepts: rename, merge, split, undo. Each is a row of `decisions.parquet`.

    rename   a concept is shown under a name of the person's choice, whatever the counts are
    merge    the names of a concept become names of another, whose id stays
    split    names of a concept leave it; the part takes the id of its own first name
    undo     what a decision moved goes back to where it was; an undone undo does it again

A decision moves rows of the decision table (graph/merging/decisions.py) and is kept with what they were before. Rows
that a person moved say `renamed`, `merged` or `parted`; no rule and no model moves them again. A decision that cannot
be replayed, since its concepts are not in the graph, is kept as `waiting` and done as soon as they are there.

Two parts of a concept cannot both have its id: the part with the name that lent the id keeps it, whichever part the
person named, and the other takes the id of the first name given, else of its name that most seeds mention.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import orjson
import pyarrow as pa

from engine.errors import InputError
from graph.concept import concept_id
from graph.merging.decisions import MERGED, PARTED, RENAMED, Decision
from graph.merging.normalise import normalise
from graph.snapshot import SCHEMAS, Snapshot

Action = Literal["rename", "merge", "split", "undo"]
State = Literal["applied", "undone", "waiting"]
_KEPT = ("into", "into_name", "rule", "score", "by")
"""What a decision may change in a row, and so what is kept of the row before."""
_Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class PersonsDecision:
    """One decision of a person; the fields are the columns of `decisions.parquet`."""

    number: int
    """1, 2, ... along the graphs that grew from one another."""
    action: Action
    kind: str
    concept: str
    """The id of the concept that was renamed, split, or merged into another."""
    into: str
    """The id of the concept that it was merged into; else of the concept itself."""
    names: tuple[str, ...]
    """The name that was given, or the names that were moved."""
    by: str
    why: str
    at: str
    """When, as ISO 8601 in UTC; not in the fingerprint."""
    undoes: int = 0
    """The number of the decision that this one undoes; else 0."""
    before: Mapping[str, Mapping[str, Any] | None] | None = None
    """Name -> what its row was, None where it had none."""
    state: State = "applied"


def read_decisions(table: pa.Table) -> list[PersonsDecision]:
    """The rows of `decisions.parquet`, in order."""
    return [
        PersonsDecision(**{**row, "names": tuple(orjson.loads(row["names"])), "before": orjson.loads(row["before"])})
        for row in table.to_pylist()
    ]


def decisions_table(decisions: Iterable[PersonsDecision]) -> pa.Table:
    """The decisions as a table of a snapshot."""
    rows = [
        {**asdict(d), "names": orjson.dumps(d.names).decode(), "before": orjson.dumps(d.before).decode()}
        for d in decisions
    ]
    return pa.Table.from_pylist(rows, schema=SCHEMAS["decisions"])


class DecisionTable:
    """The decision table of a graph, which persons' decisions change in place."""

    def __init__(self, snapshot: Snapshot) -> None:
        """Concepts that the table does not name, as in a graph from elsewhere, are put into it."""
        self.rows: dict[_Key, Decision] = {}
        self._names: dict[str, dict[_Key, None]] = {}
        self._before: dict[_Key, Decision | None] = {}
        for row in snapshot.merges.to_pylist():
            self._set((row["kind"], row["name"]), Decision(**row))
        for table in (snapshot.nodes, snapshot.left_out):
            for row in table.to_pylist():
                if row["id"] not in self._names:
                    self._add_concept(row)
        self._before.clear()
        self._into = {key: row.into for key, row in self.rows.items()}
        self.decisions = read_decisions(snapshot.decisions)
        """What persons decided so far; what is applied here is not put into it."""

    @property
    def next_number(self) -> int:
        """The number of the next decision."""
        return 1 + max((decision.number for decision in self.decisions), default=0)

    @property
    def moved(self) -> bool:
        """Whether a name means another concept now than at first, so that seeds must be counted again."""
        return any(self._into.get(key, row.into) != row.into for key, row in self.rows.items())

    @property
    def merges(self) -> pa.Table:
        """The rows as a table of a snapshot."""
        return pa.Table.from_pylist([asdict(decision) for decision in self.rows.values()], schema=SCHEMAS["merges"])

    def leads(self) -> dict[str, str]:
        """Every id that a name of this graph ever had -> the id of its concept now, left out or not."""
        return {decision.id: decision.into for decision in self.rows.values()} | {into: into for into in self._names}

    def parted(self) -> frozenset[frozenset[str]]:
        """The pairs of concepts, by their ids now, that a split which stands made of one."""
        leads = self.leads()
        splits = [decision for decision in self.decisions if (decision.action, decision.state) == ("split", "applied")]
        ends = [{leads.get(decision.concept, ""), leads.get(decision.into, "")} for decision in splits]
        return frozenset(frozenset(pair) for pair in ends if len(pair) > 1)

    def names(self, concept: str) -> list[Decision]:
        """The rows of a concept's names, sorted."""
        return [self.rows[key] for key in sorted(self._names[concept])]

    def shown(self, concept: str) -> str:
        """The name that a concept is shown under."""
        return self.rows[next(iter(self._names[concept]))].into_name

    def apply(self, decision: PersonsDecision) -> PersonsDecision:
        """Do as a person decided: the decision as it is kept, with what the rows were before.

        Raises InputError, with nothing changed, where it cannot be done in this graph.
        """
        self._before.clear()
        leads = self.leads()
        if missing := [concept for concept in (decision.concept, decision.into) if concept not in leads]:
            told = ", ".join(map(repr, decision.names)) or "no name"
            raise InputError(
                f"no concept of this graph has the id {missing[0]} ({decision.action} of {told}); see the names: "
                "skillweave graph merges"
            )
        concept, into = leads[decision.concept], leads[decision.into]
        names = decision.names
        if decision.action == "rename":
            self._rename(concept, names[0], decision.by)
        elif decision.action == "merge":
            names = self._merge(concept, into, decision.by)
        else:
            into = self._split(concept, names, decision.by)
        touched = {row.into for row in self._before.values() if row is not None} | {concept, into}
        self._show(touched & self._names.keys())
        return replace(decision, concept=concept, into=into, names=names, before=self._kept(), state="applied")

    def pin(self, concept: str, name: str, decision: PersonsDecision) -> PersonsDecision:
        """Have a merged concept go on being shown under a name that it has; the decision, with that row in it too."""
        self._restore_key((decision.kind, name), rule=RENAMED, into=concept, score=None, by=decision.by)
        self._show([concept])
        return replace(decision, before={**(decision.before or {}), **self._kept()})

    def undo(self, decision: PersonsDecision) -> dict[str, Mapping[str, Any] | None]:
        """Put the rows that a decision moved back to what they were; what they were until now, to undo the undo.

        New spellings of a name, which joined the concept since by rule alone, go with it.
        """
        self._before.clear()
        kind, before = decision.kind, decision.before or {}
        moved = {normalise(name): row["into"] for name, row in before.items() if row is not None}
        left = {self.rows[kind, name].into for name in before if (kind, name) in self.rows}
        for concept in sorted(left):
            for row in self.names(concept):
                target = moved.get(normalise(row.name))
                if row.name not in before and row.by == "rule" and target not in (None, concept):
                    self._restore_key((kind, row.name), into=target)
        for name, kept in before.items():
            if kept is not None:
                self._restore_key((kind, name), **kept)
            elif (new := self.rows.get((kind, name))) is not None:  # one that seeds mention by now stays a name
                self._set((kind, name), replace(new, rule=MERGED) if new.mentions else None)
        for kept in before.values():
            if kept is not None and "into_name" in kept:  # which decisions of an earlier skillweave did not keep
                self._present(kept["into"], kept["into_name"])
        self._show((left | set(moved.values())) & self._names.keys())
        return self._kept()

    def _rename(self, concept: str, name: str, by: str) -> None:
        kind, shown = self.names(concept)[0].kind, self.shown(concept)
        present = self.rows.get((kind, name))
        if present is not None and present.into != concept:
            raise InputError(
                f"{name!r} is a name of another concept, shown as {present.into_name!r}; make them one: "
                f"skillweave graph merge {present.into} {concept} --why REASON"
            )
        for row in self.names(concept):
            if row.rule == RENAMED and row.name != name:
                self._set((kind, row.name), replace(row, rule=MERGED))
        self._set((kind, shown), self.rows[kind, shown])  # kept, so that it is known which name was shown
        row = present or Decision(kind, name, concept_id(kind, name), concept, name, RENAMED, None, by, 0)
        self._set((kind, name), replace(row, rule=RENAMED, score=None, by=by))

    def _merge(self, concept: str, into: str, by: str) -> tuple[str, ...]:
        if concept == into:
            return ()
        moved, shown = self.names(concept), self.shown(into)
        key = (moved[0].kind, shown)
        self._set(key, self.rows[key])  # kept, so that it is known which name was shown
        for row in moved:
            self._restore_key((row.kind, row.name), into=into, into_name=shown, rule=MERGED, score=None, by=by)
        return tuple(row.name for row in moved)

    def _split(self, concept: str, names: Sequence[str], by: str) -> str:
        """The id of the part that does not keep the concept's; the concept's own where there is nothing to part."""
        rows = self.names(concept)
        kind = rows[0].kind
        if not any((kind, name) in self.rows for name in names):
            raise InputError(
                f"no seed of this graph mentions {', '.join(map(repr, names))}; see the names: skillweave graph merges"
            )
        leaving, staying = [row for row in rows if row.name in names], [row for row in rows if row.name not in names]
        if not leaving or not staying:
            return concept
        first = min(leaving, key=lambda row: names.index(row.name))
        if any(row.id == concept for row in leaving):
            leaving, first = staying, min(staying, key=lambda row: (-row.mentions, row.name))
        for row in leaving:
            self._set((kind, row.name), replace(row, into=first.id, rule=PARTED, score=None, by=by))
        return first.id

    def _set(self, key: _Key, row: Decision | None) -> None:
        old = self.rows.get(key)
        self._before.setdefault(key, old)
        if old is not None:
            del self._names[old.into][key]
            if not self._names[old.into]:
                del self._names[old.into]
        if row is None:
            del self.rows[key]
        else:
            self.rows[key] = row
            self._names.setdefault(row.into, {})[key] = None

    def _restore_key(self, key: _Key, **values: Any) -> None:
        self._set(key, replace(self.rows[key], **values))

    def _show(self, concepts: Iterable[str]) -> None:
        """State the name that each concept is shown under: a person's, else the one that most seeds mention.

        Of equals the present one stays; a part without it takes the name that lends the id, else the alphabet's first.
        """
        for concept in sorted(concepts):
            rows = self.names(concept)
            best = min(
                rows,
                key=lambda r: (r.rule != RENAMED, -r.mentions, r.name != r.into_name, r.id != concept, r.name),
            )
            for row in rows:
                if row.into_name != best.name:
                    self.rows[row.kind, row.name] = replace(row, into_name=best.name)

    def _present(self, concept: str, name: str) -> None:
        """Have a concept be shown under this name, where it has it; of equals in count it will stay so."""
        rows = self.names(concept) if concept in self._names else []
        if any(row.name == name for row in rows):
            for row in rows:
                self.rows[row.kind, row.name] = replace(row, into_name=name)

    def _kept(self) -> dict[str, Mapping[str, Any] | None]:
        return {
            name: None if row is None else {column: getattr(row, column) for column in _KEPT}
            for (_, name), row in sorted(self._before.items())
        }

    def _add_concept(self, row: Mapping[str, Any]) -> None:
        kind, concept, shown = row["kind"], row["id"], row["name"]
        self._set((kind, shown), Decision(kind, shown, concept, concept, shown, "first", None, "rule", row["count"]))
        for name in row.get("aliases", ()):
            own = concept_id(kind, name)
            self._set((kind, name), Decision(kind, name, own, concept, shown, "alias", None, "rule", 0))
