"""The command line: every package's own commands under one name, and one way to say what went wrong.

What a command needs is imported when that command is asked for: `PARTS` names who puts in which.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated, NoReturn

import typer

from engine.errors import ExitCode, SkillweaveError
from engine.progress import console
from engine.terminal import plain
from skillweave.deferred import deferred_group


def _quickstart(app: typer.Typer) -> None:
    from skillweave.models import CommandLineModels
    from skillweave.quickstart import add_quickstart

    add_quickstart(app, CommandLineModels())


def _app(app: typer.Typer) -> None:
    from app.commands import add_app_command

    add_app_command(app)


def _seeds(app: typer.Typer) -> None:
    from generation.withdraw_commands import add_withdraw_commands
    from graph.seed_commands import seeds_app

    add_withdraw_commands(seeds_app)
    app.add_typer(seeds_app, name="seeds")


def _graph(app: typer.Typer) -> None:
    from generation.making import questions_of
    from graph.commands import graph_commands
    from skillweave.models import CommandLineModels

    app.add_typer(graph_commands(questions_of, CommandLineModels()), name="graph")


def _neo4j(app: typer.Typer) -> None:
    from generation.making import questions_of
    from graph.neo4j_commands import neo4j_commands

    app.add_typer(neo4j_commands(questions_of), name="neo4j")


def _working(app: typer.Typer) -> None:
    from generation.commands import add_commands
    from skillweave.models import CommandLineModels

    add_commands(app, CommandLineModels())


def _stop(app: typer.Typer) -> None:
    from generation.stop_commands import add_stop_command

    add_stop_command(app)


def _looking(app: typer.Typer) -> None:
    from generation.looking_commands import add_looking_commands

    add_looking_commands(app)


def _plan(app: typer.Typer) -> None:
    from generation.plan_commands import add_plan_command
    from skillweave.models import CommandLineModels

    add_plan_command(app, CommandLineModels())


def _tag(app: typer.Typer) -> None:
    from generation.tag_commands import add_tag_commands
    from skillweave.models import CommandLineModels

    add_tag_commands(app, CommandLineModels())


def _dataset(app: typer.Typer) -> None:
    from generation.dataset_commands import dataset_commands
    from generation.export_commands import add_export_commands
    from skillweave.models import CommandLineModels

    datasets_app = dataset_commands(CommandLineModels())
    add_export_commands(datasets_app)
    app.add_typer(datasets_app, name="dataset")


def _questions(app: typer.Typer) -> None:
    from generation.question_commands import question_commands

    app.add_typer(question_commands(), name="questions")


def _review(app: typer.Typer) -> None:
    from generation.review_commands import review_commands

    app.add_typer(review_commands(), name="review")


def _prompt(app: typer.Typer) -> None:
    from generation.prompt_commands import prompt_commands
    from skillweave.models import CommandLineModels

    app.add_typer(prompt_commands(CommandLineModels()), name="prompt")


def _coverage(app: typer.Typer) -> None:
    from generation.coverage_commands import coverage_commands

    app.add_typer(coverage_commands(), name="coverage")


def _model(app: typer.Typer) -> None:
    from engine.commands import model_commands
    from generation.sample import sample_messages
    from skillweave.models import CommandLineModels

    app.add_typer(model_commands(CommandLineModels(), sample_messages()), name="model")


def _workspace(app: typer.Typer) -> None:
    from generation.making import questions_of
    from skillweave.workspace_commands import workspace_commands

    app.add_typer(workspace_commands(questions_of), name="workspace")


def _teacher(app: typer.Typer) -> None:
    from teacher.commands import app as teacher_app

    app.add_typer(teacher_app, name="teacher")


PARTS = {
    ("quickstart",): _quickstart,
    ("app",): _app,
    ("generate", "resume", "extend"): _working,
    ("stop",): _stop,
    ("runs", "watch", "show", "recipes", "samplers"): _looking,
    ("plan",): _plan,
    ("tag", "agreement"): _tag,
    ("seeds",): _seeds,
    ("graph",): _graph,
    ("neo4j",): _neo4j,
    ("dataset",): _dataset,
    ("questions",): _questions,
    ("review",): _review,
    ("prompt",): _prompt,
    ("coverage",): _coverage,
    ("model",): _model,
    ("workspace",): _workspace,
    ("teacher",): _teacher,
}
"""Who puts in which commands, in the order of the help."""

app = typer.Typer(
    name="skillweave",
    help="Seed questions -> concepts -> concept graph -> compositions -> new questions, each with its solution.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    cls=deferred_group(PARTS),
)


def _say_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"skillweave {version('skillweave')}")
        raise typer.Exit


@app.callback()
def _skillweave(
    version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Tell the version.")
    ] = False,
) -> None:
    """What is the same for all commands."""


def _leave_pipe() -> NoReturn:
    """The reader of our output has seen enough: no failure, and nothing more is written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(int(ExitCode.COMPLETE))


def main() -> None:
    """The `skillweave` command. An error is one paragraph on stderr and an exit code of its own (engine.errors)."""
    try:
        app()
    except SkillweaveError as error:
        console.print(f"error: {plain(error)}", style="red", markup=False, soft_wrap=True)
        sys.exit(int(error.exit_code))
    except SystemExit as stop:
        if isinstance(stop.__context__, BrokenPipeError):  # typer and rich make a failure of it
            _leave_pipe()
        raise
    except BrokenPipeError:
        _leave_pipe()
    except KeyboardInterrupt:
        sys.exit(int(ExitCode.INTERRUPTED))
