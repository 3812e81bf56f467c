r"""Names as keys: two names with one key differ in spelling only.

Case, width, spaces, punctuation, plurals and the delimiters of LaTeX go; what carries mathematics stays: digits,
decimal points, and the signs `+ - * / ^ = < > % !`. So `Linear equations` and `linear equation` have one key, and
`y = x + 1` and `y = x - 1` have two. A key is for comparing and is never shown.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_DELIMITERS = re.compile(r"\\[()\[\]]|\$")
_POSSESSIVE = re.compile(r"['’ʼ`]s\b|['’ʼ`]")
_DASHES = re.compile(r"[‐‑‒–—−]")
_HYPHEN = re.compile(r"(?<=[^\W\d_])-(?=[^\W_])|(?<=\d)-(?=[^\W\d_])")
_POINT = re.compile(r"(?<!\d)\.|\.(?!\d)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_OTHER = re.compile(r"[^\w\s+\-*/^=<>%!.]|_")
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
    """The key of a name: words and signs, joined by single spaces. Never empty unless the name is blank."""
    text = _DELIMITERS.sub(" ", unicodedata.normalize("NFKC", name).casefold())
    text = _DASHES.sub("-", _POSSESSIVE.sub("", text))
    text = _OTHER.sub(" ", _POINT.sub(" ", _HYPHEN.sub(" ", text)))
    key = " ".join(singular(word) for word in text.split())
    return key or clean(name)


def clean(name: str) -> str:
    """A name as it is kept and shown: as it was written, without control characters, its spaces made single."""
    return " ".join(_CONTROL.sub(" ", name).split())
