"""The level of a question whose composition asks for none: that at which the seeds mention its concepts most.

For each concept that is asked of the question, and each level, the seeds of that level that mention the concept are
counted; the level with the highest sum over these concepts is the question's. Seeds without a level count for none. Of
equal sums the lower level wins: those of `graph.seed.LEVELS` in their order, then others by the alphabet. Where no sum
is above zero the level is not known, and is the empty text.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from graph.seed import LEVELS
from graph.snapshot import Snapshot


class SeedLevels:
    """How many seeds of each level mention each concept."""

    def __init__(self, snapshot: Snapshot) -> None:
        given = snapshot.seeds["level"].unique().drop_null().to_pylist()
        self.names: list[str] = [*LEVELS, *sorted(level for level in given if level and level not in LEVELS)]
        seeds = pc.index_in(snapshot.mentions["seed_id"], snapshot.seeds["id"].combine_chunks())
        levels = pc.index_in(snapshot.seeds["level"], pa.array(self.names)).take(seeds).fill_null(-1)
        concepts = pc.index_in(snapshot.mentions["concept_id"], snapshot.nodes["id"].combine_chunks())
        # A seed may mention a concept under several names, and counts once: the rows are (seed, concept, level).
        columns = (seeds.fill_null(-1), concepts, levels)
        mentions = np.unique(np.stack([c.to_numpy().astype(np.int64) for c in columns]), axis=1)
        _, concept, level = mentions[:, mentions[2] >= 0]
        size = snapshot.nodes.num_rows
        counts = np.bincount(level * size + concept, minlength=len(self.names) * size)
        self.counts = counts.reshape(len(self.names), size)

    def of(self, rows: NDArray[np.int64], concepts: NDArray[np.int64], count: int) -> pa.Array:
        """The levels of `count` questions, of which `rows[i]` is asked for the concept `concepts[i]`, each once."""
        sums = np.stack([np.bincount(rows, weights=seeds[concepts], minlength=count) for seeds in self.counts])
        best = sums.argmax(axis=0)  # the first of equals, which is the lowest
        known = sums[best, np.arange(count)] > 0
        return pc.fill_null(pa.array(self.names).take(pa.array(best, mask=~known)), "")
