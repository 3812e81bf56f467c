"""A simulated endpoint with the habits of real ones, on a real socket in a thread. It is no language model.

It answers from the request alone, except where it heeds no seed; then no two answers are equal.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson


@dataclass
class Habits:
    """What it takes and gives. `limits` are the names of the token limit it knows."""

    limits: tuple[str, ...] = ("max_tokens", "max_completion_tokens")
    temperature: str = "any"
    seed: str = "heeded"
    schema: str = "kept"
    logprobs: str = "given"
    reasoning: str = "none"
    usage: bool = True
    refuses_all: str = ""
    text: str = "<question>How many?</question>"
    refuses_together: tuple[str, ...] = ()
    bodies: list[dict[str, Any]] = field(default_factory=list)
    status_of_refusals: int = 400

    def refusal(self, body: dict[str, Any]) -> tuple[str, str] | None:
        """(param, message) of what is not taken; the param may be empty, as it often is."""
        for name in ("max_tokens", "max_completion_tokens"):
            if name in body and name not in self.limits:
                return name, f"Unsupported parameter: '{name}' is not supported with this model."
        if "temperature" in body and (
            self.temperature == "refused" or (self.temperature == "only 1" and body["temperature"] != 1)
        ):
            return "", "invalid temperature: only 1 is allowed for this model"
        if "seed" in body and self.seed == "refused":
            return "", "Unrecognized request argument supplied: seed"
        if "response_format" in body and self.schema == "refused":
            return "", "This response_format type is unavailable now"
        if "logprobs" in body and self.logprobs == "refused":
            return "logprobs", "You are not allowed to request logprobs from this model"
        if self.refuses_together and all(name in body for name in self.refuses_together):
            return "", f"you may give one of {' and '.join(self.refuses_together)}"
        return ("", self.refuses_all) if self.refuses_all else None

    def answer(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """The status and body of the answer."""
        self.bodies.append(body)
        if (refused := self.refusal(body)) is not None:
            error = {"message": refused[1], "type": "invalid_request_error", "param": refused[0] or None, "code": None}
            return self.status_of_refusals, {"error": error}
        mood = str(len(self.bodies)) if self.seed == "not heeded" else str(body.get("seed"))
        if self.seed == "one answer":
            mood = ""
        text = f"{self.text} {hashlib.blake2b(mood.encode(), digest_size=4).hexdigest()}"
        if "response_format" in body and self.schema == "kept":
            text = '{"verdict": "amber"}'
        message: dict[str, Any] = {"role": "assistant", "content": text}
        if self.reasoning == "inside the text":
            message["content"] = f"<think>\nhm <question>no</question> {mood}\n</think>\n\n{text}"
        elif self.reasoning == "without its opening tag":
            message["content"] = f"hm <question>no</question>\n</think>\n\n{text}"
        elif self.reasoning in ("reasoning", "reasoning_content"):
            message[self.reasoning] = "hm"
        choice: dict[str, Any] = {"index": 0, "message": message, "finish_reason": "stop"}
        if "logprobs" in body and self.logprobs == "given":
            choice["logprobs"] = {"content": [{"token": "a", "logprob": -0.1, "top_logprobs": []}]}
        reply: dict[str, Any] = {"object": "chat.completion", "model": "quirky-2026", "choices": [choice]}
        if self.usage:
            reply["usage"] = {"prompt_tokens": 100, "completion_tokens": 20}
            if self.reasoning == "hidden":
                reply["usage"]["completion_tokens_details"] = {"reasoning_tokens": 12}
        return 200, reply


@contextmanager
def quirky(habits: Habits) -> Iterator[str]:
    """The base URL of an endpoint with these habits, for as long as the block runs."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = orjson.loads(self.rfile.read(int(self.headers["content-length"])))
            status, reply = habits.answer(body)
            content = orjson.dumps(reply)
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/v1"
        finally:
            server.shutdown()
            thread.join()
