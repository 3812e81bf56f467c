"""The commands `skillweave graph ...`.

Answers go to stdout as a table, CSV or JSON, everything else to stderr. Errors are raised; the command line above
prints them and ends with their exit code.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import fields
from operator import attrgetter
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.answers import Format, FormatOption, print_rows
from engine.errors import InputError
from engine.options import (
    MaxErrorRateOption,
    MaxHoursOption,
    MaxTokensOption,
    MaxUsdOption,
    OfflineOption,
    WorkspaceOption,
    limits_of,
)
from engine.progress import console
from engine.work import Models
from engine.workspace import Workspace
from graph.build import GraphSettings
from graph.cypher_commands import add_cypher_command
from graph.decision_commands import add_decision_commands
from graph.diff import Change, differences, totals
from graph.doctor_commands import add_doctor_command
from graph.exchange_commands import add_exchange_commands
from graph.judging_commands import add_judging_commands
from graph.labels import graph_from_labels
from graph.making import make_graph
from graph.merging.domains import MATHEMATICS
from graph.options import RowsOption
from graph.query_commands import add_query_commands
from graph.report_commands import add_report_command
from graph.snapshot import Snapshot, find_snapshot, list_snapshots
from graph.stores import Questions


def graph_commands(questions_of: Callable[[Workspace, Snapshot], Questions], models: Models) -> typer.Typer:
    """The commands of `skillweave graph`.

    `questions_of` finds the questions that were made from a graph; `models` opens what `--model` names.
    """
    app = typer.Typer(help="Make concept graphs and look into them.", no_args_is_help=True)

    @app.command("build")
    def build(
        seeds: Annotated[list[str], typer.Argument(metavar="SEEDS", help="Seed sets; see: skillweave seeds list")],
        model: Annotated[str, typer.Option(help="Who names the concepts; see: skillweave generate --help")] = (
            "offline-teacher"
        ),
        threshold: Annotated[
            float | None,
            typer.Option(help="Cosine from which names are merged by embedding: 0.85, and with --labels never."),
        ] = None,
        min_count: Annotated[int | None, typer.Option(min=1, help="Seeds that must mention a concept: 2.")] = None,
        onto: Annotated[
            str | None,
            typer.Option("--onto", "--parent", help="A graph that grows: only new seeds are extracted, ids live on."),
        ] = None,
        reuse: Annotated[str | None, typer.Option(help="An extraction whose equal calls are not paid again.")] = None,
        labels: Annotated[bool, typer.Option("--labels", help="Take the seeds' labels and ask no model.")] = False,
        labels_from: Annotated[
            Path | None, typer.Option(help='A file of labels, {"question2skill": {question: [skill]}}; asks no model.')
        ] = None,
        embedder: Annotated[
            str | None,
            typer.Option(help="Whose vectors compare names: a model's folder or hub name; else skillweave's own."),
        ] = None,
        domain: Annotated[
            str | None,
            typer.Option(help="Aliases and contrasts: mathematics, instruct, none, or a file; see docs/merging.md."),
        ] = None,
        judge: Annotated[
            str | None, typer.Option(help="A model that is asked about names neither safe to merge nor to keep apart.")
        ] = None,
        judge_from: Annotated[
            float | None, typer.Option(min=0.01, max=1, help="Cosine from which it is asked: 0.65.")
        ] = None,
        decisions: Annotated[
            bool,
            typer.Option("--decisions/--no-decisions", help="Do again what persons decided of these seeds' graph."),
        ] = True,
        max_usd: MaxUsdOption = None,
        max_tokens: MaxTokensOption = None,
        max_hours: MaxHoursOption = None,
        max_error_rate: MaxErrorRateOption = None,
        offline: OfflineOption = False,
        workspace: WorkspaceOption = None,
    ) -> None:
        """Extract the concepts of seeds, merge them, and write the graph. Given again, it goes on where it stopped."""
        place = Workspace.find(workspace).prepare()
        if labels or labels_from:
            if reuse is not None:
                raise InputError("a graph of labels asks no model, so there is nothing to reuse; leave --reuse out")
            if judge is not None:
                raise InputError("a graph of labels asks no model, so there is nobody to judge; leave --judge out")
            if onto is not None:
                raise InputError("labels cost nothing: build one graph of all seed sets, and leave --onto out")
            made = graph_from_labels(
                place,
                seeds,
                labels_from=labels_from,
                min_count=min_count or 2,
                threshold=threshold,
                embedder=embedder,
                domain=domain or MATHEMATICS,
                decisions=decisions,
            )
            _print_graph(made)
            _print_labels(made.meta["labels"])
            return
        grown = Snapshot.open(find_snapshot(place.graphs, onto)) if onto is not None else None
        given = {"threshold": threshold, "min_count": min_count, "domain": domain, "judge_from": judge_from}
        settings = grown.meta["settings"] if grown is not None else {}
        settings = GraphSettings(**settings | {name: value for name, value in given.items() if value is not None})
        made = make_graph(
            place, seeds, model, models, settings,
            reuse=reuse, onto=grown, embedder=embedder, judge=judge,
            limits=limits_of(max_usd, max_tokens, max_hours, max_error_rate), offline=offline,
            decisions=decisions,
        )  # fmt: skip
        _print_graph(made)
        if "judging" in made.meta:
            _print_judging(made.meta["judging"])
        elif judge is not None:
            console.print("no pair of names is in doubt, so nobody was asked to judge", markup=False)

    @app.command("diff")
    def diff(
        before: Annotated[str, typer.Argument(help="The beginning of a fingerprint; see: skillweave graph list")],
        after: Annotated[str, typer.Argument(help="The beginning of another's, or latest.")] = "latest",
        form: FormatOption = Format.TABLE,
        rows: RowsOption = 100,
        workspace: WorkspaceOption = None,
    ) -> None:
        """Tell what changed between two graphs: counts first, then concepts, edges and seeds, the largest first."""
        place = Workspace.find(workspace)
        old, new = (Snapshot.open(find_snapshot(place.graphs, which)) for which in (before, after))
        changes = differences(old, new)
        columns = [field.name for field in fields(Change)]
        print_rows(columns, map(attrgetter(*columns), [*totals(old, new, changes), *changes[:rows]]), form)
        if len(changes) > rows:
            console.print(f"{len(changes) - rows:,} more changes; see more with --rows", markup=False)

    @app.command("list")
    def list_graphs(form: FormatOption = Format.TABLE, workspace: WorkspaceOption = None) -> None:
        """List the workspace's graphs, the latest made first."""
        counts = ("nodes", "edges", "mentions", "left_out", "seeds")
        metas = list_snapshots(Workspace.find(workspace).graphs)
        rows = [(m["fingerprint"], m.get("created"), *(m["counts"][c] for c in counts), m.get("parent")) for m in metas]
        print_rows(("graph", "created", *counts, "parent"), rows, form)
        if not rows:
            console.print("no graphs yet; make one: skillweave graph build SEEDS", markup=False)

    add_query_commands(app, questions_of)
    add_report_command(app, questions_of)
    add_cypher_command(app, questions_of)
    add_decision_commands(app)
    add_judging_commands(app)
    add_exchange_commands(app, questions_of)
    add_doctor_command(app)
    return app


def _print_graph(snapshot: Snapshot) -> None:
    counts = snapshot.meta["counts"]
    sys.stdout.write(
        f"graph {snapshot.fingerprint}: {counts['nodes']:,} concepts, {counts['edges']:,} edges, "
        f"{counts['seeds']:,} seeds, {counts['left_out']:,} concepts left out\n"
    )


def _print_judging(told: Mapping[str, Any]) -> None:
    console.print(
        f"{told['model']} judged {told['pairs']:,} pairs of names: {told['same']:,} the same, {told['different']:,} "
        f"different, {told['undecided']:,} undecided; decide these yourself: skillweave graph undecided",
        markup=False,
        soft_wrap=True,
    )


def _print_labels(origin: Mapping[str, Any]) -> None:
    """What a graph was made of, and what it lacks."""
    file = origin["file"]
    lacking = f", and {file['unmatched']:,} questions of {file['name']} are no seed's" if file else ""
    console.print(
        f"made from labels, no model was asked: {origin['labelled']:,} seeds have labels, "
        f"{origin['unlabelled']:,} have none{lacking}",
        markup=False,
        soft_wrap=True,
    )
