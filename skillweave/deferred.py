"""A group whose commands are imported when they are asked for, so that one command does not wait for all the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any, cast

import typer
from typer.core import TyperGroup
from typer.main import get_group

Part = Callable[[typer.Typer], None]
"""Imports what some commands need and puts these into an app."""


def deferred_group(parts: Mapping[tuple[str, ...], Part]) -> type[TyperGroup]:
    """The class of a group of the commands that `parts` put in, by their names, in this order."""

    commands = cast("MutableMapping[str, Any]", _Commands(parts))

    class Deferred(TyperGroup):
        def __init__(self, **attributes: Any) -> None:
            super().__init__(**attributes)
            self.commands = commands

    return Deferred


class _Commands(Mapping[str, Any]):
    """Name -> command, each made when it is first taken."""

    def __init__(self, parts: Mapping[tuple[str, ...], Part]) -> None:
        self._parts = {name: part for names, part in parts.items() for name in names}
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            made = typer.Typer()
            self._parts[name](made)
            self._made |= get_group(made).commands
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)
