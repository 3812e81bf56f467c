"""CPU of our whole path a call, against bare loops that keep nothing, and against the official client.

Ours: item, prompt, key, limits, purse, send, journal with group commits, replay, sealed Parquet, read back into books.
The others only send the same request and read the answer: on pyreqwest, the fastest client we know (in an environment
of its own), on aiohttp, and on our own transport. One server for all, without latency. Server and contenders have a
process each, so that none pays for what another imported; each is run seven times in turn after a first time that does
not count, and the medians are compared.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import statistics
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
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

from bench.environments import python_with
from bench.figures import REPOSITORY, Figure
from engine.books import read_books
from engine.call import Call, Message, ModelRef
from engine.drivers.online import OnlineOptions, drive
from engine.models import Endpoint
from engine.recipe import Conversation, Recipe, Terms
from engine.run import Run, Target, create_run, plan_spec
from engine.sender import open_senders
from engine.transports import open_transport

CALLS, IN_FLIGHT = 10_000, 256
TURNS = 7
OFFICIAL_CALLS, OFFICIAL_IN_FLIGHT = 300, 64  # with more in flight it costs more, and times out connecting
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
        taken: list[int] = indices.tolist()
        return taken

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


def _body(number: int) -> dict[str, Any]:
    return {"model": "m", "messages": [{"role": "user", "content": f"{_PROMPT}{number}"}]}


def _aiohttp(base_url: str) -> int:
    async def work() -> None:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=IN_FLIGHT)) as session:

            async def ask(number: int) -> object:
                url = base_url + "/chat/completions"
                async with session.post(url, data=orjson.dumps(_body(number))) as response:
                    return orjson.loads(await response.read())["choices"][0]["message"]["content"]

            await _loop(CALLS, IN_FLIGHT, ask)

    asyncio.run(work())
    return CALLS


def _own_transport(base_url: str) -> int:
    async def work() -> None:
        ref = ModelRef(served_by="bench", model="m")
        transport = open_transport(Endpoint(ref=ref, base_url=base_url, concurrency=IN_FLIGHT))

        async def ask(number: int) -> object:
            return orjson.loads((await transport.post(_body(number))).content)["choices"][0]["message"]["content"]

        await _loop(CALLS, IN_FLIGHT, ask)
        await transport.close()

    asyncio.run(work())
    return CALLS


def _pyreqwest(base_url: str) -> float:
    """CPU milliseconds a call, as a process of its own measures them."""
    script = REPOSITORY / "bench" / "adapters" / "pyreqwest_loop.py"
    arguments = [base_url, str(CALLS), str(IN_FLIGHT), _PROMPT]
    python = python_with("pyreqwest", "pyreqwest==0.15.1", "orjson==3.13.0")
    return float(subprocess.check_output([python, script, *arguments], text=True))


def _official(base_url: str) -> int:
    from openai import AsyncOpenAI

    async def work() -> None:
        async with AsyncOpenAI(base_url=base_url, api_key="none", max_retries=0) as client:

            async def ask(number: int) -> object:
                return await client.chat.completions.create(
                    model="m", messages=[{"role": "user", "content": f"{_PROMPT}{number}"}]
                )

            await _loop(OFFICIAL_CALLS, OFFICIAL_IN_FLIGHT, ask)

    asyncio.run(work())
    return OFFICIAL_CALLS


def _cpu_ms(work: Callable[[str], int], base_url: str) -> float:
    begin = time.process_time()
    calls = work(base_url)
    return 1000 * (time.process_time() - begin) / calls


def check() -> list[Figure]:
    """Run them all in turn. Raises Skip where pyreqwest cannot be installed."""
    receive, send = multiprocessing.Pipe(duplex=False)
    spawn = multiprocessing.get_context("spawn")
    server = spawn.Process(target=_serve, args=(send,), daemon=True)
    server.start()
    base_url = f"http://127.0.0.1:{receive.recv()}/v1"
    measured: dict[str, list[float]] = {}
    with ExitStack() as stack:
        stack.callback(server.kill)
        of_its_own = {
            work: stack.enter_context(ProcessPoolExecutor(1, spawn))
            for work in (_ours, _own_transport, _aiohttp, _official)
        }
        for _ in range(1 + TURNS):
            for work, process in of_its_own.items():
                measured.setdefault(work.__name__, []).append(process.submit(_cpu_ms, work, base_url).result())
            measured.setdefault("_pyreqwest", []).append(_pyreqwest(base_url))
    medians = {name: statistics.median(values[1:]) for name, values in measured.items()}
    ours, fastest = medians["_ours"], medians["_pyreqwest"]
    return [
        Figure("our whole path, CPU ms a call", ours),
        Figure("a bare loop on pyreqwest, CPU ms a call", fastest),
        Figure("a bare loop on our own transport, CPU ms a call", medians["_own_transport"]),
        Figure("a bare loop on aiohttp, CPU ms a call", medians["_aiohttp"]),
        Figure("a bare loop on the official client, CPU ms a call", medians["_official"]),
        Figure("our whole path over the bare loop on pyreqwest", ours / fastest, "<=", 2),
        Figure("our whole path over the bare loop on our own transport", ours / medians["_own_transport"]),
        Figure("the official client over our whole path", medians["_official"] / ours),
    ]
