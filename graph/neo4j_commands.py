"""The commands `skillweave neo4j start|stop|status|load`: a server of one's own, and what a server holds."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated

import typer

from engine.answers import Format, FormatOption, print_rows
from engine.errors import ExitCode
from engine.options import WorkspaceOption
from engine.progress import console
from engine.workspace import Workspace
from graph.neo4j_server.jars import VERSION
from graph.neo4j_server.server import LocalServer, Memory
from graph.options import GraphOption
from graph.snapshot import Snapshot, find_snapshot
from graph.stores import Questions
from graph.stores.opening import EMBEDDED, LOCAL, server_address, store_url

ServerOption = Annotated[
    str | None, typer.Option("--store", help="The server: neo4j (started here), or its URL; see docs/stores.md.")
]


def neo4j_commands(questions_of: Callable[[Workspace, Snapshot], Questions]) -> typer.Typer:
    """The commands of `skillweave neo4j`; `questions_of` finds the questions that were made from a graph."""
    app = typer.Typer(help="Run a Neo4j server without Java or containers, and load it.", no_args_is_help=True)

    @app.command("start")
    def start(
        port: Annotated[
            int | None, typer.Option(min=1, max=65535, help="Where it listens: 7687 if free, else any that is.")
        ] = None,
        heap: Annotated[int, typer.Option("--heap", min=256, help="MiB of Java's heap.")] = Memory().heap_mb,
        page_cache: Annotated[int, typer.Option(min=16, help="MiB of the graph kept in memory.")] = (
            Memory().page_cache_mb
        ),
        workspace: WorkspaceOption = None,
    ) -> None:
        """Start the workspace's own server, which listens on 127.0.0.1 only, and wait until it answers."""
        place = Workspace.find(workspace).prepare()
        server = LocalServer(place.neo4j)
        started = server.start(port, Memory(heap, page_cache))
        sys.stdout.write(
            f"Neo4j {VERSION} {'answers' if started else 'runs already'} at {server.url}, process {server.pid}, "
            f"in {server.home}\n"
        )
        console.print(
            "load it: skillweave neo4j load   ask it: skillweave graph query hubs --store neo4j   "
            "end it: skillweave neo4j stop",
            markup=False,
            soft_wrap=True,
        )

    @app.command("stop")
    def stop(workspace: WorkspaceOption = None) -> None:
        """Stop the workspace's own server; what it holds stays."""
        server = LocalServer(Workspace.find(workspace).neo4j)
        sys.stdout.write("stopped\n" if server.stop() else "it does not run\n")

    @app.command("status")
    def status(
        store: ServerOption = None, form: FormatOption = Format.TABLE, workspace: WorkspaceOption = None
    ) -> None:
        """Tell where the server answers, its version, and what it holds. Ends with 3 where our own does not run."""
        place = Workspace.find(workspace)
        chosen = _server(place, store)
        own = LocalServer(place.neo4j)
        if chosen == LOCAL and not own.running:
            console.print("no server runs for this workspace; start it: skillweave neo4j start", markup=False)
            raise typer.Exit(int(ExitCode.INCOMPLETE))
        from graph.stores.neo4j_status import server_status

        address = server_address(place, chosen)
        found = server_status(address)
        holds = found.manifest.told() if found.manifest is not None else "no graph"
        pid = str(own.pid or "") if chosen == LOCAL else ""
        print_rows(("url", "version", "process", "holds"), [(address.url, found.version, pid, holds)], form)

    @app.command("load")
    def load(graph: GraphOption = "latest", store: ServerOption = None, workspace: WorkspaceOption = None) -> None:
        """Make a server hold a graph and the questions made from it, instead of what it holds now.

        May be killed at any moment: given again, it goes on where it stopped.
        """
        place = Workspace.find(workspace)
        address = server_address(place, _server(place, store))
        snapshot = Snapshot.open_lazily(find_snapshot(place.graphs, graph))
        from graph.stores.neo4j_loading import load as load_server
        from graph.stores.neo4j_status import server_status

        load_server(address, snapshot, place.stores, questions_of(place, snapshot))
        manifest = server_status(address).manifest
        sys.stdout.write(f"{address.url} holds {manifest.told() if manifest is not None else 'no graph'}\n")

    return app


def _server(place: Workspace, given: str | None) -> str:
    """Which server is meant; the workspace's own where the store that is set is the embedded one."""
    chosen = store_url(place, given)
    return LOCAL if chosen == EMBEDDED else chosen
