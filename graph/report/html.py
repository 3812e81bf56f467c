"""The parts that the page is made of. Every text that is given comes out escaped; only what `Html` holds is markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from engine.terminal import plain


class Html(str):
    """Markup of our own, with every text in it escaped already."""

    __slots__ = ()


def text(value: object) -> Html:
    """A value as a reader is shown it: numbers with commas, no control characters, nothing that is markup.

    Markup stays what it is.
    """
    if isinstance(value, Html):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return Html(escape(plain(value)))
    return Html(f"{value:,}" if isinstance(value, int) else f"{value:,.2f}".rstrip("0").rstrip("."))


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Html:
    """A table; numbers stand to the right. The direction in which a name is written does not turn its neighbours."""
    rows = list(rows)
    right = {
        place for place in range(len(columns)) if rows and all(isinstance(row[place], int | float) for row in rows)
    }
    head = "".join(f"<th scope=col{_right(place in right)}>{text(column)}</th>" for place, column in enumerate(columns))
    lines = []
    for row in rows:
        cells = (f"<td{_right(place in right)}><bdi>{text(value)}</bdi></td>" for place, value in enumerate(row))
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return Html(
        f"<div class=scroll tabindex=0><table><thead><tr>{head}</tr></thead>"
        f"<tbody>\n{chr(10).join(lines)}\n</tbody></table></div>"
    )


def figure(svg: str, alt: str, caption: Html, data: Html, title: str = "The numbers of this picture") -> Html:
    """A picture with its caption above it, a sentence for who cannot see it, and its numbers as a table."""
    return Html(
        f"<figure><figcaption>{caption}</figcaption>"
        f'<div class=picture role=img aria-label="{text(alt)}">{svg}</div></figure>'
        f"<details><summary>{text(title)}</summary>{data}</details>"
    )


def section(title: str, *parts: Html) -> Html:
    """A section under its heading."""
    return Html(f"<section><h2>{text(title)}</h2>{''.join(parts)}</section>\n")


def paragraph(sentence: str) -> Html:
    """A paragraph of plain text."""
    return Html(f"<p>{text(sentence)}</p>")


def command(line: str) -> Html:
    """A command that can be copied."""
    return Html(f"<pre><code>{text(line)}</code></pre>")


def bar(percent: float) -> Html:
    """A bar that is full at 100."""
    return Html(f'<span class=bar aria-hidden=true><i style="width:{percent:.2f}%"></i></span>')


def key(colour: str, label: str) -> Html:
    """A small square in a colour of the style sheet, and what it stands for."""
    return Html(f'<span class="key {colour}"></span>{text(label)}')


def _right(yes: bool) -> str:
    return " class=number" if yes else ""
