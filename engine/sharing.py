"""How several workers share a run: each takes the next free shard, and draws a new one where none is free.

Nobody hands out work. A worker reads the run's folder, takes a shard that nobody holds, works on it from its journals,
and seals it; where all are held it draws the next range, which only one of them can. So a worker may join, leave, or
be killed at any time, and a run with one worker is the same run.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.batches.waves import shards_in_flight
from engine.errors import RunError
from engine.lease import Lease, Leases, Lost, Watch, Worker, holder, read_leases, try_take
from engine.places import place_of
from engine.planner import Planner, Repeats
from engine.replay import Memory, remember_shard
from engine.run import Run
from engine.shard import Seal, Shard, clear_unsealed, make_shard, seal_of, seals_of, shards_of

LOOK_S = 1.0
"""How often a worker that has nothing to do looks what others left."""


@dataclass(slots=True)
class Claim:
    """A shard that this worker holds."""

    shard: Shard
    sendable: NDArray[np.int64]
    """Its indices without the repeats, rising."""
    lease: Lease
    memory: Memory
    passed: int = 0
    """Its conversations that passed, as this worker counted them into the plan."""
    refused: int = 0


@dataclass
class Share:
    """One worker's view of a run that others may work on as well. Not for several threads."""

    run: Run
    worker: Worker
    shard_size: int = 2_000
    fetches: bool = False
    """Whether this worker takes shards that wait for a batch; to any other they are not free."""
    claims: dict[int, Claim] = field(default_factory=dict)
    """What this worker holds, by shard number."""
    _watch: Watch = field(default_factory=Watch)
    _known: dict[int, Shard] = field(default_factory=dict)
    _sealed: set[int] = field(default_factory=set)
    _left: set[int] = field(default_factory=set)
    """Shards this worker gave back with conversations that the endpoint failed; it does not take them again."""
    _lost: set[int] = field(default_factory=set)
    """Shards that another took over, while replies of theirs are on their way to this worker."""
    _held: dict[int, str] = field(default_factory=dict)
    _away: frozenset[int] = frozenset()
    _looked: float = -math.inf
    _shown: float = -math.inf
    _leases: Leases = field(default_factory=lambda: Leases({}, frozenset(), {}))

    def __post_init__(self) -> None:
        self._place = place_of(self.run.folder)
        self._place.look()
        self.repeats = Repeats(self.run)
        self.planner = Planner(self.repeats, self.run.items.size, self.run.target(), self.shard_size)
        clear_unsealed(self.run.shards, seals_of(self.run.shards))

    def _look(self) -> None:
        """Bring the plan up to what the folder says: ranges drawn and shards sealed by anybody."""
        self._place.look()
        for shard in shards_of(self.run.shards, but=self._known):
            self._known[shard.number] = shard
            self.planner.draw(shard, len(self.repeats.sendable(shard)))
        for number, seal in seals_of(self.run.shards, but=self._sealed | self.claims.keys()).items():
            self._sealed.add(number)
            self.planner.count_seal(seal)
        self.planner.target = self.run.target()
        self._leases = read_leases(self.worker.folder)
        self._away = frozenset() if self.fetches else shards_in_flight(self.run.folder)
        held = ((number, holder(self._leases, self.worker.folder, number)) for number in self._open())
        self._held = {number: name for number, name in held if name is not None}
        self._looked = time.monotonic()

    @property
    def others(self) -> Mapping[int, str]:
        """The unsealed shards that other workers held when the folder was last read, with these workers' names."""
        return {number: name for number, name in self._held.items() if number not in self.claims}

    def _open(self) -> list[int]:
        return [number for number in self._known if number not in self._sealed and number not in self._away]

    def _free(self) -> bool:
        """Whether a shard was free for this worker when the folder was last read."""
        return any(self._takes(number) and number not in self._held for number in self._open())

    def _takes(self, number: int) -> bool:
        return number not in self.claims and number not in self._left and number not in self._lost

    def next(self) -> Claim | None:
        """A shard to work on: the first free one, else a new one if one is wanted. None where there is neither now.

        With `others` empty a None is final.
        """
        if time.monotonic() - self._looked < LOOK_S and not self._free() and self.planner.next_shard() is None:
            return None
        while True:
            self._look()
            for number in self._open():
                if self._takes(number) and (claim := self._take(number)) is not None:
                    return claim
            planned = self.planner.next_shard()
            if planned is None:
                return None
            make_shard(self.run.shards, planned)  # by us or by another: it is there now

    def _take(self, number: int) -> Claim | None:
        lease = try_take(self.worker, number, self._leases, self._watch)
        if lease is None:
            return None
        self._place.look_at(number)
        if not self.fetches and number in shards_in_flight(self.run.folder):  # since the folder was read
            lease.release()
            return None
        try:
            memory = remember_shard(self.run.shards, number)
        except FileNotFoundError:  # the journals go when the seal is there
            memory = None
        if seal_of(self.run.shards, number) is not None:  # by its holder, who was slow and is faster after all
            return None
        shard = self._known[number]
        if memory is None:
            raise RunError(f"{self.run.shards}: a journal of shard {number} went while it was read; restore it")
        claim = Claim(shard, self.repeats.sendable(shard), lease, memory)
        self.claims[number] = claim
        return claim

    def sealed(self, claim: Claim, seal: Seal) -> None:
        """The claim's shard is sealed, by this worker or one that was faster."""
        self.planner.count_seal(seal, claim.passed, claim.refused)
        self._sealed.add(claim.shard.number)
        self.claims.pop(claim.shard.number, None)

    def give_back(self, claim: Claim) -> None:
        """Leave an unsealed shard to others; this worker does not take it again."""
        claim.lease.release()
        self._left.add(claim.shard.number)
        self.claims.pop(claim.shard.number, None)

    def check(self) -> list[Claim]:
        """Show that this worker lives. Returns the claims that another has taken over; they are claims no more."""
        if time.monotonic() - self._shown < self._place.rest_s:
            return []
        self._shown = time.monotonic()
        self.worker.beat()
        lost = []
        for claim in list(self.claims.values()):
            try:
                claim.lease.check()
            except Lost:
                self.planner.forget(claim.passed, claim.refused)
                self._lost.add(claim.shard.number)
                lost.append(self.claims.pop(claim.shard.number))
        return lost

    def wound_up(self, number: int) -> None:
        """Nothing of a claim that was lost is in flight any more: its shard may be taken again."""
        self._lost.discard(number)

    def leave(self) -> None:
        """Give back all that is held, and say that this process is gone."""
        for claim in list(self.claims.values()):
            self.give_back(claim)
        self.worker.leave()
