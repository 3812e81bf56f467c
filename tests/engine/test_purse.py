"""Limits of a run hold: by the bill of a real endpoint, with many in flight, over workers, kills and changed minds."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from toy import HERE, REPOSITORY, SimulatedEndpoint
from toy_recipe import TOY
from work_on_limits import MODEL, PRICE, PRICES, create, work

from engine.books import read_books, read_spent
from engine.budget import Amount, Budget
from engine.call import Call, Message, ModelRef, Reply, Usage
from engine.drivers.online import OnlineOptions
from engine.errors import InputError, LimitReached
from engine.lease import Worker, living
from engine.ledger import Ledger
from engine.prices import Price, cost, cost_of
from engine.purse import Hold, Purse
from engine.rows import read_accepted
from engine.run import open_run, read_target, set_budget
from engine.tokens import most_prompt_tokens

FIRST = (Message("system", "You write questions."), Message("user", "Write about geometry, number 10000."))
ONE_CALL = cost(Usage(most_prompt_tokens(FIRST) + 300, 50), PRICE) or 0
"""No call of the toy recipe is reserved at more."""


def bill(endpoint: SimulatedEndpoint) -> Amount:
    """What the endpoint charges, for all it was ever asked."""
    lines = endpoint.lines()
    usages = [Usage(line["prompt_tokens"], line["completion_tokens"]) for line in lines]
    return Amount(sum(cost(u, PRICE) or 0 for u in usages), sum(u.prompt + u.completion for u in usages))


def in_the_books(folder: Path) -> float:
    spent = cost_of(read_spent(folder), PRICES)
    assert spent is not None
    return spent


def questions(folder: Path) -> list[dict[str, Any]]:
    return [row for table in read_accepted(folder, ["index", "question"]) for row in table.to_pylist()]


def go(folder: Path, endpoint: SimulatedEndpoint, price: Price | None = PRICE, **options: Any) -> None:
    asyncio.run(work(folder, endpoint.base_url, OnlineOptions(**options), price))


@contextmanager
def process(folder: Path, endpoint: SimulatedEndpoint, options: str = "{}") -> Iterator[subprocess.Popen[str]]:
    environment = os.environ | {"PYTHONPATH": f"{REPOSITORY}{os.pathsep}{HERE}"}
    child = subprocess.Popen(
        [sys.executable, str(HERE / "work_on_limits.py"), str(folder), endpoint.base_url, options],
        stdout=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip
    assert child.stdout is not None
    assert child.stdout.readline() == "started\n"
    try:
        yield child
    finally:
        child.kill()
        child.wait()
        child.stdout.close()


def test_two_hundred_calls_in_flight_never_spend_more_than_the_limit_and_nearly_all_of_it(tmp_path, simulated):
    endpoint = simulated("--usage", "drawn", "--latency", "20")
    folder = create(tmp_path, "dear", 100_000, max_usd=20)
    with pytest.raises(LimitReached) as stop:
        go(folder, endpoint, concurrency=200)
    charged = bill(endpoint).usd
    assert 20 - ONE_CALL < charged <= 20
    assert in_the_books(folder) == pytest.approx(charged)
    assert stop.value.exit_code == 4
    assert "of the $20.0000 that --max-usd allows" in str(stop.value)
    assert f"Go on with more: skillweave resume {folder.name} --max-usd 40" in str(stop.value)


def test_tokens_are_limited_alike(tmp_path, simulated):
    endpoint = simulated("--usage", "drawn")
    folder = create(tmp_path, "long", 100_000, max_tokens=20_000)
    with pytest.raises(LimitReached, match=r"20,000 tokens that --max-tokens allows.*--max-tokens 40000"):
        go(folder, endpoint, price=None, concurrency=100)
    assert 19_000 < bill(endpoint).tokens <= 20_000


def test_at_the_limit_nothing_is_sent_again_and_with_more_the_run_ends_as_one_without_limits(tmp_path, simulated):
    endpoint, calm = simulated("--usage", "drawn"), simulated()
    folder, free = create(tmp_path, "limited", 60, max_usd=3), create(tmp_path, "free", 60)
    go(free, calm)
    with pytest.raises(LimitReached):
        go(folder, endpoint)
    asked = endpoint.asked
    with pytest.raises(LimitReached):
        go(folder, endpoint)
    assert endpoint.asked == asked
    set_budget(folder, {"max_usd": None})
    go(folder, endpoint)
    assert read_books(folder).state == "complete"
    assert endpoint.asked == sum(part.calls for part in read_spent(folder)), "a call was paid twice"
    assert [row["question"] for row in questions(folder)] == [row["question"] for row in questions(free)]


def test_killed_at_random_moments_the_bill_never_exceeds_the_limit(tmp_path, simulated):
    endpoint = simulated("--usage", "drawn", "--latency", "10")
    folder = create(tmp_path, "killed", 100_000, max_usd=15)
    chance, kills, code = random.Random(16), 0, None
    while code is None or code == -signal.SIGKILL:
        with process(folder, endpoint, '{"concurrency": 16, "commit_replies": 16}') as child:
            more = endpoint.asked + chance.randint(20, 120)
            while child.poll() is None and endpoint.asked < more:
                time.sleep(0.005)
            if kills < 3:
                child.send_signal(signal.SIGKILL)
            code = child.wait(30)
            kills += code == -signal.SIGKILL
            assert child.stdout is not None
            said = child.stdout.read()
    charged = bill(endpoint).usd
    assert kills >= 2, "the process ended before it could be killed"
    assert code == 4
    assert charged <= 15
    assert in_the_books(folder) <= charged
    assert "for calls of killed workers, which may be billed" in said


def test_workers_that_share_a_run_share_its_limit(tmp_path, simulated):
    endpoint = simulated("--usage", "drawn", "--latency", "10")
    folder = create(tmp_path, "shared", 100_000)
    first = World(folder, 1, Budget())  # it began without a limit, so the others wait for it: all begin at once
    first.join()
    set_budget(folder, {"max_usd": 8.0})
    options = '{"concurrency": 32, "shard_size": 20}'
    with ExitStack() as stack:
        children = [stack.enter_context(process(folder, endpoint, options)) for _ in range(3)]
        while len(living(folder / "lease")) < 4:
            time.sleep(0.01)
        first.leave(first.purses[0], killed=False)
        assert [child.wait(60) for child in children] == [4, 4, 4]
    charged = bill(endpoint).usd
    assert 8 - ONE_CALL < charged <= 8
    assert in_the_books(folder) == pytest.approx(charged)
    workers = {grant.worker for grant in Ledger(folder / "purse").read().grants.values()}
    assert len(workers - {first.token}) == 3


def test_a_limit_that_is_set_while_workers_are_at_work_holds_within_seconds(tmp_path, simulated):
    endpoint = simulated("--usage", "drawn", "--latency", "20")
    folder = create(tmp_path, "late", 100_000)
    with process(folder, endpoint, '{"concurrency": 4}') as child:
        while endpoint.asked < 50:
            time.sleep(0.01)
        set_budget(folder, {"max_usd": 1})
        with process(folder, endpoint, '{"concurrency": 4}') as other:  # waits until the first knows of the limit
            assert (child.wait(30), other.wait(30)) == (4, 4)
    assert in_the_books(folder) == pytest.approx(bill(endpoint).usd)


def test_hours_of_work_are_limited(tmp_path, simulated):
    endpoint = simulated("--latency", "50")
    folder = create(tmp_path, "slow", 100_000, max_hours=0.5 / 3600)
    with pytest.raises(LimitReached, match=r"hours that --max-hours allows.*resume slow --max-hours"):
        go(folder, endpoint, concurrency=2)
    asked = endpoint.asked
    with pytest.raises(LimitReached):
        go(folder, endpoint)
    assert 0 < endpoint.asked == asked


def test_too_many_conversations_without_a_row_stop_the_run(tmp_path, simulated):
    endpoint = simulated()
    folder = create(tmp_path, "vain", 100_000, max_error_rate=0.1, error_window=50)
    with pytest.raises(LimitReached, match=r"\d+% of the last 50 conversations .*voted down.*--max-error-rate 1"):
        go(folder, endpoint, concurrency=8)
    assert endpoint.asked < 1_000


def test_what_the_endpoint_fails_counts_to_the_error_rate(tmp_path, simulated):
    endpoint = simulated()
    endpoint.behave(status=503, times=1_000_000)
    folder = create(tmp_path, "failing", 1_000, max_error_rate=0.5, error_window=10)
    with pytest.raises(LimitReached, match=r"100% of the last 10 .*failed by the endpoint 10"):
        go(folder, endpoint, concurrency=4)


def test_money_is_not_limited_where_no_price_is_known(tmp_path, simulated):
    endpoint = simulated()
    folder = create(tmp_path, "priceless", 10, max_usd=1)
    with pytest.raises(InputError, match=r"the model 'simulated' has no price\. Give it one in skillweave\.toml"):
        go(folder, endpoint, price=None)
    set_budget(folder, {"max_usd": None})
    go(folder, endpoint, price=None)
    set_budget(folder, {"max_usd": 1})
    asked = endpoint.asked
    with pytest.raises(InputError, match=r"has paid [\d,]+ calls to 'simulated-1' at a price that is not known"):
        go(folder, endpoint)
    assert endpoint.asked == asked


def test_tokens_that_nobody_reports_are_estimated_and_told_apart(tmp_path, simulated):
    endpoint = simulated("--usage", "none")
    folder = create(tmp_path, "silent", 20)
    go(folder, endpoint)
    (spent,) = read_spent(folder)
    assert spent.estimated == spent.prompt + spent.completion > 20 * 20
    limited = create(tmp_path, "silent and limited", 100_000, seed=2, max_tokens=5_000)
    with pytest.raises(LimitReached):
        go(limited, endpoint)
    assert 4_000 < sum(part.prompt + part.completion for part in read_spent(limited)) <= 5_000


def test_without_max_tokens_it_learns_how_long_replies_are(tmp_path, simulated):
    endpoint = simulated("--usage", "drawn")
    model = ModelRef(served_by="simulated", model="simulated-1")
    folder = create(tmp_path, "boundless", 100_000, model=model, max_usd=20)
    with pytest.raises(LimitReached):
        go(folder, endpoint, concurrency=8)
    assert 15 < bill(endpoint).usd <= 20


# ---- the purse by itself: any order of events, any number of workers


class World:
    """Workers of one run that reserve, settle, leave and die at random; the world knows what they really spent."""

    def __init__(self, folder: Path, seed: int, budget: Budget) -> None:
        self.run = open_run(folder, {"toy": TOY}, folder.parent.parent)
        self.budget, self.rng = budget, random.Random(seed)
        self.purses: list[Purse] = []
        self.holds: dict[int, list[Hold]] = {}
        self.billed = Amount()
        self.token = ""
        """The last worker that joined."""

    def join(self) -> None:
        worker = Worker.join(self.run.folder / "lease")
        purse = Purse.join(self.run, worker, dict.fromkeys(self.run.spec.models, "steep"), PRICES)
        self.purses.append(purse)
        self.token = worker.token
        self.holds[id(purse)] = []

    def leave(self, purse: Purse, *, killed: bool) -> None:
        for hold in self.holds[id(purse)]:  # what is in flight is billed, whoever still listens
            self._bill(hold, settled=not killed)
        if not killed:
            purse.close()
        purse.worker.leave()
        self.purses.remove(purse)

    def _bill(self, hold: Hold, *, settled: bool) -> None:
        most = most_prompt_tokens(hold.call.messages)
        usage = Usage(self.rng.randint(1, most), self.rng.randint(1, 50), cached=self.rng.randint(0, 5))
        self.billed = self.billed.plus(Amount(cost(usage, PRICE) or 0, usage.prompt + usage.completion))
        if settled:
            hold.settle(Reply("x", usage=usage))

    def step(self) -> None:
        purse, what = self.rng.choice(self.purses), self.rng.random()
        holds = self.holds[id(purse)]
        if what < 0.45:
            calls = [Call((Message("user", "x" * self.rng.randint(1, 400)),)) for _ in range(self.rng.randint(1, 30))]
            try:
                holds += purse.reserve_many(calls)
            except LimitReached:
                self.leave(purse, killed=False)
        elif what < 0.9:
            self.rng.shuffle(holds)
            for _ in range(min(len(holds), self.rng.randint(1, 30))):
                hold = holds.pop()
                if self.rng.random() < 0.1:
                    hold.release()
                else:
                    self._bill(hold, settled=True)
        elif what < 0.95 and len(self.purses) < 5:
            self.join()
        else:
            self.leave(purse, killed=self.rng.random() < 0.5)
        if not self.purses:
            self.join()

    @property
    def flying(self) -> Amount:
        total = Amount()
        for purse in self.purses:
            for hold in self.holds[id(purse)]:
                total = total.plus(hold.amount)
        return total


@pytest.mark.parametrize("seed", range(12))
def test_whatever_workers_do_the_bill_and_what_is_in_flight_stay_within_the_limits(tmp_path, seed):
    budget = Budget(max_usd=8) if seed % 3 else Budget(max_usd=8, max_tokens=9_000)
    folder = create(tmp_path, "world", 100, **budget.model_dump(exclude_none=True))
    world = World(folder, seed, budget)
    world.join()
    for _ in range(150):
        world.step()
        most = world.billed.plus(world.flying)
        assert most.usd <= 8 + 1e-6
        assert most.tokens <= (budget.max_tokens or most.tokens)
    assert world.billed.usd > 4 or world.billed.tokens > 4_500, (
        "the world never came near its limit, so nothing was tested"
    )


def test_what_was_sent_off_by_a_worker_that_left_is_taken_over_and_not_counted_twice(tmp_path):
    """As waves of a batch are: reserved by one process, fetched by another."""
    folder = create(tmp_path, "waves", 100, max_usd=1.5)
    calls = [Call((Message("user", "x" * 100),)) for _ in range(60)]
    first = World(folder, 1, Budget())
    first.join()
    sent = first.purses[0].reserve_many(calls)
    assert 30 < len(sent) < 60
    first.purses[0].close()
    first.purses[0].worker.leave()

    second = World(folder, 2, Budget())
    second.join()
    with pytest.raises(LimitReached):
        second.purses[0].reserve_many(calls)
    third = World(folder, 3, Budget())
    third.join()
    for hold in third.purses[0].recover([hold.call for hold in sent]):
        hold.settle(Reply("x", usage=Usage(30, 5)))
    assert third.purses[0].spent.usd == pytest.approx(len(sent) * (cost(Usage(30, 5), PRICE) or 0))
    assert len(third.purses[0].reserve_many(calls)) > 20, "what they did not take is free again"


def in_flight_without_limits(folder: Path) -> tuple[Purse, list[Hold], Amount]:
    """A worker of a run that has no limits, seven calls of its that fly, and what they may take; three came back."""
    world = World(folder, 1, Budget())
    world.join()
    (purse,) = world.purses
    calls = [Call((Message("user", "x" * 100),)) for _ in range(10)]
    holds = [asyncio.run(purse.reserve(call, asyncio.sleep)) for call in calls]
    holds.pop().release()
    for _ in range(2):
        holds.pop().settle(Reply("x", usage=Usage(30, 5)))
    need = purse.need(calls[0])
    return purse, holds, Amount(7 * need.usd, 7 * need.tokens)


def test_what_flies_when_the_first_limit_is_set_counts_to_it(tmp_path, monkeypatch):
    monkeypatch.setattr("engine.purse.LOOK_S", 0.0)
    folder = create(tmp_path, "late", 100)
    purse, holds, flying = in_flight_without_limits(folder)
    set_budget(folder, {"max_usd": 100.0})
    purse.look()
    assert purse.held == pytest.approx(flying)
    assert purse.granted == pytest.approx(flying.plus(purse.spent))
    for hold in holds:
        hold.settle(Reply("x", usage=Usage(30, 5)))
    assert purse.held == pytest.approx(Amount())
    assert purse.spent.tokens == 9 * 35


def test_what_flies_when_a_worker_leaves_stays_taken(tmp_path):
    folder = create(tmp_path, "left", 100)
    purse, _, flying = in_flight_without_limits(folder)
    purse.close()
    assert Ledger(folder / "purse").read().taken() == pytest.approx(flying.plus(purse.spent))


def test_limits_are_kept_with_the_run(tmp_path):
    folder = create(tmp_path, "kept", 10)
    set_budget(folder, {"max_usd": 2.5, "max_hours": 3})
    set_budget(folder, {"max_usd": 4.0})
    assert read_target(folder).budget == Budget(max_usd=4, max_hours=3)
    with pytest.raises(InputError, match="max_usd"):
        set_budget(folder, {"max_usd": -1})
    assert MODEL.sampling.max_tokens == 50
