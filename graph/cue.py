"""Cues: words whose presence in a question suggests a concept.

A question is read as a row of tokens: lower-case words in the singular, numbers, and single signs. Formulas are read
the same way (`\\frac{1}{2}` is `frac { 1 } { 2 }`), so a cue may name a sign or a command. A cue is a few tokens that
must stand side by side; ` + ` between two groups of them means that both must occur, anywhere; `#` stands for any
number ("# % off", "per hour + travel").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

ANY_NUMBER = "#"
_TOKEN = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|[^\W\d_]+|[^\w\s]|_")
_LAYOUT = re.compile(r"\\(?:left|right|displaystyle|quad|qquad|[()\[\],;:! ])(?![a-zA-Z])|\\(?=[^a-zA-Z])")
_SIGNS = str.maketrans(
    {"−": "-", "–": "-", "’": "'", "′": "'", "²": "^2", "³": "^3", "√": " sqrt ", "π": " pi ", "∞": " infty "}
    | {"≤": " leq ", "≥": " geq ", "∪": " cup ", "∩": " cap ", "∫": " int ", "＄": "$", "：": ":", "，": ","}
)
_COMMANDS = {"times": "×", "div": "÷", "angle": "∠", "triangle": "△", "le": "leq", "ge": "geq", "dfrac": "frac"}
_COMMAND = re.compile(r"\\([a-zA-Z]+)")
_IRREGULAR = {
    "vertices": "vertex",
    "matrices": "matrix",
    "indices": "index",
    "dice": "die",
    "children": "child",
    "men": "man",
    "women": "woman",
    "feet": "foot",
    "halves": "half",
    "odds": "odds",
}


def _singular(word: str) -> str:
    """One form for singular and plural. It need not be English, only the same for a cue and a question."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) < 4 or word.endswith(("ss", "us", "is")) or not word.endswith("s"):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("xes", "ches", "shes", "sses")):
        return word[:-2]
    return word[:-1]


def tokens(text: str) -> list[str]:
    """The tokens of a question or of one side of a cue, in order."""
    plain = _COMMAND.sub(lambda found: f" {_COMMANDS.get(found[1], found[1])} ", _LAYOUT.sub(" ", text))
    plain = unicodedata.normalize("NFC", plain.translate(_SIGNS)).casefold()
    return [_singular(token) for token in _TOKEN.findall(plain)]


def parts(cue: str) -> tuple[tuple[str, ...], ...]:
    """The groups of tokens of a cue that must all occur; a cue without a token in one of them gives ()."""
    groups = tuple(tuple(tokens(side)) for side in cue.split(" + "))
    return groups if all(groups) else ()


class CueIndex:
    """Finds which of many cues occur in a text, in one pass over its tokens."""

    def __init__(self, cues: Iterable[str]) -> None:
        self._cues = tuple(dict.fromkeys(cues))
        self._groups = tuple(parts(cue) for cue in self._cues)
        self._by_first: dict[str, set[tuple[str, ...]]] = {}
        self._by_group: dict[tuple[str, ...], list[int]] = {}
        for place, groups in enumerate(self._groups):
            for group in dict.fromkeys(groups):
                self._by_first.setdefault(group[0], set()).add(group)
                self._by_group.setdefault(group, []).append(place)

    def found(self, text: str) -> list[str]:
        """The cues that occur in the text, in the order they were given."""
        words = tokens(text)
        seen: set[tuple[str, ...]] = set()
        for start, word in enumerate(words):
            for first in (word, ANY_NUMBER) if word[0].isdigit() else (word,):
                seen.update(group for group in self._by_first.get(first, ()) if _stands_at(group, words, start))
        places = sorted({place for group in seen for place in self._by_group[group]})
        return [self._cues[place] for place in places if seen.issuperset(self._groups[place])]


def _stands_at(group: tuple[str, ...], words: list[str], start: int) -> bool:
    if start + len(group) > len(words):
        return False
    return all(
        wanted == word or (wanted == ANY_NUMBER and word[0].isdigit())
        for wanted, word in zip(group, words[start : start + len(group)], strict=True)
    )
