"""Any sentence-transformers model, by a folder or by its name on the Hugging Face hub.

Needs the extra `sentence-transformers`. What it is identified by are the bytes that decide its vectors: configuration,
tokenizer and weights, those files alone that the library reads. Two numbers of a vector may differ by about 1e-7 with
the texts that stand beside it in a batch; similarities are rounded to 1e-5 before anything is decided.
"""

from __future__ import annotations

import hashlib
import logging
import warnings
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
from numpy.typing import NDArray

from engine.errors import InputError
from engine.files import file_hash

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_READ = ("*.json", "*.txt", "*.model", "*.vocab", "*.safetensors", "*.bin")
_UNREAD = ("onnx/*", "openvino/*", "*onnx*", "*.msgpack", "*.h5", "*.ot", "README*")
_BATCH = 64
_ADVICE = "give the folder of a model, its name on the hub, or `skillweave` for ours"


class SentenceEmbedder:
    """A model that the sentence-transformers package reads; vectors have length 1, or are zero."""

    def __init__(self, name: str) -> None:
        """Open a folder, else a name of the hub, which is fetched once.

        Raises InputError where the package is missing, or the model cannot be had or read.
        """
        if find_spec("sentence_transformers") is None:
            raise InputError(
                f"{name!r} is no static model, and others need sentence-transformers; install it: "
                "pip install 'skillweave[sentence-transformers]'"
            )
        folder = Path(name).expanduser()
        self.name = name
        self._folder = folder if folder.is_dir() else _fetched(name)
        self._model = _load(self._folder, name)
        self.digest = _digest(self._folder)
        self.dimension = int(self._encode(["one"]).shape[1])

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """See Embedder. Lone surrogates count as question marks; what the model gives no numbers for is zero."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        rows = self._encode([text.encode("utf-8", "replace").decode() for text in texts])
        rows[~np.isfinite(rows).all(axis=1)] = 0
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.ascontiguousarray(rows / np.where(lengths > 0, lengths, 1), dtype=np.float32)

    def _encode(self, texts: list[str]) -> NDArray[np.float64]:
        with _quiet():
            rows = self._model.encode(texts, batch_size=_BATCH, convert_to_numpy=True, show_progress_bar=False)
        return np.asarray(rows, dtype=np.float64)


def _load(folder: Path, name: str) -> SentenceTransformer:
    with _quiet():
        from sentence_transformers import SentenceTransformer

        try:
            model = SentenceTransformer(str(folder), local_files_only=True)
            vectors = np.asarray(model.encode(["one", "two"], show_progress_bar=False))
        except Exception as error:  # the readers of several libraries, none of which lists what it raises
            raise InputError(f"the embedding model {name} cannot be read ({_first_line(error)}); {_ADVICE}") from error
    if not np.isfinite(vectors).all():
        raise InputError(f"the embedding model {name} gives no numbers; {_ADVICE}")
    return model


def _fetched(name: str) -> Path:
    """The folder of a model of the hub, from its cache or the network: weights as safetensors where there are any."""
    from huggingface_hub import snapshot_download

    try:
        folder = Path(snapshot_download(name, allow_patterns=list(_READ[:-1]), ignore_patterns=list(_UNREAD)))
        if not any(folder.rglob("*.safetensors")):
            folder = Path(snapshot_download(name, allow_patterns=list(_READ), ignore_patterns=list(_UNREAD)))
    except Exception as error:  # of the hub's client and of what it stands on
        raise InputError(
            f"no embedding model {name!r}: there is no such folder, and the hub gave none ({_first_line(error)}); "
            f"{_ADVICE}"
        ) from error
    return folder


def _digest(folder: Path) -> str:
    """`b2:` and blake2b over names and contents of the files that decide vectors."""
    digest = hashlib.blake2b(digest_size=16)
    for inside in sorted(_deciding(folder)):
        digest.update(f"{inside}\x1f{file_hash(folder / inside)}\x1e".encode())
    return "b2:" + digest.hexdigest()


def _deciding(folder: Path) -> Iterator[str]:
    """The files at the top and in the folders of the model's modules; of two forms of weights the safetensors."""
    try:
        modules: list[dict[str, Any]] = orjson.loads((folder / "modules.json").read_bytes())
    except FileNotFoundError:
        modules = []  # a plain transformer, which the library takes the mean of
    places = dict.fromkeys(("", *(str(module.get("path", "")).strip("./") for module in modules)))
    for place in places:
        files = [file for pattern in _READ for file in sorted((folder / place).glob(pattern)) if file.is_file()]
        safe = any(file.suffix == ".safetensors" for file in files)
        for file in files:
            if not (safe and file.suffix == ".bin") and not file.name.startswith("README"):
                yield file.relative_to(folder).as_posix()


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


class _quiet:  # noqa: N801 - used as a context manager
    """Keeps what the libraries say of themselves out of a command's output: bars, notices, deprecations."""

    def __enter__(self) -> None:
        self._warnings = warnings.catch_warnings()
        self._warnings.__enter__()
        warnings.simplefilter("ignore")
        self._loggers = [logging.getLogger(name) for name in ("sentence_transformers", "transformers")]
        self._levels = [logger.level for logger in self._loggers]
        for logger in self._loggers:
            logger.setLevel(logging.ERROR)

    def __exit__(self, *_: object) -> None:
        for logger, level in zip(self._loggers, self._levels, strict=True):
            logger.setLevel(level)
        self._warnings.__exit__(None, None, None)
