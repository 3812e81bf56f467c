"""Whether two final answers are the same: as numbers where both are one, else as texts without their dress.

    12 = 12.0 = $12 = \\( 12 \\) = 12 apples      1/2 = 0.5 = \\( \\frac{1}{2} \\)      x = 3 is 3      1,200 = 1200

A unit counts only where both have one. Nothing is evaluated: \\( 2 + 2 \\) is not 4.
"""

from __future__ import annotations

import re
from fractions import Fraction

_DRESS = re.compile(r"\\[()\[\]]|\\[,;:! ]|\\(?:left|right|displaystyle|mathrm|text|textbf|mathbf)\b|[*`{}]|\\?\$")
_FRACTION = re.compile(r"\\[dt]?frac\s*\{\s*(-?[\d.,]+)\s*\}\s*\{\s*([\d.,]+)\s*\}")
_EQUALS = re.compile(r"^\s*[A-Za-z]\w{0,2}\s*=\s*(?=\S)")
_NUMBER = re.compile(
    r"(?P<sign>[-\u2212+]?)\s*(?P<whole>\d{1,3}(?:,\d{3})+|\d+)(?P<point>\.\d+)?(?:\s*/\s*(?P<under>\d+))?"
)
_MOST = 60  # characters of a number; int() takes quadratic time, and refuses 4,300 digits


def value_of(answer: str) -> tuple[Fraction, str] | None:
    """The number that an answer is, and its unit in low case; None where it is no number."""
    text = _EQUALS.sub("", undressed(answer))
    number = _NUMBER.match(text)
    if number is None or len(number[0]) > _MOST:
        return None
    unit = text[number.end() :].strip().rstrip(".").casefold()
    if re.search(r"[\d+*/^=()<>\\|,;]", unit):
        return None
    whole = Fraction(number["whole"].replace(",", "") + (number["point"] or ""))
    if number["under"]:
        if not int(number["under"]):
            return None
        whole /= int(number["under"])
    return (-whole if number["sign"] in ("-", "\u2212") else whole), unit


def undressed(answer: str) -> str:
    """The answer without delimiters of formulas, money signs, emphasis and spaces that only set it."""
    text = _FRACTION.sub(r"\1/\2", answer[:2_000])
    return " ".join(_DRESS.sub("", text).split()).strip(" .")


def same_answer(one: str, other: str) -> bool:
    """Whether they are the same answer."""
    first, second = value_of(one), value_of(other)
    if first is not None and second is not None:
        return first[0] == second[0] and (not first[1] or not second[1] or first[1] == second[1])
    return _key(one) == _key(other)


def answer_key(answer: str) -> str:
    """A text that is the same for answers that are counted as one vote: of a number its value, whatever its unit."""
    value = value_of(answer)
    return str(value[0]) if value is not None else _key(answer)


def _key(answer: str) -> str:
    return re.sub(r"\s+", "", _EQUALS.sub("", undressed(answer)).casefold())
