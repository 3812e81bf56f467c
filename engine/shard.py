"""A shard: a range of indices, made when needed, sealed when nothing in it is open, never reopened.

    shards/00042.range.json              the indices start..stop-1; put once
           00042.<attempt>.calls.jsonl   journals, until the seal
           00042.<token>.{rows,rejected,calls}.parquet   what the seal names; what no seal names is ignored
           00042.seal.json               names them with sizes and hashes; put by link, so it can be made once

A row never depends on its shard.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import orjson
from pydantic import BaseModel, ConfigDict

from engine.files import put_new

_RANGE = re.compile(r"(\d{5,})\.range\.json")
_SEAL = re.compile(r"(\d{5,})\.seal\.json")


@dataclass(frozen=True, slots=True)
class Shard:
    """The indices start..stop-1."""

    number: int
    start: int
    stop: int


class SealedFile(BaseModel):
    """One file that a seal names."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    size: int
    hash: str
    rows: int


class Spent(BaseModel):
    """Tokens of one model at one price, over all calls: those used and those paid in vain."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    price: str
    calls: int
    prompt: int
    completion: int
    cached: int
    reasoning: int


class Seal(BaseModel):
    """What a sealed shard holds. drawn = passed + the sum of rejected, in which `repeat` counts the repeats."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = 1
    run: str
    shard: int
    start: int
    stop: int
    passed: int
    rejected: dict[str, int]
    last_passed: int | None
    """The highest index that passed."""
    spent: tuple[Spent, ...]
    files: dict[str, SealedFile]
    """`rows`, `rejected` and `calls`."""


def shards_of(folder: Path) -> list[Shard]:
    """Every shard made so far, in order; together they hold the indices 0..drawn-1."""
    found = []
    for path in folder.iterdir():
        if match := _RANGE.fullmatch(path.name):
            content = orjson.loads(path.read_bytes())
            found.append(Shard(int(match[1]), content["start"], content["stop"]))
    return sorted(found, key=lambda shard: shard.number)


def make_shard(folder: Path, shard: Shard) -> bool:
    """Draw the shard's indices, durably. False if somebody else made a shard of that number first."""
    content = orjson.dumps({"start": shard.start, "stop": shard.stop})
    return put_new(folder / f"{shard.number:05d}.range.json", content)


def seals_of(folder: Path) -> dict[int, Seal]:
    """The seals by shard number."""
    found = {}
    for path in folder.iterdir():
        if match := _SEAL.fullmatch(path.name):
            found[int(match[1])] = Seal.model_validate_json(path.read_bytes())
    return dict(sorted(found.items()))


def seal_of(folder: Path, shard: int) -> Seal | None:
    """The seal of one shard; None where it is not sealed.

    Journals go only after the seal is there: who read them and then finds no seal has read them whole.
    """
    try:
        return Seal.model_validate_json((folder / f"{shard:05d}.seal.json").read_bytes())
    except FileNotFoundError:
        return None


def clear_unsealed(folder: Path, seals: dict[int, Seal]) -> None:
    """Remove what a crash left behind: temporary files, and what no seal can name any more of shards that are sealed.

    Only for the holder of the lease. The Parquet of an unsealed shard stays: a holder that lost the lease unawares may
    be about to name it.
    """
    named = {file.name for seal in seals.values() for file in seal.files.values()}
    for path in folder.iterdir():
        number = path.name.partition(".")[0]
        sealed = number.isdigit() and int(number) in seals
        stray = path.suffix == ".parquet" and path.name not in named
        if path.suffix == ".tmp" or (sealed and (stray or path.name.endswith(".calls.jsonl"))):
            path.unlink(missing_ok=True)
