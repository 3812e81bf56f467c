"""A local endpoint for the peers: one reply for all, after 50 ms; it counts who asked for which row.

python -m bench.adapters.server prints its port. GET /count: requests, and different rows; POST /forget: count anew.
"""

from __future__ import annotations

import asyncio
import re

import orjson
from aiohttp import web

LATENCY_S = 0.05
_ROW = re.compile(rb"question number (\d+)\.")
_TEXT = "<question>\nHow many? " + "word " * 115 + "\n</question>"


class Endpoint:
    """What was asked so far."""

    def __init__(self) -> None:
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": _TEXT}}
        usage = {"prompt_tokens": 500, "completion_tokens": 110, "total_tokens": 610}
        common = {"id": "x", "created": 1, "object": "chat.completion", "model": "bench-model"}
        self.reply = orjson.dumps({**common, "choices": [choice], "usage": usage})
        self.requests = 0
        self.rows: set[bytes] = set()

    async def chat(self, request: web.Request) -> web.Response:
        """Answer; what asks for no row, such as a probe, is not counted."""
        try:
            row = _ROW.search(await request.read())
        except ConnectionResetError:  # a client that was killed
            raise web.HTTPBadRequest from None
        if row is not None:
            self.requests += 1
            self.rows.add(row[1])
        await asyncio.sleep(LATENCY_S)
        return web.Response(body=self.reply, content_type="application/json")

    async def count(self, _: web.Request) -> web.Response:
        """How many requests, for how many rows."""
        return web.json_response({"requests": self.requests, "rows": len(self.rows)})

    async def forget(self, _: web.Request) -> web.Response:
        """Count anew."""
        self.requests, self.rows = 0, set()
        return web.Response()

    async def models(self, _: web.Request) -> web.Response:
        """The one model; some clients ask before they begin."""
        return web.json_response({"object": "list", "data": [{"id": "bench-model", "object": "model"}]})


async def main() -> None:
    """Serve until killed."""
    endpoint, app = Endpoint(), web.Application(client_max_size=1 << 26)
    app.router.add_post("/v1/chat/completions", endpoint.chat)
    app.router.add_get("/v1/models", endpoint.models)
    app.router.add_get("/count", endpoint.count)
    app.router.add_post("/forget", endpoint.forget)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=2048).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
