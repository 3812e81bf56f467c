"""One process that works on a toy run: what the tests kill, interrupt and start again.

    python work_on_toy.py RUN_FOLDER BASE_URL [JSON of OnlineOptions, and stale_after_s, beat_s, rest_s, numbering]

Ends with 0 (worked to its end), 130 (interrupted), or the error's exit code, whose message it prints.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from toy_recipe import TOY

import engine.drivers.online
import engine.lease
from engine.books import read_books
from engine.call import ModelRef
from engine.drivers.contract import Outcome
from engine.drivers.online import OnlineOptions, drive
from engine.errors import ExitCode, SkillweaveError
from engine.models import Endpoint
from engine.places.bucket import Bucket
from engine.run import open_run
from engine.sender import open_senders
from engine.transports.retry import RetryPolicy

POLICY = RetryPolicy(max_attempts=3, base_delay_s=0.01, max_delay_s=0.05, max_outage_s=0)


def endpoints(base_url: str) -> dict[str, Endpoint]:
    ref = ModelRef(served_by="simulated", model="simulated-1")
    return {"simulated": Endpoint(ref=ref, base_url=base_url, concurrency=64)}


async def work(folder: Path, base_url: str, options: OnlineOptions) -> Outcome:
    run = open_run(folder, {"toy": TOY}, folder.parent.parent)
    async with open_senders(run.spec.models, endpoints(base_url), POLICY) as senders:
        return await drive(run, senders, options)


def main() -> int:
    folder, base_url, *rest = sys.argv[1:]
    given = json.loads(rest[0] if rest else "{}")
    engine.lease.STALE_AFTER_S = given.pop("stale_after_s", engine.lease.STALE_AFTER_S)
    engine.drivers.online.BEAT_S = given.pop("beat_s", engine.drivers.online.BEAT_S)
    Bucket.rest_s = given.pop("rest_s", Bucket.rest_s)
    if (machine := given.pop("numbering", None)) is not None:
        engine.lease.numbering = lambda: machine  # type: ignore[attr-defined]
    print("started", flush=True)
    try:
        outcome = asyncio.run(work(Path(folder), base_url, OnlineOptions(**given)))
    except SkillweaveError as error:
        print(f"{type(error).__name__}: {error}", flush=True)
        return int(error.exit_code)
    print(read_books(Path(folder)).state, flush=True)
    return int(ExitCode.INTERRUPTED if outcome.interrupted else ExitCode.COMPLETE)


if __name__ == "__main__":
    sys.exit(main())
