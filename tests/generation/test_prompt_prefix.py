"""What never changes stands first in every shipped prompt: a provider's prefix cache can only serve a beginning."""

from __future__ import annotations

import re

import pytest

from engine.prompt import render
from generation.recipes import ALL_RECIPES

PROMPTS = [(recipe.name, name) for recipe in ALL_RECIPES.values() for name in recipe.prompts]
SAME = {"domain": "mathematics"}
"""What is the same in all calls of a run; any other placeholder may differ from call to call."""


def rendered(text: str, number: int) -> str:
    names = set(re.findall(r"\{\{(\w+)\}\}", text))
    values = {name: SAME.get(name, f"{number} {name} {number}") for name in names}
    return "\n".join(f"{message.role}: {message.content}" for message in render(text, values))


@pytest.mark.parametrize(("recipe", "name"), PROMPTS)
def test_nearly_all_that_a_prompt_always_says_is_the_common_beginning_of_a_hundred_calls(recipe, name):
    text = ALL_RECIPES[recipe].prompts[name]
    calls = [rendered(text, number) for number in range(100, 200)]
    first, last = min(calls), max(calls)
    common = next(i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b)
    said_anew = sum(len(f"100 {slot} 100") for slot in set(re.findall(r"\{\{(\w+)\}\}", text)) - SAME.keys())
    assert common >= 0.9 * (len(calls[0]) - said_anew)
