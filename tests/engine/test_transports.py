"""All transports against a real local socket that answers byte for byte what the table says."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import orjson
import pytest
from scripted_server import (
    CALL,
    KEY,
    KINDS,
    REF,
    Script,
    Server,
    ask,
    completion,
    drip,
    failure,
    hang,
    http,
    opened,
    reset,
    serving,
)

from engine.call import Call, Message, Reply, Sampling, Usage, call_key, seed_of
from engine.errors import (
    AccessRefused,
    ConnectionFault,
    EndpointStop,
    MalformedReply,
    QuotaExhausted,
    RateLimited,
    ServerFault,
)
from engine.transports import wire


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


def test_messages_are_short_and_on_one_line() -> None:
    said = wire.clean(f"a\x1b[31m\n{KEY}" + "z" * 100_000, KEY)
    assert said.startswith("a [31m ***zzz")
    assert len(said) == 400
