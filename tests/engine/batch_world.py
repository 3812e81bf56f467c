"""A provider with batches as the tests see it: what it was asked, how it behaves, and processes that work by it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from toy import HERE, REPOSITORY, SimulatedEndpoint

Serve = Callable[..., SimulatedEndpoint]


def tell(endpoint: SimulatedEndpoint, address: str, body: dict[str, Any]) -> None:
    urlopen(Request(endpoint.base_url.removesuffix("/v1") + address, json.dumps(body).encode())).read()


def stats(endpoint: SimulatedEndpoint) -> dict[str, int]:
    return dict(json.loads(urlopen(endpoint.base_url.removesuffix("/v1") + "/stats").read()))


def behave(endpoint: SimulatedEndpoint, faults: str) -> None:
    tell(endpoint, "/behave", {"faults": faults})


@contextmanager
def batch_process(folder: Path, endpoint: SimulatedEndpoint, **options: Any) -> Iterator[subprocess.Popen[str]]:
    environment = os.environ | {"PYTHONPATH": f"{REPOSITORY}{os.pathsep}{HERE}"}
    command = [sys.executable, str(HERE / "work_on_batches.py"), str(folder), endpoint.base_url, json.dumps(options)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert child.stdout is not None
    assert child.stdout.readline() == "started\n"
    try:
        yield child
    finally:
        child.kill()
        child.wait()
        child.stdout.close()
