"""Where a run's folder lies: on a disk that its workers share, or on object storage with a copy at each machine.

A run on object storage is worked on in a folder of this machine, which holds `place.json` with the address. Whatever
two workers could both do is done there first, by a request that can succeed only once: to draw a range, to take a
shard, to seal it, to grant money. Then it is copied here, and read here as on any disk. So the engine reads paths, and
what it makes goes through the `Place` of the run.
"""

from __future__ import annotations

from pathlib import Path

import orjson

from engine.places.contract import Place
from engine.places.disk import Disk

PLACE = "place.json"
_OPEN: dict[tuple[Path, str], Place] = {}


def address_of(folder: Path) -> str | None:
    """Where the run in `folder` lies on object storage; None where it lies on a disk."""
    try:
        return str(orjson.loads((folder / PLACE).read_bytes())["url"])
    except FileNotFoundError:
        return None


def place_of(folder: Path) -> Place:
    """The place of the run in `folder`, opened once in a process. Raises InputError for a store that is no good."""
    if (url := address_of(folder)) is None:
        return Disk()
    known = (folder, url)
    if known not in _OPEN:
        from engine.places.bucket import Bucket  # fsspec: only where it is used

        _OPEN[known] = Bucket.open(folder, url)
    return _OPEN[known]
