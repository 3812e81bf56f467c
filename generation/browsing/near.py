"""What is near a question: other questions of the runs, and seeds, side by side with it.

Of questions those are compared that `skillweave dataset check` finds alike by their sketches (word 3-grams, see
`generation.quality.minhash`: of two with a Jaccard index of 0.5 half are found, of 0.8 all but one in 2,500), and those
that were asked for most of the same concepts. Of seeds all are compared. What was searched is told. The nearest are
those of the highest cosine of embeddings; of equals the higher Jaccard index of word 3-grams comes first.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import repeat
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from generation.browsing.database import ask
from generation.browsing.filtering import Filter, Key
from generation.browsing.indexing import index_of
from generation.browsing.opened import OpenedRun
from generation.browsing.origin import seeds_of
from generation.browsing.paging import LISTED, described
from generation.browsing.selecting import Selection
from generation.quality.duplicates import Duplicates, DuplicateSettings
from generation.quality.minhash import jaccard, sketch_of
from generation.quality.words import words_of
from generation.verdict_store import CheckFolder, shard_name
from graph.embedding import Embedder
from graph.extraction import question_text
from graph.seed import Seed

_BY_CONCEPTS, _BY_SKETCH = 100, 200
"""Questions at most that are compared for either reason."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A question, or a seed, that is near."""

    row: Mapping[str, Any]
    """Of a question its row, as a list has it; empty of a seed."""
    seed: Seed | None
    text: str
    cosine: float
    """Of the embeddings."""
    jaccard: float
    """Of the word 3-grams."""
    shared: int
    """Concepts that were asked of both; 0 of a seed."""


@dataclass(frozen=True, slots=True)
class Nearest:
    """The nearest of both kinds."""

    questions: tuple[Neighbour, ...]
    seeds: tuple[Neighbour, ...]
    sketched: int
    """Questions whose sketches were searched: those that `skillweave dataset check` has seen."""
    of: int
    """Accepted questions there are."""
    by_concepts: int
    """Questions that were compared because they share concepts."""
    all_seeds: int

    def searched(self) -> str:
        """What was searched, in a sentence."""
        sketches = (
            f"the word sketches of {self.sketched:,} of {self.of:,} questions"
            if self.sketched
            else f"no word sketch of the {self.of:,} questions (skillweave dataset check makes them)"
        )
        return (
            f"searched: {sketches}, the {self.by_concepts:,} questions that share most concepts with it, and all "
            f"{self.all_seeds:,} seeds of its run"
        )


def neighbours(
    runs: Sequence[OpenedRun], run: OpenedRun, row: Mapping[str, Any], embedder: Embedder, *, most: int = 6
) -> Nearest:
    """What is near an accepted question of `run`, among all accepted questions of `runs` and the seeds of its run."""
    sketch = sketch_of(words_of([row["question"]]))
    alike, sketched = _by_sketch(runs, sketch.bands[:, 0], row)
    sharing = _by_concepts(runs, row.get("asked") or [], row)
    compared = _rows(runs, {*alike, *sharing})
    questions = _ranked(
        row["question"],
        [Neighbour(other, None, other["question"], 0, 0, sharing.get(_key(other), 0)) for other in compared],
        embedder.encode([row["question"]])[0],
        embedder.encode([other["question"] for other in compared]),
    )
    seeds, as_key = list(seeds_of(run).values()), cast("Hashable", embedder)
    texts = [question_text(seed) for seed in seeds]
    nearest_seeds = _ranked(
        row["question"],
        [Neighbour({}, seed, text, 0, 0, 0) for seed, text in zip(seeds, texts, strict=True)],
        embedder.encode([row["question"]])[0],
        _vectors(as_key, tuple(texts)),
        most,
    )
    total = sum(part.rows for each in runs for part in each.accepted)
    return Nearest(questions[:most], nearest_seeds[:most], sketched, total, len(sharing), len(seeds))


@lru_cache(4)
def _vectors(embedder: Any, texts: tuple[str, ...]) -> NDArray[np.float32]:
    vectors: NDArray[np.float32] = embedder.encode(texts)
    return vectors


def _ranked(
    text: str, found: Sequence[Neighbour], mine: NDArray[np.float32], theirs: NDArray[np.float32], most: int = 1 << 20
) -> tuple[Neighbour, ...]:
    """The nearest first, with their scores; exact Jaccard indices only of those that may be among the first `most`."""
    cosines = theirs @ mine if len(found) else np.empty(0, np.float32)
    best = np.argsort(-cosines, kind="stable")[: 4 * most].tolist()
    sketch = sketch_of(words_of([text, *(found[place].text for place in best)]))
    grams = [sketch.grams[sketch.ends[at] : sketch.ends[at + 1]] for at in range(len(best) + 1)]
    scored = [
        Neighbour(each.row, each.seed, each.text, float(cosines[place]), jaccard(grams[0], grams[at]), each.shared)
        for at, place in enumerate(best, 1)
        for each in [found[place]]
    ]
    return tuple(sorted(scored, key=lambda each: (-round(each.cosine, 4), -each.jaccard)))


def _key(row: Mapping[str, Any]) -> Key:
    return Key(row["run"], row["index"])


def _by_sketch(runs: Sequence[OpenedRun], bands: NDArray[np.uint64], row: Mapping[str, Any]) -> tuple[list[Key], int]:
    """The questions that share most bands with these, and how many were looked at."""
    found: list[tuple[int, str, int]] = []
    looked = 0
    for run in runs:
        identity = Duplicates(DuplicateSettings()).identity()
        folder = CheckFolder.of(run.workspace, "duplicates", identity)
        for part in run.accepted:
            name = shard_name(part.seal)
            if not folder.has(name, "sketch"):
                continue
            arrays = folder.sketch(name)
            looked += part.rows
            shared = (arrays["bands"][:, : part.rows] == bands[:, None]).sum(axis=0)
            some = np.flatnonzero(shared)
            found += zip((-shared[some]).tolist(), repeat(run.name), arrays["index"][some].tolist(), strict=False)
    keys = [Key(name, index) for _, name, index in sorted(found)]
    return [key for key in keys if key != _key(row)][:_BY_SKETCH], looked


def _by_concepts(runs: Sequence[OpenedRun], asked: Sequence[str], row: Mapping[str, Any]) -> dict[Key, int]:
    """The questions that were asked for most of these concepts, and for how many of them."""
    found: list[tuple[int, str, int]] = []
    for run in runs:
        if not asked or not run.accepted:
            continue
        text = """SELECT index, count(*) AS shared FROM read_parquet(?)
                  WHERE concept IN (SELECT unnest(?)) AND NOT rejected AND index < ?
                  GROUP BY index ORDER BY shared DESC, index LIMIT ?"""
        values = [index_of(run).uses, list(asked), run.stop, _BY_CONCEPTS + 1]
        found += [(-each["shared"], run.name, each["index"]) for each in ask(text, values).to_pylist()]
    best = [(Key(name, index), -shared) for shared, name, index in sorted(found)]
    return dict([each for each in best if each[0] != _key(row)][:_BY_CONCEPTS])


def _rows(runs: Sequence[OpenedRun], keys: Iterable[Key]) -> list[Mapping[str, Any]]:
    wanted: dict[str, list[int]] = {}
    for key in keys:
        wanted.setdefault(key.run, []).append(key.index)
    rows: list[Mapping[str, Any]] = []
    for run in runs:
        table = Selection(run, Filter()).at(sorted(wanted.get(run.name, ())), LISTED)
        rows += described(run, table) if table is not None else []
    return rows
