"""The decision table: every name that was mentioned, the concept it became, and why.

    first       the concept was first seen under this name, which lends it its id
    normalised  the same but for spelling: case, plural, punctuation
    alias       the alias table says so
    embedding   near enough to every other name of the concept, and no guard keeps them apart; `score` is the cosine

Two concepts of the alias table stay two, however near. Kinds are never mixed. Which names come together does not depend
on the order in which they were seen; only which of them lends the id does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graph.concept import concept_id
from graph.merging.aliases import AliasTable
from graph.merging.candidates import Embedder, similar_pairs
from graph.merging.guards import Guards
from graph.merging.linkage import complete_linkage
from graph.merging.normalise import normalise


@dataclass(frozen=True, slots=True)
class Decision:
    """A row of the decision table; the fields are the columns of `merges.parquet`."""

    kind: str
    name: str
    id: str
    """The id the name has by itself: it resolves to `into` for ever."""
    into: str
    into_name: str
    rule: str
    score: float | None
    by: str
    """Who decided: `rule`, a model's name, or a person."""
    mentions: int
    """Seeds that mention the name."""


@dataclass(frozen=True, slots=True)
class _Group:
    """Names that are the same by spelling or by the alias table."""

    names: tuple[str, ...]
    """In the order they were first seen."""
    face: str
    """The name to embed: the alias table's, else the one mentioned most, of equals the first in the alphabet."""
    known: bool
    """The alias table has this concept."""


def decide(
    kind: str,
    counts: Mapping[str, int],
    *,
    embedder: Embedder,
    aliases: AliasTable,
    guards: Guards,
    threshold: float,
) -> list[Decision]:
    """Decide for the names of one kind. `counts` tells how many seeds mention each, in the order they were first seen.

    Returns a decision for every name, in the same order.
    """
    groups = _groups(kind, counts, aliases)
    vectors = embedder.encode([group.face for group in groups])
    near = {
        (i, j): score
        for i, j, score in similar_pairs(vectors, threshold)
        if not _kept_apart(groups[i], groups[j], guards)
    }
    root = complete_linkage(len(groups), ((i, j, score) for (i, j), score in near.items()))
    group_of = {name: place for place, group in enumerate(groups) for name in group.names}
    leader: dict[int, str] = {}
    decisions = []
    for name, count in counts.items():
        mine = group_of[name]
        first = leader.setdefault(root[mine], name)
        its = group_of[first]
        score = None
        if name == first:
            rule = "first"
        elif normalise(name) == normalise(first):
            rule = "normalised"
        elif mine == its:
            rule = "alias"
        else:
            rule, score = "embedding", near[min(mine, its), max(mine, its)]
        own, into = concept_id(kind, name), concept_id(kind, first)
        decisions.append(Decision(kind, name, own, into, first, rule, score, "rule", count))
    return decisions


def _groups(kind: str, counts: Mapping[str, int], aliases: AliasTable) -> Sequence[_Group]:
    """The groups in order of their keys."""
    members: dict[str, list[str]] = {}
    for name in counts:
        members.setdefault(aliases.group(kind, normalise(name)), []).append(name)
    groups = []
    for key, names in sorted(members.items()):
        known = aliases.concept(kind, key)
        face = known or min(names, key=lambda name: (-counts[name], name))
        groups.append(_Group(tuple(names), face, known is not None))
    return groups


def _kept_apart(one: _Group, other: _Group, guards: Guards) -> bool:
    return (one.known and other.known) or any(
        guards.apart(mine, theirs) for mine in one.names for theirs in other.names
    )
