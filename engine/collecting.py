"""Fewer looks for cyclic garbage while calls fly.

Python looks through its youngest objects whenever 700 more were made than freed. With hundreds of conversations in
flight most of these are alive, and what the imports made is looked through with the oldest: together an eighth of the
CPU of a call. Next to nothing here is in cycles, so the looks can be rare.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_THRESHOLDS = (10_000, 10, 10)


@contextmanager
def rare_collections() -> Iterator[None]:
    """While the block runs, look rarely, and not at what is there now. Holds for the whole process."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
