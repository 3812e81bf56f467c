"""`skillweave app`: start the app on a workspace, for this machine alone or, with sign-in, for a team."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from engine.errors import InputError
from engine.options import WorkspaceOption
from engine.progress import console
from engine.workspace import ENVIRONMENT, Workspace

FIXED = {
    "server.enableXsrfProtection": "true",
    "server.enableCORS": "true",
    "server.enableStaticServing": "false",
    "server.enableAgentApi": "false",
    "server.scriptHealthCheckEnabled": "false",
    "server.trustedUserHeaders": "{}",
    "server.baseUrlPath": "",
    "client.showErrorDetails": "none",
    "client.showErrorLinks": "false",
    "browser.gatherUsageStats": "false",
    "global.developmentMode": "false",
}
"""What no configuration or environment of Streamlit's on this machine may change."""


def add_app_command(app: typer.Typer) -> None:
    """Put the command into `app`. Streamlit is imported by the process that it becomes, not before."""

    @app.command("app")
    def start(
        port: Annotated[int, typer.Option(min=0, max=65535, help="Where it listens; 0: any that is free.")] = 8501,
        host: Annotated[str, typer.Option(help="Where it listens; other than this machine only with sign-in.")] = (
            "127.0.0.1"
        ),
        secrets: Annotated[
            Path | None,
            typer.Option(
                help="The provider that people sign in at (docs/app.md).", show_default="WORKSPACE.secrets.toml"
            ),
        ] = None,
        workspace: WorkspaceOption = None,
    ) -> None:
        """Explore the graph, see what is covered, read the questions and watch the runs, in a browser."""
        if importlib.util.find_spec("streamlit") is None:
            raise InputError("the app needs Streamlit; install it: pip install 'skillweave[app]'")
        place = Workspace.find(workspace)
        if not place.root.is_dir():
            raise InputError(f"there is no workspace at {place.root}; make one: skillweave quickstart")
        from app import sign_in

        found = sign_in.find_secrets(place, secrets)
        if found is None and host not in sign_in.LOOPBACK:
            raise InputError(
                f"without sign-in the app listens to this machine alone, not to {host}. Say where people sign in, by "
                f"--secrets FILE or in {sign_in.secrets_beside(place)} (docs/app.md), or reach it from another machine "
                "through a tunnel: ssh -L 8501:127.0.0.1:8501 HOST"
            )
        options = {**FIXED, "server.address": host, "server.port": str(port)}
        environ = {**os.environ, ENVIRONMENT: str(place.root)}
        if found is None:
            environ.pop(sign_in.ENVIRONMENT, None)
        else:
            home = _check(found, place)
            console.print(f"listening to http://{host}:{port}; people open {home}", markup=False, soft_wrap=True)
            environ[sign_in.ENVIRONMENT] = str(found)
            options["logger.hideWelcomeMessage"] = "true"
            options["browser.serverAddress"] = urlsplit(home).hostname or ""
        options["secrets.files"] = str(found or sign_in.secrets_beside(place))
        server = Path(__file__).with_name("server.py")
        command = [sys.executable, "-m", "streamlit", "run", str(server)]
        command += [part for name, value in options.items() for part in (f"--{name}", value)]
        os.execve(sys.executable, command, environ)  # noqa: S606 - our own words


def _check(secrets: Path, place: Workspace) -> str:
    """Tell what is doubtful about sign-in, and give where people open the app. Raises InputError for what is wrong."""
    from app.settings import TABLE, AppSettings
    from app.sign_in import doubts, read_provider
    from engine.models import table_settings

    if importlib.util.find_spec("authlib") is None:
        raise InputError("sign-in needs Authlib; install it: pip install 'skillweave[app]'")
    provider = read_provider(secrets)
    for doubt in doubts(provider, table_settings(place, TABLE, AppSettings)):
        console.print(f"warning: {doubt}", style="yellow", markup=False, soft_wrap=True)
    return provider.home
