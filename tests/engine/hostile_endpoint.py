"""An endpoint with bad days, on a real socket in a thread. What it answers well depends on the request alone.

`misbehave(number, writer)` is awaited for each request, with its number from 1 on: it returns None where the request
is to be answered well, bytes to write instead, or raises `Silent` where nothing more is to be written. `served` counts
the answers that were given well: what such an endpoint bills.
"""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import orjson


class Silent(Exception):
    """The request gets no answer."""


Misbehave = Callable[[int, asyncio.StreamWriter], Awaitable[bytes | None]]


def http(status: int, content: bytes, *fields: str, kind: str = "application/json") -> bytes:
    """One whole HTTP answer that keeps the connection."""
    head = [f"HTTP/1.1 {status} Whatever", f"content-type: {kind}", f"content-length: {len(content)}", *fields]
    return "\r\n".join([*head, "", ""]).encode() + content


def completion(text: str, tokens: int = 15) -> bytes:
    """The body of a good answer that took so many tokens."""
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
    usage = {"prompt_tokens": 10, "completion_tokens": tokens - 10, "total_tokens": tokens}
    return orjson.dumps({"object": "chat.completion", "model": "hostile-1", "choices": [choice], "usage": usage})


def toy_answer(body: bytes) -> str:
    """What the toy recipe is answered."""
    digest = hashlib.blake2b(body, digest_size=8).digest()
    if orjson.loads(body)["messages"][-1]["content"].startswith("Is it good?"):
        return "yes" if digest[0] < 200 else "no"
    return f"Q {digest.hex()}" if digest[0] < 200 else "hm"


async def well(number: int, writer: asyncio.StreamWriter) -> None:
    """No bad days."""


class Hostile:
    """The endpoint. Use `hostile`."""

    def __init__(self, misbehave: Misbehave, text: Callable[[bytes], str]) -> None:
        self.misbehave, self.text = misbehave, text
        self.asked = self.served = self.port = 0
        self.loop = asyncio.new_event_loop()
        self._listener: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def base_url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}/v1"

    async def listen(self) -> None:
        """Take connections, at the same port again."""
        self._listener = await asyncio.start_server(self._serve, "127.0.0.1", self.port, backlog=1_024)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def go(self) -> None:
        """Break all connections, and take none."""
        if self._listener is not None:
            self._listener.close()
        for writer in list(self._writers):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                body = await reader.readexactly(int(head.lower().partition(b"content-length:")[2].split()[0]))
                self.asked += 1
                answer = await self.misbehave(self.asked, writer)
                if answer is None:
                    answer = http(200, completion(self.text(body)))
                    self.served += 1
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, Silent):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()


@contextmanager
def hostile(misbehave: Misbehave = well, text: Callable[[bytes], str] = toy_answer) -> Iterator[Hostile]:
    """Such an endpoint, for as long as the block runs."""
    endpoint = Hostile(misbehave, text)
    thread = threading.Thread(target=endpoint.loop.run_forever, daemon=True)
    thread.start()

    def run(coroutine: Awaitable[None]) -> None:
        asyncio.run_coroutine_threadsafe(coroutine, endpoint.loop).result(60)  # type: ignore[arg-type]

    run(endpoint.listen())
    try:
        yield endpoint
    finally:
        run(_end(endpoint))
        endpoint.loop.call_soon_threadsafe(endpoint.loop.stop)
        thread.join()
        endpoint.loop.close()


async def _end(endpoint: Hostile) -> None:
    await endpoint.go()
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
