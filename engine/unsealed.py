"""How far the conversations of unsealed shards have come: by replay of their journals, each conversation once.

The books know a conversation's end from its shard's seal, which may be thousands of conversations away. Whoever watches
a run wants it sooner. What is found here is no part of the books.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np

from engine.records import Records
from engine.replay import Passed, Remembered, remember_shard
from engine.run import Run
from engine.sealing import replay_shard

_MOST = 4_000
"""Conversations that one look replays at most; the next goes on with them."""


@dataclass(slots=True)
class _Shard:
    sizes: dict[str, int] = field(default_factory=dict)
    """Bytes of the journals at the last look."""
    ended: dict[int, str] = field(default_factory=dict)
    """By index: the reason, or empty for one that passed."""
    rows_at: list[int] = field(default_factory=list)
    """Unix milliseconds at which rows were whole."""


@dataclass
class Unsealed:
    """The conversations of one run's unsealed shards. Not for several threads at once."""

    run: Run
    _shards: dict[int, _Shard] = field(default_factory=dict)

    def look(self, records: Records) -> None:
        """Replay what `records` found to be new. Raises what a recipe raises, RunError for one."""
        left = _MOST
        self._shards = {number: self._shards.get(number, _Shard()) for number in records.journals}
        for number, shard in self._shards.items():
            sizes = {name: journal.size for name, journal in records.journals[number].items()}
            if sizes != shard.sizes and left > 0:
                replies: Remembered = {}
                with suppress(FileNotFoundError):  # sealed just now
                    replies = remember_shard(self.run.shards, number).replies
                fresh = sorted(replies.keys() - shard.ended.keys())[:left]
                left -= len(fresh)
                self._replay(shard, fresh, replies)
                shard.sizes = sizes if left > 0 else {}

    def _replay(self, shard: _Shard, indices: list[int], replies: Remembered) -> None:
        for _, talk, ending in replay_shard(self.run, np.array(indices, np.int64), replies):
            if isinstance(ending, list):
                continue
            shard.ended[talk.index] = "" if isinstance(ending, Passed) else ending.reason
            if isinstance(ending, Passed):
                shard.rows_at.append(max((entry.at_ms for entry in talk.replies.values()), default=0))

    @property
    def ended(self) -> int:
        """Conversations that have ended."""
        return sum(len(shard.ended) for shard in self._shards.values())

    @property
    def passed(self) -> int:
        """Those of them that gave a row."""
        return sum(len(shard.rows_at) for shard in self._shards.values())

    @property
    def reasons(self) -> Counter[str]:
        """Why the others did not."""
        return Counter(reason for shard in self._shards.values() for reason in shard.ended.values() if reason)

    @property
    def rows_at(self) -> list[int]:
        """Unix milliseconds at which rows were whole, in no order."""
        return [at for shard in self._shards.values() for at in shard.rows_at]
