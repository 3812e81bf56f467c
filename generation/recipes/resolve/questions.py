"""The items of a re-solving run: the accepted questions of another run with their answers, read as they are needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.books import read_books
from engine.errors import InputError
from engine.run import read_spec
from engine.workspace import Workspace
from generation.first_accepted import FirstAccepted
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
    rows = FirstAccepted(run, books.accepted)
    return {"kind": KIND, "run": run.name, "run_id": spec.id, "size": len(rows), "hash": rows.hash}


class AnsweredItems:
    """The first accepted questions of a run. Item i is the i-th of them, whatever the run is extended to."""

    def __init__(self, rows: FirstAccepted, run_id: str) -> None:
        self._rows = rows
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
        rows = FirstAccepted.described(run, described)
        if rows is None:
            raise InputError(
                f"run {run.name} does not hold the questions that it did when they began to be solved again; put its "
                f"folder back from a copy, or begin anew: skillweave dataset resolve {run.name}"
            )
        return cls(rows, described["run_id"])

    @property
    def size(self) -> int | None:
        """How many questions there are."""
        return len(self._rows)

    def take(self, indices: NDArray[np.int64]) -> Sequence[Answered]:
        """The questions at `indices` (shape (n,), rising), a sealed file at a time."""
        rows = self._rows.read(indices, ("id", "question", "answer"))
        return [Answered(row["id"], self._rows.run.name, row["question"], row["answer"]) for row in rows]

    def identities(self, start: int, stop: int) -> NDArray[np.uint64]:
        """Shape (stop - start,): a number for each place in that run, so that none is a repeat."""
        return streams(self._key, np.arange(start, stop, dtype=np.int64))

    def describe(self, item: Answered) -> Mapping[str, Any]:
        """The question's id, run, text and answer."""
        return {"question_id": item.id, "run": item.run, "question": item.question, "answer": item.answer}
