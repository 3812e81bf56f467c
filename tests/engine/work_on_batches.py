"""One process that works on a toy run by batches, and may kill itself at a point of the way.

    python work_on_batches.py RUN_FOLDER BASE_URL [JSON of BatchOptions, and kill, a point of POINTS, stale_after_s,
                                                   beat_s, rest_s, numbering]

Ends with 0 (worked to its end), 130 (interrupted), or the error's exit code, whose message it prints.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from toy_recipe import TOY
from work_on_toy import endpoints

import engine.drivers.batch
import engine.lease
from engine.batches.api import BatchApi
from engine.batches.options import BatchOptions
from engine.batches.waves import WaveFile, Waves
from engine.books import read_books
from engine.drivers.batch import drive_batches
from engine.errors import ExitCode, SkillweaveError
from engine.journal import Journal
from engine.places.bucket import Bucket
from engine.run import open_run

QUICK = {"poll_first_s": 0.02, "look_again_s": 0.02, "outage_s": 10.0}

POINTS: dict[str, tuple[type, str, bool]] = {
    "before the intent": (Waves, "put_intent", False),
    "after the intent": (Waves, "put_intent", True),
    "before the upload": (BatchApi, "upload", False),
    "after the upload": (BatchApi, "upload", True),
    "after the upload was recorded": (Waves, "put_known:uploaded", True),
    "before the submission": (BatchApi, "create", False),
    "after the submission": (BatchApi, "create", True),
    "after the submission was recorded": (Waves, "put_known:submitted", True),
    "after the download": (BatchApi, "download", True),
    "after a commit": (Journal, "_write", True),
    "before it is settled": (Waves, "put_settled", False),
    "after it is settled": (Waves, "put_settled", True),
    "while a file is written": (WaveFile, "add", True),
}
"""Where it may die: a method, before or after it did its work."""


def die_at(point: str) -> None:
    """Kill this very process there, the first time."""
    owner, name, after = POINTS[point]
    name, _, kind = name.partition(":")
    original: Callable[..., Any] = getattr(owner, name)

    def die(arguments: tuple[Any, ...]) -> None:
        if not kind or kind in arguments:
            os.kill(os.getpid(), signal.SIGKILL)

    async def waiting(*arguments: Any, **named: Any) -> Any:
        if not after:
            die(arguments)
        result = await original(*arguments, **named)
        die(arguments)
        return result

    def plain(*arguments: Any, **named: Any) -> Any:
        if not after:
            die(arguments)
        result = original(*arguments, **named)
        die(arguments)
        return result

    setattr(owner, name, waiting if asyncio.iscoroutinefunction(original) else plain)


def main() -> int:
    folder, base_url, *rest = sys.argv[1:]
    given = json.loads(rest[0] if rest else "{}")
    engine.lease.STALE_AFTER_S = given.pop("stale_after_s", engine.lease.STALE_AFTER_S)
    engine.drivers.batch.BEAT_S = given.pop("beat_s", engine.drivers.batch.BEAT_S)
    Bucket.rest_s = given.pop("rest_s", Bucket.rest_s)
    if (machine := given.pop("numbering", None)) is not None:
        engine.lease.numbering = lambda: machine  # type: ignore[attr-defined]
    if (point := given.pop("kill", None)) is not None:
        die_at(point)
    options = BatchOptions(**{**QUICK, **given})
    print("started", flush=True)
    try:
        run = open_run(Path(folder), {"toy": TOY}, Path(folder).parent.parent)
        outcome = asyncio.run(drive_batches(run, endpoints(base_url), options))
    except SkillweaveError as error:
        print(f"{type(error).__name__}: {error}", flush=True)
        return int(error.exit_code)
    print(read_books(Path(folder)).state, outcome.fault or "", flush=True)
    return int(ExitCode.INTERRUPTED if outcome.interrupted else ExitCode.COMPLETE)


if __name__ == "__main__":
    sys.exit(main())
