"""A folder that all workers see: a disk of this machine, or one shared over the network."""

from __future__ import annotations

import os
from pathlib import Path

from engine.files import put_new, replace, storage_errors


class Disk:
    """A place that needs no copies."""

    rest_s = 0.0

    def look(self) -> None:
        """Nothing: it is all there."""

    def look_at(self, shard: int) -> None:
        """Nothing: it is all there."""

    def fetch(self) -> None:
        """Nothing: it is all there."""

    def put_new(self, path: Path, content: bytes) -> bool:
        """By link."""
        return put_new(path, content)

    def replace(self, path: Path, content: bytes) -> None:
        """By rename."""
        replace(path, content)

    def beat(self, path: Path) -> None:
        """By its time. Raises FileNotFoundError where it is gone."""
        with storage_errors(path):
            os.utime(path)

    def has(self, path: Path) -> bool:
        """Whether it exists."""
        return path.exists()

    def remove(self, path: Path) -> None:
        """By unlink."""
        path.unlink(missing_ok=True)

    def append(self, path: Path, start: int, content: bytes) -> None:
        """Nothing: who writes the journal writes it here."""

    def keep(self, path: Path) -> None:
        """Nothing: it is there."""

    def bring(self, path: Path) -> None:
        """Nothing: it is there."""
