"""Resume is replay: a conversation runs again, answered from the journal until the first address that is not there.

Nothing else is saved of a conversation, so nothing else can be wrong. The same class drives a conversation the first
time, on resume, and when its shard is sealed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from msgspec import Struct

from engine.call import Call, ModelRef, Reply, call_key
from engine.errors import NotDeterministic, Rejected, RunError, SkillweaveError
from engine.journal import Chain, Entry, Part, chain_of, generation_of, journals_of, read_journal, whole_size
from engine.recipe import Conversation, Recipe, Row, Terms, rng_for

Remembered = dict[int, dict[str, Entry]]
"""Replies by index and path."""


class Ask(Struct, frozen=True, gc=False):
    """A call whose reply is not there yet."""

    path: str
    call: Call
    key: str


class Passed(Struct, frozen=True):
    """The conversation ended with a row that no filter rejected."""

    row: Row


class Refused(Struct, frozen=True):
    """The conversation ended without a row."""

    reason: str
    detail: str


Ending = Passed | Refused


@dataclass(frozen=True, slots=True)
class Memory:
    """What is known of an unsealed shard."""

    replies: Remembered
    """By index and path: those of one chain of journals, which no late writer can change."""
    surplus: list[Entry]
    """The others, which were paid for in vain."""
    chain: Chain
    """The journals that the replies are from."""


def remember_shard(folder: Path, shard: int, chain: Chain | None = None, generation: int | None = None) -> Memory:
    """Read a shard's journals.

    The replies are those of the `chain`, by default of whoever takes the shard now, and with `generation` before these
    the ones that were journaled under it.
    """
    journals = journals_of(folder, shard)
    chain = chain_of(folder, shard) if chain is None else chain
    own = [Part(path, whole_size(path)) for path in journals if generation_of(path) == generation]
    known = {part.path: part.size for part in (*own, *chain)}
    replies: Remembered = {}
    surplus: list[Entry] = []
    for path, size in known.items():
        for entry in read_journal(path, stop=size):
            of_index = replies.setdefault(entry.index, {})
            if entry.path in of_index:
                surplus.append(entry)
            else:
                of_index[entry.path] = entry
    for path in journals:
        surplus += read_journal(path, start=known.get(path, 0))
    return Memory(replies, surplus, chain)


class Dialogue:
    """One item's conversation, driven as far as the replies go.

    `advance` returns the asks that have no reply yet, or the ending. Put replies into `replies` (by path) and call it
    again. Raises NotDeterministic where a known address is asked with another key, and RunError where the recipe fails.
    """

    __slots__ = ("_asked", "_conversation", "_models", "_recipe", "_tuple", "_turn", "calls", "index", "replies")

    def __init__(
        self,
        recipe: Recipe[Any],
        item: Any,
        index: int,
        *,
        rng: Random,
        terms: Terms,
        models: Mapping[str, ModelRef],
        replies: dict[str, Entry],
    ) -> None:
        self._recipe = recipe
        self._models = models
        self._conversation: Conversation = recipe.converse(item, rng, terms)
        self._turn = -1
        self._asked: list[Ask] = []
        self._tuple = False
        self.index = index
        self.replies = replies
        self.calls: list[Ask] = []
        """Every call asked so far, in order."""

    def advance(self) -> Ending | list[Ask]:
        """Go on until the conversation ends (its ending) or waits (the asks that have no reply yet)."""
        while True:
            if missing := [ask for ask in self._asked if ask.path not in self.replies]:
                return missing
            try:
                asked = self._conversation.send(self._answer())
            except StopIteration as end:
                return self._conclude(end.value)
            except Rejected as rejection:
                return Refused(rejection.reason, rejection.detail)
            except SkillweaveError:
                raise
            except Exception as error:
                raise self._broken(error) from error
            self._ask(asked)

    def _broken(self, error: Exception) -> RunError:
        return RunError(
            f"recipe {self._recipe.name} failed at index {self.index}: {type(error).__name__}: {error}. "
            "Every reply is in the journal; mend the recipe and begin a new run with --reuse"
        )

    def _answer(self) -> Reply | tuple[Reply, ...] | None:
        if self._turn < 0:
            return None
        if self._tuple:
            return tuple(self.replies[ask.path].reply for ask in self._asked)
        return self.replies[self._asked[0].path].reply

    def _ask(self, asked: Call | tuple[Call, ...]) -> None:
        self._turn += 1
        self._tuple = isinstance(asked, tuple)
        calls = asked if isinstance(asked, tuple) else (asked,)
        self._asked = []
        for place, call in enumerate(calls):
            if not isinstance(call, Call):
                raise self._broken(TypeError(f"it must yield a Call or a tuple of Calls, not {asked!r}"[:300]))
            if call.role not in self._models:
                raise RunError(f"recipe {self._recipe.name} asks role {call.role!r}; the run names {[*self._models]}")
            path = f"{self._turn}.{place}" if self._tuple else str(self._turn)
            ask = Ask(path, call, call_key(call, self._models[call.role]))
            known = self.replies.get(path)
            if known is not None and known.key != ask.key:
                raise NotDeterministic(
                    f"index {self.index}, place {path}: the journal holds a reply to another call ({known.key}) than "
                    f"the recipe asks now ({ask.key}): something decides rows that run.json does not hold. "
                    "Nothing was sent. Make the recipe depend on its item, rng and terms alone, then begin a new run"
                )
            self._asked.append(ask)
        self.calls += self._asked

    def _conclude(self, row: Any) -> Ending:
        if not isinstance(row, (dict, Mapping)) or row.keys() != self._recipe.column_names:
            wanted = self._recipe.columns.names
            raise RunError(f"recipe {self._recipe.name} must return the columns {wanted}, not {row!r}"[:500])
        for check in self._recipe.filters:
            try:
                reason = check(row)
            except Exception as error:
                raise self._broken(error) from error
            if reason is not None:
                return Refused(reason, "")
        return Passed(row)


def dialogue(
    recipe: Recipe[Any],
    item: Any,
    index: int,
    seed: int,
    terms: Terms,
    models: Mapping[str, ModelRef],
    replies: dict[str, Entry],
) -> Dialogue:
    """The conversation of one item of a run, from its beginning."""
    return Dialogue(recipe, item, index, rng=rng_for(seed, index), terms=terms, models=models, replies=replies)
