"""Which concept of a finished graph a name means: what it would become, were it the next name that a seed mentions.

The rules are those of `graph.merging.decisions`, in their order:

    named       the decision table has this very name
    normalised  ... or one that differs from it in spelling only
    alias       ... or one that the alias table says is the same
    embedding   near enough to every name of the concept, and no guard keeps them apart

Kinds are never mixed. A name whose concept is no node, since too few seeds mention it, resolves to none and is not
tried further: it is known to mean something else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph.concept import KINDS
from graph.merging.aliases import AliasTable
from graph.merging.candidates import SCORE_DIGITS, Embedder
from graph.merging.guards import Guards
from graph.merging.normalise import clean, normalise
from graph.snapshot import Snapshot

Row = Mapping[str, Any]
_COLUMNS = ["kind", "name", "id", "into", "rule", "mentions"]


@dataclass(frozen=True, slots=True)
class _Group:
    """Names of one concept that one vector stands for."""

    concept: str
    names: tuple[str, ...]
    face: str
    """The name that is embedded: the alias table's, else the one mentioned most, of equals the first in the alphabet."""
    known: bool
    """The alias table has this concept."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """The decision table of one kind, by name, by key, by the alias table's key, and as vectors."""

    named: Mapping[str, str]
    spelled: Mapping[str, str]
    grouped: Mapping[str, str]
    groups: Sequence[_Group]
    vectors: NDArray[np.float32]
    """Shape (groups, dimension); no rows where nothing is merged by embedding."""


class NameResolver:
    """Finds the concepts of a graph by name. A pure function of what it is made of."""

    def __init__(
        self, snapshot: Snapshot, *, aliases: AliasTable, guards: Guards, embedder: Embedder | None, threshold: float
    ) -> None:
        """`threshold` is the cosine from which a name is near; without an embedder none is."""
        self._aliases, self._guards, self._embedder, self._threshold = aliases, guards, embedder, threshold
        self._nodes = frozenset(snapshot.nodes["id"].to_pylist())
        rows = snapshot.merges.select(_COLUMNS).to_pylist()
        rows += _unnamed(rows, snapshot.nodes.select(["kind", "name", "id", "count"]).to_pylist())
        self._kinds = {kind: self._of_kind(kind, [row for row in rows if row["kind"] == kind]) for kind in KINDS}
        self._found = lru_cache(maxsize=1 << 17)(self._find)

    def concept(self, kind: str, name: str) -> str | None:
        """The id of the node that `name` means; None where it means none of this graph's."""
        found = self._found(kind, clean(name))
        return found if found in self._nodes else None

    def _of_kind(self, kind: str, rows: Sequence[Row]) -> _Kind:
        ranked = sorted(rows, key=lambda row: (row["mentions"], row["name"]), reverse=True)
        ranked = sorted(ranked, key=lambda row: (row["mentions"], ), )
        return ranked
