"""Recipes by name. A recipe is a folder: its conversation, its settings and its prompts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.errors import InputError
from engine.recipe import Recipe
from generation.recipes.mathscale.recipe import MATHSCALE
from generation.recipes.resolve.recipe import RESOLVE
from generation.recipes.tag.recipe import TAG
from graph.extraction import EXTRACT
from graph.merging.judging import JUDGE

RECIPES: Mapping[str, Recipe[Any]] = {MATHSCALE.name: MATHSCALE}
"""Those that make questions from a graph."""
ALL_RECIPES: Mapping[str, Recipe[Any]] = {
    EXTRACT.name: EXTRACT,
    JUDGE.name: JUDGE,
    **RECIPES,
    TAG.name: TAG,
    RESOLVE.name: RESOLVE,
}
"""Every recipe that a run may name."""


def find_recipe(name: str, among: Mapping[str, Recipe[Any]] = RECIPES) -> Recipe[Any]:
    """The recipe of that name. Raises InputError naming those there are."""
    if name not in among:
        raise InputError(f"there is no recipe {name!r}, only {', '.join(sorted(among))}; see them: skillweave recipes")
    return among[name]
