"""What takes room in a workspace, and what nothing needs any more.

Freed are only things that can be had again or that nobody can read: stores that no graph would be asked through,
parts of the index of questions that no run is found by, hidden folders whose maker is gone, journals and stray files of
sealed shards, temporary files of yesterday. Graphs, runs, what runs stand on (coverages, pairs), seed sets, datasets,
verdicts and reviews are never touched.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from engine.folders import abandoned
from engine.run import list_runs
from engine.shard import left_behind, seals_of
from engine.workspace import Workspace
from generation.browsing import open_runs
from generation.browsing.indexing import index_folder, stale
from graph.snapshot import Snapshot, list_snapshots
from graph.stores import Questions
from graph.stores.ladybug import MANIFEST, store_id

_DAY_S = 24 * 3600
_KINDS = {
    "graphs": "graph",
    "stores": "store",
    "runs": "run",
    "datasets": "dataset",
    "seeds": "seeds",
    "coverage": "coverage",
    "pairs": "pairs",
    "verdicts": "verdicts",
    "models": "models",
}


@dataclass(frozen=True, slots=True)
class Room:
    """What one thing of a workspace takes."""

    what: str
    """graph, store, run, dataset, seeds, coverage, pairs, verdicts, models, or other."""
    name: str
    files: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Freeable:
    """Something that nothing needs."""

    path: Path
    bytes: int
    why: str


def room_of(place: Workspace) -> list[Room]:
    """Everything in the workspace, the largest first; of hidden leftovers too."""
    rows = []
    for part in sorted(place.root.iterdir()) if place.root.is_dir() else []:
        kind = _KINDS.get(part.name)
        if kind is None or not part.is_dir():
            rows.append(Room("other", part.name, *_size(part)))
            continue
        rows += [Room(kind, each.name.removesuffix(".parquet"), *_size(each)) for each in sorted(part.iterdir())]
    return sorted(rows, key=lambda row: (-row.bytes, row.what, row.name))


def freeable(place: Workspace, questions_of: Callable[[Workspace, Snapshot], Questions]) -> list[Freeable]:
    """What may go, sorted by path. `questions_of` finds the questions that the store of a graph would hold now."""
    found = [*_stores(place, questions_of), *_hidden(place), *_of_runs(place), *_of_index(place)]
    return sorted(found, key=lambda each: each.path)


def free(found: Freeable) -> bool:
    """Remove it; False where its maker lives after all, or it is gone already."""
    if not found.path.is_dir():
        existed = found.path.exists()
        found.path.unlink(missing_ok=True)
        return existed
    try:
        with abandoned(found.path) as ours:
            if ours:
                shutil.rmtree(found.path)
            return ours
    except FileNotFoundError:
        return False


def _stores(place: Workspace, questions_of: Callable[[Workspace, Snapshot], Questions]) -> Iterator[Freeable]:
    graphs = {meta["fingerprint"] for meta in list_snapshots(place.graphs)}
    wanted: dict[str, str] = {}
    for folder in _shown(place.stores):
        try:
            graph = str(orjson.loads((folder / MANIFEST).read_bytes())["snapshot"])
        except (OSError, ValueError, KeyError, TypeError):
            yield Freeable(folder, _size(folder)[1], "a store that was cut short or is of another version")
            continue
        if graph not in graphs:
            yield Freeable(folder, _size(folder)[1], f"the store of graph {graph}, which is not here")
            continue
        if graph not in wanted:
            snapshot = Snapshot.open_lazily(place.graphs / graph)
            wanted[graph] = store_id(snapshot, questions_of(place, snapshot))
        if folder.name != wanted[graph]:
            yield Freeable(
                folder,
                _size(folder)[1],
                f"an older store of graph {graph}: questions came since, or another version made it",
            )


def _hidden(place: Workspace) -> Iterator[Freeable]:
    """Folders and files that a maker left behind: by its lock, and where there is none by a day's rest."""
    parts = [place.root, place.seeds, place.graphs, place.stores, place.runs, place.datasets, place.models]
    parts += [place.coverage, place.pairs, index_folder(place)]
    parts += [place.verdicts, *(p for p in place.verdicts.rglob("*") if p.is_dir())]
    for part in parts:
        for path in sorted(part.iterdir()) if part.is_dir() else []:
            if not path.name.startswith("."):
                continue
            if path.is_dir() and path.suffix == ".tmp":
                with abandoned(path) as ours:
                    if ours:
                        yield Freeable(path, _size(path)[1], "left behind by a process that is gone")
            elif path.suffix in (".tmp", ".new") and _rests(path):
                yield Freeable(path, _size(path)[1], "temporary, and untouched since yesterday")


def _of_runs(place: Workspace) -> Iterator[Freeable]:
    for run in list_runs(place.runs):
        shards = run / "shards"
        for path in left_behind(shards, seals_of(shards)) if shards.is_dir() else []:
            yield Freeable(path, path.stat().st_size, f"of run {run.name}, whose sealed shards hold it")


def _of_index(place: Workspace) -> Iterator[Freeable]:
    for path in stale(place, open_runs(place, list_runs(place.runs))):
        yield Freeable(path, path.stat().st_size, "of an older index of questions: shards were sealed since")


def _shown(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if not p.name.startswith(".")) if folder.is_dir() else []


def _rests(path: Path) -> bool:
    files = [path, *path.rglob("*")] if path.is_dir() else [path]
    return time.time() - max(file.stat().st_mtime for file in files) > _DAY_S


def _size(path: Path) -> tuple[int, int]:
    """Files and bytes; links count themselves."""
    files = (
        [path] if not path.is_dir() else [each for each in path.rglob("*") if each.is_symlink() or not each.is_dir()]
    )
    return len(files), sum(file.lstat().st_size for file in files)
