"""Every error a caller can meet, in one tree. A message ends with the next command to try.

SkillweaveError
├── InputError               a file, an argument or a setting is wrong
├── StorageError             the disk is full, or a folder may not be written
├── RunError                 a run cannot go on as asked
│   ├── Incomplete           what the next step needs is not whole yet
│   ├── RecipeChanged        the recipe is no longer the one that run.json names
│   ├── LimitReached         what the run may take is taken: money, tokens, hours, or conversations without a row
│   ├── Fruitless            so many conversations in a row gave no row that going on would waste money
│   ├── NotDeterministic     a recipe asked something else than before at the same address
│   └── JournalDamaged       a journal holds a line that is neither whole nor the torn last one
├── EndpointStop             the endpoint says that going on is pointless
│   ├── QuotaExhausted       no money or quota is left (though it may come as a 429)
│   └── AccessRefused        wrong key, no such model, no such address
└── Fault                    passing: tried again, never seen by a recipe
    ├── RateLimited          carries retry_after_s; uses up no attempt
    ├── ServerFault          5xx
    ├── ConnectionFault      refused, reset, timed out
    └── MalformedReply       a 200 that holds no reply

`Rejected` stands apart: a recipe raises it to end a conversation with a reason, and it becomes a row.
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What the process ends with, so that a script can tell the cases apart."""

    COMPLETE = 0
    FAILED = 1
    INPUT = 2
    INCOMPLETE = 3
    STOPPED = 4
    EXHAUSTED = 6
    INTERRUPTED = 130


class SkillweaveError(Exception):
    """The root. `exit_code` is what the command line ends with."""

    exit_code = ExitCode.FAILED


class InputError(SkillweaveError):
    """A file, an argument or a setting is wrong; says which, where, and what to try."""

    exit_code = ExitCode.INPUT


class StorageError(SkillweaveError):
    """The disk is full or a folder may not be written. What was sealed or journaled before stays."""


class RunError(SkillweaveError):
    """A run cannot go on as asked."""


class Incomplete(RunError):
    """A run that the next step needs stopped before its end, with this exit code; it can be gone on with."""

    def __init__(self, message: str, exit_code: ExitCode = ExitCode.INCOMPLETE) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class RecipeChanged(RunError):
    """The recipe's version or source is not run.json's; the message gives the command for a new run."""


class Fruitless(RunError):
    """Many conversations in a row gave no row; the message names the reasons and how to go on all the same."""

    exit_code = ExitCode.STOPPED


class LimitReached(RunError):
    """A limit of the run is reached: nothing more is sent; the message names it and the command to go on with more."""

    exit_code = ExitCode.STOPPED


class NotDeterministic(RunError):
    """The same address was asked with another key: something decides rows that run.json does not hold."""


class JournalDamaged(RunError):
    """A journal line in the middle of a file cannot be read; the message names file and line."""


class EndpointStop(SkillweaveError):
    """The endpoint says that no further call can succeed; nothing more is sent."""

    exit_code = ExitCode.STOPPED


class QuotaExhausted(EndpointStop):
    """The account has no quota or money left."""


class AccessRefused(EndpointStop):
    """The key is refused, or the endpoint has no such model or address."""


class Fault(SkillweaveError):
    """A passing failure of one call: tried again with jitter, never shown to a recipe."""


class RateLimited(Fault):
    """Asked to wait. `retry_after_s` is what the server named, else None. Uses up no attempt."""

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class ServerFault(Fault):
    """A 5xx. `retry_after_s` is what the server named, else None."""

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class ConnectionFault(Fault):
    """The connection was refused, reset, or gave no answer in time."""


class MalformedReply(Fault):
    """A 200 whose body holds no reply: not JSON, cut short, wrong type, or another shape."""


class Rejected(Exception):
    """Raised by a recipe: this item gives no row. `reason` is a short constant to count by, `detail` is free text."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail
