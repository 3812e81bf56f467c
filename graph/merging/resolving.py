"""Which concept of a finished graph a name means: what it would become, were it the next name that a seed mentions.

The rules are those of `graph.merging.decisions`, in their order:

    named       the decision table has this very name
    normalised  ... or one that differs from it in spelling only
    alias       ... or one that the alias table says is the same
    embedding   near enough to every name of the concept, and no guard keeps them apart

Kinds are never mixed. A name whose concept is no node, since too few seeds mention it, means none of the graph's and is
not tried further.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from graph.concept import KINDS
from graph.embedding import Embedder
from graph.merging.aliases import AliasTable
from graph.merging.candidates import SCORE_DIGITS
from graph.merging.decisions import JOINED_BY_MEANING, Decision
from graph.merging.guards import Guards
from graph.merging.normalise import clean, normalise
from graph.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class _Group:
    """Names of one concept that one vector stands for: those decided to be the same, or joined by embedding at once."""

    concept: str
    names: tuple[str, ...]
    face: str
    """The name to embed: the alias table's, else the one mentioned most, of equals the first in the alphabet."""
    known: bool
    """The alias table has this concept."""


@dataclass(frozen=True, slots=True)
class _Table:
    """The decisions on one kind: concepts by name, by key and by the alias table's key, and the groups to be near."""

    named: Mapping[str, str]
    spelled: Mapping[str, str]
    grouped: Mapping[str, str]
    groups: Sequence[_Group]
    vectors: NDArray[np.float32]
    """Shape (groups, dimension)."""
    starts: NDArray[np.int64]
    """Shape (concepts + 1,): the groups of concept i stand at starts[i]..starts[i + 1]."""


class NameResolver:
    """Finds the concepts of a graph by name; a pure function of what it is made of."""

    def __init__(
        self,
        snapshot: Snapshot,
        *,
        aliases: AliasTable,
        guards: Guards,
        embedder: Embedder | None = None,
        threshold: float = 1.0,
    ) -> None:
        """`threshold` is the cosine from which names are near; without an embedder none are."""
        self._aliases, self._guards, self._embedder, self._threshold = aliases, guards, embedder, threshold
        self._nodes = frozenset(snapshot.nodes["id"].to_pylist())
        decisions = list(_decisions(snapshot))
        self._tables: Mapping[str, _Table] = {
            kind: self._table(kind, [d for d in decisions if d.kind == kind]) for kind in KINDS
        }
        self._meant = lru_cache(maxsize=1 << 17)(self._find)

    def concept(self, kind: str, name: str) -> str | None:
        """The id of the node that `name` means; None where it means none."""
        found = self._meant(kind, clean(name))
        return found if found in self._nodes else None

    def _table(self, kind: str, decisions: Sequence[Decision]) -> _Table:
        rarest_first = sorted(decisions, key=lambda decision: -decision.mentions)[::-1]  # the last of a key stands
        groups = self._groups(kind, decisions)
        faces = [group.face for group in groups]
        return _Table(
            named={decision.name: decision.into for decision in rarest_first},
            spelled={normalise(decision.name): decision.into for decision in rarest_first},
            grouped={self._aliases.group(kind, normalise(d.name)): d.into for d in rarest_first},
            groups=groups,
            vectors=self._embedder.encode(faces)
            if self._embedder is not None
            else np.zeros((len(faces), 1), np.float32),
            starts=np.array(
                [i for i, g in enumerate(groups) if not i or groups[i - 1].concept != g.concept] + [len(groups)],
                np.int64,
            ),
        )

    def _groups(self, kind: str, decisions: Iterable[Decision]) -> list[_Group]:
        """Sorted by concept, so that all groups of a concept stand together."""
        members: dict[tuple[str, str], list[Decision]] = {}
        for decision in decisions:
            key = self._aliases.group(kind, normalise(decision.name)) if decision.rule in JOINED_BY_MEANING else ""
            members.setdefault((decision.into, key), []).append(decision)
        groups = []
        for (concept, _), of_group in sorted(members.items(), key=lambda item: item[0]):
            first = min(of_group, key=lambda decision: (decision.id != concept, decision.name))
            known = self._aliases.concept(kind, self._aliases.group(kind, normalise(first.name)))
            face = known or min(of_group, key=lambda decision: (-decision.mentions, decision.name)).name
            groups.append(_Group(concept, tuple(d.name for d in of_group), face, known is not None))
        return groups

    def _find(self, kind: str, name: str) -> str | None:
        table, key = self._tables[kind], normalise(name)
        group = self._aliases.group(kind, key)
        for known, by in ((table.named, name), (table.spelled, key), (table.grouped, group)):
            if by in known:
                return known[by]
        return self._nearest(table, name, self._aliases.concept(kind, group))

    def _nearest(self, table: _Table, name: str, known: str | None) -> str | None:
        """The concept whose farthest group is nearest, of equals the one of the lowest id."""
        if self._embedder is None or not table.groups:
            return None
        cosines = np.round((table.vectors @ self._embedder.encode([known or name])[0]).astype(float), SCORE_DIGITS)
        farthest = np.minimum(np.minimum.reduceat(cosines, table.starts[:-1]), 1.0)  # (concepts,)
        near = np.flatnonzero(farthest >= self._threshold)
        for place in near[np.argsort(-farthest[near], kind="stable")].tolist():
            groups = table.groups[table.starts[place] : table.starts[place + 1]]
            if not any(self._kept_apart(name, group, known=known is not None) for group in groups):
                return groups[0].concept
        return None

    def _kept_apart(self, name: str, group: _Group, *, known: bool) -> bool:
        return (known and group.known) or any(self._guards.apart(name, other) is not None for other in group.names)


def _decisions(snapshot: Snapshot) -> Iterable[Decision]:
    """The decision table, and an entry for each node that it does not name."""
    decided = [Decision(**row) for row in snapshot.merges.to_pylist()]
    yield from decided
    named = {decision.into for decision in decided}
    for node in snapshot.nodes.select(["id", "kind", "name", "count"]).to_pylist():
        if node["id"] not in named:
            yield Decision(
                node["kind"], node["name"], node["id"], node["id"], node["name"], "first", None, "rule", node["count"]
            )
