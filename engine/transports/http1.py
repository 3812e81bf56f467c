"""One HTTP/1.1 connection that posts a body and reads the answer: what a chat completion needs, and nothing else.

llhttp (of Node.js, by httptools) parses; asyncio moves the bytes. Without the generality of a client (redirects,
cookies, encodings, hooks) a request costs a quarter of aiohttp's CPU and half of what the fastest general client takes
(bench/call_cost.py, design/004-transports.md).
"""

from __future__ import annotations

import asyncio
import socket
import zlib
from collections.abc import Mapping
from functools import lru_cache

import httptools

from engine.transports.wire import Answer

_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32
_MAX_HEAD = 64 * 1024


@lru_cache(256)
def _header_name(name: bytes) -> str:
    return name.decode("latin-1").lower()


class TooLong(Exception):
    """The answer is longer than was allowed."""


class Broken(Exception):
    """No whole answer came; says why."""


class Connection(asyncio.Protocol):
    """A connection that is asked one thing at a time. After any error it is closed.

    Of a header that comes twice the last is kept.
    """

    def __init__(self, most: int) -> None:
        self.deadline = 0.0
        """When, by the loop's clock, whoever watches it gives up; not kept here."""
        self._most = most
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[Answer] | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._begin()

    def _begin(self) -> None:
        self._status = 0
        self._headers: dict[str, str] = {}
        self._pieces: list[bytes] = []
        self._size = 0

    @property
    def open(self) -> bool:
        """Whether another request may be sent."""
        return self._transport is not None and not self._transport.is_closing()

    def ask(self, request: bytes) -> asyncio.Future[Answer]:
        """Send a whole request. The answer comes, or TooLong, or Broken; who no longer waits must `close`."""
        assert self._transport is not None  # noqa: S101 - made by the loop before anybody has it
        self._answer = self._loop.create_future()
        self._transport.write(request)
        return self._answer

    def fail(self, error: Exception) -> None:
        """Whoever waits for the answer gets this error instead."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)
        self.close()

    def close(self) -> None:
        """Close it at once."""
        if self._transport is not None:
            self._transport.abort()

    # ---- what the event loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is connected, through TLS where there is any."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - a stream's
        self._transport = transport
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    def data_received(self, data: bytes) -> None:
        """Some bytes came."""
        if self._answer is None or self._answer.done():
            self.close()  # nobody asked
            return
        self._size += len(data)
        if self._size > self._most + _MAX_HEAD:
            self.fail(TooLong())
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self.fail(Broken(f"what came is no HTTP answer ({error})"))

    def connection_lost(self, exc: Exception | None) -> None:
        """It is closed, by whomever."""
        self._transport = None
        if self._answer is None or self._answer.done():
            return
        if exc is None and self._status and self._ends_with_the_connection():
            self._complete(keep=False)
            return
        why = "the server closed the connection" if exc is None else str(exc) or type(exc).__name__
        self.fail(Broken(f"{why}, in the middle of its answer" if self._size else why))

    # ---- what the parser calls

    def on_message_begin(self) -> None:
        """An answer begins. Behind a whole one, in the same bytes, nobody asked for it: it must not be the next's."""
        if self._answer is None or self._answer.done():
            self.close()

    def on_header(self, name: bytes, value: bytes) -> None:
        """A line of the answer's head."""
        self._headers[_header_name(name)] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._status = self._parser.get_status_code()

    def on_body(self, body: bytes) -> None:
        """A piece of the content."""
        self._pieces.append(body)

    def on_message_complete(self) -> None:
        """The answer is whole."""
        self._complete(keep=self._parser.should_keep_alive())

    def _ends_with_the_connection(self) -> bool:
        return "content-length" not in self._headers and "chunked" not in self._headers.get("transfer-encoding", "")

    def _complete(self, *, keep: bool) -> None:
        status, headers, content = self._status, self._headers, b"".join(self._pieces)
        self._begin()
        if status < 200 or self._answer is None or self._answer.done():  # 1xx: the answer is still to come
            return
        try:
            answer = Answer(status, headers, self._unpacked(headers, content))
        except (TooLong, Broken) as error:
            self.fail(error)
            return
        if not keep:
            self.close()
        self._answer.set_result(answer)

    def _unpacked(self, headers: Mapping[str, str], content: bytes) -> bytes:
        """The content without its encoding, which nobody asked for, and never longer than is allowed."""
        encoding = headers.get("content-encoding", "identity").strip().lower()
        if encoding in ("gzip", "x-gzip", "deflate"):
            inflate = zlib.decompressobj(_GZIP_OR_ZLIB)
            try:
                content = inflate.decompress(content, self._most + 1)
            except zlib.error as error:
                raise Broken(f"its {encoding} cannot be unpacked ({error})") from None
        elif encoding != "identity":
            raise Broken(f"the answer is encoded as {encoding!r}, though no encoding was asked for")
        if len(content) > self._most:
            raise TooLong
        return content
