"""Equal and nearly equal questions of a dataset: of each group the first row stays.

Equal are texts that differ in case and spaces only; nearly so are sets of word 3-grams of a high Jaccard index, and
what a chain of such pairs joins. Of one row the sketch takes about 180 bytes and 4 for each 3-gram.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from pydantic import Field

from engine.recipe import Settings
from generation.quality.against import grams_at
from generation.quality.contract import Arrays, Batch, SetCheck, SetFinding, Sketched
from generation.quality.minhash import U32, VERSION, Sketch
from generation.quality.near import I64, near_groups
from graph.sampling.rand import U64


class DuplicateSettings(Settings):
    """How alike is too alike."""

    jaccard: float = Field(0.8, gt=0.5, le=1, description="Jaccard index of word 3-grams from which two are alike")


class Duplicates(SetCheck):
    """Finds `equal to an earlier question` and `near another question`."""

    def __init__(self, settings: DuplicateSettings) -> None:
        self._settings = settings

    def identity(self) -> Mapping[str, Any]:
        """See SetCheck."""
        return {"version": [1, VERSION]}

    def decision(self) -> Mapping[str, Any]:
        """See SetCheck."""
        return self._settings.model_dump()

    def sketch(self, batch: Batch) -> Arrays:
        """`text` (n,), `bands` (20, n), `grams` and `ends` (n + 1,); see `generation.quality.minhash`."""
        return {"text": batch.text_keys, **batch.sketch._asdict()}

    def decide(self, shards: Sequence[Sketched]) -> list[list[SetFinding]]:
        """See SetCheck. Memory: some 60 bytes a row, and a part of the grams."""
        found: list[list[SetFinding]] = [[] for _ in shards]
        rows = _Rows(shards)
        texts = rows.column("text")
        _, first, which = np.unique(texts, return_index=True, return_inverse=True)
        first, own = first[which], np.arange(len(texts))

        def tell(late: int, early: int, reason: str, score: float) -> None:
            (shard, row), (other, other_row) = rows.where(late), rows.where(early)
            found[shard].append(SetFinding(row, reason, other, other_row, score))

        for late in np.flatnonzero(first != own).tolist():
            tell(late, int(first[late]), "equal to an earlier question", 1.0)
        distinct = np.flatnonzero((first == own) & rows.wordy)
        near = near_groups(
            len(distinct), lambda band: rows.band(band)[distinct], lambda at: rows.grams(distinct[at]),
            self._settings.jaccard,
        )  # fmt: skip
        for late, (early, score) in _evidence(near.groups, near.ones, near.others, near.scores).items():
            tell(int(distinct[late]), int(distinct[early]), "near another question", score)
        return [sorted(each) for each in found]


def _evidence(groups: I64, ones: I64, others: I64, scores: Any) -> dict[int, tuple[int, float]]:
    """Text that goes -> the text that it is most like among those it was found alike with, and how much.

    An earlier one is preferred to a later one, the first of equals to the others.
    """
    best: dict[int, tuple[tuple[bool, float, int], int, float]] = {}
    gone = groups != np.arange(len(groups))
    for one, other, score in zip(ones.tolist(), others.tolist(), scores.tolist(), strict=True):
        for late, early in ((one, other), (other, one)):
            if gone[late]:
                rank = (early < late, score, -early)
                if late not in best or rank > best[late][0]:
                    best[late] = (rank, early, score)
    return {late: (early, score) for late, (_, early, score) in sorted(best.items())}


class _Rows:
    """The standing rows of all shards under one count."""

    def __init__(self, shards: Sequence[Sketched]) -> None:
        self._shards = shards
        self._at = [np.flatnonzero(shard.standing) for shard in shards]
        self._starts = np.cumsum([0, *map(len, self._at)])
        sizes = [np.diff(shard.arrays["ends"])[at] for shard, at in zip(shards, self._at, strict=True)]
        self.wordy = np.concatenate([np.empty(0, bool), *(size > 0 for size in sizes)])

    def column(self, name: str) -> U64:
        """An array of all rows."""
        parts = [shard.arrays[name][at] for shard, at in zip(self._shards, self._at, strict=True)]
        return np.concatenate([np.empty(0, np.uint64), *parts])

    def band(self, number: int) -> U64:
        """One band of all rows."""
        parts = [shard.arrays["bands"][number, at] for shard, at in zip(self._shards, self._at, strict=True)]
        return np.concatenate([np.empty(0, np.uint64), *parts])

    def where(self, row: int) -> tuple[int, int]:
        """The shard of a row and its place there."""
        shard = int(np.searchsorted(self._starts, row, side="right")) - 1
        return shard, int(self._at[shard][row - self._starts[shard]])

    def grams(self, rows: I64) -> tuple[U32, I64]:
        """The grams of rising rows, one after the other, and where each ends."""
        bounds = np.searchsorted(rows, self._starts)
        parts, ends = [np.empty(0, np.uint32)], [np.zeros(1, np.int64)]
        for shard in np.flatnonzero(np.diff(bounds)).tolist():
            arrays = self._shards[shard].arrays
            mine = self._at[shard][rows[bounds[shard] : bounds[shard + 1]] - self._starts[shard]]
            grams, stops = grams_at(Sketch(arrays["bands"], arrays["grams"], arrays["ends"]), mine)
            parts.append(grams)
            ends.append(stops[1:] + ends[-1][-1])
        return np.concatenate(parts), np.concatenate(ends)
