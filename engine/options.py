"""Options that the commands of every package share, and how name=value is read."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from engine.errors import InputError


def _tokens(given: str) -> float:
    if given == "inf":
        return math.inf
    if not given.isdecimal():
        raise typer.BadParameter(
            f"{given!r} is no number of tokens; give one such as 5000000, or inf: no limit any more"
        )
    return int(given)


_LIMITS = "Limits of the run, over all its workers and days"
MaxUsdOption = Annotated[
    float | None, typer.Option(min=0, rich_help_panel=_LIMITS, help="US dollars at most; inf: no limit any more.")
]
MaxTokensOption = Annotated[
    float | None,
    typer.Option(
        parser=_tokens,
        metavar="INTEGER",
        rich_help_panel=_LIMITS,
        help="Prompt and completion tokens at most; inf: no limit any more.",
    ),
]
MaxHoursOption = Annotated[
    float | None, typer.Option(min=0, rich_help_panel=_LIMITS, help="Hours of work at most; inf: no limit any more.")
]
MaxErrorRateOption = Annotated[
    float | None,
    typer.Option(
        min=0,
        rich_help_panel=_LIMITS,
        help="Share of the last 200 items that may give no row, 0 to 1; inf: no limit any more.",
    ),
]
OfflineOption = Annotated[
    bool, typer.Option("--offline", rich_help_panel=_LIMITS, help="Send nothing; say what is missing, and its price.")
]
WorkspaceOption = Annotated[Path | None, typer.Option("--workspace", help="The folder that all commands share.")]


def limits_of(
    max_usd: float | None, max_tokens: float | None, max_hours: float | None, max_error_rate: float | None
) -> dict[str, float | None]:
    """The limits that were given, by the names of `engine.budget.Budget`; inf is None there, no limit."""
    given = {
        "max_usd": max_usd, "max_tokens": max_tokens, "max_hours": max_hours, "max_error_rate": max_error_rate,
    }  # fmt: skip
    return {name: None if value == math.inf else value for name, value in given.items() if value is not None}


def named_values(given: Iterable[str] | None, option: str, example: str) -> dict[str, str]:
    """What an option that is given as name=value says, by name. Raises InputError for what is not of that form."""
    values: dict[str, str] = {}
    for text in given or ():
        name, equals, value = text.partition("=")
        if not equals:
            raise InputError(f"{option} {text!r} is not name=value; such as: {option} {example}")
        values[name] = value
    return values
