"""Near ones among many sketched texts: who meets in a band is compared exactly, and what is alike is joined.

Of the texts that share a band each is compared with the first ones of them, at most PIVOTS, unless both are of one
group already: a template that a hundred thousand texts share costs some hundred thousand comparisons, not their square.
With no more than PIVOTS + 1 texts in a band all are compared. So the groups are a pure function of the texts and their
order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generation.quality.minhash import BANDS, U32
from graph.sampling.rand import U64

PIVOTS = 16
_PAIRS_AT_ONCE = 50_000
_HIGH = np.uint64(32)

I64 = NDArray[np.int64]
GramsOf = Callable[[I64], tuple[U32, I64]]
"""(rising text numbers) -> their grams, one after the other, and where each ends, shape (texts + 1,)."""


@dataclass(frozen=True, slots=True)
class Near:
    """What was found among n texts."""

    groups: I64
    """Shape (n,): the first text of each text's group; texts are a group where a chain of alike ones joins them."""
    ones: I64
    others: I64
    """Pairs that were found alike, the earlier and the later; enough of them to join each group."""
    scores: NDArray[np.float64]
    """Their Jaccard index."""


def near_groups(
    count: int,
    band: Callable[[int], U64],
    grams_of: GramsOf,
    least: float,
    progress: Callable[[int], None] = lambda _: None,
) -> Near:
    """Group `count` texts by a Jaccard index of at least `least`; `band(b)` has shape (count,)."""
    groups = np.arange(count)
    unlike = np.empty(0, np.uint64)  # pairs that were compared and are not alike
    found: list[tuple[I64, I64, NDArray[np.float64]]] = []
    for number in range(BANDS):
        met = [np.empty(0, np.uint64)]
        for early, late in _meetings(band(number)):
            apart = groups[early] != groups[late]
            codes = (early[apart].astype(np.uint64) << _HIGH) | late[apart].astype(np.uint64)
            codes = np.setdiff1d(codes, unlike)
            ones, others = (codes >> _HIGH).astype(np.int64), (codes & np.uint64(0xFFFFFFFF)).astype(np.int64)
            scores = jaccards(ones, grams_of, others, grams_of)
            alike = scores >= least
            met.append(codes[~alike])
            found.append((ones[alike], others[alike], scores[alike]))
            groups = _joined(groups, ones[alike], others[alike])
        unlike = np.union1d(unlike, np.concatenate(met))
        progress(number + 1)
    empty = (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float64))
    ones, others, scores = (np.concatenate(parts) for parts in zip(empty, *found, strict=True))
    return Near(groups, ones, others, scores)


def _meetings(keys: U64) -> Iterator[tuple[I64, I64]]:
    """Pairs of texts of one key, the earlier first: each text with the first of its key, then with the second ..."""
    order = np.argsort(keys, kind="stable")
    ranked = keys[order]
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]]) if len(keys) else np.empty(0, np.int64)
    sizes = np.diff(np.r_[starts, len(keys)])
    for pivot in range(PIVOTS):
        partners = sizes - pivot - 1
        which = partners > 0
        if not which.any():
            return
        first, partners = starts[which] + pivot, partners[which]
        offsets = np.arange(int(partners.sum())) - np.repeat(np.cumsum(partners) - partners, partners)
        yield np.repeat(order[first], partners), order[np.repeat(first + 1, partners) + offsets]


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
    if not len(ones):
        return groups
    heads = {head: head for head in np.unique(np.concatenate((groups[ones], groups[others]))).tolist()}

    def top(head: int) -> int:
        while heads[head] != head:
            heads[head] = heads[heads[head]]
            head = heads[head]
        return head

    for one, other in zip(groups[ones].tolist(), groups[others].tolist(), strict=True):
        low, high = sorted((top(one), top(other)))
        heads[high] = low
    renamed = np.arange(len(groups))
    renamed[list(heads)] = [top(head) for head in heads]
    return renamed[groups]
