"""`skillweave seeds withdraw` and `withdrawn`: a seed that must go takes what derives from it along."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from engine.answers import Format, FormatOption, print_rows
from engine.options import WorkspaceOption
from engine.progress import console
from engine.terminal import print_text
from engine.workspace import Workspace
from generation.withdrawing import Effect, effect_of
from graph.making import seed_sets_of
from graph.snapshot import Snapshot
from graph.withdrawn import add_withdrawal, read_withdrawals, withdrawn_seeds


def add_withdraw_commands(app: typer.Typer) -> None:
    """Add the commands to the group `seeds`."""

    @app.command()
    def withdraw(
        seed: Annotated[str, typer.Argument(metavar="ID", help="The seed's id.")],
        why: Annotated[str, typer.Option("--why", help="The reason; it is kept.")],
        back: Annotated[bool, typer.Option("--back", help="Take a withdrawal back.")] = False,
        workspace: WorkspaceOption = None,
    ) -> None:
        """Take a seed, and every question that derives from it, out of all later datasets and graphs."""
        place = Workspace.find(workspace)
        effect = effect_of(place, seed)
        if not add_withdrawal(place, seed, why, back=back):
            state = "is not withdrawn" if back else "is withdrawn already"
            print_text(f"{seed} {state}; nothing was changed. See: skillweave seeds withdrawn")
            return
        print_text(f"{seed} {'is back' if back else 'is withdrawn'}: {why.strip()}", style="bold")
        _tell(effect, back=back)

    @app.command("withdrawn")
    def list_(
        all_: Annotated[bool, typer.Option("--all", help="Every word on a seed, not only the last one.")] = False,
        form: FormatOption = Format.TABLE,
        workspace: WorkspaceOption = None,
    ) -> None:
        """List the seeds that were withdrawn, and why."""
        words = read_withdrawals(Workspace.find(workspace))
        last = {word.seed: word for word in words}
        shown = words if all_ else [word for word in last.values() if not word.back]
        rows = [(word.seed, "back" if word.back else "withdrawn", word.why, word.at) for word in shown]
        print_rows(("seed", "state", "why", "at"), rows, form)
        if not rows:
            console.print(
                "no seed is withdrawn; a seed that must go: skillweave seeds withdraw ID --why ...", markup=False
            )


def _tell(effect: Effect, *, back: bool) -> None:
    """What goes with the seed, or comes back with it."""
    rows = [(loss.run, loss.rows, loss.shown, loss.rows - loss.shown) for loss in effect.losses]
    total = sum(loss.rows for loss in effect.losses)
    if rows:
        columns = ("run", "rows", "shown it", "asked for what only it supports")
        print_rows(columns, rows, Format.TABLE)
        sys.stdout.flush()
    verb = "come back into" if back else "stay out of"
    print_text(f"{total:,} accepted questions derive from it; they {verb} every later dataset.")
    for held in effect.datasets:
        told = f"was made without {'them' if total else 'it'}" if not held.rows else f"holds {held.rows:,} of them"
        print_text(f"dataset {held.name}, made before, {told}; make it again: {held.command}")
    for graph in effect.graphs:
        print_text(
            f"graph {graph} rests on it; make one anew: skillweave graph build {' '.join(effect.sets) or 'SEEDS'}"
        )


def say_what_is_withdrawn(place: Workspace, snapshot: Snapshot) -> None:
    """Tell of seeds in a graph that were withdrawn after it was made."""
    gone = set(withdrawn_seeds(place)) & set(snapshot.mentions["seed_id"].to_pylist())
    if gone:
        sets = " ".join(entry["name"] for entry in seed_sets_of(place, snapshot)) or "SEEDS"
        seeds = "1 seed" if len(gone) == 1 else f"{len(gone):,} seeds"
        print_text(
            f"withdrawn since graph {snapshot.fingerprint} was made: {seeds}. Questions that derive from them stay out "
            f"of datasets; make a graph without them: skillweave graph build {sets}"
        )
