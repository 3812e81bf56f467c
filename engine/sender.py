"""Sends the calls of one role to the endpoints that serve it, within their limits and with retries.

A model may be served by several endpoints. Each has a window, buckets and a pause of its own (engine.limits). A call
goes to the one with the most room for its weight. One that fails again and again is drained: nothing is sent to it for
a while, then a single call tries it. A call that failed there is tried at another, so none is lost with an endpoint.
"""

from __future__ import annotations

import resource
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

from engine.call import Call, ModelRef, Reply
from engine.errors import ConnectionFault, EndpointStop, Fault, InputError, RateLimited, ServerFault
from engine.limits import Adaptive, Bucket, Limits, named_pause
from engine.models import Endpoint
from engine.transports import open_transport
from engine.transports.exchange import Exchange
from engine.transports.retry import Gate, RetryPolicy, retried

DRAIN_AFTER = 5
"""Failures in a row after which an endpoint among several is drained."""
_OTHER_FILES = 256
"""Files that a process holds open besides its connections, at most."""
_FIRST_DRAIN_S, _LONGEST_DRAIN_S = 2.0, 300.0

Sleep = Callable[[float], Awaitable[None]]


def limits_of(endpoint: Endpoint) -> Limits:
    """The limits that an endpoint's settings ask for."""
    most = endpoint.concurrency
    requests, tokens = endpoint.requests_per_minute, endpoint.tokens_per_minute
    return Limits(
        window=Adaptive(most, limit=0.0 if endpoint.adaptive else float(most), fixed=not endpoint.adaptive),
        requests=Bucket(requests) if requests is not None else None,
        tokens=Bucket(tokens) if tokens is not None else None,
    )


@dataclass
class Line:
    """One endpoint's connections and limits; all callers share them, so one Retry-After holds all."""

    endpoint: Endpoint
    transport: Exchange
    limits: Limits
    gate: Gate = field(default_factory=Gate)
    stopped: EndpointStop | None = None
    """Why nothing can succeed here any more."""
    faults: Counter[str] = field(default_factory=Counter)
    """Calls that failed here, by the kind of the error."""
    last_fault: str = ""
    answered: float = float("-inf")
    """When an answer came last, whatever it said."""
    _failures: int = 0
    _drained_until: float = float("-inf")

    def __post_init__(self) -> None:
        self.transport.heard = self._hear

    def _hear(self, headers: Mapping[str, str]) -> None:
        self.answered = time.monotonic()
        if (pause_s := named_pause(headers)) > 0:
            self.gate.close_for(pause_s)

    @property
    def drained(self) -> bool:
        """Whether nothing is sent for now: it failed too often, and the one call that tries it again is not due."""
        return self._failures >= DRAIN_AFTER and (
            time.monotonic() < self._drained_until or self.limits.window.in_flight > 0
        )

    def load(self) -> tuple[bool, float]:
        """What a call prefers least: no room, then much in flight for its weight."""
        window = self.limits.window
        return not window.free, (window.in_flight + 1) / self.endpoint.weight

    async def send(self, call: Call, model: ModelRef, key: str, sleep: Sleep) -> Reply:
        """Ask once, when there is room. Raises what the transport raises."""
        limits = self.limits
        characters = 0
        for message in call.messages:
            characters += len(message.content)
        began = limits.begin() if self.gate.closed_s == 0 else None
        if began is None:
            began = await self._turn(characters, sleep)
        try:
            reply = await self.transport.send(call, model, key)
        except BaseException as error:
            limits.leave(began, False, refused=self._failed(error))
            raise
        self._failures = 0
        limits.leave(began, True)
        limits.learn(characters, reply.usage.prompt, reply.usage.completion)
        return reply

    async def _turn(self, characters: int, sleep: Sleep) -> float:
        """Wait for room, then as long as a call that was refused meanwhile was told to. Returns when it begins."""
        began = await self.limits.enter(characters, sleep)
        try:
            while (closed_s := self.gate.closed_s) > 0:
                await sleep(closed_s)
                began = self.limits.window.clock()
        except BaseException:
            self.limits.leave(began, None)
            raise
        return began

    def _failed(self, error: BaseException) -> bool:
        """Remember that a call failed. True where the endpoint said that it was too much."""
        if isinstance(error, Fault | EndpointStop):
            self.faults[type(error).__name__] += 1
            self.last_fault = str(error)
        if isinstance(error, RateLimited):
            if error.retry_after_s is not None:
                self.gate.close_for(error.retry_after_s)
            return True
        if isinstance(error, EndpointStop):
            self.stopped = error
        elif isinstance(error, Fault):
            self._count_failure()
        return isinstance(error, ServerFault) and error.retry_after_s is not None

    def _count_failure(self) -> None:
        self._failures += 1
        if self._failures >= DRAIN_AFTER:
            doubled = min(_LONGEST_DRAIN_S, _FIRST_DRAIN_S * 2.0 ** min(self._failures - DRAIN_AFTER, 60))
            self._drained_until = time.monotonic() + doubled


@dataclass
class Pool:
    """The endpoints that serve one model. Stands where a single one's `Gate` would: shut while all are."""

    lines: Sequence[Line]
    jitter: Random = field(default_factory=Random)

    @property
    def closed_s(self) -> float:
        """Seconds until the first of them opens."""
        if len(self.lines) == 1:
            return self.lines[0].gate.closed_s
        return min((line.gate.closed_s for line in self._usable()), default=0.0)

    def close_for(self, seconds: float) -> None:
        """Nothing: each line closes its own gate."""

    def silent_s(self, since: float) -> float:
        """Seconds since the last answer of any of them; 0 where one came `since` then, or never did."""
        last = max(line.answered for line in self.lines)
        return time.monotonic() - last if float("-inf") < last < since else 0.0

    def _usable(self) -> list[Line]:
        lasting = [line for line in self.lines if line.stopped is None]
        return [line for line in lasting if not line.drained] or lasting

    def pick(self, avoid: Line | None) -> Line:
        """The line for the next attempt: if possible one that is not paused, and another than the one that just failed.

        Raises the EndpointStop of the last line where all have stopped.
        """
        if len(self.lines) == 1 and self.lines[0].stopped is None:
            return self.lines[0]
        usable = self._usable()
        if not usable:
            assert self.lines[-1].stopped is not None  # noqa: S101 - else it would be usable
            raise self.lines[-1].stopped
        return min(usable, key=lambda line: (line.gate.closed_s > 0, line is avoid, line.load()))

    def others_open(self, line: Line) -> bool:
        """Whether another endpoint can be asked now."""
        return any(other is not line and other.gate.closed_s == 0 for other in self._usable())

    def send(
        self, call: Call, model: ModelRef, key: str, policy: RetryPolicy, sleep: Sleep
    ) -> Coroutine[Any, Any, Reply]:
        """The reply, after as many attempts as it took, at whichever endpoints."""
        attempts = _Attempts(self, call, model, key, sleep)
        return retried(attempts.next, model.served_by, policy, gate=self, rng=self.jitter, sleep=sleep)


@dataclass(slots=True)
class _Attempts:
    """The attempts at one call."""

    pool: Pool
    call: Call
    model: ModelRef
    key: str
    sleep: Sleep
    last: Line | None = None

    async def next(self) -> Reply:
        """Ask once more, at another endpoint than the one that just failed where there is one."""
        pool = self.pool
        line = self.last = pool.pick(self.last)
        try:
            return await line.send(self.call, self.model, self.key, self.sleep)
        except EndpointStop as stop:
            if all(other.stopped is not None for other in pool.lines):
                raise
            name = self.model.served_by
            raise ConnectionFault(f"{name}: one of its endpoints is no use any more: {stop}") from None
        except RateLimited as limit:
            if pool.others_open(line):
                raise RateLimited(str(limit), None) from None
            raise


@dataclass(frozen=True)
class EndpointSender:
    """Sends with the model and sampling settings that run.json names for a role."""

    model: ModelRef
    pool: Pool
    policy: RetryPolicy

    @property
    def price(self) -> str:
        """The id of the model's price; empty where none is known."""
        price = self.pool.lines[0].endpoint.price
        return price.id if price is not None else ""

    def send(self, call: Call, key: str, sleep: Sleep) -> Coroutine[Any, Any, Reply]:
        """The reply, after as many attempts as it took."""
        return self.pool.send(call, self.model, key, self.policy, sleep)


def allow_connections(most: int) -> None:
    """Let this process hold so many connections. Raises InputError where the system does not allow it."""
    wanted = most + _OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise InputError(
            f"{most:,} calls in flight need {wanted:,} open files, and this system allows a process {hard:,}; set "
            "concurrency in skillweave.toml lower, or raise the limit (ulimit -Hn), and give the same command again"
        )
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


@asynccontextmanager
async def open_senders(
    models: Mapping[str, ModelRef], endpoints: Mapping[str, Endpoint], policy: RetryPolicy | None = None
) -> AsyncIterator[dict[str, EndpointSender]]:
    """A sender for each role of `models`; `endpoints` by what `served_by` names. Roles of one model share its pool.

    Raises InputError where this process may not hold as many connections as there may be calls in flight.
    """
    allow_connections(sum(endpoints[name].in_flight for name in {model.served_by for model in models.values()}))
    async with AsyncExitStack() as stack:
        pools: dict[str, Pool] = {}
        for name in {model.served_by: None for model in models.values()}:
            lines = []
            for endpoint in endpoints[name].all:
                transport = open_transport(endpoint)
                stack.push_async_callback(transport.close)
                lines.append(Line(endpoint, transport, limits_of(endpoint)))
            pools[name] = Pool(lines)
        yield {
            role: EndpointSender(model, pools[model.served_by], policy or RetryPolicy())
            for role, model in models.items()
        }
