"""Equal and nearly equal questions of a dataset: of each group the first row stays.

Equal are texts that differ in case and spaces only; nearly so are sets of word 3-grams of a high Jaccard index, and
what a chain of such pairs joins. Of one row the sketch takes about 180 bytes and 4 for each 3-gram. The comparison has
a part for each band, which needs no other part.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from engine.recipe import Settings
from generation.quality.against import grams_at
from generation.quality.contract import Arrays, Batch, Comparison, SetCheck, SetFindings, Sketched
from generation.quality.minhash import BANDS, U32, VERSION, Sketch
from generation.quality.near import I64, Pairs, alike, joined
from graph.sampling.rand import U64

_EQUAL, _NEAR = "equal to an earlier question", "near another question"


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
        return {"version": 2, **self._settings.model_dump()}

    def sketch(self, batch: Batch) -> Arrays:
        """`text` (n,), `bands` (20, n), `grams` and `ends` (n + 1,); see `generation.quality.minhash`."""
        return {"text": batch.text_keys, **batch.sketch._asdict()}

    def compare(self, shards: Sequence[Sketched]) -> Comparison:
        """See SetCheck."""
        return _Duplicates(_Rows(shards), self._settings.jaccard)


class _Duplicates(Comparison):
    """The pairs that meet in each band, then the groups that all of them join.

    Memory: some 90 bytes a row that stands, and a part of the grams.
    """

    parts = tuple(f"band-{band:02d}" for band in range(BANDS))

    def __init__(self, rows: _Rows, least: float) -> None:
        self._rows, self._least = rows, least

    @cached_property
    def _first(self) -> I64:
        """Of each row the first one of the same text, shape (rows,)."""
        texts = self._rows.column("text")
        order = np.argsort(texts, kind="stable")
        texts = texts[order]
        heads = np.where(np.r_[True, texts[1:] != texts[:-1]][: len(texts)], np.arange(len(texts)), 0)
        first = np.empty_like(order)
        first[order] = order[np.maximum.accumulate(heads)]
        return first

    @cached_property
    def _distinct(self) -> I64:
        """The rows that have words and are the first of their text."""
        return np.flatnonzero((self._first == np.arange(len(self._first))) & self._rows.wordy)

    def part(self, name: str) -> Arrays:
        """See Comparison. `ones` and `others`, places among the distinct rows, and their `scores`."""
        band = self._rows.band(self.parts.index(name))[self._distinct]
        return alike(band, lambda at: self._rows.grams(self._distinct[at]), self._least)._asdict()

    def decide(self, parts: Mapping[str, Arrays]) -> SetFindings:
        """See Comparison."""
        equal = np.flatnonzero(self._first != np.arange(len(self._first)))
        groups, pairs = joined(len(self._distinct), [Pairs(**parts[name]) for name in self.parts])
        near, like, scores = _evidence(groups, pairs)
        late = np.concatenate([equal, self._distinct[near]])
        early = np.concatenate([self._first[equal], self._distinct[like]])
        order = np.argsort(late)
        shards, rows = self._rows.where(late[order])
        matched, matched_rows = self._rows.where(early[order])
        return SetFindings(
            shards, rows, matched, matched_rows,
            score=np.concatenate([np.ones(len(equal)), scores])[order],
            reason=np.repeat([0, 1], [len(equal), len(near)])[order],
            reasons=(_EQUAL, _NEAR),
        )  # fmt: skip


def _evidence(groups: I64, pairs: Pairs) -> tuple[I64, I64, NDArray[np.float64]]:
    """The texts that go, the one that each is most like among those it was found alike with, and how much.

    An earlier one is preferred to a later one, the first of equals to the others.
    """
    text, like = np.concatenate([pairs.ones, pairs.others]), np.concatenate([pairs.others, pairs.ones])
    scores = np.tile(pairs.scores, 2)
    gone = groups[text] != text
    text, like, scores = text[gone], like[gone], scores[gone]
    order = np.lexsort((like, -scores, like > text, text))
    best = order[np.r_[True, np.diff(text[order]) != 0][: len(order)]]
    return text[best], like[best], scores[best]


class _Rows:
    """The standing rows of all shards under one count."""

    def __init__(self, shards: Sequence[Sketched]) -> None:
        self._shards = shards
        at = [np.flatnonzero(shard.standing).astype(np.int32) for shard in shards]
        self._starts = np.cumsum([0, *map(len, at)])
        self._at = np.concatenate([np.empty(0, np.int32), *at])
        sizes = (np.diff(shard.arrays["ends"])[self._of(place)] for place, shard in enumerate(shards))
        self.wordy = np.concatenate([np.empty(0, bool), *(size > 0 for size in sizes)])

    def _of(self, shard: int) -> NDArray[np.int32]:
        """The places in a shard of its rows."""
        return self._at[self._starts[shard] : self._starts[shard + 1]]

    def column(self, name: str) -> U64:
        """An array of all rows."""
        parts = [shard.arrays[name][self._of(place)] for place, shard in enumerate(self._shards)]
        return np.concatenate([np.empty(0, np.uint64), *parts])

    def band(self, number: int) -> U64:
        """One band of all rows."""
        parts = [shard.arrays["bands"][number, self._of(place)] for place, shard in enumerate(self._shards)]
        return np.concatenate([np.empty(0, np.uint64), *parts])

    def where(self, rows: I64) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """The shard of each row and its place there."""
        return (np.searchsorted(self._starts, rows, side="right") - 1).astype(np.int32), self._at[rows]

    def grams(self, rows: I64) -> tuple[U32, I64]:
        """The grams of rising rows, one after the other, and where each ends."""
        bounds = np.searchsorted(rows, self._starts)
        parts, ends = [np.empty(0, np.uint32)], [np.zeros(1, np.int64)]
        for shard in np.flatnonzero(np.diff(bounds)).tolist():
            arrays = self._shards[shard].arrays
            mine = self._at[rows[bounds[shard] : bounds[shard + 1]]]
            grams, stops = grams_at(Sketch(arrays["bands"], arrays["grams"], arrays["ends"]), mine)
            parts.append(grams)
            ends.append(stops[1:] + ends[-1][-1])
        return np.concatenate(parts), np.concatenate(ends)
