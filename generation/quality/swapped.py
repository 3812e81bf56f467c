"""A seed with other numbers and names in it is a paraphrase, not a new question."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from pydantic import Field

from engine.recipe import Settings
from generation.quality.contract import Batch, Finding, RowCheck
from generation.quality.references import Compared
from generation.quality.template import template


class SwappedSettings(Settings):
    """Which templates tell."""

    min_words: int = Field(
        8, ge=1, description="a shorter template says too little: many questions ask 'What is 0 + 0?'"
    )


class Swapped(RowCheck):
    """Finds `a seed with other numbers`: the two have the same template and differ all the same."""

    def __init__(self, settings: SwappedSettings, seeds: Compared) -> None:
        self._settings, self._seeds = settings, seeds

    def identity(self) -> Mapping[str, Any]:
        """See RowCheck."""
        return {"version": 2, "settings": self._settings.model_dump(), "against": self._seeds.named}

    @cached_property
    def _by_template(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for place, text in enumerate(self._seeds.questions.texts):
            made = template(text)
            if made.count(" ") + 1 >= self._settings.min_words:
                found.setdefault(made, place)
        return found

    def judge(self, batch: Batch) -> list[Finding]:
        """See RowCheck."""
        seeds, found = self._seeds.questions, []
        for row, text in enumerate(batch.questions):
            made = template(text)
            seed = self._by_template.get(made)
            if seed is not None and text.split() != seeds.texts[seed].split():
                reason = "a seed with other numbers"
                found.append(Finding(row, reason, seeds.ids[seed], seeds.sources[seed], None, made[:500]))
        return found
