"""What the conversations of a run took, one by one: the sample that an estimate stands on.

Sealed conversations come from the shards' Parquet, others by replay of their journals. What was paid in vain, by a
killed worker or an overtaken one, is no part of it.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from engine.books import read_spent
from engine.call import Usage
from engine.estimate import two_points
from engine.journal import Entry, journals_of, whole_size
from engine.planner import Repeats
from engine.prices import Price, cost
from engine.replay import Passed, remember_shard
from engine.rows import sealed_file
from engine.run import Run
from engine.sealing import replay_shard
from engine.shard import Seal, Shard, Spent, seal_of, shards_of

COLUMNS = ("calls", "prompt", "completion", "cached", "reasoning", "estimated", "usd")
"""What a conversation took; `usd` at today's price, NaN where there is none."""
_KEPT = ("index", "role", "used", "at_ms", *(f"{kind}_tokens" for kind in Usage._fields))


@dataclass(frozen=True, slots=True)
class Sample:
    """n conversations that ended."""

    run: str
    passed: NDArray[np.bool_]
    """Shape (n,)."""
    values: NDArray[np.float64]
    """Shape (n, 7): COLUMNS."""
    seconds_a_call: float
    """At the pace of the sample, its beginning left out; 0 where it is too short to tell."""
    bytes_a_conversation: float
    """On the disk, sealed; 0 where nothing is sealed."""

    def __len__(self) -> int:
        return len(self.passed)


def ended_in(run: Run) -> tuple[int, int]:
    """Conversations of a run that have ended, and those of them that gave a row; of unsealed shards by replay."""
    ended = passed = 0
    repeats = Repeats(run)
    for shard in shards_of(run.shards) if run.shards.is_dir() else ():
        if (seal := seal_of(run.shards, shard.number)) is not None:
            ended, passed = ended + seal.passed + seal.refused, passed + seal.passed
            continue
        replies = remember_shard(run.shards, shard.number).replies
        for _, _, ending in replay_shard(run, repeats.sendable(shard), replies):
            if not isinstance(ending, list):
                ended, passed = ended + 1, passed + isinstance(ending, Passed)
    return ended, passed


def take_sample(run: Run, prices: Mapping[str, Price | None], most: int = 2_000) -> Sample:
    """The first conversations of a run that ended, at most so many; `prices` by role."""
    passed: list[bool] = []
    values: list[list[float]] = []
    arrivals: list[int] = []
    sizes: list[tuple[float, float]] = []
    repeats = Repeats(run)
    for shard in shards_of(run.shards) if run.shards.is_dir() else ():
        if len(passed) >= most:
            break
        seal = seal_of(run.shards, shard.number)
        if seal is None:
            _add_unsealed(run, shard, repeats, prices, passed, values, arrivals)
            continue
        _add_sealed(run, seal, prices, passed, values, arrivals)
        sizes.append(_bytes_of(run, seal))
    return Sample(
        run.name,
        np.array(passed[:most], np.bool_),
        np.array(values[:most], np.float64).reshape(-1, len(COLUMNS)),
        _pace(arrivals),
        float(np.mean([size for size, _ in sizes])) if sizes else 0.0,
    )


def _took(entries: Iterable[tuple[Usage, str]], prices: Mapping[str, Price | None]) -> list[float]:
    usages = list(entries)
    total = [float(len(usages)), *(float(sum(kind)) for kind in zip(Usage(), *(u for u, _ in usages), strict=True))]
    costs = [cost(usage, prices.get(role)) for usage, role in usages]
    return [*total, float("nan") if None in costs else float(sum(filter(None, costs)))]


def _add_sealed(
    run: Run,
    seal: Seal,
    prices: Mapping[str, Price | None],
    passed: list[bool],
    values: list[list[float]],
    arrivals: list[int],
) -> None:
    path = sealed_file(run.folder, seal, "calls")
    names = set(pq.read_schema(path).names)
    calls: dict[int, list[tuple[Usage, str]]] = {}
    for row in pq.read_table(path, columns=[name for name in _KEPT if name in names]).to_pylist():
        if row["used"]:
            usage = Usage(*(row.get(f"{kind}_tokens", 0) for kind in Usage._fields))
            calls.setdefault(row["index"], []).append((usage, row["role"]))
            arrivals.append(row["at_ms"])
    for kind in ("rows", "rejected"):
        for index in pq.read_table(sealed_file(run.folder, seal, kind), columns=["index"])["index"].to_pylist():
            passed.append(kind == "rows")
            values.append(_took(calls.get(index, ()), prices))


def _add_unsealed(
    run: Run,
    shard: Shard,
    repeats: Repeats,
    prices: Mapping[str, Price | None],
    passed: list[bool],
    values: list[list[float]],
    arrivals: list[int],
) -> None:
    replies = remember_shard(run.shards, shard.number).replies
    for _, talk, ending in replay_shard(run, repeats.sendable(shard), replies):
        if isinstance(ending, list):
            continue
        used: list[tuple[Entry, str]] = [(talk.replies[ask.path], ask.call.role) for ask in talk.calls]
        passed.append(isinstance(ending, Passed))
        values.append(_took(((entry.reply.usage, role) for entry, role in used), prices))
        arrivals += [entry.at_ms for entry, _ in used]


def _pace(arrivals: list[int]) -> float:
    """Seconds a call: the slope of a line through the first quarter of the replies and the last, so without the start.

    0 for fewer than 20 replies.
    """
    if len(arrivals) < 20:
        return 0.0
    times = sorted(arrivals)
    quarter = len(times) // 4
    _, slope = two_points((quarter, times[quarter - 1] / 1000), (len(times), times[-1] / 1000))
    return slope


def _bytes_of(run: Run, seal: Seal) -> tuple[float, int]:
    """Bytes that one conversation more takes in a sealed shard, and how many it holds.

    The files of a small shard are mostly overhead, so both halves and the whole are written in memory and a line is put
    through.
    """
    conversations = max(1, seal.passed + seal.refused)
    total = 0.0
    for kind, file in seal.files.items():
        if conversations >= 1_000:
            total += file.size / conversations
            continue
        table = pq.read_table(sealed_file(run.folder, seal, kind))
        half = table.slice(0, table.num_rows // 2)
        if not half.num_rows:
            continue
        _, slope = two_points((half.num_rows, _size(half)), (table.num_rows, _size(table)))
        total += slope * table.num_rows / conversations
    return total, conversations


def _size(table: pa.Table) -> int:
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getbuffer().nbytes


def journaled_bytes(run: Run) -> int:
    """What the journals of unsealed shards hold now."""
    shards = shards_of(run.shards) if run.shards.is_dir() else []
    return sum(whole_size(path) for shard in shards for path in journals_of(run.shards, shard.number))


def paid_so_far(run: Run) -> tuple[Spent, ...]:
    """What is paid already; nothing where the run is not begun."""
    return read_spent(run.folder) if run.shards.is_dir() else ()
