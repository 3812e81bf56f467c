"""The batch driver: the same conversations, asked by waves through a provider's Batch API.

It takes shards as any worker does, replays them one after the other to find what they ask, and writes that into the
file of a wave until the provider's limits or nothing is left. Of a shard that waits for a wave only its number is in
memory. What comes back is journaled as any reply; then the shard is replayed again, for its next turn or its seal. So
each turn of a conversation is a wave, and a run may be begun online and finished here, and the other way round.

A crash at any point costs nothing: see `engine.batches.submission`. The first Ctrl-C stops after the step at hand; the
second at once. Waves in flight stay at the provider, and whoever resumes fetches them.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace

import pyarrow.parquet as pq

from engine.batches.api import BatchApi
from engine.batches.flights import Flight, Flights
from engine.batches.options import BatchOptions
from engine.batches.waves import WaveFile, Waves
from engine.batches.writing import Asked, expected, open_asks
from engine.drivers.contract import Halted, Outcome, Reuse
from engine.drivers.signals import heard
from engine.errors import Fault, InputError
from engine.journal import Journal
from engine.lease import Worker
from engine.models import Endpoint
from engine.patience import Patience
from engine.planner import Planner
from engine.prices import Price, shipped_prices
from engine.purse import Purse
from engine.run import Run
from engine.sealing import seal_shard
from engine.shard import Seal, seal_of
from engine.sharing import LOOK_S, Claim, Share

BEAT_S = 10.0


@dataclass
class Batches:
    """One process's work on one run, by waves. Use `drive_batches`."""

    run: Run
    endpoints: Mapping[str, Endpoint]
    options: BatchOptions
    share: Share
    purse: Purse
    reuse: Reuse | None = None
    on_progress: Callable[[Planner, str], None] = lambda *_: None
    on_wait: Callable[[Mapping[int, str]], None] = lambda _: None
    _ready: deque[Claim] = field(default_factory=deque)
    """What may have something to ask."""
    _out: dict[int, set[int]] = field(default_factory=dict)
    """By shard: the waves it waits for."""
    _barren: dict[int, int] = field(default_factory=dict)
    """By shard: waves in a row that brought it nothing."""
    _starved: bool = False
    """What is in flight may take all that the run's limits leave."""
    _interrupted: bool = False
    _failure: BaseException | None = None
    _fault: Fault | None = None
    _halt: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.waves = Waves.of(self.run.folder)
        self.planner = self.share.planner
        self._journal = Journal(self.run.shards, after_commit=self._show_life, on_failure=self._fail)
        self._apis = {name: BatchApi(endpoint) for name, endpoint in self.endpoints.items()}
        self._flights = Flights(
            self.run,
            self.waves,
            self._apis,
            self.share,
            self.purse,
            self._journal,
            self.options,
            self._sleep,
        )
        self._patience = Patience(self.run.name, self.options.patience)

    # ---- shards

    def _take(self) -> Claim | None:
        """A shard that is free; where it waits for waves of an earlier worker, these fly on with it."""
        if len(self.share.claims) >= self.options.shards:
            return None
        claim = self.share.next()
        if claim is None:
            return None
        claim.memory = replace(claim.memory, replies={}, surplus=[])  # read again when it is its turn
        number = claim.shard.number
        self._journal.begin(number, claim.lease.generation, claim.memory.chain)
        waits = {wave for wave, shards in self.waves.in_flight().items() if number in shards}
        self._expect(number, waits)
        if waits and self.purse.granted is not None:  # they are in the air, whatever the run's limits say
            flight, (asks, _) = self._flights.add(self.waves.all()[min(waits)]), expected(self.run, claim)
            for hold in self.purse.recover(ask.call for _, ask in asks.values()):
                flight.reserved = flight.reserved.plus(hold.amount)
        if not waits:
            self._ready.append(claim)
        return claim

    def _expect(self, number: int, waves: set[int]) -> None:
        for wave in waves:
            self._flights.add(self.waves.all()[wave])
        if waves:
            self._out.setdefault(number, set()).update(waves)

    def _adopt(self) -> None:
        """Take the shards of waves that nobody waits for any more."""
        waiting = frozenset[int]().union(*self.waves.in_flight().values())
        while orphans := [n for n in sorted(waiting) if n not in self.share.claims and n not in self.share.others]:
            if all(seal_of(self.run.shards, number) is not None for number in orphans):
                return
            claim = self._take()
            if claim is None or claim.shard.number not in orphans:
                return

    def _show_life(self) -> None:
        """Beat, and forget what another worker has taken over."""
        for claim in self.share.check():
            self._out.pop(claim.shard.number, None)
            self._ready = deque(other for other in self._ready if other is not claim)

    def _come_back(self, number: int, flight: Flight) -> None:
        """A wave is settled for a shard: it may ask again."""
        waits = self._out.get(number, set())
        waits.discard(flight.wave.number)
        claim = self.share.claims.get(number)
        if not waits and claim is not None:
            self._out.pop(number, None)
            self._ready.append(claim)

    # ---- filling waves

    async def _fill(self) -> None:
        """Write what the shards ask into waves, and send them, while there is room."""
        files: dict[str, WaveFile] = {}
        try:
            while not (self._halt.is_set() or self._starved) and len(self._flights) + len(
                files
            ) < self.options.waves + bool(files):
                if not self._ready and (self._take() is None or not self._ready):
                    break
                await self._write(self._ready.popleft(), files)
            for name in list(files):
                await self._send(name, files)
        finally:
            for file in files.values():
                self._drop(file)

    def _drop(self, file: WaveFile) -> None:
        file.drop()
        self.purse.held = self.purse.held.minus(file.reserved)

    async def _write(self, claim: Claim, files: dict[str, WaveFile]) -> None:
        number = claim.shard.number
        await asyncio.sleep(0)  # the lease is beaten, and signals are heard, between two shards
        asked = open_asks(self.run, claim, self._flights.dialect, self.reuse)
        for entry in asked.found:
            self._journal.add(number, entry)
        await self._journal.commit()
        if number not in self.share.claims:
            return
        if not asked.lines:
            await self._hand_in(claim)
        elif self._barren.get(number, 0) >= self.options.tries:
            await self._leave_open(claim)
        elif not await self._write_lines(number, asked, files):
            self._ready.append(claim)

    async def _write_lines(self, number: int, asked: Asked, files: dict[str, WaveFile]) -> bool:
        """Write a shard's calls into the waves of their models. False where none of them found room."""
        wrote = False
        for name, call, line in asked.lines:
            most = self._flights.most(name)
            if len(line) > self.options.max_bytes:
                raise InputError(f"one call has {len(line):,} bytes, more than a wave may have: raise max_bytes")
            if (file := files.get(name)) is not None and not file.fits(line):
                await self._send(name, files)
                file = None
            if file is None:
                if len(self._flights) + len(files) >= self.options.waves:
                    continue
                file = files[name] = WaveFile(self.waves, most, self.options.max_bytes)
            holds = self.purse.reserve_many([call])
            if not holds:
                self._starved = True
                break
            file.reserved = file.reserved.plus(holds[0].amount)
            file.add(number, line)
            wrote = True
        return wrote

    async def _send(self, name: str, files: dict[str, WaveFile]) -> None:
        """Close a wave's file, record the intent, and submit it."""
        if self._halt.is_set():
            raise Halted
        self._show_life()
        file = files.pop(name)
        lost = [number for number in file.shards if number not in self.share.claims]
        if lost:  # another worker asks for them now; the others are asked in the next wave
            self._drop(file)
            self._ready.extend(self.share.claims[n] for n in file.shards if n not in lost and n not in self._out)
            return
        served_by, _, model = name.partition("\n")
        wave = await asyncio.to_thread(file.close, self.run, served_by, model)
        flight = self._flights.add(wave, fresh=True)
        flight.reserved = file.reserved
        for number in wave.shards:
            self._expect(number, {wave.number})
        self._tell()
        await self._flights.submit(flight)

    # ---- how a shard ends

    async def _hand_in(self, claim: Claim, *, give_up: bool = False) -> None:
        number = claim.shard.number
        await self._journal.finish(number)
        seal = await asyncio.to_thread(
            seal_shard, self.run, claim.shard, claim.sendable,
            chain=claim.memory.chain, generation=claim.lease.generation, give_up=give_up,
        )  # fmt: skip
        if number not in self.share.claims:
            return
        if seal is None:
            self.share.give_back(claim)
            return
        self.share.sealed(claim, seal)
        self._tell()
        for reason in await asyncio.to_thread(_reasons, self.run, seal):
            if (enough := self._patience.after(reason, self.purse.budget)) is not None:
                raise enough

    async def _leave_open(self, claim: Claim) -> None:
        """Wave after wave brought nothing: reject what is open, or leave it."""
        if self.options.give_up:
            await self._hand_in(claim, give_up=True)
        else:
            await self._journal.finish(claim.shard.number)
            self.share.give_back(claim)

    # ---- the work

    async def _look_after(self, flight: Flight) -> None:
        landed = await self._flights.look_after(flight)
        self._tell()
        if landed is None:
            return
        self._fault = landed.fault or self._fault
        for number, replies in landed.replies.items():
            if landed.tried:
                self._barren[number] = 0 if replies else self._barren.get(number, 0) + 1
            self._come_back(number, flight)
        if landed.stop is not None:
            raise landed.stop

    async def _go_on(self) -> None:
        """Fill, ask how the waves stand, wait: until nothing is left."""
        while not self._halt.is_set():
            self._starved = False
            self.purse.look()
            self._adopt()
            if not self.options.cancel and not self._flights.held:
                await self._fill()
            for flight in self._flights.due():
                await self._look_after(flight)
                if self._halt.is_set():
                    return
            may_send = not self.options.cancel and not self._flights.held
            if may_send and self._ready and not self._starved and len(self._flights) < self.options.waves:
                continue
            if not self._flights and not self._flights.held:
                if self.options.cancel or not self.share.others:
                    return
                self.on_wait(self.share.others)
            with suppress(Halted):
                await self._sleep(min(self._flights.next_s, LOOK_S if self.share.others else BEAT_S))

    def _tell(self) -> None:
        self.on_progress(self.planner, self._flights.note)

    async def _sleep(self, delay_s: float) -> None:
        """Wait; a halt ends it by Halted."""
        with suppress(TimeoutError):
            async with asyncio.timeout(delay_s):
                await self._halt.wait()
        if self._halt.is_set():
            raise Halted

    def _fail(self, error: BaseException) -> None:
        self._failure = self._failure or error
        self._halt.set()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            try:
                self._show_life()
            except Exception as error:  # noqa: BLE001 - raised by work
                self._fail(error)
                return

    async def work(self) -> Outcome:
        """Work until the target is met, nothing is left, or something stops it. Everything is durable on return."""
        beat = asyncio.create_task(self._beat())
        going = asyncio.create_task(self._go_on())

        def on_signal() -> None:
            if self._interrupted:
                going.cancel()
            self._interrupted = True
            self._halt.set()

        with heard(on_signal):
            try:
                await going
            except Halted:
                pass
            except Fault as fault:
                self._fault = fault
            except asyncio.CancelledError:
                if not self._interrupted:
                    raise
            finally:
                beat.cancel()
                await self._journal.commit()
                self._journal.close()
                for api in self._apis.values():
                    await api.close()
        self._tell()
        if self._failure is not None:
            raise self._failure
        return Outcome(interrupted=self._interrupted, fault=self._fault)


def _reasons(run: Run, seal: Seal) -> list[str | None]:
    """What became of a sealed shard's conversations, in index order: None where one gave a row, else why not."""
    ends: list[tuple[int, str | None]] = []
    for kind, columns in (("rows", ["index"]), ("rejected", ["index", "reason"])):
        table = pq.read_table(run.shards / seal.files[kind].name, columns=columns)
        ends += [(row["index"], row.get("reason")) for row in table.to_pylist()]
    return [reason for _, reason in sorted(ends, key=lambda end: end[0])]


async def drive_batches(
    run: Run,
    endpoints: Mapping[str, Endpoint],
    options: BatchOptions | None = None,
    *,
    prices: Mapping[str, Price] | None = None,
    reuse: Reuse | None = None,
    on_progress: Callable[[Planner, str], None] = lambda *_: None,
    on_wait: Callable[[Mapping[int, str]], None] = lambda _: None,
) -> Outcome:
    """Work on a run by waves until it is complete, exhausted, incomplete or interrupted; `read_books` then says which.

    `endpoints` by `served_by`; of several that serve a model the first is asked. Other workers, of this driver or
    another, may work on the run at the same time. The default executor of this event loop becomes one of one thread.
    Raises what `engine.drivers.online.drive` raises.
    """
    options = options or BatchOptions()
    # The allocator keeps what each thread once used: in a pool, a shard's worth for each thread. For the same reason
    # shards are replayed in the event loop itself, which has nothing else to do but to beat.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1, thread_name_prefix="shard"))
    paid = {}
    for role, model in run.spec.models.items():
        price = endpoints[model.served_by].price
        paid[role] = price.in_batch().id if price is not None else ""
    with ExitStack() as stack:
        worker = Worker.join(run.folder / "lease")
        stack.callback(worker.leave)
        share = Share(run, worker, options.shard_size, fetches=True)
        stack.callback(share.leave)
        purse = Purse.join(run, worker, paid, shipped_prices() if prices is None else prices)
        stack.callback(purse.close)
        return await Batches(run, endpoints, options, share, purse, reuse, on_progress, on_wait).work()
