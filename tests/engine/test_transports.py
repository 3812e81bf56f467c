"""All transports against a real local socket that answers byte for byte what the table says."""

from __future__ import annotations

import asyncio
import gzip
import socket
import struct
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

import orjson
import pytest

from engine.call import Call, Message, ModelRef, Reply, Sampling, Usage, call_key, seed_of
from engine.errors import (
    AccessRefused,
    ConnectionFault,
    EndpointStop,
    MalformedReply,
    QuotaExhausted,
    RateLimited,
    ServerFault,
    SkillweaveError,
)
from engine.models import Endpoint
from engine.transports import Transport, open_transport, retry, wire
from engine.transports.retry import Gate, RetryPolicy

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


@KINDS
def test_a_reply_is_read_whole(kind: str) -> None:
    reply, server = ask(kind, [http(200, completion("\\( \\times \\) é"))])
    assert reply == Reply("\\( \\times \\) é", "stop", Usage(30, 12, 20, 5), "a-model-0613")
    assert server.bodies == [
        {
            "model": "a-model",
            "messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Write \\( x^2 \\)."}],
            "temperature": 0.5,
            "max_tokens": 99,
            "seed": seed_of(call_key(CALL, REF)),
        }
    ]
    head = server.heads[0].lower()
    assert head.startswith(b"post /v1/chat/completions ")
    assert f"authorization: bearer {KEY}".encode() in head


@KINDS
def test_a_call_overrides_sampling_and_brings_a_schema(kind: str) -> None:
    call = Call((Message("user", "Vote."),), schema={"type": "object"}, sampling=Sampling(top_p=0.9, stop=("#",)))
    _, server = ask(kind, [http(200, completion())], call)
    body = server.bodies[0]
    assert (body["top_p"], body["stop"], "temperature" in body) == (0.9, ["#"], False)
    assert body["response_format"]["json_schema"] == {"name": "reply", "schema": {"type": "object"}, "strict": True}


LASTING = {
    "cut off": (200, completion("half", "length"), "length", "half", None),
    "reasoning used up the tokens": (200, completion(None, "length"), "length", "", None),
    "filtered reply": (200, completion(None, "content_filter"), "content_filter", "", "content filter"),
    "refusal": (200, completion(None, refusal="I will not."), "refused", "", "I will not."),
    "filtered prompt": (400, failure("bad words", code="content_filter"), "content_filter", "", "bad words"),
    "filtered prompt, Azure": (
        400,
        failure("policy", innererror={"code": "ResponsibleAIPolicyViolation"}),
        "content_filter",
        "",
        "policy",
    ),
    "moderated": (403, failure("flagged", metadata={"flagged_input": "x"}), "content_filter", "", "flagged"),
    "invalid prompt": (400, failure("too long", code="context_length_exceeded"), "refused", "", "too long"),
    "too large": (413, b"Request Entity Too Large", "refused", "", "Entity Too Large"),
    "unprocessable": (422, {"detail": [{"loc": ["body", "messages"], "msg": "empty"}]}, "refused", "", "empty"),
}


@KINDS
@pytest.mark.parametrize("name", LASTING)
def test_what_will_not_change_is_a_reply(kind: str, name: str) -> None:
    status, body, finish, text, error = LASTING[name]
    reply, server = ask(kind, [http(status, body)])
    assert isinstance(reply, Reply)
    assert (reply.finish, reply.text, reply.whole) == (finish, text, False)
    assert (error is None and reply.error is None) or error in reply.error
    assert len(server.bodies) == 1


RAISED: dict[str, tuple[Script, type[Exception], str]] = {
    "no quota": ([http(429, failure("pay", code="insufficient_quota"))], QuotaExhausted, "pay"),
    "no quota by type": ([http(429, failure("pay", type="insufficient_quota"))], QuotaExhausted, "skillweave resume"),
    "payment required": ([http(402, failure("money"))], QuotaExhausted, "money"),
    "wrong key": ([http(401, failure(f"Incorrect API key: {KEY}"))], AccessRefused, "OPENAI_API_KEY"),
    "wrong key, as a 400": ([http(400, failure("API key", code="invalid_api_key"))], AccessRefused, "OPENAI_API_KEY"),
    "forbidden": ([http(403, failure("country"))], AccessRefused, "country"),
    "no such model": ([http(404, failure("m", code="model_not_found"))], AccessRefused, "--model"),
    "no such address": ([http(404, b"<html>nginx</html>", content_type="text/html")], AccessRefused, "OPENAI_BASE_URL"),
    "a redirect": ([http(302, b"", location="http://127.0.0.1:9/v1")], AccessRefused, "final address"),
    "a setting it does not take": (
        [http(400, failure("Unsupported value: 0.5", param="temperature", code="unsupported_value"))],
        EndpointStop,
        "Leave temperature out",
    ),
    "rate limited": ([http(429, failure("slow down", code="rate_limit_exceeded"))], RateLimited, "slow down"),
    "408": ([http(408, failure())], ServerFault, "408"),
    "409": ([http(409, failure())], ServerFault, "409"),
    "500 in plain text": ([http(500, b"Internal Server Error", content_type="text/plain")], ServerFault, "Internal"),
    "503": ([http(503, b"", content_type="")], ServerFault, "no reason given"),
    "an upstream's failure in a 200": ([http(200, failure("upstream", code=502))], ServerFault, "502"),
    "an upstream's limit in a 200": ([http(200, failure("upstream", code=429))], RateLimited, "429"),
    "reset": ([reset], ConnectionFault, "writer"),
    "hangs": ([hang], ConnectionFault, "0.3 s"),
    "slow loris": ([drip], ConnectionFault, "0.3 s"),
    "cut-off body": ([http(200, completion())[:-20]], ConnectionFault, "writer"),
    "not HTTP": ([b"SSH-2.0-OpenSSH\r\n\r\n"], ConnectionFault, "writer"),
    "closed at once": ([b""], ConnectionFault, "writer"),
    "not JSON": ([http(200, b"Hello")], MalformedReply, "JSON"),
    "truncated JSON": ([http(200, orjson.dumps(completion())[:-20])], MalformedReply, "JSON"),
    "wrong content type": ([http(200, completion(), content_type="text/html")], MalformedReply, "text/html"),
    "no object": ([http(200, [1, 2])], MalformedReply, "object"),
    "no choices": ([http(200, {"object": "chat.completion"})], MalformedReply, "choices"),
    "empty choices": ([http(200, {"choices": []})], MalformedReply, "choices"),
    "no message": ([http(200, {"choices": [{"finish_reason": "stop"}]})], MalformedReply, "message"),
    "null content": ([http(200, completion(None))], MalformedReply, "no text"),
    "content is no text": ([http(200, completion(["a"]))], MalformedReply, "no text"),
    "tool calls": ([http(200, completion(None, "tool_calls", tool_calls=[]))], MalformedReply, "tool_calls"),
    "no finish reason": ([http(200, completion("x", None))], MalformedReply, "None"),
    "half a surrogate": ([http(200, b'{"choices": [{"message": {"content": "\\ud800"}}]}')], MalformedReply, "JSON"),
}


@KINDS
@pytest.mark.parametrize("name", RAISED)
def test_the_same_event_raises_the_same_error(kind: str, name: str) -> None:
    script, expected, words = RAISED[name]
    error, _ = ask(kind, script, timeout_s=0.3 if name in ("hangs", "slow loris") else 60.0)
    assert type(error) is expected
    assert words in str(error)
    assert str(error).startswith("writer: ")
    assert KEY not in str(error)
    assert "\n" not in str(error)


@KINDS
def test_nobody_listens(kind: str) -> None:
    async def main(port: int) -> None:
        async with opened(kind, f"http://127.0.0.1:{port}/v1") as transport:
            with pytest.raises(ConnectionFault, match="writer"):
                await transport.send(CALL, REF, call_key(CALL, REF))

    with socket.socket() as silent:  # it holds the port, so that no other test gets it, and does not listen
        silent.bind(("127.0.0.1", 0))
        asyncio.run(main(silent.getsockname()[1]))


@KINDS
def test_a_reply_too_large_is_malformed(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("fast", "lean", "official"):
        monkeypatch.setattr(f"engine.transports.{module}.MAX_BODY_BYTES", 1 << 20)
    error, _ = ask(kind, [http(200, completion("x" * (1 << 20)))])
    assert type(error) is MalformedReply
    assert "1 MiB" in str(error)
    reply, _ = ask(kind, [http(200, completion("x" * 900_000))])
    assert isinstance(reply, Reply)
    assert len(reply.text) == 900_000


@KINDS
@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry_after": "7"}, 7.0),
        ({"retry_after": "0.25"}, 0.25),
        ({"retry_after": "-3"}, 0.0),
        ({"retry_after": "nan"}, None),
        ({"retry_after": "soon"}, None),
        ({"retry_after": "9", "retry_after_ms": "1500"}, 1.5),
        ({"retry_after": "Sat, 21 Nov 2026 10:00:30 GMT", "date": "Sat, 21 Nov 2026 10:00:00 GMT"}, 30.0),
        ({"retry_after": "Sat, 21 Nov 2020 10:00:30 GMT"}, 0.0),
        ({}, None),
    ],
)
def test_retry_after(kind: str, headers: dict[str, str], seconds: float | None) -> None:
    for status, expected in ((429, RateLimited), (503, ServerFault)):
        error, _ = ask(kind, [http(status, failure(), **headers)])
        assert type(error) is expected
        assert error.retry_after_s == seconds


REFUSED_SEED = [
    failure("Unsupported parameter: 'seed'", param="seed", code="unsupported_parameter"),
    failure("Unrecognized request argument supplied: seed"),
    {"detail": [{"type": "extra_forbidden", "loc": ["body", "seed"], "msg": "Extra inputs are not permitted"}]},
]


@KINDS
@pytest.mark.parametrize("body", REFUSED_SEED)
def test_a_refused_seed_is_left_out_from_then_on(kind: str, body: dict[str, Any]) -> None:
    async def main() -> Server:
        script: Script = [http(422 if "detail" in body else 400, body), http(200, completion())]
        async with serving(script) as server, opened(kind, server.url) as transport:
            for _ in range(2):
                assert (await transport.send(CALL, REF, call_key(CALL, REF))).text == "Hello"
        return server

    assert ["seed" in body for body in asyncio.run(main()).bodies] == [True, False, False]


@KINDS
def test_the_newer_name_of_the_token_limit_is_learned(kind: str) -> None:
    message = (
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    )
    refusal = http(400, failure(message, param="max_tokens", code="unsupported_parameter"))
    reply, server = ask(kind, [refusal, http(200, completion())])
    assert isinstance(reply, Reply)
    assert [(b.get("max_tokens"), b.get("max_completion_tokens")) for b in server.bodies] == [(99, None), (None, 99)]
    error, server = ask(kind, [refusal])
    assert type(error) is EndpointStop
    assert len(server.bodies) == 2


@KINDS
def test_without_a_key_no_authorization_is_sent(kind: str) -> None:
    async def main() -> bytes:
        async with serving([http(200, completion())]) as server, opened(kind, server.url, key="") as transport:
            await transport.send(CALL, REF, call_key(CALL, REF))
        return server.heads[0].lower()

    assert b"authorization" not in asyncio.run(main())


@KINDS
def test_a_proxy_is_used_but_never_for_ourselves(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> tuple[Server, Server]:
        async with serving([http(200, completion())]) as proxy, serving([http(200, completion())]) as local:
            monkeypatch.setenv("http_proxy", proxy.url.removesuffix("/v1"))
            monkeypatch.delenv("no_proxy", raising=False)
            monkeypatch.delenv("NO_PROXY", raising=False)
            for url in ("http://endpoint.invalid/v1", local.url):
                async with opened(kind, url) as transport:
                    await transport.send(CALL, REF, call_key(CALL, REF))
        return proxy, local

    proxy, local = asyncio.run(main())
    assert [head.split(b"\r\n")[0].lower() for head in proxy.heads] == [
        b"post http://endpoint.invalid/v1/chat/completions http/1.1"
    ]
    assert len(local.heads) == 1


class FakeTime:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def retried(script: Script, policy: RetryPolicy, time: FakeTime, gate: Gate) -> tuple[Reply | Exception, int]:
    async def main() -> tuple[Reply | Exception, int]:
        async with serving(script) as server, opened("lean", server.url) as transport:
            try:
                outcome: Reply | Exception = await retry.retried(
                    lambda: transport.send(CALL, REF, call_key(CALL, REF)), "m", policy,
                    gate=gate, rng=Random(1), sleep=time.sleep,
                )  # fmt: skip
            except SkillweaveError as error:
                outcome = error
            return outcome, len(server.heads)

    return asyncio.run(main())


def test_a_rate_limit_uses_up_no_attempt_and_waits_as_long_as_it_is_told() -> None:
    limited = http(429, failure(), retry_after="20")
    time = FakeTime()
    policy = RetryPolicy(max_attempts=2, base_delay_s=1)
    script: Script = [limited] * 4 + [http(500, failure()), limited, http(200, completion())]
    reply, requests = retried(script, policy, time, Gate(lambda: time.now))
    assert isinstance(reply, Reply)
    assert (reply.attempt, requests) == (7, 7)
    assert sum(seconds >= 20 for seconds in time.slept) == 5


def test_faults_are_given_up_after_the_last_attempt() -> None:
    time = FakeTime()
    policy = RetryPolicy(max_attempts=3, base_delay_s=8, max_delay_s=10)
    error, requests = retried([http(500, failure())], policy, time, Gate(lambda: time.now))
    assert (type(error), requests) == (ServerFault, 3)
    assert len(time.slept) == 2
    assert 0 <= time.slept[0] <= 8
    assert 0 <= time.slept[1] <= 10


def test_a_server_fault_that_names_a_time_is_waited_for() -> None:
    time = FakeTime()
    reply, _ = retried(
        [http(503, failure(), retry_after="30"), http(200, completion())], RetryPolicy(), time, Gate(lambda: time.now)
    )
    assert isinstance(reply, Reply)
    assert 30 <= time.now <= 31


def test_patience_with_rate_limits_is_bounded() -> None:
    time = FakeTime()
    policy = RetryPolicy(max_rate_limit_wait_s=100)
    error, requests = retried([http(429, failure(), retry_after="30")], policy, time, Gate(lambda: time.now))
    assert type(error) is RateLimited
    assert requests == 4
    assert time.now <= 100


@pytest.mark.parametrize("status", [401, 402])
def test_a_stop_is_raised_at_once(status: int) -> None:
    time = FakeTime()
    error, requests = retried([http(status, failure())], RetryPolicy(), time, Gate(lambda: time.now))
    assert isinstance(error, EndpointStop)
    assert (requests, time.slept) == (1, [])


def test_one_callers_retry_after_pauses_all() -> None:
    time = FakeTime()
    gate = Gate(lambda: time.now)
    retried([http(429, failure(), retry_after="60")], RetryPolicy(max_rate_limit_wait_s=1), time, gate)
    assert gate.closed_s == 60
    reply, requests = retried([http(200, completion())], RetryPolicy(), time, gate)
    assert isinstance(reply, Reply)
    assert requests == 1
    assert 60 <= time.now <= 61


def test_a_gate_that_stays_shut_is_a_rate_limit() -> None:
    time = FakeTime()
    gate = Gate(lambda: time.now)
    gate.close_for(500)
    gate.close_for(3)
    error, requests = retried([http(200, completion())], RetryPolicy(max_rate_limit_wait_s=100), time, gate)
    assert (type(error), requests, time.slept) == (RateLimited, 0, [])


def test_messages_are_short_and_on_one_line() -> None:
    said = wire.clean(f"a\x1b[31m\n{KEY}" + "z" * 100_000, KEY)
    assert said.startswith("a [31m ***zzz")
    assert len(said) == 400


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
