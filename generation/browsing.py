"""Look through the questions of runs, page by page, however many there are: DuckDB over the sealed Parquet.

What a filter says is bound as a parameter and never becomes a part of the text. Pages go by key, so a deep one costs
what the first does: rows come in the order of (run, index), and the next page begins after the last row of this one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from engine.errors import InputError
from engine.rows import sealed_file
from engine.run import read_target
from engine.shard import seals_of

Kind = Literal["rows", "rejected"]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows are wanted; what is empty does not matter."""

    concepts: tuple[str, ...] = ()
    """Ids; a question must have been asked for all of them."""
    words: str = ""
    """What the question or its solution contains, whatever the case."""
    reason: str = ""
    """Of rejected rows: why."""
    longest: int | None = None
    """Characters of the question at most."""


@dataclass(frozen=True, slots=True)
class Key:
    """The place of a row: its run and index."""

    run: str
    index: int


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, and where the next page begins."""

    rows: list[dict[str, Any]]
    next: Key | None
    """None on the last page."""


def browse(
    runs: Sequence[Path], chosen: Filter | None = None, *, kind: Kind = "rows", after: Key | None = None, size: int = 50
) -> Page:
    """One page of accepted (`rows`) or `rejected` rows, each with its `run`, in the order of (run, index).

    Rows ahead of a run's target count as well: `extend` would use them first. Raises InputError where the app's extra
    is not installed, or a sealed file is gone.
    """
    files = _files(runs, kind)
    if not files:
        return Page([], None)
    database = _connect()
    try:
        where, values = _where(chosen or Filter(), kind, after)
        part = "SELECT *, {name} AS run FROM read_parquet({files}, union_by_name = true)"
        parts = []
        bound: list[Any] = []
        for run, paths in files.items():
            parts.append(part.format(name="?", files="?"))
            bound += [run, paths]
        text = f"SELECT * FROM ({' UNION ALL BY NAME '.join(parts)}) {where} ORDER BY run, index LIMIT ?"  # noqa: S608
        table = database.sql(text, params=[*bound, *values, size + 1]).to_arrow_table()
    finally:
        database.close()
    rows = table.to_pylist()
    more = len(rows) > size
    last = rows[size - 1] if more else None
    return Page(rows[:size], Key(last["run"], last["index"]) if last else None)


def _connect() -> Any:
    try:
        import duckdb
    except ImportError:
        raise InputError("looking through questions needs DuckDB; install it: pip install 'skillweave[app]'") from None
    return duckdb.connect(config={"threads": 2, "autoinstall_known_extensions": False})


def _files(runs: Sequence[Path], kind: Kind) -> dict[str, list[str]]:
    """The sealed files that hold rows of this kind, by run, in the order of their names."""
    found = {}
    for run in sorted(runs, key=lambda run: run.name):
        seals = seals_of(run / "shards").values()
        paths = [str(sealed_file(run, seal, kind)) for seal in seals if seal.files[kind].rows]
        if paths:
            found[run.name] = paths
    return found


def _where(chosen: Filter, kind: Kind, after: Key | None) -> tuple[str, list[Any]]:
    tests: list[str] = []
    values: list[Any] = []
    if after is not None:
        tests.append("(run > ? OR (run = ? AND index > ?))")
        values += [after.run, after.run, after.index]
    if kind == "rows":
        for concept in chosen.concepts:
            tests.append("list_contains(asked, ?)")
            values.append(concept)
        if chosen.words:
            tests.append("(contains(lower(question), ?) OR contains(lower(solution), ?))")
            values += [chosen.words.lower()] * 2
        if chosen.longest is not None:
            tests.append("length(question) <= ?")
            values.append(chosen.longest)
    elif chosen.reason:
        tests.append("reason = ?")
        values.append(chosen.reason)
    return (f"WHERE {' AND '.join(tests)}" if tests else ""), values


def accepted_count(run: Path) -> int:
    """Accepted rows of a run: those that passed, up to what it aims at."""
    passed = sum(seal.passed for seal in seals_of(run / "shards").values())
    count = read_target(run).count
    return passed if count is None else min(passed, count)
