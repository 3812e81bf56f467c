"""The batch driver on a simulator of another author: @copilotkit/aimock, where SKILLWEAVE_AIMOCK names its folder.

    npm install @copilotkit/aimock && export SKILLWEAVE_AIMOCK=$PWD/node_modules/@copilotkit/aimock

It completes a batch at the second look, with one and the same reply to each call, and fails whole requests on demand.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from batch_world import batch_process
from toy import SimulatedEndpoint, Toy
from work_on_batches import POINTS

from engine.batches.waves import Waves
from engine.run import Target

PACKAGE = os.environ.get("SKILLWEAVE_AIMOCK", "")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (PACKAGE and shutil.which("node")), reason="wants node, and SKILLWEAVE_AIMOCK"),
]
SERVE = """
const { LLMock } = await import(process.argv[1] + "/dist/index.js");
const mock = new LLMock({ port: 0 });
await mock.start();
console.log(mock.url);
"""
OPTIONS = {"max_requests": 6, "shard_size": 15, "waves": 2, "outage_s": 60.0}


@pytest.fixture
def aimock() -> Iterator[str]:
    command = ["node", "--input-type=module", "-e", SERVE, PACKAGE]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        yield child.stdout.readline().strip()
        child.terminate()


def ask(url: str, method: str = "GET", body: Any = None) -> Any:
    content = None if body is None else json.dumps(body).encode()
    return json.loads(urlopen(Request(url, content, {"Content-Type": "application/json"}, method=method)).read())


def check_submitted_once(toy: Toy, folder: Path, url: str) -> None:
    books = toy.books(folder)
    assert (books.state, books.reasons) == ("complete", {"no question": books.drawn})
    waves = Waves.of(folder)
    assert toy.table(folder, "calls").num_rows == sum(wave.requests for wave in waves.all().values())
    tokens = Counter(batch["metadata"]["skillweave_token"] for batch in ask(f"{url}/v1/batches?limit=100")["data"])
    assert tokens == Counter(wave.token for wave in waves.all().values())


def test_kills_at_every_point_submit_nothing_twice(toy: Toy, aimock: str) -> None:
    folder = toy.create(size=30, target=Target(), reasks=2)
    endpoint = SimulatedEndpoint(f"{aimock}/v1", folder / "none.log")
    for point in POINTS:
        with batch_process(folder, endpoint, **OPTIONS, kill=point) as child:
            assert child.wait(60) == -signal.SIGKILL, f"it should have died {point}"
    with batch_process(folder, endpoint, **OPTIONS) as child:
        assert child.wait(60) == 0
    check_submitted_once(toy, folder, aimock)


def test_requests_that_fail_are_made_again_and_submit_nothing_twice(toy: Toy, aimock: str) -> None:
    ask(f"{aimock}/__aimock/chaos", "POST", {
        "rateLimitRate": 0.15, "malformedRate": 0.1, "disconnectRate": 0.1, "dropRate": 0.05
    })  # fmt: skip
    folder = toy.create(size=30, target=Target(), reasks=1)
    with batch_process(folder, SimulatedEndpoint(f"{aimock}/v1", folder / "none.log"), **OPTIONS) as child:
        assert child.wait(150) == 0
    ask(f"{aimock}/__aimock/chaos", "DELETE")
    check_submitted_once(toy, folder, aimock)
