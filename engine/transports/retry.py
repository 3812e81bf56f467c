"""One answer out of several attempts: back off with jitter, wait as long as the server names, give up by rule."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from random import Random
from typing import Protocol

from msgspec.structs import replace
from pydantic import BaseModel, ConfigDict, Field

from engine.call import Reply
from engine.errors import ConnectionFault, Fault, RateLimited, ServerFault

Sleep = Callable[[float], Awaitable[None]]
_OPEN = float("-inf")
_LONG_OUTAGE = 4
"""While nothing answers the range of the back-off doubles so often, and no more: when it is over we want to know."""


class RetryPolicy(BaseModel):
    """How often and how long a call is tried again. Decides no row, so it is not in a call's key."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_attempts: int = Field(5, ge=1, description="tries that may fail by a passing fault; rate limits do not count")
    base_delay_s: float = Field(1.0, ge=0, description="seconds; the first back-off is drawn from 0 to this")
    max_delay_s: float = Field(60.0, ge=0, description="seconds; no back-off is drawn from a longer range")
    max_outage_s: float = Field(
        600.0, ge=0, description="seconds in which nothing answers, after something had, that use up no tries"
    )
    max_rate_limit_wait_s: float = Field(
        3600.0, ge=0, description="seconds that one call waits for rate limits in all, before it is given up"
    )

    def delay_s(self, failures: int, named_s: float | None, rng: Random) -> float:
        """Seconds to wait after the n-th failure: full jitter over a doubling range, on top of what the server named.

        (M. Brooker, Exponential Backoff and Jitter, 2015: the whole range, or callers come back in step.)
        """
        range_s = min(self.max_delay_s, self.base_delay_s * 2.0 ** min(failures - 1, 60))
        return (named_s or 0.0) + rng.random() * range_s


class Pause(Protocol):
    """What tells callers to wait."""

    @property
    def closed_s(self) -> float:
        """Seconds until somebody may send; 0 when open."""

    def close_for(self, seconds: float) -> None:
        """An endpoint named so long a pause."""

    def silent_s(self, since: float) -> float:
        """Seconds since the last answer to anybody; 0 where one came `since` then (monotonic), or never did."""


class Gate:
    """One endpoint's pause: while it is shut, nobody sends. A 429 that names a time shuts it for all callers."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until = _OPEN

    @property
    def closed_s(self) -> float:
        """Seconds until it opens; 0 when open."""
        if self._until == _OPEN:
            return 0.0
        left_s = self._until - self._clock()
        if left_s > 0:
            return left_s
        self._until = _OPEN
        return 0.0

    def close_for(self, seconds: float) -> None:
        """Shut it for so long from now; never shortens a longer pause."""
        self._until = max(self._until, self._clock() + seconds)

    def silent_s(self, since: float) -> float:  # noqa: ARG002
        """0: a gate hears no answers."""
        return 0.0


async def retried(
    attempt: Callable[[], Awaitable[Reply]],
    name: str,
    policy: RetryPolicy,
    *,
    gate: Pause,
    rng: Random,
    sleep: Sleep = asyncio.sleep,
) -> Reply:
    """Attempt until there is a reply. Its `attempt` is the number of requests made, rate-limited ones included.

    `name` is the model's, for messages; `gate` is shared by all calls to one endpoint; `rng` only spreads the waiting.
    A network that is gone, or a server that starts anew, fails every call and is no call's fault: that is waited for.
    Raises the last Fault once the policy's patience is over (it may be tried again later), an EndpointStop at once.
    """
    requests = failures = limits = outages = 0
    waited_s = 0.0
    while True:
        while (closed_s := gate.closed_s) > 0:
            if waited_s + closed_s > policy.max_rate_limit_wait_s:
                raise RateLimited(f"{name}: still rate limited after {waited_s:.0f} s of waiting", closed_s)
            pause_s = closed_s + rng.random() * min(closed_s, policy.base_delay_s)
            await sleep(pause_s)
            waited_s += pause_s
        requests += 1
        began = time.monotonic()
        try:
            reply = await attempt()
            return reply if requests == 1 else replace(reply, attempt=requests)
        except RateLimited as fault:
            limits += 1
            if fault.retry_after_s is not None:
                gate.close_for(fault.retry_after_s)
            delay_s = policy.delay_s(limits, fault.retry_after_s, rng)
            waited_s += delay_s
            if waited_s > policy.max_rate_limit_wait_s:
                raise
        except Fault as fault:
            if isinstance(fault, ConnectionFault) and 0 < gate.silent_s(began) <= policy.max_outage_s:
                outages += 1
                await sleep(policy.delay_s(min(outages, _LONG_OUTAGE), None, rng))
                continue
            failures += 1
            if failures >= policy.max_attempts:
                raise
            delay_s = policy.delay_s(failures, fault.retry_after_s if isinstance(fault, ServerFault) else None, rng)
        await sleep(delay_s)
