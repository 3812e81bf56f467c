"""Pages of rows by key, forward and back; how many rows there are; why rows were rejected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from engine.shard import REPEAT
from generation.browsing.filtering import Filter, Key
from generation.browsing.indexing import Progress, asked_of, unwatched
from generation.browsing.opened import OpenedRun
from generation.browsing.selecting import Selection, Span
from generation.browsing.standing import Standing, standing_of

LISTED = ("id", "index", "question", "answer", "topics", "knowledge_points", "asked", "reason", "detail", "item")
"""What a list shows of a row."""
MOST_COUNTED = 10_000
"""Rows with some words are counted up to so many: for each a text is read."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows in the order of (run, index), and the keys of the pages beside it."""

    rows: list[Mapping[str, Any]]
    """With the columns that were asked for, `run` and `level`."""
    previous: Key | None
    """`before` of the page before; None on the first."""
    next: Key | None
    """`after` of the next page; None on the last."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows there are."""

    rows: int
    more: bool
    """There are more than these."""

    def __str__(self) -> str:
        return f"more than {self.rows:,}" if self.more else f"{self.rows:,}"


def browse(
    runs: Sequence[OpenedRun],
    chosen: Filter | None = None,
    *,
    after: Key | None = None,
    before: Key | None = None,
    size: int = 50,
    columns: Sequence[str] | None = LISTED,
    standing: Standing | None = None,
    progress: Progress = unwatched,
) -> Page:
    """The first rows, those after a key, or the last ones before one; all columns where `columns` is None.

    `standing` is what checks say of these runs, or of more; without it of these alone.
    Accepted rows are those up to the run's target: what passed beyond is ahead, and `skillweave extend` uses it first.
    Raises InputError where the app's extra is not installed, or a sealed file is gone.
    """
    wanted = Filter() if chosen is None else chosen
    standing = standing or _standing(runs, wanted)
    rows: list[Mapping[str, Any]] = []
    backward = before is not None
    for run in reversed(runs) if backward else runs:
        if (span := _span(run, after, before)) is None:
            continue
        selection = Selection(run, wanted, standing, progress)
        for table in selection.rows(span, columns, size + 1 - len(rows)):
            rows += described(run, table)
        if len(rows) > size:
            break
    more, rows = len(rows) > size, rows[:size]
    if not rows:
        return Page([], None, None)
    if backward:
        rows.reverse()
    first, last = (Key(row["run"], row["index"]) for row in (rows[0], rows[-1]))
    begun = more if backward else after is not None
    ended = not backward and not more
    return Page(rows, first if begun else None, None if ended else last)


def every_row(
    runs: Sequence[OpenedRun],
    chosen: Filter,
    columns: Sequence[str] | None = None,
    most: int | None = None,
    standing: Standing | None = None,
) -> Iterator[Mapping[str, Any]]:
    """All rows as the filter asks, or the first `most`, as `browse` gives them; memory is that of some shards."""
    standing = standing or _standing(runs, chosen)
    left = most
    for run in runs:
        for table in Selection(run, chosen, standing).rows(Span(), columns, left):
            yield from described(run, table)
            left = None if left is None else left - table.num_rows
        if left == 0:
            return


def count(
    runs: Sequence[OpenedRun],
    chosen: Filter | None = None,
    *,
    most: int = MOST_COUNTED,
    standing: Standing | None = None,
    progress: Progress = unwatched,
) -> Count:
    """How many rows are as the filter asks: all of them without words, with words up to `most`."""
    wanted = Filter() if chosen is None else chosen
    standing = standing or _standing(runs, wanted)
    selections = [Selection(run, wanted, standing, progress) for run in runs]
    if not wanted.words:
        return Count(sum(selection.count() for selection in selections), False)
    found = 0
    for selection in selections:
        found += sum(table.num_rows for table in selection.rows(Span(), ("index",), most + 1 - found))
        if found > most:
            return Count(most, True)
    return Count(found, False)


def reasons(runs: Sequence[OpenedRun]) -> dict[str, int]:
    """Rejected rows by reason, the most frequent first, as their seals count them; repeats made no row."""
    counted: Counter[str] = Counter()
    for run in runs:
        for seal in run.seals:
            counted.update(seal.rejected)
    del counted[REPEAT]
    return dict(sorted(counted.items(), key=lambda each: (-each[1], each[0])))


def described(run: OpenedRun, table: pa.Table) -> list[Mapping[str, Any]]:
    """Rows with `run` and `level`."""
    if "asked" in table.column_names:
        asked = table["asked"]
    elif "item" in table.column_names:
        named = [asked_of(item) for item in table["item"].to_pylist()]
        asked = pa.chunked_array([pa.array(named, pa.list_(pa.string()))])
    else:
        return [{**row, "run": run.name, "level": ""} for row in table.to_pylist()]
    levels = run.levels(table["index"], asked).to_pylist()
    return [{**row, "run": run.name, "level": level} for row, level in zip(table.to_pylist(), levels, strict=True)]


def _standing(runs: Sequence[OpenedRun], chosen: Filter) -> Standing | None:
    if not chosen.check or not runs:
        return None
    return standing_of(runs)


def _span(run: OpenedRun, after: Key | None, before: Key | None) -> Span | None:
    """The indices of a run that a page may hold; None where it may hold none."""
    if before is not None:
        if run.name > before.run:
            return None
        return Span(stop=before.index, backward=True) if run.name == before.run else Span(backward=True)
    if after is None or run.name > after.run:
        return Span()
    return Span(start=after.index + 1) if run.name == after.run else None
