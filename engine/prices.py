"""What a call costs. Prices change: each carries the date it was looked up, and skillweave.toml overrides them.

[prices.my-model]
prompt = 0.25          # US dollars per million tokens
cached = 0.025
completion = 2.0
as_of = 2026-11-21
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from functools import cache

import orjson
from pydantic import BaseModel, ConfigDict, Field

from engine.call import ModelRef, Usage
from engine.shard import Spent
from engine.workspace import data_path

_BATCH = "@batch"


class Price(BaseModel):
    """A model's price, in US dollars per million tokens. Check it before you rely on it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    prompt: float = Field(ge=0, description="US dollars per million prompt tokens that were not cached")
    cached: float | None = Field(
        None, ge=0, description="US dollars per million cached prompt tokens; None: as `prompt`"
    )
    completion: float = Field(ge=0, description="US dollars per million completion tokens, reasoning included")
    batch: float | None = Field(None, ge=0, le=1, description="share of these prices that a batch pays; None: unknown")
    as_of: dt.date = Field(description="the day the price was looked up")

    def in_batch(self) -> Price:
        """The price of the same model through a batch, under the id `<id>@batch`; the full one where it is unknown."""
        share = 1.0 if self.batch is None else self.batch
        return self.model_copy(
            update={
                "id": f"{self.id}{_BATCH}",
                "prompt": self.prompt * share,
                "cached": None if self.cached is None else self.cached * share,
                "completion": self.completion * share,
                "batch": None,
            }
        )


@cache
def shipped_prices() -> dict[str, Price]:
    """The prices of data/prices.json, by id."""
    table = orjson.loads(data_path("prices.json").read_bytes())
    return {name: Price(id=name, **price) for name, price in table["prices"].items()}


def price_by_id(prices: Mapping[str, Price], price: str) -> Price | None:
    """The price of an id, which may be that of a batch; None where it is not known."""
    found = prices.get(price.removesuffix(_BATCH))
    return found.in_batch() if found is not None and price.endswith(_BATCH) else found


def how_to_price(model: ModelRef) -> str:
    """What to do about a model without a price, as the end of a message."""
    return (
        f'Give it one in skillweave.toml: [prices."{model.model}"] prompt = 0.25, cached = 0.025, completion = 2.0 (US '
        "dollars per million tokens), as_of = 2026-11-21; at an address of your own 0 may be right. Or limit "
        "tokens instead: --max-usd inf --max-tokens 1000000"
    )


def cost(usage: Usage, price: Price | None) -> float | None:
    """US dollars that a reply cost; None where no price is known. Cached tokens are part of the prompt's."""
    if price is None:
        return None
    cached = min(usage.cached, usage.prompt)
    cached_price = price.prompt if price.cached is None else price.cached
    return ((usage.prompt - cached) * price.prompt + cached * cached_price + usage.completion * price.completion) / 1e6


def cost_of(spent: Iterable[Spent], prices: Mapping[str, Price]) -> float | None:
    """US dollars that all of it cost; None where a part of it has no known price."""
    total = 0.0
    for part in spent:
        usage = Usage(part.prompt, part.completion, part.cached, part.reasoning)
        if (paid := cost(usage, price_by_id(prices, part.price))) is None:
            return None
        total += paid
    return total
