"""What a check of a dataset is: it looks at accepted rows and finds what speaks against them, with the evidence.

A check of rows judges each row of a sealed shard by itself and by what it was opened with (seeds, test questions), so
what it finds is a fact of (check, settings, sealed shard) for ever. A check across rows cannot: which of two equal
questions stays depends on the dataset. It makes a sketch of each sealed shard, a fact as well, and compares sketches.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from generation.quality.minhash import Sketch, sketch_of
from generation.quality.words import Words, text_keys_of, words_of
from graph.sampling.rand import U64

Arrays = Mapping[str, NDArray[Any]]


class Finding(NamedTuple):
    """What speaks against one row."""

    row: int
    """The row's place in its sealed file."""
    reason: str
    """A short constant to count by."""
    matched: str = ""
    """The id of the row, seed or test question that it is like; empty where nothing is matched."""
    source: str = ""
    """Where the matched one is: a run's name, or that of a set of questions."""
    score: float | None = None
    """How alike they are, 0 to 1; None where that is not measured."""
    span: str = ""
    """The words of the row that tell."""


@dataclass(frozen=True)
class Batch:
    """Rows of one sealed shard; what several checks need of them is made once."""

    table: pa.Table

    def texts(self, column: str) -> list[str]:
        """A column's texts; a null is the empty text."""
        return [text or "" for text in self.table[column].to_pylist()]

    @cached_property
    def questions(self) -> list[str]:
        """The texts of the questions."""
        return self.texts("question")

    @cached_property
    def words(self) -> Words:
        """The words of the questions."""
        return words_of(self.questions)

    @cached_property
    def sketch(self) -> Sketch:
        """The sketch of the questions."""
        return sketch_of(self.words)

    @cached_property
    def text_keys(self) -> U64:
        """The `text_key` of each question."""
        return text_keys_of(self.questions)


class RowCheck(ABC):
    """A check that judges each row by itself. Opened with all it needs; has no state that a row changes."""

    columns: tuple[str, ...] = ("question",)
    """The columns of the rows that it reads."""

    @abstractmethod
    def identity(self) -> Mapping[str, Any]:
        """What decides its findings besides the rows, as JSON: version, settings, and what it compares with by hash."""

    @abstractmethod
    def judge(self, batch: Batch) -> list[Finding]:
        """The findings in these rows, at most one a row, in their order."""


@dataclass(frozen=True)
class Sketched:
    """A sealed shard's sketch, and which of its rows a dataset has."""

    arrays: Arrays
    rows: int
    """The dataset has the first so many rows of the shard."""
    standing: NDArray[np.bool_] = field(default_factory=lambda: np.ones(0, bool))
    """Shape (rows,): nothing else speaks against the row."""


class SetCheck(ABC):
    """A check across the rows of a dataset."""

    columns: tuple[str, ...] = ("question",)

    @abstractmethod
    def identity(self) -> Mapping[str, Any]:
        """What decides a sketch besides the rows, as JSON."""

    @abstractmethod
    def decision(self) -> Mapping[str, Any]:
        """What decides the findings besides the sketches, as JSON."""

    @abstractmethod
    def sketch(self, batch: Batch) -> Arrays:
        """The sketch of these rows: arrays by name."""

    @abstractmethod
    def compare(self, shards: Sequence[Sketched]) -> Comparison:
        """The comparison of these shards, in the order of (run, index); rows that do not stand take no part."""


class Comparison(ABC):
    """The comparison of a dataset's rows: parts, each made by whoever comes first, and what follows of all of them."""

    parts: tuple[str, ...]
    """Their names. A part is a pure function of the shards and needs no other part."""

    @abstractmethod
    def part(self, name: str) -> Arrays:
        """Make a part: arrays by name."""

    @abstractmethod
    def decide(self, parts: Mapping[str, Arrays]) -> SetFindings:
        """The findings, of all parts by name."""


class SetFindings(NamedTuple):
    """What speaks against rows of a dataset: other ones of it. Arrays of shape (findings,), rising by (shard, row)."""

    shard: NDArray[np.int32]
    """The place of the row's shard in the dataset."""
    row: NDArray[np.int32]
    """Its place in that shard's file."""
    matched_shard: NDArray[np.int32]
    matched_row: NDArray[np.int32]
    score: NDArray[np.float64]
    reason: NDArray[np.int64]
    """Its place in `reasons`."""
    reasons: tuple[str, ...]
