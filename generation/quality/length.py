"""Lengths in characters that no real question or solution falls outside of.

Of 14,443 public questions (GSM8K, CollegeMath, TAL-SCQ train, AGIEval SAT) the shortest that says what to do has 14
characters ("Solve: $7-5+6$"), the longest 1,508; the solutions of GSM8K have 42 to 1,220. The bounds leave room above.
"""

from __future__ import annotations

from engine.recipe import Row

QUESTION = (14, 4_000)
SOLUTION = (40, 20_000)


def length(row: Row) -> str | None:
    """Reject a question or a solution that is too short or too long."""
    for column, (least, most) in (("question", QUESTION), ("solution", SOLUTION)):
        characters = len(row[column])
        if not least <= characters <= most:
            return f"{column} too {'short' if characters < least else 'long'}"
    return None
