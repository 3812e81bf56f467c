"""How much an endpoint is asked at once: windows against a server that bears so much, buckets, several endpoints."""

from __future__ import annotations

import asyncio
import heapq
import resource
import time
from collections.abc import Callable

import pytest
from hostile_endpoint import completion, hostile, http
from hypothesis import given
from hypothesis import strategies as st
from toy import MODELS, SimulatedEndpoint, Toy, toy_process
from work_on_toy import POLICY

from engine.drivers.online import OnlineOptions, drive
from engine.errors import ExitCode
from engine.limits import Adaptive, Bucket, Limits, TokenGuess, named_pause, seconds_of
from engine.models import Endpoint
from engine.run import Target
from engine.sender import DRAIN_AFTER, open_senders


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def serve(window: Adaptive, clock: Clock, calls: int, answer: Callable[[int], tuple[float, bool]]) -> list[float]:
    """Send so many calls to a simulated server; `answer` of the calls in flight gives latency and whether refused.

    Returns the window after each answer.
    """
    limits, flying, sent = [], [], 0
    while sent < calls or flying:
        while sent < calls and window.free:
            began = window.begin()
            latency, refused = answer(window.in_flight)
            heapq.heappush(flying, (clock.now + latency, sent, began, refused))
            sent += 1
        clock.now, _, began, refused = heapq.heappop(flying)
        window.fail(began, refused=True) if refused else window.succeed(began)
        limits.append(window.limit)
    return limits


def test_a_window_doubles_each_round_trip_until_it_is_what_was_allowed():
    clock = Clock()
    window = Adaptive(512, clock)
    limits = serve(window, clock, 2_000, lambda _: (0.2, False))
    assert limits[-1] == 512
    assert clock.now < 0.2 * (2_000 / 512 + 10), "eight round trips of slow start, then full width"


def test_a_window_finds_what_an_endpoint_bears_before_it_refuses():
    clock = Clock()
    window = Adaptive(1_000, clock)
    limits = serve(window, clock, 20_000, lambda in_flight: (0.01, True) if in_flight > 100 else (0.5, False))
    late = limits[len(limits) // 2 :]
    assert 45 <= min(late) <= max(late) <= 105
    assert sum(late) / len(late) > 70


def test_a_window_stops_growing_where_answers_only_get_slower():
    """A server that works on 32 at once: beyond, latency grows and the rate does not."""
    clock = Clock()
    window = Adaptive(1_000, clock)
    limits = serve(window, clock, 30_000, lambda in_flight: (0.5 * max(1.0, in_flight / 32), False))
    late = limits[len(limits) // 2 :]
    assert 32 <= sum(late) / len(late) <= 200


@pytest.mark.parametrize("latency", [0.001, 0.03, 20.0])
def test_slow_start_ends_where_answers_only_get_slower_however_fast_they_come(latency):
    """A server that works on 8 at once: nothing is gained beyond, and a window is judged before it has gone far."""
    clock = Clock()
    window = Adaptive(4_000, clock)
    limits = serve(window, clock, 5_000, lambda in_flight: (latency * max(1.0, in_flight / 8), False))
    assert max(limits) <= 128


def test_a_window_grows_where_a_server_that_batches_gets_slower_and_does_more():
    clock = Clock()
    window = Adaptive(256, clock)
    limits = serve(window, clock, 20_000, lambda in_flight: (0.5 + in_flight / 300, False))
    assert limits[-1] == 256


def test_after_a_refusal_the_window_is_half_and_grows_by_one_a_round_trip():
    clock = Clock()
    window = Adaptive(1_000, clock, limit=100.0)
    began = window.begin()
    window.fail(began, refused=True)
    assert window.limit == 50
    for round_trip in range(1, 11):
        flying = [window.begin() for _ in range(int(window.limit))]
        clock.now += 0.1
        for began in flying:
            window.succeed(began)
        assert window.limit == pytest.approx(50 + round_trip, abs=0.5)


def test_the_window_shrinks_by_halves_where_an_endpoint_bears_less_than_before():
    """It works on 64 at once; after a minute on 8, and the others wait in its queue."""
    clock = Clock()
    window = Adaptive(64, clock)

    def answer(in_flight: int) -> tuple[float, bool]:
        return 0.5 * max(1.0, in_flight / (64 if clock.now < 60 else 8)), False

    limits = serve(window, clock, 12_000, answer)
    assert limits[6_000] == 64
    assert max(limits[-2_000:]) <= 32


def test_the_window_goes_back_where_answers_only_take_longer_than_before():
    """From the second minute on each takes four times as long, however many fly: less in flight gains nothing."""
    clock = Clock()
    window = Adaptive(64, clock)
    limits = serve(window, clock, 12_000, lambda _: (0.5 if clock.now < 60 else 2.0, False))
    assert limits[6_000] == 64
    assert min(limits[7_000:8_500]) == 32, "it was tried"
    assert min(limits[-2_000:]) == 64


def test_many_refusals_of_one_moment_halve_the_window_once():
    clock = Clock()
    window = Adaptive(64, clock, limit=64)
    began = [window.begin() for _ in range(64)]
    clock.now = 1.0
    for one in began:
        window.fail(one, refused=True)
    assert (window.limit, window.in_flight) == (32, 0)


def test_a_fixed_window_stays():
    clock = Clock()
    window = Adaptive(10, clock, limit=10, fixed=True)
    limits = serve(window, clock, 100, lambda _: (0.1, True))
    assert set(limits) == {10}


@given(st.floats(10, 10_000), st.lists(st.tuples(st.floats(0, 3), st.floats(0.1, 50)), min_size=1, max_size=60))
def test_a_bucket_lets_no_more_fly_in_any_time_than_its_rate_and_burst(per_minute, takes):
    clock = Clock()
    bucket = Bucket(per_minute, clock)
    flew = []
    for pause, units in takes:
        clock.now += pause
        flew.append((clock.now + bucket.take(units), units))
    for start, (begin, _) in enumerate(flew):
        for stop in range(start, len(flew)):
            spent = sum(units for _, units in flew[start:stop])  # the last may leave a debt that those after it pay
            allowed = max(1.0, per_minute / 60 * bucket.burst_s) + (flew[stop][0] - begin) * per_minute / 60
            assert spent <= allowed + units_of_one(takes) + 1e-6


def units_of_one(takes: list[tuple[float, float]]) -> float:
    return max(units for _, units in takes)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("20ms", 0.02), ("1s", 1), ("6m0s", 360), ("1.5", 1.5), ("1h2m", 3720), ("soon", None), ("", None), ("1x", None)],
)
def test_durations_of_rate_limit_headers(text, seconds):
    assert seconds_of(text) == (pytest.approx(seconds) if seconds is not None else None)


def test_a_budget_that_is_used_up_is_waited_for():
    headers = {"x-ratelimit-remaining-requests": "3", "x-ratelimit-reset-requests": "9s"}
    assert named_pause(headers) == 0
    assert named_pause({**headers, "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "1m2s"}) == 62


def test_the_cost_of_a_call_is_learned_from_those_before_it():
    guess = TokenGuess()
    for _ in range(50):
        guess.learn(1_000, 400, 80)
    guess.learn(1_000, 0, 0)  # an endpoint that does not say
    assert guess.of(2_000) == pytest.approx(880, rel=0.01)


def test_callers_enter_in_order_and_one_that_leaves_unsent_makes_room():
    async def go() -> list[int]:
        limits, order = Limits(Adaptive(1, limit=1.0, fixed=True)), []

        async def call(number: int) -> None:
            began = await limits.enter(10, asyncio.sleep)
            order.append(number)
            await asyncio.sleep(0)
            limits.leave(began, True)

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(call(number)) for number in range(5)]
            await asyncio.sleep(0)
            tasks[2].cancel()
        assert limits.window.in_flight == 0
        return order

    assert asyncio.run(go()) == [0, 1, 3, 4]


def pool_of(*servers: SimulatedEndpoint, **settings: object) -> dict[str, Endpoint]:
    first, *others = (
        Endpoint(ref=MODELS["writer"], base_url=server.base_url, concurrency=16, **settings) for server in servers
    )
    return {"simulated": first.model_copy(update={"others": tuple(others)})}


def work(toy: Toy, folder, endpoints: dict[str, Endpoint], **options: object) -> None:
    async def go() -> None:
        run = toy.open(folder)
        async with open_senders(run.spec.models, endpoints, POLICY) as senders:
            await drive(run, senders, OnlineOptions(**options))

    asyncio.run(go())


def test_an_endpoint_that_fails_is_drained_its_calls_go_elsewhere_and_it_is_tried_again(toy, simulated, monkeypatch):
    monkeypatch.setattr("engine.sender._FIRST_DRAIN_S", 0.2)
    good, bad = simulated("--latency", "5"), simulated("--latency", "5")
    bad.behave(status=503, times=8)
    folder = toy.create(size=300, target=Target())
    work(toy, folder, pool_of(bad, good), concurrency=32)
    books = toy.books(folder)
    assert (books.state, books.open, books.reasons.get("transport")) == ("complete", 0, None)
    alone = toy.create("alone", size=300, target=Target())
    toy.work(alone, good)
    assert toy.accepted(folder) == toy.accepted(alone), "who served a call decides no row"
    assert bad.asked > 8 + DRAIN_AFTER, "it served once it was well"


def test_an_endpoint_that_refuses_our_key_stops_no_other(toy, simulated):
    good, closed = simulated(), simulated()
    closed.behave(status=401, times=10_000, body={"error": {"message": "no such key"}})
    folder = toy.create(size=40, target=Target())
    work(toy, folder, pool_of(closed, good), concurrency=8)
    assert toy.books(folder).state == "complete"
    assert closed.asked <= 8


def test_calls_go_to_endpoints_by_their_weights(toy, simulated):
    heavy, light = simulated("--latency", "20"), simulated("--latency", "20")
    first = Endpoint(ref=MODELS["writer"], base_url=heavy.base_url, concurrency=32, weight=3, adaptive=False)
    second = Endpoint(ref=MODELS["writer"], base_url=light.base_url, concurrency=32, adaptive=False)
    folder = toy.create(size=200, target=Target())
    work(toy, folder, {"simulated": first.model_copy(update={"others": (second,)})}, concurrency=24)
    assert 2.2 <= heavy.asked / light.asked <= 4


def test_requests_a_minute_are_kept(toy, simulated):
    endpoint = simulated()
    folder = toy.create(size=12, target=Target(), reasks=0, voters=1)
    work(toy, folder, pool_of(endpoint, requests_per_minute=600.0), concurrency=32)
    times = [line["at"] for line in endpoint.lines()]
    allowed = 50 + 1
    for start in range(len(times)):
        for stop in range(start + allowed, len(times)):
            assert stop - start <= allowed + (times[stop] - times[start]) * 10 + 5
    assert len(times) >= 12


def test_tokens_a_minute_are_kept(toy):
    """A thousand a second, five seconds' worth saved up; a call takes 500, and is counted so before it flies."""
    asked: list[float] = []

    async def count(number: int, writer: asyncio.StreamWriter) -> bytes | None:
        asked.append(time.monotonic())
        return http(200, completion("Q yes", 500)) if number % 3 else http(200, completion("yes", 500))

    folder = toy.create(size=9, target=Target(), reasks=0, voters=1)
    with hostile(count) as endpoint:
        served = Endpoint(ref=MODELS["writer"], base_url=endpoint.base_url, tokens_per_minute=60_000.0)
        work(toy, folder, {"simulated": served}, concurrency=32)
    assert len(asked) > 12
    for start in range(len(asked)):
        for stop in range(start, len(asked)):
            tokens = 500 * (stop - start)  # the last may leave a debt that those after it pay
            assert tokens <= 5_000 + 1_000 * (asked[stop] - asked[start]) + 1_000


def test_a_budget_that_a_good_answer_says_is_used_up_pauses_all(toy):
    asked: list[float] = []

    async def warn(number: int, writer: asyncio.StreamWriter) -> bytes | None:
        asked.append(time.monotonic())
        headers = ("x-ratelimit-remaining-tokens: 0", "x-ratelimit-reset-tokens: 1s")
        return http(200, completion("Q first"), *headers) if number == 1 else None

    folder = toy.create(size=10, target=Target())
    with hostile(warn) as endpoint:
        served = Endpoint(ref=MODELS["writer"], base_url=endpoint.base_url)
        work(toy, folder, {"simulated": served}, concurrency=1)
    assert len(asked) > 10
    assert asked[1] - asked[0] >= 1


def test_at_an_endpoints_rate_limit_goodput_stays_near_it_and_no_call_is_lost(toy, simulated):
    rate = 60
    endpoint = simulated("--latency", "10", "--rate", str(rate))
    folder = toy.create(size=120, target=Target(), reasks=0, voters=1)
    work(toy, folder, {"simulated": Endpoint(ref=MODELS["writer"], base_url=endpoint.base_url)}, concurrency=64)
    books = toy.books(folder)
    lines = endpoint.lines()
    served = [line["at"] for line in lines if not line["wait"]]
    assert (books.state, books.open, books.reasons.get("transport")) == ("complete", 0, None)
    assert sum(spent.calls for spent in books.spent) == len(served)
    assert len(served) > 2 * rate, "the limit was felt"
    late = [at for at in served if at > served[0] + 1]  # after what was saved up
    assert len(late) > 0.5 * rate * (late[-1] - late[0])
    assert len(lines) < 3 * len(served), "what is refused is not asked again and again"


def files_allowed(soft: int, hard: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_low_limit_of_open_files_is_raised_for_the_connections(toy, simulated):
    folder = toy.create(size=100, target=Target())
    with toy_process(folder, simulated("--latency", "20"), files_allowed(64, 4_096), concurrency=64) as child:
        assert child.wait(60) == ExitCode.COMPLETE
    assert toy.books(folder).state == "complete"


def test_a_limit_that_cannot_be_raised_is_told_before_anything_is_sent(toy, simulated):
    endpoint = simulated()
    with toy_process(toy.create(), endpoint, files_allowed(128, 128)) as child:
        assert child.wait(60) == ExitCode.INPUT
        assert "this system allows a process 128; set concurrency in skillweave.toml lower" in child.stdout.read()
    assert endpoint.asked == 0
