"""Fixtures of the engine's tests: simulated endpoints, and a workspace of toy runs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from toy import HERE, SimulatedEndpoint, Toy


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
