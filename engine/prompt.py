"""Prompt files: messages with placeholders.

    === system
    You are a teacher.
    === user
    <question>
    {{question}}
    </question>

A line `=== role` begins a message. `{{name}}` is replaced by a value; single braces are left alone, since mathematics
is full of them. Values are put in as they are: nothing in them is read as a placeholder or as a new message. Put what
never changes first, so that a provider's prefix cache works.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import cast

from engine.call import Message, Role
from engine.errors import InputError

_HEAD = re.compile(r"^=== (\w+)[ \t]*$", re.MULTILINE)
_SLOT = re.compile(r"\{\{(\w+)\}\}")
_Parsed = tuple[tuple[Role, tuple[str, ...]], ...]


@lru_cache(maxsize=256)
def _parse(text: str) -> _Parsed:
    heads = list(_HEAD.finditer(text))
    if not heads or text[: heads[0].start()].strip():
        raise InputError("a prompt begins with a line '=== system' or '=== user'; see one: skillweave prompt list")
    ends = [h.start() for h in heads[1:]] + [len(text)]
    messages = []
    for head, end in zip(heads, ends, strict=True):
        role = head.group(1)
        if role not in ("system", "user", "assistant"):
            raise InputError(f"'=== {role}': a message's role is system, user or assistant")
        # re.split with one group: literal, name, literal, name, ..., literal
        messages.append((cast("Role", role), tuple(_SLOT.split(text[head.end() : end].strip("\n")))))
    return tuple(messages)


def placeholders(text: str) -> frozenset[str]:
    """The names a prompt wants."""
    return frozenset(name for _, parts in _parse(text) for name in parts[1::2])


def render(text: str, values: Mapping[str, str]) -> tuple[Message, ...]:
    """The prompt's messages with every placeholder filled.

    Raises InputError where the prompt is malformed or names a value that is not given.
    """
    messages = []
    for role, parts in _parse(text):
        try:
            filled = [part if i % 2 == 0 else values[part] for i, part in enumerate(parts)]
        except KeyError as missing:
            raise InputError(
                f"the prompt wants {{{{{missing.args[0]}}}}}, but there is only {', '.join(sorted(values))}"
            ) from None
        messages.append(Message(role, "".join(filled)))
    return tuple(messages)
