"""Runs of the toy recipe against a simulated endpoint, in this process and in others."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pyarrow as pa
import pyarrow.parquet as pq
from toy_recipe import TOY
from work_on_toy import POLICY, endpoints

from engine.books import Books, read_books
from engine.call import ModelRef
from engine.drivers.contract import Outcome
from engine.drivers.online import OnlineOptions, drive
from engine.recipe import Recipe
from engine.run import Run, Target, create_run, open_run, plan_spec
from engine.sealing import row_schema
from engine.sender import open_senders
from engine.shard import seals_of

HERE = Path(__file__).parent
REPOSITORY = HERE.parent.parent
MODELS = {role: ModelRef(served_by="simulated", model="simulated-1") for role in TOY.roles}


@dataclass
class SimulatedEndpoint:
    """A running simulated endpoint."""

    base_url: str
    log: Path

    @property
    def asked(self) -> int:
        return self.log.read_bytes().count(b"\n") if self.log.exists() else 0

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()] if self.log.exists() else []

    def behave(self, **behaviour: object) -> None:
        url = self.base_url.removesuffix("/v1") + "/behave"
        urlopen(Request(url, json.dumps(behaviour).encode(), {"Content-Type": "application/json"})).read()


@dataclass
class Toy:
    """A workspace of toy runs."""

    root: Path
    recipe: Recipe[int] = field(default=TOY)

    def create(self, name: str = "toy", *, distinct: int = 10_000, size: int | None = None, seed: int = 1,
               target: Target | None = None, **settings: Any) -> Path:  # fmt: skip
        items = {"distinct": distinct} | ({"size": size} if size is not None else {})
        spec = plan_spec(self.recipe, items=items, models=MODELS, seed=seed, settings=settings)
        (self.root / "runs").mkdir(exist_ok=True)
        return create_run(self.root / "runs", name, spec, target or Target(count=50))

    def open(self, folder: Path) -> Run:
        return open_run(folder, {"toy": self.recipe}, self.root)

    def work(self, folder: Path, endpoint: SimulatedEndpoint, reuse: Any = None, **options: Any) -> Outcome:
        async def go() -> Outcome:
            run = self.open(folder)
            async with open_senders(run.spec.models, endpoints(endpoint.base_url), POLICY) as senders:
                return await drive(run, senders, OnlineOptions(**options), reuse=reuse)

        return asyncio.run(go())

    def books(self, folder: Path) -> Books:
        return read_books(folder)

    def table(self, folder: Path, kind: str) -> pa.Table:
        run = self.open(folder)
        seals = seals_of(run.shards).values()
        tables = [pq.read_table(run.shards / seal.files[kind].name) for seal in seals]
        return pa.concat_tables(tables) if tables else row_schema(run).empty_table()

    def accepted(self, folder: Path) -> list[dict[str, Any]]:
        """The accepted rows in index order, without attempts: what must be equal however the run went."""
        rows = self.table(folder, "rows").drop_columns(["attempts"]).to_pylist()
        count = self.books(folder).count
        return rows if count is None else rows[:count]


@contextmanager
def toy_process(
    folder: Path, endpoint: SimulatedEndpoint, preexec: Callable[[], None] | None = None,
    environ: dict[str, str] | None = None, **options: Any,
) -> Iterator[subprocess.Popen[str]]:  # fmt: skip
    """A process of its own that works on the run; waits until it has started."""
    environment = os.environ | {"PYTHONPATH": f"{REPOSITORY}{os.pathsep}{HERE}"} | (environ or {})
    child = subprocess.Popen(
        [sys.executable, str(HERE / "work_on_toy.py"), str(folder), endpoint.base_url, json.dumps(options)],
        stdout=subprocess.PIPE, text=True, env=environment, preexec_fn=preexec,
    )  # fmt: skip
    assert child.stdout is not None
    assert child.stdout.readline() == "started\n"
    try:
        yield child
    finally:
        child.kill()
        child.wait()
        child.stdout.close()
