r"""Names as keys: two names with one key differ in spelling only.

Layers, in this order:

    notation   LaTeX, Unicode, case, accents, Greek letters, powers    graph.merging.notation
    signs      quotes, dashes, brackets, white space; `y=x+1` and `y = x + 1`
    spelling   British and American                                    graph.merging.spelling
    plural     of English nouns
    phrases    `per cent`, `2 by 2`, `3-D`, `chi squared`

What carries mathematics stays: digits, decimal points, and the signs `+ - * / ^ = < > !`. So `Linear equations` and
`linear equation` have one key, and `y = x + 1` and `y = x - 1` have two. A key is for comparing and is never shown.
"""

from __future__ import annotations

import re
from functools import lru_cache

from graph.merging.notation import plain_formulas
from graph.merging.spelling import american, american_phrases

_POSSESSIVE = re.compile(r"['’ʼ`]s\b|['’ʼ`]")
_DASHES = re.compile(r"[‐‑‒–—−]")
_WORD = r"[^\W\d_]{2,}"
_HYPHEN = re.compile(rf"(?<=[^\W\d_]{{2}})-(?=[^\W_])|(?<=[^\W_])-(?={_WORD})|(?<=[^\W\d_]{{2}}) - (?={_WORD})")
_PREFIX = re.compile(r"\b(non|semi|anti|pseudo|quasi|sub|super|multi)(?:-|(?<=non) )(?=[^\W\d_]{3})")
_MINUS = re.compile(r"(?<=[^\W_]) - (?=[^\W_])")
_POINT = re.compile(r"(?<!\d)\.|\.(?!\d)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_OPENING = re.compile(r"(?<![*/^])\(")
_CLOSING = re.compile(r"\)(?![*/^])")
_OTHER = re.compile(r"[^\w\s+\-*/^=<>!.()]|_")
_OPERATOR = re.compile(r"\s*([+*/^=<>]|!=)\s*")
_SIZE = re.compile(r"\b(\d+|[mn])(?:\*| x | by )(\d+|[mn])\b")
_DIMENSION = re.compile(r"\b([1-4])[ -]d\b")
_SQUARED = re.compile(r"\b([a-z]|chi|eta|sigma|omega) squared\b")
_LETTERS = re.compile(r"[^\W\d_]+")
_PLAIN = re.compile(r"[a-z ]*")
_SPACES = re.compile(r"\s+")
_IRREGULAR = {
    "axes": "axis",
    "bases": "basis",
    "analyses": "analysis",
    "hypotheses": "hypothesis",
    "parentheses": "parenthesis",
    "matrices": "matrix",
    "vertices": "vertex",
    "indices": "index",
    "radii": "radius",
    "loci": "locus",
    "foci": "focus",
    "calculi": "calculus",
    "maxima": "maximum",
    "minima": "minimum",
    "extrema": "extremum",
    "criteria": "criterion",
    "polyhedra": "polyhedron",
    "formulae": "formula",
    "halves": "half",
}
_NO_PLURAL = ("ss", "us", "is", "ics")
_WHOLE = {"series", "species", "bias", "chaos", "always", "pythagoras", "less", "plus", "minus"}


def singular(word: str) -> str:
    """The singular of an English noun, by spelling alone; a word that is none may lose its last letter too."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) <= 3 or not word.endswith("s") or word.endswith(_NO_PLURAL) or word in _WHOLE:
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes", "zzes")):
        return word[:-2]
    return word[:-1]


@lru_cache(maxsize=1 << 17)
def normalise(name: str) -> str:
    """The key of a name: words and signs, joined by single spaces. Never empty unless the name is blank.

    The key of a key is the key itself: what one pass brings together (`3 -d`) is read again.
    """
    key = _key(name)
    while not _PLAIN.fullmatch(key) and (again := _key(key)) != key:
        key = again
    return key or clean(name)


def clean(name: str) -> str:
    """A name as it is kept and shown: as it was written, without control characters, its spaces made single."""
    return " ".join(_CONTROL.sub(" ", name).split())


def _key(name: str) -> str:
    text = name.lower()
    if not _PLAIN.fullmatch(text):
        text = _with_plain_signs(plain_formulas(name))
    text = american_phrases(" ".join(_LETTERS.sub(lambda found: _word(found[0]), text).split()))
    return _SQUARED.sub(r"\1^2", _DIMENSION.sub(r"\1d", _SIZE.sub(r"\1x\2", text)))


def _with_plain_signs(text: str) -> str:
    text = _DASHES.sub("-", _POSSESSIVE.sub("", text))
    text = _CLOSING.sub(" ", _OPENING.sub(" ", _OTHER.sub(" ", _POINT.sub(" ", text))))
    text = _OPERATOR.sub(r"\1", _SPACES.sub(" ", text))
    return _MINUS.sub("-", _HYPHEN.sub(" ", _PREFIX.sub(r"\1", text)))


@lru_cache(maxsize=1 << 16)
def _word(word: str) -> str:
    """A word in the singular and as spelled in America. A form that is one of another (`maximas`) is followed on."""
    while (shorter := singular(american(word))) != word:
        word = shorter
    return word
