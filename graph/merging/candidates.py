"""Pairs of names that embeddings find near: every pair at or over the threshold, and no other.

Up to `EXACT_UP_TO` names all pairs are compared, a block of similarities at a time, 64 MiB; time grows with the square
of the names. Above that an inverted file of faiss (the extra `faiss`) finds the candidates: each name is compared with
those of the nearest cells alone, and what it finds is scored again exactly, so a pair may be missed, but none is wrong.
docs/merging.md gives the share that is found. Both ways give the same answer every time.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError
from engine.progress import meter

EXACT_UP_TO = 150_000
"""Names; some two minutes of one core, and memory for nothing but the vectors and one block."""
SCORE_DIGITS = 5
"""Similarities are rounded, so that the last bits of a machine's arithmetic decide nothing."""
_CELLS = 1 << 24
_BLOCK_ROWS = 64
_METER_FROM = 20_000
_PROBES = 16
"""Cells that are looked through for a name."""
_NAMES_A_LEARNT_CELL = 64
_SEED = 1234
_ASKED_AT_ONCE = 4_096
_SLACK = 1e-4
"""By how much faiss's own arithmetic may be lower than ours."""


def similar_pairs(
    vectors: NDArray[np.float32], threshold: float, exact_up_to: int = EXACT_UP_TO
) -> Iterator[tuple[int, int, float]]:
    """Pairs (i, j, cosine) with i < j and a cosine of at least `threshold`, in order of i and j.

    `vectors` is (names, dimension), of length 1 or zero. Raises InputError where there are more than `exact_up_to`
    names and faiss is not installed.
    """
    if not vectors.any():
        return  # an embedder that knows no name, however many there are
    n = len(vectors)
    blocks = _all_blocks(vectors, threshold) if n <= exact_up_to else _near_blocks(vectors, threshold)
    with meter("comparing names", n, quiet=n < _METER_FROM) as progress:
        for stop, rows, columns, cosines in blocks:
            scores = np.round(cosines.astype(float), SCORE_DIGITS)
            near = scores >= threshold
            yield from zip(rows[near].tolist(), columns[near].tolist(), scores[near].tolist(), strict=True)
            progress.update(stop)


_Block = tuple[int, NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]
"""Names done, then i, j and cosine of pairs near the threshold or over it, i < j, in order."""


def _all_blocks(vectors: NDArray[np.float32], threshold: float) -> Iterator[_Block]:
    n = len(vectors)
    rows_a_block = max(_BLOCK_ROWS, _CELLS // max(n, 1))
    for start in range(0, n, rows_a_block):
        stop = min(start + rows_a_block, n)
        block = vectors[start:stop] @ vectors[start:].T  # (block, n - start)
        rows, columns = np.nonzero(block >= threshold - 0.5 * 10**-SCORE_DIGITS)
        above = columns > rows
        rows, columns = rows[above], columns[above]
        yield stop, rows + start, columns + start, block[rows, columns]


def _near_blocks(vectors: NDArray[np.float32], threshold: float) -> Iterator[_Block]:
    """By an inverted file: made by one thread from a fixed seed, asked in order, its finds sorted and scored again."""
    n = len(vectors)
    if find_spec("faiss") is None:
        raise InputError(
            f"{n:,} names are too many to compare each with each; install faiss, which finds the near ones: "
            "pip install 'skillweave[faiss]'"
        )
    index = _inverted_file(np.ascontiguousarray(vectors, np.float32))
    for start in range(0, n, _ASKED_AT_ONCE):
        stop = min(start + _ASKED_AT_ONCE, n)
        ends, _, found = index.range_search(vectors[start:stop], threshold - _SLACK)
        rows = np.repeat(np.arange(start, stop, dtype=np.int64), np.diff(ends.astype(np.int64)))
        columns = found.astype(np.int64)
        above = columns > rows
        rows, columns = rows[above], columns[above]
        order = np.lexsort((columns, rows))
        rows, columns = rows[order], columns[order]
        yield stop, rows, columns, np.einsum("ij,ij->i", vectors[rows], vectors[columns])


def _inverted_file(vectors: NDArray[np.float32]) -> Any:
    import faiss

    n, dimension = vectors.shape
    cells = max(1, int(np.sqrt(n)))
    index = faiss.IndexIVFFlat(faiss.IndexFlatIP(dimension), dimension, cells, faiss.METRIC_INNER_PRODUCT)
    index.cp.seed = _SEED
    index.cp.max_points_per_centroid = _NAMES_A_LEARNT_CELL
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        index.train(vectors)
        index.add(vectors)
    finally:
        faiss.omp_set_num_threads(threads)
    index.nprobe = min(_PROBES, cells)
    return index
