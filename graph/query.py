"""Shipped queries: Cypher files with a typed header, run by name with checked parameters.

    // title: Hubs
    // question: Which concepts are joined to the most others?
    // note: what a reader should know of the answer, or of what it costs; need not be there
    // parameter kind: any|topic|knowledge_point|skill = any -- concepts of this kind only
    // parameter limit: int 1.. = 20 -- rows at most
    // column id: text -- the concept
    // column neighbours: int -- concepts it is joined to
    MATCH ...

The type of a parameter is `text`; `concept`, the id or the name of one; `run` or `level`, the name of one, by default
`any`; `number`; `int`, with bounds `int 1..` or `int 1..2`; or the words it may be, joined by `|`. A parameter without
`= default` must be given. Columns are `text`, `int` or `number`.

Parameters are bound by the store and never become a part of the text. Every query returns its columns in a total order
and gives the same rows on every store. Where stores have no words in common, as for shortest paths, NAME.neo4j.cypher
beside NAME.cypher is the text for that store, without a header. What else keeps a text portable:

- A share is rounded in whole numbers, `(20000 * part + whole) / (2 * whole) / 100.0`: stores disagree on how round()
  takes a half. The whole must not be 0 in any row, not even behind a CASE, whose branches Ladybug works out all.
- A sum of nothing is null on one and 0 on the other: `coalesce(sum(x), 0)`.
- Whether two bound nodes are joined by way of a third is asked by `NOT EXISTS { MATCH (a)<-[...]-()-[...]->(b) }`: the
  same as OPTIONAL MATCH with a WHERE on both edges ends Ladybug 0.22.0 with a segmentation fault.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from engine.errors import InputError
from graph.stores import Result, Store

FOLDER = Path(__file__).parent / "queries"
ANY = "any"
"""What a parameter `run`, `level` or `kind` is by default: all of them."""
TEXTS, NUMBERS = ("text", "concept", "run", "level"), ("int", "number")
Value = str | int | float
_TYPE = re.compile(rf"\w+(\|\w+)+|{'|'.join((*TEXTS, *NUMBERS))}|int (?P<least>\d+)\.\.(?P<most>\d*)")
_HEAD = re.compile(r"// (?P<field>title|question|note): (?P<text>.+)")
_PARAMETER = re.compile(r"// parameter (?P<name>\w+): (?P<type>[^=]+?)(?: = (?P<default>.+?))? -- (?P<text>.+)")
_COLUMN = re.compile(r"// column (?P<name>\w+): (?P<type>text|int|number) -- (?P<text>.+)")
_READ: Mapping[str, type[str | int | float]] = {"text": str, "int": int, "number": float}
_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that a query asks for."""

    name: str
    type: str
    """As the header says it."""
    description: str
    default: Value | None = None
    """None where it must be given."""

    def parse(self, value: Value) -> Value:
        """The value as the query binds it; a number may come as a text. Raises ValueError where it does not fit."""
        if "|" in self.type:
            if value not in self.type.split("|"):
                raise ValueError
            return value
        if self.type in TEXTS:
            return str(value)
        number = float(value) if self.type == "number" else int(value)
        if isinstance(value, bool) or (not isinstance(value, str) and number != value):
            raise ValueError
        if isinstance(number, int) and number not in self._range:
            raise ValueError
        return number

    @property
    def _range(self) -> range:
        """What a whole number may be: within its bounds, and of 64 bits."""
        bounds = _TYPE.fullmatch(self.type)
        least = bounds["least"] if bounds else None
        most = bounds["most"] if bounds else None
        return range(int(least) if least else -_LARGEST, int(most or _LARGEST) + 1)

    def __str__(self) -> str:
        default = "must be given" if self.default is None else f"{self.default!s} if not given"
        return f"{self.name} ({self.type}; {self.description}; {default})"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a query's answer."""

    name: str
    type: str
    description: str


@dataclass(frozen=True, slots=True)
class Query:
    """A shipped query."""

    name: str
    title: str
    question: str
    """The question it answers, as a person would ask it."""
    parameters: tuple[Parameter, ...]
    columns: tuple[Column, ...]
    text: str
    """The Cypher, without its header."""
    note: str = ""
    """What a reader should know of the answer or its cost."""
    variants: Mapping[str, str] = field(default_factory=dict)
    """The Cypher for stores of another dialect, by its name."""

    def bind(self, given: Mapping[str, Value]) -> dict[str, Value]:
        """Every parameter's value. Raises InputError naming all parameters where one is missing, unknown or unfit."""
        known = {parameter.name: parameter for parameter in self.parameters}
        faults = [f"{name} is none of its parameters" for name in given if name not in known]
        values: dict[str, Value] = {}
        for name, parameter in known.items():
            value = given.get(name, parameter.default)
            if value is None:
                faults.append(f"{name} must be given")
                continue
            try:
                values[name] = parameter.parse(value)
            except ValueError:
                faults.append(f"{name} cannot be {value!r}")
        if faults:
            wants = "; ".join(map(str, self.parameters)) or "none"
            raise InputError(
                f"{self.name}: {', '.join(faults)}. Its parameters: {wants}. "
                f"Try: skillweave graph query {self.name}{self._example()}"
            )
        return values

    def _example(self) -> str:
        return "".join(f" --param {p.name}=..." for p in self.parameters if p.default is None)


def parse_query(name: str, source: str, variants: Mapping[str, str] | None = None) -> Query:
    """Read a query's file; `variants` are its texts for other dialects.

    Raises InputError naming the line of the header that cannot be read.
    """
    heads: dict[str, str] = {}
    parameters: list[Parameter] = []
    columns: list[Column] = []
    lines = source.splitlines()
    size = next((i for i, line in enumerate(lines) if not line.startswith("//")), len(lines))
    for number, line in enumerate(lines[:size], 1):
        if head := _HEAD.fullmatch(line):
            heads[head["field"]] = head["text"]
        elif column := _COLUMN.fullmatch(line):
            columns.append(Column(column["name"], column["type"], column["text"]))
        elif parameter := _PARAMETER.fullmatch(line):
            parameters.append(_parameter(name, number, parameter))
        else:
            raise InputError(f"{name}.cypher, line {number}: {line!r} is no header; see graph/query.py for the form")
    note = heads.pop("note", "")
    if heads.keys() != {"title", "question"} or not columns:
        raise InputError(f"{name}.cypher wants a title, a question and columns; see graph/query.py for the form")
    text = "\n".join(lines[size:]).strip()
    return Query(
        name, heads["title"], heads["question"], tuple(parameters), tuple(columns), text, note, dict(variants or {})
    )


def shipped_queries() -> Mapping[str, Query]:
    """The queries by name, in the order of their names."""
    return _shipped(FOLDER)


def find_query(name: str) -> Query:
    """The shipped query of this name. Raises InputError listing them all."""
    queries = shipped_queries()
    if name not in queries:
        raise InputError(f"there is no query {name!r}, only {', '.join(queries)}; see: skillweave graph queries")
    return queries[name]


def run_query(
    store: Store, query: Query, given: Mapping[str, Value], *, timeout_s: float = 30.0, row_limit: int = 10_000
) -> Result:
    """Run a query; the rows' values have the types that its header says."""
    text = query.variants.get(store.dialect, query.text)
    result = store.query(text, query.bind(given), timeout_s=timeout_s, row_limit=row_limit)
    if result.columns != (names := tuple(column.name for column in query.columns)):
        raise InputError(f"{query.name} returned {result.columns}, and its header names {names}")
    types = [column.type for column in query.columns]
    rows = [tuple(_as(kind, value) for kind, value in zip(types, row, strict=True)) for row in result.rows]
    return Result(columns=names, types=tuple(types), rows=rows, more=result.more)


@cache
def _shipped(folder: Path) -> Mapping[str, Query]:
    texts = {file.stem: file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.cypher"))}
    variants: dict[str, dict[str, str]] = {}
    for stem, text in texts.items():
        name, dot, dialect = stem.partition(".")
        if dot:
            variants.setdefault(name, {})[dialect] = text
    return MappingProxyType(
        {name: parse_query(name, text, variants.get(name)) for name, text in texts.items() if "." not in name}
    )


def _parameter(name: str, number: int, match: re.Match[str]) -> Parameter:
    parameter = Parameter(match["name"], match["type"], match["text"])
    try:
        if not _TYPE.fullmatch(parameter.type):
            raise ValueError
        default = None if match["default"] is None else parameter.parse(match["default"])
    except ValueError:
        raise InputError(f"{name}.cypher, line {number}: the type does not fit; see graph/query.py") from None
    return Parameter(parameter.name, parameter.type, parameter.description, default)


def _as(kind: str, value: Any) -> Any:
    return None if value is None else _READ[kind](value)
