"""Stage a snapshot and its questions as one Parquet file for each table of `graph.stores.schema`.

Questions stream by once, and memory stays flat: counts go to `graph.stores.tally`, rows to the files. Only twins are
remembered by the question (`graph.stores.twins`).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from engine.folders import write_parquet
from engine.progress import meter
from graph.snapshot import Snapshot
from graph.stores import QUESTION_SCHEMA, Questions, StoreSettings
from graph.stores.counting import BasisCounts, Concepts, Slices, Uses, found
from graph.stores.levels import SeedLevels
from graph.stores.milestones import milestones, touched
from graph.stores.schema import BASES, FOUND_BASES, TABLES
from graph.stores.tally import Integers
from graph.stores.twins import Twins

_ROWS_A_BATCH = 1 << 16
_STREAMED = ("Question", "Slice", "Milestone", "USES", "USED_IN", "USED_WITH")


@dataclass(frozen=True, slots=True)
class Staged:
    """What was staged."""

    counts: Mapping[str, int]
    """Rows of every table, in the order of `TABLES`."""
    unresolved: int
    """Uses whose concept is no node of the graph; they are not in the tables."""


def staged_file(folder: Path, name: str) -> Path:
    """Where the table of this name is staged."""
    return folder / f"{name}.parquet"


def stage(snapshot: Snapshot, questions: Questions, folder: Path, settings: StoreSettings | None = None) -> Staged:
    """Write the file of every table into `folder`."""
    settings = settings or StoreSettings()
    mentions = snapshot.mentions.select(["seed_id", "concept_id"])
    with ExitStack() as stack:
        files = {name: stack.enter_context(_File(folder, name)) for name in _STREAMED}
        streamed = _Streamed(snapshot, folder / "counting", files)
        progress = stack.enter_context(meter("counting the questions", questions.count, quiet=not questions.count))
        for table in questions.tables():
            known = table.select(QUESTION_SCHEMA.names).cast(QUESTION_SCHEMA).combine_chunks()
            for batch in known.to_batches(_ROWS_A_BATCH):
                streamed.add(batch)
                progress.update(files["Question"].rows)
        progress.update(files["Question"].rows, note="adding up")
        streamed.finish(settings.other_pairs)
    shutil.rmtree(folder / "counting")
    tables = {
        "Concept": _with_counts(snapshot.nodes, ["id", "kind", "name", "count"], streamed.by_concept),
        "Seed": _without_nulls(snapshot.seeds),
        "CO_OCCURS": _with_counts(snapshot.edges, ["source", "target", "weight"], streamed.by_edge),
        "MENTIONS": mentions.group_by(mentions.column_names)
        .aggregate([])
        .sort_by([("seed_id", "ascending"), ("concept_id", "ascending")]),
    }
    for name, table in tables.items():
        schema = TABLES[name].schema
        write_parquet(staged_file(folder, name), table.rename_columns(schema.names).cast(schema))
    rows = {name: table.num_rows for name, table in tables.items()} | {n: file.rows for n, file in files.items()}
    return Staged({name: rows[name] for name in TABLES}, streamed.unresolved)


class _File:
    """The file of one table, written block by block."""

    def __init__(self, folder: Path, name: str) -> None:
        self._schema = TABLES[name].schema
        self._writer = pq.ParquetWriter(staged_file(folder, name), self._schema)
        self.rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.close()

    def write(self, columns: Iterable[pa.Array | Integers]) -> None:
        """Write the columns of the table's schema, in its order."""
        table = pa.table([pa.array(column) for column in columns], schema=self._schema)
        self._writer.write_table(table)
        self.rows += table.num_rows


class _Streamed:
    """What is made of the questions as they stream by."""

    def __init__(self, snapshot: Snapshot, folder: Path, files: Mapping[str, _File]) -> None:
        folder.mkdir()
        self._graph, self._files = Concepts(snapshot), files
        resolver = snapshot.resolver()
        self._old = pa.array(list(resolver), pa.string())
        self._now = pc.index_in(pa.array(list(resolver.values()), pa.string()), self._graph.ids)
        self._levels, self._twins, self._slices = SeedLevels(snapshot), Twins(), Slices()
        self._counts = {basis: BasisCounts(self._graph, folder / basis) for basis in BASES}
        self.unresolved = 0

    @property
    def by_concept(self) -> list[Integers]:
        """Questions that use each concept, by basis."""
        return [counts.by_concept for counts in self._counts.values()]

    @property
    def by_edge(self) -> list[Integers]:
        """Questions that use both ends of each edge, by basis."""
        return [counts.by_edge for counts in self._counts.values()]

    def add(self, batch: pa.RecordBatch) -> None:
        """Write the questions and their uses, and count them."""
        uses = {basis: self._uses(batch[basis]) for basis in BASES}
        run = batch["run"].fill_null("")
        level = pc.coalesce(batch["level"], self._levels.of(*uses["asked"], batch.num_rows))
        twin, review = self._twins.of(batch["id"], batch["text_key"]), batch["review"].fill_null("")
        before = self._files["Question"].rows
        self._files["Question"].write((batch["id"], run, level, twin, review))
        slices = self._slices.code(run, level)
        flags = np.stack([pc.not_equal(twin, ""), pc.not_equal(review, ""), pc.equal(review, "reject")])
        for basis, used in uses.items():
            others = [line for other in FOUND_BASES for line in found(used, uses[other], batch.num_rows)]
            self._counts[basis].add(used, before, slices, np.stack([*flags[:, used.rows], *others]))
            ids, concepts = batch["id"].take(pa.array(used.rows)), self._graph.ids.take(pa.array(used.concepts))
            self._files["USES"].write((ids, concepts, pa.repeat(basis, len(ids))))

    def finish(self, others: int) -> None:
        """Write what was counted."""
        ids, runs, levels = self._graph.ids, self._slices.runs, self._slices.levels
        steps = milestones(self._files["Question"].rows)
        for basis, counts in self._counts.items():
            # A run's name is a folder's: it has no slash, so no two slices share an id.
            slice_ids = pc.binary_join_element_wise(runs, basis, levels, "/")
            slices, sums = counts.slices()
            at = pa.array(slices)
            of_basis = pa.repeat(basis, len(at))
            self._files["Slice"].write((slice_ids.take(at), runs.take(at), levels.take(at), of_basis, *sums))
            for concepts, slices, sums in counts.used_in():
                self._files["USED_IN"].write((ids.take(pa.array(concepts)), slice_ids.take(pa.array(slices)), *sums))
            for lower, higher, slices, seeds, sums in counts.used_with(counts.chosen_pairs(others), self._slices):
                at = pa.array(slices)
                ends = ids.take(pa.array(lower)), ids.take(pa.array(higher))
                of_slice = pa.repeat(basis, len(at)), runs.take(at), levels.take(at)
                self._files["USED_WITH"].write((*ends, *of_slice, seeds, *sums))
            of_steps = pa.array([f"{basis}/{step}" for step in steps.tolist()], pa.string())
            grown = touched(counts.first_use, steps), touched(counts.first_pair, steps)
            self._files["Milestone"].write((of_steps, pa.repeat(basis, len(steps)), steps, *grown))

    def _uses(self, lists: pa.ListArray) -> Uses:
        """The uses whose concepts are nodes; the others are counted."""
        rows = pc.list_parent_indices(lists).to_numpy()
        concepts = self._now.take(pc.index_in(pc.list_flatten(lists), self._old))
        known = concepts.is_valid().to_numpy(zero_copy_only=False)
        self.unresolved += len(known) - int(known.sum())
        distinct = np.unique(rows[known] << self._graph.bits | concepts.drop_null().to_numpy())
        return Uses(*self._graph.ends(distinct))


def _with_counts(table: pa.Table, columns: list[str], counts: Iterable[Integers]) -> pa.Table:
    """The columns, and the counts of each basis after them."""
    chosen = table.select(columns)
    for basis, of_basis in zip(BASES, counts, strict=True):
        chosen = chosen.append_column(basis, pa.array(of_basis))
    return chosen


def _without_nulls(table: pa.Table) -> pa.Table:
    return pa.table({name: pc.fill_null(table[name], "") for name in table.column_names})
