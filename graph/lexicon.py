"""The lexicon: the names of mathematics from counting to college, their other names, and how questions betray them.

`data/lexicon/` holds one JSON Lines file an area, all in our own words. One line is one concept:

    {"kind": "knowledge_point", "name": "unit rate", "topic": ["Ratios and rates"], "level": "middle",
     "aliases": ["unit price"], "cues": ["per hour", "at this rate"]}

kind      `topic` or `knowledge_point`
name      unique among all names, whatever the case
topic     for a knowledge point the topics it belongs to, the main one first; absent for a topic
level     where it is first taught, one of `graph.seed.LEVELS`
aliases   other names of the same thing; no name or alias stands for two concepts of one kind
cues      what suggests it in a question, see `graph.cue`
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, cast

from engine.errors import InputError
from engine.workspace import data_path
from graph.cue import CueIndex, parts
from graph.seed import LEVELS

EntryKind = Literal["topic", "knowledge_point"]
_FIELDS = {
    "topic": {"kind", "name", "level", "aliases", "cues"},
    "knowledge_point": {"kind", "name", "topic", "level", "aliases", "cues"},
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One concept of the lexicon."""

    kind: EntryKind
    name: str
    level: str
    aliases: tuple[str, ...] = ()
    cues: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    """Names of the topics a knowledge point belongs to, the main one first; empty for a topic."""

    @property
    def names(self) -> tuple[str, ...]:
        """The name, then the aliases."""
        return (self.name, *self.aliases)


@dataclass(frozen=True, slots=True)
class Sighting:
    """An entry that a text suggests, and the cues that do."""

    entry: Entry
    cues: tuple[str, ...]


def normal(name: str) -> str:
    """The form names are compared in: case folded, white space single."""
    return " ".join(name.casefold().split())


class Lexicon:
    """Entries in the order of the files, found by any of their names. Immutable."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = tuple(entries)
        self._by_name = {(entry.kind, normal(name)): entry for entry in self._entries for name in entry.names}
        self._by_cue: dict[str, list[int]] = {}
        for place, entry in enumerate(self._entries):
            for cue in entry.cues:
                self._by_cue.setdefault(cue, []).append(place)
        self._index = CueIndex(self._by_cue)

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def of_kind(self, kind: EntryKind) -> tuple[Entry, ...]:
        """All entries of a kind, in order."""
        return tuple(entry for entry in self._entries if entry.kind == kind)

    def find(self, name: str, kind: EntryKind | None = None) -> Entry | None:
        """The entry with that name or alias, whatever the case; without a kind the knowledge point goes first."""
        kinds: tuple[EntryKind, ...] = (kind,) if kind else ("knowledge_point", "topic")
        hits = (self._by_name.get((each, normal(name))) for each in kinds)
        return next((hit for hit in hits if hit), None)

    def points_of(self, topic: str) -> tuple[Entry, ...]:
        """The knowledge points of the topic with that name or alias, in order; none where there is no such topic."""
        entry = self.find(topic, "topic")
        return tuple(point for point in self.of_kind("knowledge_point") if entry and entry.name in point.topics)

    def sightings(self, text: str) -> tuple[Sighting, ...]:
        """The entries with a cue in the text, in the lexicon's order. How much a cue weighs is the caller's to say."""
        cues: dict[int, list[str]] = {}
        for cue in self._index.found(text):
            for place in self._by_cue[cue]:
                cues.setdefault(place, []).append(cue)
        return tuple(Sighting(self._entries[place], tuple(cues[place])) for place in sorted(cues))


def load_lexicon(folder: Path | None = None) -> Lexicon:
    """Read a lexicon; without a folder our own, which is read once.

    Raises InputError that names the file and the line of the first thing that is wrong.
    """
    return _shipped() if folder is None else _read(folder)


@cache
def _shipped() -> Lexicon:
    return _read(data_path("lexicon"))


def _read(folder: Path) -> Lexicon:
    files = sorted(folder.glob("*.jsonl"))
    if not files:
        raise InputError(f"no *.jsonl in the lexicon folder {folder}; name another folder, or reinstall skillweave")
    entries: list[Entry] = []
    where: list[str] = []
    for file in files:
        for number, line in enumerate(file.read_bytes().splitlines(), start=1):
            if line.strip():
                where.append(f"{file}:{number}")
                entries.append(_entry(line, where[-1]))
    _check_names(entries, where)
    return Lexicon(entries)


def _wrong(where: str, what: str) -> InputError:
    return InputError(f"{where}: {what}; correct that line and give the same command again")


def _entry(line: bytes, where: str) -> Entry:
    try:
        record = json.loads(line)
    except ValueError as error:
        raise _wrong(where, f"not a JSON object ({error})") from error
    fields = _FIELDS.get(str(record.get("kind"))) if isinstance(record, dict) else None
    if fields is None:
        raise _wrong(where, f"kind must be one of {', '.join(_FIELDS)}")
    if set(record) != fields:
        raise _wrong(where, f"fields must be {', '.join(sorted(fields))}, not {', '.join(sorted(record))}")
    if not isinstance(record["name"], str) or not record["name"].strip():
        raise _wrong(where, "name must be a text")
    if record["level"] not in LEVELS:
        raise _wrong(where, f"level must be one of {', '.join(LEVELS)}")
    for field in sorted(fields & {"topic", "aliases", "cues"}):
        values = record[field]
        if not isinstance(values, list) or not all(isinstance(value, str) and value.strip() for value in values):
            raise _wrong(where, f"{field} must be a list of texts")
    for cue in record["cues"]:
        if cue != cue.lower() or not parts(cue):
            raise _wrong(where, f"cue {cue!r} must be lower case, with words on both sides of each ' + '")
    return Entry(
        kind=cast("EntryKind", record["kind"]),
        name=record["name"],
        level=record["level"],
        aliases=tuple(record["aliases"]),
        cues=tuple(record["cues"]),
        topics=tuple(record.get("topic", ())),
    )


def _check_names(entries: list[Entry], where: list[str]) -> None:
    names: dict[str, str] = {}
    owners: dict[tuple[str, str], str] = {}
    topics = {entry.name for entry in entries if entry.kind == "topic"}
    for entry, place in zip(entries, where, strict=True):
        if entry.kind == "knowledge_point" and not entry.topics:
            raise _wrong(place, f"{entry.name!r} belongs to no topic")
        for topic in entry.topics:
            if topic not in topics:
                raise _wrong(place, f"topic {topic!r} is not in the lexicon")
        if (earlier := names.setdefault(normal(entry.name), place)) != place:
            raise _wrong(place, f"the name {entry.name!r} is taken by {earlier}")
        for name in entry.names:
            if (earlier := owners.setdefault((entry.kind, normal(name)), place)) != place:
                raise _wrong(place, f"{name!r} already stands for the concept of {earlier}")
