"""How much one endpoint is asked at once: as much as it bears, learned from its answers, within what it allows.

`Adaptive` finds the number of calls in flight, per endpoint and model, as TCP finds its window (RFC 5681, section 3.1):
slow start doubles it each round trip, until the first sign that it is too much; from then on it grows by one a round
trip and shrinks by half at a 429. Latency alone is no sign: a server that batches answers slower and yet gets more
done. Where latency has more than doubled and a larger window brought hardly more answers a second, it goes back to what
it was. Where latency has more than doubled though the window did not grow, it shrinks by half; if that costs answers,
they only take longer now, and it goes back as well.

`Bucket` keeps requests or tokens a minute. What a provider says in its `x-ratelimit-*` headers outranks both.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

Clock = Callable[[], float]
START = 8
"""Calls in flight at which slow start begins."""
_LATENCY_RISE, _STEP, _WORTH = 2.0, 1.1, 0.25
"""A window that grew by a tenth must bring a quarter of that in answers a second, to be worth a doubled latency."""
_WINDOW_S = 1.0
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)?")
_BUDGETS = tuple((f"x-ratelimit-remaining-{what}", f"x-ratelimit-reset-{what}") for what in ("requests", "tokens"))
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "": 1.0}


class _Seen(NamedTuple):
    """What a window brought."""

    limit: float
    rate: float
    """Answers a second."""
    latency: float
    """Seconds that they took on average."""


@dataclass
class Adaptive:
    """A window of calls in flight between 1 and `most`."""

    most: int
    clock: Clock = time.monotonic
    limit: float = 0.0
    """0: slow start chooses."""
    fixed: bool = False
    """The limit stays as it is."""
    in_flight: int = 0
    _slow_start: bool = True
    _shrunk_at: float = float("-inf")
    _latency: float = 0.0
    """Seconds, smoothed over about a window's answers."""
    _least: float = float("inf")
    _began: float = field(default=float("-inf"))
    _answers: int = 0
    _seconds: float = 0.0
    """That these answers took in all."""
    _base: _Seen | None = None
    """The window that was last found worth its latency."""
    _halved: _Seen | None = None
    """What there was before latency rose, while half as much is tried."""
    _settled: bool = False
    """Whether the answers are to calls of that trial."""
    _full: bool = False

    def __post_init__(self) -> None:
        self.limit = self.limit or float(min(START, self.most))

    @property
    def free(self) -> bool:
        """Whether one more call may fly."""
        return self.in_flight < int(self.limit)

    def begin(self) -> float:
        """A call flies. Returns the time, to be given to what ends it."""
        self.in_flight += 1
        self._full = self._full or not self.free
        return self.clock()

    def succeed(self, began: float) -> None:
        """It was answered: the window grows where it was full."""
        now = self.clock()
        self.in_flight -= 1
        if self.fixed:
            return
        taken = now - began
        self._latency += (taken - self._latency) / min(self._answers + 1, max(8.0, self.limit))
        if self._full:
            self.limit = min(float(self.most), self.limit + (1.0 if self._slow_start else 1.0 / self.limit))
        self._answers += 1
        self._seconds += taken
        if self._began == float("-inf"):
            self._began = now
        elif self._answers >= START and now - self._began >= max(self._latency, 0.0 if self._slow_start else _WINDOW_S):
            self._judge(now)  # in slow start each round trip, or it has gone far beyond before anybody looks

    def _judge(self, now: float) -> None:
        """At the end of a window: was it worth its latency?"""
        seen = _Seen(self.limit, self._answers / (now - self._began), self._seconds / self._answers)
        self._least = min(self._least, self._latency)
        base = self._base
        if self._halved is not None:
            self._judge_half(seen, self._halved)
        elif self._full and (base is None or self.limit >= _STEP * base.limit):
            wanted = base.rate * (1 + _WORTH * (self.limit / base.limit - 1)) if base is not None else 0.0
            if base is not None and self._latency > _LATENCY_RISE * self._least and seen.rate < wanted:
                self._slow_start = False
                self.limit = base.limit
            else:
                self._base = seen
        elif self._full and base is not None and seen.latency > _LATENCY_RISE * base.latency and self.limit > 1:
            self._slow_start = False
            self._halved, self._settled = seen, False
            self.limit = max(1.0, self.limit / 2)
        self._began, self._answers, self._seconds, self._full = now, 0, 0.0, False

    def _judge_half(self, seen: _Seen, before: _Seen) -> None:
        """Half as much was tried because latency rose: keep it, unless it brought clearly less."""
        if not self._settled:  # these were answers to calls of before
            self._settled = True
            return
        self._halved = None
        if self._full and seen.rate >= (1 - _WORTH) * before.rate and self._base is not None:
            self._base = seen._replace(latency=self._base.latency)
        else:
            self._base, self.limit = before, before.limit

    def fail(self, began: float, *, refused: bool) -> None:
        """It failed. `refused`: the endpoint said that it is too much; halves the window, once a round trip."""
        self.in_flight -= 1
        if refused and not self.fixed and began > self._shrunk_at:
            self._slow_start = False
            self.limit = max(1.0, self.limit / 2)
            self._base = self._halved = None
            self._shrunk_at = self.clock()


@dataclass
class Bucket:
    """So many units a minute, spent as they come; at most `burst_s` seconds' worth are saved up."""

    per_minute: float
    clock: Clock = time.monotonic
    burst_s: float = 5.0
    _left: float = field(init=False)
    _at: float = field(init=False)

    def __post_init__(self) -> None:
        self._left, self._at = self._most, self.clock()

    @property
    def _most(self) -> float:
        return max(1.0, self.per_minute / 60 * self.burst_s)

    def take(self, units: float) -> float:
        """Take the units, which may leave a debt. Returns the seconds to wait before what they are for may fly."""
        now = self.clock()
        self._left = min(self._most, self._left + (now - self._at) * self.per_minute / 60)
        self._at = now
        self._left -= units
        return max(0.0, -self._left * 60 / self.per_minute)

    def give_back(self, units: float) -> None:
        """So many were taken too much, or (negative) too few."""
        self._left += units


@dataclass
class TokenGuess:
    """What a call will cost in tokens, before it flies: learned from the usage of those before it."""

    tokens_a_character: float = 0.3
    completion: float = 500.0
    _seen: int = 0

    def of(self, characters: int) -> float:
        """Prompt and completion tokens that a call of so many characters will take, about."""
        return characters * self.tokens_a_character + self.completion

    def learn(self, characters: int, prompt: int, completion: int) -> None:
        """What one took."""
        if not prompt and not completion:
            return  # the endpoint does not say
        self._seen += 1
        share = 1 / min(self._seen, 200)
        self.completion += (completion - self.completion) * share
        if characters:
            self.tokens_a_character += (prompt / characters - self.tokens_a_character) * share


def seconds_of(text: str) -> float | None:
    """`20ms`, `1s`, `6m0s`, `1.5` (seconds) in seconds; None for what is no duration."""
    parts = list(_DURATION.finditer(text.strip()))
    if not parts or "".join(part[0] for part in parts) != text.strip():
        return None
    return sum(float(part[1]) * _SECONDS[part[2] or ""] for part in parts)


def named_pause(headers: Mapping[str, str]) -> float:
    """Seconds that the `x-ratelimit-*` headers of an answer ask to wait: until a budget that is used up is filled."""
    pause_s = 0.0
    for remaining, reset in _BUDGETS:
        if headers.get(remaining) == "0":
            pause_s = max(pause_s, seconds_of(headers.get(reset, "")) or 0.0)
    return pause_s


@dataclass
class Limits:
    """All limits of one endpoint and model; every caller shares them."""

    window: Adaptive
    requests: Bucket | None = None
    tokens: Bucket | None = None
    guess: TokenGuess = field(default_factory=TokenGuess)
    _waiting: deque[asyncio.Future[float]] = field(default_factory=deque)

    def begin(self) -> float | None:
        """Let a call fly at once. Returns when it began to; None where it must `enter`."""
        if self.requests is None and self.tokens is None and not self._waiting and self.window.free:
            return self.window.begin()
        return None

    async def enter(self, characters: int, sleep: Callable[[float], Awaitable[None]]) -> float:
        """Wait until a call of so many characters may fly, first come, first served. Returns when it began to.

        Whoever waited then waits by `sleep` once more, so that a driver that halts can refuse it.
        """
        turn: asyncio.Future[float] | None = None
        if self.window.free and not self._waiting:
            began = self.window.begin()
        else:
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            try:
                began = await turn
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled():
                    self.leave(turn.result(), None)
                raise
        try:
            wait_s = self._spend(characters)
            if turn is not None or wait_s:
                await sleep(wait_s)
        except BaseException:
            self.leave(began, None)
            raise
        return self.window.clock() if wait_s else began

    def _spend(self, characters: int) -> float:
        wait_s = self.requests.take(1) if self.requests is not None else 0.0
        if self.tokens is not None:
            wait_s = max(wait_s, self.tokens.take(self.guess.of(characters)))
        return wait_s

    def leave(self, began: float, succeeded: bool | None, *, refused: bool = False) -> None:
        """The call ended, or (None) never flew."""
        if succeeded:
            self.window.succeed(began)
        else:
            self.window.fail(began, refused=refused and succeeded is not None)
        if self._waiting:
            self._wake()

    def learn(self, characters: int, prompt: int, completion: int) -> None:
        """What a reply took of the tokens."""
        if self.tokens is None:
            return
        if prompt or completion:
            self.tokens.give_back(self.guess.of(characters) - prompt - completion)
        self.guess.learn(characters, prompt, completion)

    def _wake(self) -> None:
        while self._waiting and self.window.free:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(self.window.begin())
