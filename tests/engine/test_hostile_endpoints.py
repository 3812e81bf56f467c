"""Whole runs against endpoints with bad days, over real sockets: every row is made, and the books balance.

Of each fault a share of the requests is struck. Afterwards the rows are those of a run that met no fault, and the run
has paid for exactly the answers that the endpoint gave whole.
"""

from __future__ import annotations

import asyncio
import os
import resource
import time
from pathlib import Path
from random import Random

import orjson
import pytest
from hostile_endpoint import Hostile, Misbehave, Silent, completion, hostile, http
from toy import MODELS, Toy, toy_process

from engine.books import Books
from engine.drivers.contract import Outcome
from engine.drivers.online import OnlineOptions, drive
from engine.errors import ExitCode
from engine.models import Endpoint
from engine.run import Target
from engine.sender import open_senders
from engine.transports.retry import RetryPolicy

PATIENT = RetryPolicy(max_attempts=12, base_delay_s=0.01, max_delay_s=0.05, max_outage_s=0)
ERROR = b'{"error": {"message": "a bad day"}}'
DEADLINE_S = 2.0


def work(
    toy: Toy,
    folder: Path,
    endpoint: Hostile,
    policy: RetryPolicy = PATIENT,
    deadline_s: float = DEADLINE_S,
    **options: object,
) -> Outcome:
    async def go() -> Outcome:
        run = toy.open(folder)
        served = Endpoint(ref=MODELS["writer"], base_url=endpoint.base_url, concurrency=16, timeout_s=deadline_s)
        async with open_senders(run.spec.models, {"simulated": served}, policy) as senders:
            return await drive(run, senders, OnlineOptions(concurrency=16, **options))

    return asyncio.run(go())


def calls(books: Books) -> int:
    return sum(spent.calls for spent in books.spent)


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, object]]:
    """The rows of a run that meets no fault."""
    toy = Toy(tmp_path_factory.mktemp("well"))
    folder = toy.create(size=40, target=Target())
    with hostile() as endpoint:
        work(toy, folder, endpoint)
    return toy.accepted(folder)


def every_third(answer: bytes) -> Misbehave:
    async def misbehave(number: int, writer: asyncio.StreamWriter) -> bytes | None:
        return answer if number % 3 == 0 else None

    return misbehave


async def storm(number: int, writer: asyncio.StreamWriter) -> bytes | None:
    return http(429, ERROR, "retry-after-ms: 20") if number <= 60 else None


async def quiet_storm(number: int, writer: asyncio.StreamWriter) -> bytes | None:
    return http(429, ERROR) if number <= 60 else None


async def used_up(number: int, writer: asyncio.StreamWriter) -> bytes | None:
    """Every twentieth says that nothing is left for 50 ms, and what comes sooner is refused."""
    if number % 20 == 0:
        named = ("x-ratelimit-remaining-requests: 0", "x-ratelimit-reset-requests: 50ms")
        return http(429, ERROR, *named)
    return None


async def slow_loris(number: int, writer: asyncio.StreamWriter) -> bytes | None:
    if number % 30:
        return None
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.02)


async def hang(number: int, writer: asyncio.StreamWriter) -> bytes | None:
    if number % 30:
        return None
    await asyncio.sleep(60)
    raise Silent


async def close_half_way(number: int, writer: asyncio.StreamWriter) -> bytes | None:
    if number % 3:
        return None
    writer.write(http(200, completion("Q cut off"))[:-20])
    raise Silent


FAULTS: dict[str, Misbehave] = {
    "a storm of 429 that name a time": storm,
    "a storm of 429 that name none": quiet_storm,
    "headers that say that nothing is left": used_up,
    "500": every_third(http(500, ERROR)),
    "502 in HTML": every_third(http(502, b"<html>Bad Gateway</html>", kind="text/html")),
    "503 that names a time": every_third(http(503, ERROR, "retry-after-ms: 10")),
    "slow-loris": slow_loris,
    "hanging connections": hang,
    "connections closed half way": close_half_way,
    "truncated JSON": every_third(http(200, completion("Q truncated")[:-20])),
    "wrong content type": every_third(http(200, completion("Q page"), kind="text/html")),
}


@pytest.mark.parametrize("name", FAULTS)
def test_every_row_is_made_and_only_whole_answers_are_paid(toy, rows, name):
    folder = toy.create(size=40, target=Target())
    with hostile(FAULTS[name]) as endpoint:
        work(toy, folder, endpoint)
    books = toy.books(folder)
    assert (books.state, books.open, books.reasons.get("transport")) == ("complete", 0, None)
    assert calls(books) == endpoint.served < endpoint.asked
    assert toy.accepted(folder) == rows


def test_an_endpoint_that_named_a_pause_is_not_asked_though_the_other_fails(toy, rows):
    asked: list[float] = []

    async def pauses(number: int, writer: asyncio.StreamWriter) -> bytes | None:
        asked.append(time.monotonic())
        return http(429, ERROR, "retry-after: 1") if number == 1 else None

    async def fails(number: int, writer: asyncio.StreamWriter) -> bytes | None:
        return http(500, ERROR) if number <= 8 else None

    folder = toy.create(size=40, target=Target())
    with hostile(fails) as one, hostile(pauses) as other:
        first, second = (Endpoint(ref=MODELS["writer"], base_url=of.base_url) for of in (one, other))
        endpoints = {"simulated": first.model_copy(update={"others": (second,)})}

        async def go() -> None:
            run = toy.open(folder)
            async with open_senders(run.spec.models, endpoints, PATIENT) as senders:
                await drive(run, senders, OnlineOptions(concurrency=1))

        asyncio.run(go())
        assert calls(toy.books(folder)) == one.served + other.served
    assert toy.accepted(folder) == rows
    assert all(at >= asked[0] + 1 for at in asked[1:])


def test_replies_of_ten_megabytes_are_kept_whole(toy):
    """The text of each, and what is asked next with that text in it."""
    folder = toy.create(size=1, target=Target(), voters=1, reasks=0)
    large = "Q " + "x" * 10_000_000

    def text(body: bytes) -> str:
        return "yes" if orjson.loads(body)["messages"][-1]["content"].startswith("Is it good?") else large

    with hostile(text=text) as endpoint:
        work(toy, folder, endpoint, deadline_s=100)
    assert [len(row["question"]) for row in toy.accepted(folder)] == [len(large)]
    assert toy.accepted(folder)[0]["question"] == large
    assert calls(toy.books(folder)) == endpoint.served == endpoint.asked == 3


def test_an_answer_behind_another_answer_is_nobodys(toy, rows):
    """It sends half of an answer to another's question behind each third, and the other half once it is asked again."""
    other = http(200, completion("Q of another"))
    halves: dict[asyncio.StreamWriter, bytes] = {}

    async def answers_another(number: int, writer: asyncio.StreamWriter) -> bytes | None:
        return halves.pop(writer, None)

    folder = toy.create(size=40, target=Target())
    with hostile(answers_another) as endpoint:
        write = asyncio.StreamWriter.write

        def and_half_of_another(writer: asyncio.StreamWriter, data: bytes) -> None:
            if data.startswith(b"HTTP/1.1 200") and data != other[-20:] and endpoint.served % 3 == 0:
                halves[writer] = other[-20:]
                data += other[:-20]
            write(writer, data)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(asyncio.StreamWriter, "write", and_half_of_another)
            work(toy, folder, endpoint)
    assert toy.accepted(folder) == rows
    assert toy.books(folder).state == "complete"
    assert calls(toy.books(folder)) == endpoint.served


def test_a_network_that_is_gone_for_a_while_is_waited_for(toy, rows):
    """A minute of it, in little: far longer than all attempts at a call take, and none is given up."""

    async def go_and_come_back(number: int, writer: asyncio.StreamWriter) -> bytes | None:
        if number != 30:
            return None
        await endpoint.go()
        await asyncio.sleep(2)
        await endpoint.listen()
        raise Silent

    folder = toy.create(size=40, target=Target())
    policy = RetryPolicy(max_attempts=5, base_delay_s=0.02, max_delay_s=0.05, max_outage_s=60)
    with hostile(go_and_come_back) as endpoint:
        assert work(toy, folder, endpoint, policy).fault is None
    assert toy.books(folder).state == "complete"
    assert toy.accepted(folder) == rows
    assert calls(toy.books(folder)) <= endpoint.served <= calls(toy.books(folder)) + 16, "what was on its way is lost"


def test_a_network_that_stays_away_stops_the_run_and_resume_goes_on(toy, rows):
    async def go(number: int, writer: asyncio.StreamWriter) -> bytes | None:
        if number != 30:
            return None
        await endpoint.go()
        raise Silent

    folder = toy.create(size=40, target=Target())
    policy = RetryPolicy(max_attempts=2, base_delay_s=0.02, max_delay_s=0.05, max_outage_s=0.2)
    with hostile(go) as endpoint:
        assert work(toy, folder, endpoint, policy, stop_after_failures=8).fault is not None
        assert toy.books(folder).state == "incomplete"
        asyncio.run_coroutine_threadsafe(endpoint.listen(), endpoint.loop).result(10)
        work(toy, folder, endpoint)
    assert toy.books(folder).state == "complete"
    assert toy.accepted(folder) == rows
    assert calls(toy.books(folder)) <= endpoint.served <= calls(toy.books(folder)) + 16


def test_an_address_where_nothing_ever_answered_is_not_waited_for(toy):
    folder = toy.create(size=40, target=Target())
    with hostile() as endpoint:
        asyncio.run_coroutine_threadsafe(endpoint.go(), endpoint.loop).result(10)
        policy = RetryPolicy(max_attempts=2, base_delay_s=0.01, max_delay_s=0.02, max_outage_s=3_600)
        assert work(toy, folder, endpoint, policy, stop_after_failures=4).fault is not None
    assert calls(toy.books(folder)) == 0


def test_a_clock_that_jumps_by_days_changes_nothing(toy, rows, monkeypatch):
    """Forth and back with every other look at it: pauses, time limits and leases go by a clock that cannot be set."""
    chance, now, now_ns = Random(1), time.time, time.time_ns

    def jumps() -> float:
        return chance.choice((-86_400.0, 0.0, 3_600.0, 86_400.0))

    folder = toy.create(size=40, target=Target())
    with hostile(storm) as endpoint:
        monkeypatch.setattr(time, "time", lambda: now() + jumps())
        monkeypatch.setattr(time, "time_ns", lambda: now_ns() + int(jumps()) * 1_000_000_000)
        work(toy, folder, endpoint, commit_replies=4)
        monkeypatch.undo()
    books = toy.books(folder)
    assert (books.state, calls(books)) == ("complete", endpoint.served)
    assert toy.accepted(folder) == rows


def test_a_disk_that_takes_no_more_stops_the_run_and_loses_at_most_one_commit(toy, simulated):
    """No file may pass 20 kB, as none may on a full disk; then there is room again."""
    folder, endpoint = toy.create(size=120, target=Target()), simulated()
    full = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))  # noqa: E731
    with toy_process(folder, endpoint, full, concurrency=8, commit_replies=8) as child:
        assert child.wait(60) == ExitCode.FAILED
        assert "StorageError" in child.stdout.read()
    assert toy.books(folder).state == "incomplete"
    paid = calls(toy.books(folder))
    assert paid > 0
    assert endpoint.asked - paid <= 8 + 8, "what was in flight, and one commit"
    toy.work(folder, endpoint)
    books = toy.books(folder)
    assert (books.state, books.open) == ("complete", 0)
    assert 0 <= endpoint.asked - calls(books) <= 8 + 8
    alone = toy.create("alone", size=120, target=Target())
    toy.work(alone, endpoint)
    assert toy.accepted(folder) == toy.accepted(alone)
    assert not [path for path in os.listdir(folder / "shards") if path.endswith((".tmp", ".jsonl"))]
