"""However a server frames and packs its answers, they are read, within bounds; a connection is kept while it may be."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from contextlib import suppress

import orjson
import pytest
from scripted_server import CALL, KINDS, REF, ask, completion, http, opened

from engine.call import Reply, call_key
from engine.errors import ConnectionFault, MalformedReply

WHOLE = orjson.dumps(completion())
CHUNKED = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in (WHOLE[:7], WHOLE[7:])) + b"0\r\n\r\n"
FRAMED: dict[str, bytes] = {
    "in chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + CHUNKED,
    "until the connection ends": b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + WHOLE,
    "by HTTP/1.0": b"HTTP/1.0 200 OK\r\n\r\n" + WHOLE,
    "after a 100": b"HTTP/1.1 100 Continue\r\n\r\n" + http(200, WHOLE),
    "in gzip": http(200, gzip.compress(WHOLE), content_encoding="gzip"),
    "in deflate": http(200, zlib.compress(WHOLE), content_encoding="deflate"),
}


@KINDS
@pytest.mark.parametrize("name", FRAMED)
def test_a_reply_is_read_however_it_is_framed(kind: str, name: str) -> None:
    reply, _ = ask(kind, [FRAMED[name]])
    assert isinstance(reply, Reply)
    assert reply.text == "Hello"


@KINDS
def test_a_small_answer_that_unpacks_into_a_huge_one_is_refused(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("fast", "lean", "official"):
        monkeypatch.setattr(f"engine.transports.{module}.MAX_BODY_BYTES", 1 << 20)
    bomb = gzip.compress(orjson.dumps(completion("x" * (1 << 21))))
    error, _ = ask(kind, [http(200, bomb, content_encoding="gzip")])
    assert type(error) is MalformedReply


def test_an_encoding_that_nobody_asked_for_is_a_fault() -> None:
    error, _ = ask("fast", [http(200, WHOLE, content_encoding="br")])
    assert type(error) is ConnectionFault
    assert "'br'" in str(error)


@pytest.mark.parametrize("kind", ["fast", "lean"])
def test_a_connection_is_kept_until_its_server_closes_it(kind: str) -> None:
    """Three calls on one connection; then the server says what nobody asked and closes it: the fourth is on another."""
    answer = http(200, completion()).replace(b"connection: close\r\n", b"")
    connections = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(0)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while connections[-1] < 3:
                head = await reader.readuntil(b"\r\n\r\n")
                await reader.readexactly(int(head.lower().partition(b"content-length:")[2].split()[0]))
                connections[-1] += 1
                writer.write(answer)
            writer.write(b"HTTP/1.1 408 Request Timeout\r\n\r\n")
        writer.close()

    async def main() -> None:
        listener = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with opened(kind, f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/v1") as transport:
            for _ in range(3):
                await transport.send(CALL, REF, call_key(CALL, REF))
            await asyncio.sleep(0.05)
            await transport.send(CALL, REF, call_key(CALL, REF))
        listener.close()
        await asyncio.sleep(0.05)

    asyncio.run(main())
    assert connections == [3, 1]
