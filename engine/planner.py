"""What a run draws next: repeats are marked once, and no more is drawn than the missing rows need.

The marks are bits in `repeats.bits`, in blocks of 65,536 indices, written in order and never changed. An item equal to
an earlier one is a repeat; it counts as drawn and is never sent.

How much to draw follows from the acceptance a seen so far. To get m more rows by drawing n items, n·a of them pass on
average with a spread of sqrt(n·a·(1-a)), so n = (m + sqrt(m·(1-a))) / a leaves a margin of one standard deviation. What
was seen of few is believed only as far as it is certain: a is taken one standard error too high, so a run begins by
drawing too little, never too much.
"""

from __future__ import annotations

import math
import os
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.errors import NotDeterministic
from engine.files import storage_errors
from engine.run import Run, Target
from engine.shard import Seal, Shard

BLOCK = 65_536
_BYTES = BLOCK // 8


class Repeats:
    """The marks of a run. `marks` reads them, and makes the blocks that are not there yet."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._path: Path = run.folder / "repeats.bits"
        self._seen = np.zeros(0, np.uint64)
        self._seen_blocks = 0

    def _blocks(self) -> int:
        """The blocks that are there; one that a crash cut short, or that another process just writes, is made again."""
        return self._path.stat().st_size // _BYTES if self._path.exists() else 0

    def marks(self, start: int, stop: int) -> NDArray[np.bool_]:
        """Shape (stop-start,): True where the item is a repeat of an earlier one."""
        while self._blocks() * BLOCK < stop:
            self._make_block()
        first = start // BLOCK
        with self._path.open("rb") as handle:
            handle.seek(first * _BYTES)
            content = handle.read((-(-stop // BLOCK) - first) * _BYTES)
        bits = np.unpackbits(np.frombuffer(content, np.uint8), bitorder="little")
        return bits[start - first * BLOCK : stop - first * BLOCK].astype(np.bool_)

    def sendable(self, shard: Shard) -> NDArray[np.int64]:
        """The shard's indices that are no repeats, rising."""
        return np.flatnonzero(~self.marks(shard.start, shard.stop)).astype(np.int64) + shard.start

    def _block(self, number: int, seen: NDArray[np.uint64]) -> tuple[bytes, NDArray[np.uint64]]:
        """The bytes of a block and everything seen after it."""
        begin, end = number * BLOCK, (number + 1) * BLOCK
        if self._run.items.size is not None:
            end = min(end, self._run.items.size)
        identities = self._run.items.identities(begin, end)
        fresh = np.zeros(len(identities), np.bool_)
        fresh[np.unique(identities, return_index=True)[1]] = True
        places = np.minimum(np.searchsorted(seen, identities), max(len(seen) - 1, 0))
        if len(seen):
            fresh &= seen[places] != identities
        bits = np.zeros(BLOCK, np.bool_)
        bits[: len(identities)] = ~fresh
        new = np.sort(identities[fresh])
        return np.packbits(bits, bitorder="little").tobytes(), np.insert(seen, np.searchsorted(seen, new), new)

    def _make_block(self) -> None:
        """Make the next block. Several workers may make it at once: the bytes are the same."""
        for number in range(self._seen_blocks, self._blocks()):
            content, self._seen = self._block(number, self._seen)
            self._seen_blocks += 1
            with self._path.open("rb") as handle:
                handle.seek(number * _BYTES)
                if handle.read(_BYTES) != content:
                    raise NotDeterministic(
                        f"{self._path}: the items of block {number} are not those that were marked: the sampler "
                        "gives other items for the same run.json. Nothing was sent; begin a new run with --reuse"
                    )
        content, self._seen = self._block(self._seen_blocks, self._seen)
        with storage_errors(self._path):
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o644)
            try:
                os.pwrite(descriptor, content, self._seen_blocks * _BYTES)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        self._seen_blocks += 1


@dataclass
class Planner:
    """Decides the next shard from what has been seen of this run. Changes no file but the repeats' marks.

    It is told of every range drawn and shard sealed, by whomever, and by the driver of every conversation that begins
    (`begin`, in index order) and ends (`end`). Refusals end sooner than rows, so the acceptance is taken over the
    conversations before the oldest one at work: what ended among the younger ones is no fair sample.
    """

    repeats: Repeats
    size: int | None
    target: Target
    shard_size: int = 2_000
    """Indices to send that a shard holds at most."""
    drawn: int = 0
    shards: int = 0
    passed: int = 0
    refused: int = 0
    open: int = 0
    """Drawn and not ended."""
    last_passed: int = -1
    _at_work: deque[int] = field(default_factory=deque)
    _ended: dict[int, bool | None] = field(default_factory=dict)
    _sample: tuple[int, int] = (0, 0)

    def draw(self, shard: Shard, sendable: int) -> None:
        """A range was drawn, with so many indices to send."""
        self.drawn, self.shards = max(self.drawn, shard.stop), max(self.shards, shard.number + 1)
        self.open += sendable

    def count_seal(self, seal: Seal, passed: int = 0, refused: int = 0) -> None:
        """A shard was sealed; `passed` and `refused` of it were counted before, conversation by conversation."""
        more, less = seal.passed - passed, seal.refused - refused
        self._count(more, less)
        if seal.last_passed is not None:
            self.last_passed = max(self.last_passed, seal.last_passed)
        self._sample = (self._sample[0] + more, self._sample[1] + less)

    def _count(self, passed: int, refused: int) -> None:
        self.passed += passed
        self.refused += refused
        self.open -= passed + refused

    def forget(self, passed: int, refused: int) -> None:
        """So many conversations are open again: their shard is another worker's now."""
        self._count(-passed, -refused)

    def begin(self, index: int) -> None:
        """The conversation of a drawn index begins."""
        self._at_work.append(index)

    def end(self, index: int, *, passed: bool | None) -> None:
        """A conversation ended: passed, refused, or (None) lost to the endpoint, which leaves it open."""
        if passed is not None:
            self._count(int(passed), int(not passed))
            self.last_passed = max(self.last_passed, index if passed else -1)
        self._ended[index] = passed
        while self._at_work and self._at_work[0] in self._ended:
            verdict = self._ended.pop(self._at_work.popleft())
            if verdict is not None:
                self._sample = (self._sample[0] + verdict, self._sample[1] + (not verdict))

    @property
    def acceptance(self) -> float:
        """The share of conversations that pass, one standard error above what was seen; 1 where nothing was."""
        passed, refused = self._sample
        ended = passed + refused
        if not ended:
            return 1.0
        share = (passed + 1) / (ended + 1)
        return min(1.0, share + math.sqrt(share * (1 - share) / ended))

    def wanted(self) -> int:
        """How many more items to send now, at the acceptance seen so far plus a margin."""
        if self.target.count is None:
            return self.shard_size
        missing = self.target.count - self.passed
        if missing <= 0:
            return 0
        rate = self.acceptance
        return math.ceil((missing + math.sqrt(missing * (1 - rate))) / rate) - self.open

    def next_shard(self) -> Shard | None:
        """The next shard; None where nothing is wanted or nothing is left."""
        wanted = min(self.wanted(), self.shard_size)
        if wanted <= 0 or self.target.exhausted(self.size, self.drawn, self.last_passed):  # so far: some may be open
            return None
        start = stop = self.drawn
        ends = [self.target.limit(self.size)]
        if self.size is None:
            ends.append(start + max(self.target.exhausted_after, wanted))
        end = min(end for end in ends if end is not None)
        while wanted and stop < end:
            step = min(end, stop + BLOCK)
            fresh = np.flatnonzero(~self.repeats.marks(stop, step))
            if len(fresh) >= wanted:
                step = stop + int(fresh[wanted - 1]) + 1
            wanted -= min(wanted, len(fresh))
            stop = step
        return Shard(self.shards, start, stop)
