"""How a wave comes to the provider once and never twice, whatever is killed between two steps.

| what is recorded | what may be at the provider      | what is done next                                     |
|------------------|----------------------------------|-------------------------------------------------------|
| the intent       | perhaps the file, never a batch  | the file is looked for by its name, else uploaded     |
| uploaded         | the file, perhaps the batch      | the batch is looked for by its token, else submitted  |
| submitted        | the batch                        | it is asked how it stands                             |

A batch is also looked for wherever the answer to its submission was lost. Only who holds the first shard of a wave that
still waits for it brings it there. What remains: a process that sleeps for longer than `engine.lease.STALE_AFTER_S`
between its last look at its lease and the request itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from engine.batches.api import Batch, BatchApi
from engine.batches.waves import Wave, Waves
from engine.errors import Fault, RateLimited

T = TypeVar("T")


class Insist(Protocol):
    """Tries until no Fault comes."""

    async def __call__(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """What the attempt returned. Raises the last Fault where it gives up."""


@dataclass(frozen=True)
class Submission:
    """Brings waves of one run to one endpoint."""

    run: str
    """The run's name, for the batch's metadata."""
    waves: Waves
    api: BatchApi
    insist: Insist
    sleep: Callable[[float], Awaitable[None]]
    look_again_s: float
    """Seconds between two looks for a batch: a list may not show at once what was made just now."""

    async def submit(self, wave: Wave, check: Callable[[], None], *, fresh: bool) -> str:
        """The id of the wave's batch, which was submitted now or before; it is recorded on return.

        `fresh`: this process recorded the intent just now. `check` raises where another worker has taken over.
        """
        if (known := self.waves.known(wave.number, "submitted")) is not None:
            return known
        file_id = self.waves.known(wave.number, "uploaded")
        maybe_there = file_id is not None
        if file_id is None:
            found = await self._file(wave, look=not fresh)
            file_id = self.waves.put_known(wave.number, "uploaded", found)
            maybe_there = file_id != found  # another worker recorded its own, and may have gone on with it
        name = await self._submit(wave, file_id, check, maybe_there=maybe_there)
        return self.waves.put_known(wave.number, "submitted", name)

    async def find(self, wave: Wave) -> Batch | None:
        """The wave's batch, if one was submitted, recorded or not. Looks twice."""
        file_id = self.waves.known(wave.number, "uploaded")
        if file_id is None:
            return None
        for last in (False, True):
            found = await self.insist(lambda: self._look(wave, file_id))
            if found is not None or last:
                return found
            await self.sleep(self.look_again_s)
        return None

    async def _look(self, wave: Wave, file_id: str) -> Batch | None:
        return await self.api.find_batch(wave.metadata(self.run), file_id, wave.at_ms / 1000)

    async def _file(self, wave: Wave, *, look: bool) -> str:
        source = await asyncio.to_thread(self.waves.brought, wave.token)

        async def attempt() -> str:
            nonlocal look
            found = await self.api.find_file(wave.filename, wave.at_ms / 1000) if look else None
            look = True
            return found or await self.api.upload(source, wave.filename)

        return await self.insist(attempt)

    async def _submit(self, wave: Wave, file_id: str, check: Callable[[], None], *, maybe_there: bool) -> str:
        async def attempt() -> str:
            nonlocal maybe_there
            if maybe_there and (found := await self.find(wave)) is not None:
                return found.id
            check()
            try:
                return (await self.api.create(file_id, wave.metadata(self.run))).id
            except RateLimited:
                maybe_there = False  # it was not taken
                raise
            except Fault:
                maybe_there = True
                raise

        return await self.insist(attempt)
