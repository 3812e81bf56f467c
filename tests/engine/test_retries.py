"""What is sent again, when, and how often: retries over a real local socket, by a clock that only sleeping moves."""

from __future__ import annotations

import asyncio
from random import Random

import pytest
from scripted_server import CALL, REF, Script, completion, failure, http, opened, serving

from engine.call import Reply, call_key
from engine.errors import EndpointStop, RateLimited, ServerFault, SkillweaveError
from engine.transports import retry
from engine.transports.retry import Gate, RetryPolicy


class FakeTime:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def retried(script: Script, policy: RetryPolicy, time: FakeTime, gate: Gate) -> tuple[Reply | Exception, int]:
    async def main() -> tuple[Reply | Exception, int]:
        async with serving(script) as server, opened("lean", server.url) as transport:
            try:
                outcome: Reply | Exception = await retry.retried(
                    lambda: transport.send(CALL, REF, call_key(CALL, REF)), "m", policy,
                    gate=gate, rng=Random(1), sleep=time.sleep,
                )  # fmt: skip
            except SkillweaveError as error:
                outcome = error
            return outcome, len(server.heads)

    return asyncio.run(main())


def test_a_rate_limit_uses_up_no_attempt_and_waits_as_long_as_it_is_told() -> None:
    limited = http(429, failure(), retry_after="20")
    time = FakeTime()
    policy = RetryPolicy(max_attempts=2, base_delay_s=1)
    script: Script = [limited] * 4 + [http(500, failure()), limited, http(200, completion())]
    reply, requests = retried(script, policy, time, Gate(lambda: time.now))
    assert isinstance(reply, Reply)
    assert (reply.attempt, requests) == (7, 7)
    assert sum(seconds >= 20 for seconds in time.slept) == 5


def test_faults_are_given_up_after_the_last_attempt() -> None:
    time = FakeTime()
    policy = RetryPolicy(max_attempts=3, base_delay_s=8, max_delay_s=10)
    error, requests = retried([http(500, failure())], policy, time, Gate(lambda: time.now))
    assert (type(error), requests) == (ServerFault, 3)
    assert len(time.slept) == 2
    assert 0 <= time.slept[0] <= 8
    assert 0 <= time.slept[1] <= 10


def test_a_server_fault_that_names_a_time_is_waited_for() -> None:
    time = FakeTime()
    reply, _ = retried(
        [http(503, failure(), retry_after="30"), http(200, completion())], RetryPolicy(), time, Gate(lambda: time.now)
    )
    assert isinstance(reply, Reply)
    assert 30 <= time.now <= 31


def test_patience_with_rate_limits_is_bounded() -> None:
    time = FakeTime()
    policy = RetryPolicy(max_rate_limit_wait_s=100)
    error, requests = retried([http(429, failure(), retry_after="30")], policy, time, Gate(lambda: time.now))
    assert type(error) is RateLimited
    assert requests == 4
    assert time.now <= 100


@pytest.mark.parametrize("status", [401, 402])
def test_a_stop_is_raised_at_once(status: int) -> None:
    time = FakeTime()
    error, requests = retried([http(status, failure())], RetryPolicy(), time, Gate(lambda: time.now))
    assert isinstance(error, EndpointStop)
    assert (requests, time.slept) == (1, [])


def test_one_callers_retry_after_pauses_all() -> None:
    time = FakeTime()
    gate = Gate(lambda: time.now)
    retried([http(429, failure(), retry_after="60")], RetryPolicy(max_rate_limit_wait_s=1), time, gate)
    assert gate.closed_s == 60
    reply, requests = retried([http(200, completion())], RetryPolicy(), time, gate)
    assert isinstance(reply, Reply)
    assert requests == 1
    assert 60 <= time.now <= 61


def test_a_gate_that_stays_shut_is_a_rate_limit() -> None:
    time = FakeTime()
    gate = Gate(lambda: time.now)
    gate.close_for(500)
    gate.close_for(3)
    error, requests = retried([http(200, completion())], RetryPolicy(max_rate_limit_wait_s=100), time, gate)
    assert (type(error), requests, time.slept) == (RateLimited, 0, [])
