"""Guards: pairs of names that must not be merged however near their embeddings are.

Embeddings confuse what stands in the same sentences: sine and cosine, permutation and combination, 2-digit and
3-digit, rational and irrational. Two names are kept apart where
- both have members of one contrast group of their domain, and not the same ones (graph/merging/domains.py);
- their numbers differ, in digits, in words or in Roman numerals;
- one negates and the other does not: `without`, `not`, `non...`, or a word against its negation, `equal`, `unequal`;
- one goes the other way: `degrees to radians`, `radians to degrees`;
- both have signs, and not the same ones: `ax + b > 0`, `ax + b < 0`. Most embedding models see no signs at all.

The groups are data of a domain; the others are the language's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from graph.merging.normalise import normalise

_NUMBER_WORDS = {
    word: str(value)
    for value, words in enumerate(
        (
            "zeroth",
            "one first single",
            "two second double twice",
            "three third triple",
            "four fourth quadruple",
            "five fifth",
            "six sixth",
            "seven seventh",
            "eight eighth",
            "nine ninth",
            "ten tenth",
            "eleven eleventh",
            "twelve twelfth",
        )
    )
    for word in words.split()
} | {"hundred": "100", "hundredth": "100", "thousand": "1000", "thousandth": "1000", "million": "1000000"}
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th|d)")
_ROMAN = {"ii": "2", "iii": "3", "iv": "4"}
_NUMBERED = {"type", "kind", "part", "case", "class", "phase", "stage", "volume"}
"""Before `i` these words say that it is a number: type I error."""
_ANY_TWO = re.compile(r"\b(?:between|of) two\b|\bone to one\b")
"""No numbers: the distance between two lines is the distance between lines."""
_SIGN = re.compile(r"[<>!]=?|[-+*/^=]")
_NO_NEGATION = {"incenter", "incircle", "indegree", "inradius"}
_WAY = {"to", "into", "as"}
_ARTICLES = {"a", "an", "the"}
_LEAST_STEM = 4
_NEGATIONS = {"not", "no", "non", "without", "never", "neither", "nor"}
_PREFIXES = ("non", "un", "in", "im", "ir", "dis", "anti")


@dataclass(frozen=True, slots=True)
class _Marks:
    """What of a name the guards look at."""

    words: frozenset[str]
    ways: frozenset[tuple[str, str]]
    """(from, to) of each `to`, `into`, `as`."""
    numbers: tuple[str, ...]
    signs: tuple[str, ...]
    negations: int
    members: Mapping[int, frozenset[int]]
    """By contrast group, which of its members the name has; groups without any are not in it."""


class Guards:
    """Made of contrast groups, each a list of words or phrases that mean different things."""

    def __init__(self, groups: Iterable[Sequence[str]]) -> None:
        self._members: dict[str, list[tuple[int, int, list[str]]]] = {}
        for number, group in enumerate(groups):
            for place, member in enumerate(group):
                words = normalise(member).split()
                self._members.setdefault(words[0], []).append((number, place, words))
        self._marks = lru_cache(maxsize=1 << 17)(self._look)

    def apart(self, one: str, other: str) -> str | None:
        """Why two names must not be merged: `number`, `negation`, `contrast`, `direction`, `sign`; None: they may."""
        a, b = self._marks(normalise(one)), self._marks(normalise(other))
        if a.numbers != b.numbers:
            return "number"
        if a.negations != b.negations or _negated(a.words, b.words) or _negated(b.words, a.words):
            return "negation"
        if any(b.members.get(group, mine) != mine for group, mine in a.members.items()):
            return "contrast"
        if any((end, start) in b.ways for start, end in a.ways):
            return "direction"
        if a.signs and b.signs and a.signs != b.signs:
            return "sign"
        return None

    def _look(self, key: str) -> _Marks:
        words = key.split()
        members: dict[int, set[int]] = {}
        for start, word in enumerate(words):
            for group, place, member in self._members.get(word, ()):
                if words[start : start + len(member)] == member:
                    members.setdefault(group, set()).add(place)
        counted = _ANY_TWO.sub("", key).split()
        befores = ["", *counted]
        numbers = [number for before, word in zip(befores, counted, strict=False) for number in _numbers(word, before)]
        return _Marks(
            words=frozenset(words),
            ways=_ways([word for word in words if word not in _ARTICLES]),
            numbers=tuple(sorted(numbers)),
            signs=tuple(sorted(_SIGN.findall(key))),
            negations=sum(word in _NEGATIONS for word in words),
            members={group: frozenset(places) for group, places in members.items()},
        )


def _ways(words: Sequence[str]) -> frozenset[tuple[str, str]]:
    return frozenset((words[place - 1], words[place + 1]) for place in range(1, len(words) - 1) if words[place] in _WAY)


def _numbers(word: str, before: str) -> list[str]:
    if number := _NUMBER_WORDS.get(word) or _ROMAN.get(word) or ("1" if word == "i" and before in _NUMBERED else ""):
        return [number]
    if ordinal := _ORDINAL.fullmatch(word):
        return [ordinal[1]]
    return _NUMBER.findall(word)


def _negated(these: frozenset[str], those: frozenset[str]) -> bool:
    """A word stands here negated by a prefix, and there plain; not where the prefix is a word of its own there."""
    return any(
        word.startswith(prefix)
        and len(word) - len(prefix) >= _LEAST_STEM
        and word.removeprefix(prefix) in those
        and prefix not in those
        for word in sorted(these - those - _NO_NEGATION)
        for prefix in _PREFIXES
    )
