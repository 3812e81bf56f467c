"""A bare loop on pyreqwest that keeps nothing: python pyreqwest_loop.py URL CALLS IN_FLIGHT PROMPT

Prints its CPU milliseconds a call, without start-up.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time

import orjson
from pyreqwest.client import Client, ClientBuilder


async def loop(client: Client, url: str, count: int, in_flight: int, prompt: str) -> None:
    """Ask so many calls."""
    numbers = iter(range(count))

    async def worker() -> None:
        for number in numbers:
            body = orjson.dumps({"model": "m", "messages": [{"role": "user", "content": f"{prompt}{number}"}]})
            request = client.post(url).header("content-type", "application/json").body_bytes(body).build()
            answer = orjson.loads((await (await request.send()).bytes()).to_bytes())
            assert answer["choices"][0]["message"]["content"]

    await asyncio.gather(*(worker() for _ in range(in_flight)))


async def main() -> None:
    """Warm up, then measure."""
    url, count, in_flight, prompt = sys.argv[1] + "/chat/completions", int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    async with ClientBuilder().max_connections(in_flight).build() as client:
        await loop(client, url, in_flight, in_flight, prompt)
        begin = time.process_time()
        await loop(client, url, count, in_flight, prompt)
        print(1000 * (time.process_time() - begin) / count, flush=True)
        os._exit(0)  # its threads may abort the process where the interpreter ends in good order


asyncio.run(main())
