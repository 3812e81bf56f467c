"""What speaks against questions: the findings of the checks that were last run, and what persons said.

    browsing/<hash>.verdicts.parquet    the columns of `generation.verdicts.VERDICTS`, of one set of runs

A file is named by a hash of the checks as they were opened and of the sealed rows; it holds what
`skillweave dataset verdicts` tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from engine.files import put_new
from generation.browsing.database import ask
from generation.browsing.indexing import index_folder, writable_folder
from generation.browsing.opened import OpenedRun
from generation.quality.plan import read_plan
from generation.reviews import Given, read_verdicts
from generation.verdicts import VERDICTS, unchecked, verdicts_id, verdicts_of


@dataclass(frozen=True, slots=True)
class Standing:
    """What checks say of some runs, as one dataset."""

    runs: tuple[str, ...]
    """Those that were checked."""
    unchecked: tuple[str, ...]
    """Those with accepted rows that were not, or not wholly."""
    checks: tuple[str, ...]
    """The checks that were run, in their order."""
    file: str
    """Parquet; empty where no run was checked."""

    def counts(self) -> list[tuple[str, str, int]]:
        """(check, reason, questions) in the order of the checks, of one check the most frequent reason first."""
        if not self.file:
            return []
        text = 'SELECT "check", reason, count(DISTINCT id) AS rows FROM read_parquet(?) GROUP BY ALL'
        rows = [(row["check"], row["reason"], row["rows"]) for row in ask(text, [self.file]).to_pylist()]
        return sorted(rows, key=lambda row: (self.checks.index(row[0]), -row[2], row[1]))

    def of(self, ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
        """What speaks against each of these questions, by id, in the order of the checks; an empty list: nothing."""
        found: dict[str, list[dict[str, Any]]] = {row: [] for row in ids}
        if self.file and ids:
            text = "SELECT * FROM read_parquet(?) WHERE id IN (SELECT unnest(?))"
            for row in ask(text, [self.file, list(ids)]).to_pylist():
                found[row["id"]].append(row)
        for rows in found.values():
            rows.sort(key=lambda row: self.checks.index(row["check"]))
        return found


@dataclass(frozen=True, slots=True)
class Said:
    """All that was said of one question."""

    checked: bool
    checks: tuple[str, ...]
    """The checks that were last run in the workspace."""
    findings: list[dict[str, Any]]
    """What speaks against it, in the order of the checks; the columns of VERDICTS."""
    persons: list[Given]
    """What persons said, the last first; that one counts."""


def standing_of(runs: Sequence[OpenedRun]) -> Standing:
    """What the checks that were last run say of these runs of one workspace.

    Made once for the rows there are: for two million some seconds, more where they were not yet compared across these
    very runs.
    """
    made = [run for run in runs if run.accepted]
    if not made:
        return Standing((), (), (), "")
    workspace = made[0].workspace
    plan = read_plan(workspace)
    missing = tuple(run.name for run in made if not plan.checks or unchecked(workspace, run.folder, plan))
    checked = [run.folder for run in made if run.name not in missing]
    if not checked:
        return Standing((), missing, tuple(plan.names), "")
    name = f"{verdicts_id(workspace, checked, plan)}.verdicts.parquet"
    path = index_folder(workspace) / name
    if not path.is_file():
        path = writable_folder(workspace) / name
        sink = pa.BufferOutputStream()
        with pq.ParquetWriter(sink, VERDICTS, compression="zstd") as writer:
            for table in verdicts_of(workspace, checked, plan):
                if table.num_rows:
                    writer.write_table(table)
        put_new(path, sink.getvalue().to_pybytes())
    return Standing(tuple(folder.name for folder in checked), missing, tuple(plan.names), str(path))


def said_of(run: OpenedRun, standing: Standing, question: str) -> Said:
    """What checks and persons say of one question of a run."""
    given = [each for each in read_verdicts(run.workspace) if each.verdict.question == question]
    return Said(run.name in standing.runs, standing.checks, standing.of([question])[question], given)
