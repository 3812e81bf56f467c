"""An S3-compatible server of another author (moto), over HTTP, for runs on object storage."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

from toy import Toy

from engine.places.joining import join


@dataclass(frozen=True)
class Store:
    """A running server with one bucket."""

    endpoint: str

    @property
    def environ(self) -> dict[str, str]:
        """What a process needs to reach it."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    def make_bucket(self, name: str) -> str:
        """The address of a new bucket."""
        urlopen(Request(f"{self.endpoint}/{name}", method="PUT"), timeout=30).read()
        return f"s3://{name}/runs"


@contextmanager
def store_server() -> Iterator[Store]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    child = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environ,
    )  # fmt: skip
    endpoint = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 90
        while True:
            try:
                urlopen(f"{endpoint}/moto-api/", timeout=5).read()
                break
            except (URLError, OSError):
                assert child.poll() is None
                assert time.monotonic() < deadline, "moto does not come up"
                time.sleep(0.1)
        yield Store(endpoint)
    finally:
        child.terminate()
        child.wait()


def machines(tmp_path: Path, url: str, count: int, name: str = "toy") -> list[Toy]:
    """Workspaces that know the run by its address alone."""
    found = [Toy(tmp_path / f"machine-{n}") for n in range(count)]
    for machine in found:
        (machine.root / "runs").mkdir(parents=True)
        join(machine.root / "runs", name, url)
    return found
