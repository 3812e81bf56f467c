r"""Formulas in names, written in one way: LaTeX and Unicode come to the same plain signs and words.

\( \frac{1}{2} \)    1/2        χ², \chi^{2}          chi^2        \sin x, sin(x)   sin x
x_{1}, x₁            x1         ≤, \leq               <=           2 × 3            2*3
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ", "0123456789+-=()ni")
_RAISED = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ]+")
_SIGNS = {
    "≤": "<=", "≥": ">=", "≠": "!=", "×": "*", "⋅": "*", "·": "*", "∗": "*", "÷": "/", "⁄": "/", "∕": "/",
    "√": " sqrt ", "∞": " infinity ", "∑": " sum ", "∏": " prod ", "∫": " int ", "∂": " partial ", "∇": " nabla ",
    "°": " degree ", "∠": " angle ", "%": " percent ",
}  # fmt: skip
_COMMANDS = {
    "leq": "<=", "le": "<=", "geq": ">=", "ge": ">=", "neq": "!=", "ne": "!=", "lt": "<", "gt": ">", "times": "*",
    "cdot": "*", "ast": "*", "div": "/", "infty": " infinity ", "circ": " degree ", "varepsilon": " epsilon ",
    "vartheta": " theta ", "varphi": " phi ", "varrho": " rho ", "varsigma": " sigma ",
    "left": "", "right": "", "big": "", "bigl": "", "bigr": "", "displaystyle": "", "limits": "",
    "text": "", "textbf": "", "textit": "", "mathrm": "", "mathbf": "", "mathbb": "", "mathcal": "", "operatorname": "",
    "quad": " ", "qquad": " ",
}  # fmt: skip
"""Commands that are not simply their own names. `left` and `right` are sizes of brackets, and no sides."""
_DELIMITERS = re.compile(r"\\[()\[\]]|\$")
_FRACTION = re.compile(r"\\[dtc]?frac\s*(?:\{([^{}]*)\}\s*\{([^{}]*)\}|(\d)\s*(\d))")
_POWER = re.compile(r"\^\s*\{([^{}]*)\}")
_INDEX = re.compile(r"_\s*(?:\{(\w+)\}|(\d))")
_COMMAND = re.compile(r"\\([a-z]+)")
_SPACE = re.compile(r"\\[,;:! ]")
_ATOM = re.compile(r"\w+")


def plain_formulas(text: str) -> str:
    """A text in lower case and plain signs: NFKC and case folding; LaTeX, powers and Greek letters spelled out."""
    if text.isascii():
        text = text.lower().replace("%", _SIGNS["%"])
    else:
        text = _RAISED.sub(lambda found: "^" + found[0].translate(_SUPERSCRIPTS), text)
        text = "".join(_SIGNS.get(sign, sign) for sign in text)
        text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
        text = "".join(map(_plain, text))
    if "\\" in text or "$" in text:
        text = _without_latex(text)
    return _INDEX.sub(lambda found: found[1] or found[2], _POWER.sub(_power, text))


def _without_latex(text: str) -> str:
    text = _SPACE.sub(" ", _DELIMITERS.sub(" ", text))
    while (flat := _FRACTION.sub(_fraction, text)) != text:
        text = flat
    return _COMMAND.sub(lambda found: _COMMANDS.get(found[1], f" {found[1]} "), text)


def _fraction(found: re.Match[str]) -> str:
    over, under = (found[1], found[2]) if found[1] is not None else (found[3], found[4])
    return f"{_bracketed(over)}/{_bracketed(under)}"


def _power(found: re.Match[str]) -> str:
    return "^" + _bracketed(found[1])


def _bracketed(part: str) -> str:
    part = part.strip()
    return part if _ATOM.fullmatch(part) else f"({part})"


@cache
def _plain(sign: str) -> str:
    """A Greek letter's name between spaces, a Latin letter without its accents; any other sign as it is."""
    if letter := re.fullmatch(r"GREEK (?:SMALL|CAPITAL) LETTER (?:FINAL )?([A-Z]+)", unicodedata.name(sign, "")):
        return f" {'lambda' if letter[1] == 'LAMDA' else letter[1].lower()} "
    base = unicodedata.normalize("NFD", sign)[0]
    return base if base.isascii() and base.isalpha() else sign
