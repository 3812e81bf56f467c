"""`skillweave tag` and `skillweave agreement`: what questions are about, beside what was asked of them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from engine.answers import Format, FormatOption, print_json, print_rows
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
from engine.run import find_run, open_run, set_budget
from engine.terminal import print_table, print_text
from engine.work import Models
from engine.workspace import Workspace
from generation.agreement import Agreement, Line, agreement
from generation.commands import finish
from generation.options import ModelOption, RunArgument, SettingOption, prompts_of, settings_of
from generation.recipes import ALL_RECIPES
from generation.tagging import tag_run
from generation.working import work

_ROWS_OF_A_TABLE = 30
_COLUMNS = ("kind", "name", "asked", "claimed", "tagged", "missed", "unasked", "recall", "precision")


class Grouping(StrEnum):
    """What a line of the comparison stands for."""

    CONCEPT = "concept"
    KIND = "kind"
    LEVEL = "level"


def add_tag_commands(app: typer.Typer, models: Models) -> None:
    """Add the commands to the command line; `models` opens what `--model` names."""

    @app.command()
    def tag(
        run: RunArgument,
        model: ModelOption = "offline-teacher",
        threshold: Annotated[
            float | None,
            typer.Option(min=0.01, max=1, help="Cosine from which a name means a concept; else the graph's."),
        ] = None,
        setting: SettingOption = None,
        prompt: Annotated[list[str] | None, typer.Option(help="A prompt of your own, as extract=file.")] = None,
        name: Annotated[str | None, typer.Option(help="The tagging run's name; else made from its content.")] = None,
        max_usd: MaxUsdOption = None,
        max_tokens: MaxTokensOption = None,
        max_hours: MaxHoursOption = None,
        max_error_rate: MaxErrorRateOption = None,
        offline: OfflineOption = False,
        workspace: WorkspaceOption = None,
    ) -> None:
        """Read from each accepted question alone which concepts it is about. Replies of earlier taggings are kept."""
        place = Workspace.find(workspace)
        folder = tag_run(
            place,
            find_run(place.runs, run),
            models.ref(model, place),
            threshold=threshold,
            settings=settings_of(setting),
            prompts=prompts_of(prompt),
            name=name,
        )
        set_budget(folder, limits_of(max_usd, max_tokens, max_hours, max_error_rate))
        opened = open_run(folder, ALL_RECIPES, place.root)
        finish(place, opened, work(place, opened, models, offline=offline))

    @app.command("agreement")
    def tell_agreement(
        run: RunArgument,
        by: Annotated[Grouping, typer.Option(help="What a line is: a concept, or all of a kind or of a level.")] = (
            Grouping.CONCEPT
        ),
        tags: Annotated[str | None, typer.Option(help="A tagging run; else the one of most questions.")] = None,
        form: FormatOption = Format.TABLE,
        rows: Annotated[int | None, typer.Option(min=1, help="Lines at most; 30 in a table, else all.")] = None,
        workspace: WorkspaceOption = None,
    ) -> None:
        """Tell how often what was asked of a tagged run's questions is what was got, the worst first."""
        place = Workspace.find(workspace)
        found = agreement(place, find_run(place.runs, run), by.value, tags)
        lines = found.lines[: rows or (_ROWS_OF_A_TABLE if form is Format.TABLE else None)]
        if form is Format.JSON:
            told = {**agreement_object(found), "by": by.value, "lines": [_line_object(line) for line in lines]}
            print_json(told)
        elif form is not Format.TABLE:
            print_rows(("id", *_COLUMNS), [tuple(_line_object(line).values()) for line in lines], form)
        else:
            print_agreement(found)
            cells = [tuple(_line_object(line).values())[1:] for line in lines]
            shown = [tuple(_percent(cell) if place > 6 else cell for place, cell in enumerate(row)) for row in cells]
            print_text(f"by {by.value}, the worst first", style="bold")
            print_table(_COLUMNS, shown)
        if len(lines) < len(found.lines):
            console.print(f"there are {len(found.lines):,} lines; see more with --rows", markup=False)


def print_agreement(found: Agreement) -> None:
    """The whole of a comparison, as tables that close."""
    print_text(f"{found.run}, tagged by {found.tags}", style="bold")
    fates = [("compared", found.questions), ("reply rejected", found.unread), ("not tagged yet", found.beyond)]
    print_table(("questions", "count"), [*fates, ("accepted", sum(count for _, count in fates))])
    uses = [
        ("claimed and tagged", found.claimed_and_tagged),
        ("tagged only", found.tagged_only),
        ("claimed only", found.claimed_only),
        ("neither", found.neither),
    ]
    print_table(("concepts asked of a question", "count"), [*uses, ("asked", found.asked)])
    bases = [
        ("tagged", found.tagged, found.unasked + found.tagged_other, found.tagged_precision, found.tagged_recall),
        ("claimed", found.claimed, found.claimed_other, found.claimed_precision, found.claimed_recall),
    ]
    print_table(
        ("basis", "asked", "not asked", "precision", "recall"),
        [(*counts, _percent(precision), _percent(recall)) for *counts, precision, recall in bases],
    )
    confirmed = _percent(found.claims_tagged) or "nothing"
    print_text(
        f"{confirmed} of what was claimed is tagged; {found.tagged_other:,} of the names tagged mean no concept of the "
        "graph"
    )


def agreement_object(found: Agreement) -> dict[str, Any]:
    """The counts and shares of a comparison without its lines, as JSON."""
    names = (
        *("run", "tags", "questions", "unread", "beyond", "asked", "claimed_and_tagged", "tagged_only"),
        *("claimed_only", "neither", "tagged", "unasked", "tagged_other", "tagged_precision", "tagged_recall"),
        *("claimed", "claimed_other", "claimed_precision", "claimed_recall"),
        "claims_tagged",
    )
    return {name: getattr(found, name) for name in names}


def _line_object(line: Line) -> dict[str, Any]:
    return {name: getattr(line, name) for name in ("id", *_COLUMNS)}


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f} %"
