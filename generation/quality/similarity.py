"""A question whose embedding lies next to a test question's may be its paraphrase."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from engine.recipe import Settings
from generation.quality.contract import Batch, Finding, RowCheck
from generation.quality.references import Compared
from graph.embedding import Embedder

_TESTS_AT_ONCE = 4_096


class SimilaritySettings(Settings):
    """How near is too near."""

    cosine: float = Field(0.95, gt=0, le=1, description="cosine of the embeddings from which it is too near")
    embedder: str = Field("", description="an embedding model; empty for the workspace's")


class Similarity(RowCheck):
    """Finds `near a test question`, by the cosine of embeddings."""

    def __init__(self, settings: SimilaritySettings, tests: Compared, embedder: Embedder) -> None:
        self._settings, self._tests, self._embedder = settings, tests, embedder

    def identity(self) -> Mapping[str, Any]:
        """See RowCheck."""
        embedder = {"name": self._embedder.name, "digest": self._embedder.digest}
        return {"version": 1, "cosine": self._settings.cosine, "embedder": embedder, "against": self._tests.named}

    @cached_property
    def _vectors(self) -> NDArray[np.float32]:
        return self._embedder.encode(self._tests.questions.texts)

    def judge(self, batch: Batch) -> list[Finding]:
        """See RowCheck."""
        tests, rows = self._tests.questions, self._embedder.encode(batch.questions)
        best, scores = np.zeros(len(rows), np.int64), np.full(len(rows), -1, np.float32)
        for start in range(0, len(self._vectors), _TESTS_AT_ONCE):
            cosines = rows @ self._vectors[start : start + _TESTS_AT_ONCE].T
            nearest = cosines.argmax(axis=1)
            cosine = np.take_along_axis(cosines, nearest[:, None], axis=1)[:, 0]
            better = cosine > scores
            best[better], scores[better] = nearest[better] + start, cosine[better]
        found = []
        for row in np.flatnonzero(scores >= self._settings.cosine).tolist():
            test, score = int(best[row]), min(float(scores[row]), 1.0)
            found.append(Finding(row, "near a test question", tests.ids[test], tests.sources[test], score))
        return found
