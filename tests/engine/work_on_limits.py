"""Runs of the toy recipe with limits: what the tests of money work on, in this process and in others.

    python work_on_limits.py RUN_FOLDER BASE_URL [JSON of OnlineOptions]

Ends as work_on_toy.py does. A reply has 50 tokens at most, and the price is steep: a dollar buys about 40 calls.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import sys
from pathlib import Path
from typing import Any

from toy_recipe import TOY

from engine.books import read_books
from engine.budget import Budget
from engine.call import ModelRef, Sampling
from engine.drivers.contract import Outcome
from engine.drivers.online import OnlineOptions, drive
from engine.errors import ExitCode, SkillweaveError
from engine.models import Endpoint
from engine.prices import Price
from engine.run import Target, create_run, open_run, plan_spec
from engine.sender import open_senders
from engine.transports.retry import RetryPolicy

PRICE = Price(id="steep", prompt=100, cached=10, completion=500, as_of=dt.date(2026, 11, 21))
PRICES = {"steep": PRICE}
MODEL = ModelRef(served_by="simulated", model="simulated-1", sampling=Sampling(max_tokens=50))
POLICY = RetryPolicy(max_attempts=3, base_delay_s=0.01, max_delay_s=0.05, max_outage_s=0)


def create(root: Path, name: str, count: int, *, model: ModelRef = MODEL, seed: int = 1, **limits: Any) -> Path:
    spec = plan_spec(TOY, items={"distinct": 100_000}, models=dict.fromkeys(TOY.roles, model), seed=seed)
    (root / "runs").mkdir(exist_ok=True)
    return create_run(root / "runs", name, spec, Target(count=count, budget=Budget(**limits)))


async def work(folder: Path, base_url: str, options: OnlineOptions, price: Price | None = PRICE) -> Outcome:
    run = open_run(folder, {"toy": TOY}, folder.parent.parent)
    endpoint = Endpoint(
        ref=run.spec.models["writer"], base_url=base_url, transport="lean", concurrency=256, adaptive=False, price=price
    )
    async with open_senders(run.spec.models, {"simulated": endpoint}, POLICY) as senders:
        return await drive(run, senders, options, prices=PRICES)


def main() -> int:
    folder, base_url, *rest = sys.argv[1:]
    print("started", flush=True)
    try:
        outcome = asyncio.run(work(Path(folder), base_url, OnlineOptions(**json.loads(rest[0] if rest else "{}"))))
    except SkillweaveError as error:
        print(f"{type(error).__name__}: {error}", flush=True)
        return int(error.exit_code)
    print(read_books(Path(folder)).state, flush=True)
    return int(ExitCode.INTERRUPTED if outcome.interrupted else ExitCode.COMPLETE)


if __name__ == "__main__":
    sys.exit(main())
