"""The commands `skillweave seeds ...`."""

from __future__ import annotations

import re
import sys
from typing import Annotated

import typer

from engine.answers import Format, FormatOption, print_rows
from engine.errors import InputError
from engine.options import WorkspaceOption, named_values
from engine.progress import console
from engine.terminal import plain
from engine.workspace import Workspace
from graph.loaders import Loaded, load_seeds
from graph.loaders.formats import AUTO
from graph.seed import read_seeds, seeds_hash, write_seeds

_SHOWN_LINES = 3
_SEED_SET_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")
seeds_app = typer.Typer(help="Bring in seed questions.", no_args_is_help=True)


@seeds_app.command("import")
def import_seeds(
    path: Annotated[
        str,
        typer.Argument(
            metavar="FILE", help="JSON lines, CSV, Parquet, a folder of JSON files, or hf:NAME[,CONFIG][:SPLIT]."
        ),
    ],
    name: Annotated[str | None, typer.Option("--name", help="The seed set's name; else that of the file.")] = None,
    form: Annotated[
        str,
        typer.Option("--format", help="One of auto, plain, gsm8k, math, college_math, tal_scq or agieval."),
    ] = AUTO,
    column: Annotated[
        list[str] | None, typer.Option("--column", help="Which column holds a field, such as question=problem.")
    ] = None,
    dollar_formulas: Annotated[
        bool, typer.Option("--dollar-formulas", help="A $ opens a formula there, and money is \\$.")
    ] = False,
    source: Annotated[str, typer.Option(help="Where a row does not say: the data set's name.")] = "",
    licence: Annotated[str, typer.Option(help="Where a row does not say: its licence.")] = "",
    level: Annotated[str, typer.Option(help="Where a row does not say: its level.")] = "",
    subject: Annotated[str, typer.Option(help="Where a row does not say: its subject.")] = "",
    replace: Annotated[bool, typer.Option("--replace", help="In place of a seed set of that name.")] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Read seeds into the workspace; faulty rows are skipped and listed. See docs/seeds.md."""
    name = name or re.split(r"[:,]", path.removeprefix("hf:"))[0].rstrip("/").rpartition("/")[2].split(".")[0]
    if not _SEED_SET_NAME.fullmatch(name):
        raise InputError(f"{name!r} is no name for a seed set (letters, digits, - . _); give another with --name")
    loaded = load_seeds(
        path,
        form,
        columns=named_values(column, "--column", "question=problem"),
        dollar_formulas=dollar_formulas,
        source=source,
        licence=licence,
        level=level,
        subject=subject,
    )
    target = Workspace.find(workspace).prepare().seeds / f"{name}.parquet"
    if target.exists() and not replace and seeds_hash(read_seeds(target)) != seeds_hash(loaded.seeds):
        raise InputError(
            f"there is another seed set {name!r}; choose another --name, or put it in its place: --replace"
        )
    write_seeds(loaded.seeds, target)
    _print_skipped(loaded)
    console.print(f"the rows were read as the format {loaded.format}", markup=False)
    sys.stdout.write(f"{len(loaded.seeds):,} seeds in {name}, {sum(loaded.counts.values()):,} rows skipped\n")


@seeds_app.command("list")
def list_seeds(form: FormatOption = Format.TABLE, workspace: WorkspaceOption = None) -> None:
    """List the workspace's seed sets."""
    rows = []
    for file in sorted(Workspace.find(workspace).seeds.glob("*.parquet")):
        seeds = read_seeds(file)
        levels = sorted({seed.level for seed in seeds if seed.level})
        rows.append((file.stem, len(seeds), " ".join(levels), seeds_hash(seeds)))
    print_rows(("name", "seeds", "levels", "hash"), rows, form)
    if not rows:
        console.print("no seeds yet; bring some in: skillweave seeds import FILE", markup=False)


def _print_skipped(loaded: Loaded) -> None:
    """A line for each reason: how many rows, and where the first ones stand."""
    for reason, count in loaded.reasons().items():
        of_reason = [row for row in loaded.skipped if row.reason == reason]
        shown = of_reason[:_SHOWN_LINES]
        one_file = len({row.file for row in shown}) == 1
        lines = ", ".join(str(row.line) if one_file else f"{row.file} line {row.line}" for row in shown)
        more = ", ..." if count > _SHOWN_LINES else ""
        detail = f" ({of_reason[0].detail})" if of_reason[0].detail else ""
        text = plain(
            f"skipped {count:,}: {reason}{detail}, {f'{shown[0].file} line ' if one_file else ''}{lines}{more}"
        )
        console.print(text, markup=False, soft_wrap=True)
