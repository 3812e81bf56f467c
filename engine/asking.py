"""Asking again: a reply that cannot be read is asked for once more, as another sample of the same messages."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator
from typing import TypeVar

from engine.call import Call, Message, Reply
from engine.errors import Rejected

ReadT = TypeVar("ReadT")


def ask_until_read(
    messages: tuple[Message, ...], read: Callable[[Reply], ReadT], *, unreadable: Collection[str], reasks: int
) -> Generator[Call, Reply, ReadT]:
    """What `read` makes of the first reply that it can read.

    `read` raises Rejected. For a reason in `unreadable` the messages are asked again, at most `reasks` times; any
    other reason, and the last one, is final.
    """
    sample = 0
    while True:
        reply = yield Call(messages, sample=sample)
        try:
            return read(reply)
        except Rejected as verdict:
            if verdict.reason not in unreadable or sample == reasks:
                raise
            sample += 1
