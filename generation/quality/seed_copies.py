"""A question that is a seed's, word for word or nearly so, is not new."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from pydantic import Field

from engine.recipe import Settings
from generation.quality.against import TextIndex
from generation.quality.contract import Batch, Finding, RowCheck
from generation.quality.minhash import VERSION
from generation.quality.references import Compared


class SeedCopySettings(Settings):
    """How alike is too alike."""

    jaccard: float = Field(0.8, gt=0.5, le=1, description="Jaccard index of word 3-grams from which it is a copy")


class SeedCopies(RowCheck):
    """Finds `copies a seed` (the same but for case and spaces) and `near a seed`."""

    def __init__(self, settings: SeedCopySettings, seeds: Compared) -> None:
        self._settings, self._seeds = settings, seeds

    def identity(self) -> Mapping[str, Any]:
        """See RowCheck."""
        return {"version": [1, VERSION], "settings": self._settings.model_dump(), "against": self._seeds.named}

    @cached_property
    def _index(self) -> TextIndex:
        return TextIndex(self._seeds.questions.texts)

    def judge(self, batch: Batch) -> list[Finding]:
        """See RowCheck."""
        seeds = self._seeds.questions
        same = self._index.equal(batch.text_keys).tolist()
        near, scores = self._index.nearest(batch.sketch, self._settings.jaccard)
        found = []
        for row, (equal, close) in enumerate(zip(same, near.tolist(), strict=True)):
            if equal >= 0:
                found.append(Finding(row, "copies a seed", seeds.ids[equal], seeds.sources[equal], 1.0))
            elif close >= 0:
                score = float(scores[row])
                found.append(Finding(row, "near a seed", seeds.ids[close], seeds.sources[close], score))
        return found
