"""Near ones among many sketched texts: who shares a band is compared exactly.

Of the texts that share a band each is compared with the first ones of them, at most PIVOTS, unless both are of one
group already: a template that a hundred thousand texts share costs some hundred thousand comparisons, not their square.
With no more than PIVOTS + 1 texts in a band all are compared. A band needs no other one, so bands may be compared by
several processes; groups are what the pairs of all bands join, a pure function of the texts and their order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generation.components import components
from generation.quality.minhash import U32
from graph.sampling.rand import U64

PIVOTS = 16
_PAIRS_AT_ONCE = 50_000
_HIGH = np.uint64(32)

I64 = NDArray[np.int64]
GramsOf = Callable[[I64], tuple[U32, I64]]
"""(rising text numbers) -> their grams, one after the other, and where each ends, shape (texts + 1,)."""


class Pairs(NamedTuple):
    """Texts that are alike, by their numbers; the earlier of each pair and the later."""

    ones: I64
    others: I64
    scores: NDArray[np.float64]
    """Their Jaccard index."""


def alike(band: U64, grams_of: GramsOf, least: float) -> Pairs:
    """Pairs of texts of one key in a band, shape (texts,), and of a Jaccard index of at least `least`.

    Not all such pairs, but enough of them to join each group.
    """
    members, starts, sizes = _crowds(band)
    groups = np.arange(len(members))
    found = [_no_pairs()]
    for pivot in range(PIVOTS):
        which = sizes > pivot + 1
        if not which.any():
            break
        partners = sizes[which] - pivot - 1
        early = np.repeat(starts[which] + pivot, partners)
        late = early + 1 + np.arange(len(early)) - np.repeat(np.cumsum(partners) - partners, partners)
        apart = groups[early] != groups[late]
        early, late = early[apart], late[apart]
        order = np.lexsort((members[late], members[early]))  # texts that lie together are read together
        early, late = early[order], late[order]
        scores = jaccards(members[early], grams_of, members[late], grams_of)
        near = scores >= least
        early, late = early[near], late[near]
        found.append(Pairs(members[early], members[late], scores[near]))
        groups = _joined(groups, early, late)
    return _together(found)


def joined(texts: int, found: list[Pairs]) -> tuple[I64, Pairs]:
    """The group of each text, shape (texts,), named by its first one, and the pairs of all bands, each once.

    Texts are a group where a chain of alike ones joins them.
    """
    pairs = _together(found)
    _, once = np.unique(pairs.ones.astype(np.uint64) << _HIGH | pairs.others.astype(np.uint64), return_index=True)
    pairs = Pairs(pairs.ones[once], pairs.others[once], pairs.scores[once])
    return _joined(np.arange(texts), pairs.ones, pairs.others), pairs


def _no_pairs() -> Pairs:
    return Pairs(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float64))


def _together(found: list[Pairs]) -> Pairs:
    return Pairs(*(np.concatenate(columns) for columns in zip(_no_pairs(), *found, strict=True)))


def _crowds(keys: U64) -> tuple[I64, I64, I64]:
    """The texts that share a key with another, those of one key together and rising; where each key's begin, and how
    many there are.
    """
    order = np.argsort(keys, kind="stable")
    ranked = keys[order]
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]][: len(ranked)])
    sizes = np.diff(np.r_[starts, len(ranked)])
    members = order[np.repeat(sizes > 1, sizes)]
    sizes = sizes[sizes > 1]
    return members, np.cumsum(sizes) - sizes, sizes


def jaccards(ones: I64, grams_of_ones: GramsOf, others: I64, grams_of_others: GramsOf) -> NDArray[np.float64]:
    """The Jaccard index of each pair of texts, shape as `ones`."""
    scores = np.empty(len(ones))
    for start in range(0, len(ones), _PAIRS_AT_ONCE):
        one, sizes = _coded(ones[start : start + _PAIRS_AT_ONCE], grams_of_ones)
        other, other_sizes = _coded(others[start : start + _PAIRS_AT_ONCE], grams_of_others)
        at = np.minimum(np.searchsorted(one, other), max(len(one) - 1, 0))
        hits = other[one[at] == other] >> _HIGH if len(one) else other[:0]
        shared = np.bincount(hits.astype(np.int64), minlength=len(sizes))
        scores[start : start + _PAIRS_AT_ONCE] = shared / np.maximum(sizes + other_sizes - shared, 1)
    return scores


def _coded(texts: I64, grams_of: GramsOf) -> tuple[U64, I64]:
    """Each text's grams under its place, so that they rise over all, and how many each has."""
    distinct, which = np.unique(texts, return_inverse=True)
    grams, ends = grams_of(distinct)
    sizes = ends[which + 1] - ends[which]
    total = int(sizes.sum())
    offsets = np.arange(total) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    places = np.repeat(np.arange(len(texts), dtype=np.uint64), sizes)
    return places << _HIGH | grams[np.repeat(ends[which], sizes) + offsets], sizes


def _joined(groups: I64, ones: I64, others: I64) -> I64:
    """The groups after these pairs were joined; the first text of a group stays its name."""
    heads = np.unique(np.concatenate((groups[ones], groups[others])))
    ends = (np.searchsorted(heads, groups[each]) for each in (ones, others))
    renamed = np.arange(len(groups))
    renamed[heads] = heads[components(len(heads), *ends)]
    merged: I64 = renamed[groups]
    return merged
