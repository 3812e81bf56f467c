"""S3-compatible servers of other authors, over HTTP, for runs on object storage."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from toy import Toy

from engine.places.joining import join

s3fs = pytest.importorskip("s3fs", reason="runs on object storage want the extra `bucket`")
KEY = "testtest"


@dataclass(frozen=True)
class Store:
    """A running server with one bucket."""

    endpoint: str

    @property
    def environ(self) -> dict[str, str]:
        """What a process needs to reach it."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": KEY,
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    def make_bucket(self, name: str) -> str:
        """The address of a new bucket."""
        files = s3fs.S3FileSystem(key=KEY, secret=KEY, endpoint_url=self.endpoint, skip_instance_cache=True)
        files.mkdir(name)
        return f"s3://{name}/runs"


@contextmanager
def store_server(author: str = "moto") -> Iterator[Store]:
    """A server of moto's (Python) or of versitygw's (Go), on a folder of its own; skips where it is not installed."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    store = Store(f"http://127.0.0.1:{port}")
    with tempfile.TemporaryDirectory() as folder, subprocess.Popen(
        _command(author, port, folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
    ) as child:  # fmt: skip
        deadline = time.monotonic() + 90
        while not _answers(store.endpoint):
            assert child.poll() is None
            assert time.monotonic() < deadline, f"{author} does not come up"
            time.sleep(0.1)
        yield store
        child.terminate()


def _command(author: str, port: int, folder: str) -> list[str]:
    if author == "moto":
        return [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    if (gateway := shutil.which("versitygw")) is None:
        pytest.skip("versitygw is not installed: go install github.com/versity/versitygw/cmd/versitygw@latest")
    address = f"127.0.0.1:{port}"
    (meta := Path(folder, "meta")).mkdir()
    (data := Path(folder, "data")).mkdir()
    return [gateway, "--access", KEY, "--secret", KEY, "--port", address, "posix", "--sidecar", str(meta), str(data)]


def _answers(endpoint: str) -> bool:
    try:
        urlopen(endpoint, timeout=5).read()
    except HTTPError:
        return True
    except OSError:
        return False
    return True


class _Forgetful(BaseHTTPRequestHandler):
    """Passes requests on without the header that makes a put conditional, as a store does that does not know it."""

    protocol_version = "HTTP/1.1"
    behind: str

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name: value for name, value in self.headers.items() if name.lower() != "if-none-match"}
        try:
            with urlopen(Request(self.behind + self.path, body, headers, method=self.command), timeout=30) as answer:
                status, said, content = answer.status, answer.headers, answer.read()
        except HTTPError as error:
            status, said, content = error.code, error.headers, error.read()
        self.send_response(status)
        for name, value in said.items():
            if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_DELETE = do_POST = do_HEAD = do_PUT  # noqa: N815 - what the base class looks for

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def forgetful_server(store: Store) -> Iterator[Store]:
    """The same store as one in which a key can be made twice."""
    handler = type("Handler", (_Forgetful,), {"behind": store.endpoint})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Store(f"http://127.0.0.1:{server.server_port}")
        server.shutdown()


def machines(tmp_path: Path, url: str, count: int, name: str = "toy") -> list[Toy]:
    """Workspaces that know the run by its address alone."""
    found = [Toy(tmp_path / f"machine-{n}") for n in range(count)]
    for machine in found:
        (machine.root / "runs").mkdir(parents=True)
        join(machine.root / "runs", name, url)
    return found
