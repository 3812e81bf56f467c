"""The main job: our own seeds to 500 accepted questions by one command, installation aside."""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench.figures import Figure, must, skillweave
from engine.books import read_books


def check() -> list[Figure]:
    """Run it in an empty workspace."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        first = must(skillweave(place, "quickstart"))
        (run,) = (path for path in (place / "runs").iterdir() if path.name.startswith("mathscale"))
        books = read_books(run)
        again = must(skillweave(place, "quickstart"))
        return [
            Figure("seconds from an empty workspace to the dataset", first.wall_s, "<=", 180),
            Figure("accepted questions", books.accepted, ">=", 500),
            Figure("share of non-repeated draws that were accepted", books.acceptance or 0, ">=", 0.6),
            Figure("calls of the second run of the same command", read_books(run).spent[0].calls - books.spent[0].calls,
                   "==", 0),
            Figure("CPU seconds of the command, teacher aside", first.cpu_s),
            Figure("peak MiB of the command", first.peak_mib),
            Figure("seconds of the second run", again.wall_s),
        ]  # fmt: skip
