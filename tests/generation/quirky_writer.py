"""A simulated endpoint that writes questions by rule: a real HTTP server in a thread. It is no language model.

Its reply depends on the request alone: two of three are questions, the others have none. To a prompt that says BRIEFLY
it answers in half the tokens.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import orjson


@dataclass
class Writer:
    """A running writer, and what it was asked."""

    url: str = ""
    bodies: list[str] = field(default_factory=list)
    """The last message of each request that was answered."""
    calls: list[bytes] = field(default_factory=list)
    """Each answered request, whole."""
    fail_from: int | None = None
    """From this request on the account is empty."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, content: bytes) -> tuple[int, dict[str, object]]:
        with self.lock:
            if self.fail_from is not None and len(self.calls) + 1 >= self.fail_from:
                return 429, {"error": {"message": "no money", "code": "insufficient_quota"}}
            prompt = orjson.loads(content)["messages"][-1]["content"]
            self.bodies.append(prompt)
            self.calls.append(content)
        digest = hashlib.blake2b(content, digest_size=4).digest()
        text = "I would rather not."
        if digest[0] % 3:
            text = f"<question>\nWhat is 3 + 4, in case {digest.hex()}?\n</question>\n"
            text += "<solution>\nCount on from 3 by 4: 4, 5, 6, 7. So 3 + 4 = 7.\nThe answer is 7.\n</solution>\n"
            text += "<concepts>\n</concepts>"
        usage = {"prompt_tokens": 100, "completion_tokens": 10 if "BRIEFLY" in prompt else 20}
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
        return 200, {"object": "chat.completion", "model": "writer-1", "choices": [choice], "usage": usage}


@contextmanager
def writing() -> Iterator[Writer]:
    """A writer on a free port, for as long as the block runs."""
    writer = Writer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            status, reply = writer.answer(self.rfile.read(int(self.headers["content-length"])))
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
        writer.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        try:
            yield writer
        finally:
            server.shutdown()
            thread.join()
