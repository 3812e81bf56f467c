"""How coverage grew: what the first n questions touch, in the order in which the questions were made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.errors import InputError
from graph.snapshot import Snapshot
from graph.stores import QUESTION_SCHEMA, Questions
from graph.stores.schema import BASES

_STEPS_A_DECADE = 12
_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Growth:
    """The curve at some numbers of questions, few of them near the beginning and all of them last."""

    questions: list[int]
    """How many of the first questions are looked at; 0 is not among them. Empty where there are no questions."""
    concepts: list[int]
    """Different concepts of the graph that these use."""
    pairs: list[int]
    """Different pairs of the seeds that one of these uses both of."""


def growth(snapshot: Snapshot, questions: Questions, basis: str = "asked") -> Growth:
    """Follow the questions in the order in which they are read; memory does not grow with them.

    `basis` is asked, claimed or tagged; questions without a concept on it count as questions. Raises InputError for
    another basis.
    """
    if basis not in BASES:
        raise InputError(
            f"{basis!r} is no basis; take one of {', '.join(BASES)}: skillweave graph report --basis asked"
        )
    place = {concept: number for number, concept in enumerate(snapshot.nodes["id"].to_pylist())}
    resolver = snapshot.resolver()
    old, now = pa.array(list(resolver), pa.string()), np.array([place[node] for node in resolver.values()], np.int64)
    ids = snapshot.nodes["id"].combine_chunks()
    source, target = (pc.index_in(snapshot.edges[end], ids).to_numpy().astype(np.int64) for end in ("source", "target"))
    edges = source * len(ids) + target  # sorted, as edges are by source and target
    first_use, first_pair = (np.full(size, _NEVER, np.int64) for size in (len(ids), len(edges)))
    seen = 0
    for table in questions.tables():
        for batch in (
            table.select(["id", basis]).cast(pa.schema([QUESTION_SCHEMA.field(n) for n in ("id", basis)])).to_batches()
        ):
            used = pc.index_in(pc.list_flatten(batch[basis]), old)
            known = pc.is_valid(used).to_numpy(zero_copy_only=False)
            question = pc.list_parent_indices(batch[basis]).to_numpy()[known].astype(np.int64) + seen
            concept = now[pc.fill_null(used, 0).to_numpy()[known]]
            np.minimum.at(first_use, concept, question)
            _follow_pairs(question, concept, edges, len(ids), first_pair)
            seen += batch.num_rows
    if not seen:
        return Growth([], [], [])
    steps = np.unique(np.append(10 ** (np.arange(int(np.log10(seen) * _STEPS_A_DECADE) + 1) / _STEPS_A_DECADE), seen))
    steps = np.unique(np.round(steps).astype(np.int64))
    counts = (np.searchsorted(np.sort(first), steps, side="left") for first in (first_use, first_pair))
    return Growth(steps.tolist(), *(count.tolist() for count in counts))


def _follow_pairs(
    question: NDArray[np.int64],
    concept: NDArray[np.int64],
    edges: NDArray[np.int64],
    nodes: int,
    first_pair: NDArray[np.int64],
) -> None:
    """Note for each edge the first question that uses both its ends; `first_pair` is changed in place."""
    if not len(edges):
        return
    order = np.lexsort((concept, question))
    question, concept = question[order], concept[order]
    # In this order the concepts of a question stand together, sorted: each pair of them is `gap` apart for one gap.
    for gap in range(1, len(question)):
        together = question[gap:] == question[:-gap]
        if not together.any():
            break
        pairs = concept[:-gap][together] * nodes + concept[gap:][together]
        at = np.searchsorted(edges, pairs).clip(max=len(edges) - 1)
        found = edges[at] == pairs
        np.minimum.at(first_pair, at[found], question[gap:][together][found])
