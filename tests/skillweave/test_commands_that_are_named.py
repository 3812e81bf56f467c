"""Every command that a message, a help text or a page names exists, with its options and all it must be given."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import typer
from command_line import REPOSITORY

from skillweave.cli import app

PACKAGES = ("engine", "graph", "generation", "teacher", "skillweave")
PAGES = (
    *(REPOSITORY / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")),
    *REPOSITORY.glob("docs/*.md"),
)
HOLE = "\N{WHITE SQUARE}"  # what an f-string fills in
COMMAND = re.compile(rf"(?<![\w./'-])skillweave((?: [\w./=,:@{{}}\[\]{HOLE}-]+)+)")
PROSE = {"as", "again", "grants", "needs", "reads", HOLE}  # words that follow the name where it is no command


class Named(NamedTuple):
    """A command as a text names it."""

    where: str
    words: tuple[str, ...]
    to_be_typed: bool
    """It stands in a message or a block of code, so it must be given with all its arguments."""


def in_page(path: Path) -> Iterator[tuple[int, str, bool]]:
    """Line, text and whether it is to be typed, of what a page shows as code."""
    fenced = False
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif fenced or line.startswith("    "):
            yield number, line.partition(" #")[0], True
        else:
            yield from ((number, code, False) for code in re.findall(r"`([^`]+)`", line))


def in_source(path: Path) -> Iterator[tuple[int, str, bool]]:
    """Line, text and whether it is to be typed, of the strings of a source; a docstring only mentions."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    mentions = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield node.lineno, "".join(str(v.value) if isinstance(v, ast.Constant) else HOLE for v in node.values), True
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
            yield node.lineno, node.value, id(node) not in mentions


def words_of(text: str) -> tuple[str, ...]:
    """The words of a command up to where its sentence goes on."""
    words = []
    for word in text.split():
        if word in ("...", "or", "skillweave"):
            break
        words.append(word.rstrip(".,:"))
        if word != words[-1]:
            break
    return tuple(words)


def all_named() -> Iterator[Named]:
    sources = [path for package in PACKAGES for path in sorted((REPOSITORY / package).rglob("*.py"))]
    for path, texts in [*((path, in_source(path)) for path in sources), *((path, in_page(path)) for path in PAGES)]:
        for number, text, to_be_typed in texts:
            for found in COMMAND.finditer(text):
                words = words_of(found[1])
                if words and words[0] not in PROSE:
                    mentioned = text[: found.start()].endswith("`")
                    yield Named(f"{path.relative_to(REPOSITORY)}:{number}", words, to_be_typed and not mentioned)


def fault_of(words: tuple[str, ...], to_be_typed: bool) -> str | None:
    """What is wrong with a command; None where it can be given, but for the values that stand for a person's own."""
    command, path, left = typer.main.get_command(app), "skillweave", list(words)
    while left and not left[0].startswith("--") and (commands := getattr(command, "commands", None)):
        if left[0] not in commands:
            return f"{path} has no {left[0]!r}"
        path, command = f"{path} {left[0]}", commands[left.pop(0)]
    known = {name: p for p in command.params if p.param_type_name == "option" for name in p.opts}
    values, given = 0, set()
    for place, word in enumerate(left):
        if word.startswith("--") and word != "--help":
            if (option := known.get(word)) is None:
                return f"{path} has no {word}"
            given.add(option.name)
        elif not (place and left[place - 1] in known and not known[left[place - 1]].is_flag):
            values += 1
    if not to_be_typed or "--help" in left:
        return None
    wanted = [p for p in command.params if p.required]
    if missing := [p.opts[0] for p in wanted if p.param_type_name == "option" and p.name not in given]:
        return f"{path} wants {missing[0]}"
    arguments = sum(p.param_type_name == "argument" for p in wanted)
    return None if values >= arguments else f"{path} wants {arguments} arguments"


NAMED = sorted(set(all_named()))


@pytest.mark.parametrize("named", NAMED, ids=lambda named: f"{named.where} {' '.join(named.words)}")
def test_a_command_that_is_named_can_be_given(named):
    assert fault_of(named.words, named.to_be_typed) is None


def test_what_is_wrong_is_found():
    assert len(NAMED) > 150
    assert fault_of(("generate", "--seeds", "NAME"), True) == "skillweave generate has no --seeds"
    assert fault_of(("resume",), True) == "skillweave resume wants 1 arguments"
    assert fault_of(("graph", "biuld"), False) == "skillweave graph has no 'biuld'"
    assert fault_of(("extend", "RUN"), True) == "skillweave extend wants --count"
    assert fault_of(("resume", "--patience", "10"), True) == "skillweave resume wants 1 arguments"


def test_help_texts_have_one_form():
    """A capital at the beginning, and at the end a full stop or a command."""
    pending = [typer.main.get_command(app)]
    while pending:
        command = pending.pop()
        pending += getattr(command, "commands", {}).values()
        for text in [command.help, *(getattr(p, "help", None) for p in command.params)]:
            if text:
                assert text[0].isupper(), text
                assert text.endswith(".") or re.search(r"skillweave [\w /-]+$", text), text
