"""The items of a tagging run: the accepted questions of another run, in their order, read as they are needed."""

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
    return {
        "kind": KIND,
        "run": run.name,
        "run_id": spec.id,
        "graph": snapshot.fingerprint,
        "size": books.accepted,
        "hash": _rows_hash(_first(accepted_parts(run), books.accepted)),
        "names": describe_names(snapshot, threshold),
    }


class QuestionItems:
    """The first accepted questions of a run. Item i is the i-th of them, whatever the run is extended to."""

    def __init__(self, run: Path, run_id: str, parts: Sequence[Part], names: NameResolver) -> None:
        self._run, self._parts, self._names = run, parts, names
        self._starts = np.cumsum([0, *(part.rows for part in parts)])
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
        parts = _first(accepted_parts(run), described["size"]) if read_spec(run).id == described["run_id"] else []
        if _rows_hash(parts) != described["hash"]:
            raise InputError(
                f"run {run.name} does not hold the questions that it did when its tagging began; put its folder back "
                f"from a copy, or begin another: skillweave tag {run.name}"
            )
        snapshot = Snapshot.open(place.graphs / described["graph"])
        advice = f"begin another, which takes the replies of this one: skillweave tag {run.name}"
        return cls(run, described["run_id"], parts, open_names(described["names"], snapshot, advice))

    @property
    def size(self) -> int | None:
        """How many questions there are."""
        return int(self._starts[-1])

    def take(self, indices: NDArray[np.int64]) -> Sequence[Question]:
        """The questions at `indices` (shape (n,), rising), a sealed file at a time."""
        found: list[Question] = []
        for part, start, stop in zip(self._parts, self._starts[:-1], self._starts[1:], strict=True):
            first, last = np.searchsorted(indices, (start, stop))
            if first == last:
                continue
            table = pq.read_table(sealed_file(self._run, part.seal, "rows"), columns=["id", "question"])
            table = table.take(indices[first:last] - start)
            for row_id, text in zip(*(column.to_pylist() for column in table.columns), strict=True):
                found.append(Question(row_id, self._run.name, text, self._names))
        return found

    def identities(self, start: int, stop: int) -> NDArray[np.uint64]:
        """Shape (stop - start,): a number for each place in that run, so that none is a repeat.

        The same place of the same run has the same one in every tagging of it, however far it was extended.
        """
        return streams(self._key, np.arange(start, stop, dtype=np.int64))

    def describe(self, item: Question) -> Mapping[str, Any]:
        """The question's id, run and text."""
        return {"question_id": item.id, "run": item.run, "question": item.text}


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
