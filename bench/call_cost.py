"""CPU of our whole path a call, against a bare loop that keeps nothing, and against the official client.

Ours: item, prompt, key, send, journal with group commits, replay, sealed Parquet, read back into books. The others only
send the same request and read the answer. One server for all, in a process of its own, without latency; each is run
three times in turn and the medians are compared.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import Any

import aiohttp
import numpy as np
import orjson
import pyarrow as pa
from aiohttp import web
from numpy.typing import NDArray

from bench.figures import Figure
from engine.books import read_books
from engine.call import Call, Message, ModelRef
from engine.drivers.online import OnlineOptions, drive
from engine.models import Endpoint
from engine.recipe import Conversation, Recipe, Terms
from engine.run import Run, Target, create_run, plan_spec
from engine.sender import open_senders

CALLS, IN_FLIGHT = 5_000, 256
OFFICIAL_CALLS, OFFICIAL_IN_FLIGHT = 1_000, 64  # with more in flight it costs more, and times out connecting
_TEXT = "<question>\nHow many? " + "word " * 100 + "\n</question>"
_PROMPT = "Write a question. " + "An example of a question that is about as long as they are. " * 40


def _serve(port: Connection) -> None:
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": _TEXT}}
    usage = {"prompt_tokens": 500, "completion_tokens": 110, "total_tokens": 610}
    body = orjson.dumps({"object": "chat.completion", "model": "m", "choices": [choice], "usage": usage})

    async def answer(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(body=body, content_type="application/json")

    async def run() -> None:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port.send(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(run())


class _Numbers:
    size: int | None = CALLS

    def take(self, indices: NDArray[np.int64]) -> Sequence[int]:
        return indices.tolist()

    def identities(self, start: int, stop: int) -> NDArray[np.uint64]:
        return np.arange(start, stop, dtype=np.uint64)

    def describe(self, item: int) -> Mapping[str, Any]:
        return {"number": item}


def _write(item: int, rng: Random, terms: Terms) -> Conversation:  # noqa: ARG001
    reply = yield Call((Message("user", f"{_PROMPT}{item}"),))
    return {"question": reply.text}


def _open(described: Mapping[str, Any], workspace: Path) -> _Numbers:  # noqa: ARG001
    return _Numbers()


_RECIPE: Recipe[int] = Recipe(
    "bench", 1, _write, pa.schema([("question", pa.string())]), _open, sources=("bench.call_cost",)
)


def _ours(base_url: str) -> int:
    model = ModelRef(served_by="bench", model="m")
    with tempfile.TemporaryDirectory() as folder:
        spec = plan_spec(_RECIPE, items={"size": CALLS}, models={"writer": model}, seed=0)
        run = Run(create_run(Path(folder), "bench", spec, Target()), spec, _RECIPE, _Numbers())

        async def work() -> None:
            endpoints = {"bench": Endpoint(ref=model, base_url=base_url, concurrency=IN_FLIGHT)}
            async with open_senders(spec.models, endpoints) as senders:
                await drive(run, senders, OnlineOptions(concurrency=IN_FLIGHT))

        asyncio.run(work())
        assert read_books(run.folder).accepted == CALLS
    return CALLS


def _loop(count: int, in_flight: int, ask: Callable[[int], Awaitable[object]]) -> Awaitable[object]:
    numbers = iter(range(count))

    async def worker() -> None:
        for number in numbers:
            await ask(number)

    return asyncio.gather(*(worker() for _ in range(in_flight)))


def _bare(base_url: str) -> int:
    async def work() -> None:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=IN_FLIGHT)) as session:

            async def ask(number: int) -> object:
                body = {"model": "m", "messages": [{"role": "user", "content": f"{_PROMPT}{number}"}]}
                async with session.post(base_url + "/chat/completions", data=orjson.dumps(body)) as response:
                    return orjson.loads(await response.read())["choices"][0]["message"]["content"]

            await _loop(CALLS, IN_FLIGHT, ask)

    asyncio.run(work())
    return CALLS


def _official(base_url: str) -> int:
    from openai import AsyncOpenAI

    async def work() -> None:
        async with AsyncOpenAI(base_url=base_url, api_key="none", max_retries=0) as client:

            async def ask(number: int) -> object:
                messages = [{"role": "user", "content": f"{_PROMPT}{number}"}]
                return await client.chat.completions.create(model="m", messages=messages)

            await _loop(OFFICIAL_CALLS, OFFICIAL_IN_FLIGHT, ask)

    asyncio.run(work())
    return OFFICIAL_CALLS


def _cpu_ms(work: Callable[[str], int], base_url: str) -> float:
    begin = time.process_time()
    calls = work(base_url)
    return 1000 * (time.process_time() - begin) / calls


def check() -> list[Figure]:
    """Run all three, three times in turn."""
    receive, send = multiprocessing.Pipe(duplex=False)
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(send,), daemon=True)
    server.start()
    base_url = f"http://127.0.0.1:{receive.recv()}/v1"
    measured: dict[str, list[float]] = {}
    for _ in range(3):
        for name, work in (("ours", _ours), ("bare", _bare), ("official", _official)):
            measured.setdefault(name, []).append(_cpu_ms(work, base_url))
    server.kill()
    ours, bare, official = (statistics.median(measured[name]) for name in ("ours", "bare", "official"))
    return [
        Figure("our whole path, CPU ms a call", ours),
        Figure("a bare aiohttp loop that keeps nothing, CPU ms a call", bare),
        Figure("the official client in a bare loop, CPU ms a call", official),
        Figure("ours over the bare loop", ours / bare, "<=", 4),
        Figure("the official client over ours", official / ours),
    ]
