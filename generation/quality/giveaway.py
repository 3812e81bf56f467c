"""The question does not hold its own answer, and no part of the reply's form is left in it."""

from __future__ import annotations

from engine.recipe import Row
from generation.tags import final_answer, holds_tag

_TAGS = ("question", "solution", "concepts", "refusal")


def giveaway(row: Row) -> str | None:
    """Reject a question that says "the answer is ..." and a row with tags left in question or solution."""
    if any(holds_tag(row[column], _TAGS) for column in ("question", "solution")):
        return "tags left in the text"
    return "question gives its answer" if final_answer(row["question"]) else None
