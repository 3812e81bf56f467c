"""What a place can do. Paths are those of the run's folder on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol


class Place(Protocol):
    """Where a run's folder lies. What fails for another reason than those named raises StorageError."""

    @property
    def rest_s(self) -> float:
        """Seconds between two heartbeats, at least: what a request costs."""

    def look(self) -> None:
        """Bring the folder up to date as far as ranges, seals, leases, workers, waves, limits and the target go."""

    def look_at(self, shard: int) -> None:
        """Bring the folder up to date with the waves, and a shard's journals, or its seal where it has one."""

    def fetch(self) -> None:
        """Bring the folder up to date with everything that counts, sealed rows and open journals too."""

    def put_new(self, path: Path, content: bytes) -> bool:
        """Put a file that must not exist yet. False if another was there first, which can then be read."""

    def replace(self, path: Path, content: bytes) -> None:
        """Put a file in place of what is there."""

    def beat(self, path: Path) -> None:
        """Change a file so that others see it. May raise FileNotFoundError where it is gone."""

    def has(self, path: Path) -> bool:
        """Whether the file is there now, whatever the folder says."""

    def remove(self, path: Path) -> None:
        """Remove a file if it is there."""

    def append(self, path: Path, start: int, content: bytes) -> None:
        """Let others see what is about to be written to a journal of this worker, from byte `start` on."""

    def keep(self, path: Path) -> None:
        """Let others have a file that was written whole here, under a name that no other file has."""

    def bring(self, path: Path) -> None:
        """Have a file here that another worker kept. May raise FileNotFoundError where nobody did."""
