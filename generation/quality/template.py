"""A question without what chance puts into a story: its numbers, names and single letters.

    Ann has 5 apples and buys 12 more.  What does Ann pay?  Let \\( n \\) be ...
    @1 has 0 apples and buys 0 more. what does @1 pay? let \\( v1 \\) be ...

Numbers become `0`, in digits or in words; names and single letters are numbered as they come, so that who does what and
which letter is which stay. A name is a capitalised word, but for the common first words of sentences, which are names
only where they stand inside one as well. Signs, units and all other words stay.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_NUMBER = r"\d+(?:[.,]\d+)*"
_KINDS = {
    "word": r"[^\W\d_]+",
    "number": _NUMBER,
    "command": r"\\[A-Za-z]+",
    "formula": r"\\[()\[\]]",
    "sign": r"[^\w\s]|_",
}
_ANY = re.compile("|".join(_KINDS.values()))
_ASCII = re.compile(_ANY.pattern.replace(_KINDS["word"], "[A-Za-z]+"))  # of ASCII texts the same, in half the time


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_IN_WORDS = _set(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million dozen"
)
_PRONOUNS = dict.fromkeys(_set("he she it him her"), "they") | dict.fromkeys(_set("his hers its theirs"), "their")
_COMMON_FIRST = _set(
    "a an the if in on at of for from to with by and or but so then when while after before during every each all some "
    "what which how who whose where why is are was were do does did can could will would should has have had let find "
    "compute calculate determine solve evaluate simplify suppose given consider assume express write show prove use "
    "there this that these those it he she they we you i his her their its our your as about only both two three four "
    "five six seven eight nine ten one many much another other no not total together"
)
_MONTHS_DAYS = _set(
    "monday tuesday wednesday thursday friday saturday sunday january february march april june july august september "
    "october november december"
)
_CLOSES, _OPENS = frozenset(".?!:"), frozenset("\"'([*\u201c\u2018-")
_MOST_TOKENS_KNOWN = 200_000


class _Known(NamedTuple):
    """What is known of a token, whatever text it stands in."""

    kind: str
    """One of _KINDS."""
    becomes: str
    """Its place in a template; empty where that depends on the text."""


class _Tokens(dict[str, _Known]):
    """Token -> what is known of it. Forgets all when it has grown large: numbers make new tokens for ever."""

    def __missing__(self, token: str) -> _Known:
        if len(self) >= _MOST_TOKENS_KNOWN:
            self.clear()
        kind = next(kind for kind, form in _KINDS.items() if re.fullmatch(form, token))
        self[token] = known = _Known(kind, _becomes(kind, token))
        return known


def _becomes(kind: str, token: str) -> str:
    low = token.lower()
    if kind == "number" or (kind == "word" and low in _IN_WORDS):
        return "0"
    if kind != "word":
        return token
    if len(token) == 1 or low in _MONTHS_DAYS or (token[0].isupper() and not token.isupper()):
        return ""
    return _PRONOUNS.get(low, low)


_tokens = _Tokens()


def template(text: str) -> str:
    """The template of a question; two questions with the same one differ in numbers, names and letters only."""
    tokens = (_ASCII if text.isascii() else _ANY).findall(text)
    known = list(map(_tokens.__getitem__, tokens))
    names = {tokens[place] for place, (_, becomes) in enumerate(known) if not becomes and _is_name(tokens, place)}
    numbered: dict[str, str] = {}
    made: list[str] = []
    in_formula = False
    for token, (kind, becomes) in zip(tokens, known, strict=True):
        if becomes:
            if kind == "formula":
                in_formula = token in ("\\(", "\\[")
            if becomes != "0" or not made or made[-1] != "0":
                made.append(becomes)
            continue
        low = token.lower()
        if low in _MONTHS_DAYS or token in names:
            made.append(numbered.setdefault(low, f"@{len(numbered) + 1}"))
        elif len(token) == 1 and (in_formula or low not in ("a", "i", "s", "t")):
            made.append(numbered.setdefault(token, f"@{len(numbered) + 1}"))
        else:
            made.append(_PRONOUNS.get(low, low))
    return " ".join(made)


def _is_name(tokens: list[str], place: int) -> bool:
    """Whether a word is a name there: capitalised where it need not be, or no common first word of a sentence."""
    token = tokens[place]
    if len(token) == 1 or not token[0].isupper() or token.isupper():
        return False
    if token.lower() not in _COMMON_FIRST:
        return True
    while place and tokens[place - 1] in _OPENS:
        place -= 1
    return place > 0 and tokens[place - 1] not in _CLOSES
