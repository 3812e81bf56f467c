"""A simulated Hugging Face hub: the few requests that an upload makes, answered on a local port. It keeps the files."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class SimulatedHub:
    """What was asked of it."""

    url: str = ""
    made: list[dict[str, Any]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    files: dict[str, bytes] = field(default_factory=dict)
    refuses: bool = False


@contextmanager
def simulated_hub() -> Iterator[SimulatedHub]:
    """Serve one on a free port."""
    hub = SimulatedHub()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def _answer(self, value: Any, status: int = 200) -> None:
            content = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding") == "chunked":
                parts = []
                while size := int(self.rfile.readline(), 16):
                    parts.append(self.rfile.read(size))
                    self.rfile.readline()
                self.rfile.readline()
                return b"".join(parts)
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))

        def do_GET(self) -> None:
            self._answer({"error": f"not simulated: {self.path}"}, 404)

        def do_POST(self) -> None:
            body = self._body()
            hub.tokens.add(self.headers.get("Authorization", ""))
            if hub.refuses:
                self._answer({"error": "you may not write here"}, 403)
            elif self.path == "/api/repos/create":
                hub.made.append(json.loads(body))
                self._answer({"url": f"{hub.url}/datasets/me/questions"})
            elif "/preupload/" in self.path:
                named = json.loads(body)["files"]
                files = [{"path": each["path"], "uploadMode": "regular", "shouldIgnore": False} for each in named]
                self._answer({"files": files})
            elif "/commit/" in self.path:
                for line in map(json.loads, body.splitlines()):
                    if line["key"] == "file":
                        hub.files[line["value"]["path"]] = base64.b64decode(line["value"]["content"])
                commit = f"{hub.url}/datasets/me/questions/commit/0"
                self._answer({"commitUrl": commit, "commitOid": "0" * 40, "success": True})
            else:
                self._answer({"errors": [], "warnings": []})

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
