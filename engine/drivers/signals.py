"""Ctrl-C and SIGTERM, heard in the event loop; and the same for whoever has no signals."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_HEARING: list[tuple[asyncio.AbstractEventLoop, Callable[[], None]]] = []


def interrupt(only: asyncio.AbstractEventLoop | None = None) -> bool:
    """Tell whoever listens in this process, in whatever thread, or `only` in one event loop, what a Ctrl-C would.

    False where nobody does.
    """
    listening = [(loop, tell) for loop, tell in _HEARING if only in (None, loop)]
    for loop, tell in listening:
        loop.call_soon_threadsafe(tell)
    return bool(listening)


@contextmanager
def heard(tell: Callable[[], None]) -> Iterator[None]:
    """While the block runs, both signals call `tell` in the loop; outside the main thread only `interrupt` does."""
    loop, caught = asyncio.get_running_loop(), [signal.SIGINT, signal.SIGTERM]
    try:
        for number in caught:
            loop.add_signal_handler(number, tell)
    except (ValueError, RuntimeError, NotImplementedError):
        caught = []
    _HEARING.append((loop, tell))
    try:
        yield
    finally:
        _HEARING.remove((loop, tell))
        for number in caught:
            loop.remove_signal_handler(number)
