"""The resolve recipe: a question in, an answer of its own out, and whether it is the one that was given.

The solver sees the question alone. With votes it is asked several times, and the answer that more than half of all
votes agree on counts; answers are compared as `generation.quality.same_answer` says.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

import pyarrow as pa
from pydantic import Field

from engine.call import Call, Reply
from engine.errors import Rejected
from engine.prompt import render
from engine.recipe import Conversation, Recipe, Settings, Terms
from engine.votes import majority
from generation.quality.same_answer import answer_key, same_answer
from generation.recipes.resolve.questions import Answered, AnsweredItems
from generation.tags import final_answer, last_tag

_MOST_REPLY = 50_000
_DETAIL = 500


class ResolveSettings(Settings):
    """How a question is solved again."""

    domain: str = Field("mathematics", min_length=1, description="what the teacher of the prompt teaches")
    votes: int = Field(1, ge=1, le=64, description="solutions asked for at most; more than half must agree")
    round_size: int = Field(1, ge=1, le=64, description="votes asked for at once; all of them saves waves in a batch")


_TEXT = pa.string()
COLUMNS = pa.schema(
    [
        ("question_id", _TEXT),
        ("run", _TEXT),
        ("solved", _TEXT),
        ("agrees", pa.bool_()),
        ("cast", pa.list_(_TEXT)),
    ]
)
"""`solved` is the answer that was found; `agrees` whether it is the one that was given; `cast` the answer of each vote
in order, empty where a reply gave none."""


def resolve(item: Answered, rng: Random, terms: Terms) -> Conversation:  # noqa: ARG001 - nothing is left to chance
    """One question's conversation. Rejected where no answer has a majority."""
    settings: ResolveSettings = terms.settings
    messages = render(terms.prompts["solve"], {"domain": settings.domain, "question": item.question})
    answers: list[str] = []

    def vote(reply: Reply) -> str | None:
        answers.append(read(reply))
        return answer_key(answers[-1]) if answers[-1] else None

    winner, cast = yield from majority(Call(messages), settings.votes, settings.round_size, vote)
    if winner is None:
        raise Rejected("no answer" if not any(cast) else "no majority", "; ".join(answers)[:_DETAIL])
    solved = next(answer for answer, key in zip(answers, cast, strict=True) if key == winner)
    return {
        "question_id": item.id,
        "run": item.run,
        "solved": solved,
        "agrees": same_answer(item.answer, solved),
        "cast": answers,
    }


def read(reply: Reply) -> str:
    """The answer that a reply comes to; empty where it refuses, is cut off, or states none."""
    if not reply.whole or len(reply.text) > _MOST_REPLY:
        return ""
    return final_answer(last_tag(reply.text, "solution") or "")


RESOLVE = Recipe(
    name="resolve",
    version=1,
    converse=resolve,
    columns=COLUMNS,
    open_items=AnsweredItems.open,
    settings=ResolveSettings,
    prompts={"solve": Path(__file__).with_name("solve.prompt").read_text(encoding="utf-8")},
    sources=(
        "engine.prompt",
        "engine.votes",
        "generation.first_accepted",
        "generation.quality.same_answer",
        "generation.recipes.resolve.questions",
        "generation.recipes.resolve.recipe",
        "generation.tags",
    ),
)
"""Questions in, second answers out."""
