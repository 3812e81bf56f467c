"""Which rows of which runs a dataset has, and why each of the others is left out.

    accepted rows  -  what is left out, each row for the first reason that holds  =  rows

1. The same row in another run: two runs of one run.json hold the same rows, which merge. That of the larger run counts;
   where what they say differs, nothing is exported.
2. A withdrawn seed: the row was shown it, or was asked to use a concept that no other seed of its graph mentions.
3. Rejected by a person.
4. Made again: another of the runs holds a row in its place, which is kept so far (`generation.again`).
5. A check speaks against it (`generation.verdicts`), unless it is one of those that are kept all the same.
6. Its topic has enough rows already (`generation.datasets.balancing`).

Rows stand in the order of (run's name, index). Memory: a few bytes an accepted row, some hundred of runs that merge.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from engine.errors import InputError
from engine.rows import accepted_parts, sealed_file
from engine.run import RunSpec, read_spec
from engine.shard import Seal
from engine.workspace import Workspace
from generation.again import replaced_by
from generation.recipes import RECIPES
from generation.reviews import REJECT, verdicts
from graph.snapshot import Snapshot
from graph.withdrawn import unsupported, withdrawn_seeds

KEPT = 0
SAME_ROW, WITHDRAWN, PERSON, AGAIN = "same row in another run", "withdrawn seed", "rejected by a person", "made again"


@dataclass(frozen=True, slots=True)
class Part:
    """The accepted rows of one sealed shard."""

    run: Path
    seal: Seal
    rows: int
    of_run: int
    """The place of its first row among the run's accepted rows."""
    start: int
    """The place of its first row among all rows of all runs."""

    def read(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Its rows. Raises InputError where the file is gone."""
        path = sealed_file(self.run, self.seal, "rows")
        return pq.read_table(path, columns=None if columns is None else list(columns)).slice(0, self.rows)

    @property
    def place(self) -> slice:
        """Where its rows are among all."""
        return slice(self.start, self.start + self.rows)


class Selection:
    """The accepted rows of runs, and of each whether it is left out and why."""

    def __init__(self, runs: Sequence[Path]) -> None:
        """Every row is kept. Raises InputError for a run without accepted questions."""
        self.runs = sorted(set(runs), key=lambda run: run.name)
        self.specs = {run: read_spec(run) for run in self.runs}
        self.parts: list[Part] = []
        for run in self.runs:
            self._add(run)
        self.reasons = ["kept"]
        self.code = np.zeros(sum(part.rows for part in self.parts), np.int16)
        """Of each accepted row the place of its reason in `reasons`; KEPT is 0."""

    def _add(self, run: Path) -> None:
        if self.specs[run].recipe not in RECIPES:
            raise InputError(
                f"run {run.name} (recipe {self.specs[run].recipe}) makes no questions; see which do: skillweave runs"
            )
        of_run = 0
        for part in accepted_parts(run):
            start = self.parts[-1].place.stop if self.parts else 0
            self.parts.append(Part(run, part.seal, part.rows, of_run, start))
            of_run += part.rows

    def parts_of(self, run: Path) -> list[Part]:
        """The parts of one run, in order."""
        return [part for part in self.parts if part.run == run]

    def leave_out(self, place: slice, mask: NDArray[np.bool_], reason: str) -> None:
        """Leave out the rows of a part that the mask marks and that nothing left out before."""
        if reason not in self.reasons:
            self.reasons.append(reason)
        codes = self.code[place]
        codes[mask & (codes == KEPT)] = self.reasons.index(reason)

    @property
    def kept(self) -> NDArray[np.bool_]:
        """Which rows the dataset has, shape (accepted rows,)."""
        return np.equal(self.code, KEPT)

    def counts(self) -> dict[str, int]:
        """The rows left out by reason, in the order in which the reasons were looked at."""
        counted = np.bincount(self.code, minlength=len(self.reasons)).tolist()
        return {reason: n for reason, n in zip(self.reasons[1:], counted[1:], strict=True) if n}


def leave_out_same(selection: Selection) -> None:
    """Merge the runs that have one run.json. Raises InputError where the same id has another content."""
    by_id: dict[str, list[Path]] = {}
    for run, spec in selection.specs.items():
        by_id.setdefault(spec.id, []).append(run)
    for runs in by_id.values():
        if len(runs) > 1:
            rows = {run: sum(part.rows for part in selection.parts_of(run)) for run in runs}
            _merge(selection, sorted(runs, key=lambda run: (-rows[run], run.name)))


def _merge(selection: Selection, runs: list[Path]) -> None:
    known: dict[int, tuple[bytes, Path]] = {}
    for run in runs:
        for part in selection.parts_of(run):
            again = np.zeros(part.rows, np.bool_)
            for place, row in enumerate(part.read().to_pylist()):
                digest = _digest(row)
                before, where = known.setdefault(row["index"], (digest, run))
                if before != digest:
                    raise InputError(
                        f"row {row['id']} (index {row['index']}) is not the same in {where.name} and {run.name}, which "
                        f"have one run.json: the model answered them differently. Export one of them: skillweave "
                        f"dataset export {where.name} --name NAME; see both: skillweave show {run.name} --index "
                        f"{row['index']}"
                    )
                again[place] = where != run
            selection.leave_out(part.place, again, SAME_ROW)


def _digest(row: Mapping[str, Any]) -> bytes:
    """Of all but how often a call was tried."""
    content = orjson.dumps(
        {name: value for name, value in row.items() if name != "attempts"}, option=orjson.OPT_SORT_KEYS
    )
    return hashlib.blake2b(content, digest_size=16).digest()


def derived(workspace: Workspace, spec: RunSpec, seeds: Sequence[str]) -> Derived:
    """What tells the rows of a run that derive from these seeds. Raises InputError where its graph is gone."""
    if not seeds:
        return Derived(pa.array([], pa.string()), pa.array([], pa.string()))
    mentions = Snapshot.open(workspace.graphs / spec.items["graph"]).mentions
    return Derived(pa.array(seeds, pa.string()), unsupported(mentions, seeds))


@dataclass(frozen=True, slots=True)
class Derived:
    """Seeds, and the concepts of a graph that only they mention."""

    seeds: pa.Array
    concepts: pa.Array

    columns = ("shots", "asked")

    def rows(self, table: pa.Table) -> NDArray[np.bool_]:
        """Which rows were shown one of the seeds, or were asked to use one of the concepts."""
        found = np.zeros(table.num_rows, np.bool_)
        for column, among in zip(self.columns, (self.seeds, self.concepts), strict=True):
            lists = table[column].combine_chunks()
            there = pc.is_in(pc.list_flatten(lists), among)
            found[pc.list_parent_indices(lists).filter(there).to_numpy()] = True
        return found


def leave_out_withdrawn(workspace: Workspace, selection: Selection) -> list[str]:
    """Leave out what derives from withdrawn seeds; returns these."""
    seeds = list(withdrawn_seeds(workspace))
    if seeds:
        for run in selection.runs:
            from_seeds = derived(workspace, selection.specs[run], seeds)
            for part in selection.parts_of(run):
                selection.leave_out(part.place, from_seeds.rows(part.read(Derived.columns)), WITHDRAWN)
    return seeds


def leave_out_replaced(selection: Selection) -> None:
    """Leave out the rows that others, which are kept so far, were made in place of."""
    replaced = {
        old
        for run, spec in selection.specs.items()
        if "again" in spec.items
        for part in selection.parts_of(run)
        for old, code in zip(
            replaced_by(spec.items, part.read(["index"])["index"].to_pylist()),
            selection.code[part.place].tolist(),
            strict=True,
        )
        if code == KEPT
    }
    _leave_out_ids(selection, replaced, AGAIN)


def leave_out_reviewed(workspace: Workspace, selection: Selection) -> None:
    """Leave out what persons rejected."""
    said = verdicts(workspace)
    _leave_out_ids(selection, {question for question, verdict in said.items() if verdict == REJECT}, PERSON)


def _leave_out_ids(selection: Selection, ids: set[str | None] | set[str], reason: str) -> None:
    if ids:
        wanted = pa.array(sorted(each for each in ids if each), pa.string())
        for part in selection.parts:
            there = pc.is_in(part.read(["id"])["id"], wanted).to_numpy()
            selection.leave_out(part.place, there, reason)


def read_kept(selection: Selection, columns: Sequence[str]) -> Iterator[tuple[Part, pa.Table]]:
    """The rows that are kept, a part at a time."""
    for part in selection.parts:
        yield part, part.read(columns).filter(pa.array(selection.kept[part.place]))
