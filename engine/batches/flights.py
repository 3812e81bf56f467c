"""The waves that one process waits for: submitted, asked how they stand, and brought home row by row."""

from __future__ import annotations

import asyncio
import re
import time
from array import array
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import TypeVar

from engine.batches.api import ENDED, Batch, BatchApi
from engine.batches.options import BatchOptions
from engine.batches.replies import Reader, Rows, refused_lines
from engine.batches.submission import Submission
from engine.batches.waves import Seen, Settled, Wave, Waves
from engine.batches.writing import expected, wave_name
from engine.budget import NOTHING, Amount
from engine.errors import EndpointStop, Fault, QuotaExhausted, RateLimited, ServerFault
from engine.files import storage_errors
from engine.journal import Journal
from engine.lease import Lost
from engine.purse import Hold, Purse
from engine.run import Run
from engine.shard import seal_of
from engine.sharing import Claim, Share
from engine.transports.retry import RetryPolicy
from engine.transports.wire import Dialect, clean

T = TypeVar("T")
_GROWTH = 1.5
_TOO_MUCH = re.compile(r"limit_exceeded|enqueued|too_many|too_large|max_\w*(?:requests|tokens|size)", re.IGNORECASE)
_NO_MONEY = re.compile(r"insufficient|billing|quota", re.IGNORECASE)


@dataclass
class Flight:
    """A wave that shards of this process wait for."""

    wave: Wave
    delay_s: float
    due: float
    """When it is asked again, by the monotonic clock."""
    status: str = "recorded"
    done: int = 0
    fresh: bool = False
    """This process recorded its intent."""
    cancelled: bool = False
    """By us."""
    reserved: Amount = NOTHING
    """What its calls may take."""


@dataclass
class Landed:
    """What a wave brought to the shards that are ours."""

    replies: dict[int, int] = field(default_factory=dict)
    """By shard: calls that have their reply now."""
    tried: bool = True
    """Whether its calls were tried at all; False for a batch that was not taken."""
    stop: EndpointStop | None = None
    fault: Fault | None = None


@dataclass
class Flights:
    """The flights of one process."""

    run: Run
    waves: Waves
    apis: Mapping[str, BatchApi]
    share: Share
    purse: Purse
    journal: Journal
    options: BatchOptions
    sleep: Callable[[float], Awaitable[None]]
    """Raises Halted where the work is to end."""
    _flights: dict[int, Flight] = field(default_factory=dict)
    _most: dict[str, int] = field(default_factory=dict)
    """By wave name: calls that a wave may have, where the provider took fewer than our limit."""
    _dialects: dict[str, Dialect] = field(default_factory=dict)
    _held_until: float = float("-inf")
    _holds: int = 0
    _jitter: Random = field(default_factory=Random)

    def __len__(self) -> int:
        return len(self._flights)

    # ---- what there is

    def add(self, wave: Wave, *, fresh: bool = False) -> Flight:
        """Wait for a wave; the flight, old or new. A new one that was recorded before is asked at once."""
        if wave.number not in self._flights:
            first_s = self.options.poll_first_s
            due = time.monotonic() + (first_s if fresh else 0.0)
            self._flights[wave.number] = Flight(wave, first_s, due, fresh=fresh)
        return self._flights[wave.number]

    def due(self) -> list[Flight]:
        """The flights to be asked now."""
        now = time.monotonic()
        return [flight for flight in self._flights.values() if flight.due <= now]

    @property
    def next_s(self) -> float:
        """Seconds until something is to be done."""
        times = [flight.due for flight in self._flights.values()] + ([self._held_until] if self.held else [])
        return max(0.0, min(times, default=float("inf")) - time.monotonic())

    @property
    def held(self) -> bool:
        """Whether no wave is sent for now, because the provider took no more."""
        return time.monotonic() < self._held_until

    @property
    def note(self) -> str:
        """How they stand, in a line."""
        if not self._flights:
            return "waiting until the provider takes more" if self.held else ""
        states = Counter(flight.status for flight in self._flights.values())
        done, total = (
            sum(f.done for f in self._flights.values()),
            sum(f.wave.requests for f in self._flights.values()),
        )
        told = ", ".join(f"{n} {status}" for status, n in sorted(states.items()))
        again = datetime.now().astimezone() + timedelta(seconds=self.next_s)
        waves = "1 wave" if len(self._flights) == 1 else f"{len(self._flights)} waves"
        return f"{done:,} of {total:,} calls in {waves} ({told}), next look {again:%H:%M:%S}"

    def most(self, name: str) -> int:
        """Calls that the next wave of this name may have."""
        return self._most.get(name, self.options.max_requests)

    def dialect(self, served_by: str) -> Dialect:
        """What the endpoint is known to refuse."""
        if served_by not in self._dialects:
            self._dialects[served_by] = Dialect.of(self.apis[served_by].endpoint.checked)
        return self._dialects[served_by]

    # ---- sending

    async def insist(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Try until no Fault comes, for as long as an outage may last."""
        policy = RetryPolicy(base_delay_s=self.options.poll_first_s, max_delay_s=60.0)
        began, failures = time.monotonic(), 0
        while True:
            try:
                return await attempt()
            except Fault as fault:
                if time.monotonic() - began >= self.options.outage_s:
                    raise
                failures += 1
                named_s = fault.retry_after_s if isinstance(fault, RateLimited | ServerFault) else None
                await self.sleep(policy.delay_s(failures, named_s, self._jitter))

    def _submission(self, wave: Wave) -> Submission:
        api, again_s = self.apis[wave.served_by], self.options.look_again_s
        return Submission(self.run.name, self.waves, api, self.insist, self.sleep, again_s)

    async def submit(self, flight: Flight) -> str | None:
        """Bring a wave to the provider; its batch. None where another worker has taken over."""
        number = flight.wave.number
        lease = self.share.claims[min(n for n in flight.wave.shards if n in self.share.claims)].lease
        try:
            flight.status = "submitting"
            batch = await self._submission(flight.wave).submit(flight.wave, lease.check, fresh=flight.fresh)
        except Lost:
            return None
        flight.status, flight.due = "submitted", time.monotonic() + flight.delay_s
        self._show(flight)
        return self.waves.known(number, "submitted") or batch

    # ---- asking how it stands

    async def look_after(self, flight: Flight) -> Landed | None:
        """Ask how a wave stands; what it brought, once it has ended."""
        wave = flight.wave
        waiting = self.waves.in_flight().get(wave.number, frozenset())
        own = sorted(number for number in waiting if number in self.share.claims)
        if not own:
            self._end(flight)
            return None
        self._postpone(flight)
        api = self.apis[wave.served_by]
        lasting, cancel = api.endpoint.lasting, self.options.cancel
        name = self.waves.known(wave.number, "submitted")
        if name is None:
            if own[0] != min(n for n in waiting if seal_of(self.run.shards, n) is None):
                return None  # who holds the first shard submits it
            if cancel or not (lasting or flight.fresh):
                found = await self._submission(wave).find(wave)
                if found is None:
                    return await self._land(flight, own, None, "never submitted")
                name = self.waves.put_known(wave.number, "submitted", found.id)
            else:
                name = await self.submit(flight)
        if name is None:
            return None
        batch = await self.insist(lambda: api.get(name))
        if batch is None:
            if lasting and not cancel:
                raise EndpointStop(
                    f"{wave.served_by}: batch {name} of wave {wave.number} is not known there: the key may be "
                    "another project's. Set the one it was submitted with; if the batch is really gone, go on "
                    "without it: "
                    f"skillweave resume {self.run.name} --cancel-batches"
                )
            return await self._land(flight, own, None, "gone")
        flight.status, flight.done = batch.status, batch.done
        self._show(flight)
        if batch.status in ENDED:
            return await self._land(flight, own, batch, batch.status)
        if cancel and not flight.cancelled:
            await self.insist(lambda: api.cancel(batch.id))
            flight.cancelled = True
        return None

    def _show(self, flight: Flight) -> None:
        """Let others see how it stands, and when it is asked again."""
        now_ms = time.time_ns() // 1_000_000
        again_ms = now_ms + round(1_000 * max(0.0, flight.due - time.monotonic()))
        seen = Seen(status=flight.status, done=flight.done, at_ms=now_ms, next_ms=again_ms)
        self.waves.put_seen(flight.wave.number, seen)

    def _postpone(self, flight: Flight) -> None:
        flight.due = time.monotonic() + flight.delay_s
        flight.delay_s = min(self.options.poll_most_s, flight.delay_s * _GROWTH)

    def _end(self, flight: Flight) -> None:
        del self._flights[flight.wave.number]
        self.purse.held = self.purse.held.minus(flight.reserved)

    # ---- bringing it home

    async def _land(self, flight: Flight, own: list[int], batch: Batch | None, status: str) -> Landed:
        """Journal what a wave brought to our shards, then record that it is settled for them."""
        wave, landed = flight.wave, Landed(tried=batch is not None)
        path = self.waves.folder / f"{wave.number:05d}.{self.share.worker.token}.rows.tmp"
        path.write_bytes(b"")
        try:
            spans = {number: range(claim.shard.start, claim.shard.stop) for number, claim in self._claims(own).items()}
            if batch is not None and batch.status == "failed":
                self._read_failure(wave, batch, path, landed)
                rows = await asyncio.to_thread(Rows.scatter, path, spans)
            elif batch is not None:
                rows = await self._download(wave, batch, path, spans)
                if batch.status == "completed":
                    self._let_go(wave)
            else:
                rows = Rows(path, {number: array("q") for number in spans})
            fates = await self._journal_rows(wave, own, rows, landed)
        finally:
            path.unlink(missing_ok=True)
        kept = tuple(number for number in own if number in self.share.claims)
        if kept:
            self.waves.put_settled(
                wave.number, self.share.worker.token, Settled(shards=kept, status=status, rows=fates)
            )
        self._end(flight)
        if status == "cancelled" and not flight.cancelled and landed.stop is None:
            landed.stop = EndpointStop(
                f"wave {wave.number} of run {self.run.name} was cancelled at the provider; what it brought is kept, "
                f"and nothing more is sent. Go on: skillweave resume {self.run.name} --driver batch"
            )
        return landed

    def _claims(self, own: Iterable[int]) -> dict[int, Claim]:
        return {number: self.share.claims[number] for number in own if number in self.share.claims}

    async def _download(self, wave: Wave, batch: Batch, path: Path, spans: Mapping[int, range]) -> Rows:
        """Where the rows of our shards are, in what was downloaded. Fewer than the batch counts are fetched again."""
        api = self.apis[wave.served_by]
        for last in (False, False, True):
            await asyncio.to_thread(path.write_bytes, b"")
            for name in batch.files:
                await self.insist(lambda name=name: api.download(name, path))  # type: ignore[misc]
            rows = await asyncio.to_thread(Rows.scatter, path, spans)
            if last or rows.found >= batch.done:
                break
            await self.sleep(self.options.look_again_s)
        return rows

    async def _journal_rows(self, wave: Wave, own: Iterable[int], rows: Rows, landed: Landed) -> dict[str, int]:
        claims = self._claims(own)
        endpoint = self.apis[wave.served_by].endpoint
        price = endpoint.price.in_batch().id if endpoint.price is not None else ""
        reader = Reader(wave.served_by, endpoint.api_key.get_secret_value(), price, self.dialect(wave.served_by))
        fates = Counter({"garbled": rows.garbled, "elsewhere": rows.elsewhere})
        for number, claim in claims.items():
            asks, known = expected(self.run, claim)
            matched = reader.match(rows.of(number), asks, known)
            for call, entry in matched.entries:
                self.purse.settle(Hold(self.purse, call, NOTHING), entry.reply.usage)
                self.journal.add(number, entry)
            await self.journal.commit()
            fates.update(matched.fates)
            landed.replies[number] = matched.fates["reply"] + matched.fates["known"]
            landed.stop, landed.fault = landed.stop or matched.stop, matched.fault or landed.fault
        if len(claims) == len(wave.shards):
            named = sum(n for fate, n in fates.items() if fate in ("reply", "known") or fate.startswith("open"))
            fates["open: missing"] = max(0, wave.requests - named)
        return {fate: count for fate, count in sorted(fates.items()) if count}

    def _read_failure(self, wave: Wave, batch: Batch, path: Path, landed: Landed) -> None:
        """Why a batch failed as a whole: faulty lines, more than is taken now, or what only a person can mend."""
        lines = {error.line: error for error in batch.errors if error.line is not None}
        told = "; ".join(f"{error.code}: {error.message}" for error in batch.errors[:3]) or "no reason given"
        told = clean(told, self.apis[wave.served_by].endpoint.api_key.get_secret_value())
        if lines and 2 * len(lines) <= wave.requests:
            with storage_errors(path), path.open("wb") as file:
                file.writelines(line + b"\n" for line in refused_lines(self.waves.brought(wave.token), lines))
            return
        landed.tried = False
        if _NO_MONEY.search(told):
            landed.stop = QuotaExhausted(
                f"{wave.model}: {told}. Top up the account, then: skillweave resume {self.run.name}"
            )
        elif not lines and wave.requests > 1 and _TOO_MUCH.search(told):
            self._hold(wave)
            landed.fault = Fault(f"{wave.model}: {told}")
        else:
            landed.stop = EndpointStop(
                f"{wave.model}: wave {wave.number} failed at the provider ({told}); nothing of it was paid. Mend it, "
                f"then: skillweave resume {self.run.name} --driver batch"
            )

    def _hold(self, wave: Wave) -> None:
        """The provider takes no more now: wait, and send half as much at once."""
        self._most[wave_name(wave.served_by, wave.model)] = max(1, wave.requests // 2)
        self._holds += 1
        delay_s = min(self.options.poll_most_s, self.options.poll_first_s * 2.0 ** min(self._holds, 60))
        self._held_until = time.monotonic() + delay_s

    def _let_go(self, wave: Wave) -> None:
        """A batch was whole: the next may be larger again."""
        name = wave_name(wave.served_by, wave.model)
        self._holds = 0
        if name in self._most:
            self._most[name] = min(self.options.max_requests, 2 * self._most[name])
