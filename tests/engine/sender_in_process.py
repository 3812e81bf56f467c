"""A sender without a network, for what a real endpoint cannot be told: when exactly a reply comes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from toy_recipe import TOY

from engine.call import Call, Reply, Usage
from engine.drivers.contract import Outcome, Sender
from engine.drivers.online import OnlineOptions, drive
from engine.recipe import Recipe
from engine.run import Run


class InProcess:
    """Answers toy calls by their key, or with `text`. `before` runs first: it may wait, raise, or send a signal."""

    price = ""

    def __init__(self, before: Callable[[Call, Any], Any] | None = None, text: str | None = None) -> None:
        self.before = before
        self.text = text
        self.asked = 0
        self.answered = 0

    async def send(self, call: Call, key: str, sleep: Callable[[float], Any]) -> Reply:
        self.asked += 1
        await asyncio.sleep(0)
        if self.before is not None:
            await self.before(call, sleep)
        self.answered += 1
        last = call.messages[-1].content
        text = self.text or ("yes" if last.startswith("Is it good?") else f"Q {key}")
        return Reply(text, "stop", Usage(10, 5), "in-process")


def senders(sender: Sender, recipe: Recipe[Any] = TOY) -> dict[str, Sender]:
    return dict.fromkeys(recipe.roles, sender)


def work(run: Run, sender: Sender, on_wait: Callable[[Any], None] = lambda _: None, **options: Any) -> Outcome:
    return asyncio.run(drive(run, senders(sender, run.recipe), OnlineOptions(**options), on_wait=on_wait))
