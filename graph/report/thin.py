"""Where coverage is thin: the lists that say so, and the commands that make questions there."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

LISTS = ("uncovered-concepts", "thin-concepts", "seed-pairs-not-generated", "thin-pairs", "level-gaps")
"""Shipped queries of which each row is a concept, or a pair of them, that has few questions, and perhaps a level."""


def thin_commands(fingerprint: str, rows: Sequence[Mapping[str, Any]], count: int) -> list[str]:
    """A command for each row of one of `LISTS` that makes `count` questions of its concepts and level.

    Of no row: one command whose draws are weighted towards all that is thin. The texts are quoted for a POSIX shell.
    """
    begin = ["skillweave", "generate", "--graph", fingerprint, "--sampler", "coverage-guided"]
    end = ["--count", str(count)]
    return [shlex.join([*begin, *_constraints(row), *end]) for row in rows or ({},)]


def _constraints(row: Mapping[str, Any]) -> list[str]:
    concepts = [_called(row, part) for part in ("", "a_", "b_") if f"{part}id" in row]
    given = [f"required={';'.join(concepts)}"] if concepts else []
    given += [f"levels={row['level']}"] if row.get("level") else []
    return [part for setting in given for part in ("--sampler-set", setting)]


def _called(row: Mapping[str, Any], part: str) -> str:
    """The concept's name, where a list of settings can hold it and a reader sees all of it; else its id."""
    name, node = str(row[f"{part}name"]), str(row[f"{part}id"])
    return name if name.isprintable() and name == name.strip() and not set(name) & set(";,[]\"'\\") else node
