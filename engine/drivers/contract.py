"""What every driver needs from outside, and what it says at the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from engine.call import Call, Reply
from engine.errors import Fault
from engine.journal import Entry
from engine.replay import Ask


class Halted(Exception):
    """Nothing more is sent: raised into a conversation that would send, or that waits to try again."""


Sleep = Callable[[float], Any]


class Sender(Protocol):
    """Sends one call, with retries, to the endpoint of one role."""

    @property
    def price(self) -> str:
        """The id of the price that is paid; empty where none is known."""

    async def send(self, call: Call, key: str, sleep: Sleep) -> Reply:
        """The reply, after as many attempts as it took. Waits by `sleep`. Raises the last Fault, or EndpointStop."""


class Reuse(Protocol):
    """Replies of an earlier run."""

    def find(self, index: int, ask: Ask) -> Entry | None:
        """The reply that the earlier run has for this call, readdressed to `index`; None where it has none."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the work ended; what became of the run, `read_books` says."""

    interrupted: bool
    """A Ctrl-C ended it."""
    fault: Fault | None
    """The last fault of a conversation that stayed open, or was given up, after its last retry."""
