"""Who asks: a recipe is a generator that yields calls and receives replies.

    def toy(item: Item, rng: Random, terms: Terms) -> Conversation:
        reply = yield Call(messages=...)          # suspended here: seconds online, hours in a batch
        first, second = yield (Call(...), Call(...))
        return {"question": parse(reply)}         # or raise Rejected("no answer marker")

No I/O, no clock, no global state, no `hash()`, no order of a set; chance only from `rng`, which is made from the
run's seed and the item's index. Stages are functions joined by `yield from`. A test needs no network: it
feeds replies by `send`.
"""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any, Generic, Protocol, TypeVar, cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from engine.call import Call

ItemT = TypeVar("ItemT")
Row = Mapping[str, Any]
Conversation = Generator[Call | tuple[Call, ...], Any, Row]
RowFilter = Callable[[Row], str | None]
"""Looks at one row and returns None to let it pass, else the reason to reject it."""


class Settings(BaseModel):
    """A recipe's settings: frozen, every field with a description and its unit; unknown names are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True, slots=True)
class Terms:
    """What run.json says to a conversation: the settings and the text of each prompt by name."""

    settings: Any
    prompts: Mapping[str, str]


class Items(Protocol[ItemT]):
    """What a run works on, as a pure function of run.json: item i is the same on every machine, every time."""

    @property
    def size(self) -> int | None:
        """How many items there are; None where drawing never ends."""

    def take(self, indices: NDArray[np.int64]) -> Sequence[ItemT]:
        """The items at `indices` (shape (n,), rising), in that order. Repeats are never asked for."""

    def identities(self, start: int, stop: int) -> NDArray[np.uint64]:
        """Shape (stop-start,): equal items have equal identities. Later equals are repeats and are never sent."""

    def describe(self, item: ItemT) -> Mapping[str, Any]:
        """The item as JSON, for a rejected row and for `skillweave show`."""


@dataclass(frozen=True)
class Recipe(Generic[ItemT]):
    """A named, versioned way to make rows from items."""

    name: str
    version: int
    converse: Callable[[ItemT, Random, Terms], Conversation]
    columns: pa.Schema
    """The columns of a row, in order; the engine adds `id` and `index` before, tokens and attempts after."""
    open_items: Callable[[Mapping[str, Any], Path], Items[ItemT]]
    """Opens the items that run.json's `items` describes; the path is the workspace."""
    settings: type[Settings] = Settings
    prompts: Mapping[str, str] = field(default_factory=dict)
    """The text of each prompt by name, as shipped."""
    filters: tuple[RowFilter, ...] = ()
    roles: tuple[str, ...] = ("writer",)
    sources: tuple[str, ...] = ()
    """Dotted names of the modules whose source decides rows; their bytes are hashed into run.json."""

    @cached_property
    def column_names(self) -> frozenset[str]:
        """The names of a row's columns."""
        return frozenset(self.columns.names)

    def source_hash(self) -> str:
        """`b2:` and blake2b of the sources' text, line ends normalised. A change of it stops `resume`."""
        digest = hashlib.blake2b(digest_size=16)
        for name in self.sources:
            path = importlib.import_module(name).__file__
            assert path is not None, name  # noqa: S101 - a namespace package is a programming error
            digest.update(name.encode() + b"\0" + Path(path).read_bytes().replace(b"\r\n", b"\n") + b"\0")
        return "b2:" + digest.hexdigest()


class _Late:
    """A generator of chance that is made when it is first asked: most conversations leave nothing to chance, and to
    seed one takes longer than all else that begins a conversation. A copy of it is an ordinary `Random`.
    """

    __slots__ = ("_made", "_name")

    def __init__(self, name: str) -> None:
        self._name = name
        self._made: Random | None = None

    def _random(self) -> Random:
        if self._made is None:
            self._made = Random(self._name)
        return self._made

    __class__ = property(lambda _: Random)
    """What `isinstance` is told."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._random(), name)

    def __reduce__(self) -> str | tuple[Any, ...]:
        return self._random().__reduce__()


def rng_for(seed: int, index: int) -> Random:
    """The only chance a conversation has: a generator made from the run's seed and the item's index."""
    return cast("Random", _Late(f"skillweave:{seed}:{index}"))
