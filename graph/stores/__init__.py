"""Stores answer Cypher over a snapshot and the questions made from it. They are projections: Parquet is the truth.

(:Concept {id, kind, name, count})      count = seeds that mention it
(:Seed {id, level, subject, source})
(:Question {id, run, level})
(:Concept)-[:CO_OCCURS {weight}]->(:Concept)    once for each pair, from the lower id to the higher
(:Seed)-[:MENTIONS]->(:Concept)
(:Question)-[:USES {basis}]->(:Concept)         basis = asked | claimed | tagged
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pyarrow as pa

QUESTION_SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("run", pa.string()),
        ("level", pa.string()),
        ("asked", pa.list_(pa.string())),
        ("claimed", pa.list_(pa.string())),
        ("tagged", pa.list_(pa.string())),
    ]
)
"""What a store wants of generated questions. The bases list ids of concepts, or are null where nothing is known."""


@dataclass(frozen=True, slots=True)
class Questions:
    """The generated questions that a store holds."""

    shards: Sequence[str] = ()
    """The content hashes of the sealed shards the tables come from; with the snapshot they name the store."""
    tables: Callable[[], Iterable[pa.Table]] = tuple
    """Reads them, as tables of `QUESTION_SCHEMA`; called only where the store must be made."""


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

    def query(
        self, text: str, params: Mapping[str, Any], *, timeout_s: float = 30.0, row_limit: int = 10_000
    ) -> Result:
        """Run one statement of our own with its parameters bound.

        Raises InputError where the store refuses it or the time is over. `text` is trusted, as a shipped query is:
        never pass on what a user or a model wrote.
        """

    def close(self) -> None:
        """Free what the store holds."""
