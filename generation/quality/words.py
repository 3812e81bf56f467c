"""Texts as hashed words and n-grams of words, arrays for all texts of a shard at once.

A word is a run of letters, digits and underscores in low case; of scripts that put no spaces between words each
character is one. Signs are none, so `3 + 4` and `3 - 4` have the same words: what must not be confused by that compares
whole texts. Hashes are blake2b and splitmix64, the same in every process.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from graph.sampling.rand import U64, hash64, mix

_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0002ffff"
_ASCII = re.compile(r"\w+", re.ASCII)
_ANY = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+")
_MULTIPLIER = np.uint64(hash64("runs of words") | 1)
_MOST_WORDS_KNOWN = 500_000


@dataclass(frozen=True, slots=True)
class Words:
    """The words of n texts as 64-bit hashes, one text after the other."""

    hashes: U64
    """Shape (words,)."""
    ends: NDArray[np.int64]
    """Shape (n + 1,): text i has the words ends[i]..ends[i + 1] - 1; ends[0] is 0."""


@dataclass(frozen=True, slots=True)
class Grams:
    """The n-grams of n texts, one text after the other, in the order of the text; equal ones may recur."""

    hashes: U64
    ends: NDArray[np.int64]


class _Vocabulary(dict[str, int]):
    """Word -> its hash. Forgets all when it has grown large: numbers make new words for ever."""

    def __missing__(self, word: str) -> int:
        if len(self) >= _MOST_WORDS_KNOWN:
            self.clear()
        number = int.from_bytes(blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
        self[word] = number
        return number


_vocabulary = _Vocabulary()


def word_list(text: str) -> list[str]:
    """The words of a text, in low case."""
    low = text.lower()
    return (_ASCII if low.isascii() else _ANY).findall(low)


def word_places(text: str) -> list[tuple[int, int]]:
    """Where the words of a text begin and end, in characters; as many as `word_list` has.

    Of the few texts whose length changes in low case the places are those in low case.
    """
    low = text.lower()
    return [match.span() for match in (_ASCII if low.isascii() else _ANY).finditer(low)]


def words_of(texts: Sequence[str]) -> Words:
    """The words of texts."""
    lists = [word_list(text) for text in texts]
    ends = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([len(words) for words in lists], out=ends[1:])
    hashes = list(map(_vocabulary.__getitem__, chain.from_iterable(lists)))
    return Words(np.array(hashes, np.uint64), ends)


def grams_of(words: Words, size: int) -> Grams:
    """All runs of `size` words; of a text with fewer words the one of all of them, of a text without words none."""
    lengths = np.diff(words.ends)
    counts = np.where(lengths >= size, lengths - size + 1, np.minimum(lengths, 1))
    ends = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(counts, out=ends[1:])
    grams = np.empty(int(ends[-1]), np.uint64)
    short = np.repeat(lengths < size, counts)
    total = len(words.hashes)
    if total >= size:
        starts = np.flatnonzero(np.arange(total) + size <= np.repeat(words.ends[1:], lengths))
        grams[~short] = _rolled(words.hashes, starts, size)
    for length in range(1, size):
        which = np.flatnonzero(lengths == length)
        grams[ends[which]] = _rolled(words.hashes, words.ends[which], length)
    return Grams(grams, ends)


def _rolled(hashes: U64, starts: NDArray[np.int64], size: int) -> U64:
    """The hash of `size` words from each start."""
    rolled = np.full(len(starts), size, np.uint64)
    for step in range(size):
        rolled *= _MULTIPLIER
        rolled += hashes[starts + step]
    return mix(rolled)


def text_key(text: str) -> int:
    """64 bits for a text, the same for texts that differ in case and spaces only."""
    plain = " ".join(text.casefold().split())
    return int.from_bytes(blake2b(plain.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def text_keys_of(texts: Sequence[str]) -> U64:
    """The `text_key` of each text, shape (n,). Two of ten million texts share one by accident once in 400,000 times."""
    return np.fromiter(map(text_key, texts), np.uint64, len(texts))
