"""The counts that a store carries, made once from the uses as they stream by (see `graph.stores.schema`).

Concepts are coded by their place among the sorted ids, so the order of codes is the order of ids; slices by the order
in which their run and level are first seen. A key is 63 bits: the concept or the pair, then the slice.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.errors import InputError
from graph.concept import KINDS
from graph.snapshot import Snapshot
from graph.stores.milestones import NEVER
from graph.stores.schema import USED_IN_COUNTS
from graph.stores.tally import Integers, Tally, joined

KEY_BITS = 63
_USED_IN = (np.add,) * len(USED_IN_COUNTS)


class Uses(NamedTuple):
    """Which rows of a batch use which concepts on one basis: each once, by row and then by concept."""

    rows: Integers
    concepts: Integers


class Slices:
    """The runs and levels that questions have, coded in the order in which they are first seen."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], int] = {}

    def __len__(self) -> int:
        return len(self._codes)

    @property
    def runs(self) -> pa.Array:
        """The run of each slice."""
        return pa.array([run for run, _ in self._codes], pa.string())

    @property
    def levels(self) -> pa.Array:
        """The level of each slice."""
        return pa.array([level for _, level in self._codes], pa.string())

    @property
    def rank(self) -> Integers:
        """The place of each slice among them all by run and level; unlike its code, whatever was seen first."""
        ranks = np.empty(len(self._codes), np.int64)
        ranks[[code for _, code in sorted(self._codes.items())]] = np.arange(len(ranks))
        return ranks

    def code(self, runs: pa.Array, levels: pa.Array) -> Integers:
        """The code of every row."""
        run, level = runs.dictionary_encode(), levels.dictionary_encode()
        width = max(1, len(level.dictionary))
        both, of_row = np.unique(
            run.indices.to_numpy().astype(np.int64) * width + level.indices.to_numpy(), return_inverse=True
        )
        names = [(run.dictionary[i // width].as_py(), level.dictionary[i % width].as_py()) for i in both.tolist()]
        return np.array([self._codes.setdefault(name, len(self._codes)) for name in names], np.int64)[of_row]


class Concepts:
    """The concepts as arrays in the order of their ids, and the edges between them."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.ids = snapshot.nodes["id"].combine_chunks()
        self.kinds = pc.index_in(snapshot.nodes["kind"], pa.array(KINDS)).to_numpy()
        self.bits = max(1, (len(self.ids) - 1).bit_length())
        """Bits of a code."""
        source, target = (pc.index_in(snapshot.edges[end], self.ids).to_numpy() for end in ("source", "target"))
        self.edges = self.pair(source.astype(np.int64), target.astype(np.int64))
        """The pair of each edge, ascending as the edges are."""
        self.weights = snapshot.edges["weight"].to_numpy()

    def pair(self, lower: Integers, higher: Integers) -> Integers:
        """Two codes as one number."""
        return lower << self.bits | higher

    def ends(self, pairs: Integers) -> tuple[Integers, Integers]:
        """The two codes of each pair."""
        return pairs >> self.bits, pairs & ((1 << self.bits) - 1)

    def edge_of(self, pairs: Integers) -> Integers:
        """The place of each pair's edge; -1 where it has none."""
        return places_in(self.edges, pairs)


class BasisCounts:
    """The counts of one basis."""

    def __init__(self, concepts: Concepts, folder: Path) -> None:
        """Partial sums go to `folder`, which is made."""
        folder.mkdir()
        self._graph = concepts
        self._pair_slice_bits = KEY_BITS - 2 * concepts.bits
        self._used_in = Tally(folder / "used_in", _USED_IN)
        self._used_with = Tally(folder / "used_with", (np.add, np.minimum))  # questions, and the first of them
        self.by_concept = np.zeros(len(concepts.ids), np.int64)
        """Questions that use each concept."""
        self.by_edge = np.zeros(len(concepts.edges), np.int64)
        """Questions that use both ends of each edge; filled by `chosen_pairs`."""
        self.first_use = np.full(len(concepts.ids), NEVER)
        """The first question that uses each concept, as questions are counted from 0."""
        self.first_pair = np.full(len(concepts.edges), NEVER)
        """The first question that uses both ends of each edge; filled by `chosen_pairs`."""
        self._by_slice = np.zeros((1 + len(KINDS), 0), np.int64)

    def add(self, uses: Uses, before: int, slices: Integers, flags: NDArray[np.bool_]) -> None:
        """Count a batch that comes after `before` questions; `slices`, shape (rows,), are those of its rows.

        `flags`, shape (columns, uses), says of every use which of `USED_IN_COUNTS` after the first it counts for.
        """
        rows, concepts = uses
        if len(slices) and slices.max() >> self._pair_slice_bits:
            raise InputError(
                f"the questions have more than {1 << self._pair_slice_bits:,} runs and levels, too many for a graph of "
                f"{len(self._graph.ids):,} concepts; ask for fewer runs"
            )
        self.by_concept += np.bincount(concepts, minlength=len(self.by_concept))
        np.minimum.at(self.first_use, concepts, before + rows)
        self._count_slices(uses, slices)
        values = np.concatenate((np.ones((1, len(rows)), np.int64), flags.astype(np.int64)))
        self._used_in.add(*joined(concepts << self._pair_slice_bits | slices[rows], values, _USED_IN))
        for lower, higher in _pairs(rows):
            pairs = self._graph.pair(concepts[lower], concepts[higher])
            keys = pairs << self._pair_slice_bits | slices[rows[lower]]
            self._used_with.add(keys, np.stack((np.ones_like(keys), before + rows[lower])))

    def slices(self) -> tuple[Integers, Integers]:
        """The slices that use any concept, shape (n,), and their questions: all, then by kind, shape (4, n)."""
        there = np.flatnonzero(self._by_slice[0])
        return there, self._by_slice[:, there]

    def used_in(self) -> Iterator[tuple[Integers, Integers, Integers]]:
        """Blocks of concepts, slices, and `USED_IN_COUNTS`, shape (columns, n)."""
        for keys, sums in self._used_in.blocks():
            yield keys >> self._pair_slice_bits, self._slice_of(keys), sums

    def chosen_pairs(self, others: int) -> Integers:
        """The `others` pairs that are no edge and most questions use, of equals the first by id; ascending."""
        best, most = np.empty(0, np.int64), np.empty(0, np.int64)
        for keys, (questions, firsts) in self._used_with.blocks(self._pair_slice_bits):
            pairs = keys >> self._pair_slice_bits
            starts = np.flatnonzero(np.concatenate(([True], pairs[1:] != pairs[:-1])))
            pairs, totals = pairs[starts], np.add.reduceat(questions, starts)
            edges = self._graph.edge_of(pairs)
            known = edges >= 0
            self.by_edge[edges[known]] = totals[known]
            self.first_pair[edges[known]] = np.minimum.reduceat(firsts, starts)[known]
            best = np.concatenate((best, pairs[~known]))
            most = np.concatenate((most, totals[~known]))
            if len(most) > others:
                order = np.lexsort((best, -most))[:others]
                best, most = best[order], most[order]
        return np.sort(best)

    def used_with(
        self, others: Integers, slices: Slices
    ) -> Iterator[tuple[Integers, Integers, Integers, Integers, Integers]]:
        """Blocks of lower and higher concepts, slices, seeds, and `USED_WITH_COUNTS`, shape (4, n).

        Of edges and of the `others`.
        """
        weights = np.append(self._graph.weights, 0)  # of no edge, which is -1
        runs, levels, rank = _codes(slices.runs), _codes(slices.levels), slices.rank
        for keys, (sums, _) in self._used_with.blocks(self._pair_slice_bits):
            pairs = keys >> self._pair_slice_bits
            edges = self._graph.edge_of(pairs)
            kept = (edges >= 0) | (places_in(others, pairs) >= 0)
            pairs, at, questions = pairs[kept], self._slice_of(keys[kept]), sums[kept]
            groups = (runs[at], levels[at], np.zeros_like(at))
            totals = [_told_once(pairs, group, rank[at], questions) for group in groups]
            yield *self._graph.ends(pairs), at, weights[edges[kept]], np.stack([questions, *totals])

    def _count_slices(self, uses: Uses, slices: Integers) -> None:
        missing = int(slices.max(initial=-1)) + 1 - self._by_slice.shape[1]
        self._by_slice = np.pad(self._by_slice, ((0, 0), (0, max(0, missing))))
        kinds = self._graph.kinds[uses.concepts]
        for line, used in enumerate((uses.rows, *(uses.rows[kinds == kind] for kind in range(len(KINDS))))):
            self._by_slice[line] += np.bincount(slices[np.unique(used)], minlength=self._by_slice.shape[1])

    def _slice_of(self, keys: Integers) -> Integers:
        return keys & ((1 << self._pair_slice_bits) - 1)


def _codes(names: pa.Array) -> Integers:
    """Equal names as equal integers from 0."""
    codes: Integers = names.dictionary_encode().indices.to_numpy().astype(np.int64)
    return codes


def _told_once(pairs: Integers, groups: Integers, ranks: Integers, questions: Integers) -> Integers:
    """The sum over all rows of one pair and group, at that of the lowest rank; 0 at the others."""
    order = np.lexsort((ranks, groups, pairs))
    pairs, groups = pairs[order], groups[order]
    new = (pairs[1:] != pairs[:-1]) | (groups[1:] != groups[:-1])
    starts = np.flatnonzero(np.concatenate((np.ones(min(1, len(order)), bool), new)))
    told = np.zeros_like(questions)
    if len(starts):
        told[order[starts]] = np.add.reduceat(questions[order], starts)
    return told


def found(uses: Uses, others: Uses, rows: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Of every use of a batch of so many rows: whether its row has any of the `others`, and this concept among them."""
    has_any = np.bincount(others.rows, minlength=rows)[uses.rows] > 0
    width = 1 + int(max(uses.concepts.max(initial=0), others.concepts.max(initial=0)))
    own, other = (each.rows * width + each.concepts for each in (uses, others))  # both ascending, as the uses are
    return has_any, places_in(other, own) >= 0


def _pairs(rows: Integers) -> Iterator[tuple[Integers, Integers]]:
    """The places of all two uses of one row, the first before the second: first those side by side, then one apart."""
    lower = np.arange(len(rows))
    apart = 1
    while len(lower := lower[lower + apart < len(rows)]):
        lower = lower[rows[lower] == rows[lower + apart]]
        yield lower, lower + apart
        apart += 1


def places_in(ascending: Integers, wanted: Integers) -> Integers:
    """Where each of `wanted` stands in `ascending`; -1 where it does not."""
    at = np.searchsorted(ascending, wanted)
    there = at < len(ascending)
    there[there] = ascending[at[there]] == wanted[there]
    return np.where(there, at, -1)
