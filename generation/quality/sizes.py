"""Questions and solutions that are shorter or longer than a dataset wants them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from engine.recipe import Settings
from generation.quality.contract import Batch, Finding, RowCheck
from generation.quality.length import QUESTION, SOLUTION


class SizeSettings(Settings):
    """Bounds in characters; see generation/quality/length.py for where the defaults come from."""

    question_min: int = Field(QUESTION[0], ge=0, description="characters of a question at least")
    question_max: int = Field(QUESTION[1], ge=1, description="characters of a question at most")
    solution_min: int = Field(SOLUTION[0], ge=0, description="characters of a solution at least")
    solution_max: int = Field(SOLUTION[1], ge=1, description="characters of a solution at most")


class Sizes(RowCheck):
    """Finds `question too short` and its three likes."""

    columns = ("question", "solution")

    def __init__(self, settings: SizeSettings) -> None:
        self._settings = settings

    def identity(self) -> Mapping[str, Any]:
        """See RowCheck."""
        return {"version": 1, "settings": self._settings.model_dump()}

    def judge(self, batch: Batch) -> list[Finding]:
        """See RowCheck."""
        bounds = self._settings.model_dump()
        found: dict[int, Finding] = {}
        for column in self.columns:
            for row, text in enumerate(batch.texts(column)):
                short, long = len(text) < bounds[f"{column}_min"], len(text) > bounds[f"{column}_max"]
                if short or long:
                    reason = f"{column} too {'short' if short else 'long'}"
                    found.setdefault(row, Finding(row, reason, span=f"{len(text):,} characters"))
        return [found[row] for row in sorted(found)]
