"""A simulated endpoint: a real HTTP server that answers chat completions by rule. It is no language model.

    python simulated_endpoint.py LOG [--moody] [--latency MS] [--usage fixed|drawn|none]      prints its port

Each request is one line of LOG, written before the answer is sent. Its answers depend on the request alone, or, with
`--moody`, on how many it has had, as those of a model without a seed do.
Usage is always the same, or drawn: between a quarter of a token a byte and all that a byte and `max_tokens` allow, and
logged as what it bills; or not reported.
`POST /behave {"status": 503, "times": 3}` makes the next requests fail. It takes `rate` requests a second, a second's
worth saved up, and refuses the others with a 429 that names when there is room again; with more than `bears` at once,
each takes as much longer.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import math
import os
import random
import time

from aiohttp import web


class Endpoint:
    def __init__(self, log: str, moody: bool, latency_ms: float, usage: str, rate: float = 0, bears: float = 0) -> None:
        self.log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self.moody, self.latency_s = moody, latency_ms / 1000
        self.asked = 0
        self.usage, self.rng = usage, random.Random(7)
        self.behave: dict[str, object] = {}
        self.rate, self.left, self.filled_at = rate, rate, time.monotonic()
        self.bears, self.in_flight = bears, 0

    def take(self) -> float:
        """Seconds until there is room for this request; 0: there was, and it is taken."""
        now = time.monotonic()
        self.left = min(self.rate, self.left + (now - self.filled_at) * self.rate)
        self.filled_at = now
        if self.left < 1:
            return (1 - self.left) / self.rate
        self.left -= 1
        return 0.0

    async def chat(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.asked += 1
        facts = {
            "at": time.monotonic(),
            "seed": body.get("seed"),
            "turns": len(body["messages"]),
            "model": body["model"],
            "wait": self.take() if self.rate else 0.0,
        }
        usage = self.bill(body)
        if self.usage == "drawn":
            facts |= usage
        os.write(self.log, (json.dumps(facts) + "\n").encode())
        if facts["wait"]:
            headers = {"retry-after-ms": str(math.ceil(1000 * facts["wait"]))}
            return web.json_response({"error": {"message": "too many requests"}}, status=429, headers=headers)
        if self.latency_s:
            self.in_flight += 1
            await asyncio.sleep(self.latency_s * (max(1.0, self.in_flight / self.bears) if self.bears else 1.0))
            self.in_flight -= 1
        if (times := int(self.behave.get("times", 0))) > 0:  # type: ignore[call-overload]
            self.behave["times"] = times - 1
            return web.json_response(
                self.behave.get("body", {"error": {"message": "simulated"}}),
                status=int(self.behave["status"]),  # type: ignore[call-overload]
                headers=self.behave.get("headers"),  # type: ignore[arg-type]
            )
        text = self.answer(body)
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
        answer = {"id": "x", "object": "chat.completion", "model": "simulated-1", "choices": [choice]}
        return web.json_response(answer if self.usage == "none" else answer | {"usage": usage})

    def bill(self, body: dict[str, object]) -> dict[str, int]:
        if self.usage != "drawn":
            return {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
        size = sum(len(m["content"].encode()) for m in body["messages"])  # type: ignore[attr-defined]
        prompt = self.rng.randint(size // 4, size + 3)
        completion = self.rng.randint(1, int(body.get("max_tokens", 100)))  # type: ignore[call-overload]
        return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}

    def answer(self, body: dict[str, object]) -> str:
        mood = str(self.asked) if self.moody else ""
        digest = hashlib.blake2b((json.dumps(body, sort_keys=True) + mood).encode(), digest_size=8).digest()
        last = body["messages"][-1]["content"]  # type: ignore[index]
        if last.startswith("Is it good?"):
            return "yes" if digest[0] < 200 else "no"
        if last.startswith("Then write"):
            return f"Question {digest.hex()} \\( x^2 \\) costs $5 and $3"
        return f"Q {digest.hex()}" if digest[0] < 200 else "hm"

    async def set_behaviour(self, request: web.Request) -> web.Response:
        self.behave = await request.json()
        return web.json_response({"asked": self.asked})


async def serve() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("log")
    parser.add_argument("--moody", action="store_true")
    parser.add_argument("--latency", type=float, default=0)
    parser.add_argument("--rate", type=float, default=0)
    parser.add_argument("--bears", type=float, default=0)
    parser.add_argument("--usage", choices=("fixed", "drawn", "none"), default="fixed")
    options = parser.parse_args()
    endpoint = Endpoint(options.log, options.moody, options.latency, options.usage, options.rate, options.bears)
    app = web.Application()
    app.router.add_post("/v1/chat/completions", endpoint.chat)
    app.router.add_post("/behave", endpoint.set_behaviour)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(site._server.sockets[0].getsockname()[1], flush=True)  # type: ignore[union-attr]
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve())
