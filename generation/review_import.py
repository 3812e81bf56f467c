"""Verdicts from a file: JSON lines, CSV or Parquet with the columns id, verdict, reason and by; others are passed over.

A file is taken as a whole or not at all: a row that is no verdict, or that names no question, is told with its line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from engine.errors import InputError
from engine.rows import read_accepted
from engine.run import list_runs, read_spec
from engine.workspace import Workspace
from generation.recipes import RECIPES
from generation.reviews import REJECT, VERDICTS, Verdict, add_verdicts
from graph.loaders.containers import open_rows
from graph.loaders.rows import Faulty, Row, text

_SHOWN = 5
"""Faulty rows that a message names; it counts all."""


def import_verdicts(place: Workspace, path: Path, by: str = "") -> tuple[int, int]:
    """Add a file's verdicts: how many it holds, and how many of them were new. `by` stands in where a row has none.

    Raises InputError, and adds nothing, where a row is no verdict or names no accepted question of the workspace.
    """
    found: list[tuple[int, Verdict]] = []
    faults: dict[int, str] = {}
    for row in _rows(path):
        try:
            found.append((row.line, _verdict(row, by)))
        except Faulty as fault:
            faults[row.line] = str(fault)
    unknown = _unknown(place, {verdict.question for _, verdict in found})
    faults |= {line: f"no question {v.question!r}" for line, v in found if v.question in unknown}
    if faults or not found:
        told = "; ".join(f"line {line}: {faults[line]}" for line in islice(sorted(faults), _SHOWN))
        more = f"; and {len(faults) - _SHOWN:,} more" if len(faults) > _SHOWN else ""
        raise InputError(
            f"{path}: {f'{len(faults):,} rows are no verdicts: {told}{more}' if faults else 'it holds no verdict'}. "
            'Nothing was taken. A row is {"id": "...", "verdict": "reject", "reason": "...", "by": "..."}, and ids are '
            "those of skillweave show RUN; mend it, then: skillweave review import FILE"
        )
    return len(found), add_verdicts(place, [verdict for _, verdict in found])


def _rows(path: Path) -> Iterable[Row]:
    """The rows of the file; what its container says of it names the command of seeds, for which it was made."""
    try:
        yield from open_rows(str(path))
    except InputError as error:
        raise InputError(str(error).replace("seeds import", "review import")) from None


def _verdict(row: Row, by: str) -> Verdict:
    """The verdict of a row. Raises Faulty."""
    if isinstance(row.cells, Faulty):
        raise row.cells
    cells: Mapping[str, object] = row.cells
    question, verdict, reason, person = (text(cells, name) for name in ("id", "verdict", "reason", "by"))
    if not question:
        raise Faulty("no id")
    if verdict not in VERDICTS:
        raise Faulty("no such verdict", f"{verdict[:40]!r} is none of {', '.join(VERDICTS)}")
    if verdict == REJECT and not reason:
        raise Faulty("no reason", "who rejects a question says why")
    if not (person or by):
        raise Faulty("nobody", "say in `by` who gives the verdict, or for all rows with --by")
    return Verdict(question, verdict, reason, person or by)


def _unknown(place: Workspace, ids: set[str]) -> set[str]:
    """Those that no accepted question of a run has. Memory is that of one shard's ids."""
    left = set(ids)
    for run in list_runs(place.runs):
        if left and read_spec(run).recipe in RECIPES:
            for table in read_accepted(run, ["id"]):
                there = table["id"].filter(pc.is_in(table["id"], pa.array(sorted(left), pa.string())))
                left.difference_update(there.to_pylist())
    return left
