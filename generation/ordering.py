"""A new run as it is asked for: by `skillweave plan`, by `skillweave generate`, and by the app's form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from engine.errors import InputError
from engine.forecast import Forecast
from engine.prices import how_to_price
from engine.run import Run, RunSpec, Target, check_name, create_run, default_name, open_run
from engine.work import Driver, Models
from engine.workspace import Workspace
from generation.coverage import choose_coverage
from generation.making import generation_run, plan_generation
from generation.planning import foresee
from generation.recipes import ALL_RECIPES, RECIPES, find_recipe
from generation.shots import ShotSettings
from graph.sampling.samplers import DEFAULT
from graph.snapshot import Snapshot, find_snapshot

_NAMED_VALUES = {"sampling": "--sampler-set", "settings": "--set"}


@dataclass(frozen=True, slots=True)
class Order:
    """The options of `skillweave generate` that the app offers too, with its defaults."""

    count: int = 500
    recipe: str = "mathscale"
    model: str = "offline-teacher"
    graph: str = "latest"
    seed: int = 0
    sampler: str = DEFAULT.name
    sampling: Mapping[str, str] = field(default_factory=dict)
    """Settings of the sampler, constraints included, in place of its own."""
    coverage: str | None = None
    name: str | None = None
    shots: int = 8
    settings: Mapping[str, str] = field(default_factory=dict)
    """Settings of the recipe, in place of its own."""
    max_draws: int | None = None
    driver: Driver | None = None
    max_usd: float | None = None
    max_tokens: int | None = None
    max_hours: float | None = None
    max_error_rate: float | None = None

    @property
    def target(self) -> Target:
        """What the run aims at; its limits come later (`engine.run.set_budget`)."""
        return Target(count=self.count, max_draws=self.max_draws)

    def plan(
        self, place: Workspace, models: Models, prompts: Mapping[str, str] | None = None
    ) -> tuple[Snapshot, RunSpec]:
        """The graph, and the run.json. Raises InputError for what does not fit, or leads nowhere."""
        chosen, snapshot = find_recipe(self.recipe), Snapshot.open(find_snapshot(place.graphs, self.graph))
        spec = plan_generation(
            place,
            snapshot,
            {role: models.ref(self.model, place) for role in chosen.roles},
            recipe=self.recipe,
            seed=self.seed,
            sampler=self.sampler,
            sampling=self.sampling,
            coverage=choose_coverage(place, snapshot, self.sampler, self.coverage),
            shots=ShotSettings(count=self.shots, distinct_sets=min(self.shots, 8)),
            settings=self.settings,
            prompts=prompts,
        )
        return snapshot, spec

    def arguments(self) -> list[str]:
        """What to give to `skillweave` to begin this run; what is as by default is left out."""
        given = ["generate"]
        for option in fields(self):
            value: Any = getattr(self, option.name)
            if option.name in _NAMED_VALUES:
                given += [f"{_NAMED_VALUES[option.name]}={name}={said}" for name, said in value.items()]
            elif value is not None and value != getattr(_DEFAULTS, option.name):
                given.append(f"--{option.name.replace('_', '-')}={value}")
        return given


_DEFAULTS = Order()


@dataclass(frozen=True, slots=True)
class Offer:
    """What an order would make and take, before anything is paid."""

    order: Order
    """With the run's name."""
    forecast: Forecast
    exists: bool
    """The run is there already: it would be gone on with."""


def offer(place: Workspace, order: Order, models: Models) -> Offer:
    """The plan of an order and its price; no run is made and nothing is sent.

    Raises InputError for whatever would keep the run from beginning: settings that do not fit, a name that is another
    run's, a key that is missing, money that is limited where no price is known.
    """
    _, spec = order.plan(place, models)
    order = replace(order, name=order.name or default_name(spec))
    check_name(str(order.name))
    planned = planned_run(place, spec, order.target, order.name, make=False)
    told = foresee(place, planned, order.target, models, batch=order.driver == "batch")
    if order.max_usd is not None and not told.priced:
        raise InputError(f"a limit of US dollars cannot be kept: {how_to_price(next(iter(spec.models.values())))}")
    return Offer(order, told, planned.folder.is_dir())


def planned_run(place: Workspace, spec: RunSpec, target: Target, name: str | None, *, make: bool) -> Run:
    """The run of a plan: as it is in the workspace, made if it is to be sampled, else only in thought."""
    folder = place.runs / (name or default_name(spec))
    if make and spec.recipe in RECIPES:
        return generation_run(place, spec, target, name)
    if make:
        create_run(place.runs, folder.name, spec, target)
    if folder.is_dir():
        return open_run(create_run(place.runs, folder.name, spec, target), ALL_RECIPES, place.root)
    recipe = ALL_RECIPES[spec.recipe]
    return Run(folder, spec, recipe, recipe.open_items(spec.items, place.root))
