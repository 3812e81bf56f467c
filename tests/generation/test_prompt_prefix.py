"""What never changes stands first in every shipped prompt: a provider's prefix cache can only serve a beginning."""

from __future__ import annotations

import re
from random import Random

import numpy as np
import pytest
from small_workspace import Prepared

from engine.prompt import render
from engine.recipe import Terms
from generation.recipes import ALL_RECIPES
from generation.recipes.mathscale.recipe import MATHSCALE, MathScaleSettings, write

PROMPTS = [(recipe.name, name) for recipe in ALL_RECIPES.values() for name in recipe.prompts]
SAME = {"domain": "mathematics"}
"""What is the same in all calls of a run; any other placeholder may differ from call to call."""


def rendered(text: str, number: int) -> str:
    names = set(re.findall(r"\{\{(\w+)\}\}", text))
    values = {name: SAME.get(name, f"{number} {name} {number}") for name in names}
    return "\n".join(f"{message.role}: {message.content}" for message in render(text, values))


def beginning(one: str, other: str) -> int:
    """The characters that two texts begin with alike."""
    return next(i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)


@pytest.mark.parametrize(("recipe", "name"), PROMPTS)
def test_nearly_all_that_a_prompt_always_says_is_the_common_beginning_of_a_hundred_calls(recipe, name):
    text = ALL_RECIPES[recipe].prompts[name]
    calls = [rendered(text, number) for number in range(100, 200)]
    first, last = min(calls), max(calls)
    common = beginning(first, last)
    said_anew = sum(len(f"100 {slot} 100") for slot in set(re.findall(r"\{\{(\w+)\}\}", text)) - SAME.keys())
    assert common >= 0.9 * (len(calls[0]) - said_anew)


def test_a_hundred_calls_of_a_real_run_differ_only_behind_all_that_the_prompt_says_first(prepared: Prepared) -> None:
    items = MATHSCALE.open_items(prepared.items, prepared.root)
    terms = Terms(MathScaleSettings(), MATHSCALE.prompts)
    calls = []
    for index, item in enumerate(items.take(np.arange(100))):
        call = next(write(item, Random(index), terms))
        calls.append("\n".join(f"{message.role}: {message.content}" for message in call.messages))
    common = min(calls)[: beginning(min(calls), max(calls))]
    first, _, _ = MATHSCALE.prompts["write"].partition("{{shots}}")
    fixed = [line.replace("{{domain}}", "mathematics") for line in first.splitlines() if not line.startswith("===")]
    assert len(set(calls)) > 90
    assert all(line in common for line in fixed), "what is said first is the same in every call"
    assert len(common) > 0.9 * len("".join(fixed))
