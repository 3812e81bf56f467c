"""One set of limits for all workers of a cluster: each may use a part of them for a few seconds, and asks again.

A part is a share of requests and tokens a minute and of calls in flight, so what it grants is a block of permits: rate
times time. Parts that are still good never add up to more than the whole. A worker that goes, is killed or cannot be
reached frees its part when that runs out. A pause that one endpoint asked of one worker holds all.

Who cannot reach the divider takes half of what it would have if all the workers there may be were at work: together
they then stay below the limits whatever the others know.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from engine.limits import Clock
from engine.sender import EndpointSender, Line

GOOD_S, RENEW_S = 5.0, 1.0
"""How long a part is good, and how often a worker asks for the next one."""
_IDLE = 0.05
"""What a worker counts that waits for others, next to one at work."""
_LEAST = 0.01
"""The part of one that joined and for whom the others have not made room yet."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a worker may use of an endpoint."""

    share: float
    """Of the whole, between 0 and 1."""
    pause_s: float = 0.0
    """Seconds that nothing is sent to it."""


@dataclass(slots=True)
class _Known:
    share: float
    weight: float
    until: float


@dataclass
class Divider:
    """Grants the parts. Knows no limits: a part is a share of whatever they are."""

    clock: Clock = time.monotonic
    _known: dict[str, dict[str, _Known]] = field(default_factory=dict)
    """By endpoint and worker."""
    _paused: dict[str, float] = field(default_factory=dict)

    def renew(self, worker: str, pauses: Mapping[str, float], *, busy: bool) -> dict[str, Part]:
        """A worker's next part of each endpoint that it names, with the seconds that each asked it to pause."""
        now = self.clock()
        parts = {}
        for endpoint, pause_s in pauses.items():
            known = self._known.setdefault(endpoint, {})
            for name in [name for name, other in known.items() if other.until <= now or name == worker]:
                del known[name]
            weight = 1.0 if busy else _IDLE
            fair = weight / (weight + sum(other.weight for other in known.values()))
            free = 1.0 - sum(other.share for other in known.values())
            share = max(0.0, min(fair, free))
            known[worker] = _Known(share, weight, now + GOOD_S)
            until = self._paused[endpoint] = max(self._paused.get(endpoint, now), now + pause_s)
            parts[endpoint] = Part(share, until - now)
        return parts


Renew = Callable[[Mapping[str, float], bool], Awaitable[Mapping[str, Part]]]


@dataclass
class Follower:
    """Keeps one worker's endpoints to its part of the limits."""

    renew: Renew
    """Asks the divider. May raise anything."""
    most_workers: int
    """That there may be at once."""

    async def follow(self, senders: Iterable[EndpointSender]) -> None:
        """Do so until cancelled."""
        lines = {_name(line): line for sender in senders for line in sender.pool.lines}
        self._alone(lines)
        heard = time.monotonic()
        while True:
            pauses = {name: line.gate.closed_s for name, line in lines.items()}
            busy = any(line.limits.window.in_flight for line in lines.values())
            try:
                async with asyncio.timeout(GOOD_S):
                    parts = await self.renew(pauses, busy)
            except Exception:  # noqa: BLE001 - whatever became of the divider, the work goes on
                if time.monotonic() - heard > GOOD_S:
                    self._alone(lines)
            else:
                heard = time.monotonic()
                for name, part in parts.items():
                    keep_to(lines[name], part)
            await asyncio.sleep(RENEW_S)

    def _alone(self, lines: Mapping[str, Line]) -> None:
        for line in lines.values():
            keep_to(line, Part(0.5 / self.most_workers))


@asynccontextmanager
async def followed(follower: Follower | None, senders: Mapping[str, Any]) -> AsyncIterator[None]:
    """Let the senders follow while the block runs; without a follower they have all the limits to themselves."""
    if follower is None:
        yield
        return
    following = asyncio.create_task(follower.follow(senders.values()))
    try:
        yield
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following


def _name(line: Line) -> str:
    return f"{line.endpoint.base_url} {line.endpoint.ref.model}"


def keep_to(line: Line, part: Part) -> None:
    """Let a line use this part of what its endpoint's settings allow."""
    endpoint, limits = line.endpoint, line.limits
    share = max(part.share, _LEAST)
    window = limits.window
    window.most = max(1, int(endpoint.concurrency * share))
    window.limit = float(window.most) if window.fixed else min(window.limit, float(window.most))
    if limits.requests is not None and endpoint.requests_per_minute is not None:
        limits.requests.per_minute = endpoint.requests_per_minute * share
    if limits.tokens is not None and endpoint.tokens_per_minute is not None:
        limits.tokens.per_minute = endpoint.tokens_per_minute * share
    if part.pause_s > line.gate.closed_s:
        line.gate.close_for(part.pause_s)
