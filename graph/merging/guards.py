"""Guards: pairs of names that must not be merged however near their embeddings are.

Embeddings confuse what stands in the same sentences: sine and cosine, permutation and combination, 2-digit and
3-digit, rational and irrational. Two names are kept apart where
- both have members of one contrast group (data/contrasts.json), and not the same ones;
- their numbers differ, in digits or in words;
- one negates and the other does not: `without`, `not`, `non...`, or a word against its negation, `equal`, `unequal`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import orjson

from engine.errors import InputError
from engine.workspace import data_path
from graph.merging.normalise import normalise

_NUMBER_WORDS = {
    word: str(value)
    for value, words in enumerate(
        (
            "zero zeroth",
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
}
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th|d)")
_NEGATIONS = {"not", "no", "non", "without", "never", "neither", "nor"}
_PREFIXES = ("non", "un", "in", "im", "ir", "dis", "anti")


@dataclass(frozen=True, slots=True)
class _Marks:
    """What of a name the guards look at."""

    words: frozenset[str]
    numbers: tuple[str, ...]
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
        """Why two names must not be merged: `contrast`, `number` or `negation`; None where they may."""
        a, b = self._marks(normalise(one)), self._marks(normalise(other))
        if a.numbers != b.numbers:
            return "number"
        if a.negations != b.negations or _negated(a.words, b.words) or _negated(b.words, a.words):
            return "negation"
        if any(b.members.get(group, mine) != mine for group, mine in a.members.items()):
            return "contrast"
        return None

    def _look(self, key: str) -> _Marks:
        words = key.split()
        members: dict[int, set[int]] = {}
        for start, word in enumerate(words):
            for group, place, member in self._members.get(word, ()):
                if words[start : start + len(member)] == member:
                    members.setdefault(group, set()).add(place)
        numbers = [number for word in words for number in _numbers(word)]
        return _Marks(
            words=frozenset(words),
            numbers=tuple(sorted(numbers)),
            negations=sum(word in _NEGATIONS for word in words),
            members={group: frozenset(places) for group, places in members.items()},
        )


def load_contrasts() -> list[list[str]]:
    """The contrast groups of data/contrasts.json: `{"groups": [{"words": [...]}, ...]}`."""
    path = data_path("contrasts.json")
    try:
        return [list(group["words"]) for group in orjson.loads(path.read_bytes())["groups"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} holds no contrast groups ({error!r}); install skillweave again") from None


def _numbers(word: str) -> list[str]:
    if word in _NUMBER_WORDS:
        return [_NUMBER_WORDS[word]]
    if ordinal := _ORDINAL.fullmatch(word):
        return [ordinal[1]]
    return _NUMBER.findall(word)


def _negated(these: frozenset[str], those: frozenset[str]) -> bool:
    """A word stands here negated by a prefix, and there plain."""
    return any(
        word.startswith(prefix) and word.removeprefix(prefix) in those for word in these - those for prefix in _PREFIXES
    )
