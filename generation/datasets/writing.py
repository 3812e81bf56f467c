"""The dataset of one run, under the run's name: written anew whenever the run, or the tagging of it, is complete.

It has all accepted rows but those that a withdrawn seed or a person takes out: no check leaves any out of it.
"""

from __future__ import annotations

from pathlib import Path

from engine.books import read_books
from engine.errors import InputError
from engine.workspace import Workspace
from generation.datasets.exporting import ExportOptions, export


def write_dataset(workspace: Workspace, run: Path) -> Path:
    """Write datasets/<run>/, in place of what was there, and return it; durable on return.

    Raises InputError where the run has no accepted rows.
    """
    books = read_books(run)
    if not books.accepted:
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in books.reasons.items())
        raise InputError(
            f"run {run.name} has no accepted rows ({reasons or 'nothing was drawn'}), so there is no dataset; "
            f"see why: skillweave show {run.name} --rejected"
        )
    return export(workspace, [run], run.name, ExportOptions(checked=False), replace=True).folder
