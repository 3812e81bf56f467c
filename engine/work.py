"""Work on a run with one of the drivers, from plain code: progress on stderr, the books on return."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Literal, Protocol

from engine.batches.options import BatchOptions
from engine.batches.waves import shards_in_flight
from engine.books import Books, read_books
from engine.call import ModelRef
from engine.drivers.contract import Outcome, Reuse
from engine.drivers.following import Follower, followed
from engine.drivers.online import OnlineOptions, drive
from engine.errors import ExitCode, InputError
from engine.models import Endpoint, resolve
from engine.offline import missing, unsent_of
from engine.places import place_of
from engine.planner import Planner
from engine.prices import Price
from engine.progress import meter
from engine.reports import Reporter, how_it_ended, reported
from engine.run import Run
from engine.sender import open_senders
from engine.stopping import obeyed
from engine.transports.retry import RetryPolicy
from engine.workspace import Workspace

Driver = Literal["online", "batch", "ray"]


class Models(Protocol):
    """How commands come by models: given to them by the command line, which alone may start a server for one."""

    def ref(self, model: str, workspace: Workspace) -> ModelRef:
        """What run.json holds for `--model MODEL`. Raises InputError for a name that leads nowhere."""

    def open(self, models: Iterable[ModelRef], workspace: Workspace) -> AbstractContextManager[dict[str, Endpoint]]:
        """The endpoints of these models, by `served_by`, for as long as the block runs."""


def open_endpoints(
    models: Models, refs: Iterable[ModelRef], workspace: Workspace, *, offline: bool = False
) -> AbstractContextManager[dict[str, Endpoint]]:
    """The endpoints of these models, as `Models.open`; `offline` only described: no server started, no key needed."""
    if not offline:
        return models.open(refs, workspace)
    names = {ref.served_by: ref.served_by.removeprefix("env:") for ref in refs}
    return nullcontext({served_by: resolve(name, workspace, keyless=True) for served_by, name in names.items()})


@dataclass(frozen=True, slots=True)
class Worked:
    """How far a run has come, and how the work on it ended."""

    books: Books
    outcome: Outcome

    @property
    def exit_code(self) -> ExitCode:
        """What a command ends with."""
        if self.outcome.interrupted:
            return ExitCode.INTERRUPTED
        codes = {"complete": ExitCode.COMPLETE, "exhausted": ExitCode.EXHAUSTED}
        return codes.get(self.books.state, ExitCode.INCOMPLETE)


def work_on(
    run: Run,
    endpoints: Mapping[str, Endpoint],
    *,
    label: str,
    give_up: bool = False,
    patience: int = 1_000,
    reuse: Reuse | None = None,
    policy: RetryPolicy | None = None,
    prices: Mapping[str, Price] | None = None,
    offline: bool = False,
    quiet: bool = False,
    driver: Driver | None = None,
    batches: BatchOptions | None = None,
    follower: Follower | None = None,
) -> Worked:
    """Work on a run until it is complete, exhausted, incomplete or interrupted. `endpoints` by `served_by`.

    A worker of a crew keeps its endpoints to what its `follower` says, and leaves the whole run to whoever reads it.
    Without a `driver` it is `batch` where batches of the run are in flight, else `online`. `prices` by id, by default
    the shipped ones, are what the run's limits are kept by. Raises what `engine.drivers.online.drive` raises; where
    nothing is sent (`offline`), LimitReached with what is missing.
    """
    if offline and give_up:
        raise InputError("--offline asks nothing, so --give-up would reject what nobody refused; leave one of them out")
    total = run.target().count or run.items.size
    concurrency = sum(endpoints[name].in_flight for name in {m.served_by for m in run.spec.models.values()})
    with meter(label, total, quiet=quiet) as progress:
        done = 0

        def on_progress(planner: Planner, waves: str = "") -> None:
            nonlocal done
            done = planner.passed if run.target().count else planner.passed + planner.refused
            rejected = f"{planner.refused:,} rejected" if planner.refused else ""
            progress.update(min(done, total or done), note=", ".join(filter(None, (rejected, waves))))

        def on_wait(held: Mapping[int, str]) -> None:
            who = "; ".join(sorted(set(held.values())))
            shards = "1 shard" if len(held) == 1 else f"{len(held):,} shards"
            progress.update(min(done, total or done), note=f"waiting for {shards} of {who}")

        async def go() -> Outcome:
            async with obeyed(run.folder), reported(run.folder) as reporter:
                outcome = await by_driver(reporter)
                reporter.write(*how_it_ended(outcome))
                return outcome

        async def by_driver(reporter: Reporter) -> Outcome:
            if not offline and (driver or ("batch" if shards_in_flight(run.folder) else "online")) == "batch":
                from engine.drivers.batch import drive_batches  # aiohttp's uploads: only where they are used

                how = (batches or BatchOptions()).model_copy(update={"give_up": give_up, "patience": patience})
                return await drive_batches(
                    run, endpoints, how, prices=prices, reuse=reuse, on_progress=on_progress, on_wait=on_wait
                )
            options = OnlineOptions(concurrency=concurrency, give_up=give_up, patience=patience, offline=offline)
            opened = nullcontext(unsent) if offline else open_senders(run.spec.models, endpoints, policy)
            async with opened as senders, followed(follower, senders):
                reporter.watch(senders.values())
                return await drive(
                    run, senders, options, prices=prices, reuse=reuse, on_progress=on_progress, on_wait=on_wait
                )

        unsent = unsent_of(run, {role: endpoints[model.served_by].price for role, model in run.spec.models.items()})
        outcome = asyncio.run(go())
    if follower is None:
        place_of(run.folder).fetch()
    if (lacking := missing(run, unsent.values())) is not None:
        raise lacking
    return Worked(read_books(run.folder), outcome)
