"""Sets of questions that rows are compared with: the seeds of a run, or test questions of any source.

A set is kept with the verdicts under the hash of its content, so that a verdict can be explained, and a check repeated,
when the file it came from is gone.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict

from engine.call import content_hash
from engine.errors import InputError
from engine.files import put_new, storage_errors
from engine.workspace import Workspace
from graph.extraction import open_seeds
from graph.loaders.loading import load_seeds
from graph.seed import Seed, read_seeds

_SCHEMA = pa.schema([("id", pa.string()), ("question", pa.string())])


class Reference(BaseModel):
    """A set of questions by name and content."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    """What a person calls it: a seed set's name, or a file's."""
    hash: str
    """`b2:` and a hash of its ids and questions."""


@dataclass(frozen=True, slots=True)
class Questions:
    """Questions with their ids, and the set each is of."""

    ids: Sequence[str]
    texts: Sequence[str]
    sources: Sequence[str]


def keep_reference(workspace: Workspace, given: str) -> Reference:
    """Keep the questions of a seed set of the workspace, else of a file that `skillweave seeds import` reads.

    Raises InputError where `given` is neither.
    """
    path = workspace.seeds / f"{given}.parquet"
    if "/" not in given and path.is_file():
        return _keep(workspace, given, read_seeds(path))
    if not given.startswith("hf:") and not Path(given).exists():
        known = ", ".join(sorted(file.stem for file in workspace.seeds.glob("*.parquet"))) or "none"
        raise InputError(
            f"--against {given}: neither a seed set of this workspace (there are: {known}) nor a file; "
            "bring one in: skillweave seeds import FILE, or give the path of a file of questions"
        )
    return _keep(workspace, given if given.startswith("hf:") else Path(given).name, load_seeds(given).seeds)


@dataclass(frozen=True)
class Compared:
    """Sets of questions, named by what they hold and read when they are first needed."""

    named: Sequence[Mapping[str, str]]
    """Name and hash of each set, as JSON."""
    read: Callable[[], Questions]

    @cached_property
    def questions(self) -> Questions:
        """The questions. Raises InputError where a set is gone or no longer what its hash says."""
        return self.read()


def seeds_compared(workspace: Workspace, described: Sequence[Mapping[str, str]]) -> Compared:
    """The seed sets that run.json names."""

    def read() -> Questions:
        ids, texts, sources = [], [], []
        for entry in described:
            for seed in open_seeds([entry], workspace.root):
                ids.append(seed.id)
                texts.append(_text(seed))
                sources.append(entry["name"])
        return Questions(ids, texts, sources)

    return Compared([{"name": entry["name"], "hash": entry["hash"]} for entry in described], read)


def references_compared(workspace: Workspace, references: Sequence[Reference]) -> Compared:
    """Sets that were kept."""
    return Compared([reference.model_dump() for reference in references], lambda: _read(workspace, references))


def _text(seed: Seed) -> str:
    return "\n".join((seed.question, *seed.options))


def _keep(workspace: Workspace, name: str, seeds: Sequence[Seed]) -> Reference:
    texts = {seed.id: _text(seed) for seed in seeds}
    table = pa.table({"id": list(texts), "question": list(texts.values())}, schema=_SCHEMA)
    found = content_hash([list(texts), list(texts.values())])
    path = _path(workspace, found)
    if not path.is_file():
        with storage_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        sink = io.BytesIO()
        pq.write_table(table, sink, compression="zstd")
        put_new(path, sink.getvalue())
    return Reference(name=name, hash=found)


def _read(workspace: Workspace, references: Sequence[Reference]) -> Questions:
    ids: list[str] = []
    texts: list[str] = []
    sources: list[str] = []
    for reference in references:
        path = _path(workspace, reference.hash)
        try:
            table: Any = pq.read_table(path, schema=_SCHEMA)
        except (pa.ArrowException, OSError):
            raise InputError(
                f"the questions of {reference.name} are no longer at {path}; give them again: skillweave dataset check "
                f"--against {reference.name}"
            ) from None
        ids += table["id"].to_pylist()
        texts += table["question"].to_pylist()
        sources += [reference.name] * table.num_rows
    return Questions(ids, texts, sources)


def _path(workspace: Workspace, found: str) -> Path:
    return workspace.verdicts / "questions" / f"{found.removeprefix('b2:')}.parquet"
