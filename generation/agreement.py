"""How often what was asked is what was got: a run's questions, the concepts asked beside those tagged and claimed.

A use is a question and a concept it is said to use. Every use that was asked is in one of four lines,

    asked = claimed and tagged + tagged only + claimed only + neither

and so is every concept's: asked = got + missed, where got is tagged. What was tagged without being asked is `unasked`.
Precision is the share of what was named that was asked for, recall the share of what was asked for that was named.
Names that mean no concept of the graph were not asked for either, and count as named.

Only questions that have tags are compared. Memory is one shard's and the graph's.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.errors import InputError
from engine.run import read_spec
from engine.workspace import Workspace
from generation.tagging import Tags, find_tags, read_tagged
from graph.seed import LEVELS
from graph.snapshot import Snapshot

By = Literal["concept", "kind", "level"]


@dataclass(frozen=True, slots=True)
class Line:
    """The uses of a concept, or of all concepts of a kind or a level. asked = tagged + missed."""

    kind: str
    """The concept's kind; empty for a level."""
    name: str
    """The concept's name; else the kind or the level. Empty for the level of concepts whose seeds have none."""
    id: str
    """The concept's id; empty for a kind and a level."""
    asked: int
    claimed: int
    """Of those asked."""
    tagged: int
    """Of those asked: what was got."""
    unasked: int
    """Tagged without being asked."""

    @property
    def missed(self) -> int:
        """Asked and not tagged."""
        return self.asked - self.tagged

    @property
    def recall(self) -> float | None:
        """Of what was asked, the share that was tagged; None where nothing was asked."""
        return _share(self.tagged, self.asked)

    @property
    def precision(self) -> float | None:
        """Of what was tagged, the share that was asked; None where nothing was tagged."""
        return _share(self.tagged, self.tagged + self.unasked)


@dataclass(frozen=True, slots=True)
class Agreement:
    """What was asked of a run's questions beside what was got. accepted = questions + unread + beyond."""

    run: str
    tags: str
    """The name of the tagging run."""
    questions: int
    """Compared: they have tags, if only empty ones."""
    unread: int
    """Left out: the tagging run rejected its reply."""
    beyond: int
    """Left out: accepted after the tagging run was made."""
    claimed_and_tagged: int
    tagged_only: int
    claimed_only: int
    neither: int
    unasked: int
    """Concepts tagged without being asked."""
    tagged_other: int
    """Names tagged that mean no concept of the graph."""
    claimed_other: int
    """Names claimed that were not asked."""
    lines: tuple[Line, ...]
    """By concept, kind or level; the lowest recall first, of equals what was asked most, last what was not asked."""

    @property
    def asked(self) -> int:
        """Uses that were asked."""
        return self.claimed_and_tagged + self.tagged_only + self.claimed_only + self.neither

    @property
    def tagged(self) -> int:
        """Of those asked, the tagged ones."""
        return self.claimed_and_tagged + self.tagged_only

    @property
    def claimed(self) -> int:
        """Of those asked, the claimed ones."""
        return self.claimed_and_tagged + self.claimed_only

    @property
    def tagged_precision(self) -> float | None:
        """Of all that was tagged, names outside the graph included, the share that was asked."""
        return _share(self.tagged, self.tagged + self.unasked + self.tagged_other)

    @property
    def tagged_recall(self) -> float | None:
        """Of all that was asked, the share that was tagged."""
        return _share(self.tagged, self.asked)

    @property
    def claimed_precision(self) -> float | None:
        """Of all that was claimed, the share that was asked."""
        return _share(self.claimed, self.claimed + self.claimed_other)

    @property
    def claimed_recall(self) -> float | None:
        """Of all that was asked, the share that was claimed."""
        return _share(self.claimed, self.asked)

    @property
    def claims_tagged(self) -> float | None:
        """Of all that was claimed, the share that was tagged: how far the text bears out its writer."""
        return _share(self.claimed_and_tagged, self.claimed)


def agreement(workspace: Workspace, run: Path, by: By = "concept", tags: str | None = None) -> Agreement:
    """Compare what was asked of a run's questions with what they were tagged with.

    `tags` names the tagging run, else it is the complete one of most questions. The level of a concept is that of most
    of the seeds that mention it. Raises InputError where the run is not tagged.
    """
    found = find_tags(run, tags)
    if found is None:
        raise InputError(f"run {run.name} has no complete tagging; begin or go on with one: skillweave tag {run.name}")
    snapshot = Snapshot.open(workspace.graphs / read_spec(run).items["graph"])
    counts = _Counts(snapshot)
    for table in read_tagged(run, ["id", "asked", "claimed", "claimed_other"], found):
        counts.add(table)
    return counts.result(run.name, found, _grouped(by, snapshot, counts))


class _Counts:
    """Counts by concept, as arrays in the order of the snapshot's nodes."""

    def __init__(self, snapshot: Snapshot) -> None:
        resolver = snapshot.resolver()
        nodes = snapshot.nodes["id"].combine_chunks()
        self._ids = pa.array(list(resolver), pa.string())
        self._places = pc.index_in(pa.array(list(resolver.values()), pa.string()), nodes).to_numpy()
        self._n = len(nodes)
        self.asked, self.claimed, self.tagged, self.both, self.unasked = np.zeros((5, self._n), np.int64)
        self.questions = self.untagged = self.tagged_other = self.claimed_other = 0

    def add(self, table: pa.Table) -> None:
        """Count the rows of a table that have tags."""
        known = table.filter(pc.is_valid(table["tagged"]))
        self.questions += known.num_rows
        self.untagged += table.num_rows - known.num_rows
        asked, claimed, tagged = (self._uses(known[column]) for column in ("asked", "claimed", "tagged"))
        is_claimed, is_tagged = np.isin(asked, claimed), np.isin(asked, tagged)
        self.asked += self._by_concept(asked)
        self.claimed += self._by_concept(asked[is_claimed])
        self.tagged += self._by_concept(asked[is_tagged])
        self.both += self._by_concept(asked[is_claimed & is_tagged])
        self.unasked += self._by_concept(tagged[~np.isin(tagged, asked)])
        self.tagged_other += _length(known["tagged_other"])
        self.claimed_other += _length(known["claimed_other"])

    def result(self, run: str, tags: Tags, lines: tuple[Line, ...]) -> Agreement:
        """What was counted, with the lines that were made of it."""
        beyond = max(0, self.questions + self.untagged - tags.size)
        asked, claimed, tagged, both = (
            int(counts.sum()) for counts in (self.asked, self.claimed, self.tagged, self.both)
        )
        return Agreement(
            run=run,
            tags=tags.folder.name,
            questions=self.questions,
            unread=self.untagged - beyond,
            beyond=beyond,
            claimed_and_tagged=both,
            tagged_only=tagged - both,
            claimed_only=claimed - both,
            neither=asked - claimed - tagged + both,
            unasked=int(self.unasked.sum()),
            tagged_other=self.tagged_other,
            claimed_other=self.claimed_other,
            lines=lines,
        )

    def _uses(self, column: pa.ChunkedArray) -> NDArray[np.int64]:
        """A number for each distinct (row, concept): row * concepts + concept. Shape (uses,), sorted."""
        lists = column.combine_chunks()
        rows = pc.list_parent_indices(lists).to_numpy(zero_copy_only=False)
        known = pc.index_in(pc.list_flatten(lists), self._ids)
        rows = rows[known.is_valid().to_numpy(zero_copy_only=False)]
        return np.unique(rows * self._n + self._places[known.drop_null().to_numpy()])

    def _by_concept(self, uses: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.bincount(uses % self._n, minlength=self._n)


def _grouped(by: By, snapshot: Snapshot, counts: _Counts) -> tuple[Line, ...]:
    """A line for each concept, kind or level that was asked or tagged, the worst first."""
    ids, kinds, names = (snapshot.nodes[column].to_pylist() for column in ("id", "kind", "name"))
    labels: Iterable[tuple[str, str, str]] = zip(kinds, names, ids, strict=True)
    if by == "kind":
        labels = ((kind, kind, "") for kind in kinds)
    elif by == "level":
        levels = _levels(snapshot)
        labels = (("", levels.get(concept, ""), "") for concept in ids)
    totals: dict[tuple[str, str, str], NDArray[np.int64]] = {}
    columns = np.stack((counts.asked, counts.claimed, counts.tagged, counts.unasked), axis=1)
    for label, row in zip(labels, columns, strict=True):
        totals[label] = totals.get(label, 0) + row
    lines = [Line(*label, *row.tolist()) for label, row in totals.items() if row.any()]
    return tuple(sorted(lines, key=_badness))


def _badness(line: Line) -> tuple[float, int, str, str, str]:
    recall = line.recall if line.recall is not None else 2.0  # what was not asked comes last
    return recall, -(line.asked or line.unasked), line.kind, line.name, line.id


def _levels(snapshot: Snapshot) -> dict[str, str]:
    """Concept -> the level of most of its mentions, of equals the lowest; concepts without any are not in it."""
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for concept, level in zip(*(snapshot.mentions[c].to_pylist() for c in ("concept_id", "level")), strict=True):
        counted[concept][level] += level != ""
    rank = {level: place for place, level in enumerate(LEVELS)}
    return {
        concept: min(levels, key=lambda level: (-levels[level], rank.get(level, len(rank)), level))
        for concept, levels in counted.items()
    }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _length(column: pa.ChunkedArray) -> int:
    return len(pc.list_flatten(column))
