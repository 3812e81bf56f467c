"""A question that holds a stretch of a test question would make the test say less.

Runs of 13 words, as GPT-3 was cleaned (Brown et al. 2020, appendix C), and of 8. Any one of 13 tells. Eight words in
a row may be everybody's ("how many does he have left in total"), so those count where three in ten of a test question's
are there: it then is that question with a word changed here and there. Of a question with fewer words than that its
whole is the one run: found where the other is just as short.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from engine.recipe import Settings
from generation.quality.contract import Batch, Finding, RowCheck
from generation.quality.near import I64
from generation.quality.references import Compared
from generation.quality.words import Grams, Words, grams_of, word_places, words_of
from graph.sampling.rand import U64

_BITS = 27  # of the filter: 16 MiB
_MOST_SPAN = 500


class ContaminationSettings(Settings):
    """Which runs of words tell."""

    long: int = Field(13, ge=2, le=50, description="words in a row of which one run tells")
    short: int = Field(8, ge=2, le=50, description="words in a row of which many tell")
    share: float = Field(0.3, gt=0, le=1, description="of a test question's short runs that must be there")


class _RunsOfWords:
    """All runs of so many words of the test questions, and whose they are."""

    def __init__(self, words: Words, size: int) -> None:
        self.size = size
        grams = grams_of(words, size)
        count = len(grams.ends) - 1
        owners = np.repeat(np.arange(count), np.diff(grams.ends))
        order = np.lexsort((owners, grams.hashes))
        hashes, owners = grams.hashes[order], owners[order]
        first = np.r_[True, (np.diff(hashes) != 0) | (np.diff(owners) != 0)][: len(hashes)]
        self._hashes, self._owners = hashes[first], owners[first]
        self.sizes = np.bincount(self._owners, minlength=count)
        """Distinct runs of each test question."""
        self._filter = np.zeros(1 << (_BITS - 3), np.uint8)
        byte, bit = self._place(self._hashes)
        np.bitwise_or.at(self._filter, byte, bit)

    @staticmethod
    def _place(hashes: U64) -> tuple[I64, NDArray[np.uint8]]:
        top = hashes >> np.uint64(64 - _BITS)
        return (top >> np.uint64(3)).astype(np.int64), np.uint8(1) << (top & np.uint64(7)).astype(np.uint8)

    def hits(self, grams: Grams) -> I64:
        """The places of the grams that a test question has too."""
        byte, bit = self._place(grams.hashes)
        maybe = np.flatnonzero(self._filter[byte] & bit)
        if not len(maybe):
            return maybe
        wanted = grams.hashes[maybe]
        at = np.minimum(np.searchsorted(self._hashes, wanted), len(self._hashes) - 1)
        found: I64 = maybe[self._hashes[at] == wanted]
        return found

    def best(self, hashes: U64) -> tuple[int, float]:
        """Of the test questions that have these runs the one of the highest share of its own, and that share."""
        left = np.searchsorted(self._hashes, hashes)
        right = np.searchsorted(self._hashes, hashes, side="right")
        owners, counts = np.unique(
            np.concatenate([self._owners[i:j] for i, j in zip(left.tolist(), right.tolist(), strict=True)]),
            return_counts=True,
        )
        shares = counts / self.sizes[owners]
        place = int(np.argmax(shares))
        return int(owners[place]), float(shares[place])


class Contamination(RowCheck):
    """Finds `13 words of a test question` and `many runs of 8 words of a test question`, with the words."""

    def __init__(self, settings: ContaminationSettings, tests: Compared) -> None:
        self._settings, self._tests = settings, tests

    def identity(self) -> Mapping[str, Any]:
        """See RowCheck."""
        return {"version": 1, "settings": self._settings.model_dump(), "against": self._tests.named}

    @cached_property
    def _runs(self) -> tuple[_RunsOfWords, _RunsOfWords]:
        words = words_of(self._tests.questions.texts)
        return _RunsOfWords(words, self._settings.long), _RunsOfWords(words, self._settings.short)

    def judge(self, batch: Batch) -> list[Finding]:
        """See RowCheck."""
        long, short = self._runs
        reasons = (f"{long.size} words of a test question", f"many runs of {short.size} words of a test question")
        found: dict[int, Finding] = {}
        for runs, reason, least in zip((long, short), reasons, (0.0, self._settings.share), strict=True):
            grams = grams_of(batch.words, runs.size)
            hits = runs.hits(grams)
            rows = np.searchsorted(grams.ends, hits, side="right") - 1
            for row in np.unique(rows).tolist():
                mine = hits[rows == row] if row not in found else hits[:0]
                if not len(mine):
                    continue
                test, share = runs.best(np.unique(grams.hashes[mine]))
                if share >= least:
                    first = int(mine[0] - grams.ends[row])
                    found[row] = self._finding(batch, row, reason, test, share, first, runs.size)
        return [found[row] for row in sorted(found)]

    def _finding(self, batch: Batch, row: int, reason: str, test: int, share: float, first: int, size: int) -> Finding:
        tests, text = self._tests.questions, batch.questions[row]
        places = word_places(text)[first : first + size]
        span = text[places[0][0] : places[-1][1]][:_MOST_SPAN] if places else ""
        return Finding(row, reason, tests.ids[test], tests.sources[test], share, span)
