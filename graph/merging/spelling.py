"""British and American spelling: one of the two for comparing names, the American one (data/spelling.json).

`factorise` and `factorize`, `centre` and `center`, `modelling` and `modeling` differ in nothing that a name means.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import orjson

from engine.errors import InputError
from engine.workspace import data_path

_ISE = re.compile(r"([a-z]{2,})is(e|es|ed|er|ers|ing|ation|ations|able)")
_BEFORE_ISE = re.compile(r"[aou]$|w$")
"""After these letters -ise is no ending of a verb: noise, raise, clockwise."""


@dataclass(frozen=True, slots=True)
class _Spellings:
    """What data/spelling.json holds; its `format` says what each part means."""

    words: Mapping[str, str]
    parts: Mapping[str, str]
    kept: frozenset[str]
    phrase: re.Pattern[str]
    phrases: Mapping[str, str]
    part: re.Pattern[str]
    doubled: re.Pattern[str]


def american(word: str) -> str:
    """A lower case word as it is spelled in America; one that is spelled alike everywhere as it is."""
    table = _spellings()
    word = table.words.get(word, word)
    word = table.part.sub(lambda found: table.parts[found[0]], word)
    if found := table.doubled.fullmatch(word):
        return found[1] + found[2]
    found = _ISE.fullmatch(word)
    if found and not _BEFORE_ISE.search(found[1]) and found[1] + "ise" not in table.kept:
        return f"{found[1]}iz{found[2]}"
    return word


def american_phrases(text: str) -> str:
    """A lower case text with the phrases that are one word in America."""
    table = _spellings()
    return table.phrase.sub(lambda found: table.phrases[found[0]], text)


@cache
def _spellings() -> _Spellings:
    path = data_path("spelling.json")
    try:
        table = orjson.loads(path.read_bytes())
        return _Spellings(
            words=table["words"],
            parts=table["parts"],
            kept=frozenset(table["ise"]),
            phrase=re.compile(rf"\b(?:{_any_of(table['phrases'])})\b"),
            phrases=table["phrases"],
            part=re.compile(_any_of(table["parts"])),
            doubled=re.compile(rf"([a-z]*(?:{_any_of(table['doubled'])}))l(ed|ing|ings|er|ers)"),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} holds no spellings ({error!r}); install skillweave again") from None


def _any_of(texts: Mapping[str, str] | list[str]) -> str:
    return "|".join(re.escape(text) for text in sorted(texts, key=lambda text: (-len(text), text)))
