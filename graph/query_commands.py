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
from graph.query import ANY, Query, Value, find_query, run_query, shipped_queries
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
        snapshot = Snapshot.open(find_snapshot(place.graphs, graph))
        with closing(open_store(place, snapshot, questions_of(place, snapshot), store)) as opened:
            result = run_query(opened, chosen, given, timeout_s=timeout, row_limit=rows)
            unknown = unknown_names(opened, chosen, given)
        print_rows(result.columns, result.rows, form, types=result.types, out=out)
        if result.more:
            console.print(f"there are more than these {rows:,} rows; see more with --rows", markup=False)
        for line in unknown:
            console.print(line, markup=False, soft_wrap=True)
        if not result.rows and (concepts := concepts_of(chosen, given)):
            names = " and ".join(plain(repr(name)) for name in concepts)
            console.print(
                f"no rows for {names}; a concept goes by its id, or by its name as the graph has it; see the names: "
                "skillweave graph query concepts-by-use --param limit=1000",
                markup=False,
                soft_wrap=True,
            )

    @app.command("queries")
    def queries(form: FormatOption = Format.TABLE) -> None:
        """List the shipped queries with their parameters."""
        rows = [(q.name, q.question, "\n".join(map(str, q.parameters))) for q in shipped_queries().values()]
        print_rows(("name", "question", "parameters"), rows, form)


def concepts_of(query: Query, given: Mapping[str, Value]) -> list[Value]:
    """What was given where the query wants a concept."""
    return [given[p.name] for p in query.parameters if p.type == "concept" and p.name in given]


def unknown_names(store: Store, query: Query, given: Mapping[str, Value]) -> list[str]:
    """What to tell of runs and levels that were given and that no question is of."""
    asked = [(p.type, given[p.name]) for p in query.parameters if p.type in ("run", "level") and p.name in given]
    if not asked:
        return []
    slices = run_query(store, find_query("questions-by-run"), {}).rows
    known: Mapping[str, list[str]] = {
        what: sorted({row[place] for row in slices}) for place, what in enumerate(("run", "level"))
    }
    return [
        f"no question of this graph has the {what} {plain(repr(value))}; there are: "
        f"{', '.join(plain(repr(name)) for name in known[what]) or 'none yet'}"
        for what, value in asked
        if value != ANY and value not in known[what]
    ]
