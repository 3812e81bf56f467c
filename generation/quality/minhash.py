"""MinHash: sketches of texts by which near ones are found without comparing all with all.

A text is the set of its word 3-grams. Of 100 permutations of 32-bit numbers each keeps the least gram; two texts agree
in a permutation with the probability of their Jaccard index J (Broder, 1997). Five such minima make a band, 20 bands a
sketch. Two texts meet in a band with probability 1 - (1 - J^5)^20: 0.98 at J = 0.7, 0.9996 at 0.8, 0.05 at 0.3. Who
meets is compared exactly, by the grams themselves.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generation.quality.words import Words, grams_of
from graph.sampling.rand import U64, hash64, mix, streams

GRAM, BANDS, ROWS = 3, 20, 5
VERSION = 1
"""Raised by whatever changes a sketch."""
_PERMUTATIONS = BANDS * ROWS
_CHUNK = 1 << 16  # grams permuted at a time: they stay in the cache
_HIGH = np.uint64(32)
_NUMBERS = streams(hash64("permutations of minhash"), np.arange(2 * _PERMUTATIONS, dtype=np.int64))
_FACTORS = (_NUMBERS[:_PERMUTATIONS] >> _HIGH).astype(np.uint32) | np.uint32(1)
_SHIFTS = (_NUMBERS[_PERMUTATIONS:] >> _HIGH).astype(np.uint32)

U32 = NDArray[np.uint32]


class Sketch(NamedTuple):
    """Of n texts."""

    bands: U64
    """Shape (BANDS, n). Of a text without words they say nothing."""
    grams: U32
    """The grams of each text as 32-bit hashes, rising and each once, one text after the other."""
    ends: NDArray[np.int64]
    """Shape (n + 1,): text i has grams[ends[i]:ends[i + 1]]."""


def sketch_of(words: Words) -> Sketch:
    """The sketch of texts."""
    grams = grams_of(words, GRAM)
    count = len(grams.ends) - 1
    owners = np.repeat(np.arange(count, dtype=np.uint64), np.diff(grams.ends))
    pairs = np.sort(owners << _HIGH | grams.hashes >> _HIGH)
    pairs = pairs[np.diff(pairs, prepend=~pairs[:1]) != 0]
    ends = np.searchsorted(pairs, np.arange(count + 1, dtype=np.uint64) << _HIGH).astype(np.int64)
    unique = pairs.astype(np.uint32)  # the lower half of each: its gram
    return Sketch(_bands(_minima(unique, ends)), unique, ends)


def _minima(grams: U32, ends: NDArray[np.int64]) -> U32:
    """The least of each text's grams under each permutation, shape (permutations, n); 0 for a text without words."""
    count = len(ends) - 1
    minima = np.zeros((_PERMUTATIONS, count), np.uint32)
    filled = np.flatnonzero(np.diff(ends))
    first = 0
    while first < len(filled):
        begin = ends[filled[first]]
        last = max(first + 1, int(np.searchsorted(ends[filled + 1], begin + _CHUNK, side="right")))
        part = grams[begin : ends[filled[last - 1] + 1]]
        starts = ends[filled[first:last]] - begin
        permuted = np.empty_like(part)
        for place in range(_PERMUTATIONS):
            np.multiply(part, _FACTORS[place], out=permuted)
            np.add(permuted, _SHIFTS[place], out=permuted)
            minima[place, filled[first:last]] = np.minimum.reduceat(permuted, starts)
        first = last
    return minima


def _bands(minima: U32) -> U64:
    bands = np.empty((BANDS, minima.shape[1]), np.uint64)
    for band in range(BANDS):
        key = np.full(minima.shape[1], band + 1, np.uint64)
        for row in range(ROWS):
            key = mix(key + minima[band * ROWS + row])
        bands[band] = key
    return bands


def jaccard(one: U32, other: U32) -> float:
    """The Jaccard index of two texts' grams; 0 where neither has any."""
    shared = len(np.intersect1d(one, other, assume_unique=True))
    union = len(one) + len(other) - shared
    return shared / union if union else 0.0
