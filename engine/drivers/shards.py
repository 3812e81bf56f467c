"""The shards that an online worker holds: where their conversations begin, and how each is handed in.

Conversations of a shard begin in index order. When none of its conversations is at work any more it is sealed, from its
journals alone; where one stays open it is given back as it is, for `resume`. What another worker has taken over is only
waited for: what comes of it still is journaled, and counted by the other.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from engine.journal import Journal
from engine.replay import Dialogue, dialogue
from engine.run import Run
from engine.sealing import seal_shard
from engine.sharing import Claim, Share


@dataclass(slots=True)
class OpenShard:
    """A shard at work."""

    claim: Claim
    items: deque[tuple[int, Any]]
    """What is to begin."""
    left: int
    """Conversations that have not ended."""
    failed: bool = False
    """Whether one stays open."""
    lost: bool = False
    """Another worker has it now."""

    @property
    def number(self) -> int:
        """The shard's number."""
        return self.claim.shard.number


@dataclass
class Shards:
    """The shards that this process holds. For one event loop; `hand_in` is a task of its own."""

    run: Run
    share: Share
    journal: Journal
    give_up: bool
    """Reject what stays open."""
    on_change: Callable[[], None]
    """Told when a shard is handed in: others may be free now, or nothing left to do."""
    on_failure: Callable[[BaseException], None]
    """Told what made handing in fail; no other shard is handed in then."""
    _held: dict[int, OpenShard] = field(default_factory=dict)
    _current: OpenShard | None = None
    """The one whose conversations begin."""
    _ended: asyncio.Queue[OpenShard | None] = field(default_factory=asyncio.Queue)
    _leaving: bool = False

    def __bool__(self) -> bool:
        return bool(self._held)

    # ---- conversations that begin

    def next(self) -> tuple[OpenShard, Dialogue] | None:
        """The next conversation, of another shard where the one at work has no more. None where none is free now."""
        while (begun := self.more()) is None:
            claim = self.share.next()
            if claim is None:
                return None
            self._open(claim)
        return begun

    def more(self) -> tuple[OpenShard, Dialogue] | None:
        """The next conversation of the shard at work; None where all of them have begun."""
        shard = self._current
        if shard is None or not shard.items:
            return None
        index, item = shard.items.popleft()
        self.share.planner.begin(index)
        run, replies = self.run, shard.claim.memory.replies.pop(index, {})
        return shard, dialogue(run.recipe, item, index, run.spec.seed, run.terms, run.spec.models, replies)

    def _open(self, claim: Claim) -> None:
        items = deque(zip(claim.sendable.tolist(), self.run.items.take(claim.sendable), strict=True))
        self._current = self._held[claim.shard.number] = OpenShard(claim, items, left=len(items))
        self.journal.begin(claim.shard.number, claim.lease.generation, claim.memory.chain)
        if not items:
            self._ended.put_nowait(self._current)

    # ---- conversations that end

    def end(self, shard: OpenShard, index: int, *, passed: bool | None) -> None:
        """A conversation passed, was refused, or (None) stays open. Of a shard that is lost another counts it."""
        if shard.lost:
            passed = None
        elif passed is None:
            shard.failed = True
        else:
            shard.claim.passed += passed
            shard.claim.refused += not passed
        self.share.planner.end(index, passed=passed)
        self._leave(shard)

    def _leave(self, shard: OpenShard) -> None:
        shard.left -= 1
        if shard.left == 0:
            self._ended.put_nowait(shard)

    def show_life(self) -> None:
        """Beat; of what another worker has taken over no conversation begins any more."""
        for claim in self.share.check():
            shard = self._held[claim.shard.number]
            shard.lost = True
            if unbegun := len(shard.items):  # else its last conversation hands it in, or did
                shard.items.clear()
                shard.left -= unbegun - 1
                self._leave(shard)

    # ---- handing in

    async def hand_in(self) -> None:
        """Hand in each shard when its last conversation has ended, until `close`, or until that fails."""
        while (shard := await self._ended.get()) is not None:
            if self._leaving:
                continue  # it is all in the journals: resume seals it
            try:
                await self.journal.finish(shard.number)
                if not shard.lost:
                    await self._settle(shard)
            except Exception as error:  # noqa: BLE001 - reported by drive, after what is in flight has been kept
                self.on_failure(error)
                return
            del self._held[shard.number]
            self.share.wound_up(shard.number)
            self.on_change()

    async def _settle(self, shard: OpenShard) -> None:
        claim = shard.claim
        if shard.failed:
            self.share.give_back(claim)
            return
        seal = await asyncio.to_thread(
            seal_shard,
            self.run,
            claim.shard,
            claim.sendable,
            chain=claim.memory.chain,
            generation=claim.lease.generation,
            give_up=self.give_up,
        )
        if shard.lost:
            return
        if seal is None:
            self.share.give_back(claim)
        else:
            self.share.sealed(claim, seal)

    def leave(self) -> None:
        """Hand in nothing more."""
        self._leaving = True

    def close(self) -> None:
        """No conversation will end any more: `hand_in` returns when it has handed in what has ended."""
        self._ended.put_nowait(None)
