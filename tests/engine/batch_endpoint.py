"""The simulated endpoint's answers behind the teacher's files and batches endpoints, and single calls beside them.

    python batch_endpoint.py LOG      prints its port
    GET /stats   POST /behave {"faults": "..."}   POST /begin {"faults": "...", "moody": true}: as if it had just begun

Each request that is answered, in a batch or alone, is one line of LOG.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from random import Random
from typing import Any

import uvicorn
from simulated_endpoint import Endpoint

from teacher.asgi import Receive, Scope, Send, answer, read_body
from teacher.batches import Batches
from teacher.faults import TRANSPORT, parse_faults


class Simulated:
    def __init__(self, log: str) -> None:
        self.endpoint = Endpoint(log, moody=False, latency_ms=0, usage="")
        self.faults = ""
        self.batches = self._none_yet()

    def _none_yet(self) -> Batches:
        return Batches(self.row, lambda _: parse_faults(self.faults))

    def row(self, body: dict[str, Any]) -> tuple[int, Any]:
        self.endpoint.asked += 1
        os.write(
            self.endpoint.log, (json.dumps({"seed": body.get("seed"), "turns": len(body["messages"])}) + "\n").encode()
        )
        faults = parse_faults(self.faults)
        if faults.draw(TRANSPORT, Random(self.endpoint.asked)) is not None:
            return 500, {"error": {"message": "simulated", "code": "server_error"}}
        text = self.endpoint.answer(body)
        if faults.separators:
            text += " \u2028 \x85 \u2029"
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
        usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
        return 200, {"object": "chat.completion", "model": "simulated-1", "choices": [choice], "usage": usage}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if path == "/v1/chat/completions":
            status, body = self.row(json.loads(await read_body(receive, 1 << 20) or b""))
            await answer(send, status, body)
        elif path == "/stats":
            await answer(send, 200, {**self.batches.stats(), "asked": self.endpoint.asked})
        elif path == "/behave":
            self.faults = json.loads(await read_body(receive, 1 << 20) or b"")["faults"]
            await answer(send, 200, {})
        elif path == "/begin":
            asked = json.loads(await read_body(receive, 1 << 20) or b"")
            os.ftruncate(self.endpoint.log, 0)
            self.endpoint.asked, self.endpoint.moody, self.faults = 0, asked["moody"], asked["faults"]
            self.batches = self._none_yet()
            await answer(send, 200, {})
        else:
            await self.batches.handle(scope, receive, send)


def main() -> None:
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    print(listener.getsockname()[1], flush=True)
    config = uvicorn.Config(
        Simulated(sys.argv[1]), lifespan="off", ws="none", log_level="error", access_log=False,
        timeout_graceful_shutdown=1,
    )  # fmt: skip
    asyncio.run(uvicorn.Server(config).serve(sockets=[listener]))


if __name__ == "__main__":
    main()
