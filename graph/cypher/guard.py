"""Is this a question that only reads, and that both stores answer alike? Nothing else decides what may be asked."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.errors import InputError
from graph.cypher.clauses import Clauses
from graph.cypher.language import NOTES
from graph.cypher.reading import Seen
from graph.cypher.tokens import SEE, Token, place, refuse
from graph.stores.schema import TABLES

Scalar = str | int | float | bool | None
Value = Scalar | list[Scalar]
MAX_PARAMETER_CHARACTERS = 1_000_000
"""Of all parameters together, as they would be written."""

_NODES = {name: table for name, table in TABLES.items() if table.ends is None}
_RELATIONSHIPS = {name: table for name, table in TABLES.items() if table.ends is not None}


@dataclass(frozen=True, slots=True)
class Question:
    """A text that passed, with its parameters."""

    text: str
    """As it was given: nothing is rewritten."""
    parameters: Mapping[str, Value]
    columns: tuple[str, ...]
    """What RETURN names, in its order; the same on every store."""
    notes: tuple[str, ...]
    """Where the stores may still answer differently."""


def check(text: str, parameters: Mapping[str, Value]) -> Question:
    """The question, if every word of it is allowed and names what the graph has.

    Raises InputError naming the word, its line and column, and what is allowed instead.
    """
    seen = Clauses(text).question()
    for token in seen.labels:
        _known(text, token, "label", _NODES)
    for token in seen.types:
        _known(text, token, "type of relationship", _RELATIONSHIPS)
    for variable, token in seen.properties:
        _check_property(text, seen, variable, token)
    _check_parameters(text, seen, parameters)
    notes = tuple(NOTES[key] for key in NOTES if key in seen.notes)
    return Question(text, dict(parameters), seen.columns, notes)


def _known(text: str, token: Token, what: str, known: Iterable[str]) -> None:
    if token.name not in known:
        refuse(text, token.offset, f"the graph has no {what} {token.name!r}, only {', '.join(known)}")


def _check_property(text: str, seen: Seen, variable: str, token: Token) -> None:
    tables = seen.tables.get(variable, set()) if variable not in seen.aliases else set()
    if not tables:
        tables = set(_NODES) if variable in seen.nodes - seen.aliases else set(TABLES)
        tables = set(_RELATIONSHIPS) if variable in seen.relationships - seen.nodes - seen.aliases else tables
    if any(token.name in TABLES[table].properties for table in tables):
        return
    has = "; ".join(f"{name}: {', '.join(t.properties) or 'none'}" for name, t in TABLES.items() if name in tables)
    refuse(text, token.offset, f"there is no property {token.name!r} here; the graph has {has}")


def _check_parameters(text: str, seen: Seen, given: Mapping[str, Value]) -> None:
    used = {token.name: token for token in reversed(seen.parameters)}
    for name, token in used.items():
        if name not in given:
            raise InputError(f"{place(text, token.offset)}: ${name} has no value; give it with --param {name}=...")
    for name, value in given.items():
        if name not in used:
            wants = ", ".join(f"${known}" for known in sorted(used)) or "none"
            raise InputError(f"the question has no parameter ${name}; its parameters: {wants}")
        for scalar in value if isinstance(value, list) else [value]:
            _check_scalar(name, scalar, in_list=isinstance(value, list))
        if isinstance(value, list) and len({type(scalar) for scalar in value}) > 1:
            raise InputError(f"the list of ${name} mixes kinds of values, which one store cannot hold; {SEE}")
    if sum(len(str(value)) for value in given.values()) > MAX_PARAMETER_CHARACTERS:
        raise InputError(f"the parameters have more than {MAX_PARAMETER_CHARACTERS:,} characters; give fewer; {SEE}")


def _check_scalar(name: str, value: object, *, in_list: bool) -> None:
    fault = ""
    if value is None:
        fault = "may not be null within a list" if in_list else ""
    elif isinstance(value, str):
        fault = "holds a character that is none" if any("\ud800" <= c <= "\udfff" or c == "\0" for c in value) else ""
    elif isinstance(value, int):
        fault = "" if -(2**63) <= value < 2**63 else "is no 64-bit number"
    elif isinstance(value, float):
        fault = "" if math.isfinite(value) else "is no finite number"
    else:
        fault = "is no text, number, true, false, null, nor a list of these"
    if fault:
        raise InputError(f"the value of ${name} {fault}; {SEE}")
