"""A small embedder that any test can read: a name's vector is what the test says, else its letters in threes.

And a real Neo4j server; `real_neo4j` says how tests use it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from real_neo4j import Database, Opened, served

from graph.neo4j_server.jars import FetchError, WrongJars, fetch_jars
from graph.stores.neo4j_address import Address


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


@pytest.fixture(scope="session")
def plain_embedder() -> type[PlainEmbedder]:
    return PlainEmbedder


@pytest.fixture(scope="session")
def neo4j_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all workers of this run share."""
    base = tmp_path_factory.getbasetemp()
    return (base if worker_id == "master" else base.parent) / "neo4j"


@pytest.fixture(scope="session")
def neo4j_server(neo4j_folder: Path) -> Iterator[Address]:
    try:
        fetch_jars()
    except WrongJars:
        raise
    except FetchError as error:
        pytest.skip(f"no Neo4j to test with: {error}")
    with served(neo4j_folder) as address:
        yield address


@pytest.fixture(scope="session")
def neo4j_database(neo4j_server: Address, neo4j_folder: Path) -> Callable[[], AbstractContextManager[Opened]]:
    return Database(neo4j_server, neo4j_folder).held


@pytest.fixture
def neo4j_store(neo4j_database: Callable[[], AbstractContextManager[Opened]]) -> Iterator[Opened]:
    with neo4j_database() as opened:
        yield opened
