"""A seed: one question somebody wrote, with what is known of it.

Formulas are kept as `\\( \\)` and `\\[ \\]`; a bare `$` is money.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal, get_args

Level = Literal["primary", "middle", "high", "competition", "college"]
LEVELS: tuple[str, ...] = get_args(Level)


@dataclass(frozen=True, slots=True)
class Seed:
    """One seed question. `id` is a hash of question and options, so the same question is the same seed everywhere."""

    id: str
    question: str
    options: tuple[str, ...] = ()
    """The choices of a multiple-choice question, in order; empty otherwise."""
    answer: str = ""
    solution: str = ""
    source: str = ""
    """Where it comes from: a data set's name."""
    licence: str = ""
    level: str = ""
    """One of LEVELS, or empty where it is not known."""
    subject: str = ""
    concepts: tuple[str, ...] | None = None
    """Labels that came with the seed; None where it has none."""


def seed_id(question: str, options: tuple[str, ...] = ()) -> str:
    """`s` and 16 hexadecimal digits of blake2b over question and options, as given."""
    text = "\x1f".join((question, *options))
    return "s" + hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
