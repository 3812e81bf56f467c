"""`skillweave dataset export`, `list` and `verify`: datasets of one run or many, and the proof of their rows."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from engine.answers import Format, FormatOption, print_rows
from engine.errors import ExitCode, InputError
from engine.options import WorkspaceOption
from engine.progress import console
from engine.run import find_run
from engine.terminal import print_table, print_text
from engine.workspace import Workspace
from generation.datasets.exporting import Exported, ExportOptions, export
from generation.datasets.formats import DatasetFormat
from generation.datasets.manifest import NAME, read_manifest
from generation.datasets.pushing import check_repo, push
from generation.datasets.splitting import read_shares
from generation.datasets.verifying import Report, find_dataset, verify

_SHOWN = 20
_DATASET_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")


def add_export_commands(app: typer.Typer) -> None:
    """Add the commands to the group `dataset`."""

    @app.command("export")
    def export_(
        runs: Annotated[list[str], typer.Argument(metavar="RUN...", help="One run or several, merged.")],
        name: Annotated[str, typer.Option("--name", help="The dataset's name.")],
        form: Annotated[DatasetFormat, typer.Option("--format", help="How rows are written; see docs/datasets.md.")] = (
            DatasetFormat.PARQUET
        ),
        split: Annotated[
            str, typer.Option(help="Shares by split, as train=0.9,validation=0.05,test=0.05.")
        ] = "train=1",
        balanced: Annotated[
            str | None, typer.Option("--balance", metavar="topic", help="Take so many rows of each topic; needs --per.")
        ] = None,
        per: Annotated[int | None, typer.Option(min=1, help="Rows of each topic at most.")] = None,
        keep: Annotated[
            list[str] | None, typer.Option(help="A check whose verdicts leave no row out. May be repeated.")
        ] = None,
        unchecked: Annotated[bool, typer.Option("--unchecked", help="No check leaves rows out.")] = False,
        replace: Annotated[bool, typer.Option("--replace", help="In place of a dataset of that name.")] = False,
        push_to: Annotated[
            str | None, typer.Option("--push", metavar="REPO", help="Also upload it to the Hugging Face hub.")
        ] = None,
        workspace: WorkspaceOption = None,
    ) -> None:
        """Make a dataset of the accepted rows that nothing speaks against, with splits and a card."""
        if not _DATASET_NAME.fullmatch(name):
            raise InputError(f"{name!r} is no name for a dataset (letters, digits, - . _); give another: --name first")
        if (balanced is None) is not (per is None) or balanced not in (None, "topic"):
            raise InputError("balanced sampling is asked for by two options together: --balance topic --per 200")
        if push_to is not None:
            check_repo(push_to)
        place = Workspace.find(workspace)
        options = ExportOptions(
            form=form, shares=read_shares(split), per_topic=per, keep=tuple(keep or ()), checked=not unchecked
        )
        exported = export(place, [find_run(place.runs, run) for run in runs], name, options, replace=replace)
        _tell(exported)
        if push_to is not None:
            print_text(f"pushed to {push(exported.folder, push_to)}")

    @app.command("push")
    def push_(
        name: Annotated[str, typer.Argument(metavar="NAME|PATH", help="A dataset, or the folder of one.")],
        repo: Annotated[str, typer.Argument(metavar="REPO", help="As me/my-dataset; made private if it is new.")],
        workspace: WorkspaceOption = None,
    ) -> None:
        """Upload a dataset to the Hugging Face hub."""
        check_repo(repo)
        folder = find_dataset(Workspace.find(workspace), name)
        read_manifest(folder)
        print_text(f"pushed to {push(folder, repo)}")

    @app.command("list")
    def list_(form: FormatOption = Format.TABLE, workspace: WorkspaceOption = None) -> None:
        """List the datasets that were made."""
        rows = []
        for folder in sorted(path.parent for path in Workspace.find(workspace).datasets.glob(f"*/{NAME}")):
            if not folder.name.startswith("."):
                made = read_manifest(folder)
                splits = ", ".join(f"{split} {count:,}" for split, count in made.splits.items())
                rows.append((folder.name, made.form, made.rows, splits, " ".join(s.run.name for s in made.sources)))
        print_rows(("name", "format", "rows", "splits", "runs"), rows, form)
        if not rows:
            console.print("no datasets yet; make one: skillweave dataset export RUN --name NAME", markup=False)

    @app.command("verify")
    def verify_(
        name: Annotated[str, typer.Argument(metavar="NAME|PATH", help="A dataset, or the folder of one.")],
        sample: Annotated[
            int | None, typer.Option(min=1, help="Prove so many rows only, spread evenly: a quick look.")
        ] = None,
        workspace: WorkspaceOption = None,
    ) -> None:
        """Hash everything again, and prove that each row follows from the journal of its run, by replay."""
        place = Workspace.find(workspace)
        folder = find_dataset(place, name)
        report = verify(place, folder, sample)
        _print_report(folder.name, report)
        if not report.proved:
            raise typer.Exit(int(ExitCode.FAILED if report.differences else ExitCode.INCOMPLETE))


def _tell(exported: Exported) -> None:
    """Where it is, where every accepted row went, and what to try next."""
    made = exported.manifest
    print_text(f"{exported.folder}{': it was there already, the same' if exported.unchanged else ''}", style="bold")
    lines = [("accepted", made.rows + sum(made.left_out.values()))]
    lines += [(f"left out: {reason}", -count) for reason, count in made.left_out.items()]
    lines += [(f"split {split}", rows) for split, rows in made.splits.items()] if len(made.splits) > 1 else []
    print_table(("rows", "count"), [*lines, ("dataset", made.rows)])
    for sentence in exported.told:
        print_text(sentence.replace("`", ""))
    print_text(f"Read it: datasets.load_dataset({str(exported.folder)!r})")
    print_text(f"Prove it: skillweave dataset verify {exported.folder.name}")


def _print_report(name: str, report: Report) -> None:
    for one in report.differences[:_SHOWN]:
        print_text(f"{one.where}: {one.what}", style="red")
    if len(report.differences) > _SHOWN:
        print_text(f"and {len(report.differences) - _SHOWN:,} more")
    for run, why in report.unproved.items():
        print_text(f"run {run} cannot be replayed here: {why}")
    print_text(
        f"{report.files:,} files hashed, {report.replayed:,} sealed rows follow from their calls, "
        f"{report.rows:,} of {report.of:,} rows of the dataset are what their run says"
    )
    if report.proved:
        print_text(f"{name} is proved" if report.rows == report.of else f"{name}: nothing wrong in the sample")
    elif report.differences:
        print_text("Make it again from its runs: skillweave dataset export RUN --name NAME --replace")
