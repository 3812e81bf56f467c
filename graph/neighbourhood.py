"""What is around concepts: the nodes within a few steps, the edges between them, and the shortest path of two.

Of too many nodes those are left that the edges bind most to what is nearer; how many were left out is told.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError
from graph.concept import KINDS
from graph.snapshot import Adjacency, Snapshot


@dataclass(frozen=True, slots=True)
class Node:
    """A concept as a picture shows it."""

    id: str
    kind: str
    name: str
    seeds: int
    """Seeds that mention it."""
    steps: int
    """Steps to the nearest of the concepts that were asked for."""


@dataclass(frozen=True, slots=True)
class Link:
    """An edge between two nodes of a picture."""

    source: str
    target: str
    weight: int
    """Seeds in which both occur."""


@dataclass(frozen=True, slots=True)
class Around:
    """A part of the graph."""

    nodes: tuple[Node, ...]
    """The concepts that were asked for first, then by steps, then by the weight that binds them."""
    links: tuple[Link, ...]
    """All edges between the nodes, the heaviest first."""
    left_out: int
    """Concepts within the steps that the limit left out."""


class Map:
    """A snapshot's graph, to look around in; made once for a snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.graph: Adjacency = snapshot.adjacency()
        self.seeds: list[int] = snapshot.nodes["count"].to_pylist()
        """Seeds that mention each node, in the order of `graph.ids`."""

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Id -> place in `graph.ids`."""
        return {concept: place for place, concept in enumerate(self.graph.ids)}

    def place(self, concept: str) -> int:
        """The place of a concept's node. Raises InputError where there is no such node."""
        if (place := self.places.get(concept)) is None:
            raise InputError(f"there is no concept {concept!r} in this graph; see all: skillweave graph merges")
        return place

    def kind(self, place: int) -> str:
        """The kind of the node at a place."""
        return KINDS[int(self.graph.kinds[place])]

    def node(self, place: int, steps: int = 0) -> Node:
        """The node at a place."""
        return Node(self.graph.ids[place], self.kind(place), self.graph.names[place], self.seeds[place], steps)

    def neighbours(self, place: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Places and weights of a node's neighbours, by place."""
        part = slice(int(self.graph.indptr[place]), int(self.graph.indptr[place + 1]))
        return self.graph.indices[part], self.graph.weights[part]

    def hub(self) -> str:
        """The concept to begin with: the one bound most, by the sum of its edges' weights; of equals the first."""
        rows = np.repeat(np.arange(len(self.graph.ids)), np.diff(self.graph.indptr))
        sums = np.bincount(rows, weights=self.graph.weights, minlength=len(self.graph.ids))
        return self.graph.ids[int(sums.argmax())]

    def around(
        self,
        concepts: Sequence[str],
        *,
        hops: int = 1,
        most: int = 60,
        least_weight: int = 1,
        hidden: Collection[str] = (),
        too: Sequence[str] = (),
    ) -> Around:
        """What lies within `hops` steps of the concepts, over edges of at least a weight, past no hidden node.

        `most` bounds the nodes; the concepts themselves are always in it, and those of `too`, as a path's, without
        what is around them. Raises InputError for an unknown concept.
        """
        shown = [self.place(concept) for concept in too]
        centres = list(dict.fromkeys(self.place(concept) for concept in concepts))
        away = {self.places[concept] for concept in hidden if concept in self.places} - {*centres, *shown}
        steps = dict.fromkeys(centres, 0)
        ring = centres
        beyond: set[int] = set()
        for step in range(1, hops + 1):
            bound: dict[int, int] = {}
            for place in ring:
                for other, weight in zip(*(part.tolist() for part in self.neighbours(place)), strict=True):
                    if weight >= least_weight and other not in steps and other not in away:
                        bound[other] = bound.get(other, 0) + weight
            nearest = sorted(bound, key=lambda place: (-bound[place], place))
            room = max(most - len(steps), 0)
            beyond |= set(nearest[room:])
            ring = nearest[:room]
            steps |= dict.fromkeys(ring, step)
        for place in shown:
            steps.setdefault(place, hops)
        links = self._links(steps, least_weight)
        return Around(tuple(self.node(place, at) for place, at in steps.items()), links, len(beyond - set(steps)))

    def _links(self, places: Collection[int], least_weight: int) -> tuple[Link, ...]:
        ids = self.graph.ids
        found = [
            (weight, place, other)
            for place in sorted(places)
            for other, weight in zip(*(part.tolist() for part in self.neighbours(place)), strict=True)
            if place < other and other in places and weight >= least_weight
        ]
        found.sort(key=lambda link: (-link[0], link[1], link[2]))
        return tuple(Link(ids[place], ids[other], weight) for weight, place, other in found)

    def path(self, one: str, other: str, *, hidden: Collection[str] = ()) -> tuple[str, ...]:
        """The concepts on the shortest path, both ends with it; empty where none leads there past the hidden ones.

        Of paths with equally few steps the one whose edges weigh most together; of equals the lower ids.
        """
        start, goal = self.place(one), self.place(other)
        away = {self.places[concept] for concept in hidden if concept in self.places} - {start, goal}
        best: dict[int, tuple[int, int]] = {start: (0, -1)}  # place -> (weight so far, the place before)
        ring = [start]
        while ring and goal not in best:
            reached: dict[int, tuple[int, int]] = {}
            for place in sorted(ring):
                for neighbour, weight in zip(*(part.tolist() for part in self.neighbours(place)), strict=True):
                    total = best[place][0] + weight
                    if neighbour not in best and neighbour not in away and total > reached.get(neighbour, (0, 0))[0]:
                        reached[neighbour] = total, place
            best |= reached
            ring = list(reached)
        if goal not in best:
            return ()
        back = [goal]
        while back[-1] != start:
            back.append(best[back[-1]][1])
        return tuple(self.graph.ids[place] for place in reversed(back))
