"""Options that the commands of every package share, and how name=value is read."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from engine.errors import InputError

WorkspaceOption = Annotated[Path | None, typer.Option("--workspace", help="The folder that all commands share.")]


def named_values(given: Iterable[str] | None, option: str, example: str) -> dict[str, str]:
    """What an option that is given as name=value says, by name. Raises InputError for what is not of that form."""
    values: dict[str, str] = {}
    for text in given or ():
        name, equals, value = text.partition("=")
        if not equals:
            raise InputError(f"{option} {text!r} is not name=value; such as: {option} {example}")
        values[name] = value
    return values
