"""The Ray driver: a crew of workers on the machines of a Ray cluster. Needs the extra `ray`, and imports it only here.

Each worker is what `skillweave resume` is on one machine: it opens the run's folder and the models by itself, with the
keys of its own environment, and takes the shards that are free. So nothing that decides a row is Ray's: this driver
hires workers, replaces those that die, sends some away when fewer shards are left, and divides the endpoints' limits.
Whatever becomes of the cluster, what is in the folder stands, and a plain `skillweave resume` goes on with it.

Machines that join the cluster get workers while there are more shards than workers; `--workers min:max` bounds them.
"""

from __future__ import annotations

import asyncio
import math
import os
import secrets
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from engine.drivers.contract import Outcome
from engine.drivers.following import Divider, Follower, Part
from engine.drivers.signals import heard, interrupt
from engine.errors import Fault, InputError, RunError, SkillweaveError
from engine.places import place_of
from engine.run import Run
from engine.shard import REPEAT, seals_of, shards_of

LOOK_S = 1.0
"""How often the crew is looked after."""
_DEAF_S = 15.0
"""A worker that was sent away and has not heard of it for so long waits for a place in the cluster, or hangs."""
_SHARD_SIZE = 2_000
Job = Callable[[Follower], Outcome]
"""What a worker does, on whatever machine: can be pickled, opens all it needs, keeps its endpoints to the follower."""


class RayOptions(BaseModel):
    """How a crew is kept. No row depends on any of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    address: str | None = Field(None, description="the cluster, as host:port or `auto`; None: this machine alone")
    least: int = Field(1, ge=1, description="workers at least, while shards are left")
    most: int = Field(8, ge=1, description="workers at most")
    cpus: float = Field(0.5, gt=0, description="processors that the cluster sets aside for a worker")

    @model_validator(mode="after")
    def _in_order(self) -> RayOptions:
        if self.least > self.most:
            raise ValueError(f"--workers {self.least}:{self.most}: the first number is the lesser one")
        return self


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a worker's work."""

    host: str
    outcome: Outcome | None = None
    error: SkillweaveError | None = None


class CrewWorker:
    """The actor: one worker on one machine."""

    async def work(self, job: Job, divider: Any, most: int) -> Report:
        """Do the job to its end."""
        token, host = secrets.token_hex(6), socket.gethostname()

        async def renew(pauses: Mapping[str, float], busy: bool) -> Mapping[str, Part]:
            parts: Mapping[str, Part] = await asyncio.wrap_future(
                divider.renew.remote(token, pauses, busy=busy).future()
            )
            return parts

        try:
            return Report(host, outcome=await asyncio.to_thread(job, Follower(renew, most)))
        except SkillweaveError as error:
            return Report(host, error=error)

    async def stop(self) -> None:
        """Send nothing new, wait for what is in flight, and end. Returns when the worker has heard it."""
        while not interrupt():  # noqa: ASYNC110 - nothing tells when somebody begins to listen
            await asyncio.sleep(0.1)


def shards_left(run: Run, shard_size: int = _SHARD_SIZE) -> int:
    """Shards that somebody could work on: those that are open, and about as many as are still to be drawn."""
    shards, seals, target = shards_of(run.shards), seals_of(run.shards), run.target()
    drawn = max((shard.stop for shard in shards), default=0)
    last_passed = max((seal.last_passed or -1 for seal in seals.values()), default=-1)
    open_ = [shard for shard in shards if shard.number not in seals]
    if target.exhausted(run.items.size, drawn, last_passed):
        return len(open_)
    limit = target.limit(run.items.size)
    more = math.inf if limit is None else limit - drawn
    if target.count is not None:
        promised = sum(shard.stop - shard.start for shard in open_)
        more = min(more, max(0, target.count - sum(seal.passed for seal in seals.values()) - promised))
    return len(open_) + (1 if more == math.inf else math.ceil(more / shard_size))


@dataclass
class _Crew:
    run: Run
    job: Job
    options: RayOptions
    on_progress: Callable[[int, int, int], None]
    ray: Any
    shard_size: int
    _at_work: dict[Any, Any] = field(default_factory=dict)
    """The actor by the reference of its report, in the order they were hired."""
    _leaving: dict[Any, tuple[Any, float]] = field(default_factory=dict)
    """By the same: what tells that it heard of it, and when it was told."""
    _died: int = 0
    """Since a shard was sealed last."""
    _sealed: int = -1
    _fault: Fault | None = None
    _error: SkillweaveError | None = None
    _interrupts: int = 0

    def __post_init__(self) -> None:
        remote = self.ray.remote
        self._divider = remote(num_cpus=0, max_restarts=-1)(Divider).remote()
        self._hired = remote(num_cpus=self.options.cpus, max_restarts=0)(CrewWorker)

    async def work(self) -> Outcome:
        """Keep the crew until nothing is left, or something stops it."""
        with heard(self._on_signal):
            while True:
                self._collect()
                left = await asyncio.to_thread(self._look)
                halting = bool(self._error or self._interrupts or self._fault)
                wanted = 0 if halting or not left else min(self.options.most, max(self.options.least, left))
                if not self._at_work and not wanted:
                    break
                while len(self._at_work) < wanted:
                    self._hire()
                if self._error or self._interrupts:
                    self._dismiss(len(self._at_work))
                elif not halting:
                    self._dismiss(len(self._at_work) - len(self._leaving) - max(wanted, 1))
                await asyncio.sleep(LOOK_S)
        if self._error is not None:
            raise self._error
        return Outcome(interrupted=bool(self._interrupts), fault=self._fault)

    def _look(self) -> int:
        place_of(self.run.folder).look()
        seals = seals_of(self.run.shards).values()
        if len(seals) != self._sealed:
            self._sealed, self._died = len(seals), 0
        refused = sum(sum(seal.rejected.values()) - seal.rejected.get(REPEAT, 0) for seal in seals)
        self.on_progress(sum(seal.passed for seal in seals), refused, len(self._at_work))
        return shards_left(self.run, self.shard_size)

    def _hire(self) -> None:
        actor = self._hired.remote()
        self._at_work[actor.work.remote(self.job, self._divider, self.options.most)] = actor

    def _dismiss(self, number: int) -> None:
        """Send the last so many away; what is in flight they finish."""
        for reference, actor in list(self._at_work.items())[::-1]:
            if number > 0 and reference not in self._leaving:
                self._leaving[reference] = (actor.stop.remote(), time.monotonic())
                number -= 1

    def _collect(self) -> None:
        """Hear of those that ended; end those that were sent away and never came to work."""
        if not self._at_work:
            return
        for reference, (heard_it, since) in list(self._leaving.items()):
            if time.monotonic() - since > _DEAF_S and not self.ray.wait([heard_it], timeout=0)[0]:
                self.ray.kill(self._at_work.pop(reference))
                del self._leaving[reference]
        at_work = list(self._at_work)
        ended, _ = self.ray.wait(at_work, num_returns=len(at_work), timeout=0) if at_work else ([], [])
        for reference in ended:
            actor = self._at_work.pop(reference)
            self._leaving.pop(reference, None)
            try:
                self._hear(self.ray.get(reference))
            except self.ray.exceptions.RayActorError as error:
                self._bury(actor, error)
            except self.ray.exceptions.RayError as error:
                self._error = self._error or RunError(f"a worker of run {self.run.name} failed: {error}")
            else:
                self.ray.kill(actor)

    def _hear(self, report: Report) -> None:
        if report.error is not None:
            error = report.error
            error.args = (f"worker on {report.host}: {error}",)
            self._error = self._error or error
        elif report.outcome is not None:
            self._fault = self._fault or report.outcome.fault

    def _bury(self, actor: Any, error: Exception) -> None:
        """A worker died, with its process or machine; it may only be out of reach, and is then ended for good."""
        self.ray.kill(actor)
        self._died += 1
        if self._died > 2 * self.options.most + 4:
            self._error = self._error or RunError(
                f"{self._died} workers of run {self.run.name} died, and no shard was sealed meanwhile: "
                f"{str(error).splitlines()[0]}. What is journaled is kept. See the cluster's logs, and go on with: "
                f"skillweave resume {self.run.name}"
            )

    def _on_signal(self) -> None:
        self._interrupts += 1
        if self._interrupts > 1:
            for actor in self._at_work.values():
                self.ray.kill(actor)


def _connect(options: RayOptions) -> Any:
    """The `ray` module, connected. Raises InputError where there is none, or no cluster at the address."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        ray = import_module("ray")
    except ImportError:
        raise InputError("--driver ray wants an extra: pip install 'skillweave[ray]'") from None
    host, colon, port = (options.address or "").rpartition(":")
    if colon and "/" not in host and port.isdigit():
        try:
            socket.create_connection((host, int(port)), timeout=10).close()
        except OSError as error:
            raise InputError(
                f"there is no Ray cluster at {options.address} ({error}); start one there: ray start --head"
            ) from None
    try:
        ray.init(address=options.address, namespace="skillweave", log_to_driver=False, logging_level="error")
    except (ConnectionError, RuntimeError) as error:
        raise InputError(f"the Ray cluster at {options.address} cannot be joined: {error}") from None
    return ray


async def drive_on_ray(
    run: Run,
    job: Job,
    options: RayOptions | None = None,
    *,
    shard_size: int = _SHARD_SIZE,
    on_progress: Callable[[int, int, int], None] = lambda *_: None,
) -> Outcome:
    """Work on a run with a crew until it is complete, exhausted, incomplete or interrupted.

    `on_progress` is told rows, refusals and workers. `shard_size` is what the job draws, for the size of the crew. The
    first Ctrl-C lets every worker finish what is in flight, the second ends them.

    Raises what stopped a worker, with its machine's name; InputError where there is no such cluster; RunError where
    workers die again and again.
    """
    options = options or RayOptions()
    ray = _connect(options)
    try:
        return await _Crew(run, job, options, on_progress, ray, shard_size).work()
    finally:
        ray.shutdown()
