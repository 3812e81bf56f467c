"""Work on a run, whatever its recipe, with the models that it names."""

from __future__ import annotations

from engine.batches.options import BatchOptions
from engine.drivers.contract import Reuse
from engine.drivers.following import Follower
from engine.models import known_prices
from engine.reuse import EarlierRun
from engine.run import Run
from engine.work import Driver, Models, Worked, open_endpoints, work_on
from engine.workspace import Workspace
from generation.recipes.tag.recipe import TAG
from generation.tagging import earlier_replies


def work(
    workspace: Workspace,
    run: Run,
    models: Models,
    *,
    give_up: bool = False,
    old: Run | None = None,
    patience: int = 1_000,
    offline: bool = False,
    driver: Driver | None = None,
    batches: BatchOptions | None = None,
    follower: Follower | None = None,
) -> Worked:
    """Work on a run until it is complete, exhausted, incomplete or interrupted; `old` is a run whose replies are taken.

    Without one, a tagging run takes those of all earlier taggings of its questions. `offline` sends nothing. A worker
    of a crew (`generation.crew`) has a `follower`. Raises what `engine.work.work_on` raises.
    """
    reuse: Reuse | None = None
    if old is not None:
        reuse = EarlierRun(old, run.items)
    elif run.recipe.name == TAG.name:
        reuse = earlier_replies(run)
    with open_endpoints(models, run.spec.models.values(), workspace, offline=offline) as endpoints:
        return work_on(
            run,
            endpoints,
            label=run.name,
            give_up=give_up,
            patience=patience,
            prices=known_prices(workspace),
            offline=offline,
            reuse=reuse,
            driver=driver,
            batches=batches,
            follower=follower,
            quiet=follower is not None,
        )
