"""Peak memory of a run of 10,000, 100,000 and 1,000,000 calls, and with thousands of calls in flight.

Each run is a process of its own, which begins a toy run and works on it whole: draw, render, key, purse, journal,
replay, seal. Its endpoint is a sender in the same process that answers after a moment with a text of 600 characters,
so that nothing but our own path is measured. `python -m bench.memory CALLS IN_FLIGHT` is one such process.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bench.figures import REPOSITORY, Figure, mib
from engine.books import read_books
from engine.call import Call, Message, ModelRef, Reply, Usage
from engine.drivers.online import OnlineOptions, drive
from engine.recipe import Conversation, Recipe, Terms
from engine.run import Run, Target, create_run, plan_spec

SIZES = (10_000, 100_000, 1_000_000)
IN_FLIGHT, MANY_IN_FLIGHT = 256, 4_000
_TEXT = "<question>\nHow many? " + "word " * 115 + "\n</question>"
_LATENCY_S = 0.02
_GROWTH, _CONSTANT_MIB = 1.3, 32
_TOLD = "rows, CPU seconds, peak MiB:"


class _Numbers:
    def __init__(self, size: int) -> None:
        self.size: int | None = size

    def take(self, indices: NDArray[np.int64]) -> Sequence[int]:
        taken: list[int] = indices.tolist()
        return taken

    def identities(self, start: int, stop: int) -> NDArray[np.uint64]:
        return np.arange(start, stop, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)

    def describe(self, item: int) -> Mapping[str, Any]:
        return {"number": item}


def _write(item: int, rng: Random, terms: Terms) -> Conversation:  # noqa: ARG001
    reply = yield Call((Message("user", f"Write question {item}."),))
    return {"question": reply.text}


_RECIPE: Recipe[int] = Recipe(
    "bench", 1, _write, pa.schema([("question", pa.string())]), lambda spec, _: _Numbers(spec["size"])
)


class _Answers:
    price = ""

    async def send(self, call: Call, key: str, sleep: Any) -> Reply:  # noqa: ARG002
        await asyncio.sleep(_LATENCY_S)
        return Reply(f"{_TEXT}{key}", usage=Usage(500, 110), model="m")


def run(calls: int, in_flight: int) -> None:
    """Work on a run of so many calls, and print what it took."""
    model = ModelRef(served_by="bench", model="m")
    with tempfile.TemporaryDirectory() as folder:
        spec = plan_spec(_RECIPE, items={"size": calls}, models={"writer": model}, seed=0)
        work = Run(create_run(Path(folder), "bench", spec, Target()), spec, _RECIPE, _Numbers(calls))
        asyncio.run(drive(work, {"writer": _Answers()}, OnlineOptions(concurrency=in_flight)))
        peak = mib(Path("/proc/self/status").read_text())
        print(_TOLD, read_books(work.folder).accepted, f"{time.process_time():.1f}", f"{peak:.0f}")


def measure(calls: int, in_flight: int) -> tuple[float, float]:
    """(peak MiB, CPU milliseconds a call) of such a process."""
    command = [sys.executable, "-m", "bench.memory", str(calls), str(in_flight)]
    told = subprocess.check_output(command, cwd=REPOSITORY, text=True).removeprefix(_TOLD).split()
    assert int(told[0]) == calls
    return float(told[2]), 1000 * float(told[1]) / calls


def check() -> list[Figure]:
    """All sizes, then many in flight."""
    figures, peaks = [], []
    for calls in SIZES:
        peak, cpu = measure(calls, IN_FLIGHT)
        peaks.append(peak)
        figures.append(Figure(f"peak MiB, {calls:,} calls", peak))
        figures.append(Figure(f"CPU ms a call, {calls:,} calls, start-up included", cpu))
    figures.append(
        Figure(
            f"peak MiB at {SIZES[-1]:,} calls, beyond {_GROWTH} times that at {SIZES[0]:,}",
            peaks[-1] - _GROWTH * peaks[0], "<=", _CONSTANT_MIB,
        )
    )  # fmt: skip
    peak, cpu = measure(SIZES[1], MANY_IN_FLIGHT)
    figures.append(Figure(f"peak MiB, {SIZES[1]:,} calls, {MANY_IN_FLIGHT:,} in flight", peak))
    figures.append(Figure(f"CPU ms a call, {MANY_IN_FLIGHT:,} in flight", cpu))
    return figures


if __name__ == "__main__":
    run(int(sys.argv[1]), int(sys.argv[2]))
