"""A run's sample and its forecast: what `skillweave plan` does before it tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engine.forecast import FEWEST, Forecast, forecast
from engine.models import Endpoint, known_prices
from engine.prices import Price
from engine.replay import dialogue
from engine.reuse import EarlierRun
from engine.run import Run, RunSpec, Target, list_runs, open_run, read_spec
from engine.sampled import Sample, ended_in, take_sample
from engine.work import Models, open_endpoints
from engine.workspace import Workspace
from generation.recipes import ALL_RECIPES
from generation.working import work

_REUSED = 200
"""Items whose calls are looked up in the run that --reuse names, spread over all that the run will need."""


@dataclass(frozen=True)
class SampleRun(Run):
    """A run that aims at so many rows for now, whatever its target.json says."""

    sample: int = 0

    def target(self) -> Target:
        """So many rows, within the run's own budget."""
        return super().target().model_copy(update={"count": self.sample, "max_draws": None})


def pay_sample(place: Workspace, run: Run, models: Models, sample: int, old: Run | None = None) -> None:
    """Have so many rows made of the run, which must be there; whoever goes on with it pays none of them again.

    Gives up where five times as many conversations in a row give no row. Raises what `generation.working.work` raises.
    """
    if ended_in(run)[1] < sample:
        small = SampleRun(run.folder, run.spec, run.recipe, run.items, sample)
        work(place, small, models, old=old, patience=5 * sample, driver="online")


def foresee(
    place: Workspace, run: Run, target: Target, models: Models, *, old: Run | None = None, batch: bool = False
) -> Forecast:
    """The forecast of a run, which need not be there yet: from its own conversations, else those of an earlier run.

    `old` is a run whose replies are taken (--reuse); `batch` asks for the prices of a Batch API.
    """
    with open_endpoints(models, run.spec.models.values(), place, offline=True) as opened:
        endpoints = {name: _in_batch(endpoint) if batch else endpoint for name, endpoint in opened.items()}
        prices = {role: endpoints[model.served_by].price for role, model in run.spec.models.items()}
        known = known_prices(place)
        sample = take_sample(run, prices)
        if len(sample) < FEWEST:
            sample = _earlier(place, run.spec, prices) or sample
        kept = _kept(run, old, target) if old is not None else 0.0
        return forecast(run, target, endpoints, known, sample, kept=kept)


def _in_batch(endpoint: Endpoint) -> Endpoint:
    price = endpoint.price.in_batch() if endpoint.price is not None else None
    return endpoint.model_copy(update={"price": price})


def _earlier(place: Workspace, spec: RunSpec, prices: Mapping[str, Price | None]) -> Sample | None:
    """The largest sample of another run that asks the same way; None where there is none."""
    best: Sample | None = None
    for folder in list_runs(place.runs):
        if _asks_alike(read_spec(folder), spec):
            sample = take_sample(open_run(folder, ALL_RECIPES, place.root), prices)
            if len(sample) >= FEWEST and (best is None or len(sample) > len(best)):
                best = sample
    return best


def _asks_alike(one: RunSpec, other: RunSpec) -> bool:
    """Whether two runs differ in nothing but their items and their chance."""
    rest = {"items", "seed"}
    return one.model_dump(exclude=rest) == other.model_dump(exclude=rest)


def _kept(run: Run, old: Run, target: Target) -> float:
    """The share of first calls that another run answers, over items spread evenly from the first to the last needed."""
    needed = min(number for number in (target.count, run.items.size, 1 << 62) if number is not None)
    indices = np.unique(np.linspace(0, needed - 1, min(_REUSED, needed)).astype(np.int64))
    earlier, asked, found = EarlierRun(old, run.items), 0, 0
    for index, item in zip(indices.tolist(), run.items.take(indices), strict=True):
        step = dialogue(run.recipe, item, index, run.spec.seed, run.terms, run.spec.models, {}).advance()
        for ask in step if isinstance(step, list) else ():
            asked += 1
            found += earlier.find(index, ask) is not None
    return found / asked if asked else 0.0
