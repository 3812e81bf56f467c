"""Runs as they are browsed: their seals read once, their sealed files by kind, the levels of their rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from engine.errors import InputError
from engine.rows import Part, accepted_parts, sealed_file
from engine.run import RunSpec, read_spec
from engine.shard import Seal, seals_of
from engine.workspace import Workspace
from generation.composition import levels_asked
from graph.snapshot import Snapshot
from graph.stores.levels import SeedLevels

Kind = Literal["rows", "rejected"]
_READ: dict[tuple[Path, int, int], dict[int, Seal]] = {}
"""The seals of runs that were read, by folder and by the run.json that it had: a seal never changes."""
_RUNS_READ = 64


@dataclass(frozen=True)
class OpenedRun:
    """One run at one moment; rows sealed later are not in it."""

    workspace: Workspace
    folder: Path
    spec: RunSpec = field(repr=False)
    seals: Sequence[Seal] = field(repr=False)
    """In index order."""

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.name

    @property
    def items(self) -> Mapping[str, Any]:
        """What it works on, as run.json has it."""
        return self.spec.items

    @cached_property
    def accepted(self) -> list[Part]:
        """The shards that hold accepted rows."""
        return accepted_parts(self.folder, self.seals)

    def parts(self, kind: Kind) -> list[Part]:
        """The shards that hold rows of a kind, each with how many, in index order."""
        if kind == "rows":
            return self.accepted
        refused = [(seal, seal.files["rejected"].rows) for seal in self.seals if "rejected" in seal.files]
        return [Part(seal, rows) for seal, rows in refused if rows]

    @cached_property
    def stop(self) -> int:
        """The index from which on no row is accepted: those that passed there are ahead of the run's target."""
        if not self.accepted:
            return 0
        last = self.accepted[-1]
        if last.rows == last.seal.files["rows"].rows:
            return last.seal.stop
        return int(self.read(last.seal, "rows", ["index"])["index"][last.rows - 1].as_py()) + 1

    def read(self, seal: Seal, kind: Kind, columns: Sequence[str]) -> pa.Table:
        """These columns of a sealed file. Raises InputError where it is gone or damaged."""
        path = sealed_file(self.folder, seal, kind)
        with _damaged(path):
            return pq.read_table(path, columns=list(columns))

    def columns_of(self, kind: Kind) -> list[str]:
        """The columns of its rows of a kind; none where it has no such row."""
        return self._columns[kind]

    @cached_property
    def _columns(self) -> dict[Kind, list[str]]:
        kinds: tuple[Kind, Kind] = ("rows", "rejected")
        return {kind: self._names(parts[0].seal, kind) if (parts := self.parts(kind)) else [] for kind in kinds}

    def _names(self, seal: Seal, kind: Kind) -> list[str]:
        path = sealed_file(self.folder, seal, kind)
        with _damaged(path):
            return list(pq.read_schema(path).names)

    @cached_property
    def snapshot(self) -> Snapshot | None:
        """The graph that it was made from; None where that is no longer in the workspace."""
        folder = self.workspace.graphs / str(self.items.get("graph"))
        return Snapshot.open_lazily(folder) if (folder / "meta.json").is_file() else None

    @cached_property
    def _seed_levels(self) -> SeedLevels | None:
        return SeedLevels(self.snapshot) if self.snapshot is not None else None

    def levels(self, indices: pa.ChunkedArray, asked: pa.ChunkedArray) -> pa.Array:
        """The level of each row: what its composition asks for, else that at which the seeds mention its concepts most.

        Empty where neither is known; see `graph.stores.levels`.
        """
        levels = levels_asked(self.items, indices)
        if levels.null_count == 0:
            return levels
        if self.snapshot is None or self._seed_levels is None:
            return pc.fill_null(levels, "")
        lists = asked.combine_chunks()
        places = pc.index_in(pc.list_flatten(lists), self.snapshot.nodes["id"].combine_chunks())
        rows = pc.list_parent_indices(lists).to_numpy(zero_copy_only=False).astype(np.int64)
        there = places.is_valid().to_numpy(zero_copy_only=False)
        pairs = np.unique(np.stack((rows[there], places.drop_null().to_numpy().astype(np.int64))), axis=1)
        return pc.coalesce(levels, self._seed_levels.of(pairs[0], pairs[1], len(indices)))


@contextmanager
def _damaged(path: Path) -> Iterator[None]:
    """Turn what a reader says of a file that is not as it was written into an error of ours."""
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            f"{path} cannot be read ({error}); put it back from a copy, and see what else changed: skillweave dataset "
            "verify NAME"
        ) from None


def open_runs(workspace: Workspace, folders: Sequence[Path]) -> list[OpenedRun]:
    """The runs as they are now, by name. Raises InputError where one is damaged."""
    return [
        OpenedRun(workspace, folder, read_spec(folder), list(_seals(folder).values()))
        for folder in sorted(set(folders), key=lambda folder: folder.name)
    ]


def _seals(folder: Path) -> dict[int, Seal]:
    """The seals of a run; those that were read before are not read again."""
    made = (folder / "run.json").stat()
    key = folder, made.st_ino, made.st_mtime_ns
    known = _READ.pop(key, {})
    known = dict(sorted({**known, **seals_of(folder / "shards", known)}.items()))
    _READ[key] = known
    while len(_READ) > _RUNS_READ:
        _READ.pop(next(iter(_READ)))
    return known
