"""`skillweave app`: start the app on a workspace, for this machine alone."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from engine.errors import InputError
from engine.options import WorkspaceOption
from engine.workspace import ENVIRONMENT, Workspace


def add_app_command(app: typer.Typer) -> None:
    """Put the command into `app`. Streamlit is imported by the process that it becomes, not before."""

    @app.command("app")
    def start(
        port: Annotated[int, typer.Option(min=0, max=65535, help="Where it listens; 0: any that is free.")] = 8501,
        host: Annotated[str, typer.Option(help="Where it listens: this machine alone.")] = ("127.0.0.1"),
        workspace: WorkspaceOption = None,
    ) -> None:
        """Explore the graph, see what is covered, read the questions and watch the runs, in a browser."""
        if importlib.util.find_spec("streamlit") is None:
            raise InputError("the app needs Streamlit; install it: pip install 'skillweave[app]'")
        if host not in ("127.0.0.1", "::1", "localhost"):
            raise InputError(
                f"the app has no sign-in yet, so it listens to this machine alone, not to {host}; reach it from "
                "another through a tunnel: ssh -L 8501:127.0.0.1:8501 HOST"
            )
        place = Workspace.find(workspace)
        if not place.root.is_dir():
            raise InputError(f"there is no workspace at {place.root}; make one: skillweave quickstart")
        server = Path(__file__).with_name("server.py")
        options = {"server.address": host, "server.port": str(port)}
        command = [sys.executable, "-m", "streamlit", "run", str(server)]
        command += [part for name, value in options.items() for part in (f"--{name}", value)]
        os.execve(sys.executable, command, {**os.environ, ENVIRONMENT: str(place.root)})  # noqa: S606 - our own words
