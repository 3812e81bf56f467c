"""What a person reads in a terminal. Text of a model or a file is data: no control sequence of it gets through."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def plain(text: object) -> str:
    """The text without control characters (line ends and tabs stay) and without those that turn its direction."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", str(text).replace("\r\n", "\n"))


def screen(width: int = 120) -> Console:
    """Standard output; so many columns where it is no terminal."""
    return Console(file=sys.stdout, width=None if sys.stdout.isatty() else width, highlight=False, soft_wrap=False)


def print_text(text: object = "", style: str = "") -> None:
    """Print text as it is, its control characters made harmless, wrapped at words."""
    screen().print(Text(plain(text), style=style))


def print_table(
    columns: Sequence[str], rows: Sequence[Sequence[object]], title: str = "", *, figures: Collection[str] = ()
) -> None:
    """Print rows under their columns; numbers, and what is named in `figures`, to the right.

    The first column, mostly a name to copy, is cut last. Where it is no terminal a table may be 160 columns wide. What
    is too long for its cell is folded, never left out.
    """
    console = screen(160)
    padding = (0, 1) if console.width >= 100 else 0
    table = Table(padding=padding, title=title or None, title_justify="left", title_style="bold", header_style="bold")
    for place, column in enumerate(columns):
        cells = [row[place] for row in rows if row[place] is not None]
        numeric = column in figures or (bool(cells) and all(isinstance(cell, int | float) for cell in cells))
        table.add_column(column, justify="right" if numeric else "left", overflow="fold", no_wrap=numeric or not place)
    for row in rows:
        table.add_row(*(Text(_cell(cell)) for cell in row))
    console.print(table)


def _cell(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return f"{cell:,}" if isinstance(cell, int) else plain(cell)
