"""`skillweave generate`, `resume` and `extend`: the commands that work on a run."""

from __future__ import annotations

from typing import Annotated

import typer

from engine.errors import InputError
from engine.models import known_prices
from engine.options import (
    MaxErrorRateOption,
    MaxHoursOption,
    MaxTokensOption,
    MaxUsdOption,
    OfflineOption,
    WorkspaceOption,
    limits_of,
)
from engine.places.joining import join, publish
from engine.run import (
    Run,
    RunSpec,
    Target,
    find_run,
    set_budget,
    write_target,
)
from engine.spending import read_spending
from engine.terminal import print_text
from engine.work import Driver, Models, Worked
from engine.workspace import Workspace
from generation.again_options import check_again, is_given
from generation.crew import work_as_crew
from generation.datasets.writing import write_dataset
from generation.looking_commands import print_books
from generation.making import generation_run
from generation.options import (
    AgainOption,
    BatchSetOption,
    CoverageOption,
    CrewSizeOption,
    DriverOption,
    GraphOption,
    ModelOption,
    PlaceOption,
    RayAddressOption,
    ReuseOption,
    RunArgument,
    SamplerOption,
    SamplingOption,
    SeedOption,
    SettingOption,
    ShotsOption,
    WhereOption,
    batches_of,
    crew_of,
    prompts_of,
    sampling_of,
    settings_of,
)
from generation.ordering import Order
from generation.recipes import RECIPES
from generation.recipes.tag.recipe import TAG
from generation.remaking import Where, plan_again
from generation.renewing import open_to_go_on, open_to_reuse, renew
from generation.withdraw_commands import say_what_is_withdrawn
from generation.working import work
from graph.extraction import EXTRACT
from graph.merging.judging import JUDGE
from graph.sampling.samplers import DEFAULT


def add_commands(app: typer.Typer, models: Models) -> None:
    """Add the commands to the command line; `models` opens what `--model` names."""

    @app.command()
    def generate(
        context: typer.Context,
        count: Annotated[int, typer.Option(min=1, help="Accepted questions wanted.")] = 500,
        recipe: Annotated[str, typer.Option(help="How they are made; see: skillweave recipes")] = "mathscale",
        model: ModelOption = "offline-teacher",
        graph: GraphOption = "latest",
        seed: SeedOption = 0,
        sampler: SamplerOption = DEFAULT.name,
        sampling: SamplingOption = None,
        coverage: CoverageOption = None,
        name: Annotated[str | None, typer.Option(help="The run's name; else made from its content.")] = None,
        shots: ShotsOption = 8,
        setting: SettingOption = None,
        prompt: Annotated[list[str] | None, typer.Option(help="A prompt of your own, as name=file.")] = None,
        reuse: ReuseOption = None,
        max_draws: Annotated[int | None, typer.Option(min=1, help="Compositions drawn at most.")] = None,
        again: AgainOption = None,
        where: WhereOption = None,
        driver: DriverOption = None,
        batch_set: BatchSetOption = None,
        max_usd: MaxUsdOption = None,
        max_tokens: MaxTokensOption = None,
        max_hours: MaxHoursOption = None,
        max_error_rate: MaxErrorRateOption = None,
        offline: OfflineOption = False,
        at: PlaceOption = None,
        workspace: WorkspaceOption = None,
    ) -> None:
        """Generate questions from a concept graph until so many are accepted."""
        batches = batches_of(batch_set)
        place = Workspace.find(workspace).prepare()
        if again is not None or where:
            check_again(context, again)
            given = models.ref(model, place) if is_given(context, "model") else None
            spec = plan_again(
                place,
                again or "",
                Where.read(where or ()),
                model=given,
                settings=settings_of(setting),
                prompts=prompts_of(prompt),
            )
            target = Target()
        else:
            order = Order(
                count=count, recipe=recipe, model=model, graph=graph, seed=seed, sampler=sampler,
                sampling=sampling_of(sampling), coverage=coverage, shots=shots, settings=settings_of(setting),
                max_draws=max_draws,
            )  # fmt: skip
            target = order.target
            snapshot, spec = order.plan(place, models, prompts_of(prompt))
            say_what_is_withdrawn(place, snapshot)
        old = open_to_reuse(place, reuse) if reuse else None
        run = generation_run(place, spec, target, name)
        set_budget(run.folder, limits_of(max_usd, max_tokens, max_hours, max_error_rate))
        if at is not None:
            publish(run.folder, at)
        if driver == "ray" and not offline:
            worked = work_as_crew(place, run, models, crew_of(None, None), old=old)
        else:
            worked = work(place, run, models, old=old, offline=offline, driver=driver, batches=batches)
        finish(place, run, worked)

    @app.command()
    def resume(
        name: RunArgument,
        give_up: Annotated[bool, typer.Option("--give-up", help="Reject what fails again, reason transport.")] = False,
        patience: Annotated[
            int, typer.Option(min=1, help="Conversations in a row without a row before it stops.")
        ] = 1_000,
        reuse: ReuseOption = None,
        anew: Annotated[
            bool, typer.Option("--anew", help="As a new run, where the recipe has changed; equal calls are free.")
        ] = False,
        driver: DriverOption = None,
        batch_set: BatchSetOption = None,
        cancel_batches: Annotated[
            bool, typer.Option("--cancel-batches", help="Cancel what is in flight, keep what it brings, and stop.")
        ] = False,
        max_usd: MaxUsdOption = None,
        max_tokens: MaxTokensOption = None,
        max_hours: MaxHoursOption = None,
        max_error_rate: MaxErrorRateOption = None,
        offline: OfflineOption = False,
        at: PlaceOption = None,
        ray_address: RayAddressOption = None,
        workers: CrewSizeOption = None,
        workspace: WorkspaceOption = None,
    ) -> None:
        """Go on with a run, with the prompts and settings it began with."""
        place = Workspace.find(workspace)
        if at is not None:
            join(place.prepare().runs, name, at)
        folder = find_run(place.runs, name, whole=False)
        if anew:
            if reuse is not None:
                raise InputError("--anew takes the replies of the run itself; leave --reuse out")
            run = renew(place, folder)
            old: Run | None = open_to_reuse(place, name)
            print_text(f"run {run.name} begins with what run {name} asked")
        else:
            run = open_to_go_on(place, folder)
            old = open_to_reuse(place, reuse) if reuse else None
        _say_what_differs(run)
        set_budget(run.folder, limits_of(max_usd, max_tokens, max_hours, max_error_rate))
        batches = batches_of(batch_set, cancel=cancel_batches)
        chosen: Driver | None = "batch" if cancel_batches else driver
        if chosen == "ray" and not offline:
            crew = crew_of(ray_address, workers)
            worked = work_as_crew(place, run, models, crew, give_up=give_up, old=old, patience=patience)
        else:
            worked = work(
                place, run, models,
                give_up=give_up, old=old, patience=patience, offline=offline, driver=chosen, batches=batches,
            )  # fmt: skip
        finish(place, run, worked)

    @app.command()
    def extend(
        name: RunArgument,
        count: Annotated[int, typer.Option(min=1, help="Accepted questions wanted in all.")],
        max_usd: MaxUsdOption = None,
        max_tokens: MaxTokensOption = None,
        max_hours: MaxHoursOption = None,
        max_error_rate: MaxErrorRateOption = None,
        offline: OfflineOption = False,
        workspace: WorkspaceOption = None,
    ) -> None:
        """Ask a run for more: what is ahead is used first, and nothing is paid again."""
        place = Workspace.find(workspace)
        run = open_to_go_on(place, find_run(place.runs, name))
        target = run.target()
        if target.count is None:
            raise InputError(f"run {name} works on every item already; go on with it: skillweave resume {name}")
        if count <= target.count:
            raise InputError(f"run {name} aims at {target.count:,} already; ask for more: --count {target.count * 2}")
        write_target(run.folder, target.model_copy(update={"count": count}))
        set_budget(run.folder, limits_of(max_usd, max_tokens, max_hours, max_error_rate))
        finish(place, run, work(place, run, models, offline=offline))


def _say_what_differs(run: Run) -> None:
    differing = [name for name, text in run.spec.prompts.items() if run.recipe.prompts.get(name) != text]
    if differing:
        print_text(f"run {run.name} goes on with its own {', '.join(differing)} prompt, not the one shipped now")


def finish(place: Workspace, run: Run, worked: Worked) -> None:
    """Tell how a run stands after the work on it, write its dataset where it has one, and end with its exit code.

    The dataset of a tagging run is that of the run it tagged.
    """
    books = worked.books
    prices = known_prices(place)
    tagged = place.runs / run.spec.items["run"] if run.recipe.name == TAG.name else None
    if (run.recipe.name in RECIPES or tagged) and books.accepted and books.state in ("complete", "exhausted"):
        print_text(f"dataset: {write_dataset(place, tagged or run.folder)}")
    print_books(run.name, books, read_spending(run.folder, prices))
    if books.open:
        fault = worked.outcome.fault
        why = f" (last fault: {fault})" if fault is not None else ""
        print_text(f"{books.open:,} are open{why}. Go on: skillweave resume {run.name}")
        if fault is not None:
            print_text(f"or reject what fails again: skillweave resume {run.name} --give-up")
    elif books.state == "exhausted":
        drawn_out = run.target().max_draws == books.drawn
        why, more = (
            (
                f"--max-draws {books.drawn}",
                f"allow more draws: give the command again with --max-draws {2 * books.drawn}",
            )
            if drawn_out
            else ("the graph gives no more new compositions", "draw others: skillweave generate --sampler skill-pairs")
        )
        print_text(f"exhausted: {why}; {books.accepted:,} of {books.count or books.drawn:,} were reached; {more}")
    elif "again" in run.spec.items and not books.accepted:
        print_text(f"None of them is better than before; see why: skillweave show {run.name} --rejected")
    elif "again" in run.spec.items:
        both = f"{run.spec.items['again']['run']} {run.name}"
        print_text(f"A dataset with these rows in place of the old ones: skillweave dataset export {both} --name NAME")
    elif run.recipe.name == EXTRACT.name:
        print_text(f"To make its graph: {_build_command(run.spec)}")
    elif run.recipe.name == JUDGE.name:
        print_text(
            "To merge what it judged the same, give the command that began it again: skillweave graph build SEEDS "
            "--judge MODEL"
        )
    elif tagged:
        print_text(f"How often what was asked is what was got: skillweave agreement {tagged.name}")
    raise typer.Exit(int(worked.exit_code))


def _build_command(spec: RunSpec) -> str:
    """The command that makes the graph of an extraction."""
    sets = " ".join(entry["name"] for entry in spec.items["seeds"])
    onto = " --onto GRAPH" if "without" in spec.items else ""
    return f"skillweave graph build {sets}{onto} --model {_model_of(spec)}"


def _model_of(spec: RunSpec) -> str:
    """What `--model` names a run's model by."""
    model = next(iter(spec.models.values()))
    return model.model if model.served_by == "offline-teacher" else model.served_by.removeprefix("env:")
