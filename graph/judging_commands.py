"""The command about what is not settled: `skillweave graph undecided`."""

from __future__ import annotations

from typing import Annotated

import typer

from engine.answers import Format, FormatOption, print_rows
from engine.options import WorkspaceOption
from engine.progress import console
from engine.workspace import Workspace
from graph.judged_making import undecided_pairs
from graph.options import GraphOption, RowsOption
from graph.snapshot import Snapshot, find_snapshot


def add_judging_commands(app: typer.Typer) -> None:
    """Put the command into `app`."""

    @app.command("undecided")
    def undecided(
        review: Annotated[
            bool, typer.Option("--review", help="Also the pairs that a model settled, with what it said.")
        ] = False,
        graph: GraphOption = "latest",
        rows: RowsOption = 100,
        form: FormatOption = Format.TABLE,
        workspace: WorkspaceOption = None,
    ) -> None:
        """List pairs of names that may mean the same, the nearest first, for a person to merge or to leave.

        Of a graph that was built with --judge those that the model left undecided, else the whole grey band.
        """
        place = Workspace.find(workspace)
        found = undecided_pairs(place, Snapshot.open(find_snapshot(place.graphs, graph)), review=review)
        print_rows(
            ("kind", "one", "other", "score", "verdict", "by"),
            [(pair.kind, pair.one, pair.other, pair.score, verdict, by) for pair, verdict, by in found[:rows]],
            form,
        )
        if len(found) > rows:
            console.print(f"{len(found) - rows:,} more; see them with --rows", markup=False)
        if found:
            console.print("where two are one: skillweave graph merge ONE OTHER --why REASON", markup=False)
        else:
            console.print("nothing is undecided", markup=False)
