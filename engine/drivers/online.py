"""The online driver: one process, many conversations at once, of the shards that are its share of the run.

A reply goes to the journal before anything is made of it (`engine.drivers.shards` then seals shard by shard). Memory is
bounded by the conversations in flight and the shards that hold them. Where other workers hold all that is left, it
waits for them, and takes over what they leave.

The first Ctrl-C sends nothing new and waits for what is in flight; the second leaves at once. What is journaled stays.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict, Field

from engine.collecting import rare_collections
from engine.drivers.contract import Halted, Outcome, Reuse, Sender
from engine.drivers.shards import OpenShard, Shards
from engine.drivers.signals import heard
from engine.errors import EndpointStop, Fault, LimitReached
from engine.journal import Entry, Journal
from engine.lease import Worker
from engine.patience import Patience
from engine.planner import Planner
from engine.prices import Price, shipped_prices
from engine.purse import Purse
from engine.replay import Ask, Dialogue, Ending, Passed
from engine.run import Run
from engine.sharing import LOOK_S, Share

BEAT_S = 10.0
"""A worker shows that it lives at each commit, at the latest after so long; well below `engine.lease.STALE_AFTER_S`."""


class OnlineOptions(BaseModel):
    """How the online driver works. No row depends on any of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    concurrency: int = Field(256, ge=1, description="calls in flight at most, and conversations at work")
    commit_replies: int = Field(256, ge=1, description="replies that wait for a group commit at most")
    commit_delay_s: float = Field(0.2, gt=0, description="seconds that a reply waits for a commit at most")
    shard_size: int = Field(2_000, ge=1, description="indices to send that a shard holds at most")
    give_up: bool = Field(False, description="reject (`transport`) what stays open after the last retry")
    stop_after_failures: int = Field(
        64, ge=1, description="conversations in a row that the endpoint fails before the run stops"
    )
    offline: bool = Field(False, description="the senders send nothing: no limit is kept, no failure stops the run")
    patience: int = Field(1_000, ge=1, description="conversations in a row that give no row before the run stops")


@dataclass
class Online:
    """One process's work on one run. Use `drive`."""

    run: Run
    senders: Mapping[str, Sender]
    options: OnlineOptions
    share: Share
    purse: Purse
    reuse: Reuse | None = None
    on_progress: Callable[[Planner], None] = lambda _: None
    on_wait: Callable[[Mapping[int, str]], None] = lambda _: None
    _interrupted: bool = False
    _failure: BaseException | None = None
    _failures: int = 0
    _last_fault: Fault | None = None
    _halt: asyncio.Event = field(default_factory=asyncio.Event)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _in_flight: int = 0
    _unasked: int = 0
    """Conversations that ended on replies known before."""
    _last_progress: float = 0.0
    _beaten: float = 0.0

    def __post_init__(self) -> None:
        options = self.options
        self._journal = Journal(
            self.run.shards, options.commit_replies, options.commit_delay_s, self._show_life, self._fail
        )
        self._shards = Shards(
            self.run, self.share, self._journal, options.give_up, on_change=self._changed.set, on_failure=self._fail
        )
        self._slots = asyncio.Semaphore(options.concurrency)
        self._at_risk = options.concurrency + options.commit_replies
        self.planner = self.share.planner
        self._patience = Patience(self.run.name, options.patience)

    def _show_life(self) -> None:
        self._beaten = time.monotonic()
        self._shards.show_life()

    # ---- conversations, one after another

    async def _feed(self) -> None:
        """Begin as many conversations as may be at work; each is followed by another. Return when all is done."""
        while not self._halt.is_set():
            work = self._shards.next() if len(self._tasks) < self.options.concurrency else None
            if work is not None:
                task = asyncio.create_task(self._work(work))
                self._tasks.add(task)
                task.add_done_callback(self._done)
                if len(self._tasks) % 64 == 0:
                    await asyncio.sleep(0)
            elif not self._shards and not self.share.others:
                return
            else:
                if not self._tasks and self.share.others:
                    self.on_wait(self.share.others)
                self._changed.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_S):  # wait_for of Python 3.11 may swallow a cancellation
                        await self._changed.wait()

    async def _work(self, work: tuple[OpenShard, Dialogue] | None) -> None:
        """One conversation after another, while the shard at work has any left: a task for each would cost more."""
        try:
            while work is not None:
                shard, talk = work
                step = talk.advance()
                if isinstance(step, list):
                    await self._converse(shard, talk, step)
                else:
                    self._end(shard, talk, step)
                    self._unasked += 1
                    if self._unasked % 64 == 0:
                        await asyncio.sleep(0)
                work = None if self._halt.is_set() else self._shards.more()
        except Exception as error:  # noqa: BLE001 - raised by work; told at once, so that no other task sends first
            self._fail(error)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._fail(error)
        self._changed.set()

    # ---- one conversation

    async def _converse(self, shard: OpenShard, talk: Dialogue, asks: list[Ask]) -> None:
        step: Ending | list[Ask] = asks
        try:
            while isinstance(step, list):
                if len(step) == 1:
                    await self._ask(shard, talk, step[0])
                else:
                    await self._ask_all(shard, talk, step)
                step = talk.advance()
        except Halted:
            if shard.lost:
                self._shards.end(shard, talk.index, passed=None)
            return
        except Fault as fault:
            self._lose(shard, talk, fault)
            return
        except (EndpointStop, LimitReached) as stop:
            self._fail(stop)
            return
        self._failures = 0
        self._end(shard, talk, step)
        reason = None if isinstance(step, Passed) else step.reason
        if (enough := self._patience.after(reason, self.purse.budget)) is not None:
            self._fail(enough)

    async def _ask_all(self, shard: OpenShard, talk: Dialogue, asks: list[Ask]) -> None:
        """Ask a tuple at once. Every reply that comes is kept, even where another call fails."""
        results = await asyncio.gather(*(self._ask(shard, talk, ask) for ask in asks), return_exceptions=True)
        errors = [result for result in results if isinstance(result, BaseException)]
        # What stops the run outranks what can be retried.
        for kind in (EndpointStop, LimitReached, Halted, Fault, BaseException):
            for error in errors:
                if isinstance(error, kind):
                    raise error

    async def _ask(self, shard: OpenShard, talk: Dialogue, ask: Ask) -> None:
        entry = self.reuse.find(talk.index, ask) if self.reuse is not None else None
        if entry is None:
            sender = self.senders[ask.call.role]
            async with self._slots:
                with await self.purse.reserve(ask.call, self._sleep) as hold:
                    # The promise of what a kill -9 can cost: what is in flight and one group commit, never more.
                    while self._in_flight + self._journal.uncommitted >= self._at_risk and not self._halt.is_set():
                        await self._journal.written()
                    self._make_sure_of(shard)
                    self._in_flight += 1
                    try:
                        reply = hold.settle(await sender.send(ask.call, ask.key, self._sleep))
                    finally:
                        self._in_flight -= 1
            entry = Entry(talk.index, ask.path, ask.key, reply, time.time_ns() // 1_000_000, sender.price)
        self._journal.add(shard.number, entry)
        if shard.lost:
            raise Halted
        talk.replies[ask.path] = entry

    def _make_sure_of(self, shard: OpenShard) -> None:
        """Raise Halted where nothing is to be sent for the shard any more."""
        if time.monotonic() - self._beaten > 2 * BEAT_S:  # this process slept: are its shards still its own?
            self._show_life()
        if self._halt.is_set() or shard.lost:
            raise Halted

    async def _sleep(self, delay_s: float) -> None:
        """Wait before another attempt; a call that only waits is not in flight, so a halt ends it."""
        if delay_s > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(delay_s):
                    await self._halt.wait()
        if self._halt.is_set():
            raise Halted

    # ---- how it ends

    def _end(self, shard: OpenShard, talk: Dialogue, ending: Ending) -> None:
        self._shards.end(shard, talk.index, passed=isinstance(ending, Passed))
        if (now := time.monotonic()) - self._last_progress > 0.1:
            self._last_progress = now
            self.on_progress(self.planner)

    def _lose(self, shard: OpenShard, talk: Dialogue, fault: Fault) -> None:
        """The last attempt failed: the index stays open, or is given up."""
        self._failures += 1
        self._last_fault = fault
        if self._failures >= self.options.stop_after_failures and not self.options.offline:
            self._halt.set()
        if (enough := self._patience.watch("failed by the endpoint", self.purse.budget)) is not None:
            self._fail(enough)
        self._shards.end(shard, talk.index, passed=False if self.options.give_up else None)

    def _fail(self, error: BaseException) -> None:
        self._failure = self._failure or error
        self._halt.set()
        self._changed.set()

    def _on_signal(self) -> None:
        if self._interrupted:
            self._leave()
        self._interrupted = True
        self._halt.set()
        self._changed.set()

    def _leave(self) -> None:
        """Wait for nothing that is in flight, and for no shard that could be sealed."""
        self._shards.leave()
        self._halt.set()
        for task in self._tasks:
            task.cancel()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            self._show_life()
            self.purse.look()

    async def _converse_all(self) -> None:
        try:
            await self._feed()
        except Exception as error:  # noqa: BLE001 - raised by work, after what is in flight has been kept
            self._fail(error)
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def work(self) -> Outcome:
        """Work until the target is met, nothing is left, or something stops it. Everything is durable on return.

        Raises what stopped the run. Cancelled, it leaves as at the second Ctrl-C.
        """
        sealer, beat = asyncio.create_task(self._shards.hand_in()), asyncio.create_task(self._beat())
        beat.add_done_callback(lambda task: None if task.cancelled() else self._done(task))
        with heard(self._on_signal):
            try:
                await self._converse_all()
            except asyncio.CancelledError:
                self._leave()
                await asyncio.gather(*self._tasks, return_exceptions=True)
                raise
            finally:
                beat.cancel()
                try:
                    await self._journal.commit()
                except Exception as error:  # noqa: BLE001 - raised below, after the files are closed
                    self._fail(error)
                self._shards.close()
                await sealer
                self._journal.close()
        self.on_progress(self.planner)
        if self._failure is not None:
            raise self._failure
        return Outcome(interrupted=self._interrupted, fault=self._last_fault)


async def drive(
    run: Run,
    senders: Mapping[str, Sender],
    options: OnlineOptions | None = None,
    *,
    prices: Mapping[str, Price] | None = None,
    reuse: Reuse | None = None,
    on_progress: Callable[[Planner], None] = lambda _: None,
    on_wait: Callable[[Mapping[int, str]], None] = lambda _: None,
) -> Outcome:
    """Work on a run until it is complete, exhausted, incomplete or interrupted; `read_books` then says which.

    Other processes, here or on other machines, may work on it at the same time: each takes the shards that are free.
    `on_wait` is told who holds what is left, by shard, while this one has nothing to do. `prices` by id, by default the
    shipped ones, are what the run's limits are kept by.

    Raises LimitReached at a limit of the run, EndpointStop where the endpoint says that going on is pointless,
    StorageError where the disk refuses, NotDeterministic where the recipe is not. Whatever is raised, every reply that
    arrived before is in the journal, at most one group commit excepted.
    """
    options = options or OnlineOptions()
    paid = {role: sender.price for role, sender in senders.items()}
    with ExitStack() as stack:
        stack.enter_context(rare_collections())
        worker = Worker.join(run.folder / "lease")
        stack.callback(worker.leave)
        share = Share(run, worker, options.shard_size)
        stack.callback(share.leave)
        purse = Purse.join(run, worker, paid, shipped_prices() if prices is None else prices, kept=not options.offline)
        stack.callback(purse.close)
        return await Online(run, senders, options, share, purse, reuse, on_progress, on_wait).work()
