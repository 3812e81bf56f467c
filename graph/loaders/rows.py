"""A row on its way to a seed: where it stands, what it holds, and how its fields are read.

A container (JSON lines, CSV, Parquet, ...) gives rows; a format (GSM8K, MATH, ...) makes a seed of one. Either raises
`Faulty` for a row that gives no seed: the row is reported and skipped, and the file goes on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any

from graph.concept import Kind
from graph.seed import LEVELS, Label, Seed, seed_id

Cells = Mapping[str, Any]
"""A row by column: JSON's types, untrusted."""
MOST_BYTES = 8 << 20
"""Of one line or cell. A longer one is skipped."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


class Faulty(Exception):
    """This row gives no seed: a short constant to count by, and a detail to read."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason, self.detail = reason, detail


@dataclass(frozen=True, slots=True)
class Row:
    """A row as a container gives it."""

    file: str
    line: int
    """Counted from 1: the line of a text file, the row of a table."""
    cells: Cells | Faulty


@dataclass(frozen=True, slots=True)
class Format:
    """What the rows of a data set look like."""

    name: str
    recognises: Callable[[Cells], bool]
    """True for a row that has this format's marks; must not raise."""
    read: Callable[[Cells], Seed]
    """The row's seed. Raises Faulty. Level, source and the like are empty where the row does not tell them."""


def text(cells: Cells, name: str) -> str:
    """The text in a column, without spaces around it; empty where it is absent or null."""
    value = cells.get(name)
    if value is not None and not isinstance(value, str):
        raise Faulty("wrong type", f"{name} must be a text, not {type(value).__name__}")
    return clean(value or "", name)


def number_or_text(cells: Cells, name: str) -> str:
    """As `text`, where a number will do too."""
    value = cells.get(name)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return text(cells, name)


def texts(cells: Cells, name: str) -> tuple[str, ...]:
    """The list of texts in a column; empty where it is absent or null."""
    value = cells.get(name)
    if value is None:
        return ()
    if not isinstance(value, list | tuple) or not all(isinstance(part, str) for part in value):
        raise Faulty("wrong type", f"{name} must be a list of texts")
    return tuple(clean(part, name) for part in value)


def clean(value: str, name: str) -> str:
    """The text without spaces around it. Raises Faulty for characters that no text holds."""
    if control := _CONTROL.search(value):
        hint = "; in JSON a backslash is written twice" if control.group() in "\b\f" else ""
        raise Faulty("control character", f"{control.group()!r} in {name}{hint}")
    if _SURROGATE.search(value):
        raise Faulty("not UTF-8", f"in {name}")
    return value.strip()


def labels(pairs: Iterable[tuple[Kind, str]]) -> tuple[Label, ...] | None:
    """Labels of these kinds and names, equal ones once, blank ones not at all; None where none is left."""
    found = {Label(kind, name.strip()): None for kind, name in pairs if name.strip()}
    return tuple(found) or None


def lettered(options: tuple[str, ...], letter: str) -> str:
    """The answer to a multiple-choice question, its letter and its text: `(B) 50`. Raises Faulty for no such option."""
    place = ascii_uppercase.find(letter) if len(letter) == 1 else -1
    if not 0 <= place < len(options):
        raise Faulty("no such option", f"the answer is {letter[:20]!r}, and there are {len(options)} options")
    return f"({letter}) {options[place]}"


def make_seed(
    question: str,
    *,
    options: tuple[str, ...] = (),
    answer: str = "",
    solution: str = "",
    source: str = "",
    licence: str = "",
    level: str = "",
    subject: str = "",
    difficulty: str = "",
    concepts: tuple[Label, ...] | None = None,
) -> Seed:
    """A seed with its id. Raises Faulty where there is no question or no such level."""
    if not question:
        raise Faulty("no question")
    if level and level not in LEVELS:
        raise Faulty("unknown level", f"{level[:40]!r} is none of {', '.join(LEVELS)}")
    return Seed(
        id=seed_id(question, options),
        question=question,
        options=options,
        answer=answer,
        solution=solution,
        source=source,
        licence=licence,
        level=level,
        subject=subject,
        difficulty=difficulty,
        concepts=concepts,
    )
