"""Memory and CPU of the batch driver for one wave of 50,000 calls and about 200 MB, beside a small wave.

The driver is a process of its own: it fills a wave, uploads it, polls, downloads, journals and seals. The provider is
the teacher's files and batches endpoints in another process, with a reply of fixed size. Peak memory is promised to be
within 60 MB of what the small wave takes, because a shard at a time is in memory and never a wave.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import uvicorn
from numpy.typing import NDArray

from bench.figures import REPOSITORY, Figure, Measured, must
from engine.batches.options import BatchOptions
from engine.batches.waves import Waves
from engine.books import read_books
from engine.call import Call, Message, ModelRef
from engine.drivers.batch import drive_batches
from engine.models import Endpoint
from engine.recipe import Conversation, Recipe, Terms
from engine.run import Run, Target, create_run, plan_spec

SMALL, LARGE = 2_000, 50_000
_PROMPT = "An example of a question. " * 143  # with the rest of the line about 3,950 bytes: 50,000 are about 200 MB
_TEXT = "<question>\nHow many? " + "word " * 200 + "\n</question>"


class _Numbers:
    def __init__(self, size: int) -> None:
        self.size: int | None = size

    def take(self, indices: NDArray[np.int64]) -> Sequence[int]:
        numbers: list[int] = indices.tolist()
        return numbers

    def identities(self, start: int, stop: int) -> NDArray[np.uint64]:
        return np.arange(start, stop, dtype=np.uint64)

    def describe(self, item: int) -> Mapping[str, Any]:
        return {"number": item}


def _write(item: int, rng: Random, terms: Terms) -> Conversation:  # noqa: ARG001
    reply = yield Call((Message("user", f"{_PROMPT}{item}"),))
    return {"question": reply.text}


_RECIPE: Recipe[int] = Recipe(
    "bench-batch", 1, _write, pa.schema([("question", pa.string())]),
    lambda described, _: _Numbers(described["size"]), sources=("bench.batch",),
)  # fmt: skip


def _serve() -> None:
    """The provider, on a port that it prints."""
    import socket

    from teacher.batches import Batches
    from teacher.faults import Faults

    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": _TEXT}}
    usage = {"prompt_tokens": 800, "completion_tokens": 210, "total_tokens": 1_010}
    body = {"object": "chat.completion", "model": "m", "choices": [choice], "usage": usage}
    batches = Batches(lambda _: (200, body), lambda _: Faults())
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    config = uvicorn.Config(
        batches.handle, interface="asgi3", lifespan="off", ws="none", log_level="error", access_log=False
    )
    asyncio.run(uvicorn.Server(config).serve(sockets=[listener]))


def _work(place: Path, size: int, port: int) -> None:
    """The driver."""
    model = ModelRef(served_by="bench", model="m")
    spec = plan_spec(_RECIPE, items={"size": size}, models={"writer": model}, seed=1)
    (place / "runs").mkdir()
    folder = create_run(place / "runs", "bench", spec, Target())
    run = Run(folder, spec, _RECIPE, _RECIPE.open_items(spec.items, place))
    endpoint = Endpoint(ref=model, base_url=f"http://127.0.0.1:{port}/v1")
    asyncio.run(drive_batches(run, {"bench": endpoint}, BatchOptions(poll_most_s=2.0)))
    books, waves = read_books(folder), Waves.of(folder).all()
    if books.accepted != size or len(waves) != 1:
        raise SystemExit(f"{books.accepted} rows in {len(waves)} waves")
    print(waves[0].size)


def _measure(size: int) -> tuple[Measured, int]:
    """The driver on a wave of so many calls, and the bytes of its file."""
    command = [sys.executable, "-m", "bench.batch"]
    with (
        tempfile.TemporaryDirectory() as place,
        subprocess.Popen([*command, "serve"], stdout=subprocess.PIPE, text=True, cwd=REPOSITORY) as server,
    ):
        assert server.stdout is not None
        port = server.stdout.readline().strip()
        driver = subprocess.Popen(
            [*command, "work", place, str(size), port], stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
        )
        measured = Measured(driver)
        measured.watch()
        server.terminate()
        assert driver.stdout is not None
        return must(measured), int(driver.stdout.read())


def check() -> list[Figure]:
    """What is promised of the batch driver."""
    small, _ = _measure(SMALL)
    large, size = _measure(LARGE)
    return [
        Figure("bytes of the wave's file", size, "<=", 200_000_000),
        Figure(f"peak MB for {SMALL:,} calls", small.peak_mib * 1.048576),
        Figure(f"peak MB for {LARGE:,} calls", large.peak_mib * 1.048576),
        Figure("MB that the large wave takes more", (large.peak_mib - small.peak_mib) * 1.048576, "<=", 60),
        Figure("ms of CPU a call", large.cpu_s / LARGE * 1e3, "<=", 5),
        Figure("seconds", large.wall_s),
    ]


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        _serve()
    else:
        _work(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
