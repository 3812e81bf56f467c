"""Embeddings: vectors of names, near where names mean the same.

`Embedder` is all that merging, search and the app know of a model. Ours lies in data/embedding (built by
scripts/build_embedding.py, 128 numbers a name, read by model2vec without torch); any static model's folder works
alike, and any other that sentence-transformers reads (graph/sentence_embedding.py). A model is identified by the hash
of its files, so that vectors of two models are never mixed.

Which model a graph is built with: `--embedder NAME`, else `model` of [embedder] in skillweave.toml, else ours.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import orjson
from numpy.typing import NDArray

from engine.errors import InputError
from engine.files import file_hash
from engine.models import text_setting
from engine.workspace import Workspace, data_path

if TYPE_CHECKING:
    from model2vec import StaticModel  # takes most of a second to import, so not before a model is opened

OURS = "skillweave"
"""The name of the model in data/embedding."""
NONE = "none"
"""The name of `NoEmbedder`, as a graph keeps it."""


class Embedder(Protocol):
    """Gives texts their vectors."""

    @property
    def name(self) -> str:
        """What a person calls the model: `skillweave`, or the path it was opened from."""

    @property
    def digest(self) -> str:
        """`b2:` and a hash of the model's files: the same digest gives the same vectors."""

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of shape (texts, dimension), in the order of the texts.

        Each has length 1, or is zero where the model knows no part of the text; a vector does not depend on the
        other texts.
        """


class NoEmbedder:
    """Knows no name: every vector is zero, and no two are near."""

    name, digest, dimension = NONE, NONE, 1

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """See Embedder."""
        return np.zeros((len(texts), self.dimension), np.float32)


class StaticEmbedder:
    """A static model in a folder: the mean of its tokens' vectors, at length 1."""

    def __init__(self, folder: Path, name: str) -> None:
        """Read the folder. Raises InputError where it is missing or damaged."""
        self.name = name
        self._model = _load(folder, name)
        self.digest = folder_digest(folder)
        self.dimension: int = int(self._model.dim)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """See Embedder. Lone surrogates, which no tokenizer takes, count as spaces."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        clean = [text.encode("utf-8", "replace").decode() for text in texts]
        rows = self._model.encode(clean, normalize=True, use_multiprocessing=False)
        return np.ascontiguousarray(rows, dtype=np.float32)


def folder_digest(folder: Path) -> str:
    """`b2:` and blake2b over names and contents of the folder's files, subfolders included, hidden ones not."""
    digest = hashlib.blake2b(digest_size=16)
    for file in sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).as_posix()):
        inside = file.relative_to(folder)
        if file.is_file() and not any(part.startswith(".") for part in inside.parts):
            digest.update(f"{inside.as_posix()}\x1f{file_hash(file)}\x1e".encode())
    return "b2:" + digest.hexdigest()


def default_embedder() -> Embedder:
    """Our own model; read once."""
    return _ours()


@cache
def _ours() -> Embedder:
    return StaticEmbedder(data_path("embedding"), OURS)


def open_embedder(name: str) -> Embedder:
    """A model by name: `skillweave` for ours, the path of a model's folder, or a name on the Hugging Face hub.

    A folder of a static model is read without torch; every other model needs the extra `sentence-transformers`. Raises
    InputError where there is no such model or it is damaged.
    """
    if name == OURS:
        return default_embedder()
    folder = Path(name).expanduser()
    if _is_static(folder) or (not folder.is_dir() and not _is_hub_name(name)):
        return StaticEmbedder(folder, name)
    from graph.sentence_embedding import SentenceEmbedder

    return SentenceEmbedder(name)


def chosen_embedder(workspace: Workspace, given: str | None = None) -> Embedder:
    """What is given, else the workspace's, else ours. Raises InputError as `open_embedder`."""
    return open_embedder(given or text_setting(workspace, "embedder", "model") or OURS)


def _is_static(folder: Path) -> bool:
    """Whether a folder is for model2vec to read: its configuration is, or there is nothing another could read."""
    try:
        kind = orjson.loads((folder / "config.json").read_bytes()).get("model_type", "model2vec")
    except FileNotFoundError:
        return folder.is_dir() and not (folder / "modules.json").is_file()
    except (OSError, ValueError, AttributeError):
        return True
    return bool(kind == "model2vec")


def _is_hub_name(name: str) -> bool:
    """`owner/model` or `model`, and nothing that only a path can be."""
    return re.fullmatch(r"[\w.-]+(/[\w.-]+)?", name) is not None and not name.startswith(".")


def _load(folder: Path, name: str) -> StaticModel:
    from model2vec import StaticModel

    advice = "install skillweave again" if name == OURS else f"give the folder of a static model, or `{OURS}` for ours"
    if not folder.is_dir():
        raise InputError(f"no embedding model at {folder}; {advice}")
    try:
        model = StaticModel.from_pretrained(folder)
        vectors = model.encode(["one", "?"], normalize=True, use_multiprocessing=False)
    except Exception as error:  # the readers of three libraries, none of which lists what it raises
        raise InputError(f"the embedding model at {folder} cannot be read ({error}); {advice}") from error
    if not np.isfinite(vectors).all():
        raise InputError(f"the embedding model at {folder} gives no numbers; {advice}")
    return model
