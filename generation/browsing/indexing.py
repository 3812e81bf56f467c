"""The index: facts by which rows are found without reading their texts. Derived, and never needed to be right.

    browsing/<hash>.facts.parquet   index, id, level, length, reason      of some shards of a run, by index
             <hash>.uses.parquet    concept, rejected, index              the same, a line for each concept asked for

`reason` is empty for a row that passed, and `length` counts the characters of its question. A file is named by a hash
of the sealed files that it speaks of, so it is true for ever. SHARDS neighbouring shards, once all of them are sealed,
have one file together, before that each its own; what no run is found by any more goes with `skillweave workspace gc`.
Verdicts lie beside it (`generation.browsing.standing`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from engine.call import content_hash
from engine.errors import StorageError
from engine.files import put_new, storage_errors
from engine.shard import Seal
from engine.workspace import Workspace
from generation.browsing.opened import OpenedRun

FORMAT, SHARDS = 1, 64
_ROWS_A_GROUP = 8_192
_FACTS = pa.schema(
    [
        ("index", pa.int64()),
        ("id", pa.string()),
        ("level", pa.string()),
        ("length", pa.int32()),
        ("reason", pa.string()),
        ("asked", pa.list_(pa.string())),
    ]
)
Progress = Callable[[int, int], None]
"""(done, of): shards that are indexed."""


def unwatched(done: int, of: int) -> None:
    """A progress that nobody looks at."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Some shards of a run that are indexed together."""

    name: str
    seals: tuple[Seal, ...]

    def file(self, folder: Path, what: str) -> Path:
        """Its file of `facts` or `uses`."""
        return folder / f"{self.name}.{what}.parquet"


@dataclass(frozen=True, slots=True)
class Indexed:
    """The files of a run's index, in index order."""

    facts: list[str]
    uses: list[str]


def index_folder(workspace: Workspace) -> Path:
    """Where the index lies; need not exist."""
    return workspace.root / "browsing"


def segments_of(run: OpenedRun) -> list[Segment]:
    """The segments of a run as it is now."""
    found: list[Segment] = []
    for _, group in groupby(run.seals, key=lambda seal: seal.shard // SHARDS):
        seals = list(group)
        for part in [seals] if len(seals) == SHARDS else [[seal] for seal in seals]:
            named = [[seal.files[kind].hash for kind in ("rows", "rejected") if kind in seal.files] for seal in part]
            name = content_hash([FORMAT, run.spec.id, named]).removeprefix("b2:")
            found.append(Segment(name, tuple(part)))
    return found


def index_of(run: OpenedRun, progress: Progress = unwatched) -> Indexed:
    """The index of a run; what is missing of it is made first, some 70,000 rows a CPU second.

    Where the workspace cannot be written, it lies in a folder of this process.
    """
    segments = segments_of(run)
    folder = index_folder(run.workspace)
    missing = [segment for segment in segments if not segment.file(folder, "uses").is_file()]
    if missing:
        folder = writable_folder(run.workspace)
        done, of = 0, sum(len(segment.seals) for segment in missing)
        for segment in segments if folder != index_folder(run.workspace) else missing:
            _make(run, segment, folder)
            done += len(segment.seals)
            progress(min(done, of), of)
    return Indexed(
        [str(segment.file(folder, "facts")) for segment in segments],
        [str(segment.file(folder, "uses")) for segment in segments],
    )


def stale(workspace: Workspace, runs: Sequence[OpenedRun]) -> list[Path]:
    """The files of the index that none of these runs is found by, and of verdicts all but the last that were made."""
    needed = {segment.name for run in runs for segment in segments_of(run)}
    folder = index_folder(workspace)
    files = sorted(folder.glob("[!.]*.parquet")) if folder.is_dir() else []
    said = sorted((file for file in files if file.match("*.verdicts.parquet")), key=lambda file: file.stat().st_mtime)
    return [file for file in files if file.name.partition(".")[0] not in needed and file not in said[-1:]]


def writable_folder(workspace: Workspace) -> Path:
    """Where files of the index can be put: the workspace's folder, else one that ends with this process."""
    folder = index_folder(workspace)
    try:
        with storage_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                return folder
    except (StorageError, OSError):
        return _own_folder()


@cache
def _own_folder() -> Path:
    kept = tempfile.TemporaryDirectory(prefix="skillweave-browsing-")
    _KEPT.append(kept)
    return Path(kept.name)


_KEPT: list[Any] = []
"""Folders that go when the process ends."""


def _make(run: OpenedRun, segment: Segment, folder: Path) -> None:
    if segment.file(folder, "uses").is_file():
        return
    parts = [part for seal in segment.seals for part in _facts(run, seal)]
    facts = pa.concat_tables([_FACTS.empty_table(), *parts]).combine_chunks().sort_by("index")
    asked = facts["asked"].combine_chunks()
    rows = pc.list_parent_indices(asked)
    uses = pa.table(
        {
            "concept": pc.list_flatten(asked),
            "rejected": pc.not_equal(facts["reason"], "").take(rows),
            "index": facts["index"].take(rows),
        }
    )
    uses = uses.group_by(["concept", "rejected", "index"]).aggregate([]).sort_by(
        [(name, "ascending") for name in ("concept", "rejected", "index")]
    )  # fmt: skip
    _put(segment.file(folder, "facts"), facts.drop_columns("asked"))
    _put(segment.file(folder, "uses"), uses)


def _put(path: Path, table: pa.Table) -> None:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", row_group_size=_ROWS_A_GROUP)
    put_new(path, sink.getvalue().to_pybytes())


def _facts(run: OpenedRun, seal: Seal) -> Iterator[pa.Table]:
    """The facts of the rows of a shard, those that passed and those that did not."""
    wanted = [name for name in ("id", "index", "question", "asked") if name in run.columns_of("rows")]
    if seal.passed:
        table = run.read(seal, "rows", wanted)
        asked = table["asked"] if "asked" in wanted else _no_lists(table.num_rows)
        yield _table(run, table, asked, pc.utf8_length(table["question"]).cast(pa.int32()), pa.scalar(""))
    if "rejected" in seal.files and seal.files["rejected"].rows:
        table = run.read(seal, "rejected", ["id", "index", "reason", "item"])
        named = [asked_of(item) for item in table["item"].to_pylist()]
        asked = pa.chunked_array([pa.array(named, _FACTS.field("asked").type)])
        yield _table(run, table, asked, pa.nulls(table.num_rows, pa.int32()), table["reason"])


def asked_of(item: str | None) -> list[str]:
    """The ids of the concepts that a rejected row's item names."""
    described = orjson.loads(item or "{}")
    return [named["id"] for kind in ("topics", "knowledge_points") for named in described.get(kind, ())]


def _no_lists(count: int) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array([[]] * count, _FACTS.field("asked").type)])


def _table(run: OpenedRun, table: pa.Table, asked: pa.ChunkedArray, length: Any, reason: Any) -> pa.Table:
    count = table.num_rows
    reasons = reason if isinstance(reason, pa.ChunkedArray) else pa.array([reason.as_py()] * count, pa.string())
    columns = [table["index"], table["id"], run.levels(table["index"], asked), length, reasons, asked]
    return pa.table(columns, schema=_FACTS)
