"""The plain embedder."""

from __future__ import annotations

import pytest
from plain_embedding import PlainEmbedder


@pytest.fixture(scope="session")
def plain_embedder() -> type[PlainEmbedder]:
    return PlainEmbedder
