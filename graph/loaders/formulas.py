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

_MARK = re.compile(r"\[asy\].*?(?:\[/asy\]|\Z)|\\\(.*?\\\)|\\\[.*?\\\]|\\.|\$\$?", re.DOTALL)
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

    Never raises: marks that do not pair stay as they are.
    """
    parts: list[str] = []
    place = 0
    while mark := _MARK.search(text, place):
        parts.append(text[place : mark.start()])
        place = mark.end()
        sign = mark.group()
        if not sign.startswith("$"):
            parts.append(_PLAIN.get(sign, sign))
            continue
        closed = _closing(text, place, sign)
        if closed is None:
            parts.append(sign)
            continue
        end, width = closed
        parts.append(_written(text[place:end], display=display and width == 2))
        place = end + width
    return "".join((*parts, text[place:]))


def _closing(text: str, start: int, sign: str) -> tuple[int, int] | None:
    """Where the formula that begins at `start` ends, and how long its closing mark is; None for money."""
    end = _next_dollar(text, start, sign, heed_braces=True) or _next_dollar(text, start, sign, heed_braces=False)
    if end is None:
        return None
    width = len(sign) if text.startswith(sign, end) else 1  # a slip of the pen: `$$x$`
    return None if sign == "$" and _reads_like_a_price(text[start:end], text[end + 1 : end + 3]) else (end, width)


def _next_dollar(text: str, start: int, sign: str, *, heed_braces: bool) -> int | None:
    """The next dollar sign outside of braces, such as those of `\\text{if $x$ is odd}`."""
    depth = 0
    for found in _INSIDE.finditer(text, start):
        mark = found.group()
        if mark in "{}":
            depth += 1 if mark == "{" else -1
        elif mark[0] == "$" and (depth <= 0 or not heed_braces):
            return found.start()
        elif mark[0] == "\n" and sign == "$":
            return None  # a paragraph ends: nobody's inline formula goes on
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
