"""The commands that bring graphs out and in: `skillweave graph export|import`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from engine.options import WorkspaceOption
from engine.progress import console
from engine.workspace import Workspace
from graph.interchange.formats import ExchangeFormat, export_graph, import_graph
from graph.snapshot import Snapshot, find_snapshot
from graph.stores import Questions


def add_exchange_commands(app: typer.Typer, questions_of: Callable[[Workspace, Snapshot], Questions]) -> None:
    """Put the commands into `app`; `questions_of` finds the questions that were made from a graph."""

    @app.command("export")
    def export(
        to: Annotated[ExchangeFormat, typer.Option("--to", help="As what; see docs/interchange.md.")],
        out: Annotated[Path, typer.Option("--out", help="The file (graphml, json) or folder (csv, parquet) to make.")],
        graph: Annotated[str, typer.Argument(help="The beginning of a graph's fingerprint, or latest.")] = "latest",
        questions: Annotated[
            bool, typer.Option("--questions", help="CSV for Neo4j holds the questions made from the graph too.")
        ] = False,
        workspace: WorkspaceOption = None,
    ) -> None:
        """Write a graph for networkx, Gephi, Neo4j's admin import or any reader of Parquet; nothing of it is lost."""
        place = Workspace.find(workspace)
        snapshot = Snapshot.open(find_snapshot(place.graphs, graph))
        export_graph(snapshot, to, out, questions_of(place, snapshot) if questions else None)
        sys.stdout.write(f"{out}\n")
        if to is ExchangeFormat.CSV:
            console.print(
                f"into an empty Neo4j that is stopped: cd {out / 'neo4j'} && neo4j-admin database import full neo4j "
                "@import.args",
                markup=False,
                soft_wrap=True,
            )

    @app.command("import")
    def bring_in(
        path: Annotated[Path, typer.Argument(help="A file .graphml or .json, or a folder of .csv or .parquet files.")],
        kind: Annotated[
            str | None, typer.Option("--kind", help="Topic, knowledge_point or skill: what nodes without a kind are.")
        ] = None,
        foreign: Annotated[
            bool, typer.Option("--foreign", help="Take nodes and edges alone, though it was exported here.")
        ] = False,
        workspace: WorkspaceOption = None,
    ) -> None:
        """Bring a graph in: one that was exported, or nodes with a name and a kind and edges with a weight."""
        place = Workspace.find(workspace).prepare()
        snapshot = import_graph(path, kind=kind, foreign=foreign)
        snapshot.write(place.graphs)
        counts = snapshot.meta["counts"]
        sys.stdout.write(
            f"graph {snapshot.fingerprint}: {counts['nodes']:,} concepts, {counts['edges']:,} edges, "
            f"{counts['seeds']:,} seeds\n"
        )
        if (latest := find_snapshot(place.graphs).name) != snapshot.fingerprint:
            console.print(
                f"the latest made is still {latest}; ask this one by --graph {snapshot.fingerprint[:10]}, see: "
                "skillweave graph list",
                markup=False,
                soft_wrap=True,
            )
