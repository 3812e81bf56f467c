"""The offline teacher at the wire: OpenAI's chat completions, answered by rule. It has no weights and wants no key.

    POST /v1/chat/completions     see `completion`
    /v1/files  /v1/batches        see `batches`
    GET  /v1/models  /health  /stats

With a log, each request is a line of it before its answer is sent, so that a test that kills the client can count what
was asked.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import logging
import math
import os
import re
import socket
import sys
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import orjson
import uvicorn

from engine.errors import InputError, SkillweaveError
from engine.files import storage_errors
from teacher.asgi import Receive, Scope, Send, answer, answer_bytes, read_body
from teacher.batches import Batches
from teacher.completion import REPORTED_MODEL, Read, Refused, Request, Write, complete
from teacher.faults import CONTENT, HEADER, TRANSPORT, Faults, parse_faults

_MAX_BODY_BYTES = 8 * 1024 * 1024


class Teacher:
    """The ASGI application. `write` and `read` make the texts; `faults` hold for every request."""

    def __init__(self, write: Write, read: Read, faults: str = "", log: Path | None = None) -> None:
        self._write, self._read, self._faults = write, read, faults
        parse_faults(faults)
        self._counts: Counter[str] = Counter()
        self._batches = Batches(self._answer_row, lambda model: parse_faults(faults, model.partition(":")[2]))
        self._log = None
        if log is not None:
            with storage_errors(log):
                self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            return
        match (scope["method"], scope["path"].removeprefix("/v1")):
            case ("POST", "/chat/completions"):
                await self._chat(scope, receive, send)
            case ("GET", "/models"):
                model = {"id": REPORTED_MODEL, "object": "model", "created": 0, "owned_by": "skillweave"}
                await answer(send, 200, {"object": "list", "data": [model]})
            case ("GET", "/health"):
                await answer(send, 200, {"status": "ok"})
            case ("GET", "/stats"):
                batched = {name: count for name, count in self._batches.stats().items() if count}
                await answer(send, 200, {**self.stats(), **batched})
            case (_, path) if path.startswith(("/files", "/batches")):
                await self._batches.handle(scope, receive, send)
            case _:
                refused = Refused(404, "there is only POST /v1/chat/completions and GET /v1/models", "not_found")
                await answer(send, refused.status, refused.body)

    def stats(self) -> dict[str, Any]:
        """Requests for chat completions so far: asked = answered + refused + faults of transport."""
        faults = {name: self._counts[name] for name in (*TRANSPORT, "quota", *CONTENT) if self._counts[name]}
        return {**{name: self._counts[name] for name in ("asked", "answered", "refused")}, "faults": faults}

    async def _chat(self, scope: Scope, receive: Receive, send: Send) -> None:
        content = await read_body(receive, _MAX_BODY_BYTES)
        if content is None:
            return
        self._counts["asked"] += 1
        fault, slow_s = None, 0.0
        headers: dict[str, str] = {}
        try:
            if len(content) > _MAX_BODY_BYTES:
                raise Refused(413, f"a request of more than {_MAX_BODY_BYTES >> 20} MiB", "request_too_large")
            request = Request.read(content)
            faults = self._faults_of(request, scope)
            slow_s = faults.slow_ms / 1000
            fault = self._transport_fault(faults)
            if fault == "quota":
                raise Refused(429, "You exceeded your current quota (as asked)", "insufficient_quota")
            if fault == "429":
                seconds = faults.retry_after_s
                headers = {"retry-after": str(math.ceil(seconds)), "retry-after-ms": str(int(seconds * 1000))}
                raise Refused(429, "Too many requests (as asked)", "rate_limit_exceeded")
            if fault == "5xx":
                raise Refused(503, "The teacher is out (as asked)", "server_error")
            status = 200
            body, spoiled = complete(request, self._write, self._read, faults)
            self._counts.update([spoiled] if spoiled else [])
            outcome = fault or "answered"
        except Refused as refused:
            status, body = refused.status, refused.body
            outcome = fault or "refused"
        self._counts[outcome] += 1
        self._note(content, outcome)
        if slow_s:
            await asyncio.sleep(slow_s)
        if fault == "hang":
            while (await receive())["type"] != "http.disconnect":
                pass
        elif fault == "wrong_type":
            await answer_bytes(send, 200, b"<html><body>Please sign in.</body></html>", {"content-type": "text/html"})
        elif fault in ("truncated", "drop"):
            whole = orjson.dumps(body)
            length = len(whole) if fault == "drop" else len(whole) // 2
            headers = {"content-type": "application/json", "content-length": str(length)}
            await answer_bytes(send, 200, whole[: len(whole) // 2], headers, whole=fault == "truncated")
        else:
            await answer(send, status, body, headers)

    def _answer_row(self, body: dict[str, Any]) -> tuple[int, Any]:
        """One row of a batch: what a single request would get, where every fault of transport is an answer too."""
        self._counts["asked"] += 1
        content = orjson.dumps(body)
        fault = None
        try:
            request = Request.read(content)
            faults = parse_faults(self._faults, request.faults)
            fault = self._transport_fault(faults)
            if fault == "quota":
                raise Refused(429, "You exceeded your current quota (as asked)", "insufficient_quota")
            if fault == "429":
                raise Refused(429, "Too many requests (as asked)", "rate_limit_exceeded")
            if fault is not None:
                raise Refused(500, f"The row was lost ({fault}, as asked)", "server_error")
            status = 200
            reply, spoiled = complete(request, self._write, self._read, faults)
            self._counts.update([spoiled] if spoiled else [])
            outcome = "answered"
        except Refused as refused:
            status, reply, outcome = refused.status, refused.body, fault or "refused"
        self._counts[outcome] += 1
        self._note(content, outcome)
        return status, reply

    def _faults_of(self, request: Request, scope: Scope) -> Faults:
        header = next((value for name, value in scope["headers"] if name == HEADER.encode()), b"")
        try:
            return parse_faults(self._faults, request.faults, header.decode("latin-1"))
        except InputError as error:
            raise Refused(400, str(error), "invalid_faults", "model") from None

    def _transport_fault(self, faults: Faults) -> str | None:
        asked = self._counts["asked"]
        if faults.quota_after is not None and asked > faults.quota_after:
            return "quota"
        return faults.draw(TRANSPORT, Random(f"transport:{asked}"))

    def _note(self, content: bytes, outcome: str) -> None:
        if self._log is not None:
            body = hashlib.blake2b(content, digest_size=16).hexdigest()
            seed = re.search(rb'"seed":\s*(\d+)', content)
            line = {"body": body, "seed": int(seed[1]) if seed else None, "outcome": outcome}
            os.write(self._log, orjson.dumps(line) + b"\n")


def offline_teacher(faults: str = "", log: Path | None = None) -> Teacher:
    """The application with the parts that make its texts. Reads the lexicon and the embedding model of `data/`."""
    from teacher.extraction import extract
    from teacher.judging import judge
    from teacher.recognition import Recogniser
    from teacher.solving import solve
    from teacher.writing import write

    recogniser = Recogniser()
    return Teacher(
        lambda messages, chance: write(messages, chance, recogniser.recognise),
        lambda messages: judge(messages, recogniser) or solve(messages) or extract(messages, recogniser),
        faults,
        log,
    )


def serve(
    teacher: Teacher, host: str, port: int, say: Callable[[str], None], until: Callable[[], object] | None
) -> None:
    """Serve until a signal, or until `until`, run in a thread, returns. `say` gets the base URL once it can be asked.

    Port 0 takes a free one. Raises InputError where the address is taken or is none of this machine.
    """
    try:
        listener = socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=2048
        )
    except OSError as error:
        raise InputError(
            f"cannot listen at {host}:{port} ({error.strerror}); try: skillweave teacher serve --port 0"
        ) from None
    # Each connection inherits it. An answer goes out in two pieces, and the second would wait 40 ms to be acknowledged.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # A connection dropped on request is no news.
    logging.getLogger("uvicorn.error").addFilter(lambda record: "without completing" not in record.getMessage())
    settings = uvicorn.Config(
        teacher,
        http="httptools",
        lifespan="off",
        ws="none",
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(settings)
    if until is not None:

        def watch() -> None:
            until()
            server.should_exit = True

        threading.Thread(target=watch, daemon=True).start()
    with listener:
        shown = f"[{host}]" if ":" in host else host
        say(f"http://{shown}:{listener.getsockname()[1]}/v1")
        server.run(sockets=[listener])


def main() -> None:
    """The child of `teacher.process`: says its address on stdout and ends when its stdin does."""
    parser = argparse.ArgumentParser(prog="python -m teacher.server")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--faults", default="")
    parser.add_argument("--log", type=Path)
    given = parser.parse_args()
    try:
        teacher = offline_teacher(given.faults, given.log)
        serve(teacher, given.host, given.port, lambda url: print(url, flush=True), sys.stdin.buffer.read)  # noqa: T201
    except SkillweaveError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
