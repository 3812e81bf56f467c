"""Pairs of names that embeddings find near, exactly: every pair at or over the threshold, and no other.

One block of similarities is held at a time, 64 MiB; time grows with the square of the names.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from engine.progress import meter

_CELLS = 1 << 24
_BLOCK_ROWS = 64
_METER_FROM = 20_000
SCORE_DIGITS = 5
"""Similarities are rounded, so that the last bits of a machine's arithmetic decide nothing."""


def similar_pairs(vectors: NDArray[np.float32], threshold: float) -> Iterator[tuple[int, int, float]]:
    """Pairs (i, j, cosine) with i < j and a cosine of at least `threshold`, in order of i and j."""
    if not vectors.any():
        return  # an embedder that knows no name
    n = len(vectors)
    rows_a_block = max(_BLOCK_ROWS, _CELLS // max(n, 1))
    with meter("comparing names", n, quiet=n < _METER_FROM) as progress:
        for start in range(0, n, rows_a_block):
            stop = min(start + rows_a_block, n)
            block = vectors[start:stop] @ vectors[start:].T  # (block, n - start)
            rows, columns = np.nonzero(block >= threshold - 0.5 * 10**-SCORE_DIGITS)
            above = columns > rows
            rows, columns = rows[above], columns[above]
            scores = np.round(block[rows, columns].astype(float), SCORE_DIGITS)
            near = scores >= threshold
            yield from zip(
                (rows[near] + start).tolist(), (columns[near] + start).tolist(), scores[near].tolist(), strict=True
            )
            progress.update(stop)
