"""A small embedder that any test can read: a name's vector is what the test says, else its letters in threes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray


class PlainEmbedder:
    """Counts of letter triples in 64 places; `near` overrides single names with planted vectors."""

    name, digest, dimension = "plain", "b2:plain", 64

    def __init__(self, near: Mapping[str, Sequence[float]] | None = None) -> None:
        self._near = near or {}

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in zip(vectors, texts, strict=True):
            planted = self._near.get(text)
            if planted is not None:
                row[: len(planted)] = planted
            else:
                padded = f"##{text}##"
                for start in range(len(padded) - 2):
                    place = hashlib.blake2b(padded[start : start + 3].encode(), digest_size=2).digest()
                    row[8 + int.from_bytes(place, "big") % 56] += 1
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
