"""Fixtures of the engine's tests: simulated endpoints, and a workspace of toy runs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from batch_world import Serve, tell
from toy import HERE, REPOSITORY, SimulatedEndpoint, Toy

if TYPE_CHECKING:
    from store_server import Store


@pytest.fixture
def simulated(tmp_path: Path) -> Iterator[Callable[..., SimulatedEndpoint]]:
    """Starts simulated endpoints; they end with the test."""
    started: list[subprocess.Popen[str]] = []

    def start(*options: str) -> SimulatedEndpoint:
        log = tmp_path / f"requests-{len(started)}.log"
        child = subprocess.Popen(
            [sys.executable, str(HERE / "simulated_endpoint.py"), str(log), *options], stdout=subprocess.PIPE, text=True
        )
        started.append(child)
        assert child.stdout is not None
        return SimulatedEndpoint(f"http://127.0.0.1:{int(child.stdout.readline())}/v1", log)

    yield start
    for child in started:
        child.terminate()
        child.wait()
        assert child.stdout is not None
        child.stdout.close()


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    return Toy(tmp_path)


@pytest.fixture(scope="module")
def batch_provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatedEndpoint]:
    """One endpoint with batches for all tests of a file."""
    log = tmp_path_factory.mktemp("batches") / "asked.log"
    environment = os.environ | {"PYTHONPATH": f"{REPOSITORY}{os.pathsep}{HERE}"}
    command = [sys.executable, str(HERE / "batch_endpoint.py"), str(log)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as child:
        assert child.stdout is not None
        yield SimulatedEndpoint(f"http://127.0.0.1:{int(child.stdout.readline())}/v1", log)
        child.terminate()


@pytest.fixture
def serve(batch_provider: SimulatedEndpoint) -> Serve:
    """That endpoint as if it had just begun, with these faults."""

    def begin(faults: str = "", *, moody: bool = False) -> SimulatedEndpoint:
        tell(batch_provider, "/begin", {"faults": faults, "moody": moody})
        return batch_provider

    return begin


@pytest.fixture(scope="module", params=["moto", "versitygw"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """A running S3-compatible server, and this process as one that may use it."""
    from store_server import store_server  # which skips where the extra `bucket` is missing

    with store_server(request.param) as server, pytest.MonkeyPatch.context() as patch:
        for name, value in server.environ.items():
            patch.setenv(name, value)
        yield server
