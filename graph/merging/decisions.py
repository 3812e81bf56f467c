"""The decision table: every name that was mentioned, the concept it became, and why.

    first       the concept was first seen under this name, which lends it its id
    normalised  the same but for spelling: case, plural, punctuation
    alias       the alias table says so
    embedding   near enough to every other name of the concept, and no guard keeps them apart; `score` is the cosine
    judged      a model, asked in the band of similarities where neither is safe, said that they mean the same
    renamed     the name that a person gave the concept, which is shown whatever the counts are

    merged, parted  a person joined the name to the concept, or took it out of another

Of a concept's names the one that most seeds mention is shown, of equals the one first seen; where a person decided of
the concept, of equals the one that was shown then. Two concepts of the alias
table stay two, however near. Kinds are never mixed. Which names come together does not depend on the order in which
they were seen; only which of them lends the id does.

A graph that grows replays its table: a name that was decided stays where it is, whoever decided it, also where a person
parted it from what a rule would join it to. Only new names are decided, against the concepts there are. So no two of
these are ever joined, and no id changes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from graph.concept import concept_id
from graph.embedding import Embedder
from graph.merging.aliases import AliasTable
from graph.merging.candidates import SCORE_DIGITS, similar_pairs
from graph.merging.guards import Guards
from graph.merging.linkage import complete_linkage
from graph.merging.normalise import normalise

Pair = tuple[str, str]
"""The keys of two names, the lower one first."""
RENAMED, MERGED, PARTED = "renamed", "merged", "parted"
PERSONS_RULES = (RENAMED, MERGED, PARTED)
"""The rules of the decision table that only a person follows."""
JOINED_BY_MEANING = ("embedding", "judged")
"""The rules by which names come together that neither spelling nor the alias table joins."""


def pair_of(one: str, other: str) -> Pair:
    """The pair of two names' keys."""
    keys = sorted((normalise(one), normalise(other)))
    return keys[0], keys[1]


@dataclass(frozen=True, slots=True)
class Decision:
    """A row of the decision table; the fields are the columns of `merges.parquet`."""

    kind: str
    name: str
    id: str
    """The id the name has by itself: it resolves to `into` for ever."""
    into: str
    into_name: str
    """The name that the concept is shown under."""
    rule: str
    score: float | None
    by: str
    """Who decided: `rule`, a model's name, or a person."""
    mentions: int
    """Seeds that mention the name."""


@dataclass(frozen=True, slots=True)
class Group:
    """Names that are the same by spelling or by the alias table, or were decided to be."""

    names: tuple[str, ...]
    """In the order they were first seen."""
    face: str
    """The name to embed: the alias table's, else the one mentioned most, of equals the first in the alphabet."""
    known: bool
    """The alias table has this concept."""
    concept: str | None = None
    """The id of the concept that these names were decided to be; None for new names."""


def decide(
    kind: str,
    counts: Mapping[str, int],
    *,
    embedder: Embedder,
    aliases: AliasTable,
    guards: Guards,
    threshold: float,
    earlier: Iterable[Decision] = (),
    judged: Mapping[Pair, str] = MappingProxyType({}),
) -> list[Decision]:
    """Decide for the names of one kind. `counts` tells how many seeds mention each, in the order they were first seen.

    `earlier` are the decisions of the graph that grows, of this kind; `judged` the pairs that were judged the same, and
    by whom: they count as near, whatever their similarity. Returns these with the new counts, in their
    order, then a decision for every other name; without any, the order is that of `counts`.
    """
    decided = {decision.name: replace(decision, mentions=counts.get(decision.name, 0)) for decision in earlier}
    groups = decided_groups(kind, decided.values(), aliases)
    decided |= _recognised(kind, counts, decided.values(), aliases)
    new = {name: count for name, count in counts.items() if name not in decided}
    groups += _groups(kind, new, aliases)
    vectors = embedder.encode([group.face for group in groups])
    near = {
        (i, j): score
        for i, j, score in (*similar_pairs(vectors, threshold), *_judged_pairs(groups, vectors, judged))
        if not _decided_before(groups[i], groups[j]) and not kept_apart(groups[i], groups[j], guards)
    }
    root = _clusters(groups, near)
    group_of = {name: place for place, group in enumerate(groups) for name in group.names}
    leader: dict[int, str] = {}
    for place, group in enumerate(groups):
        if group.concept is not None:
            leader.setdefault(root[place], group.names[0])
    for name, count in new.items():
        mine = group_of[name]
        first = leader.setdefault(root[mine], name)
        its = group_of[first]
        score, by = None, "rule"
        if name == first:
            rule = "first"
        elif normalise(name) == normalise(first):
            rule = "normalised"
        elif mine == its:
            rule = "alias"
        else:
            rule, score = "embedding", near[min(mine, its), max(mine, its)]
            if score < threshold:
                rule, by = "judged", judged[pair_of(groups[mine].face, groups[its].face)]
        own, into = concept_id(kind, name), groups[its].concept or concept_id(kind, first)
        decided[name] = Decision(kind, name, own, into, first, rule, score, by, count)
    shown = _shown_names(counts, decided)
    return [replace(d, into_name=shown.get(d.into, d.into_name)) for d in decided.values()]


def _groups(kind: str, counts: Mapping[str, int], aliases: AliasTable) -> list[Group]:
    """The groups of new names, in order of their keys."""
    members: dict[str, list[str]] = {}
    for name in counts:
        members.setdefault(aliases.group(kind, normalise(name)), []).append(name)
    return [_group(kind, key, names, counts, aliases) for key, names in sorted(members.items())]


def decided_groups(kind: str, decided: Iterable[Decision], aliases: AliasTable) -> list[Group]:
    """The groups of the concepts there are: of each the names decided to be one, then those joined by meaning."""
    members: dict[tuple[str, str], list[Decision]] = {}
    for decision in decided:
        near = decision.rule in JOINED_BY_MEANING
        key = aliases.group(kind, normalise(decision.name)) if near else ""
        members.setdefault((decision.into, key), []).append(decision)
    groups = []
    for (concept, _), decisions in sorted(members.items(), key=lambda item: item[0]):
        first_named = sorted(decisions, key=lambda decision: (decision.id != concept, decision.name))
        names, counts = [d.name for d in first_named], {d.name: d.mentions for d in decisions}
        key = aliases.group(kind, normalise(names[0]))
        groups.append(replace(_group(kind, key, names, counts, aliases), concept=concept))
    return groups


def _group(kind: str, key: str, names: Sequence[str], counts: Mapping[str, int], aliases: AliasTable) -> Group:
    known = aliases.concept(kind, key)
    face = known or min(names, key=lambda name: (-counts[name], name))
    return Group(tuple(names), face, known is not None)


def _recognised(
    kind: str, counts: Mapping[str, int], decided: Iterable[Decision], aliases: AliasTable
) -> dict[str, Decision]:
    """Decisions for the new names that a decided one differs from in spelling only, or by the alias table.

    Of several such the one that most seeds mention counts, of equals the first in the table.
    """
    table = sorted(decided, key=lambda decision: -decision.mentions)
    spelled = {normalise(decision.name): decision for decision in reversed(table)}
    grouped = {aliases.group(kind, normalise(decision.name)): decision for decision in reversed(table)}
    known = {decision.name for decision in table}
    found = {}
    for name, count in counts.items():
        key = normalise(name)
        same, rule = (
            (spelled[key], "normalised") if key in spelled else (grouped.get(aliases.group(kind, key)), "alias")
        )
        if same is not None and name not in known:
            rule = same.rule if same.rule in ("alias", *JOINED_BY_MEANING) else rule
            own = concept_id(kind, name)
            found[name] = replace(same, name=name, id=own, rule=rule, by="rule", mentions=count)
    return found


def _clusters(groups: Sequence[Group], near: Mapping[tuple[int, int], float]) -> list[int]:
    """For each group the first of those it comes together with. All groups of one concept there was are together.

    A new name joins such a concept only where it is near all its groups: their pairs are one, of the least similarity.
    """
    first: dict[str, int] = {}
    home = [i if group.concept is None else first.setdefault(group.concept, i) for i, group in enumerate(groups)]
    size = Counter(home)
    scores: dict[tuple[int, int], list[float]] = {}
    for (i, j), score in near.items():
        scores.setdefault((home[i], home[j]), []).append(score)
    pairs = ((a, b, min(of)) for (a, b), of in scores.items() if len(of) == size[a] * size[b])
    root = complete_linkage(len(groups), pairs)
    return [root[place] for place in home]


def _shown_names(counts: Mapping[str, int], decided: Mapping[str, Decision]) -> dict[str, str]:
    """Concept -> the name it is shown under; concepts that no seed mentions are not in it."""
    shown: dict[str, Decision] = {}
    for name in counts:
        decision = decided[name]
        if decision.into not in shown or decision.mentions > shown[decision.into].mentions:
            shown[decision.into] = decision
    for concept, name in {d.into: d.into_name for d in decided.values() if d.rule in PERSONS_RULES}.items():
        present = decided.get(name)
        if present is not None and present.into == concept and concept in shown:
            shown[concept] = max(present, shown[concept], key=lambda decision: decision.mentions)
    shown |= {decision.into: decision for decision in decided.values() if decision.rule == RENAMED}
    return {concept: decision.name for concept, decision in shown.items()}


def kept_apart(one: Group, other: Group, guards: Guards) -> bool:
    """Whether no rule and no model may join two groups: two concepts of the alias table, or a guard between names."""
    return (one.known and other.known) or any(
        guards.apart(mine, theirs) for mine in one.names for theirs in other.names
    )


def _decided_before(one: Group, other: Group) -> bool:
    """Two groups of concepts that there were have no more to do with each other."""
    return one.concept is not None and other.concept is not None


def _judged_pairs(
    groups: Sequence[Group], vectors: NDArray[np.float32], judged: Mapping[Pair, str]
) -> Iterator[tuple[int, int, float]]:
    """(i, j, cosine), i < j, of the groups whose faces were judged the same."""
    places: dict[str, list[int]] = {}
    for place, group in enumerate(groups) if judged else ():
        places.setdefault(normalise(group.face), []).append(place)
    for one, other in judged:
        for i in places.get(one, ()):
            for j in places.get(other, ()):
                yield min(i, j), max(i, j), round(float(vectors[i] @ vectors[j]), SCORE_DIGITS)
