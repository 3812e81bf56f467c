"""From what run.json says to a sampler that draws: the graph is made smaller, the condition found, all of it checked.

Whatever leaves nothing to draw is an InputError here, before anything is drawn: it names the constraint and what to
try.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.errors import InputError
from graph.concept import KINDS
from graph.sampling.conditioned import Conditioned, InTurn
from graph.sampling.constraints import (
    Condition,
    Constraints,
    check_known,
    condition_of,
    constraints_of,
    find_concepts,
    limited,
    mentioned_at,
)
from graph.sampling.coverage import Coverage
from graph.sampling.guided import CoverageGuided, GuidedSettings
from graph.sampling.sampler import Sampler
from graph.sampling.samplers import SamplerKind
from graph.sampling.uses import SeedMentions
from graph.snapshot import Adjacency, Snapshot
from graph.stores.levels import SeedLevels

_PILOT, _BLOCK = 1 << 18, 1 << 15


def open_sampler(
    kind: SamplerKind,
    snapshot: Snapshot,
    settings: Any,
    seed: int,
    *,
    coverage: Coverage | None = None,
    graph: Adjacency | None = None,
) -> Sampler:
    """The sampler of a snapshot; `graph` is its adjacency where that is there already.

    Raises InputError where the settings leave nothing to draw, name what is not there, or contradict each other.
    """
    return _Opening(kind, snapshot, settings, seed, coverage, graph or snapshot.adjacency()).open()


def level_of(levels: Sequence[str], index: int) -> str:
    """The level that draw `index` is of where `levels` are asked for; empty where none is."""
    return levels[index % len(levels)] if levels else ""


class _Opening:
    def __init__(
        self,
        kind: SamplerKind,
        snapshot: Snapshot,
        settings: Constraints,
        seed: int,
        coverage: Coverage | None,
        graph: Adjacency,
    ) -> None:
        self._kind, self._snapshot, self._settings, self._seed = kind, snapshot, settings, seed
        self._coverage, self._graph = coverage, graph

    def open(self) -> Sampler:
        if not constraints_of(self._settings):
            return self._of(self._graph, "", Condition())
        check_known(self._snapshot, self._settings, self._kind.name)
        banned = self._find(self._settings.banned, "banned")
        self._banned = {node for nodes in banned for node in nodes}
        required = self._find(self._settings.required, "required")
        named = zip(self._settings.required, required, strict=True)
        condition = condition_of(self._settings, [self._one(text, nodes) for text, nodes in named])
        samplers = [self._at_level(level, condition) for level in self._settings.levels or ("",)]
        return samplers[0] if len(samplers) == 1 else InTurn(self._graph, samplers, samplers[0].topic_places)

    def _find(self, given: Sequence[str], setting: str) -> list[list[int]]:
        return find_concepts(self._snapshot, given, setting, self._kind.name)

    def _one(self, text: str, nodes: Sequence[int]) -> int:
        """The node that a required concept is."""
        if len(nodes) > 1:
            ids = " or ".join(f"{self._graph.ids[n]} (a {_kind_name(self._graph, n)})" for n in nodes)
            raise self._error(f"required={text} are {len(nodes)} concepts; name one by its id: {ids}")
        if nodes[0] in self._banned:
            raise self._error(f"{text} is both required and banned; leave out one of the two")
        return nodes[0]

    def _at_level(self, level: str, condition: Condition) -> Sampler:
        """The sampler of one level, or of all with an empty one."""
        settings, graph = self._settings, self._graph
        kept = np.ones(len(graph.ids), np.bool_)
        where = [f"levels={level}"] if level else []
        if level or settings.subjects:
            kept = mentioned_at(self._snapshot, level or None, settings.subjects)
            where += [f"subjects={','.join(settings.subjects)}"] if settings.subjects else []
        for node in condition.required:
            if not kept[node]:
                raise self._error(
                    f"no seed of {' and '.join(where)} mentions the required {graph.names[node]!r}; leave out one"
                )
        kept[sorted(self._banned)] = False
        where += ["banned"] if self._banned else []
        smaller = limited(graph, kept)
        try:
            sampler = self._of(smaller, level, condition)
        except InputError as error:
            if not where:
                raise
            left = ", ".join(f"{int((smaller.kinds == place).sum())} {name.replace('_', ' ')}s"
                             for place, name in enumerate(KINDS) if (graph.kinds == place).any())  # fmt: skip
            raise self._error(
                f"{' and '.join(where)} leave {left} of the graph, too little to draw from ({error}); ask for less"
            ) from None
        if condition or where:
            self._try(smaller, sampler, where, condition)
        return sampler

    def _of(self, graph: Adjacency, level: str, condition: Condition) -> Sampler:
        if isinstance(self._settings, GuidedSettings) and self._settings.temperature > 0:
            levels = SeedLevels(self._snapshot)
            return CoverageGuided(
                graph,
                self._settings,
                self._seed,
                used=self._coverage.used(self._snapshot) if self._coverage else None,
                mentions=SeedMentions(levels.names, levels.counts),
                level=level,
                condition=condition,
            )
        inner = self._kind.open(graph, self._settings, self._seed)
        return Conditioned(graph, inner, inner.topic_places, condition, self._seed) if condition else inner

    def _try(self, graph: Adjacency, sampler: Sampler, where: Sequence[str], condition: Condition) -> None:
        """Draw some without the condition. Raises InputError where none of them has points and meets it."""
        plain = self._kind.open(graph, self._settings, self._seed)
        parts = {"any knowledge point": Condition(points=(1, None)), **condition.parts(graph.names)}
        alone = dict.fromkeys(parts, 0)
        for start in range(0, _PILOT, _BLOCK):
            drawn = plain.draw(start, start + _BLOCK)
            members = np.hstack((drawn.topics, drawn.points)).T
            met = condition.met(members, plain.topic_places)
            if (met & (drawn.points >= 0).any(axis=1)).any():
                return
            for name, part in parts.items():
                alone[name] += int(part.met(members, plain.topic_places).sum())
        if isinstance(sampler, CoverageGuided) and (sampler.draw(0, 1 << 10).points >= 0).any():
            return
        counts = ", ".join(f"{name} by {count:,}" for name, count in alone.items())
        rarest = min(alone, key=lambda name: alone[name])
        given = f" with {' and '.join(where)}" if where else ""
        less = (
            f"leave out {rarest}, or ask for less of it" if rarest in condition.parts(graph.names) else "ask for less"
        )
        raise self._error(f"of {_PILOT:,} draws{given} none meets all that is asked: {counts}; {less}")

    def _error(self, what: str) -> InputError:
        return InputError(f"sampler {self._kind.name}: {what}; see its settings: skillweave samplers {self._kind.name}")


def _kind_name(graph: Adjacency, node: int) -> str:
    return KINDS[int(graph.kinds[node])].replace("_", " ")
