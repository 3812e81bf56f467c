"""A run's pace over time, from the times of its replies: of past runs as of those at work, whoever asks.

Of up to `EXACT` sealed shards every reply is taken at its time, from the sealed calls. Of more, what a shard holds is
spread evenly between its first and last reply, which its seal names. Journals of unsealed shards are taken reply by
reply. A row is made when the last reply of its conversation has come.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from engine.errors import InputError
from engine.estimate import Range, estimate
from engine.records import Records
from engine.rows import sealed_file
from engine.shard import Seal

EXACT = 200
_BINS = 90
_WIDTHS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
_LATELY, _FEWEST = 12, 3
"""Whole intervals that the present pace is taken over, at most and at least."""
_SAMPLE = 2_000
_Times = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Series:
    """Calls and rows by interval."""

    starts: tuple[float, ...] = ()
    """Unix seconds at which each interval begins, rising by `width_s`."""
    width_s: float = 1.0
    calls: tuple[float, ...] = ()
    """Replies that were paid in each."""
    rows: tuple[float, ...] = ()
    """Rows that were made in each."""

    def per_minute(self, counts: Sequence[float]) -> list[float]:
        """Counts of intervals as counts a minute."""
        return [count * 60 / self.width_s for count in counts]


@dataclass
class History:
    """The times of one run's replies, each file read once. Not for several threads at once."""

    folder: Path
    _exact: dict[int, tuple[_Times, _Times]] = field(default_factory=dict)
    """By sealed shard: the times of its calls and of its rows, in Unix milliseconds."""
    _spans: dict[int, tuple[int, int, int, int]] = field(default_factory=dict)
    """By sealed shard: its first and last reply, its calls and its rows."""

    def series(self, records: Records, rows_at: Sequence[int] = (), *, until_s: float | None = None) -> Series:
        """The run's pace from its first reply to its last one, or to `until_s`.

        `rows_at`: Unix milliseconds of the rows of unsealed shards, where somebody knows them.
        """
        exact = len(records.seals) <= EXACT
        times = [np.array(rows_at, np.int64)]
        calls = [np.array(records.times(), np.int64)]
        if exact:
            for seal in records.seals.values():
                of_calls, of_rows = self._times(seal)
                calls.append(of_calls)
                times.append(of_rows)
        paid, made = (np.concatenate(each).astype(np.int64) for each in (calls, times))
        spans = np.zeros((0, 4), np.int64) if exact else np.array([self._span(seal) for seal in records.seals.values()])
        spans = spans[spans[:, 2] > 0]
        ends = np.concatenate((paid, spans[:, 0], spans[:, 1]))
        if not len(ends):
            return Series()
        first, last = ends.min() / 1000, max(ends.max() / 1000, until_s or 0.0)
        width = next((width for width in _WIDTHS_S if (last - first) / width < _BINS), _WIDTHS_S[-1])
        start = first // width * width
        edges = start + width * np.arange(int((last - start) // width) + 2)
        counted = [
            np.histogram(exactly / 1000, edges)[0] + _spread(spans, spans[:, column], edges)
            for exactly, column in ((paid, 2), (made, 3))
        ]
        return Series(tuple(edges[:-1].tolist()), float(width), *(tuple(counts.tolist()) for counts in counted))

    def _times(self, seal: Seal) -> tuple[_Times, _Times]:
        """When the calls of a sealed shard were answered, and its rows made; nothing where its files are gone."""
        if seal.shard not in self._exact:
            nothing = np.zeros(0, np.int64)
            self._exact[seal.shard] = (nothing, nothing)
            with suppress(InputError, OSError, pa.ArrowInvalid):
                table = pq.read_table(sealed_file(self.folder, seal, "calls"), columns=["index", "at_ms", "origin"])
                rows = pq.read_table(sealed_file(self.folder, seal, "rows"), columns=["index"])
                paid = table.filter(pc.equal(pc.fill_null(table["origin"], ""), ""))
                ends = paid.group_by("index").aggregate([("at_ms", "max")])
                made = ends.filter(pc.is_in(ends["index"], rows["index"].combine_chunks()))["at_ms_max"]
                self._exact[seal.shard] = (_times_of(paid["at_ms"]), _times_of(made))
        return self._exact[seal.shard]

    def _span(self, seal: Seal) -> tuple[int, int, int, int]:
        if seal.shard not in self._spans:
            first, last = seal.first_ms, seal.last_ms
            if first is None and seal.spent:
                first, last = _from_statistics(self.folder, seal)
            calls = sum(part.calls for part in seal.spent)
            self._spans[seal.shard] = (first or 0, last or 0, calls if first else 0, seal.passed)
        return self._spans[seal.shard]


def _times_of(column: pa.ChunkedArray) -> _Times:
    times: _Times = column.drop_null().to_numpy().astype(np.int64)
    return times[times > 0]


def _from_statistics(folder: Path, seal: Seal) -> tuple[int | None, int | None]:
    """The first and last reply of a shard whose seal does not name them, from its calls' footer."""
    with suppress(InputError, OSError, pa.ArrowInvalid):
        about = pq.read_metadata(sealed_file(folder, seal, "calls"))
        column = list(about.schema.names).index("at_ms")
        groups = [about.row_group(number).column(column).statistics for number in range(about.num_row_groups)]
        known = [group for group in groups if group is not None and group.has_min_max]
        if known:
            return min(group.min for group in known), max(group.max for group in known)
    return None, None


def _spread(spans: NDArray[np.int64], counts: NDArray[np.int64], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shape (intervals,): what each span holds, spread evenly over it."""
    begin = spans[:, :1] / 1000
    length = np.maximum(spans[:, 1:2] / 1000 - begin, 1e-3)
    before = np.clip((edges[None, :] - begin) / length, 0.0, 1.0) * counts[:, None]
    spread: NDArray[np.float64] = np.diff(before.sum(axis=0))
    return spread


def lately(series: Series, now_s: float | None = None) -> Range | None:
    """Calls a second over the last whole intervals, and between which bounds they go on; None where these are too few.

    The bounds are two standard errors of their mean. Intervals of a pause before these tell nothing and are left out.
    """
    now = time.time() if now_s is None else now_s
    counts = [count for start, count in zip(series.starts, series.calls, strict=True) if start + series.width_s <= now]
    counts = counts[1:][-_LATELY:] if len(counts) > _FEWEST else []
    while counts and counts[0] == 0:
        counts = counts[1:]
    if len(counts) < _FEWEST or not any(counts):
        return None
    mean = float(np.mean(counts))
    error = 2 * float(np.std(counts, ddof=1)) / len(counts) ** 0.5
    return Range(*(pace / series.width_s for pace in (mean, max(mean - error, mean / 4), mean + error)))


def time_left(
    pace: Range, *, passed: int, ended: int, calls: int, rows: int | None = None, items: int | None = None
) -> Range | None:
    """Seconds until `rows` more rows are made, or `items` more conversations have ended; None before any has.

    `pace`: calls a second; `passed` of the `ended` conversations gave a row, and took so many calls.
    """
    if not ended or not calls or not (rows or items):
        return None
    n = min(ended, _SAMPLE)
    sample = np.arange(n) < round(passed * n / ended)
    (conversations,) = estimate(sample, np.zeros((n, 0)), rows=rows, items=items)
    each = calls / ended
    return Range(
        conversations.likely * each / pace.likely,
        conversations.low * each / pace.high,
        conversations.high * each / pace.low,
    )
