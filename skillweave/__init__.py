"""The public door for scripts: what a script needs of the packages below, under one name.

import skillweave as sw

place, models = sw.Workspace.find().prepare(), sw.CommandLineModels()
sw.write_seeds(sw.load_seeds("questions.jsonl").seeds, place.seeds / "mine.parquet")
graph = sw.make_graph(place, ["mine"], "offline-teacher", models)
plan = sw.plan_generation(place, graph, {"writer": models.ref("offline-teacher", place)})
run = sw.generation_run(place, plan, sw.Target(count=500))
print(sw.work(place, run, models).books)
for table in sw.read_accepted(run.folder, columns=["question", "answer"]):
    ...  # pyarrow tables, one a sealed shard
"""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING


def _check_packages() -> None:
    """Say clearly when a file of the user's own (graph.py, engine.py, ...) hides one of our packages."""
    ours = Path(__file__).resolve().parent.parent
    for name in ("engine", "graph", "generation", "teacher", "app"):
        spec = importlib.util.find_spec(name)
        where = spec.origin if spec is not None else None
        if where is None or not Path(where).resolve().is_relative_to(ours):
            raise ImportError(
                f"skillweave needs its own package {name!r}, but Python finds {where or 'none'} first; "
                "rename that file or run from another folder"
            )


_check_packages()

if TYPE_CHECKING:
    from skillweave.api import *  # noqa: F403 - a type checker sees the names where they are
    from skillweave.api import __all__ as __all__


def __getattr__(name: str) -> object:
    """A name of `skillweave.api`. The command line needs none of them, so it does not wait for them."""
    if name.startswith("_") and name != "__all__":
        raise AttributeError(f"module 'skillweave' has no attribute {name!r}")
    found: object = getattr(importlib.import_module("skillweave.api"), name)
    return found


def __dir__() -> list[str]:
    """The names of `skillweave.api`."""
    return [*globals(), *importlib.import_module("skillweave.api").__all__]
