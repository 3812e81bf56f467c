"""`skillweave coverage take` and `list`: what questions use of a graph, kept as it is now."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from engine.options import WorkspaceOption
from engine.progress import console
from engine.terminal import print_table, print_text
from engine.workspace import Workspace
from generation.coverage import take_coverage
from generation.options import GraphOption
from graph.sampling.coverage import list_coverages
from graph.snapshot import Snapshot, find_snapshot


class Basis(StrEnum):
    """By which a question uses a concept."""

    ASKED = "asked"
    CLAIMED = "claimed"
    TAGGED = "tagged"


def coverage_commands() -> typer.Typer:
    """The commands of `skillweave coverage`."""
    app = typer.Typer(
        help="Take down what questions use of a graph, for coverage-guided drawing.", no_args_is_help=True
    )

    @app.command()
    def take(
        run: Annotated[list[str] | None, typer.Option(help="A run to count; else all of the graph.")] = None,
        basis: Annotated[Basis, typer.Option(help="By which a question uses a concept.")] = Basis.ASKED,
        graph: GraphOption = "latest",
        workspace: WorkspaceOption = None,
    ) -> None:
        """Count what the accepted questions use, and keep it: skillweave generate --coverage ID begins with it."""
        place = Workspace.find(workspace)
        snapshot = Snapshot.open(find_snapshot(place.graphs, graph))
        taken = take_coverage(place, snapshot, basis.value, run or None)
        name = taken.write(place)
        whole = {"concept": snapshot.nodes.num_rows, "pair": snapshot.edges.num_rows}
        used = {what: sum(row == what for row in taken.rows["what"].to_pylist()) for what in ("concept", "pair")}
        runs = "1 run" if len(taken.runs) == 1 else f"{len(taken.runs):,} runs"
        print_text(
            f"coverage {name}: {taken.questions:,} questions ({basis.value}) of {runs} use "
            f"{used['concept']:,} of {whole['concept']:,} concepts and {used['pair']:,} of {whole['pair']:,} pairs"
        )
        print_text(f"skillweave generate --sampler coverage-guided --coverage {name[:9]}")

    @app.command("list")
    def list_all(workspace: WorkspaceOption = None) -> None:
        """List the coverages, the last taken first."""
        found = list_coverages(Workspace.find(workspace))
        print_table(
            ("coverage", "graph", "basis", "questions", "runs", "taken"),
            [
                (name[:13], meta["graph"][:13], meta["basis"], meta["questions"], len(meta["runs"]), meta["made"][:19])
                for name, meta in found
            ],
        )
        if not found:
            console.print("no coverages yet; take one: skillweave coverage take", markup=False)

    return app
