"""The rows of a run: accepted are the first N that passed, in index order; the rest of them is ahead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from engine.errors import InputError
from engine.run import read_target
from engine.shard import Seal, seals_of


@dataclass(frozen=True, slots=True)
class Part:
    """One sealed shard's share of the accepted rows: its first `rows` rows."""

    seal: Seal
    rows: int


def accepted_parts(run: Path, seals: Iterable[Seal] | None = None) -> list[Part]:
    """The sealed shards that hold accepted rows, in index order; `seals` are the run's where they were read already."""
    left = read_target(run).count
    parts: list[Part] = []
    for seal in seals_of(run / "shards").values() if seals is None else seals:
        rows = seal.passed if left is None else min(seal.passed, left)
        if rows:
            parts.append(Part(seal, rows))
        left = left if left is None else left - rows
    return parts


def sealed_file(run: Path, seal: Seal, kind: str) -> Path:
    """The path of a sealed file: `rows`, `rejected` or `calls`. Raises InputError where it is gone or cut short."""
    named = seal.files[kind]
    path = run / "shards" / named.name
    if not path.is_file() or path.stat().st_size != named.size:
        raise InputError(
            f"{path} is missing or not the file that its seal names; put it back from a copy, or make the run's rows "
            f"again in a new one: skillweave generate --name ... --reuse {run.name}"
        )
    return path


def read_accepted(run: Path, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
    """The accepted rows, a table a shard, in index order."""
    for part in accepted_parts(run):
        yield pq.read_table(sealed_file(run, part.seal, "rows"), columns=columns).slice(0, part.rows)


def read_rejected(run: Path) -> Iterator[pa.Table]:
    """The rejected rows, a table a shard, in index order."""
    for seal in seals_of(run / "shards").values():
        yield pq.read_table(sealed_file(run, seal, "rejected"))


def calls_of(run: Path, index: int) -> pa.Table | None:
    """The calls of one index, in order of their places; None where its shard is not sealed or it is none's."""
    for seal in seals_of(run / "shards").values():
        if seal.start <= index < seal.stop:
            return pq.read_table(sealed_file(run, seal, "calls"), filters=[("index", "=", index)])
    return None
