"""`skillweave graph doctor`: hold a graph and its stores against each other, and say what to run."""

from __future__ import annotations

import sys
from dataclasses import fields
from operator import attrgetter
from typing import Annotated

import typer

from engine.answers import Format, FormatOption, print_rows
from engine.errors import ExitCode, InputError
from engine.options import WorkspaceOption
from engine.workspace import Workspace
from graph.doctor import Finding, check_snapshot
from graph.options import StoreOption
from graph.snapshot import Snapshot, find_snapshot
from graph.stores.checking import check_embedded, check_server
from graph.stores.opening import EMBEDDED, server_address, store_url


def add_doctor_command(app: typer.Typer) -> None:
    """Put the command into `app`."""

    @app.command("doctor")
    def doctor(
        graph: Annotated[str, typer.Argument(help="The beginning of a graph's fingerprint, or latest.")] = "latest",
        store: StoreOption = None,
        form: FormatOption = Format.TABLE,
        workspace: WorkspaceOption = None,
    ) -> None:
        """Check a graph and its stores; say what is wrong and what to run. Ends with 1 where something is."""
        place = Workspace.find(workspace)
        folder = find_snapshot(place.graphs, graph)
        found = check_snapshot(folder)
        checked = "graph"
        if not found:
            snapshot = Snapshot.open_lazily(folder)
            found += check_embedded(snapshot, place.stores)
            checked = "graph and embedded stores"
            if (chosen := store_url(place, store)) != EMBEDDED:
                found += _check_server(place, snapshot, chosen)
                checked = f"graph, embedded stores and {chosen}"
        if found:
            columns = [field.name for field in fields(Finding)]
            print_rows(columns, map(attrgetter(*columns), found), form)
            raise typer.Exit(int(ExitCode.FAILED))
        sys.stdout.write(f"{folder.name}: nothing wrong ({checked})\n")


def _check_server(place: Workspace, snapshot: Snapshot, chosen: str) -> list[Finding]:
    try:
        return check_server(snapshot, server_address(place, chosen))
    except InputError as error:
        return [Finding(chosen, f"cannot be asked ({error})", "skillweave neo4j start")]
