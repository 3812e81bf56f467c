"""The answer is an answer: not an excuse, not a paragraph."""

from __future__ import annotations

import re

from engine.recipe import Row

MOST_CHARACTERS = 200
_EXCUSE = re.compile(
    r"(?:unknown\b|unclear\b|not (?:given|known|enough|possible to)\b|cannot be (?:determined|found|computed)\b"
    r"|impossible to (?:determine|say|tell|know)\b|insufficient\b|(?:it )?depends\b|n/?a$|\.\.\.$|…$)",
    re.IGNORECASE,
)


def exact_answer(row: Row) -> str | None:
    """Reject an answer that says there is none ("cannot be determined") or that is longer than MOST_CHARACTERS."""
    if _EXCUSE.match(row["answer"]):
        return "no exact answer"
    return "answer too long" if len(row["answer"]) > MOST_CHARACTERS else None
