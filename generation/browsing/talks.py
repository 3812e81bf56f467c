"""The conversations about a question, turn by turn, and what each call cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pyarrow.compute as pc

from engine.call import Usage
from engine.prices import Price, cost, price_by_id
from engine.rows import calls_of
from generation.browsing.opened import OpenedRun
from generation.resolving import resolve_runs_of
from generation.tagging import tag_runs_of

Purpose = Literal["written", "solved again", "tagged"]


@dataclass(frozen=True, slots=True)
class Turn:
    """One call and its reply."""

    path: str
    """Its place in the conversation: `0`, or `0.2` for the third of calls that were sent at once."""
    role: str
    model: str
    sample: int
    """Which sample of the same call: a vote, or one that was asked for again."""
    used: bool
    """False for a reply that was paid in vain."""
    messages: Sequence[Mapping[str, str]]
    """Role and content; empty for a reply that was not used."""
    reasoning: str
    text: str
    finish: str
    error: str
    attempt: int
    usage: Usage
    price: str
    usd: float | None
    """US dollars; None where its price is not known, 0 where it was taken from another run."""
    origin: str
    """Whence it was taken, where it was paid elsewhere."""


@dataclass(frozen=True, slots=True)
class Talk:
    """One conversation."""

    purpose: Purpose
    run: str
    index: int
    turns: tuple[Turn, ...]

    @property
    def usage(self) -> Usage:
        """Tokens of what was paid here."""
        paid = [turn.usage for turn in self.turns if not turn.origin]
        return Usage(*(sum(amounts) for amounts in zip(*paid, strict=True))) if paid else Usage(0, 0)

    @property
    def usd(self) -> float | None:
        """US dollars; None where a price is not known."""
        amounts = [turn.usd for turn in self.turns]
        return None if None in amounts else sum(amount for amount in amounts if amount is not None)


def talks_of(run: OpenedRun, row: Mapping[str, Any], prices: Mapping[str, Price]) -> list[Talk]:
    """All that was said about a row: how it was written, then where it was solved again and tagged; `prices` by id.

    What is not sealed yet is left out.
    """
    found = [_talk("written", run.folder, row["index"], prices)]
    if (place := _place(run, row)) is not None:
        found += [_talk("solved again", folder, place, prices) for folder in resolve_runs_of(run.folder)]
        found += [_talk("tagged", folder, place, prices) for folder in tag_runs_of(run.folder)]
    return [talk for talk in found if talk.turns]


def _place(run: OpenedRun, row: Mapping[str, Any]) -> int | None:
    """Which of the accepted rows it is: its index in the runs that work on them; None for a rejected one."""
    if row.get("question") is None:
        return None
    before = 0
    for part in run.accepted:
        if part.seal.start <= row["index"] < part.seal.stop:
            indices = run.read(part.seal, "rows", ["index"])["index"]
            return before + int(pc.index(indices, row["index"]).as_py())
        before += part.rows
    return None


def _talk(purpose: Purpose, folder: Path, index: int, prices: Mapping[str, Price]) -> Talk:
    table = calls_of(folder, index)
    calls = table.to_pylist() if table is not None else []
    return Talk(purpose, folder.name, index, tuple(_turn(call, prices) for call in calls))


def _turn(call: Mapping[str, Any], prices: Mapping[str, Price]) -> Turn:
    usage = Usage(
        call["prompt_tokens"], call["completion_tokens"], call["cached_tokens"], call["reasoning_tokens"],
        call.get("estimated_tokens") or 0,
    )  # fmt: skip
    taken = call.get("origin") or ""
    return Turn(
        path=call["path"],
        role=call["role"],
        model=call["model"],
        sample=call["sample"],
        used=call["used"],
        messages=call["messages"] or (),
        reasoning=call["reasoning"] or "",
        text=call["text"] or "",
        finish=call["finish"],
        error=call["error"] or "",
        attempt=call["attempt"],
        usage=usage,
        price=call["price"] or "",
        usd=0.0 if taken else cost(usage, price_by_id(prices, call["price"] or "")),
        origin=taken,
    )
