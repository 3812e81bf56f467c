"""export.json: what a dataset was made of, by content, so that it can be proved (`skillweave dataset verify`).

    datasets/<name>/README.md            the card
                    export.json          this
                    data/<split>-00000.{parquet,jsonl} ...
                    origin/<split>-00000.parquet ...    of each row in the same order: id, run, index

It names the runs with the hash of each seal that was read, which names the sealed files with theirs; the choices that
were made; and every file of rows with its size and hash. No time and no host stand in it: the same rows, chosen alike,
are the same bytes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from engine.call import content_hash
from engine.errors import InputError
from generation.datasets.formats import DatasetFormat

NAME = "export.json"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SourceRun(_Frozen):
    """A run that rows, or their tags, come from."""

    name: str
    id: str
    """The identity of its run.json."""
    seals: dict[int, str]
    """The hash of each seal's file, by shard."""


class Source(_Frozen):
    """A run of questions with the run that tagged them."""

    run: SourceRun
    accepted: int
    tags: SourceRun | None = None


class DataFile(_Frozen):
    """A file of rows; its origins lie under the same stem in `origin/`."""

    name: str
    """Relative to the dataset's folder."""
    split: str
    rows: int
    size: int
    hash: str
    origin: str
    """The hash of the file of origins."""

    @property
    def origin_name(self) -> str:
        """The file of origins, relative to the dataset's folder."""
        return str(Path("origin") / Path(self.name).with_suffix(".parquet").name)


class Manifest(_Frozen):
    """export.json."""

    format: Literal[1] = 1
    form: DatasetFormat
    sources: tuple[Source, ...]
    options: dict[str, Any]
    withdrawn: tuple[str, ...]
    """The seeds that were withdrawn then."""
    left_out: dict[str, int]
    """Accepted rows without a place here, by reason."""
    rows: int
    splits: dict[str, int]
    files: tuple[DataFile, ...]
    card: str
    """The hash of README.md."""
    hash: str = ""
    """`b2:` and a hash of all the rest; empty in what was exported before this field was."""

    def content(self) -> bytes:
        """The file, with the hash that belongs there."""
        rest = self.model_dump(mode="json", exclude={"hash"})
        option = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS
        return orjson.dumps({**rest, "hash": content_hash(rest)}, option=option)


def read_manifest(folder: Path) -> Manifest:
    """Read a dataset's manifest. Raises InputError where there is none, or it is none."""
    path = folder / NAME
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise InputError(
            f"{folder} is no dataset with an {NAME}; see those there are: skillweave dataset list, or make one: "
            "skillweave dataset export RUN --name NAME"
        ) from None
    except ValidationError as error:
        fault = error.errors()[0]
        raise InputError(
            f"{path}: {'.'.join(map(str, fault['loc']))}: {fault['msg']}; make the dataset again: skillweave dataset "
            f"export RUN --name {folder.name} --replace"
        ) from None
