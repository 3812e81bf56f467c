"""A question that is one of the examples it was shown is not new."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache


def copied(question: str, shown: Iterable[str]) -> bool:
    """The question equals one of the texts `shown`, case and spaces set aside."""
    plain = _plain(question)
    return any(_plain(text) == plain for text in shown)


@lru_cache(maxsize=1 << 14)  # the same examples are shown again and again
def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
