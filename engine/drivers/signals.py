"""Ctrl-C and SIGTERM, heard in the event loop."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def heard(tell: Callable[[], None]) -> Iterator[None]:
    """While the block runs, both signals call `tell` in the loop; outside the main thread nobody sends us signals."""
    loop, caught = asyncio.get_running_loop(), (signal.SIGINT, signal.SIGTERM)
    try:
        for number in caught:
            loop.add_signal_handler(number, tell)
    except (ValueError, RuntimeError, NotImplementedError):
        yield
        return
    try:
        yield
    finally:
        for number in caught:
            loop.remove_signal_handler(number)
