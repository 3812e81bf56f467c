"""`skillweave plan`: calls, tokens, money, time and disk of a run, with a range, before anything is paid."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from engine.answers import print_json
from engine.errors import InputError
from engine.estimate import Range
from engine.forecast import Forecast
from engine.options import MaxUsdOption, WorkspaceOption, limits_of
from engine.prices import how_to_price
from engine.run import Run, Target, find_run, set_budget
from engine.terminal import print_table, print_text
from engine.work import Models
from engine.workspace import Workspace
from generation.options import (
    CoverageOption,
    DriverOption,
    GraphOption,
    ModelOption,
    ReuseOption,
    SamplerOption,
    SamplingOption,
    SeedOption,
    SettingOption,
    ShotsOption,
    prompts_of,
    sampling_of,
    settings_of,
)
from generation.ordering import Order, planned_run
from generation.planning import foresee, pay_sample
from generation.progress_view import span
from generation.renewing import open_to_go_on, open_to_reuse
from graph.making import plan_extraction
from graph.sampling.samplers import DEFAULT

_COUNTS = {
    "conversations": "conversations",
    "calls": "calls",
    "prompt": "prompt tokens",
    "cached": "  of them from the provider's cache",
    "completion": "completion tokens",
    "reasoning": "  of them reasoning",
    "estimated": "  tokens that are estimated",
}


class PlanFormat(StrEnum):
    """How a plan is printed."""

    TABLE = "table"
    JSON = "json"


def add_plan_command(app: typer.Typer, models: Models) -> None:
    """Add the command to the command line; `models` opens what `--model` names."""

    @app.command()
    def plan(
        count: Annotated[int | None, typer.Option(min=1, help="Accepted questions wanted: 500.")] = None,
        sample: Annotated[int, typer.Option(min=0, help="Rows to pay for first; the run goes on with them.")] = 0,
        run: Annotated[str | None, typer.Option(help="A run that is there, instead of a new one.")] = None,
        seeds: Annotated[
            list[str] | None, typer.Option(help="The extraction of seed sets, by: skillweave graph build SEEDS")
        ] = (None),
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
        driver: DriverOption = None,
        max_usd: MaxUsdOption = None,
        form: Annotated[PlanFormat, typer.Option("--format", help="How to print.")] = PlanFormat.TABLE,
        workspace: WorkspaceOption = None,
    ) -> None:
        """Tell what a run will take before it is paid, with a range: give the options of `skillweave generate`."""
        place = Workspace.find(workspace).prepare()
        command = f"skillweave resume {run}"
        if run is not None:
            planned = open_to_go_on(place, find_run(place.runs, run))
            target = planned.target()
            target = target.model_copy(update={"count": count}) if count and target.count else target
        else:
            if seeds:
                command = f"skillweave graph build {' '.join(seeds)} --model {model}"
                spec, target = plan_extraction(place, seeds, models.ref(model, place)), Target()
            else:
                command = "the same options to skillweave generate"
                order = Order(
                    count=count or 500, recipe=recipe, model=model, graph=graph, seed=seed, sampler=sampler,
                    sampling=sampling_of(sampling), coverage=coverage, shots=shots, settings=settings_of(setting),
                    max_draws=max_draws,
                )  # fmt: skip
                target = order.target
                _, spec = order.plan(place, models, prompts_of(prompt))
            planned = planned_run(place, spec, target, name, make=sample > 0)
        old = open_to_reuse(place, reuse) if reuse else None
        if sample:
            set_budget(planned.folder, limits_of(max_usd, None, None, None))
            pay_sample(place, planned, models, sample, old)
        elif max_usd is not None:
            raise InputError("--max-usd limits what a sample may cost; ask for one: --sample 20")
        told = foresee(place, planned, target, models, old=old, batch=driver == "batch")
        if form is PlanFormat.JSON:
            print_json(plan_object(told))
        else:
            print_plan(told, planned, command)


def plan_object(told: Forecast) -> dict[str, Any]:
    """A plan as JSON: `paid`, and `left` with `likely`, `low` and `high` of each."""
    left = {name: {"likely": r.likely, "low": r.low, "high": r.high} for name, r in told.left.items()}
    return {
        "run": told.run,
        "rows": told.rows,
        "rows_made": told.rows_made,
        "ended": told.ended,
        "basis": told.basis,
        "sample": told.sample,
        "acceptance": told.acceptance,
        "paid": dict(told.paid),
        "left": left,
    }


def print_plan(told: Forecast, planned: Run, command: str) -> None:
    """A plan for a person."""
    print_text(f"plan of run {told.run}", style="bold")
    rows = [
        (label, round(told.paid.get(name, told.ended)), *_counts(told.left[name]))
        for name, label in _COUNTS.items()
        if name in told.left and (told.left[name].high or told.paid.get(name))
    ]
    table: list[tuple[object, ...]] = [*rows]
    table.append(("US dollars", _usd(told.paid.get("usd")), *_texts(told.left.get("usd"), _usd)))
    if "hours" in told.left:
        table.append(("time", "", *_texts(told.left["hours"], _hours)))
    if "bytes" in told.left:
        table.append(("disk", "", *_texts(told.left["bytes"], _bytes)))
    columns = ("what", "paid", "left, likely", "at least", "at most")
    print_table(columns, table, figures=columns[1:])
    wanted = f" of {told.rows:,}" if told.rows is not None else ""
    print_text(
        f"{told.rows_made:,}{wanted} rows are made; of 100 conversations {100 * told.acceptance:.0f} give a row."
    )
    sure = "The bounds hold in nine cases of ten." if told.sample else "The bounds are guesses, not statistics."
    print_text(f"It stands on {told.basis}. {sure}")
    if not told.sample:
        print_text("Measure instead, and pay nothing twice, with time and disk: the same command with --sample 20")
    if not told.priced:
        print_text(f"No price is known. {how_to_price(next(iter(planned.spec.models.values())))}")
    limit = told.left.get("usd")
    hint = f" with --max-usd {told.paid.get('usd', 0) + limit.high:.2f}" if limit is not None and limit.high else ""
    print_text(f"Go on: {command}{hint}")


def _counts(bounds: Range) -> tuple[int, int, int]:
    return round(bounds.likely), round(bounds.low), round(bounds.high)


def _texts(bounds: Range | None, tell: Any) -> tuple[str, str, str]:
    return ("", "", "") if bounds is None else (tell(bounds.likely), tell(bounds.low), tell(bounds.high))


def _usd(usd: float | None) -> str:
    return "unknown" if usd is None else f"${usd:,.4f}" if usd < 10 else f"${usd:,.2f}"


def _hours(hours: float) -> str:
    return span(hours * 3600)


def _bytes(count: float) -> str:
    for unit in ("B", "KB", "MB", "GB"):
        if count < 1000:
            return f"{count:,.1f} {unit}"
        count /= 1000
    return f"{count:,.1f} TB"
