r"""Seeds from JSON lines: one object a line, UTF-8.

    {"question": "...",            must be there
     "options": ["...", "..."],    the choices of a multiple-choice question
     "answer": "72",               a text or a whole number
     "solution": "...", "source": "...", "licence": "...", "subject": "...",
     "level": "middle",            one of graph.seed.LEVELS
     "concepts": ["...", "..."]}   labels that came with it

Other fields, `id` among them, are not read: a seed's id is the hash of its question and options. Formulas stand as
`\\( x \\)`, in JSON with two backslashes.

A record of GSM8K is known by the last line of its answer, `#### 72`: that is the answer, and what stands before it,
without the calculator's notes `<<48/2=24>>`, is the solution.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from engine.errors import InputError
from graph.loaders import Loaded, Skipped
from graph.seed import LEVELS, Seed, seed_id

MAX_LINE_BYTES = 8 << 20
"""A longer line is skipped, and never held in memory as a whole."""
_GSM8K = re.compile(r"(?:\A|\n)####[ \t]*(?P<answer>[^\n]*\S)\s*\Z")
_CALCULATOR = re.compile(r"<<[^<>\n]*>>")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_BINARY_SAMPLE = 1 << 16
_TEXTS = ("question", "answer", "solution", "source", "licence", "level", "subject")
_LISTS = ("options", "concepts")


class _Faulty(Exception):
    """This row gives no seed."""

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason, self.detail = reason, detail


def load_jsonl(path: Path, *, source: str = "", licence: str = "", level: str = "", subject: str = "") -> Loaded:
    """Read a file of JSON lines; the named arguments stand in where a row says nothing.

    A faulty row is skipped and reported, and so is a question that came before. Raises InputError where the file
    cannot be read, is no text, or gives no seed at all.
    """
    defaults = {"source": source, "licence": licence, "level": level, "subject": subject}
    if level and level not in LEVELS:
        raise InputError(f"level {level!r} is none of {', '.join(LEVELS)}; give one of these with --level")
    seeds: list[Seed] = []
    skipped: list[Skipped] = []
    first_line: dict[str, int] = {}
    for number, line in _lines(path):
        try:
            seed = _seed(line, defaults)
            if seed.id in first_line:
                raise _Faulty("duplicate question", f"the same as line {first_line[seed.id]}")
            first_line[seed.id] = number
            seeds.append(seed)
        except _Faulty as fault:
            skipped.append(Skipped(str(path), number, fault.reason, fault.detail))
    loaded = Loaded(tuple(seeds), tuple(skipped))
    if not seeds:
        why = "; ".join(f"{count} x {reason}" for reason, count in loaded.reasons().items()) or "it is empty"
        first = f", first in line {skipped[0].line}: {skipped[0].detail or skipped[0].reason}" if skipped else ""
        raise InputError(
            f"{path} gives no seed ({why}{first}); each line needs an object with at least a question, such as "
            '{"question": "What is 2 + 3?", "answer": "5"}. Then: skillweave seeds import FILE.jsonl'
        )
    return loaded


def _lines(path: Path) -> Iterator[tuple[int, bytes | None]]:
    """The lines that are not blank, with their numbers; None stands for one that is too long."""
    try:
        with path.open("rb") as handle:
            if b"\0" in handle.read(_BINARY_SAMPLE):
                raise InputError(
                    f"{path} is no UTF-8 text (binary, compressed or UTF-16); save it as UTF-8 JSON lines, then: "
                    "skillweave seeds import FILE.jsonl"
                )
            handle.seek(0)
            number = 0
            while line := handle.readline(MAX_LINE_BYTES + 1):
                number += 1
                if len(line) > MAX_LINE_BYTES and not line.endswith(b"\n"):
                    _skip_line(handle)
                    yield number, None
                elif line := line.removeprefix(b"\xef\xbb\xbf" if number == 1 else b"").strip():
                    yield number, line
    except FileNotFoundError:
        raise InputError(f"there is no file {path}; try: skillweave seeds import FILE.jsonl") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); try: skillweave seeds import FILE.jsonl") from None


def _skip_line(handle: BinaryIO) -> None:
    while (piece := handle.readline(1 << 20)) and not piece.endswith(b"\n"):
        pass


def _seed(line: bytes | None, defaults: dict[str, str]) -> Seed:
    if line is None:
        raise _Faulty("line too long", f"over {MAX_LINE_BYTES >> 20} MiB")
    row = _parsed(line)
    texts = {name: _text(row, name) or defaults.get(name, "") for name in _TEXTS}
    lists = {name: _list(row, name) for name in _LISTS}
    if not texts["question"]:
        raise _Faulty("no question")
    if texts["level"] and texts["level"] not in LEVELS:
        raise _Faulty("unknown level", f"{texts['level'][:40]!r} is none of {', '.join(LEVELS)}")
    if not texts["solution"] and (gsm8k := _GSM8K.search(texts["answer"])):
        texts["solution"] = _CALCULATOR.sub("", texts["answer"][: gsm8k.start()]).strip()
        texts["answer"] = gsm8k["answer"]
    options = lists["options"] or ()
    return Seed(id=seed_id(texts["question"], options), options=options, concepts=lists["concepts"], **texts)


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        line.decode()
        row = orjson.loads(line)
    except UnicodeDecodeError as error:
        raise _Faulty("not UTF-8", f"at byte {error.start + 1} of the line") from None
    except orjson.JSONDecodeError as error:
        raise _Faulty("not JSON", str(error)) from None
    if not isinstance(row, dict):
        raise _Faulty("not an object", f"it is a {type(row).__name__}")
    return row


def _text(row: dict[str, Any], name: str) -> str:
    value = row.get(name)
    if name == "answer" and isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if value is not None and not isinstance(value, str):
        raise _Faulty("wrong type", f"{name} must be a text, not {type(value).__name__}")
    return _clean(value or "", name)


def _list(row: dict[str, Any], name: str) -> tuple[str, ...] | None:
    value = row.get(name)
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
        raise _Faulty("wrong type", f"{name} must be a list of texts")
    return tuple(_clean(part, name) for part in value)


def _clean(text: str, name: str) -> str:
    if control := _CONTROL.search(text):
        hint = "; in JSON a backslash is written twice" if control.group() in "\b\f" else ""
        raise _Faulty("control character", f"{control.group()!r} in {name}{hint}")
    return text.strip()
