r"""Dollar signs to the delimiters we keep: `$x$` to `\( x \)`, `$$x$$` to `\[ x \]`, and `\$5` to `$5`.

For texts whose author wrote TeX, where a bare `$` opens mathematics and money is `\$`. Even there somebody writes a
plain price now and then, so a `$` is taken for money, and left as it stands, where no other closes it, and where what
it would enclose begins with an amount and reads like prose:

    Pork costs $48 per pound, beef costs $96.      two prices: no formula ends before a digit (pandoc's rule)
    from $5 and $x$ on                              a price, then a formula
    $\$ 1.50$, $\$$7, $\$5,\!000$                   a formula that is only a price becomes $1.50, $7, $5,000

What stands in `\( \)` or `\[ \]` already stays, and so does a drawing: in `[asy] ... [/asy]` a `$` is code. A formula
inside the words of another, `\text{if $x$ is odd}`, becomes `\text{if \(x\) is odd}`. Outside of formulas `\%`, `\&`
and `\#` lose their backslash, which there is TeX's and not the reader's.
"""

from __future__ import annotations

import re

_MARK = re.compile(r"\[asy\].*?(?:\[/asy\]|\Z)|\\.|\$\$?", re.DOTALL)
_CLOSERS = {r"\(": r"\)", r"\[": r"\]"}
_INSIDE = re.compile(r"\\.|[{}]|\$\$?|\n[ \t]*\n", re.DOTALL)
_NESTED = re.compile(r"(?<!\\)\$([^$]+?)(?<!\\)\$")
_AMOUNT = re.compile(r"\.?\d[\d,]*(?:\.\d+)?[kKmM]?(?!\w)")
_DIGIT = re.compile(r"\.?\d")
_PRICE = re.compile(r"\\\$\s*((?:\d(?:[\d.,]|\{,\}|\\[!,])*)?)")
_SEPARATOR = re.compile(r"\{,\}|,?\\[!,]")
_TEX = re.compile(r"[\\^_={}]")
_PLAIN = {r"\$": "$", r"\%": "%", r"\&": "&", r"\#": "#"}


def convert_dollars(text: str, *, display: bool = True) -> str:
    r"""The text with its formulas in `\( \)` and `\[ \]`; `display=False` makes `$$` the same as `$`.

    Never raises: marks that do not pair stay as they are. Takes time in proportion to the text, whatever is in it.
    """
    reader = _Reader(text)
    parts: list[str] = []
    place = 0
    while mark := _MARK.search(text, place):
        parts.append(text[place : mark.start()])
        place = mark.end()
        sign = mark.group()
        if not sign.startswith("$"):
            end = reader.end_of_formula(sign, place)
            parts += (_PLAIN.get(sign, sign), text[place:end])
            place = end
        elif (closed := reader.closing(sign, place)) is None:
            parts.append(sign)
        else:
            end, width = closed
            parts.append(_written(text[place:end], display=display and width == 2))
            place = end + width
    return "".join((*parts, text[place:]))


class _Reader:
    """Finds where formulas end. Remembers what was looked for in vain, so that nothing is looked for twice."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._braces_close = True
        self._absent: set[str] = set()

    def end_of_formula(self, sign: str, place: int) -> int:
        r"""The end of what `\(` or `\[` opens; `place` for any other sign, or where nothing closes it."""
        closer = _CLOSERS.get(sign)
        if closer is None or closer in self._absent:
            return place
        end = self._text.find(closer, place)
        if end < 0:
            self._absent.add(closer)
            return place
        return end + len(closer)

    def closing(self, sign: str, start: int) -> tuple[int, int] | None:
        """Where the formula that begins at `start` ends, and how long its closing mark is; None for money."""
        text = self._text
        end = self._next_dollar(sign, start, heed_braces=True) if self._braces_close else None
        if end is None and (end := self._next_dollar(sign, start, heed_braces=False)) is None:
            return None
        if sign == "$" and _reads_like_a_price(text[start:end], text[end + 1 : end + 3]):
            return None
        return end, len(sign) if text.startswith(sign, end) else 1  # 1: a slip of the pen, `$$x$`

    def _next_dollar(self, sign: str, start: int, *, heed_braces: bool) -> int | None:
        """The next dollar sign outside of braces, such as those of `\\text{if $x$ is odd}`."""
        depth = 0
        for found in _INSIDE.finditer(self._text, start):
            mark = found.group()
            if mark in "{}":
                depth += 1 if mark == "{" else -1
            elif mark[0] == "$" and (depth <= 0 or not heed_braces):
                return found.start()
            elif mark[0] == "\n" and sign == "$":
                break  # a paragraph ends: nobody's inline formula goes on
        self._braces_close &= depth <= 0
        return None


def _reads_like_a_price(body: str, following: str) -> bool:
    if not _AMOUNT.match(body) or _TEX.search(body):
        return False
    runs_on = body[-1].isspace() and (following[:1].isalnum() or following.startswith(("\\", "-", "(")))
    return runs_on or _DIGIT.match(following) is not None


def _written(body: str, *, display: bool) -> str:
    body = body.strip()
    if not body:
        return ""
    if price := _PRICE.fullmatch(body):
        return "$" + _SEPARATOR.sub(",", price[1])
    body = _NESTED.sub(r"\\(\1\\)", body)
    return rf"\[ {body} \]" if display else rf"\( {body} \)"
