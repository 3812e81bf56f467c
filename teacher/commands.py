"""`skillweave teacher`: the offline teacher on a port, for whatever speaks OpenAI's chat completions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(name="teacher", help="The offline teacher: an OpenAI-compatible server with no weights and no key.")


@app.callback()
def _teacher() -> None:
    """Keeps `serve` a sub-command while it is the only one."""


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.", min=0, max=65535)] = 8765,
    faults: Annotated[str, typer.Option(help="Misbehaviour on request, such as 429=0.1,slow_ms=50.")] = "",
    log: Annotated[Path | None, typer.Option(help="Append one line a request to this file.")] = None,
) -> None:
    """Serve the offline teacher until Ctrl-C."""
    from teacher import server  # a quarter of every command's start-up: only where it is used

    def say(url: str) -> None:
        typer.echo(f"The offline teacher (no language model) answers at {url}\n")
        typer.echo(f"  export OPENAI_BASE_URL={url}\n  skillweave generate --model offline-teacher-1")

    server.serve(server.offline_teacher(faults, log), host, port, say, until=None)
