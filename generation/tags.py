"""What a model wrote, taken apart. Mathematics travels in plain tags: JSON would eat its backslashes.

The text is a stranger's: nothing here evaluates it, and each function takes time linear in its length. Tags may be in
any case and hold a few spaces; models that think aloud write drafts, so the last complete pair counts.
"""

from __future__ import annotations

import re
from functools import lru_cache

_MARKER = re.compile(r"^\s*(?:\(?\d{1,2}[.):]|[-*•+])(?!\d)\s*")
_ANSWER_IS = re.compile(r"\banswer\s+is\b", re.IGNORECASE)


@lru_cache(maxsize=64)
def _tag(name: str) -> re.Pattern[str]:
    return re.compile(rf"<\s{{0,3}}(/?)\s{{0,3}}{re.escape(name)}\s{{0,3}}>", re.IGNORECASE)


def last_tag(text: str, name: str) -> str | None:
    """What stands between the last closing tag that was opened and the last opening one before it, stripped."""
    found: str | None = None
    opened: int | None = None
    for tag in _tag(name).finditer(text):
        if not tag[1]:
            opened = tag.end()
        elif opened is not None:
            found = text[opened : tag.start()].strip()
            opened = None
    return found


def holds_tag(text: str, names: tuple[str, ...]) -> bool:
    """An opening or closing tag of one of the names stands in the text."""
    return any(_tag(name).search(text) for name in names)


def list_items(text: str) -> list[str]:
    """The lines of a list without numbers, bullets, emphasis and a trailing full stop; empty ones left out."""
    lines = (_MARKER.sub("", line.strip(" \t*`"), count=1) for line in text.splitlines())
    items = (" ".join(line.strip(" \t*`").removesuffix(".").split()) for line in lines)
    return [item for item in items if item]


def final_answer(solution: str) -> str:
    """What follows the last "answer is", to the end of its line or of its displayed formula; empty without one.

    One full stop at the end and emphasis around are not part of it. Money (`$12`) and `\\( \\)` stay as they are.
    """
    ends = [match.end() for match in _ANSWER_IS.finditer(solution)]
    if not ends:
        return ""
    rest = solution[ends[-1] :].lstrip(" \t\r\n:*")
    display = rest.find("\\]") + 2 if rest.startswith("\\[") else 0
    answer = rest[:display] if display > 1 else rest.partition("\n")[0]
    return " ".join(answer.strip(" \t\r*").removesuffix(".").rstrip(" *").split())
