"""Fewer looks for cyclic garbage while calls fly.

Python looks through its youngest objects whenever 700 more were made than freed. With hundreds of conversations in
flight most of these are alive, and what the imports made is looked through with the oldest: together up to a tenth of
the CPU of a call. Next to nothing here is in cycles, so the looks can be rare.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_THRESHOLDS = (10_000, 10, 10)
_lock = threading.Lock()
_found: list[tuple[int, int, int]] = []
"""The thresholds that each block at work found."""


@contextmanager
def rare_collections() -> Iterator[None]:
    """While the block runs, look rarely, and not at what is there now.

    Holds for the whole process; of several blocks at once, in whatever threads, the last to end restores what the first
    found.
    """
    with _lock:
        _found.append(gc.get_threshold())
        gc.freeze()
        gc.set_threshold(*_THRESHOLDS)
    try:
        yield
    finally:
        with _lock:
            found = _found[0]
            _found.pop()
            if not _found:
                gc.set_threshold(*found)
                gc.unfreeze()
