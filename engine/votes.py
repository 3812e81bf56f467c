"""Votes: the same call asked several times, each as another sample, in rounds.

The size of a round is a setting of the run. Rounds of one save money online, since voting ends when it is decided; one
round of all votes saves waves in a batch. Where the model answers equal calls equally the verdict is the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Hashable
from typing import TypeVar

from msgspec.structs import replace

from engine.call import Call, Reply

VoteT = TypeVar("VoteT", bound=Hashable)


def majority(
    call: Call, votes: int, round_size: int, read: Callable[[Reply], VoteT | None]
) -> Generator[tuple[Call, ...], tuple[Reply, ...], tuple[VoteT | None, list[VoteT | None]]]:
    """Ask `call` up to `votes` times, `round_size` at once, until more than half of all votes agree or none can.

    `read` makes a vote of a reply; None is a vote for nothing (a reply that cannot be read), which counts among the
    votes but cannot win. Returns the winner (None without a majority) and the votes cast, in order. The samples are
    `call.sample`, `call.sample + 1`, and so on.
    """
    cast: list[VoteT | None] = []
    while len(cast) < votes:
        size = min(round_size, votes - len(cast))
        asked = tuple(replace(call, sample=call.sample + len(cast) + place) for place in range(size))
        cast += [read(reply) for reply in (yield asked)]
        ranked = Counter(vote for vote in cast if vote is not None).most_common(1)
        leader, count = ranked[0] if ranked else (None, 0)
        if 2 * count > votes:
            return leader, cast
        if 2 * (count + votes - len(cast)) <= votes:
            break
    return None, cast
