"""The alias table: names that people know to mean the same, by kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.errors import InputError
from graph.lexicon import load_lexicon
from graph.merging.normalise import normalise

Aliases = Mapping[tuple[str, str], str]
"""(kind, alias) -> the concept's name, both as people write them. The name may be an alias of another in its turn. An
entry of a name to itself says that there is such a concept."""


class AliasTable:
    """Looks a name up, however it is spelled."""

    def __init__(self, aliases: Aliases) -> None:
        """Raises InputError where one alias stands for two concepts of a kind, or for itself in a circle."""
        self._next: dict[tuple[str, str], str] = {}
        self._names = {(kind, normalise(name)): name for (kind, _), name in sorted(aliases.items(), reverse=True)}
        for (kind, alias), name in sorted(aliases.items()):
            key, target = normalise(alias), normalise(name)
            if key == target:
                continue
            if self._next.setdefault((kind, key), target) != target:
                known = self._next[kind, key]
                raise InputError(
                    f"the alias {alias!r} stands for two of the kind {kind}, {known!r} and {target!r}; let it "
                    "stand for one, then give the same command again"
                )
        for kind, key in self._next:
            self.group(kind, key)

    def group(self, kind: str, key: str) -> str:
        """The key that all names of one concept share; `key` is a normalised name."""
        last = key
        while (following := self._next.get((kind, last))) is not None:
            last = following
            if last == key:
                raise InputError(f"the aliases of {key!r} go in a circle; break it, then give the same command again")
        return last

    def concept(self, kind: str, group: str) -> str | None:
        """The name of the table's concept that has this group's key; None where the table knows no such concept."""
        return self._names.get((kind, group))


def aliases_of(entries: Iterable[tuple[str, str, Iterable[str]]]) -> Aliases:
    """Make a mapping of (kind, name, its aliases)."""
    return {(kind, alias): name for kind, name, aliases in entries for alias in (name, *aliases)}


def load_aliases() -> Aliases:
    """The names of our lexicon with their aliases."""
    return aliases_of((entry.kind, entry.name, entry.aliases) for entry in load_lexicon())
