"""Judging by rule: two names mean the same where the lexicon has them under one concept.

Names that the lexicon does not have are compared by what they are recognised as (`teacher.recognition`); where only one
of the two is recognised, or neither, the answer is `unsure`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import cast

import orjson

from graph.lexicon import EntryKind
from teacher.recognition import Recogniser

_PAIRS = re.compile(r"<pairs>\n(.*)\n</pairs>", re.DOTALL)
_PAIR = re.compile(r"(\d+)\. (topic|knowledge point|skill): (\[.*\])")


def judge(messages: Sequence[Mapping[str, str]], recogniser: Recogniser) -> str:
    """The reply to a prompt like graph/prompts/judge.prompt: a line a pair, `1. same`, `different` or `unsure`.

    Empty where the last user message holds no pairs.
    """
    asked = next((message["content"] for message in reversed(messages) if message["role"] == "user"), "")
    found = _PAIRS.search(asked)
    lines = []
    for line in found[1].splitlines() if found else ():
        if pair := _PAIR.fullmatch(line):
            one, other = orjson.loads(pair[3])
            same = same_concept(recogniser, pair[2].replace(" ", "_"), one, other)
            lines.append(f"{pair[1]}. {'unsure' if same is None else 'same' if same else 'different'}")
    return "\n".join(lines)


def same_concept(recogniser: Recogniser, kind: str, one: str, other: str) -> bool | None:
    """Whether the lexicon has both names under one concept; None where it does not have both."""
    if kind == "skill":
        return None
    mine, theirs = (recogniser.recognise(cast("EntryKind", kind), name) for name in (one, other))
    return mine[0] == theirs[0] if mine and theirs else None
