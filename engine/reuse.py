"""`--reuse RUN`: replies of an earlier run, for calls whose key has not changed.

Items are matched first: a new index takes the replies of the old index that holds the equal item (equal by identity;
repeats are never sent, so each identity was sent once). Then path and key must be the same.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from msgspec.structs import replace
from numpy.typing import NDArray

from engine.call import Reply, Usage
from engine.journal import Entry
from engine.planner import Repeats
from engine.recipe import Items
from engine.replay import Ask, Remembered, dialogue, remember_shard
from engine.rows import sealed_file
from engine.run import Run
from engine.shard import Shard, seal_of, shards_of

_SHARDS_IN_MEMORY = 4
_BLOCK = 4_096
"""Identities drawn together: one alone costs as much as hundreds."""


def sealed_replies(run: Run, shard: int) -> Remembered:
    """The used replies of a sealed shard, by index and path; none where it has no seal.

    Raises InputError where the file that its seal names is gone.
    """
    if (seal := seal_of(run.shards, shard)) is None:
        return {}
    path = sealed_file(run.folder, seal, "calls")
    columns = [name for name in pq.read_schema(path).names if name != "messages"]
    replies: Remembered = {}
    for row in pq.read_table(path, columns=columns, filters=[("used", "=", True)]).to_pylist():
        usage = Usage(*(row.get(f"{kind}_tokens", 0) for kind in Usage._fields))
        thoughts = row.get("reasoning") or ""  # older seals have no such column, nor estimated tokens
        reply = Reply(row["text"], row["finish"], usage, row["model"], row["attempt"], row["error"], thoughts)
        entry = Entry(row["index"], row["path"], row["key"], reply, row["at_ms"], row["price"], row["origin"])
        replies.setdefault(entry.index, {})[entry.path] = entry
    return replies


class EarlierRun:
    """The replies of `old`, for a run that works on `items`."""

    def __init__(self, old: Run, items: Items[Any]) -> None:
        self._old = old
        self._items = items
        self._shards = shards_of(old.shards)
        self._stops = np.array([shard.stop for shard in self._shards], np.int64)
        self._loaded: OrderedDict[int, Remembered] = OrderedDict()
        self._identities = lru_cache(maxsize=4)(self._draw_identities)

    def _draw_identities(self, block: int) -> NDArray[np.uint64]:
        stop = (block + 1) * _BLOCK
        return self._items.identities(block * _BLOCK, stop if self._items.size is None else min(stop, self._items.size))

    @cached_property
    def _old_identities(self) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """The identities of all old items, sorted, and the first index of each."""
        drawn = int(self._stops[-1]) if len(self._stops) else 0
        return np.unique(self._old.items.identities(0, drawn), return_index=True)

    def matching(self, index: int) -> int | None:
        """The old index of the item equal to the new run's item at `index`; None where the old run did not draw it."""
        known, first = self._old_identities
        wanted = self._identities(index // _BLOCK)[index % _BLOCK]
        place = int(np.searchsorted(known, wanted))
        return int(first[place]) if place < len(known) and known[place] == wanted else None

    def replies_of(self, old_index: int) -> Mapping[str, Entry]:
        """The old run's replies at an index, by path."""
        number = int(np.searchsorted(self._stops, old_index, side="right"))
        if number not in self._loaded:
            self._loaded[number] = _replies_of_shard(self._old, number)
            if len(self._loaded) > _SHARDS_IN_MEMORY:
                self._loaded.popitem(last=False)
        self._loaded.move_to_end(number)
        return self._loaded[number].get(old_index, {})

    def find(self, index: int, ask: Ask) -> Entry | None:
        """The old run's reply to this very call, readdressed to `index`, with the old run as its origin."""
        old_index = self.matching(index)
        known = self.replies_of(old_index).get(ask.path) if old_index is not None else None
        if known is None or known.key != ask.key:
            return None
        return replace(known, index=index, origin=known.origin or self._old.name)


def _replies_of_shard(run: Run, shard: int) -> Remembered:
    """The replies of a shard, sealed or not; the run may be at work."""
    replies: Remembered = {}
    with suppress(FileNotFoundError):  # it is sealed just now
        replies = remember_shard(run.shards, shard).replies
    return sealed_replies(run, shard) or replies


@dataclass(frozen=True, slots=True)
class ReusePrice:
    """What a changed recipe would pay anew, over the indices looked at."""

    looked_at: int
    """Indices of the old run whose conversations were tried with the new recipe."""
    kept: int
    """Their replies that would be used again."""
    lost: int
    """Their replies that would not: about so many calls are asked anew."""
    tokens: int
    """Tokens that the old run spent on these: about what asking anew costs."""


def price_of_reuse(old: Run, new: Run, sample: int = 2_000) -> ReusePrice:
    """Try the new run's recipe on the old run's replies, without a network, for the first `sample` sendable indices."""
    earlier, repeats = EarlierRun(old, new.items), Repeats(old)
    looked_at = kept = lost = tokens = 0
    for shard in shards_of(old.shards):
        part = repeats.sendable(Shard(shard.number, shard.start, shard.stop))[: sample - looked_at]
        for index, item in zip(part.tolist(), new.items.take(part), strict=True):
            replies: dict[str, Entry] = {}
            talk = dialogue(new.recipe, item, index, new.spec.seed, new.terms, new.spec.models, replies)
            while isinstance(step := talk.advance(), list):
                found = {ask.path: earlier.find(index, ask) for ask in step}
                replies.update({path: entry for path, entry in found.items() if entry is not None})
                if None in found.values():
                    break
            known = earlier.replies_of(index)
            tokens += _tokens(known.values()) - _tokens(replies.values())
            kept, lost = kept + len(replies), lost + len(known) - len(replies)
            looked_at += 1
        if looked_at >= sample:
            break
    return ReusePrice(looked_at, kept, lost, tokens)


def _tokens(entries: Iterable[Entry]) -> int:
    return sum(entry.reply.usage.prompt + entry.reply.usage.completion for entry in entries)
