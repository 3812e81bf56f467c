"""A shard: a range of indices, made when needed, sealed when nothing in it is open, never reopened.

    shards/00042.range.json              the indices start..stop-1; put once
           00042.<attempt>.calls.jsonl   journals, until the seal
           00042.<token>.{rows,rejected,calls}.parquet   what the seal names; what no seal names is ignored
           00042.seal.json               names them with sizes and hashes; put by link, so it can be made once

A row never depends on its shard.
"""

from __future__ import annotations

import re
from collections.abc import Container
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import orjson
from pydantic import BaseModel, ConfigDict

from engine.places import place_of

REPEAT = "repeat"
"""The reason of an index whose item is equal to an earlier one's; it is never sent."""
_YOUNG_S = 600.0
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
    estimated: int = 0
    """Tokens of prompt and completion that no endpoint counted; seals of before there were any lack it."""


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
    first_ms: int | None = None
    """Unix time of the first reply that was paid, in milliseconds; older seals lack it, and `last_ms`."""
    last_ms: int | None = None

    @property
    def refused(self) -> int:
        """Conversations that gave no row."""
        return sum(self.rejected.values()) - self.rejected.get(REPEAT, 0)


def shards_of(folder: Path, but: Container[int] = ()) -> list[Shard]:
    """Every shard made so far, in order, without those in `but`; all together hold the indices 0..drawn-1."""
    found = []
    for path in folder.iterdir():
        if (match := _RANGE.fullmatch(path.name)) and int(match[1]) not in but:
            content = orjson.loads(path.read_bytes())
            found.append(Shard(int(match[1]), content["start"], content["stop"]))
    return sorted(found, key=lambda shard: shard.number)


def make_shard(folder: Path, shard: Shard) -> bool:
    """Draw the shard's indices, durably. False if somebody else made a shard of that number first."""
    content = orjson.dumps({"start": shard.start, "stop": shard.stop})
    return place_of(folder.parent).put_new(folder / f"{shard.number:05d}.range.json", content)


def seals_of(folder: Path, but: Container[int] = ()) -> dict[int, Seal]:
    """The seals by shard number, without those of the shards in `but`."""
    found = {}
    for path in folder.iterdir():
        if (match := _SEAL.fullmatch(path.name)) and int(match[1]) not in but:
            found[int(match[1])] = Seal.model_validate_json(path.read_bytes())
    return dict(sorted(found.items()))


def seal_of(folder: Path, shard: int) -> Seal | None:
    """The seal of one shard; None where it is not sealed.

    Journals go only after the seal is there: who read them and then finds no seal has read them whole, and who looks
    for the seal first knows nothing.
    """
    try:
        return Seal.model_validate_json((folder / f"{shard:05d}.seal.json").read_bytes())
    except FileNotFoundError:
        return None


def left_behind(folder: Path, seals: dict[int, Seal]) -> list[Path]:
    """What a crash left of a run's shards: temporary files, and what no seal can name any more of the sealed ones.

    Other workers may be at work. The Parquet of an unsealed shard stays, because its holder may be about to name it; so
    does a temporary file younger than ten minutes, by the clock that gave both files their times.
    """
    named = {file.name for seal in seals.values() for file in seal.files.values()}
    found, now = [], 0.0
    for path in folder.iterdir():
        with suppress(FileNotFoundError):
            now = max(now, path.stat().st_mtime)
    for path in sorted(folder.iterdir()):
        number = path.name.partition(".")[0]
        sealed = number.isdigit() and int(number) in seals
        stray = path.suffix == ".parquet" and path.name not in named
        with suppress(FileNotFoundError):
            left = path.suffix == ".tmp" and now - path.stat().st_mtime > _YOUNG_S
            if left or (sealed and (stray or path.name.endswith(".calls.jsonl"))):
                found.append(path)
    return found


def clear_unsealed(folder: Path, seals: dict[int, Seal]) -> None:
    """Remove what `left_behind` finds."""
    for path in left_behind(folder, seals):
        path.unlink(missing_ok=True)
