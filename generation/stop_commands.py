"""`skillweave stop`: stop a run from any machine that sees its folder."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from engine.options import WorkspaceOption
from engine.terminal import print_text
from engine.workspace import Workspace
from generation.launching import stop_run
from generation.options import RunArgument


def add_stop_command(app: typer.Typer) -> None:
    """Add the command to the command line."""

    @app.command()
    def stop(
        name: RunArgument,
        now: Annotated[bool, typer.Option("--now", help="Leave what is in flight, as a second Ctrl-C would.")] = False,
        workspace: WorkspaceOption = None,
    ) -> None:
        """Stop a run, wherever its workers are: nothing new is sent, and what is in flight is kept."""
        asked = stop_run(Workspace.find(workspace), name, by=_who(), at_once=now)
        if not asked:
            print_text(f"nobody works on run {name}. See how it stands: skillweave runs {name}")
            return
        kept = "leave what is in flight" if now else "end when what is in flight has come back"
        print_text(f"asked to stop: {'; '.join(asked)}. They {kept}, within seconds of hearing it")
        if not now:
            print_text(f"See them end: skillweave watch {name}")
            print_text(f"Or leave what is in flight: skillweave stop {name} --now")


def _who() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""
