"""Seeds that must go: who was withdrawn and why, in one file that is only ever added to.

    workspace/withdrawn.jsonl    one line a word: {"seed", "why", "at", "back"}

    seed   its id, the same in every seed set
    why    the reason, of a withdrawal and of taking it back
    at     when, UTC, as ISO 8601 to the second
    back   whether the word takes a withdrawal back; the last word on a seed counts

Sealed rows and graphs never change. What derives from a withdrawn seed is left out where something new is made: of
every dataset (`generation.datasets.selecting`) and of every graph that is built or grown (`graph.making`,
`graph.labels`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from engine.errors import InputError
from engine.files import storage_errors, sync
from engine.workspace import Workspace
from graph.seed import Seed


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """One word on a seed."""

    seed: str
    why: str
    at: str
    back: bool = False


def read_withdrawals(place: Workspace) -> list[Withdrawal]:
    """Every word, in the order they were given. Raises InputError naming the line that is none.

    A last line without its end was cut off by a crash and never counted.
    """
    path = place.withdrawn
    try:
        lines = path.read_bytes().split(b"\n")[:-1]
    except FileNotFoundError:
        return []
    said = []
    for number, line in enumerate(lines, 1):
        if line:
            try:
                said.append(read_word(orjson.loads(line)))
            except (ValueError, TypeError) as error:
                raise InputError(
                    f"{path}:{number}: no word on a seed ({error}); it was changed by hand: put it back from a copy"
                ) from None
    return said


def read_word(raw: Any) -> Withdrawal:
    """A word on a seed from its JSON. Raises ValueError for what is none."""
    if not isinstance(raw, dict) or sorted(raw) != sorted(field.name for field in fields(Withdrawal)):
        raise ValueError("it has seed, why, at and back")
    if not all(isinstance(raw[name], str) for name in ("seed", "why", "at")) or not isinstance(raw["back"], bool):
        raise ValueError("seed, why and at are texts, back is true or false")
    datetime.fromisoformat(raw["at"])
    return Withdrawal(**raw)


def withdrawn_seeds(place: Workspace) -> dict[str, Withdrawal]:
    """The seeds that are withdrawn now, by id in the order of ids, each with the word that counts."""
    last = {word.seed: word for word in read_withdrawals(place)}
    return {seed: last[seed] for seed in sorted(last) if not last[seed].back}


def add_withdrawal(
    place: Workspace,
    seed: str,
    why: str,
    *,
    back: bool = False,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> bool:
    """Withdraw a seed, or take that back; durable on return. False where that is how things stand already.

    Whether there is such a seed is the caller's to know. Raises InputError without a reason.
    """
    if not why.strip():
        raise InputError(
            f"a seed goes for a reason, and comes back for one: skillweave seeds withdraw {seed} --why ..."
        )
    if (seed in withdrawn_seeds(place)) is not back:
        return False
    word = Withdrawal(seed, why.strip(), now().astimezone(UTC).isoformat(timespec="seconds"), back)
    with storage_errors(place.withdrawn):
        place.root.mkdir(parents=True, exist_ok=True)
        handle = os.open(place.withdrawn, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            held = os.pread(handle, os.fstat(handle).st_size, 0)
            if held and not held.endswith(b"\n"):  # a crash cut the last word off
                os.ftruncate(handle, held.rfind(b"\n") + 1)
            os.write(handle, orjson.dumps(asdict(word)) + b"\n")
            os.fsync(handle)
        finally:
            os.close(handle)
        sync(place.root)
    return True


def last_words(place: Workspace, seeds: Collection[str]) -> list[Withdrawal]:
    """The word that counts on each of these seeds that has one, in the order of ids."""
    last = {word.seed: word for word in read_withdrawals(place) if word.seed in seeds}
    return [last[seed] for seed in sorted(last)]


def take_words(place: Workspace, words: Iterable[Withdrawal]) -> int:
    """Take what another workspace said of seeds: where two differ the later word counts. How many changed something."""
    known = {word.seed: word for word in read_withdrawals(place)}
    fresh = [word for word in words if word.seed not in known or known[word.seed].at < word.at]
    return sum(
        add_withdrawal(place, word.seed, word.why, back=word.back, now=lambda at=word.at: datetime.fromisoformat(at))  # type: ignore[misc]
        for word in fresh
    )


def without_withdrawn(place: Workspace, rows: pa.Table, seeds: Sequence[Seed]) -> tuple[pa.Table, list[Seed]]:
    """What an extraction found (rows with `seed_id`) and its seeds, without those that are withdrawn now."""
    gone = withdrawn_seeds(place)
    stays = pc.invert(pc.is_in(rows["seed_id"], pa.array(gone, pa.string())))
    return rows.filter(stays), [seed for seed in seeds if seed.id not in gone]


def unsupported(mentions: pa.Table, seeds: Sequence[str]) -> pa.Array:
    """The ids of the concepts that no seed mentions but these; `mentions` is a snapshot's table."""
    gone = pc.is_in(mentions["seed_id"], pa.array(seeds, pa.string()))
    held = mentions["concept_id"].filter(pc.invert(gone)).combine_chunks()
    touched = mentions["concept_id"].filter(gone).combine_chunks().unique()
    return touched.filter(pc.invert(pc.is_in(touched, held)))
