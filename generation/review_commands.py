"""`skillweave review import|list`: what persons say of generated questions."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from engine.answers import Format, FormatOption, print_rows
from engine.options import WorkspaceOption
from engine.progress import console
from engine.workspace import Workspace
from generation.review_import import import_verdicts
from generation.reviews import read_verdicts
from graph.options import RowsOption


def review_commands() -> typer.Typer:
    """The commands of `skillweave review`."""
    app = typer.Typer(help="Keep what persons say of generated questions.", no_args_is_help=True)

    @app.command("import")
    def import_(
        path: Annotated[
            Path, typer.Argument(metavar="FILE", help="JSON lines, CSV or Parquet: id, verdict, reason, by.")
        ],
        by: Annotated[str, typer.Option("--by", help="Who gives the verdicts, where a row does not say.")] = "",
        workspace: WorkspaceOption = None,
    ) -> None:
        """Add verdicts, accept or reject, on accepted questions; a faulty file is refused as a whole."""
        held, new = import_verdicts(Workspace.find(workspace), path, by.strip())
        sys.stdout.write(f"{held:,} verdicts in {path}, {new:,} new\n")

    @app.command("list")
    def list_(
        all_: Annotated[bool, typer.Option("--all", help="Also those that a later one of the question replaced.")] = (
            False
        ),
        form: FormatOption = Format.TABLE,
        rows: RowsOption = 100,
        workspace: WorkspaceOption = None,
    ) -> None:
        """List the verdicts, the last given first; of each question the one that counts."""
        given = read_verdicts(Workspace.find(workspace), last=not all_, most=rows + 1)
        columns = ("id", "verdict", "reason", "by", "at")
        said = [(g.verdict.question, g.verdict.verdict, g.verdict.reason, g.verdict.by, g.at) for g in given[:rows]]
        print_rows(columns, said, form, types=["text"] * len(columns))
        if len(given) > rows:
            console.print(f"there are more than these {rows:,}; see more with --rows", markup=False)
        if not given:
            console.print("no verdicts yet; bring some in: skillweave review import FILE", markup=False)

    return app
