"""`skillweave dataset check`, `funnel`, `verdicts`, `checks`: what speaks against rows, and where each went."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from engine.answers import Format, FormatOption, OutOption, print_rows
from engine.errors import InputError
from engine.options import WorkspaceOption, named_values
from engine.progress import console, meter
from engine.rows import accepted_parts
from engine.run import find_run, list_runs, open_run, read_spec
from engine.terminal import print_table, print_text
from engine.work import Models
from engine.workspace import Workspace
from generation.checking import check_together
from generation.commands import finish
from generation.funnel import Funnel, funnel
from generation.making import trial_name
from generation.options import ModelOption, RunArgument, SettingOption, prompts_of, settings_of
from generation.quality.plan import CHECKS, Plan, keep_plan, make_plan, read_plan
from generation.quality.references import keep_reference
from generation.recipes import ALL_RECIPES, RECIPES
from generation.resolving import agreeing, resolve_run
from generation.verdict_view import print_verdicts
from generation.verdicts import VERDICTS, verdicts_of
from generation.working import work

_ROWS_ON_SCREEN = 10
RunsArgument = Annotated[
    list[str] | None, typer.Argument(help="Runs; else all that made questions. See them: skillweave runs")
]


def dataset_commands(models: Models) -> typer.Typer:
    """The commands, to be added as `skillweave dataset`; `models` opens what `--model` names."""
    app = typer.Typer(no_args_is_help=True, help="What becomes of accepted questions: checked, counted, exported.")

    @app.command()
    def check(
        runs: RunsArgument = None,
        against: Annotated[
            list[str] | None,
            typer.Option(help="Test questions: a seed set of the workspace, or a file of questions. May be repeated."),
        ] = None,
        checks: Annotated[
            str | None, typer.Option(help="Which checks, as a,b,c; else all. See them: skillweave dataset checks")
        ] = None,
        setting: Annotated[
            list[str] | None, typer.Option("--set", help="A check's setting, as check.setting=value.")
        ] = None,
        as_before: Annotated[
            bool, typer.Option("--as-before", help="The checks, settings and test questions that were last used here.")
        ] = False,
        workers: Annotated[
            int, typer.Option(min=1, help="Processes that share the work; other machines join by the same command.")
        ] = 1,
        workspace: WorkspaceOption = None,
    ) -> None:
        """Find what speaks against accepted questions: duplicates, test questions, faulty answers, and more.

        No row changes: what is found are verdicts of their own. Rows that were checked before are not read again.
        """
        place = Workspace.find(workspace)
        folders = chosen_runs(place, runs)
        if as_before:
            if against or checks is not None or setting:
                raise InputError(
                    "--as-before takes the checks that were last run as they are; give it alone, or leave it"
                )
            plan = _last_plan(place)
        else:
            references = tuple(keep_reference(place, name) for name in dict.fromkeys(against or ()))
            names = [name.strip() for name in checks.split(",") if name.strip()] if checks is not None else None
            plan = make_plan(names, references, named_values(setting, "--set", "duplicates.jaccard=0.7"))
        with meter("checking") as progress:
            check_together(place, folders, plan, workers, progress.update)
        keep_plan(place, plan)
        print_funnel(funnel(place, folders, plan))
        print_text("See what was found: skillweave dataset verdicts")

    @app.command()
    def resolve(
        run: RunArgument,
        model: ModelOption = "offline-teacher",
        setting: SettingOption = None,
        prompt: Annotated[list[str] | None, typer.Option(help="A prompt of your own, as solve=file.")] = None,
        name: Annotated[str | None, typer.Option(help="The new run's name; else made from its content.")] = None,
        workspace: WorkspaceOption = None,
    ) -> None:
        """Solve each accepted question of a run again, so that another answer can speak against it.

        See the settings, such as votes: skillweave recipes resolve.
        """
        place = Workspace.find(workspace)
        folder = resolve_run(
            place,
            find_run(place.runs, run),
            models.ref(model, place),
            settings=settings_of(setting),
            prompts=prompts_of(prompt),
            name=name,
        )
        opened = open_run(folder, ALL_RECIPES, place.root)
        worked = work(place, opened, models)
        if worked.books.state == "complete":
            print_text(f"{agreeing(folder):,} of {worked.books.accepted:,} answers agree; to leave out the others:")
            print_text(f"skillweave dataset check {run}")
        finish(place, opened, worked)

    @app.command("funnel")
    def tell_funnel(
        runs: RunsArgument = None,
        form: FormatOption = Format.TABLE,
        out: OutOption = None,
        workspace: WorkspaceOption = None,
    ) -> None:
        """Tell where every row went, from drawn to kept, by the checks that were last run."""
        place = Workspace.find(workspace)
        plan = _plan(place)
        found = funnel(place, chosen_runs(place, runs), plan)
        if form is Format.TABLE and out is None:
            print_funnel(found)
        else:
            rows = [(step.stage, step.reason, step.rows, step.all) for step in found.steps]
            print_rows(("stage", "reason", "rows", "all"), rows, form, types=("text", "text", "int", "int"), out=out)

    @app.command()
    def verdicts(
        runs: RunsArgument = None,
        check: Annotated[str | None, typer.Option(help="Verdicts of this check only.")] = None,
        reason: Annotated[str | None, typer.Option(help="Verdicts of this reason only.")] = None,
        rows: Annotated[int | None, typer.Option(min=1, help="Verdicts at most; 10 on the screen, else all.")] = None,
        form: FormatOption = Format.TABLE,
        out: OutOption = None,
        workspace: WorkspaceOption = None,
    ) -> None:
        """Tell what speaks against which row, with the evidence: the matched question, the score, the words."""
        place = Workspace.find(workspace)
        plan = _plan(place)
        if check is not None and check not in plan.names:
            raise InputError(f"the check {check!r} was not run, only {', '.join(plan.names)}; see: dataset checks")
        on_screen = form is Format.TABLE and out is None
        most = rows or (_ROWS_ON_SCREEN if on_screen else None)
        found: list[dict[str, Any]] = []
        count = 0
        for table in verdicts_of(place, chosen_runs(place, runs), plan):
            for line in table.to_pylist():
                if check in (None, line["check"]) and reason in (None, line["reason"]):
                    count += 1
                    if most is None or len(found) < most:
                        found.append(line)
        if on_screen:
            print_verdicts(place, plan, found)
        else:
            types = ("text",) * 6 + ("number", "text")
            print_rows(VERDICTS.names, [tuple(line.values()) for line in found], form, types=types, out=out)
        if not count:
            console.print("nothing was found", markup=False)
        elif len(found) < count:
            console.print(f"{len(found):,} of {count:,} verdicts; see more: --rows {count}", markup=False)

    @app.command("checks")
    def list_checks(
        name: Annotated[str | None, typer.Argument(help="One check, with its settings.")] = None,
    ) -> None:
        """List the checks, or one check's settings."""
        if name is None:
            lines = [(kind.name, kind.finds, "--against" if kind.against else "") for kind in CHECKS.values()]
            print_table(("check", "finds", "needs"), lines)
            return
        if name not in CHECKS:
            raise InputError(f"there is no check {name!r}, only {', '.join(CHECKS)}")
        fields = CHECKS[name].settings.model_fields
        print_table(("setting", "default", "meaning"), [(n, f.default, f.description) for n, f in fields.items()])

    return app


def chosen_runs(place: Workspace, names: list[str] | None) -> list[Path]:
    """The runs of these names, else all that made questions and have accepted rows; trials of a prompt are left out.

    Raises InputError where there is no such run, or none at all.
    """
    if names:
        return [find_run(place.runs, name) for name in names]
    specs = ((run, read_spec(run)) for run in list_runs(place.runs))
    found = [run for run, spec in specs if spec.recipe in RECIPES and run.name != trial_name(spec)]
    found = [run for run in found if accepted_parts(run)]
    if not found:
        raise InputError(f"no run in {place.runs} has accepted questions; make some: skillweave generate")
    return found


def print_funnel(found: Funnel) -> None:
    """The funnel as a table that closes."""
    print_text(", ".join(found.runs), style="bold")
    left = 0
    rows = []
    for step in found.steps:
        gain = step.stage in ("drawn", "accepted", "kept")
        left = step.rows if gain else left - step.rows
        others = step.all if step.all != step.rows else None
        rows.append((step.stage, step.reason, None if gain else -step.rows, left, others))
    print_table(("stage", "reason", "gone", "left", "found in all"), rows)


def _last_plan(place: Workspace) -> Plan:
    plan = read_plan(place)
    if not plan.checks:
        raise InputError("nothing was checked here yet; do it: skillweave dataset check")
    return plan


def _plan(place: Workspace) -> Plan:
    plan = read_plan(place)
    if not plan.checks:
        console.print("nothing was checked here yet; do it: skillweave dataset check", markup=False)
    return plan
