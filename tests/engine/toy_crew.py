"""What a worker of a Ray crew does on the toy run, and a process that keeps such a crew.

python toy_crew.py RUN_FOLDER BASE_URL ADDRESS [JSON of options, and least, most]
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from functools import partial
from pathlib import Path
from typing import Any

from toy_recipe import TOY
from work_on_toy import POLICY, endpoints

import engine.drivers.online
import engine.lease
from engine.drivers.contract import Outcome
from engine.drivers.following import Follower, followed
from engine.drivers.online import OnlineOptions, drive
from engine.drivers.ray import RayOptions, drive_on_ray
from engine.errors import ExitCode, InputError, SkillweaveError
from engine.run import open_run
from engine.sender import open_senders


def work(folder: str, base_url: str, given: dict[str, Any], follower: Follower) -> Outcome:
    """One worker."""
    given = dict(given)
    if (variable := given.pop("wants", None)) and variable not in os.environ:
        raise InputError(f"{variable} is not set")
    engine.lease.STALE_AFTER_S = given.pop("stale_after_s", engine.lease.STALE_AFTER_S)
    engine.drivers.online.BEAT_S = given.pop("beat_s", engine.drivers.online.BEAT_S)
    if pids := given.pop("pids", None):
        Path(pids, str(os.getpid())).touch()

    async def go() -> Outcome:
        run = open_run(Path(folder), {"toy": TOY}, Path(folder).parent.parent)
        async with open_senders(run.spec.models, endpoints(base_url), POLICY) as senders, followed(follower, senders):
            return await drive(run, senders, OnlineOptions(**given))

    return asyncio.run(go())


def main() -> int:
    folder, base_url, address, *rest = sys.argv[1:]
    given = json.loads(rest[0] if rest else "{}")
    options = RayOptions(address=address, least=given.pop("least", 2), most=given.pop("most", 2), cpus=0.5)
    print("started", flush=True)
    run = open_run(Path(folder), {"toy": TOY}, Path(folder).parent.parent)
    crew = drive_on_ray(
        run, partial(work, folder, base_url, given), options, shard_size=given.get("shard_size", 2_000),
        on_progress=lambda *at: print(*at, flush=True),
    )  # fmt: skip
    try:
        outcome = asyncio.run(crew)
    except SkillweaveError as error:
        print(f"{type(error).__name__}: {error}", flush=True)
        return int(error.exit_code)
    return int(ExitCode.INTERRUPTED if outcome.interrupted else ExitCode.COMPLETE)


if __name__ == "__main__":
    import toy_crew  # under its own name, by which the workers find it

    sys.exit(toy_crew.main())
