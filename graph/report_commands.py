"""The command `skillweave graph report`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from engine.errors import InputError
from engine.files import replace
from engine.options import WorkspaceOption
from engine.workspace import Workspace
from graph.options import GraphOption, StoreOption
from graph.report.figures import figures
from graph.report.page import render
from graph.snapshot import Snapshot, find_snapshot
from graph.stores import Questions
from graph.stores.opening import open_store


class Basis(StrEnum):
    """On which ground a question has a concept."""

    ASKED = "asked"
    CLAIMED = "claimed"
    TAGGED = "tagged"


def add_report_command(app: typer.Typer, questions_of: Callable[[Workspace, Snapshot], Questions]) -> None:
    """Put the command into `app`; `questions_of` finds the questions that were made from a graph."""

    @app.command("report")
    def report(
        graph: GraphOption = "latest",
        basis: Annotated[Basis, typer.Option(help="Concepts asked of a question, claimed, or read from it.")] = (
            Basis.ASKED
        ),
        out: Annotated[Path, typer.Option(help="The file to write; one that is there is replaced.")] = Path(
            "coverage.html"
        ),
        timeout: Annotated[float, typer.Option("--timeout", min=0.1, help="Seconds each query may take.")] = 120.0,
        store: StoreOption = None,
        workspace: WorkspaceOption = None,
    ) -> None:
        """Write one HTML page with pictures: what is covered, how it grew, where it is thin. Needs no network."""
        final = _place_for(out)  # a wrong one is told before a store is made
        place = Workspace.find(workspace)
        snapshot = Snapshot.open_lazily(find_snapshot(place.graphs, graph))
        with closing(open_store(place, snapshot, questions_of(place, snapshot), store)) as opened:
            found = figures(snapshot, opened, basis.value, timeout)
        page = render(found).encode("utf-8", "replace")
        try:
            replace(final, page)
        except OSError as error:
            raise InputError(f"{out} cannot be written ({error.strerror}); choose another file with --out") from None
        sys.stdout.write(f"{out}: {found.questions:,} questions, {len(page) / 2**20:.1f} MiB; open it in a browser\n")


def _place_for(out: Path) -> Path:
    """Where the page goes. Raises InputError where no file can be there."""
    if not out.absolute().parent.is_dir():
        raise InputError(f"there is no folder {out.parent} to write {out.name} into; make it, or choose another --out")
    if out.is_dir():
        raise InputError(f"{out} is a folder; name a file in it: --out {out / 'coverage.html'}")
    return out.absolute()
