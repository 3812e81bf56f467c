"""Ask the workers of a run to stop, wherever they are: numbered requests, each of which can be made only once.

    stop/000003.json    when it was made, and by whom

Whoever works on the run (`engine.work`) looks for the next number every second, and takes a request for a Ctrl-C: the
first lets what is in flight come back and be kept, the second leaves it. Requests of before a worker began are not for
it, so a run that was stopped is resumed as any other. No clock is compared with another.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from engine.drivers.signals import interrupt
from engine.errors import StorageError
from engine.files import storage_errors
from engine.lease import workers
from engine.places import place_of

LOOK_S = 1.0
"""How often a worker looks, at the most; less often where each look is a request to object storage."""


class StopRequest(BaseModel):
    """What a request says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: float
    """Unix time."""
    by: str
    """Who asked, to be shown."""
    token: str
    """Of this one alone: object storage tells by it whose a request is."""


def _path(folder: Path, number: int) -> Path:
    return folder / "stop" / f"{number:06d}.json"


def _last(folder: Path, known: int = 0) -> int:
    """The number of the last request, which is at least `known`; 0 where there is none."""
    place = place_of(folder)
    while place.has(_path(folder, known + 1)):
        known += 1
    return known


def ask_to_stop(folder: Path, *, by: str = "", at_once: bool = False) -> list[str]:
    """Ask everybody who works on the run in `folder` to stop; `at_once` is to ask twice.

    Returns who that is, as `host, process n`; where it is nobody, nothing is asked. Raises StorageError where the
    request cannot be made.
    """
    place = place_of(folder)
    place.look()
    asked = workers(folder / "lease")
    for _ in range((2 if at_once else 1) if asked else 0):
        with storage_errors(folder):
            (folder / "stop").mkdir(exist_ok=True)
        said = StopRequest(at=time.time(), by=by, token=secrets.token_hex(6))
        place.put_new(_path(folder, _last(folder) + 1), said.model_dump_json().encode())  # or another was faster
    return asked


def last_request(folder: Path) -> StopRequest | None:
    """The last request that is known here; None where there is none, or none that can be read."""
    number = 0
    while _path(folder, number + 1).exists():
        number += 1
    try:
        return StopRequest.model_validate_json(_path(folder, number).read_bytes()) if number else None
    except ValueError:
        return None


@asynccontextmanager
async def obeyed(folder: Path) -> AsyncIterator[None]:
    """While the block runs, a request to stop the run in `folder` is a Ctrl-C to whoever listens in this event loop."""
    watching = asyncio.create_task(_obey(folder, _last(folder)))
    try:
        yield
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


async def _obey(folder: Path, known: int) -> None:
    loop, look_s = asyncio.get_running_loop(), max(LOOK_S, place_of(folder).rest_s)
    wanted = given = 0
    while given < 2:
        await asyncio.sleep(look_s if wanted == given else 0.1)
        with suppress(StorageError):  # asked again at the next look
            now = await asyncio.to_thread(_last, folder, known)
            wanted, known = min(2, wanted + now - known), now
        while given < wanted and interrupt(loop):
            given += 1
