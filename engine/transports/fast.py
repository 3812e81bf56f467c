"""The hot path: a connection of our own for each call in flight, kept for the next; 0.05 ms of CPU a call."""

from __future__ import annotations

import asyncio
import ssl
from ipaddress import ip_address
from typing import Any
from urllib.parse import quote, urlsplit

import orjson

from engine.errors import ConnectionFault, MalformedReply
from engine.models import Endpoint
from engine.transports.exchange import Exchange
from engine.transports.http1 import Broken, Connection, TooLong
from engine.transports.wire import MAX_BODY_BYTES, Answer, clean

_EYEBALLS_S = 0.25
"""A host with several addresses is tried at the next one after so long (RFC 8305, section 5)."""
_IN_PATHS = "/%:@!$&'()*+,;=~"


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


class FastTransport(Exchange):
    """Chat completions over `engine.transports.http1`. Knows no proxy: behind one, `lean` is taken.

    One watch for all connections, a hundred looks in the time that a call may take, costs less than a timer for each.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__(endpoint)
        url = urlsplit(endpoint.base_url)
        assert url.hostname is not None  # noqa: S101 - engine.models has looked
        self._tls = ssl.create_default_context() if url.scheme == "https" else None
        self._host, self._port = url.hostname, url.port or (443 if self._tls else 80)
        self._single = _is_address(self._host)
        self._free: list[Connection] = []
        """The last one used is the first to be used again: those not needed rest, until the server closes them."""
        self._busy: set[Connection] = set()
        self._watch: asyncio.TimerHandle | None = None
        fields = [
            f"POST {quote(url.path, safe=_IN_PATHS)}/chat/completions HTTP/1.1",
            f"Host: {url.netloc.encode('idna').decode()}",
            "Content-Type: application/json",
            "Accept: application/json",
            "Accept-Encoding: identity",
            "User-Agent: skillweave",
            *([f"Authorization: Bearer {self._secret}"] if self._secret else []),
            "Content-Length: ",
        ]
        self._head = "\r\n".join(fields).encode()

    async def post(self, body: dict[str, Any]) -> Answer:
        """POST a body as it is; see `Exchange.post`."""
        content = orjson.dumps(body)
        deadline = asyncio.get_running_loop().time() + self.endpoint.timeout_s
        connection = None
        try:
            if (connection := self._rested()) is None:
                async with asyncio.timeout_at(deadline):
                    connection = await self._connect()
            self._watch_over(connection, deadline)
            answer = await connection.ask(b"%b%d\r\n\r\n%b" % (self._head, len(content), content))
        except BaseException as error:  # noqa: BLE001 - raised again, as what a caller knows
            if connection is not None:
                self._busy.discard(connection)
                connection.close()
            raise self._told(error) from None
        self._busy.discard(connection)
        if connection.open:
            self._free.append(connection)
        return answer

    def _told(self, error: BaseException) -> BaseException:
        """What the caller is told of an error."""
        if isinstance(error, TimeoutError):
            return self._too_late()
        if isinstance(error, TooLong):
            return MalformedReply(f"{self._name}: a reply of more than {MAX_BODY_BYTES >> 20} MiB")
        if isinstance(error, Broken | OSError):
            return ConnectionFault(f"{self._name}: {clean(str(error) or type(error).__name__, self._secret)}")
        return error

    def _rested(self) -> Connection | None:
        """The connection that was used last, of those that are still open."""
        while self._free:
            if (connection := self._free.pop()).open:
                return connection
        return None

    def _watch_over(self, connection: Connection, deadline: float) -> None:
        connection.deadline = deadline
        self._busy.add(connection)
        if self._watch is None:
            self._watch = asyncio.get_running_loop().call_later(self.endpoint.timeout_s / 100, self._look)

    def _look(self) -> None:
        """Give up the answers that are overdue."""
        loop = asyncio.get_running_loop()
        for connection in [connection for connection in self._busy if connection.deadline <= loop.time()]:
            connection.fail(TimeoutError())
        self._watch = loop.call_later(self.endpoint.timeout_s / 100, self._look) if self._busy else None

    async def _connect(self) -> Connection:
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(
            lambda: Connection(MAX_BODY_BYTES),
            self._host,
            self._port,
            ssl=self._tls,
            happy_eyeballs_delay=None if self._single else _EYEBALLS_S,
        )
        return connection

    async def close(self) -> None:
        """Close the connections."""
        if self._watch is not None:
            self._watch.cancel()
        for connection in (*self._free, *self._busy):
            connection.close()
        self._free.clear()
        await asyncio.sleep(0)  # the loop closes their sockets
