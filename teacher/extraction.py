"""Extraction by rule: reads the question in the last message and names its topics and knowledge points.

Concepts are seen by the lexicon's cues (see `teacher.cues`); a question without any cue gets the concepts whose names
lie nearest to it by embedding. A small share of the names is written otherwise than in the lexicon, as language models
do, so that merging has real work. The reply is a pure function of the question and the lexicon: what varies is decided
by a hash of the question.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from random import Random

from graph.lexicon import Entry
from graph.merging.normalise import singular
from teacher.cues import Scored
from teacher.recognition import Recogniser

MOST_TOPICS = 2
MOST_POINTS = 5
NEAR_THE_BEST = 0.5
"""A concept is named if it scores this much of the best of its kind."""
OTHER_WORDS = 0.15
"""The share of names that are written by an alias, with capitals, or in the singular."""
REFUSAL = "<refusal>no concept recognised</refusal>"

_QUESTION = re.compile(r"<question>(.*)</question>", re.DOTALL)


def extract(messages: Sequence[Mapping[str, str]], recogniser: Recogniser) -> str:
    """The reply to a prompt like graph/prompts/extract.prompt: one or two topics and one to five knowledge points.

    REFUSAL where the last user message holds no question, or nothing in it is recognised.
    """
    question = _question(messages)
    topics, points = recogniser.suggested(question)
    if not points:
        topics, points = recogniser.nearest(question)
    if not points:
        return REFUSAL
    chance = Random(f"names:{question}")
    lines = ["Topics:"]
    lines += [f"{i}. {_written(entry, chance)}" for i, entry in enumerate(_best(topics, MOST_TOPICS), 1)]
    lines.append("Knowledge points:")
    lines += [f"{i}. {_written(entry, chance)}" for i, entry in enumerate(_best(points, MOST_POINTS), 1)]
    return "\n".join(lines)


def _question(messages: Sequence[Mapping[str, str]]) -> str:
    asked = next((message["content"] for message in reversed(messages) if message["role"] == "user"), "")
    found = _QUESTION.search(asked)
    return found[1].strip() if found else ""


def _best(scored: Sequence[Scored], most: int) -> list[Entry]:
    """The first ones, as far as they come near the best one."""
    return [each.entry for each in scored[:most] if each.score >= NEAR_THE_BEST * scored[0].score]


def _written(entry: Entry, chance: Random) -> str:
    """The entry's name, or seldom another way to write it."""
    if chance.random() >= OTHER_WORDS:
        return entry.name
    *front, last = entry.name.split(" ")
    others = [*entry.aliases, entry.name.title() if entry.name.islower() else entry.name.lower()]
    single = singular(last.lower())
    others += [" ".join((*front, single))] if single != last.lower() else []
    return chance.choice(others)
