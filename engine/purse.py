"""The purse of one worker: money and tokens are taken from it before a call flies, and settled by what it really took.

What a call may take is its prompt at one token a byte and its reply at `max_tokens`; so where `max_tokens` is set, what
is spent and what is in flight never exceed the run's limits together, however many fly, in however many workers. Where
it is not set, a reply is reserved at a quarter more than the longest so far: then the limits can be overshot by what
replies in flight are longer than that.

The purse is filled from the run's ledger (`engine.ledger`), by about as much as is in flight at a time.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal, Self

from engine.books import read_spent
from engine.budget import NOTHING, Amount, Budget, limit_of
from engine.call import Call, ModelRef, Reply, Usage, canonical
from engine.errors import InputError, LimitReached
from engine.lease import Worker, living
from engine.ledger import Grant, Ledger, Standing
from engine.prices import Price, cost, cost_of, how_to_price, price_by_id
from engine.run import Run
from engine.shard import Spent
from engine.tokens import most_prompt_tokens, with_usage

LOOK_S, AHEAD_S = 2.0, 2.0
"""How often a worker looks whether the run's limits have changed, and for how long it asks ahead."""
_POLL_S = 0.05
"""How often it looks whether calls that came back, or other workers, left enough for the next one."""
UNBOUNDED_REPLY = 4_096
"""Tokens that a reply without `max_tokens` is reserved at, before any was longer."""

Sleep = Callable[[float], Awaitable[None]]


class Hold:
    """What is reserved for one call. As a context it is released where the call fails, but not where it is cancelled:
    then it may have been billed.
    """

    __slots__ = ("_purse", "amount", "call")

    def __init__(self, purse: Purse, call: Call, amount: Amount) -> None:
        self._purse: Purse | None = purse
        self.call = call
        self.amount = amount

    def settle(self, reply: Reply) -> Reply:
        """The reply, with estimated tokens where none were reported; what it took is spent, the rest is free again."""
        reply = with_usage(self.call, reply)
        if self._purse is not None:
            self._purse.settle(self, reply.usage)
            self._purse = None
        return reply

    def release(self) -> None:
        """The call took nothing."""
        if self._purse is not None:
            self._purse.settle(self, None)
            self._purse = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if kind is not None and issubclass(kind, Exception):
            self.release()


def spent_amount(spent: Iterable[Spent], prices: Mapping[str, Price]) -> Amount | None:
    """Money and tokens that were spent; None where the price of a part is not known."""
    parts = list(spent)
    usd = cost_of(parts, prices)
    return None if usd is None else Amount(usd, sum(part.prompt + part.completion for part in parts))


@dataclass
class Purse:
    """One worker's share of a run's limits. For one event loop. Use `join`, and `close` at the end."""

    run: Run
    worker: Worker
    prices: Mapping[str, Price | None]
    """By role."""
    known: Mapping[str, Price]
    """By id, for what was spent before."""
    kept: bool = True
    """False: nothing is sent, so no limit is kept."""
    budget: Budget = field(default_factory=Budget)
    spent: Amount = NOTHING
    """Settled, since this worker joined."""
    held: Amount = NOTHING
    """Reserved for what is in flight, as far as it was measured."""
    granted: Amount | None = None
    """What this worker may spend in all since it joined; None: without limit."""
    _unmeasured: set[Hold] = field(default_factory=set)
    """What flies since nothing was limited: what it may take is measured when that matters."""
    _recovered: Amount = NOTHING
    _began: float = field(default_factory=time.time)
    _looked: float = float("-inf")
    _filled: tuple[Amount, float] = (NOTHING, float("-inf"))
    """What was spent when it last asked for more, and when that was."""
    _longest: int = UNBOUNDED_REPLY
    _excess: int = 0
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _stopped: LimitReached | None = None

    @classmethod
    def join(
        cls, run: Run, worker: Worker, paid: Mapping[str, str], known: Mapping[str, Price], *, kept: bool = True
    ) -> Purse:
        """Open the purse of a worker that has just joined the run. `paid`: the id of the price that each role pays.

        Waits, for seconds at most, for workers that began before the run had limits. Raises InputError where money is
        limited and a price is not known.
        """
        purse = cls(run, worker, {role: price_by_id(known, price) for role, price in paid.items()}, known, kept)
        if not kept:
            return purse
        purse.budget = run.target().budget
        purse._require_prices()
        purse.granted = NOTHING if purse.budget.bounded else None
        while True:
            standing = purse._ledger.read()
            lives = living(worker.folder)
            others = [grant for name, grant in standing.grants.items() if name in lives and grant.state != "gone"]
            grant = purse._grant(purse.granted)
            if not others:
                settled = standing.taken().at_least(purse._in_the_books())
                if purse._ledger.settle(standing, grant, settled, standing.hours(lives, time.time())):
                    return purse
            elif purse.budget.bounded and any(grant.granted is None for grant in others):
                time.sleep(_POLL_S)
            elif purse._ledger.state(standing, grant):
                return purse

    @property
    def _ledger(self) -> Ledger:
        return Ledger(self.run.folder / "purse")

    @property
    def _models(self) -> Mapping[str, ModelRef]:
        return self.run.spec.models

    def _require_prices(self) -> None:
        """Raise InputError where money is limited and a model has no price."""
        if self.budget.max_usd is None:
            return
        for role, price in self.prices.items():
            if price is None:
                raise InputError(
                    f"--max-usd cannot be kept: the model {self._models[role].served_by.removeprefix('env:')!r} has no "
                    f"price. {how_to_price(self._models[role])}"
                )

    def _in_the_books(self) -> Amount:
        """What the run has spent by its files. Raises InputError where money is limited and a price is not known."""
        parts = read_spent(self.run.folder)
        amount = spent_amount(parts, self.known)
        if amount is not None:
            return amount
        if self.budget.max_usd is not None:
            unknown = next(part for part in parts if spent_amount([part], self.known) is None)
            raise InputError(
                f"--max-usd cannot be kept: run {self.run.name} has paid {unknown.calls:,} calls to {unknown.model!r} "
                f"at a price that is not known ({unknown.price or 'none was given'}). "
                f"Limit tokens instead, --max-usd inf --max-tokens N, or give the price in skillweave.toml under "
                f'[prices."{unknown.price or unknown.model}"]'
            )
        return Amount(0.0, sum(part.prompt + part.completion for part in parts))

    def _grant(self, granted: Amount | None, state: Literal["at work", "idle", "gone"] = "at work") -> Grant:
        return Grant(self.worker.token, granted, self._began, time.time(), state, self._recovered)

    # ---- one call

    def need(self, call: Call) -> Amount:
        """What a call may take."""
        sampling = call.sampling if call.sampling is not None else self._models[call.role].sampling
        prompt = most_prompt_tokens(call.messages) + self._excess
        if call.schema is not None:
            prompt += len(canonical(call.schema))
        completion = sampling.max_tokens or self._longest
        return Amount(cost(Usage(prompt, completion), self.prices[call.role]) or 0.0, prompt + completion)

    def _take(self, need: Amount) -> bool:
        if self.granted is not None and not self.granted.covers(self.spent.plus(self.held).plus(need)):
            return False
        self.held = self.held.plus(need)
        return True

    async def reserve(self, call: Call, sleep: Sleep) -> Hold:
        """Reserve what the call may take; waits by `sleep` while calls in flight may still leave enough.

        Raises LimitReached where the run's limits leave nothing for it.
        """
        self.look()
        if self.granted is None:
            hold = Hold(self, call, NOTHING)
            self._unmeasured.add(hold)
            return hold
        need = self.need(call)
        if not self._take(need):
            async with self._turn:
                while not self._take(need):
                    if not self._fill(need):
                        await sleep(_POLL_S if self.held.tokens else 10 * _POLL_S)
                    self.look()
        return Hold(self, call, need)

    def reserve_many(self, calls: Iterable[Call]) -> list[Hold]:
        """Reserve for the first of these calls, as many as the limits allow now, in order; perhaps none.

        Raises LimitReached where there is nothing for the first one and nothing in flight can leave more.
        """
        holds: list[Hold] = []
        self.look()
        for call in calls:
            need = self.need(call)
            while not self._take(need):
                if not self._fill(need):
                    return holds
            holds.append(Hold(self, call, need))
        return holds

    def recover(self, calls: Iterable[Call]) -> list[Hold]:
        """Reserve for calls that a worker before this one reserved, sent off, and did not see come back.

        They are in the air whatever the limits say. What is still taken for them, since no reply was kept, becomes this
        worker's.
        """
        holds, total = [], NOTHING
        for call in calls:
            need = self.need(call)
            holds.append(Hold(self, call, need))
            total = total.plus(need)
        self.held = self.held.plus(total)
        before = self._recovered
        while self.granted is not None:
            standing = self._ledger.read()
            adrift = standing.taken().minus(self._in_the_books()).at_least(NOTHING)
            self._recovered = before.plus(total.at_most(adrift))
            granted = self.granted.plus(total)
            if self._ledger.state(standing, self._grant(granted)):
                self.granted = granted
                break
        return holds

    def settle(self, hold: Hold, usage: Usage | None) -> None:
        """A call came back with this usage, or (None) took nothing."""
        self._unmeasured.discard(hold)
        if hold.amount is not NOTHING:
            self.held = self.held.minus(hold.amount)
        if usage is None:
            return
        usd, tokens = self.spent
        paid = cost(usage, self.prices[hold.call.role]) or 0.0
        self.spent = Amount(usd + paid, tokens + usage.prompt + usage.completion)
        self._longest = max(self._longest, usage.completion + usage.completion // 4)
        self._excess = max(self._excess, usage.prompt - most_prompt_tokens(hold.call.messages))

    def _measure(self) -> None:
        """Count what is in flight and was reserved while nothing was limited."""
        for hold in self._unmeasured:
            hold.amount = self.need(hold.call)
            self.held = self.held.plus(hold.amount)
        self._unmeasured.clear()

    # ---- the run's limits

    def look(self) -> None:
        """See, every few seconds, whether the limits have changed, and whether the hours are over.

        Raises LimitReached where they are.
        """
        if self._stopped is not None:
            raise self._stopped
        if not self.kept or time.monotonic() - self._looked < LOOK_S:
            return
        self._looked = time.monotonic()
        self.budget = self.run.target().budget
        if not self.budget.bounded:
            return
        self._require_prices()
        standing = self._ledger.read()
        if self.granted is None or self.worker.token not in standing.grants:
            self._register(standing)
        hours = self.budget.max_hours
        if hours is not None and (worked := standing.hours(living(self.worker.folder), time.time())) >= hours:
            more = f"--max-hours {max(2 * hours, round(worked + 1)):g}"
            raise self._stop(
                f"has been worked on for {worked:,.2f} of the {hours:g} hours that --max-hours allows", more
            )

    def _register(self, standing: Standing) -> None:
        """State what this worker has taken: the run has limits now, or a settlement took this worker for dead."""
        self._measure()
        while True:
            if self.granted is not None and self.worker.token not in standing.grants:
                self.spent = NOTHING  # what it had been granted was summed up, as spent
            self.granted = self.spent.plus(self.held)
            if self._ledger.state(standing, self._grant(self.granted)):
                return
            standing = self._ledger.read()

    def _fill(self, need: Amount) -> bool:
        """Ask for more. False where that is to be tried again. Raises LimitReached where there is no hope."""
        if self._stopped is not None:
            raise self._stopped
        if self.granted is None:
            return True
        while True:
            standing, lives = self._ledger.read(), living(self.worker.folder)
            others = [g for g in standing.grants.values() if g.worker in lives and g.worker != self.worker.token]
            if any(grant.granted is None and grant.state != "gone" for grant in others):
                return False  # it has not noticed the limits yet
            mine = self.granted.minus(self._recovered)
            free = limit_of(self.budget).minus(standing.taken(but=self.worker.token)).minus(mine)
            least = self.spent.plus(self.held).plus(need).minus(self.granted).at_least(NOTHING)
            if free.covers(least):
                more = least.at_least(self._for_a_while(need).at_most(free.half()))
                if self._state(standing, self.granted.plus(more), "at work"):
                    return True
            elif self.held.tokens:
                return False
            elif standing.grants[self.worker.token].state != "idle":
                self._state(standing, self.spent, "idle")
            elif any(grant.state == "at work" for grant in others):
                return False
            else:
                raise self._nothing_left(standing, need)

    def _for_a_while(self, need: Amount) -> Amount:
        """As much again as is in flight, and what was spent in about two seconds."""
        now = time.monotonic()
        before, then = self._filled
        self._filled = (self.spent, now)
        share = min(1.0, AHEAD_S / max(now - then, 1e-3))
        lately = self.spent.minus(before)
        return self.held.plus(need).plus(Amount(lately.usd * share, int(lately.tokens * share)))

    def _state(self, standing: Standing, granted: Amount, state: Literal["at work", "idle"]) -> bool:
        if not self._ledger.state(standing, self._grant(granted, state)):
            return False
        self.granted = granted
        return True

    def _nothing_left(self, standing: Standing, need: Amount) -> LimitReached:
        limit, taken = limit_of(self.budget), standing.taken()
        if limit.usd + 1e-9 < taken.usd + need.usd:
            adrift = taken.usd - self._in_the_books().usd
            lost = f", ${adrift:,.4f} of it for calls of killed workers, which may be billed" if adrift > 1e-4 else ""
            return self._stop(
                f"has taken ${taken.usd:,.4f} of the ${limit.usd:,.4f} that --max-usd allows{lost}; the next call may "
                f"take ${need.usd:,.4f}",
                f"--max-usd {2 * limit.usd or 2 * need.usd:.3g}",
            )
        return self._stop(
            f"has taken {taken.tokens:,} of the {limit.tokens:,} tokens that --max-tokens allows; the next call may "
            f"take {need.tokens:,}",
            f"--max-tokens {2 * limit.tokens or 2 * need.tokens}",
        )

    def _stop(self, why: str, more: str) -> LimitReached:
        name = self.run.name
        self._stopped = LimitReached(
            f"run {name} {why}. Nothing more was sent, and what was in flight is kept. Go on with more: "
            f"skillweave resume {name} {more}"
        )
        return self._stopped

    def close(self) -> None:
        """State what this worker spent, what is still in flight included: the rest is others' again."""
        self._measure()
        while self.kept:
            standing = self._ledger.read()
            if self.granted is not None and self.worker.token not in standing.grants:
                self.spent = NOTHING
            if self._ledger.state(standing, self._grant(self.spent.plus(self.held), "gone")):
                return
