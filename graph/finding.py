"""Which concept a person means: by its id or any id it ever had, by a name of it, by a name spelled another way.

What fits nothing, or more than one concept, is an error that names the nearest, so that the next try succeeds.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher

from engine.errors import InputError
from graph.concept import KINDS
from graph.merging.by_person import DecisionTable
from graph.merging.decisions import Decision
from graph.merging.normalise import normalise

_TOLD = 5


def find_concept(table: DecisionTable, given: str, kind: str | None = None) -> str:
    """The id of the concept that `given` means. Raises InputError naming all it could mean, else the nearest names."""
    if (led := table.leads().get(given)) is not None:
        return led
    rows = [row for row in table.rows.values() if kind in (None, row.kind)]
    for fits in (_same_name, _same_letters, _same_spelling):
        if found := {row.into: row for row in rows if fits(row, given)}:
            if len(found) == 1:
                return next(iter(found))
            told = ", ".join(f"{row.into_name!r} ({row.kind}, {into})" for into, row in sorted(found.items()))
            raise InputError(
                f"{given!r} is a name of {len(found)} concepts: {told}; give the id of one, or its kind with --kind"
            )
    near = "; the nearest names: " + ", ".join(map(repr, _nearest(rows, given))) if rows else ""
    of_kind = f" of the kind {kind}" if kind else ""
    raise InputError(f"there is no concept {given!r}{of_kind} in this graph{near}; see all: skillweave graph merges")


def find_kind(kind: str | None) -> str | None:
    """The kind as it was given. Raises InputError where there is none such."""
    if kind is not None and kind not in KINDS:
        raise InputError(f"there is no kind {kind!r}; give one of {', '.join(KINDS)}: --kind {KINDS[1]}")
    return kind


def _same_name(row: Decision, given: str) -> bool:
    return row.name == given


def _same_letters(row: Decision, given: str) -> bool:
    return row.name.casefold() == given.casefold()


def _same_spelling(row: Decision, given: str) -> bool:
    return normalise(row.name) == normalise(given)


def _nearest(rows: Iterable[Decision], given: str) -> list[str]:
    """The names most like the one given, by their letters; only the most promising are compared letter by letter."""
    key = normalise(given)
    words = set(key.split())
    names = {row.name: normalise(row.name) for row in rows}
    matcher = SequenceMatcher(b=key, autojunk=False)
    promising = []
    for name, other in names.items():
        matcher.set_seq1(other)
        promising.append((-len(words & set(other.split())), -matcher.real_quick_ratio(), name))
    scored = []
    for *_, name in sorted(promising)[:2000]:
        matcher.set_seq1(names[name])
        scored.append((-matcher.ratio(), name))
    return [name for _, name in sorted(scored)[:_TOLD]]
