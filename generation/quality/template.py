"""A question without what chance puts into a story: its numbers, names and single letters.

    Ann has 5 apples and buys 12 more.  What does Ann pay?  Let \\( n \\) be ...
    @1 has 0 apples and buys 0 more. what does @1 pay? let \\( v1 \\) be ...

Numbers become `0`, in digits or in words; names and single letters are numbered as they come, so that who does what and
which letter is which stay. A name is a word that begins with a capital where none must be, or anywhere once it is known
as one; a first word that is no common one of questions counts as a name too. Signs, units and all other words stay.
"""

from __future__ import annotations

import re

_NUMBER = r"\d+(?:[.,]\d+)*"
_TOKEN = re.compile(
    rf"(?P<number>{_NUMBER})|(?P<command>\\[A-Za-z]+)|(?P<formula>\\[()\[\]])|(?P<word>[^\W\d_]+)|(?P<sign>[^\w\s]|_)"
)


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
_NO_NAMES = frozenset({"I", "A"})
_MONTHS_DAYS = _set(
    "monday tuesday wednesday thursday friday saturday sunday january february march april june july august september "
    "october november december"
)
_CLOSES, _OPENS = ".?!:", "\"'([*\u201c\u2018-"


def template(text: str) -> str:
    """The template of a question; two questions with the same one differ in numbers, names and letters only."""
    tokens = [(match.lastgroup or "", match[0]) for match in _TOKEN.finditer(text)]
    first = _first_places(tokens)
    names = {
        token
        for place, (kind, token) in enumerate(tokens)
        if kind == "word" and len(token) > 1 and token[0].isupper() and place not in first and not token.isupper()
    }
    names |= {
        tokens[place][1]
        for place in first
        if len(tokens[place][1]) > 1
        and tokens[place][1].lower() not in _COMMON_FIRST
        and not tokens[place][1].isupper()
    }
    numbered: dict[str, str] = {}
    made: list[str] = []
    in_formula = False
    for kind, token in tokens:
        low = token.lower()
        in_formula = token in ("\\(", "\\[") if kind == "formula" else in_formula
        if kind == "number" or (kind == "word" and low in _IN_WORDS):
            if not made or made[-1] != "0":
                made.append("0")
        elif kind == "word" and (low in _MONTHS_DAYS or (token in names and token not in _NO_NAMES)):
            made.append(numbered.setdefault(low, f"@{len(numbered) + 1}"))
        elif kind == "word" and len(token) == 1 and (in_formula or low not in ("a", "i", "s", "t")):
            made.append(numbered.setdefault(token, f"@{len(numbered) + 1}"))
        elif kind == "word":
            made.append(_PRONOUNS.get(low, low))
        else:
            made.append(token)
    return " ".join(made)


def _first_places(tokens: list[tuple[str, str]]) -> set[int]:
    """The places of words that begin a sentence."""
    places: set[int] = set()
    begins = True
    for place, (kind, token) in enumerate(tokens):
        if kind == "word" and begins:
            places.add(place)
        begins = kind == "sign" and (token in _CLOSES or (begins and token in _OPENS))
    return places
