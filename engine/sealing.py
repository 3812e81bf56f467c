"""From a shard's journals to its sealed Parquet, by replay and by nothing else.

Rows and rejected rows carry `id` and `index` before the recipe's columns, and tokens and attempts after. Calls hold
every journaled reply with its messages; `used` is false for what was paid in vain.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from engine.call import Usage
from engine.errors import RunError
from engine.files import file_hash, storage_errors, sync
from engine.journal import Chain, Entry, journals_of
from engine.places import place_of
from engine.replay import Ask, Dialogue, Ending, Passed, dialogue, remember_shard
from engine.run import Run, row_id
from engine.shard import REPEAT, Seal, SealedFile, Shard, Spent, seal_of

TRANSPORT = "transport"
ROW_GROUP = 8_192
"""Rows a Parquet row group holds at most: a page of rows is then read in a few milliseconds."""

COST_COLUMNS = pa.schema(
    [
        pa.field("calls", pa.int32()),
        pa.field("attempts", pa.int32()),
        pa.field("prompt_tokens", pa.int64()),
        pa.field("completion_tokens", pa.int64()),
    ]
)
_REJECTED = pa.schema(
    [
        pa.field("id", pa.string()),
        pa.field("index", pa.int64()),
        pa.field("reason", pa.string()),
        pa.field("detail", pa.string()),
        pa.field("item", pa.string()),
        *COST_COLUMNS,
    ]
)
_MESSAGE = pa.struct([pa.field("role", pa.string()), pa.field("content", pa.string())])
_CALLS = pa.schema(
    [
        pa.field("index", pa.int64()),
        pa.field("path", pa.string()),
        pa.field("key", pa.string()),
        pa.field("used", pa.bool_()),
        pa.field("role", pa.string()),
        pa.field("sample", pa.int32()),
        pa.field("messages", pa.list_(_MESSAGE)),
        pa.field("text", pa.string()),
        pa.field("reasoning", pa.string()),
        pa.field("finish", pa.string()),
        pa.field("prompt_tokens", pa.int64()),
        pa.field("completion_tokens", pa.int64()),
        pa.field("cached_tokens", pa.int64()),
        pa.field("reasoning_tokens", pa.int64()),
        pa.field("model", pa.string()),
        pa.field("attempt", pa.int32()),
        pa.field("error", pa.string()),
        pa.field("at_ms", pa.int64()),
        pa.field("price", pa.string()),
        pa.field("origin", pa.string()),
        pa.field("estimated_tokens", pa.int64()),
    ]
)


def row_schema(run: Run) -> pa.Schema:
    """The columns of a run's sealed rows."""
    return pa.schema([pa.field("id", pa.string()), pa.field("index", pa.int64()), *run.recipe.columns, *COST_COLUMNS])


def replay_shard(
    run: Run, sendable: NDArray[np.int64], replies: Mapping[int, dict[str, Entry]]
) -> Iterator[tuple[Any, Dialogue, Ending | list[Ask]]]:
    """Every conversation of a shard, as far as the replies go: (item, dialogue, its ending or what it waits for).

    `sendable`: the shard's indices without the repeats, rising.
    """
    items = run.items.take(sendable)
    for index, item in zip(sendable.tolist(), items, strict=True):
        talk = dialogue(
            run.recipe, item, index, run.spec.seed, run.terms, run.spec.models, dict(replies.get(index, {}))
        )
        yield item, talk, talk.advance()


def engine_columns(run: Run, talk: Dialogue) -> dict[str, Any]:
    """What the engine says of a conversation's row: its id and index, and what its replies took."""
    calls = attempts = prompt = completion = 0
    for ask in talk.calls:
        if (entry := talk.replies.get(ask.path)) is not None:
            calls += 1
            attempts += entry.reply.attempt
            prompt += entry.reply.usage.prompt
            completion += entry.reply.usage.completion
    return {
        "id": row_id(run.id, talk.index),
        "index": talk.index,
        "calls": calls,
        "attempts": attempts,
        "prompt_tokens": prompt,
        "completion_tokens": completion,
    }


@dataclass
class _Sealer:
    run: Run
    rows: list[dict[str, Any]]
    rejected: list[dict[str, Any]]
    calls: list[tuple[Any, ...]]
    """In the order of their columns."""

    def add(self, item: Any, talk: Dialogue, ending: Ending | list[Ask]) -> None:
        entries = talk.replies
        asked = {ask.path: ask for ask in talk.calls}
        for path, entry in entries.items():
            self.calls.append(_call_row(entry, asked.get(path), used=path in asked))
        row = engine_columns(self.run, talk)
        if isinstance(ending, Passed):
            self.rows.append({**row, **ending.row})
            return
        reason, detail = (TRANSPORT, "given up") if isinstance(ending, list) else (ending.reason, ending.detail)
        described = orjson.dumps(self.run.items.describe(item)).decode()
        self.rejected.append({**row, "reason": reason, "detail": detail, "item": described})


def _call_row(entry: Entry, ask: Ask | None, *, used: bool) -> tuple[Any, ...]:
    reply = entry.reply
    prompt, completion, cached, reasoning, estimated = reply.usage
    return (
        entry.index,
        entry.path,
        entry.key,
        used,
        ask.call.role if ask else "",
        ask.call.sample if ask else 0,
        [(message.role, message.content) for message in ask.call.messages] if ask else [],
        reply.text,
        reply.reasoning,
        reply.finish,
        prompt,
        completion,
        cached,
        reasoning,
        reply.model,
        reply.attempt,
        reply.error,
        entry.at_ms,
        entry.price,
        entry.origin,
        estimated,
    )


@cache
def _places(path: str) -> tuple[int, ...]:
    return tuple(int(place) for place in path.split("."))


def _address(call: tuple[Any, ...]) -> tuple[int, tuple[int, ...]]:
    return call[0], _places(call[1])


def _calls_table(calls: list[tuple[Any, ...]]) -> pa.Table:
    columns = zip(*calls, strict=True) if calls else [()] * len(_CALLS)
    return pa.table([pa.array(column, field.type) for column, field in zip(columns, _CALLS, strict=True)], _CALLS)


def total_spent(entries: Sequence[Entry]) -> tuple[Spent, ...]:
    """What the entries cost in tokens, by model and price. What was taken from another run costs nothing."""
    totals: dict[tuple[str, str], list[int]] = {}
    for entry in entries:
        if entry.origin:
            continue
        total = totals.setdefault((entry.reply.model, entry.price), [0] * 6)
        for place, amount in enumerate((1, *entry.reply.usage)):
            total[place] += amount
    names = ("calls", *Usage._fields)
    return tuple(
        Spent(model=model, price=price, **dict(zip(names, total, strict=True)))
        for (model, price), total in sorted(totals.items())
    )


def _rows_table(rows: list[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    try:
        return pa.Table.from_pylist(rows, schema=schema)
    except (ValueError, TypeError, OverflowError) as error:  # Arrow's own errors are of these
        raise RunError(f"a row does not fit the recipe's columns: {error}") from error


def _write(path: Path, table: pa.Table) -> SealedFile:
    with storage_errors(path):
        pq.write_table(table, path, compression="zstd", row_group_size=ROW_GROUP)
        sync(path)
    return SealedFile(name=path.name, size=path.stat().st_size, hash=file_hash(path), rows=len(table))


def seal_shard(
    run: Run,
    shard: Shard,
    sendable: NDArray[np.int64],
    *,
    chain: Chain | None = None,
    generation: int | None = None,
    give_up: bool = False,
) -> Seal | None:
    """Seal a shard from its journals, and remove those. None where a conversation is still open.

    `chain` and `generation` are those the shard was worked on with (`engine.replay.remember_shard`). Where another
    worker was faster, at any moment of this, its seal stands and is returned: rows follow from replies, so either is
    right.

    With `give_up` an open conversation becomes a rejected row with the reason `transport`. On return everything is
    durable. Raises StorageError where the disk refuses; the shard is then as it was.
    """
    try:
        memory = remember_shard(run.shards, shard.number, chain, generation)
    except FileNotFoundError:  # the journals go when the seal is there
        if (seal := seal_of(run.shards, shard.number)) is None:
            raise
        return seal
    replies, surplus = memory.replies, memory.surplus
    sealer = _Sealer(run, [], [], [])
    for item, talk, ending in replay_shard(run, sendable, replies):
        if isinstance(ending, list) and not give_up:
            return seal_of(run.shards, shard.number)
        sealer.add(item, talk, ending)
    sealer.calls += [_call_row(entry, None, used=False) for entry in surplus]
    sealer.calls.sort(key=_address)

    place = place_of(run.folder)
    stem = f"{shard.number:05d}.{secrets.token_hex(4)}"
    tables = {
        "rows": _rows_table(sealer.rows, row_schema(run)),
        "rejected": _rows_table(sealer.rejected, _REJECTED),
        "calls": _calls_table(sealer.calls),
    }
    written: list[Path] = []
    try:
        files = {}
        for kind, table in tables.items():
            written.append(run.shards / f"{stem}.{kind}.parquet")
            files[kind] = _write(written[-1], table)
            place.keep(written[-1])
        sync(run.shards)
        pa.default_memory_pool().release_unused()  # else every thread that ever sealed keeps what it needed most
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise
    reasons = Counter(row["reason"] for row in sealer.rejected)
    if repeats := shard.stop - shard.start - len(sendable):
        reasons[REPEAT] += repeats
    everything = [entry for of_index in replies.values() for entry in of_index.values()] + surplus
    times = [entry.at_ms for entry in everything if entry.at_ms and not entry.origin]
    seal = Seal(
        run=run.id,
        shard=shard.number,
        start=shard.start,
        stop=shard.stop,
        passed=len(sealer.rows),
        rejected=dict(sorted(reasons.items())),
        last_passed=sealer.rows[-1]["index"] if sealer.rows else None,
        spent=total_spent(everything),
        files=files,
        first_ms=min(times, default=None),
        last_ms=max(times, default=None),
    )
    if not place.put_new(run.shards / f"{shard.number:05d}.seal.json", seal.model_dump_json(indent=1).encode()):
        for path in written:
            place.remove(path)
        return seal_of(run.shards, shard.number)
    for path in journals_of(run.shards, shard.number):
        place.remove(path)
    return seal
