"""Stores answer Cypher over a snapshot and the questions made from it. They are projections: Parquet is the truth.

What they hold is described in `graph.stores.schema`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field

QUESTION_SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("run", pa.string()),
        ("level", pa.string()),
        ("asked", pa.list_(pa.string())),
        ("claimed", pa.list_(pa.string())),
        ("tagged", pa.list_(pa.string())),
        ("text_key", pa.uint64()),
        ("review", pa.string()),
    ]
)
"""What a store wants of generated questions, in the order in which they were made.

`level` is what the composition asks for, null where it asks for none: then the store finds one (`graph.stores.levels`).
The bases list ids of concepts, or are null where nothing is known. Two texts with one `text_key` are the same but for
case, spaces and numbers; null is the key of none. `review` is the last verdict of a person, `accept` or `reject`, or
null.
"""


class StoreSettings(BaseModel):
    """How a store is made and opened."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    other_pairs: int = Field(
        100_000,
        ge=0,
        description="pairs of concepts that no seed has and a store carries, the most used, on each basis",
    )
    buffer_mib: int = Field(
        2_048,
        ge=64,
        description="MiB of pages that the embedded store holds at most; a query that needs more is refused",
    )


@dataclass(frozen=True, slots=True)
class Questions:
    """The generated questions that a store holds."""

    shards: Sequence[str] = ()
    """The content hashes of the sealed shards the tables come from; with the snapshot they name the store."""
    tables: Callable[[], Iterable[pa.Table]] = tuple
    """Reads them, as tables of `QUESTION_SCHEMA`; called only where the store must be made."""
    count: int = 0
    """How many there are, to tell of progress; 0 where that is not known before they are read."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a query returned."""

    columns: tuple[str, ...]
    types: tuple[str, ...]
    """The store's own names of the columns' types."""
    rows: list[tuple[Any, ...]]
    more: bool
    """There are more rows than `row_limit`."""


class Store(Protocol):
    """A place that answers Cypher, read-only."""

    dialect: str
    """By which a shipped query may have a text of its own (see `graph.query`)."""

    def query(
        self, text: str, params: Mapping[str, Any], *, timeout_s: float = 30.0, row_limit: int = 10_000
    ) -> Result:
        """Run one statement of our own with its parameters bound.

        Raises InputError where the store refuses it or the time is over. `text` is trusted, as a shipped query is:
        never pass on what a user or a model wrote.
        """

    def close(self) -> None:
        """Free what the store holds."""
