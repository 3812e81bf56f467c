"""Recipes by name. A recipe is a folder: its conversation, its settings and its prompts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.errors import InputError
from engine.recipe import Recipe
from generation.recipes.mathscale.recipe import MATHSCALE

RECIPES: Mapping[str, Recipe[Any]] = {MATHSCALE.name: MATHSCALE}


def find_recipe(name: str) -> Recipe[Any]:
    """The recipe of that name. Raises InputError naming those there are."""
    try:
        return RECIPES[name]
    except KeyError:
        raise InputError(
            f"there is no recipe {name!r}, only {', '.join(sorted(RECIPES))}; "
            "try: skillweave generate --recipe mathscale"
        ) from None
