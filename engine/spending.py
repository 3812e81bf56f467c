"""What a run has spent, in one value: for `skillweave runs`, the dataset card and the app."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.books import read_spent
from engine.budget import Budget
from engine.ledger import Ledger
from engine.prices import Price, cost_of
from engine.run import read_target
from engine.shard import Spent


@dataclass(frozen=True, slots=True)
class Spending:
    """Calls and tokens over all models, and what they cost."""

    calls: int
    prompt: int
    completion: int
    cached: int
    """Prompt tokens that the provider served from its cache."""
    reasoning: int
    estimated: int
    """Tokens that no endpoint counted."""
    usd: float | None
    """None where a price is not known."""
    adrift_usd: float = 0.0
    """Granted, and in no book: in flight, or of calls of workers that were killed, which may be billed."""
    budget: Budget = field(default_factory=Budget)

    @property
    def tokens(self) -> int:
        """Prompt and completion tokens."""
        return self.prompt + self.completion

    @property
    def cached_share(self) -> float:
        """The share of the prompt tokens that came from the provider's cache."""
        return self.cached / self.prompt if self.prompt else 0.0

    def told(self) -> str:
        """All of it in one line."""
        cost = "unknown" if self.usd is None else f"${self.usd:,.4f}"
        parts = [f"{self.calls:,} calls, {self.tokens:,} tokens, cost {cost}"]
        if self.cached:
            parts.append(f"{self.cached_share:.0%} of the prompt tokens from the provider's cache")
        if self.estimated:
            parts.append(f"{self.estimated:,} tokens estimated, because the endpoint does not count")
        if self.adrift_usd > 1e-4:
            parts.append(f"up to ${self.adrift_usd:,.4f} in flight, or of killed workers' calls that may be billed")
        if limits := self.budget.model_dump(exclude_none=True, exclude={"error_window"}):
            parts.append("limits " + ", ".join(f"--{name.replace('_', '-')} {n:g}" for name, n in limits.items()))
        return "; ".join(parts)


def total_spending(spent: Iterable[Spent], prices: Mapping[str, Price]) -> Spending:
    """The parts together; `prices` by id."""
    parts = list(spent)
    names = ("calls", "prompt", "completion", "cached", "reasoning", "estimated")
    counts = {name: sum(getattr(part, name) for part in parts) for name in names}
    return Spending(**counts, usd=cost_of(parts, prices))


def read_spending(folder: Path, prices: Mapping[str, Price]) -> Spending:
    """What the run in `folder` has spent, and its limits. Takes no lease, so it can watch a run at work."""
    total = total_spending(read_spent(folder), prices)
    budget = read_target(folder).budget
    adrift = 0.0
    if budget.max_usd is not None and total.usd is not None:
        adrift = max(0.0, Ledger(folder / "purse").read().taken().usd - total.usd)
    return dataclasses.replace(total, adrift_usd=adrift, budget=budget)
