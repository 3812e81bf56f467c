"""The items of a re-solving run: the accepted questions of another run with their answers, read as they are needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from engine.books import read_books
from engine.call import content_hash
from engine.errors import InputError
from engine.rows import Part, accepted_parts, sealed_file
from engine.run import read_spec
from engine.workspace import Workspace
from graph.sampling.rand import hash64, streams

KIND = "answered questions"


@dataclass(frozen=True, slots=True)
class Answered:
    """A question to solve again, and the answer that was given to it, which the solver does not see."""

    id: str
    run: str
    question: str
    answer: str


def describe_answered(run: Path) -> dict[str, Any]:
    """The `items` of run.json: the run, and its accepted rows by content hash.

    Raises InputError where the run's accepted rows may still change, or where it has no questions with answers.
    """
    spec, books = read_spec(run), read_books(run)
    if "graph" not in spec.items or "kind" not in spec.items or spec.items["kind"] != "walks":
        raise InputError(
            f"run {run.name} (recipe {spec.recipe}) holds no questions with answers; see which do: skillweave runs"
        )
    if books.state not in ("complete", "exhausted") or not books.accepted:
        raise InputError(
            f"run {run.name} is {books.state} with {books.accepted:,} accepted rows, and only a run that has all of "
            f"its rows is solved again; go on with it: skillweave resume {run.name}"
        )
    parts = _first(accepted_parts(run), books.accepted)
    return {"kind": KIND, "run": run.name, "run_id": spec.id, "size": books.accepted, "hash": _rows_hash(parts)}


class AnsweredItems:
    """The first accepted questions of a run. Item i is the i-th of them, whatever the run is extended to."""

    def __init__(self, run: Path, run_id: str, parts: Sequence[Part]) -> None:
        self._run, self._parts = run, parts
        self._starts = np.cumsum([0, *(part.rows for part in parts)])
        self._key = hash64(f"answered questions of {run_id}")

    @classmethod
    def open(cls, described: Mapping[str, Any], workspace: Path) -> AnsweredItems:
        """Open what `describe_answered` described. Raises InputError where the run is gone or changed."""
        if described.get("kind") != KIND:
            raise InputError(
                f"re-solving works on the questions of a run, not on {described.get('kind')!r}; begin one with: "
                "skillweave dataset resolve RUN"
            )
        run = Workspace(workspace).runs / described["run"]
        parts = _first(accepted_parts(run), described["size"]) if read_spec(run).id == described["run_id"] else []
        if _rows_hash(parts) != described["hash"]:
            raise InputError(
                f"run {run.name} does not hold the questions that it did when they began to be solved again; put its "
                f"folder back from a copy, or begin anew: skillweave dataset resolve {run.name}"
            )
        return cls(run, described["run_id"], parts)

    @property
    def size(self) -> int | None:
        """How many questions there are."""
        return int(self._starts[-1])

    def take(self, indices: NDArray[np.int64]) -> Sequence[Answered]:
        """The questions at `indices` (shape (n,), rising), a sealed file at a time."""
        found: list[Answered] = []
        for part, start, stop in zip(self._parts, self._starts[:-1], self._starts[1:], strict=True):
            first, last = np.searchsorted(indices, (start, stop))
            if first < last:
                table = pq.read_table(sealed_file(self._run, part.seal, "rows"), columns=["id", "question", "answer"])
                rows = table.take(indices[first:last] - start).to_pylist()
                found += [Answered(row["id"], self._run.name, row["question"], row["answer"]) for row in rows]
        return found

    def identities(self, start: int, stop: int) -> NDArray[np.uint64]:
        """Shape (stop - start,): a number for each place in that run, so that none is a repeat."""
        return streams(self._key, np.arange(start, stop, dtype=np.int64))

    def describe(self, item: Answered) -> Mapping[str, Any]:
        """The question's id, run, text and answer."""
        return {"question_id": item.id, "run": item.run, "question": item.question, "answer": item.answer}


def _first(parts: Sequence[Part], rows: int) -> list[Part]:
    """The parts that hold the first `rows` accepted rows, the last one cut to size."""
    found: list[Part] = []
    for part in parts:
        if rows > 0:
            found.append(Part(part.seal, min(part.rows, rows)))
        rows -= part.rows
    return found


def _rows_hash(parts: Sequence[Part]) -> str:
    return content_hash([[part.seal.files["rows"].hash, part.rows] for part in parts])
