"""Near pairs among many names: faiss finds what comparing all finds, the same every time."""

from __future__ import annotations

import importlib.util
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.errors import InputError
from graph.merging import candidates
from graph.merging.candidates import similar_pairs

NAMES = 3_000


def _planted(seed: int = 1, dimension: int = 64) -> NDArray[np.float32]:
    """Names around concepts around topics, as embeddings of names lie; three of them without a vector."""
    chance = np.random.default_rng(seed)
    topics = chance.normal(size=(30, dimension))
    concepts = topics[chance.integers(30, size=NAMES // 3)] + chance.normal(size=(NAMES // 3, dimension))
    names = concepts[chance.integers(len(concepts), size=NAMES)] + chance.normal(size=(NAMES, dimension)) * 0.35
    names /= np.linalg.norm(names, axis=1, keepdims=True)
    names[[0, 7, NAMES - 1]] = 0
    return names.astype(np.float32)


def test_faiss_finds_nearly_all_pairs_no_wrong_one_and_always_the_same() -> None:
    pytest.importorskip("faiss")
    vectors = _planted()
    exact = list(similar_pairs(vectors, 0.85))
    found = list(similar_pairs(vectors, 0.85, exact_up_to=100))
    assert len(exact) > NAMES / 2
    scores = {(i, j): score for i, j, score in exact}
    assert all(abs(scores[i, j] - score) < 2e-5 for i, j, score in found)
    assert len(found) >= 0.99 * len(exact)
    assert found == sorted(found)
    assert list(similar_pairs(vectors, 0.85, exact_up_to=100)) == found


def test_names_without_a_vector_are_near_nothing() -> None:
    pytest.importorskip("faiss")
    vectors = _planted()
    for limit in (100, NAMES):
        near = {place for i, j, _ in similar_pairs(vectors, 0.85, exact_up_to=limit) for place in (i, j)}
        assert near.isdisjoint({0, 7, NAMES - 1})


def test_without_faiss_too_many_names_are_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> Any:
        return None if name == "faiss" else importlib.util.find_spec(name)

    monkeypatch.setattr(candidates, "find_spec", absent)
    assert list(similar_pairs(_planted(), 0.9999)) == list(similar_pairs(_planted(), 0.9999))
    with pytest.raises(InputError, match=r"3,000 names are too many .* pip install 'skillweave\[faiss\]'"):
        list(similar_pairs(_planted(), 0.85, exact_up_to=NAMES - 1))
