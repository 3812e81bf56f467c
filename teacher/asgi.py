"""The little of ASGI that the teacher needs: read a body, answer, or break off in the middle of an answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

import orjson

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


async def read_body(receive: Receive, max_bytes: int) -> bytes | None:
    """The request's body, or a little more than `max_bytes` of a longer one; None if the client went away."""
    pieces, size = [], 0
    while True:
        event = await receive()
        if event["type"] == "http.disconnect":
            return None
        pieces.append(event.get("body", b""))
        size += len(pieces[-1])
        if not event.get("more_body") or size > max_bytes:
            return b"".join(pieces)


async def answer(send: Send, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
    """A whole answer in JSON."""
    content = orjson.dumps(body)
    fields = {"content-type": "application/json", "content-length": str(len(content)), **(headers or {})}
    await answer_bytes(send, status, content, fields)


async def answer_bytes(
    send: Send, status: int, content: bytes, headers: Mapping[str, str], *, whole: bool = True
) -> None:
    """An answer as it is. Not `whole`, it stops short of its content-length, and the server breaks the connection."""
    fields = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": fields})
    await send({"type": "http.response.body", "body": content, "more_body": not whole})
