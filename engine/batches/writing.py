"""What a shard asks now: its conversations replayed as far as their replies go, each open call as a line of a wave."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from engine.batches.api import CHAT
from engine.batches.replies import custom_id, request_line
from engine.call import Call
from engine.drivers.contract import Reuse
from engine.journal import Entry
from engine.replay import Ask, Dialogue, remember_shard
from engine.run import Run
from engine.sealing import replay_shard
from engine.sharing import Claim
from engine.transports.wire import Dialect

Dialects = Callable[[str], Dialect]
"""The dialect of the endpoint that `served_by` names."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What one shard asks."""

    lines: list[tuple[str, Call, bytes]]
    """(the model, as `wave_name` says it; the call; its line), in index order."""
    found: list[Entry]
    """What an earlier run had answered; to be journaled before the lines are sent."""


def wave_name(served_by: str, model: str) -> str:
    """Calls of one name may share a wave: a batch asks one model."""
    return f"{served_by}\n{model}"


def open_asks(run: Run, claim: Claim, dialects: Dialects, reuse: Reuse | None) -> Asked:
    """Replay a shard; its open calls as lines, without those that the earlier run of `reuse` answers."""
    asked = Asked([], [])
    for talk, step in _waiting(run, claim):
        asks = step if reuse is None else _reused(talk, step, reuse, asked.found)
        for ask in asks:
            model = run.spec.models[ask.call.role]
            body = dialects(model.served_by).body(ask.call, model, ask.key)
            line = request_line(talk.index, ask, body, CHAT)
            asked.lines.append((wave_name(model.served_by, model.model), ask.call, line))
    return asked


def _reused(talk: Dialogue, step: list[Ask], reuse: Reuse, found: list[Entry]) -> list[Ask]:
    """What is still open after the conversation went on with the earlier run's replies."""
    while True:
        known = {ask.path: entry for ask in step if (entry := reuse.find(talk.index, ask)) is not None}
        found += known.values()
        talk.replies.update(known)
        if missing := [ask for ask in step if ask.path not in known]:
            return missing
        following = talk.advance()
        if not isinstance(following, list):
            return []
        step = following


def _waiting(run: Run, claim: Claim) -> Iterator[tuple[Dialogue, list[Ask]]]:
    memory = remember_shard(run.shards, claim.shard.number, claim.memory.chain, claim.lease.generation)
    for _, talk, step in replay_shard(run, claim.sendable, memory.replies):
        if isinstance(step, list):
            yield talk, step


def expected(run: Run, claim: Claim) -> tuple[Mapping[str, tuple[int, Ask]], frozenset[str]]:
    """By custom id: the calls of a shard that are open, and the names of those that have their reply."""
    memory = remember_shard(run.shards, claim.shard.number, claim.memory.chain, claim.lease.generation)
    asks: dict[str, tuple[int, Ask]] = {}
    for _, talk, step in replay_shard(run, claim.sendable, memory.replies):
        if isinstance(step, list):
            asks.update((custom_id(talk.index, ask), (talk.index, ask)) for ask in step)
    known = frozenset(f"{index}:{path}" for index, replies in memory.replies.items() for path in replies)
    return asks, known
