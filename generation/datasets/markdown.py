"""Markdown from what strangers wrote: their text stays text, in spans, fences and tables that it cannot leave."""

from __future__ import annotations

import re


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A table; cells are Markdown already."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def span(text: str) -> str:
    """One line of text as a code span that it cannot leave, in a table either."""
    line = " ".join(text.split()) or " "
    ticks = "`" * (_longest_run(line) + 1)
    pad = " " if len(ticks) > 1 else ""
    return f"{ticks}{pad}{line}{pad}{ticks}".replace("|", "\\|")


def fence(text: str) -> str:
    """Text as a fenced block that it cannot close."""
    ticks = "`" * max(3, _longest_run(text) + 1)
    return f"{ticks}text\n{text}\n{ticks}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
