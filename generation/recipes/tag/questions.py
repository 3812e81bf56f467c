"""The items of a tagging run: the accepted questions of another run, in their order, read as they are needed."""

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
from generation.recipes.tag.names import describe_names, open_names
from graph.merging.resolving import NameResolver
from graph.sampling.rand import hash64, streams
from graph.snapshot import Snapshot

KIND = "questions"


@dataclass(frozen=True, slots=True)
class Question:
    """A question to tag: its text, without solution, and without what was asked for."""

    id: str
    """Of its row."""
    run: str
    """The name of the run that made it."""
    text: str
    names: NameResolver
    """Finds the concepts of the graph that it was made from."""


def describe_questions(workspace: Workspace, run: Path, threshold: float | None = None) -> dict[str, Any]:
    """The `items` of run.json for tagging a run: the run, its accepted rows by content hash, its graph, the names.

    Raises InputError where the run's accepted rows may still change, where there are none, where they are no questions
    of a graph, or where the graph has neither topics nor knowledge points, which are all that the prompt asks for.
    """
    spec, books = read_spec(run), read_books(run)
    if "graph" not in spec.items or spec.items["kind"] == KIND:
        raise InputError(
            f"run {run.name} (recipe {spec.recipe}) holds no questions made from a graph; see which do: skillweave runs"
        )
    if books.state not in ("complete", "exhausted"):
        raise InputError(
            f"run {run.name} is {books.state}, so which of its rows are accepted is not decided yet; "
            f"go on with it: skillweave resume {run.name}"
        )
    if not books.accepted:
        raise InputError(f"run {run.name} has no accepted rows; see why: skillweave show {run.name} --rejected")
    snapshot = Snapshot.open(workspace.graphs / spec.items["graph"])
    if not {"topic", "knowledge_point"} & set(snapshot.nodes["kind"].to_pylist()):
        raise InputError(
            f"the graph {snapshot.fingerprint} has skills only, and tagging names topics and knowledge points; "
            "build one of topics and knowledge points: skillweave graph build SEEDS"
        )
    rows = FirstAccepted(run, books.accepted)
    return {
        "kind": KIND,
        "run": run.name,
        "run_id": spec.id,
        "graph": snapshot.fingerprint,
        "size": len(rows),
        "hash": rows.hash,
        "names": describe_names(snapshot, threshold),
    }


class QuestionItems:
    """The first accepted questions of a run. Item i is the i-th of them, whatever the run is extended to."""

    def __init__(self, rows: FirstAccepted, run_id: str, names: NameResolver) -> None:
        self._rows, self._names = rows, names
        self._key = hash64(f"questions of {run_id}")

    @classmethod
    def open(cls, described: Mapping[str, Any], workspace: Path) -> QuestionItems:
        """Open what `describe_questions` described. Raises InputError where an input is missing or changed."""
        if described.get("kind") != KIND:
            raise InputError(
                f"tagging works on the questions of a run, not on {described.get('kind')!r}; begin one with: "
                "skillweave tag RUN"
            )
        place = Workspace(workspace)
        run = place.runs / described["run"]
        rows = FirstAccepted.described(run, described)
        if rows is None:
            raise InputError(
                f"run {run.name} does not hold the questions that it did when its tagging began; put its folder back "
                f"from a copy, or begin another: skillweave tag {run.name}"
            )
        snapshot = Snapshot.open(place.graphs / described["graph"])
        advice = f"begin another, which takes the replies of this one: skillweave tag {run.name}"
        return cls(rows, described["run_id"], open_names(described["names"], snapshot, advice))

    @property
    def size(self) -> int | None:
        """How many questions there are."""
        return len(self._rows)

    def take(self, indices: NDArray[np.int64]) -> Sequence[Question]:
        """The questions at `indices` (shape (n,), rising), a sealed file at a time."""
        rows = self._rows.read(indices, ("id", "question"))
        return [Question(row["id"], self._rows.run.name, row["question"], self._names) for row in rows]

    def identities(self, start: int, stop: int) -> NDArray[np.uint64]:
        """Shape (stop - start,): a number for each place in that run, so that none is a repeat.

        The same place of the same run has the same one in every tagging of it, however far it was extended.
        """
        return streams(self._key, np.arange(start, stop, dtype=np.int64))

    def describe(self, item: Question) -> Mapping[str, Any]:
        """The question's id, run and text."""
        return {"question_id": item.id, "run": item.run, "question": item.text}
