"""What every store holds, once for all of them: tables of nodes, and of relationships between these.

A store is a projection of a snapshot and the questions made from it; the tables are staged as Parquet files by
`graph.stores.projection` and loaded as they stand. No property is ever null: a level or run that is not known is the
empty text, because stores disagree on where a null sorts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pyarrow as pa

BASES = ("asked", "claimed", "tagged")
"""On which ground a question has a concept: its composition, its writer, or a reader of its text."""
FROM, TO = "from_id", "to_id"
_TEXT, _COUNT = pa.string(), pa.int64()


@dataclass(frozen=True, slots=True)
class Table:
    """A label of nodes, or a type of relationships."""

    name: str
    properties: Mapping[str, pa.DataType]
    """Of nodes, `id` is the first and tells them apart."""
    ends: tuple[str, str] | None = None
    """The labels a relationship goes from and to; None of nodes."""

    @property
    def schema(self) -> pa.Schema:
        """The columns of the staged file: those of a relationship begin with the ids of its ends."""
        ends = [] if self.ends is None else [(FROM, _TEXT), (TO, _TEXT)]
        return pa.schema([*ends, *self.properties.items()])


TABLES: Mapping[str, Table] = MappingProxyType(
    {
        table.name: table
        for table in (
            Table("Concept", {"id": _TEXT, "kind": _TEXT, "name": _TEXT, "count": _COUNT}),
            Table("Seed", {"id": _TEXT, "level": _TEXT, "subject": _TEXT, "source": _TEXT}),
            Table("Question", {"id": _TEXT, "run": _TEXT, "level": _TEXT}),
            Table("CO_OCCURS", {"weight": _COUNT}, ("Concept", "Concept")),
            Table("MENTIONS", {}, ("Seed", "Concept")),
            Table("USES", {"basis": _TEXT}, ("Question", "Concept")),
        )
    }
)
"""By name, nodes before relationships: the order of loading."""
