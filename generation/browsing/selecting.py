"""From a filter to the rows of one run that fit it: which indices by the index, then what the texts say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from engine.rows import Part, sealed_file
from generation.browsing.database import ask
from generation.browsing.filtering import FAULTED, KEPT, UNREVIEWED, Filter
from generation.browsing.indexing import Progress, index_of, unwatched
from generation.browsing.opened import Kind, OpenedRun
from generation.browsing.standing import Standing
from generation.reviews import verdicts

_FIRST_SHARDS, _MOST_SHARDS = 8, 256
"""Shards whose texts are searched at once: first, and at most."""
_TEXTS = {"rows": ("question", "solution"), "rejected": ("detail", "item")}


@dataclass(frozen=True, slots=True)
class Span:
    """Indices from `start` up to but not with `stop`; `backward` where the last of them are wanted first."""

    start: int = 0
    stop: int = 1 << 62
    backward: bool = False

    @property
    def order(self) -> str:
        """For a query."""
        return "DESC" if self.backward else "ASC"


@dataclass(frozen=True)
class Selection:
    """A filter as it is asked of a run."""

    run: OpenedRun
    chosen: Filter
    standing: Standing | None = None
    """What checks say; of use only where the filter asks for it."""
    progress: Progress = unwatched

    @property
    def kind(self) -> Kind:
        """Which sealed files hold the rows."""
        return "rejected" if self.chosen.rejected else "rows"

    def count(self) -> int:
        """How many rows fit, whatever words are asked for."""
        if not self.chosen.indexed:
            return sum(part.rows for part in self.run.parts(self.kind))
        named = self._asked_for(Span())
        if named is not None and not self.chosen.by_facts:
            return len(named)
        return int(self._facts("count(*) AS rows", Span(), named)["rows"][0].as_py())

    def rows(self, span: Span, columns: Sequence[str] | None = None, most: int | None = None) -> Iterator[pa.Table]:
        """The rows that fit in index order, or from the last one on, some at a time and at most so many in all.

        `columns` that the run does not have are left out.
        """
        words = self.chosen.words
        indices = self._indices(span, None if words else most) if self.chosen.indexed else None
        parts = [p for p in self.run.parts(self.kind) if p.seal.stop > span.start and p.seal.start < span.stop]
        if indices is not None:
            parts = [part for part in parts if _any_within(indices, part)]
        parts = parts[::-1] if span.backward else parts
        if words or most is None:
            batches = _more_and_more(parts)
        else:
            batches = [parts if indices is not None else _first(parts, span, most)]
        for some in filter(None, batches):
            table = self._read(some, span, indices, columns, most)
            yield table
            most = None if most is None else most - table.num_rows
            if most == 0:
                return

    def at(self, indices: Sequence[int], columns: Sequence[str]) -> pa.Table | None:
        """The rows of these rising indices, whatever the filter asks of the index; None where there is none."""
        wanted = np.array(indices, np.int64)
        parts = [part for part in self.run.parts(self.kind) if _any_within(wanted, part)]
        return self._read(parts, Span(), wanted, columns, None) if parts else None

    def _indices(self, span: Span, most: int | None) -> NDArray[np.int64]:
        """The indices that fit, whatever words are asked for, at most so many from where the span begins; rising."""
        named = self._asked_for(span)
        if named is None or self.chosen.by_facts:
            order = f"ORDER BY index {span.order}" + ("" if most is None else f" LIMIT {most:d}")
            return np.sort(self._facts("index", span, named, order)["index"].to_numpy())
        return named if most is None else named[-most:] if span.backward else named[:most]

    def _asked_for(self, span: Span) -> NDArray[np.int64] | None:
        """The indices of the span that were asked for all the concepts, rising; None where none is named."""
        found: NDArray[np.int64] | None = None
        for ids in self.chosen.concepts:
            one = len(ids) == 1  # then whole groups of rows are passed over
            text = f"""SELECT DISTINCT index FROM read_parquet(?)
                       WHERE concept {"= ?" if one else "IN (SELECT unnest(?))"} AND rejected = ?
                       AND index >= ? AND index < ?"""  # noqa: S608 - our own words
            values = [
                index_of(self.run, self.progress).uses, ids[0] if one else list(ids), self.chosen.rejected, span.start,
                self._stop(span),
            ]  # fmt: skip
            these = np.sort(ask(text, values)["index"].to_numpy())
            found = these if found is None else np.intersect1d(found, these, assume_unique=True)
        return found

    def _facts(self, what: str, span: Span, among: NDArray[np.int64] | None, order: str = "") -> pa.Table:
        """What the index says of the rows that fit, of those `among` which alone may fit."""
        chosen, run = self.chosen, self.run
        tests = ["index >= ?", "index < ?", "reason <> ''" if chosen.rejected else "reason = ''"]
        values: list[Any] = [index_of(run, self.progress).facts, span.start, self._stop(span)]

        def test(text: str, *given: Any) -> None:
            tests.append(text)
            values.extend(given)

        for name, value in (("level =", chosen.level or None), ("length >=", chosen.shortest),
                            ("length <=", chosen.longest), ("reason =", chosen.reason or None)):  # fmt: skip
            if value is not None:
                test(f"{name} ?", value)
        if chosen.review:
            said = verdicts(run.workspace)
            ids = [row for row, verdict in said.items() if chosen.review in (verdict, UNREVIEWED)]
            negated = "NOT" if chosen.review == UNREVIEWED else ""
            test(f"id {negated} IN (SELECT unnest(?::VARCHAR[]))", ids)
        if chosen.check:
            self._test_check(chosen.check, test)
        tables = {}
        if among is not None:
            test("index IN (SELECT index FROM near)")
            tables["near"] = pa.table({"index": among})
        text = f"SELECT {what} FROM read_parquet(?) WHERE {' AND '.join(tests)} {order}"  # noqa: S608 - our own words
        return ask(text, values, tables)

    def _test_check(self, wanted: str, test: Any) -> None:
        if self.standing is None or self.run.name not in self.standing.runs:
            test("false")  # it was not checked, so nothing is known of it
            return
        said = "SELECT id FROM read_parquet(?)"
        if wanted in (KEPT, FAULTED):
            test(f"id {'NOT' if wanted == KEPT else ''} IN ({said})", self.standing.file)
            return
        check, _, reason = wanted.partition(": ")
        if reason:
            test(f'id IN ({said} WHERE "check" = ? AND reason = ?)', self.standing.file, check, reason)
        else:
            test(f'id IN ({said} WHERE "check" = ?)', self.standing.file, check)

    def _stop(self, span: Span) -> int:
        return span.stop if self.chosen.rejected else min(span.stop, self.run.stop)

    def _read(
        self,
        parts: Sequence[Part],
        span: Span,
        indices: NDArray[np.int64] | None,
        columns: Sequence[str] | None,
        most: int | None,
    ) -> pa.Table:
        tests = ["index >= ?", "index < ?"]
        values: list[Any] = [span.start, self._stop(span)]
        tables: dict[str, pa.Table] = {}
        if indices is not None:
            lowest, highest = min(part.seal.start for part in parts), max(part.seal.stop for part in parts)
            near = indices[np.searchsorted(indices, lowest) : np.searchsorted(indices, highest)]
            tests += ["index >= ?", "index <= ?", "index IN (SELECT index FROM near)"]
            values += [int(near[0]), int(near[-1])]
            tables["near"] = pa.table({"index": near})
        there = self.run.columns_of(self.kind)
        if self.chosen.words:
            fields = [field for field in _TEXTS[self.kind] if field in there]
            tests.append("(" + " OR ".join(f"regexp_matches({field}, ?, 'i')" for field in fields) + ")")
            values += [re.escape(self.chosen.words)] * len(fields)
        listed = ", ".join(f'"{name}"' for name in there if columns is None or name in columns)
        files = [str(sealed_file(self.run.folder, part.seal, self.kind)) for part in parts]
        limit = "" if most is None else f"LIMIT {most:d}"
        text = f"""SELECT {listed} FROM read_parquet(?) WHERE {" AND ".join(tests)}
                   ORDER BY index {span.order} {limit}"""  # noqa: S608 - our own words
        return ask(text, [files, *values], tables)


def _any_within(indices: NDArray[np.int64], part: Part) -> bool:
    place = int(np.searchsorted(indices, part.seal.start))
    return place < len(indices) and int(indices[place]) < part.seal.stop


def _more_and_more(parts: Sequence[Part]) -> list[Sequence[Part]]:
    """Some parts, then twice as many, and so on."""
    found: list[Sequence[Part]] = []
    at, size = 0, _FIRST_SHARDS
    while at < len(parts):
        found.append(parts[at : at + size])
        at, size = at + size, min(2 * size, _MOST_SHARDS)
    return found


def _first(parts: Sequence[Part], span: Span, most: int) -> Sequence[Part]:
    """The first parts, as many as hold so many rows of the span."""
    held = at = 0
    while at < len(parts) and held < most:
        seal = parts[at].seal
        held += parts[at].rows if span.start <= seal.start and seal.stop <= span.stop else 0
        at += 1
    return parts[:at]
