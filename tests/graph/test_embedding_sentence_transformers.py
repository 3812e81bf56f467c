from __future__ import annotations

import numpy as np
import pytest

from engine.workspace import data_path
from graph.embedding import default_embedder
from graph.lexicon import load_lexicon

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]


def test_sentence_transformers_reads_our_folder_and_gives_the_same_vectors() -> None:
    library = pytest.importorskip("sentence_transformers")
    model = library.SentenceTransformer(str(data_path("embedding")), device="cpu")
    texts = [name for entry in load_lexicon() for name in entry.names] + ["", "?", "漢字", "x" * 5000, "½ + 1/3"]
    theirs = model.encode(texts)
    assert np.isfinite(theirs).all()
    np.testing.assert_allclose(theirs, default_embedder().encode(texts), rtol=0, atol=1e-6)
