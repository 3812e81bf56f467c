"""A draw of a sampler, step by step: what it stood on, where it went, and how likely that was.

A step goes from u to v with the probability w_uv over the sum of w_uv within the part of the graph that the step may
use (MathScale, arXiv 2403.02884): topics among topics, one step from topic to knowledge point, then points among
points.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from graph.neighbourhood import Map
from graph.sampling.sampler import Sampler

Part = Literal["start", "topic", "bridge", "point"]


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a walk."""

    part: Part
    concept: str
    name: str
    kind: str
    weight: int
    """Seeds in which it occurs with the concept before; 0 for the start, and where no edge joins them."""
    chance: float
    """The probability of this step among the neighbours of its kind; 1 for the start, 0 where no edge joins them."""
    choices: int
    """How many neighbours of its kind there were to go to."""
    counts: bool
    """Whether the concept belongs to the composition by this step; a walk may come back, and a concept counts once."""


def walk(view: Map, sampler: Sampler, index: int) -> tuple[Step, ...]:
    """Draw `index` of a sampler of the same graph, as steps in their order."""
    drawn = sampler.draw(index, index + 1)
    path = drawn.path[0].tolist()
    members = [*drawn.topics[0].tolist(), *drawn.points[0].tolist()]
    places = [(at, place) for at, place in enumerate(path) if place >= 0]
    if not places:
        return ()
    first_at, first = places[0]
    steps = [_step(view, "start", None, first, members[first_at] >= 0)]
    for (_, before), (at, place) in pairwise(places):
        part: Part = "topic" if at < sampler.topic_places else "point"
        if part == "point" and view.kind(before) != view.kind(place):
            part = "bridge"
        steps.append(_step(view, part, before, place, members[at] >= 0))
    return tuple(steps)


def draw_through(view: Map, sampler: Sampler, concept: str, *, after: int = -1, tried: int = 4096) -> int | None:
    """The first of the next `tried` draws after one that comes by a concept; None where none of them does."""
    path = sampler.draw(after + 1, after + 1 + tried).path
    found = (path == view.place(concept)).any(axis=1).nonzero()[0]
    return after + 1 + int(found[0]) if len(found) else None


def _step(view: Map, part: Part, before: int | None, place: int, counts: bool) -> Step:
    node = view.node(place)
    if before is None:
        return Step(part, node.id, node.name, node.kind, 0, 1.0, 0, counts)
    others, weights = view.neighbours(before)
    kind = view.graph.kinds[others] == view.graph.kinds[place]
    weight = int(weights[others == place].sum())
    total = int(weights[kind].sum())
    return Step(part, node.id, node.name, node.kind, weight, weight / total if total else 0.0, int(kind.sum()), counts)
