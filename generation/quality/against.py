"""An index of questions that rows are compared with: the same text, and near ones by sketch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from generation.quality.minhash import BANDS, U32, Sketch, sketch_of
from generation.quality.near import I64, PIVOTS, jaccards
from generation.quality.words import text_keys_of, words_of
from graph.sampling.rand import U64


def grams_at(sketch: Sketch, texts: I64) -> tuple[U32, I64]:
    """The grams of some texts of a sketch, one after the other, and where each ends."""
    sizes = sketch.ends[texts + 1] - sketch.ends[texts]
    ends = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(sizes, out=ends[1:])
    return sketch.grams[np.repeat(sketch.ends[texts] - ends[:-1], sizes) + np.arange(int(ends[-1]))], ends


class TextIndex:
    """Texts to find rows' equals and near ones among. In memory: about 500 bytes a text."""

    def __init__(self, texts: Sequence[str]) -> None:
        keys = text_keys_of(texts)
        self._order = np.argsort(keys, kind="stable")
        self._keys = keys[self._order]
        self._sketch = sketch_of(words_of(texts))
        wordy = np.diff(self._sketch.ends) > 0
        self._bands = []
        for band in self._sketch.bands:
            order = np.argsort(band, kind="stable")
            order = order[wordy[order]]
            self._bands.append((band[order], order))

    def equal(self, keys: U64) -> I64:
        """The first text of each `text_key`, -1 where there is none."""
        if not len(self._keys):
            return np.full(len(keys), -1)
        at = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        return np.where(self._keys[at] == keys, self._order[at], -1)

    def nearest(self, sketch: Sketch, least: float) -> tuple[I64, NDArray[np.float64]]:
        """For each sketched row the text of the highest Jaccard index of at least `least`, the first of equals, and it.

        The text is -1 where none is so near. Of texts that share a band the first PIVOTS are compared.
        """
        count = len(sketch.ends) - 1
        best, scores = np.full(count, -1), np.zeros(count)
        wordy = np.flatnonzero(np.diff(sketch.ends))
        codes = [np.empty(0, np.uint64)]
        for number in range(BANDS):
            keys, order = self._bands[number]
            wanted = sketch.bands[number, wordy]
            left, right = np.searchsorted(keys, wanted), np.searchsorted(keys, wanted, side="right")
            sizes = np.minimum(right - left, PIVOTS)
            offsets = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
            texts = order[np.repeat(left, sizes) + offsets]
            codes.append(np.repeat(wordy, sizes).astype(np.uint64) << np.uint64(32) | texts.astype(np.uint64))
        pairs = np.unique(np.concatenate(codes))
        rows = (pairs >> np.uint64(32)).astype(np.int64)
        texts = (pairs & np.uint64(0xFFFFFFFF)).astype(np.int64)
        found = jaccards(rows, lambda at: grams_at(sketch, at), texts, lambda at: grams_at(self._sketch, at))
        for place in np.lexsort((-texts, found)).tolist():  # the best comes last, of equals the first text
            if found[place] >= least:
                best[rows[place]], scores[rows[place]] = texts[place], found[place]
        return best, scores
