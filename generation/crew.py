"""Work on a run of questions with a crew of many machines (`engine.drivers.ray`).

Each worker opens the workspace, the run and the models by itself. The workspace is a folder that all machines see under
one path; or, where the run lies on object storage, a folder of each machine that holds the graph and the seeds.
"""

from __future__ import annotations

import asyncio
import socket
from functools import partial
from pathlib import Path

import orjson

from engine.books import read_books
from engine.drivers.contract import Outcome
from engine.drivers.following import Follower
from engine.drivers.ray import RayOptions, drive_on_ray
from engine.errors import InputError
from engine.places import PLACE, place_of
from engine.places.joining import join
from engine.progress import meter
from engine.run import Run, find_run, open_earlier, open_run
from engine.stopping import obeyed
from engine.work import Models, Worked
from engine.workspace import Workspace
from generation.recipes import ALL_RECIPES
from generation.working import work


def work_as_crew(
    workspace: Workspace,
    run: Run,
    models: Models,
    crew: RayOptions,
    *,
    give_up: bool = False,
    old: Run | None = None,
    patience: int = 1_000,
) -> Worked:
    """Work on a run until it is complete, exhausted, incomplete or interrupted; `old` is a run whose replies are taken.

    Raises what `engine.drivers.ray.drive_on_ray` raises.
    """
    url = str(orjson.loads((run.folder / PLACE).read_bytes())["url"]) if (run.folder / PLACE).exists() else None
    job = partial(
        _work_here, str(workspace.root), run.name, url, models, give_up, patience, old.name if old is not None else None
    )
    total = run.target().count or run.items.size
    with meter(run.name, total) as progress:

        def on_progress(passed: int, refused: int, workers: int) -> None:
            done = passed if run.target().count else passed + refused
            progress.update(min(done, total or done), note=f"{workers} workers, {refused:,} rejected")

        async def go() -> Outcome:
            async with obeyed(run.folder):
                return await drive_on_ray(run, job, crew, on_progress=on_progress)

        outcome = asyncio.run(go())
    place_of(run.folder).fetch()
    return Worked(read_books(run.folder), outcome)


def _work_here(
    root: str,
    name: str,
    url: str | None,
    models: Models,
    give_up: bool,
    patience: int,
    reuse: str | None,
    follower: Follower,
) -> Outcome:
    """One worker's work, in its own process on its own machine."""
    place = Workspace(Path(root))
    if url is not None:
        folder = join(place.prepare().runs, name, url.rpartition("/")[0])
    elif (folder := place.runs / name).is_dir():
        folder = find_run(place.runs, name)
    else:
        raise InputError(
            f"{folder} is not there on {socket.gethostname()}; share the workspace's folder among the machines, or "
            "begin the run on object storage: skillweave generate --place s3://bucket/runs"
        )
    run = open_run(folder, ALL_RECIPES, place.root)
    old = open_earlier(find_run(place.runs, reuse), ALL_RECIPES, place.root) if reuse else None
    worked = work(place, run, models, give_up=give_up, old=old, patience=patience, driver="online", follower=follower)
    return worked.outcome
