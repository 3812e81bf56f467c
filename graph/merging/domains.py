"""Domains: what people of a field know about its names, which names are the same and which must not be confused.

    mathematics   the lexicon's aliases, and data/contrasts.json
    instruct      skills of following instructions: data/contrasts-instruct.json, no aliases
    none          neither: only spelling, embeddings, and the guards of language
    FILE          a JSON file of your own:

    {"groups": [{"name": "keys", "words": ["major", "minor"]}],
     "aliases": {"skill": {"sight reading": ["prima vista", "playing at sight"]}}}

Two names that hold different members of one group are never merged; all aliases of a name are one concept with it.
Words are compared as names are (graph.merging.normalise), so one spelling and the singular will do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from engine.errors import InputError
from engine.workspace import data_path
from graph.concept import KINDS
from graph.merging.aliases import Aliases, aliases_of, load_aliases
from graph.merging.guards import Guards

MATHEMATICS, INSTRUCT, NONE = "mathematics", "instruct", "none"
_FILES = {MATHEMATICS: "contrasts.json", INSTRUCT: "contrasts-instruct.json"}


@dataclass(frozen=True, slots=True)
class Domain:
    """What is known about the names of a field."""

    name: str
    """As `load_domain` takes it."""
    contrasts: Sequence[Sequence[str]]
    """Groups of words or phrases that mean different things."""
    aliases: Aliases

    @property
    def subject(self) -> str:
        """What a teacher of the field teaches, as a prompt says it."""
        return {MATHEMATICS: "mathematics", INSTRUCT: "reading and writing"}.get(self.name, "every subject")


def load_domain(name: str = MATHEMATICS) -> Domain:
    """A shipped domain, or one of a file. Raises InputError where there is none or it holds something else."""
    if name == NONE:
        return Domain(name, (), {})
    if name in _FILES:
        document = _read(data_path(_FILES[name]), "install skillweave again")
        return Domain(name, _groups(document), load_aliases() if name == MATHEMATICS else {})
    path = Path(name).expanduser()
    advice = f"give one of {MATHEMATICS}, {INSTRUCT}, {NONE}, or a file as docs/merging.md says"
    if not path.is_file():
        raise InputError(f"there is no domain {name!r} and no such file; {advice}")
    document = _read(path, advice)
    try:
        return Domain(name, _groups(document), _aliases(document.get("aliases", {})))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise InputError(f"{path} is no domain's file ({error!r}); {advice}") from None


def load_contrasts(name: str = MATHEMATICS) -> Sequence[Sequence[str]]:
    """The contrast groups of a domain."""
    return load_domain(name).contrasts


def load_guards(name: str = MATHEMATICS) -> Guards:
    """The guards of a domain."""
    return Guards(load_contrasts(name))


def taught_contrasts() -> list[list[str]]:
    """The groups that data/embedding was trained to tell apart: those of mathematics that there were then."""
    return [list(group["words"]) for group in _read(data_path(_FILES[MATHEMATICS]), "install again")["groups"]]


def _read(path: Path, advice: str) -> dict[str, Any]:
    try:
        document = orjson.loads(path.read_bytes())
        if not isinstance(document, dict) or not _groups(document):
            raise ValueError("no groups")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} holds no contrast groups ({error!r}); {advice}") from None
    return document


def _groups(document: Mapping[str, Any]) -> list[list[str]]:
    groups = [list(group["words"]) for part in ("groups", "untaught") for group in document.get(part, ())]
    if not all(isinstance(word, str) and word.strip() for group in groups for word in group):
        raise ValueError("a word must be a text")
    return groups


def _aliases(by_kind: Mapping[str, Mapping[str, Sequence[str]]]) -> Aliases:
    if unknown := sorted(set(by_kind) - set(KINDS)):
        raise ValueError(f"there is no kind {unknown[0]!r}, only {', '.join(KINDS)}")
    return aliases_of((kind, name, names) for kind, entries in by_kind.items() for name, names in entries.items())
