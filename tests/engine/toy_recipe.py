"""A recipe of several turns and tuples of votes, for the engine's own tests.

It thinks of a number, asks for a question, asks again where the reply is no question, then lets three voters vote. It
passes where at least two vote yes.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from engine.call import Call, Message, Reply
from engine.errors import Rejected
from engine.prompt import render
from engine.recipe import Conversation, Recipe, Settings, Terms
from engine.votes import majority

PROMPT = "=== system\nYou write questions.\n=== user\nWrite about {{subject}}, number {{number}}."


class ToySettings(Settings):
    """Settings of the toy recipe."""

    voters: int = 3
    round_size: int = 3
    reasks: int = 2


@dataclass(frozen=True, slots=True)
class Numbers:
    """Item i is i modulo `distinct`, so items repeat after that."""

    distinct: int
    size: int | None

    def take(self, indices: NDArray[np.int64]) -> Sequence[int]:
        return [int(i) % self.distinct for i in indices]

    def identities(self, start: int, stop: int) -> NDArray[np.uint64]:
        return (np.arange(start, stop, dtype=np.uint64) % np.uint64(self.distinct)) * np.uint64(0x9E3779B97F4A7C15)

    def describe(self, item: int) -> Mapping[str, Any]:
        return {"number": item}


def converse(item: int, rng: Random, terms: Terms) -> Conversation:
    subject = rng.choice(["algebra", "geometry", "counting"])
    if os.environ.get("TOY_IS_NOT_DETERMINISTIC"):
        subject = str(os.getpid())
    first = render(terms.prompts["write"], {"subject": subject, "number": str(item)})
    for sample in range(terms.settings.reasks + 1):
        reply = yield Call(first, sample=sample)
        if not reply.whole:
            raise Rejected(reply.finish, reply.error or "")
        if reply.text.startswith("Q"):
            break
    else:
        raise Rejected("no question", reply.text)
    then = (*first, Message("assistant", reply.text), Message("user", "Is it good? yes or no"))
    settings: ToySettings = terms.settings
    verdict, votes = yield from majority(Call(then, role="voter"), settings.voters, settings.round_size, read_vote)
    if verdict != "yes":
        raise Rejected("voted down", f"{votes.count('yes')} of {len(votes)}")
    last = yield Call((*then, Message("assistant", "yes"), Message("user", "Then write it whole.")))
    return {"number": item, "subject": subject, "question": last.text, "votes": votes}


def read_vote(reply: Reply) -> str | None:
    return reply.text if reply.text in ("yes", "no") else None


def open_numbers(spec: Mapping[str, Any], workspace: Path) -> Numbers:
    return Numbers(spec["distinct"], spec.get("size"))


def no_sevens(row: Mapping[str, Any]) -> str | None:
    return "a seven" if row["number"] % 10 == 7 else None


TOY: Recipe[int] = Recipe(
    name="toy",
    version=1,
    converse=converse,
    columns=pa.schema(
        [
            pa.field("number", pa.int64()),
            pa.field("subject", pa.string()),
            pa.field("question", pa.string()),
            pa.field("votes", pa.list_(pa.string())),
        ]
    ),
    open_items=open_numbers,
    settings=ToySettings,
    prompts={"write": PROMPT},
    filters=(no_sevens,),
    roles=("writer", "voter"),
    sources=("toy_recipe",),
)
