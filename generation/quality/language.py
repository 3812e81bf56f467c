"""The language of a question, by its script and its commonest words: light, and only as good as that.

Formulas are left out. By script a text is foreign where less than SCRIPT of its letters are Latin; Greek ones, which
mathematics uses, count as neither. Among languages of Latin script it is foreign where another one's commonest words
are more of it than English's and at least COMMON of all its words; a text of fewer than LEAST_WORDS words passes. So a
short foreign question, and one in a language that is not in the list, are not found.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from generation.quality.contract import Batch, Finding, RowCheck

SCRIPT, COMMON, LEAST_WORDS = 0.7, 0.15, 6
_FORMULA = re.compile(r"\\\(.*?\\\)|\\\[.*?\\\]|\\[A-Za-z]+", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]+")
_GREEK = re.compile(r"[\u0370-\u03ff]")
_LATIN = re.compile(r"[A-Za-z\u00aa-\u024f\u1e00-\u1eff]")
COMMONEST: Mapping[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "English": "the of and to a in is that it for on are as with his they at be this have from or had by what how "
        "many find each if there he she was were which will does do has all when an number let value between",
        "German": "der die das und ist ein eine einen einem einer den dem von zu mit sich auf für wie viele wird im "
        "nicht sie er es sind hat werden wenn als auch an jede jeder gibt",
        "French": "le la les de des du un une et est que qui dans pour sur avec il elle sont par combien quel quelle "
        "si chaque se au aux ce cette on ont plus",
        "Spanish": "el la los las de del un una y es que en por para con se su cada cuántos cuántas cuál si hay tiene "
        "son al lo más qué entre",
        "Portuguese": "o a os as de do da dos das um uma e é que em no na para com se por cada quantos quantas qual "
        "tem são ao mais não",
        "Italian": "il lo la i gli le di del della un una e è che in per con si quanti quante quale ogni ha sono al "
        "alla più non se dei delle",
        "Dutch": "de het een en van is in op te dat die voor met zijn er aan hoeveel wat als elke heeft worden niet om "
        "bij wordt",
    }.items()
}


_LANGUAGES = tuple(COMMONEST)
_SPOKEN_IN: Mapping[str, tuple[int, ...]] = {
    word: tuple(place for place, common in enumerate(COMMONEST.values()) if word in common)
    for word in sorted(frozenset().union(*COMMONEST.values()))
}
"""The places in _LANGUAGES of those of which a word is common."""


def language_of(text: str) -> str:
    """`English`, another language of COMMONEST, or `another script`; `English` too where nothing tells."""
    plain = _FORMULA.sub(" ", text)
    words = _WORD.findall(plain.lower())
    letters = "".join(words)
    if not letters.isascii():
        known = len(letters) - len(_GREEK.findall(letters))
        if known and len(_LATIN.findall(letters)) < SCRIPT * known:
            return "another script"
    if len(words) < LEAST_WORDS:
        return "English"
    counts = [0] * len(_LANGUAGES)
    for places in filter(None, map(_SPOKEN_IN.get, words)):
        for place in places:
            counts[place] += 1
    most = max(counts)
    return _LANGUAGES[counts.index(most)] if most >= COMMON * len(words) else "English"  # of equals the first: English


class Language(RowCheck):
    """Finds questions that are not in English."""

    def identity(self) -> Mapping[str, Any]:
        """See RowCheck."""
        return {"version": 1}

    def judge(self, batch: Batch) -> list[Finding]:
        """See RowCheck."""
        found = []
        for row, text in enumerate(batch.questions):
            language = language_of(text)
            if language != "English":
                found.append(Finding(row, f"in {language}", span=text[:200]))
        return found
