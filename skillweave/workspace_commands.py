"""The commands `skillweave workspace bundle|unbundle|du|gc`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from engine.answers import Format, FormatOption, print_rows
from engine.options import WorkspaceOption
from engine.progress import console
from engine.workspace import Workspace
from graph.options import GraphOption
from graph.snapshot import Snapshot, find_snapshot
from graph.stores import Questions
from skillweave.workspaces.bundle import write_bundle
from skillweave.workspaces.unbundle import read_bundle
from skillweave.workspaces.usage import free, freeable, room_of


def workspace_commands(questions_of: Callable[[Workspace, Snapshot], Questions]) -> typer.Typer:
    """The commands of `skillweave workspace`; `questions_of` finds the questions that were made from a graph."""
    app = typer.Typer(help="Share a workspace's graphs and runs, and see what takes room.", no_args_is_help=True)

    @app.command("bundle")
    def bundle(
        out: Annotated[Path, typer.Argument(metavar="FILE", help="What to make: a file .tar, .tar.gz or .tar.zst.")],
        graph: GraphOption = "latest",
        run: Annotated[
            list[str] | None, typer.Option("--run", help="A run of questions to put in; may repeat.")
        ] = None,
        seeds: Annotated[bool, typer.Option("--seeds/--no-seeds", help="Put the seed questions in.")] = True,
        reviews: Annotated[
            bool, typer.Option("--reviews", help="Put in what persons said of the runs' questions.")
        ] = False,
        workspace: WorkspaceOption = None,
    ) -> None:
        """Make one file of a graph, what it was made of and chosen runs, without keys, addresses or settings."""
        place = Workspace.find(workspace)
        snapshot = Snapshot.open(find_snapshot(place.graphs, graph))
        made = write_bundle(place, snapshot, out, run or (), seeds=seeds, reviews=reviews)
        for why in made.without:
            console.print(f"not in it: {why}", markup=False, soft_wrap=True)
        sys.stdout.write(
            f"{out}: graph {snapshot.fingerprint} in {made.files:,} files, {made.size / 1e6:,.1f} MB. "
            f"Where it is wanted: skillweave workspace unbundle {out.name}\n"
        )

    @app.command("unbundle")
    def unbundle(
        path: Annotated[Path, typer.Argument(metavar="FILE", help="What skillweave workspace bundle made.")],
        workspace: WorkspaceOption = None,
    ) -> None:
        """Put a bundle into the workspace: all or nothing, checked first, never in place of something else."""
        got = read_bundle(path, Workspace.find(workspace))
        for what in got.placed:
            console.print(f"new: {what}", markup=False, soft_wrap=True)
        for what in got.same:
            console.print(f"was here: {what}", markup=False, soft_wrap=True)
        if got.verdicts:
            console.print(f"new: {got.verdicts:,} verdicts of persons", markup=False)
        if got.withdrawals:
            console.print(f"new: {got.withdrawals:,} words on seeds; see: skillweave seeds withdrawn", markup=False)
        sys.stdout.write(
            f"graph {got.graph} is here. See it: skillweave graph query concepts-by-use --graph {got.graph[:10]}\n"
        )

    @app.command("du")
    def du(form: FormatOption = Format.TABLE, workspace: WorkspaceOption = None) -> None:
        """Tell what takes room: every graph, store, run, dataset and seed set, the largest first."""
        rooms = room_of(Workspace.find(workspace))
        print_rows(
            ("what", "name", "files", "bytes"), [(room.what, room.name, room.files, room.bytes) for room in rooms], form
        )
        total = sum(room.bytes for room in rooms)
        console.print(f"{total:,} bytes in all; what nothing needs: skillweave workspace gc", markup=False)

    @app.command("gc")
    def gc(
        yes: Annotated[bool, typer.Option("--yes", help="Free it; without this it is only told.")] = False,
        form: FormatOption = Format.TABLE,
        workspace: WorkspaceOption = None,
    ) -> None:
        """Free what nothing needs: superseded stores and what killed processes left. Never a graph, run or dataset."""
        place = Workspace.find(workspace)
        found = freeable(place, questions_of)
        freed = [each for each in found if free(each)] if yes else found
        rows = [(str(each.path.relative_to(place.root)), each.bytes, each.why) for each in freed]
        print_rows(("path", "bytes", "why"), rows, form)
        size = sum(each.bytes for each in freed)
        if yes:
            console.print(f"{size:,} bytes were freed", markup=False)
        elif freed:
            console.print(f"{size:,} bytes can be freed: skillweave workspace gc --yes", markup=False)
        else:
            console.print("everything here is needed; see what takes room: skillweave workspace du", markup=False)

    return app
