"""From files of others to seeds: what can be read becomes a `Seed`, what cannot is reported with file and line."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from graph.seed import Seed


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that gave no seed."""

    file: str
    line: int
    """Counted from 1."""
    reason: str
    """A short constant to count by."""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a file gave, in its order."""

    seeds: tuple[Seed, ...]
    skipped: tuple[Skipped, ...]

    def reasons(self) -> dict[str, int]:
        """How many rows were skipped for which reason, the most frequent first."""
        counts = Counter(skipped.reason for skipped in self.skipped)
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
