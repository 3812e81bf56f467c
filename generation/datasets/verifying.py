"""The proof of a dataset: each of its rows follows from the journal of the run it names.

    the files of the dataset   are those that export.json names, by size and hash
    the runs                   are those that it names: run.json by its identity, each seal by its hash
    the sealed files           are those that the seals name, by size and hash
    the sealed rows            follow from the sealed calls, by replay (`proving`)
    the rows of the dataset    are the sealed rows, with their tags, in the form of the dataset

Each step stands on the one before it, and a fault of one does not hide those of the others. Memory is that of one shard
and of one group of rows a split, however many there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pydantic import ValidationError

from engine.errors import InputError, RecipeChanged
from engine.files import file_hash
from engine.progress import meter
from engine.run import Run, open_run, read_spec
from engine.shard import Seal
from engine.workspace import Workspace
from generation.datasets.exporting import dataset_rows
from generation.datasets.formats import record_of
from generation.datasets.manifest import NAME, Manifest, Source, SourceRun, read_manifest
from generation.datasets.proving import Difference, differing, prove_rows
from generation.datasets.reading import Rows, SplitReader, split_readers
from generation.recipes import ALL_RECIPES
from generation.tagging import Tags


@dataclass
class Report:
    """What was looked at, and what is wrong."""

    files: int = 0
    """Files whose bytes were hashed: of the dataset, seals, sealed files."""
    replayed: int = 0
    """Sealed rows that follow from their calls."""
    rows: int = 0
    """Rows of the dataset that are what their run says."""
    of: int = 0
    """Rows of the dataset."""
    differences: list[Difference] = field(default_factory=list)
    unproved: dict[str, str] = field(default_factory=dict)
    """Runs whose calls cannot be replayed here, with the reason: their recipe has changed."""

    @property
    def proved(self) -> bool:
        """Nothing is wrong and nothing is left open."""
        return not self.differences and not self.unproved


def find_dataset(workspace: Workspace, given: str) -> Path:
    """A dataset by its name in the workspace, or by the path of its folder. Raises InputError where it is neither."""
    for folder in (workspace.datasets / given, Path(given)):
        if folder.is_dir():
            return folder
    known = ", ".join(sorted(path.name for path in workspace.datasets.glob("[!.]*"))) or "none yet"
    raise InputError(
        f"there is no dataset {given!r}; there are: {known}. Make one: skillweave dataset export RUN --name NAME"
    )


def verify(workspace: Workspace, folder: Path, sample: int | None = None) -> Report:
    """Prove a dataset's rows, or so many of them spread evenly. The files of the dataset are hashed in any case.

    Raises InputError where the folder has no readable export.json.
    """
    manifest = read_manifest(folder)
    report = Report(of=manifest.rows)
    _check_files(folder, manifest, report)
    chosen = None
    if sample is not None and sample < manifest.rows:
        chosen = np.unique(np.linspace(0, manifest.rows - 1, sample).astype(np.int64))
    readers = split_readers(folder, manifest, chosen)
    with meter("proving rows", manifest.rows if chosen is None else len(chosen)) as progress:
        for source in manifest.sources:
            for found in _Prover(workspace, manifest, source, report).prove(readers, everything=chosen is None):
                progress.update(found)
    for reader in readers:
        report.differences += reader.left()
    return report


def _check_files(folder: Path, manifest: Manifest, report: Report) -> None:
    if manifest.hash and (folder / NAME).read_bytes() != manifest.content():
        report.differences.append(Difference(NAME, "it is not what was written when the dataset was made"))
    named = {"README.md": manifest.card}
    for file in manifest.files:
        named |= {file.name: file.hash, file.origin_name: file.origin}
    for name, right in named.items():
        if (folder / name).is_file():
            report.files += 1
            if file_hash(folder / name) != right:
                report.differences.append(Difference(name, "it is not the file that export.json names"))
        else:
            report.differences.append(Difference(name, "it is missing"))
    there = {f"{part}/{path.name}" for part in ("data", "origin") for path in (folder / part).glob("*")}
    report.differences += [Difference(name, "export.json does not name it") for name in sorted(there - set(named))]


class _Prover:
    """Proves the rows of one run."""

    def __init__(self, workspace: Workspace, manifest: Manifest, source: Source, report: Report) -> None:
        self._form, self._source, self._report = manifest.form, source, report
        self._workspace = workspace
        self._run = self._open(source.run)
        self._tag_run = self._open(source.tags) if source.tags else None
        folder = workspace.runs / source.tags.name if source.tags else None
        self._tags = Tags(folder) if folder is not None and folder.is_dir() else None
        self._tags_done: set[int] = set()

    def _open(self, named: SourceRun) -> Run | None:
        """The run, to replay it; None where that cannot be, which the report then says."""
        folder = self._workspace.runs / named.name
        try:
            if read_spec(folder).id != named.id:
                self._report.differences.append(Difference(f"run {named.name}", "its run.json is not the one it was"))
                return None
            return open_run(folder, ALL_RECIPES, self._workspace.root)
        except RecipeChanged as changed:
            self._report.unproved[named.name] = str(changed)
        except InputError as error:
            self._report.differences.append(Difference(f"run {named.name}", str(error)))
        return None

    def prove(self, readers: list[SplitReader], *, everything: bool) -> Iterator[int]:
        """Go over the shards in order; yields how many rows of the dataset are right so far.

        With `everything` a shard of which the dataset has no row is hashed as well.
        """
        folder = self._workspace.runs / self._source.run.name
        left = self._source.accepted
        start = 0
        for shard in self._source.run.seals:
            seal = self._seal(folder, self._source.run, shard)
            if seal is None:
                continue
            rows = min(seal.passed, left)
            left -= rows
            taken = [found for reader in readers for found in reader.take(folder.name, seal.stop)]
            if taken:
                self._prove_shard(folder, seal, rows, start, taken)
            elif everything:
                self._sealed(folder, seal)
            start += rows
            yield self._report.rows

    def _seal(self, folder: Path, named: SourceRun, shard: int) -> Seal | None:
        path = folder / "shards" / f"{shard:05d}.seal.json"
        if not path.is_file():
            self._differs(f"run {folder.name}, {path.name}", "it is missing")
            return None
        self._report.files += 1
        if file_hash(path) != named.seals[shard]:
            self._differs(f"run {folder.name}, {path.name}", "it is not the seal that export.json names")
        try:
            return Seal.model_validate_json(path.read_bytes())
        except ValidationError:
            self._differs(f"run {folder.name}, {path.name}", "it is no seal")
            return None

    def _differs(self, where: str, what: str) -> bool:
        self._report.differences.append(Difference(where, what))
        return False

    def _sealed(self, folder: Path, seal: Seal) -> bool:
        """Whether all that was sealed is what the seal names, rejected rows too; where not, that is reported."""
        whole = True
        for file in seal.files.values():
            path = folder / "shards" / file.name
            if not path.is_file():
                whole = self._differs(f"run {folder.name}, {file.name}", "it is missing")
                continue
            self._report.files += 1
            if path.stat().st_size != file.size or file_hash(path) != file.hash:
                whole = self._differs(f"run {folder.name}, {file.name}", "it is not the file that its seal names")
        return whole

    def _prove_shard(
        self, folder: Path, seal: Seal, rows: int, start: int, taken: list[tuple[NDArray[np.int64], Rows]]
    ) -> None:
        if not self._sealed(folder, seal):
            return
        sealed = pq.read_table(folder / "shards" / seal.files["rows"].name).slice(0, rows)
        index = sealed["index"].to_numpy()
        wanted = np.unique(np.concatenate([indices for indices, _ in taken]))
        if self._run is not None and len(known := wanted[np.isin(wanted, index)]):
            places = pa.array(np.searchsorted(index, known))
            found = list(prove_rows(self._run, seal, sealed.take(places)))
            self._report.differences += found
            self._report.replayed += 0 if found else len(known)
        self._prove_tags(start, start + rows)
        for indices, held in taken:
            self._compare(folder, sealed, start, indices, held)

    def _prove_tags(self, start: int, stop: int) -> None:
        """Prove the tags of the accepted rows from place `start` to `stop`, each shard of them once."""
        if self._tags is None or self._source.tags is None:
            return
        for seal in self._tags.seals:
            if seal.shard in self._tags_done or seal.stop <= start or stop <= seal.start:
                continue
            self._tags_done.add(seal.shard)
            named = self._seal(self._tags.folder, self._source.tags, seal.shard)
            if named is None or not self._sealed(self._tags.folder, named):
                continue
            table = pq.read_table(self._tags.folder / "shards" / named.files["rows"].name)
            if self._tag_run is not None and table.num_rows:
                found = list(prove_rows(self._tag_run, named, table))
                self._report.differences += found
                self._report.replayed += 0 if found else table.num_rows

    def _compare(self, folder: Path, sealed: pa.Table, start: int, indices: NDArray[np.int64], held: Rows) -> None:
        """Compare rows of the dataset with the sealed rows that they name."""
        index = sealed["index"].to_numpy()
        if len(unknown := indices[~np.isin(indices, index)]):
            self._differs(f"run {folder.name}, index {unknown[0]}", "the run has no accepted row there")
            return
        places = pa.array(np.searchsorted(index, indices))
        if isinstance(held, pa.Table):
            items: Mapping[str, Any] = read_spec(folder).items
            right = dataset_rows(sealed, start, self._tags, items, held.schema).take(places)
            found = list(differing(folder.name, held, right, "the run has", "the dataset"))
        else:
            rows = sealed.take(places).to_pylist()
            found = [
                Difference(f"run {folder.name}, index {row['index']}", "its line is not what the sealed row gives")
                for row, line in zip(rows, held, strict=True)
                if line != orjson.dumps(record_of(row, self._form))
            ][:1]
        self._report.differences += found
        self._report.rows += 0 if found else len(indices)
