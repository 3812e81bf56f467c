"""The public door for scripts: what a script needs of the packages below, under one name.

import skillweave as sw

place = sw.Workspace.find()
snapshot = sw.Snapshot.open(sw.find_snapshot(place.graphs))
for table in sw.read_accepted(place.runs / "mathscale-1a2b3c4d"):
    ...
"""

from __future__ import annotations

import importlib.util
from pathlib import Path


def _check_packages() -> None:
    """Say clearly when a file of the user's own (graph.py, engine.py, ...) hides one of our packages."""
    ours = Path(__file__).resolve().parent.parent
    for name in ("engine", "graph", "generation", "teacher"):
        spec = importlib.util.find_spec(name)
        where = spec.origin if spec is not None else None
        if where is None or not Path(where).resolve().is_relative_to(ours):
            raise ImportError(
                f"skillweave needs its own package {name!r}, but Python finds {where or 'none'} first; "
                "rename that file or run from another folder"
            )


_check_packages()

from engine.books import Books, read_books  # noqa: E402 - after the check, whose message is the better one
from engine.call import Call, Message, Reply  # noqa: E402
from engine.errors import InputError, Rejected, SkillweaveError  # noqa: E402
from engine.recipe import Conversation, Recipe, Settings, Terms  # noqa: E402
from engine.rows import read_accepted, read_rejected  # noqa: E402
from engine.workspace import Workspace  # noqa: E402
from graph.snapshot import Snapshot, find_snapshot  # noqa: E402

__all__ = [
    "Books",
    "Call",
    "Conversation",
    "InputError",
    "Message",
    "Recipe",
    "Rejected",
    "Reply",
    "Settings",
    "SkillweaveError",
    "Snapshot",
    "Terms",
    "Workspace",
    "find_snapshot",
    "read_accepted",
    "read_books",
    "read_rejected",
]
