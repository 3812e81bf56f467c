"""skillweave: python -m bench.adapters.ours BASE_URL ROWS IN_FLIGHT FOLDER PROMPT; given again, it goes on."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from engine.books import read_books
from engine.call import Call, Message, ModelRef
from engine.drivers.online import OnlineOptions, drive
from engine.models import Endpoint
from engine.recipe import Conversation, Recipe, Terms
from engine.run import Run, Target, create_run, plan_spec
from engine.sender import open_senders


class _Numbers:
    def __init__(self, size: int) -> None:
        self.size: int | None = size

    def take(self, indices: NDArray[np.int64]) -> Sequence[int]:
        return indices.tolist()

    def identities(self, start: int, stop: int) -> NDArray[np.uint64]:
        return np.arange(start, stop, dtype=np.uint64)

    def describe(self, item: int) -> Mapping[str, Any]:
        return {"number": item}


def main(base_url: str, rows: str, in_flight: str, folder: str, prompt: str) -> None:
    """Work on the run in that folder until it is complete."""

    def write(item: int, rng: Random, terms: Terms) -> Conversation:  # noqa: ARG001
        reply = yield Call((Message("user", prompt.replace("#", str(item))),))
        return {"question": reply.text}

    recipe: Recipe[int] = Recipe(
        "bench", 1, write, pa.schema([("question", pa.string())]), lambda spec, _: _Numbers(spec["size"])
    )
    model = ModelRef(served_by="bench", model="bench-model")
    spec = plan_spec(recipe, items={"size": int(rows)}, models={"writer": model}, seed=0)
    run = Run(create_run(Path(folder), "bench", spec, Target()), spec, recipe, _Numbers(int(rows)))
    endpoint = Endpoint(ref=model, base_url=base_url, concurrency=int(in_flight))

    async def work() -> None:
        async with open_senders(spec.models, {"bench": endpoint}) as senders:
            await drive(run, senders, OnlineOptions(concurrency=int(in_flight)))

    asyncio.run(work())
    print("rows:", read_books(run.folder).accepted)


main(*sys.argv[1:])
