"""The command line: every package's own commands under one name, and one way to say what went wrong."""

from __future__ import annotations

import os
import sys
from importlib.metadata import version
from typing import Annotated, NoReturn

import typer

from app.commands import add_app_command
from engine.commands import model_commands
from engine.errors import ExitCode, SkillweaveError
from engine.progress import console
from engine.terminal import plain
from generation.commands import add_commands
from generation.coverage_commands import coverage_commands
from generation.dataset_commands import dataset_commands
from generation.export_commands import add_export_commands
from generation.looking_commands import add_looking_commands
from generation.making import questions_of
from generation.plan_commands import add_plan_command
from generation.prompt_commands import prompt_commands
from generation.question_commands import question_commands
from generation.review_commands import review_commands
from generation.sample import sample_messages
from generation.stop_commands import add_stop_command
from generation.tag_commands import add_tag_commands
from generation.withdraw_commands import add_withdraw_commands
from graph.commands import graph_commands
from graph.neo4j_commands import neo4j_commands
from graph.seed_commands import seeds_app
from skillweave.models import CommandLineModels
from skillweave.quickstart import add_quickstart
from skillweave.workspace_commands import workspace_commands
from teacher.commands import app as teacher_app

app = typer.Typer(
    name="skillweave",
    help="Seed questions -> concepts -> concept graph -> compositions -> new questions, each with its solution.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"skillweave {version('skillweave')}")
        raise typer.Exit


@app.callback()
def _skillweave(
    version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Tell the version.")
    ] = False,
) -> None:
    """What is the same for all commands."""


_models = CommandLineModels()
add_quickstart(app, _models)
add_app_command(app)
add_withdraw_commands(seeds_app)
app.add_typer(seeds_app, name="seeds")
app.add_typer(graph_commands(questions_of, _models), name="graph")
app.add_typer(neo4j_commands(questions_of), name="neo4j")
add_commands(app, _models)
add_stop_command(app)
add_looking_commands(app)
add_plan_command(app, _models)
add_tag_commands(app, _models)
datasets_app = dataset_commands(_models)
add_export_commands(datasets_app)
app.add_typer(datasets_app, name="dataset")
app.add_typer(question_commands(), name="questions")
app.add_typer(review_commands(), name="review")
app.add_typer(prompt_commands(_models), name="prompt")
app.add_typer(coverage_commands(), name="coverage")
app.add_typer(model_commands(_models, sample_messages()), name="model")
app.add_typer(workspace_commands(questions_of), name="workspace")
app.add_typer(teacher_app, name="teacher")


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
