"""Who works on a run: a file that can be created only once a generation.

`lease/<what>.<generation>` holds host, process and the process's start time. The owner is the highest generation. It is
free where nobody holds it, where it was released, or where its process on this host is gone; on another host, or in
another container, where its heartbeat (the file's time) did not move for `STALE_AFTER_S` by this machine's own clock.
"""

from __future__ import annotations

import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path

import orjson

from engine.errors import RunHeld
from engine.files import put_new
from engine.processes import alive, numbering, process_start

STALE_AFTER_S = 60.0
"""A lease of another host whose heartbeat rests for so long is taken over."""


def _generations(folder: Path, what: str) -> list[int]:
    suffixes = (path.name.removeprefix(f"{what}.") for path in folder.glob(f"{what}.*"))
    return [int(suffix) for suffix in suffixes if suffix.isdigit()]


@dataclass(slots=True)
class Lease:
    """A lease this process holds. Beat it at each commit; release it at the end."""

    folder: Path
    what: str
    generation: int

    @property
    def path(self) -> Path:
        """The file of this generation."""
        return self.folder / f"{self.what}.{self.generation:06d}"

    def beat(self) -> None:
        """Show that the owner lives. Raises RunHeld where another process has taken over meanwhile."""
        os.utime(self.path)
        if (self.folder / f"{self.what}.{self.generation + 1:06d}").exists():
            raise RunHeld(f"{self.folder.parent.name}: another process has taken over; what was paid here is journaled")

    def release(self) -> None:
        """Say that nobody works on it any more."""
        put_new(self.path.with_name(self.path.name + ".released"), b"")


def _owner(folder: Path, what: str, generation: int) -> tuple[str, bool] | None:
    """The name of who holds the lease, and whether that is a process whose number means something here."""
    path = folder / f"{what}.{generation:06d}"
    if not generation or path.with_name(path.name + ".released").exists():
        return None
    owner = orjson.loads(path.read_bytes())
    name = f"{owner['host']}, process {owner['pid']}"
    here = (owner["host"], owner.get("numbering", numbering())) == (socket.gethostname(), numbering())
    return None if here and not alive(owner["pid"], owner["start"]) else (name, here)


def holder(folder: Path, what: str = "run") -> str | None:
    """Who holds the lease now, as `host, process n`; None where it is free. Does not wait."""
    owner = _owner(folder, what, max(_generations(folder, what), default=0))
    return owner[0] if owner is not None else None


def _is_stale(path: Path) -> bool:
    """Watch another host's heartbeat for as long as it takes to tell."""
    seen = path.stat().st_mtime_ns
    end = time.monotonic() + STALE_AFTER_S
    while time.monotonic() < end:
        time.sleep(1)
        if path.stat().st_mtime_ns != seen or path.with_name(path.name + ".released").exists():
            return path.stat().st_mtime_ns == seen
    return True


def take(folder: Path, what: str = "run") -> Lease:
    """Take the lease. Raises RunHeld, naming the holder, where another process has it."""
    folder.mkdir(parents=True, exist_ok=True)
    run = folder.parent.name
    last = max(_generations(folder, what), default=0)
    if (owner := _owner(folder, what, last)) is not None:
        name, here = owner
        if here or not _is_stale(folder / f"{what}.{last:06d}"):
            raise RunHeld(f"run {run} is being worked on by {name}. Watch it with: skillweave runs {run}")
    process = {"pid": os.getpid(), "start": process_start(os.getpid()), "numbering": numbering()}
    content = {"host": socket.gethostname(), **process}
    lease = Lease(folder, what, last + 1)
    if not put_new(lease.path, orjson.dumps(content)):
        raise RunHeld(f"run {run} was taken by another process just now. Watch it with: skillweave runs {run}")
    return lease
