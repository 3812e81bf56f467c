"""A prompt tried beside the shipped one: the same compositions, the same model, two small runs, one difference.

Each side is a run like any other, named by what decides its rows, so it is journaled, can be gone on with, and is paid
once: another trial of the same prompt, a trial with more compositions, and a later run with --reuse all take its
replies. The compositions are the first of the run's draws that repeat none before them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

from engine.call import Usage
from engine.errors import InputError
from engine.journal import Entry
from engine.prices import Price, cost
from engine.prompt import placeholders
from engine.recipe import Items, Row
from engine.replay import Passed, dialogue
from engine.reuse import EarlierRun
from engine.run import Run, RunSpec, Target, create_run, list_runs, open_run, read_spec, read_target, write_target
from engine.workspace import Workspace
from generation.making import trial_name
from generation.recipes import RECIPES, find_recipe

OPEN = "open"
_LOOKED_AT = 100_000
"""Draws among which the compositions of a trial are looked for at most."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One composition on one side: its row, or the reason why there is none."""

    row: Row | None
    reason: str
    """Empty where there is a row; `open` where the model has not answered yet."""
    detail: str
    replies: tuple[Entry, ...]

    @property
    def verdict(self) -> str:
        """In words: accepted, rejected with the reason, or open."""
        if not self.reason:
            return "accepted"
        return self.reason if self.reason == OPEN else f"rejected: {self.reason}"


@dataclass(frozen=True, slots=True)
class Side:
    """What became of all compositions with one prompt, in their order."""

    run: str
    tried: Sequence[Tried]

    @property
    def accepted(self) -> int:
        """Compositions that gave a question."""
        return sum(not tried.reason for tried in self.tried)

    @property
    def reasons(self) -> Counter[str]:
        """The other compositions by reason."""
        return Counter(tried.reason for tried in self.tried if tried.reason)

    @property
    def replies(self) -> list[Entry]:
        """Every reply that was used."""
        return [entry for tried in self.tried for entry in tried.replies]

    def cost(self, prices: Mapping[str, Price]) -> float | None:
        """US dollars for all of it at today's prices; None where a price is not known."""
        paid = [cost(entry.reply.usage, prices.get(entry.price)) for entry in self.replies]
        return None if None in paid else sum(filter(None, paid))

    @property
    def usage(self) -> Usage:
        """Tokens of all of it."""
        return Usage(*(sum(kind) for kind in zip(Usage(), *(entry.reply.usage for entry in self.replies), strict=True)))


def check_placeholders(shipped: str, own: str, file: str) -> list[str]:
    """The placeholders of the shipped prompt that another leaves out, by name.

    Raises InputError where it is no prompt, is the shipped one, or wants what the recipe does not give.
    """
    try:
        wanted = placeholders(own)
    except InputError as error:
        raise InputError(f"{file}: {error}") from None
    given = placeholders(shipped)
    if unknown := sorted(wanted - given):
        names, known = (", ".join(f"{{{{{name}}}}}" for name in some) for some in (unknown, sorted(given)))
        raise InputError(f"{file} wants {names}, which nobody fills in; there are {known}. Nothing was sent")
    if own == shipped:
        raise InputError(f"{file} is the shipped prompt, word for word; change it and give the same command again")
    return sorted(given - wanted)


def first_compositions(items: Items[object], count: int) -> NDArray[np.int64]:
    """The first `count` indices whose item equals none before, shape (n,), rising; fewer where there are no more."""
    stop = count
    while True:
        stop = min(4 * stop, _LOOKED_AT if items.size is None else min(_LOOKED_AT, items.size))
        fresh = np.sort(np.unique(items.identities(0, stop), return_index=True)[1])[:count]
        if len(fresh) == count or stop in (_LOOKED_AT, items.size):
            return fresh.astype(np.int64)


def trial_run(workspace: Workspace, spec: RunSpec, count: int) -> tuple[Run, NDArray[np.int64]]:
    """The run of one side, made or found, aimed at no less than `count` compositions; and their indices.

    Raises InputError where the recipe makes no questions, or its prompt cannot be filled in.
    """
    recipe = find_recipe(spec.recipe)
    items = recipe.open_items(spec.items, workspace.root)
    indices = first_compositions(items, count)
    run = Run(workspace.runs / trial_name(spec), spec, recipe, items)
    for _ in _replayed(run, indices):  # every prompt is rendered once before anything is paid
        pass
    draws = int(indices[-1]) + 1
    create_run(workspace.runs, run.name, spec, Target(max_draws=draws))
    if (read_target(run.folder).max_draws or 0) < draws:
        write_target(run.folder, Target(max_draws=draws))
    return run, indices


def same_work(workspace: Workspace, run: Run) -> EarlierRun | None:
    """The replies of another run with the same run.json, if there is one: they need not be paid again."""
    for folder in list_runs(workspace.runs):
        if folder != run.folder and read_spec(folder).id == run.id:
            return EarlierRun(open_run(folder, RECIPES, workspace.root), run.items)
    return None


def read_side(run: Run, indices: NDArray[np.int64]) -> Side:
    """What became of the compositions, by replay of the run's replies."""
    return Side(run.name, list(_replayed(run, indices)))


def _replayed(run: Run, indices: NDArray[np.int64]) -> Iterator[Tried]:
    known = EarlierRun(run, run.items) if run.shards.is_dir() else None
    for index, item in zip(indices.tolist(), run.items.take(indices), strict=True):
        replies = dict(known.replies_of(index)) if known is not None else {}
        talk = dialogue(run.recipe, item, index, run.spec.seed, run.terms, run.spec.models, replies)
        ending = talk.advance()
        used = tuple(replies[ask.path] for ask in talk.calls if ask.path in replies)
        if isinstance(ending, list):
            yield Tried(None, OPEN, "", used)
        elif isinstance(ending, Passed):
            yield Tried(ending.row, "", "", used)
        else:
            yield Tried(None, ending.reason, ending.detail, used)


def only_one_accepted(old: Side, new: Side) -> tuple[int, int]:
    """Compositions that gave a question with the old prompt alone, and with the new one alone."""
    pairs = [(not a.reason, not b.reason) for a, b in zip(old.tried, new.tried, strict=True)]
    return pairs.count((True, False)), pairs.count((False, True))


def chance_of(one: int, other: int) -> float:
    """How often two prompts that are equally good would split `one` + `other` compositions at least as unevenly.

    The exact sign test, two-sided: McNemar's for pairs.
    """
    both = one + other
    as_uneven = 2 * sum(comb(both, fewer) for fewer in range(min(one, other) + 1))
    return min(1.0, as_uneven / (1 << both))
