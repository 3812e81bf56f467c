"""A local socket that answers byte for byte what a script says, and transports opened to it."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest

from engine.call import Call, Message, ModelRef, Reply, Sampling, call_key
from engine.errors import SkillweaveError
from engine.models import Endpoint
from engine.transports import Transport, open_transport

KEY = "sk-very-secret-0123456789"
REF = ModelRef(served_by="writer", model="a-model", sampling=Sampling(temperature=0.5, max_tokens=99))
CALL = Call((Message("system", "Be kind."), Message("user", "Write \\( x^2 \\).")))
USAGE = {
    "prompt_tokens": 30,
    "completion_tokens": 12,
    "prompt_tokens_details": {"cached_tokens": 20},
    "completion_tokens_details": {"reasoning_tokens": 5},
}
KINDS = pytest.mark.parametrize("kind", ["fast", "lean", "official"])


def http(status: int, body: object, **headers: str) -> bytes:
    """One whole HTTP answer; `body` is JSON unless it is bytes already. Header names: _ stands for -."""
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    fields = {"content-type": "application/json", "content-length": str(len(content))}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value)
    return f"HTTP/1.1 {status} Whatever\r\n{head}connection: close\r\n\r\n".encode() + content


def completion(text: object = "Hello", finish: object = "stop", **message: object) -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", "content": text, **message}, "finish_reason": finish}
    return {"object": "chat.completion", "model": "a-model-0613", "choices": [choice], "usage": USAGE}


def failure(message: str = "no", **error: object) -> dict[str, Any]:
    return {"error": {"message": message, **error}}


Script = list[bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]]


@dataclass
class Server:
    """Answers the n-th request with the n-th entry of its script, the last one for ever."""

    script: Script
    url: str = ""
    heads: list[bytes] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            self.bodies.append(orjson.loads(await reader.readexactly(length)))
            self.heads.append(head)
            step = self.script[min(len(self.heads), len(self.script)) - 1]
            if isinstance(step, bytes):
                writer.write(step)
                await writer.drain()
            else:
                await step(writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()


async def hang(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def drip(writer: asyncio.StreamWriter) -> None:
    """A slow loris: a byte now and then, so that no single read ever times out."""
    writer.write(http(200, b"", content_length="100000"))
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.02)


async def reset(writer: asyncio.StreamWriter) -> None:
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@asynccontextmanager
async def serving(script: Script) -> AsyncIterator[Server]:
    server = Server(script)
    tasks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(server.answer(reader, writer))
        tasks.add(task)

    listener = await asyncio.start_server(accept, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/v1"
    try:
        yield server
    finally:
        listener.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def opened(kind: Any, url: str, key: str = KEY, timeout_s: float = 60.0) -> AsyncIterator[Transport]:
    endpoint = Endpoint(ref=REF, base_url=url, api_key=key, transport=kind, timeout_s=timeout_s, concurrency=8)
    transport = open_transport(endpoint)
    try:
        yield transport
    finally:
        await transport.close()


def ask(kind: str, script: Script, call: Call = CALL, *, timeout_s: float = 60.0) -> tuple[Reply | Exception, Server]:
    async def main() -> tuple[Reply | Exception, Server]:
        async with serving(script) as server, opened(kind, server.url, timeout_s=timeout_s) as transport:
            try:
                return await transport.send(call, REF, call_key(call, REF)), server
            except SkillweaveError as error:
                return error, server

    return asyncio.run(main())
