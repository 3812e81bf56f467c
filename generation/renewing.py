"""Runs whose recipe has changed since they began: what a new one would pay anew, and the new one.

A run goes on with the recipe it began with or not at all. `skillweave resume RUN --anew` begins another one of the same
items, models, seed, settings and prompts with the recipe as it is now; it takes the replies of the old one where the
call is equal.
"""

from __future__ import annotations

from pathlib import Path

from engine.errors import InputError, RecipeChanged
from engine.places import address_of
from engine.places.joining import publish
from engine.reuse import price_of_reuse
from engine.run import (
    Run,
    RunSpec,
    create_run,
    default_name,
    find_run,
    open_earlier,
    open_run,
    plan_spec,
    read_target,
)
from engine.workspace import Workspace
from generation.recipes import ALL_RECIPES


def open_to_go_on(place: Workspace, folder: Path) -> Run:
    """Open a run to work on it. Raises RecipeChanged with what going on as a new run would pay, and its command."""
    try:
        return open_run(folder, ALL_RECIPES, place.root)
    except RecipeChanged as changed:
        old = open_earlier(folder, ALL_RECIPES, place.root)
        try:
            price = price_of_reuse(old, Run(folder, renewed(old), old.recipe, old.items))
        except InputError as error:
            raise RecipeChanged(f"{changed}, and no other can begin with what it has: {error}") from None
        anew = f"ask {price.lost:,} anew, for about {price.tokens:,} tokens" if price.lost else "pay none of them again"
        raise RecipeChanged(
            f"{changed}. A new run, with the recipe as it is here, would keep {price.kept:,} replies of its first "
            f"{price.looked_at:,} items and {anew}. Begin it: skillweave resume {folder.name} --anew"
        ) from None


def open_to_reuse(place: Workspace, name: str) -> Run:
    """Open the run of that name for its replies alone: its recipe may have changed."""
    return open_earlier(find_run(place.runs, name), ALL_RECIPES, place.root)


def renewed(old: Run) -> RunSpec:
    """The run.json of a run that asks for the same with the recipe as it is now."""
    spec = old.spec
    return plan_spec(
        old.recipe,
        items=spec.items,
        models=spec.models,
        seed=spec.seed,
        settings=spec.settings,
        prompts=spec.prompts,
    )


def renew(place: Workspace, folder: Path) -> Run:
    """The run that asks for the same as the one in `folder`, with its target and in its place.

    Raises InputError where the recipe has not changed.
    """
    old = open_earlier(folder, ALL_RECIPES, place.root)
    spec = renewed(old)
    if spec == old.spec:
        raise InputError(
            f"the recipe of run {folder.name} is what it was, so it can go on itself: skillweave resume {folder.name}"
        )
    made = create_run(place.runs, default_name(spec), spec, read_target(folder))
    if (url := address_of(folder)) is not None:
        publish(made, url.rpartition("/")[0])
    return open_run(made, ALL_RECIPES, place.root)
