"""The commands that ask a graph: `skillweave graph query|queries`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Annotated

import typer

from engine.answers import Format, FormatOption, OutOption, print_rows
from engine.options import WorkspaceOption, named_values
from engine.progress import console
from engine.terminal import plain
from engine.workspace import Workspace
from graph.options import GraphOption, RowsOption, StoreOption
from graph.query import ANY, Parameter, Query, Value, find_query, run_query, shipped_queries
from graph.snapshot import Snapshot, find_snapshot
from graph.stores import Questions, Store
from graph.stores.opening import open_store


def add_query_commands(app: typer.Typer, questions_of: Callable[[Workspace, Snapshot], Questions]) -> None:
    """Put the commands into `app`; `questions_of` finds the questions that were made from a graph."""

    @app.command("query")
    def query(
        name: Annotated[str, typer.Argument(help="A query; see them: skillweave graph queries")],
        param: Annotated[list[str] | None, typer.Option("--param", help="A parameter, as name=value.")] = None,
        graph: GraphOption = "latest",
        form: FormatOption = Format.TABLE,
        out: OutOption = None,
        timeout: Annotated[float, typer.Option("--timeout", min=0.1, help="Seconds it may take.")] = 30.0,
        rows: RowsOption = 10_000,
        store: StoreOption = None,
        workspace: WorkspaceOption = None,
    ) -> None:
        """Run a shipped query over a graph and the questions made from it."""
        chosen = find_query(name)
        given = named_values(param, "--param", "limit=20")
        chosen.bind(given)  # a wrong parameter is told before a store is made
        place = Workspace.find(workspace)
        snapshot = Snapshot.open_lazily(find_snapshot(place.graphs, graph))
        with closing(open_store(place, snapshot, questions_of(place, snapshot), store)) as opened:
            result = run_query(opened, chosen, given, timeout_s=timeout, row_limit=rows)
            unknown = unknown_names(opened, chosen, given)
        print_rows(result.columns, result.rows, form, types=result.types, out=out)
        if result.more:
            console.print(f"there are more than these {rows:,} rows; see more with --rows", markup=False)
        for line in unknown:
            console.print(line, markup=False, soft_wrap=True)

    @app.command("queries")
    def queries(
        name: Annotated[str | None, typer.Argument(help="One of them, with its parameters and columns.")] = None,
        form: FormatOption = Format.TABLE,
    ) -> None:
        """List the shipped queries, or what one of them takes and gives."""
        if name is None:
            listed = [(q.name, q.question, " ".join(map(_shown, q.parameters))) for q in shipped_queries().values()]
            print_rows(("name", "question", "parameters"), listed, form)
            return
        chosen = find_query(name)
        rows = [("parameter", p.name, p.type, p.default, p.description) for p in chosen.parameters]
        rows += [("column", c.name, c.type, None, c.description) for c in chosen.columns]
        print_rows(("what", "name", "type", "default", "meaning"), rows, form)
        if chosen.note:
            console.print(f"note: {chosen.note}", markup=False, soft_wrap=True)


def _shown(parameter: Parameter) -> str:
    return f"{parameter.name}={'...' if parameter.default is None else parameter.default}"


def unknown_names(store: Store, query: Query, given: Mapping[str, Value]) -> list[str]:
    """What to tell of the concepts, runs and levels that were given and that the store does not hold."""
    told = []
    for parameter in query.parameters:
        value = given.get(parameter.name, ANY)
        if parameter.type == "concept" and not run_query(store, find_query("concept-card"), {"concept": value}).rows:
            told.append(
                f"there is no concept {plain(repr(value))}; one goes by its id, or by its name as the graph has it; "
                "see the names: skillweave graph query concepts-by-use --param limit=1000"
            )
        elif parameter.type in ("run", "level") and value != ANY:
            slices = run_query(store, find_query("questions-by-run"), {})
            names = sorted({row[slices.columns.index(parameter.type)] for row in slices.rows})
            if value not in names:
                told.append(
                    f"no question of this graph has the {parameter.type} {plain(repr(value))}; there are: "
                    f"{', '.join(plain(repr(name)) for name in names) or 'none yet'}"
                )
    return told
