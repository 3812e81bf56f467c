"""What a run may take: money, tokens, hours of work, and conversations that give no row. It stands in target.json.

No row depends on it, so it may change at any time: by the options of `generate`, `resume`, `extend`, `tag` and `graph
build`; workers at work go by the new limits within seconds.
"""

from __future__ import annotations

from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field


class Budget(BaseModel):
    """The limits of a run, over all its workers and all its days; None: no limit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_usd: float | None = Field(None, ge=0, allow_inf_nan=False, description="US dollars that it may cost in all")
    max_tokens: int | None = Field(None, ge=0, description="prompt and completion tokens that it may take in all")
    max_hours: float | None = Field(
        None, ge=0, allow_inf_nan=False, description="hours of work, summed over its workers"
    )
    max_error_rate: float | None = Field(
        None, ge=0, le=1, description="share of the last `error_window` conversations that may give no row"
    )
    error_window: int = Field(200, ge=10, description="conversations of one worker that the share is taken over")

    @property
    def bounded(self) -> bool:
        """Whether money, tokens or hours are limited: what workers share."""
        return any(limit is not None for limit in (self.max_usd, self.max_tokens, self.max_hours))


class Amount(NamedTuple):
    """Money and tokens."""

    usd: float = 0.0
    tokens: int = 0

    def plus(self, other: Amount) -> Amount:
        """Both together."""
        return Amount(self.usd + other.usd, self.tokens + other.tokens)

    def minus(self, other: Amount) -> Amount:
        """What is left of it without the other; may be below nothing."""
        return Amount(self.usd - other.usd, self.tokens - other.tokens)

    def half(self) -> Amount:
        """Half of it."""
        return Amount(self.usd / 2, self.tokens // 2)

    def covers(self, other: Amount) -> bool:
        """Whether the other is no more in money nor in tokens, a billionth of a dollar aside."""
        return self.usd + 1e-9 >= other.usd and self.tokens >= other.tokens

    def at_most(self, other: Amount) -> Amount:
        """The lesser money and the lesser tokens of both."""
        return Amount(min(self.usd, other.usd), min(self.tokens, other.tokens))

    def at_least(self, other: Amount) -> Amount:
        """The greater money and the greater tokens of both."""
        return Amount(max(self.usd, other.usd), max(self.tokens, other.tokens))


NOTHING = Amount()
_LIMITLESS = Amount(1e15, 1 << 60)


def limit_of(budget: Budget) -> Amount:
    """The money and tokens that a budget allows; more than the world has where it does not say."""
    usd = _LIMITLESS.usd if budget.max_usd is None else budget.max_usd
    return Amount(usd, _LIMITLESS.tokens if budget.max_tokens is None else budget.max_tokens)
