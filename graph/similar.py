"""Concepts that a text may mean: by name, and by meaning with an embedding; and those nearest to a concept.

Vectors are of the model that the graph was built with, so that what is near here is what its merging held near.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError
from graph.embedding import NONE, Embedder, default_embedder, open_embedder
from graph.merging.normalise import normalise
from graph.snapshot import Snapshot

_NEAR = 0.35
"""Of a lower cosine nothing is shown: with our model it is chance."""


@dataclass(frozen=True, slots=True)
class Found:
    """A concept that fits a search."""

    id: str
    kind: str
    name: str
    how: str
    """`name`, `alias`, or `meaning`."""
    through: str
    """The name that fits: its own, or an alias."""
    score: float
    """1 where all of a name fits, less where a part does; for `meaning` the cosine."""


def embedder_of(snapshot: Snapshot) -> Embedder:
    """The model a graph was built with; ours where it was built with none.

    Raises InputError where it cannot be opened, or its files are not those of then.
    """
    made = snapshot.meta.get("embedder") or {}
    name = made.get("name", NONE)
    if name == NONE:
        return default_embedder()
    embedder = open_embedder(name)
    if embedder.digest != made.get("digest"):
        raise InputError(
            f"the embedding model {name} changed since graph {snapshot.fingerprint} was built with it; build the graph "
            "again: skillweave graph build SEEDS"
        )
    return embedder


def search_names(snapshot: Snapshot, text: str, *, most: int = 12) -> list[Found]:
    """Concepts of which a name holds the text, once both are spelled alike; the best fit first, then the most seeds.

    All of a name fits best, then its beginning, then the beginning of a word, then any part.
    """
    wanted = normalise(text) or text.casefold().strip()
    if not wanted:
        return []
    fits: list[tuple[float, int, str, Found]] = []
    for row in snapshot.nodes.to_pylist():
        named = [("name", row["name"]), *(("alias", alias) for alias in row["aliases"])]
        score, how, through = max(
            ((_fit(wanted, name), how, name) for how, name in named), key=lambda fit: (fit[0], fit[1] == "name")
        )
        if score:
            fits.append(
                (-score, -row["count"], row["id"], Found(row["id"], row["kind"], row["name"], how, through, score))
            )
    return [found for *_, found in sorted(fits, key=lambda fit: fit[:3])[:most]]


def _fit(wanted: str, name: str) -> float:
    key = normalise(name)
    if key == wanted:
        return 1.0
    if key.startswith(wanted):
        return 0.8
    if f" {wanted}" in key:
        return 0.6
    return 0.4 if wanted in key or wanted in name.casefold() else 0.0


class Meanings:
    """The vectors of a graph's concepts, of the names they are shown under; made once for a snapshot."""

    def __init__(self, snapshot: Snapshot, embedder: Embedder) -> None:
        self._nodes = snapshot.nodes.select(["id", "kind", "name"]).to_pylist()
        self._places = {row["id"]: place for place, row in enumerate(self._nodes)}
        self._embedder = embedder
        self._vectors = embedder.encode([row["name"] for row in self._nodes])  # (n, dimension)

    def search(self, text: str, *, most: int = 12) -> list[Found]:
        """The concepts whose names mean most nearly what the text means, the nearest first."""
        return self._nearest(self._embedder.encode([text])[0], most)

    def nearest(self, concept: str, *, most: int = 12) -> list[Found]:
        """The concepts nearest to one, itself left out. Raises InputError where there is no such node."""
        if (place := self._places.get(concept)) is None:
            raise InputError(f"there is no concept {concept!r} in this graph; see all: skillweave graph merges")
        return self._nearest(self._vectors[place], most, leave_out=place)

    def _nearest(self, vector: NDArray[np.float32], most: int, leave_out: int = -1) -> list[Found]:
        scores = self._vectors @ vector
        order = np.argsort(-scores, kind="stable")[: most + 1].tolist()
        return [
            Found(**self._nodes[place], how="meaning", through=self._nodes[place]["name"], score=float(scores[place]))
            for place in order
            if place != leave_out and scores[place] >= _NEAR
        ][:most]
