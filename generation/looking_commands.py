"""`skillweave runs`, `watch`, `show`, `recipes` and `samplers`: the commands that look, and send nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from engine.answers import Format, FormatOption, print_json, print_rows
from engine.books import Books, read_books
from engine.errors import InputError
from engine.models import known_prices
from engine.options import (
    WorkspaceOption,
)
from engine.prices import Price
from engine.progress import console
from engine.rows import calls_of, read_accepted, read_rejected
from engine.run import find_run, read_spec, read_target
from engine.spending import Spending, read_spending
from engine.terminal import plain, print_table, print_text
from engine.workspace import Workspace
from generation.monitoring import Monitor
from generation.options import (
    RunArgument,
)
from generation.progress_view import print_progress, progress_object
from generation.recipes import ALL_RECIPES, find_recipe
from generation.run_lines import Line
from generation.run_progress import Progress
from generation.watching import watch
from graph.sampling.samplers import SAMPLERS, find_sampler, settings_table


def add_looking_commands(app: typer.Typer) -> None:
    """Add the commands to the command line."""

    @app.command()
    def runs(
        name: Annotated[str | None, typer.Argument(help="One run, in full.")] = None,
        form: FormatOption = Format.TABLE,
        workspace: WorkspaceOption = None,
    ) -> None:
        """List the runs, or tell all about one: books, cost, pace, time left, workers, failed requests."""
        place = Workspace.find(workspace)
        monitor = Monitor(place)
        if name is not None:
            _tell_run(find_run(place.runs, name), monitor.progress(name), known_prices(place), form)
            return
        lines = sorted(monitor.lines(), key=lambda line: line.run)
        if form is not Format.TABLE:
            columns = tuple(each.name for each in fields(Line))
            print_rows(columns, [[getattr(line, column) for column in columns] for line in lines], form)
            return
        rows = [
            (line.run, line.recipe, line.condition, line.accepted, line.count or "all", line.open, line.rejected,
             line.tokens, _money(line.usd))
            for line in lines
        ]  # fmt: skip
        print_table(("run", "recipe", "state", "accepted", "of", "open", "rejected", "tokens", "cost"), rows)
        if not rows:
            console.print("no runs yet; begin one: skillweave generate", markup=False)

    @app.command("watch")
    def watch_run(name: RunArgument, workspace: WorkspaceOption = None) -> None:
        """See a run come on, from any process or machine, until nobody works on it: online, by batches or on Ray."""
        place = Workspace.find(workspace)
        watch(place, find_run(place.runs, name, whole=False).name)

    @app.command()
    def show(
        name: RunArgument,
        rows: Annotated[int, typer.Option(min=1, help="Rows at most.")] = 5,
        skip: Annotated[int, typer.Option(min=0, help="Rows to pass over first.")] = 0,
        rejected: Annotated[bool, typer.Option("--rejected", help="The rejected rows, with their reasons.")] = False,
        reason: Annotated[str | None, typer.Option(help="Rejected rows of this reason only.")] = None,
        index: Annotated[int | None, typer.Option(min=0, help="One index: its conversation, turn by turn.")] = None,
        workspace: WorkspaceOption = None,
    ) -> None:
        """Read a run's rows, its rejected rows, or one conversation."""
        folder = find_run(Workspace.find(workspace).runs, name)
        if index is not None:
            show_conversation(folder, index)
            return
        tables = read_rejected(folder) if rejected or reason else read_accepted(folder)
        found = (row for table in tables for row in table.to_pylist() if reason in (None, row.get("reason")))
        shown = 0
        for place, row in enumerate(found):
            if place >= skip + rows:
                break
            if place >= skip:
                print_row(row)
                shown += 1
        if not shown:
            print_text(f"nothing to show: {_counts(read_books(folder))}")

    @app.command()
    def recipes(name: Annotated[str | None, typer.Argument(help="One recipe, with its settings.")] = None) -> None:
        """List the recipes, or one recipe's settings."""
        if name is None:
            rows = [(r.name, r.version, ", ".join(r.prompts)) for r in ALL_RECIPES.values()]
            print_table(("recipe", "version", "prompts"), rows)
            return
        fields = find_recipe(name, ALL_RECIPES).settings.model_fields
        print_table(("setting", "default", "meaning"), [(n, f.default, f.description) for n, f in fields.items()])

    @app.command()
    def samplers(name: Annotated[str | None, typer.Argument(help="One sampler, with its settings.")] = None) -> None:
        """List the ways to draw compositions from a graph, or one way's settings."""
        if name is None:
            print_table(("sampler", "draws"), [(kind.id, kind.summary) for kind in SAMPLERS.values()])
            return
        print_table(("setting", "default", "meaning"), settings_table(find_sampler(name)))


def _tell_run(folder: Path, progress: Progress, prices: Mapping[str, Price], form: Format) -> None:
    if form is Format.JSON:
        print_json(progress_object(progress))
        return
    if form is not Format.TABLE:
        raise InputError(f"one run is told as a table or as JSON: skillweave runs {folder.name} --format json")
    print_books(folder.name, progress.books, read_spending(folder, prices))
    print_progress(progress)
    print_text(orjson.dumps(_brief(folder), option=orjson.OPT_INDENT_2).decode())


def print_books(name: str, books: Books, spending: Spending) -> None:
    """The books of a run as a table that closes."""
    lines = [("accepted", books.accepted), ("ahead", books.ahead), ("open", books.open)]
    lines += [(f"rejected: {reason}", count) for reason, count in books.reasons.items()]
    print_text(f"{name}: {books.state}", style="bold")
    print_table(("fate", "items"), [*lines, ("drawn", books.drawn)])
    print_text(spending.told())


def _money(cost: float | None) -> str:
    return "unknown" if cost is None else f"${cost:,.4f}"


def _counts(books: Books) -> str:
    reasons = ", ".join(f"{reason} {count:,}" for reason, count in books.reasons.items()) or "none rejected"
    return f"{books.accepted:,} accepted, {books.open:,} open, {reasons}"


def _brief(folder: Path) -> dict[str, Any]:
    """run.json and target.json without the prompts' texts."""
    spec = read_spec(folder).model_dump(mode="json")
    return {**spec, "prompts": sorted(spec["prompts"]), "target": read_target(folder).model_dump()}


def print_row(row: Mapping[str, Any]) -> None:
    """One row, a field a paragraph."""
    print_text(f"── {row['id']} · index {row['index']}", style="bold")
    for name, value in row.items():
        if name in ("id", "index", "attempts") or value in (None, "", []):
            continue
        text = "; ".join(map(str, value)) if isinstance(value, list) else str(value)
        print_text(f"{name}: {text}")
    print_text()


def show_conversation(folder: Path, index: int) -> None:
    """One index's conversation, turn by turn. Raises InputError where there is none."""
    calls = calls_of(folder, index)
    if calls is None or not calls.num_rows:
        raise InputError(
            f"index {index} of run {folder.name} has no sealed conversation: it is undrawn, a repeat, open, or was "
            f"rejected without a call. See: skillweave runs {folder.name}"
        )
    for call in calls.to_pylist():
        print_text(f"── place {call['path']} · {call['model']} · {call['finish']} · {call['key']}", style="bold")
        for message in call["messages"]:
            print_text(f"[{message['role']}]", style="cyan")
            print_text(plain(message["content"]))
        if call.get("reasoning"):
            print_text("[reasoning]", style="dim")
            print_text(call["reasoning"], style="dim")
        print_text("[reply]", style="green")
        print_text(call["text"])
        print_text()
