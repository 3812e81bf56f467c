"""`--offline`: nothing is sent. A call that no journal answers fails, and is counted with what it would take."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field

from engine.books import read_spent
from engine.call import Call, ModelRef, Reply, Usage
from engine.errors import Fault, LimitReached
from engine.prices import Price, cost
from engine.run import Run
from engine.tokens import about_prompt_tokens

_UNSEEN = 500


class NotInAJournal(Fault):
    """A call that would have to be sent."""


@dataclass
class Unsent:
    """Stands where the sender of a role would."""

    model: ModelRef
    paid: Price | None
    reply_tokens: int
    """What a reply is counted as."""
    calls: int = 0
    usage: Usage = field(default_factory=Usage)

    @property
    def price(self) -> str:
        """The id of the price that would be paid."""
        return self.paid.id if self.paid is not None else ""

    async def send(self, call: Call, key: str, _: Callable[[float], Awaitable[None]]) -> Reply:
        """Count the call. Raises NotInAJournal always."""
        self.calls += 1
        prompt = self.usage.prompt + about_prompt_tokens(call.messages)
        self.usage = Usage(prompt, self.usage.completion + self.reply_tokens)
        raise NotInAJournal(f"{self.model.model}: --offline sends nothing, and no journal has a reply to {key}")


def unsent_of(run: Run, prices: Mapping[str, Price | None]) -> dict[str, Unsent]:
    """One for each role of the run; `prices` by role.

    A reply is counted as long as those that the run has paid, without any as 500 tokens, and never above max_tokens.
    """
    spent = read_spent(run.folder)
    calls = sum(part.calls for part in spent)
    usual = sum(part.completion for part in spent) // calls if calls else _UNSEEN
    return {
        role: Unsent(model, prices[role], min(usual, model.sampling.max_tokens or usual))
        for role, model in run.spec.models.items()
    }


def missing(run: Run, unsent: Collection[Unsent]) -> LimitReached | None:
    """What a run lacks offline, told with its price; None where it lacks nothing.

    Of a conversation only the first calls that are missing are counted: the others depend on their replies.
    """
    calls = sum(each.calls for each in unsent)
    if not calls:
        return None
    tokens = sum(each.usage.prompt + each.usage.completion for each in unsent)
    costs = [cost(each.usage, each.paid) for each in unsent if each.calls]
    price = "a price that is not known" if None in costs else f"${sum(filter(None, costs)):,.4f}"
    return LimitReached(
        f"run {run.name} would have to ask {calls:,} calls that are in no journal, at least: about {tokens:,} tokens "
        f"for {price}. Nothing was sent, because of --offline. Pay for them: skillweave resume {run.name}"
    )
