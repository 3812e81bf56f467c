"""The reply to a prompt that asks for a new question, such as generation/recipes/mathscale/write.prompt.

It is read as a model would read it: the target is what stands after the last `Now write yours.`, under the headings
`Topics:` and `Knowledge points:`, one numbered name a line. Of the concepts asked it uses those that it can, and claims
only them: two or three knowledge points if possible, else a point with another of an asked topic, else two topics, else
one point together with its topic. It refuses, with the reason, where not even that is possible.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from random import Random
from typing import Literal

import teacher.mathematics  # noqa: F401 - fills the registry
from teacher.chain import REGISTRY, Generator
from teacher.compose import Composition, compose

Kind = Literal["topic", "knowledge_point"]
Recognise = Callable[[Kind, str], tuple[str, float] | None]
"""(kind, a name as it was asked) -> the lexicon's name and how sure that is, 0 to 1; None for an unknown one."""

THREE_POINTS = 0.3
"""How often three knowledge points are used where three can be."""
_TARGET = "Now write yours."
_HEADINGS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("topic", re.compile(r"^\W*topics?\W*$", re.IGNORECASE)),
    ("knowledge_point", re.compile(r"^\W*knowledge[\s_-]+points?\W*$", re.IGNORECASE)),
)
_NAME = re.compile(r"^\s*(?:\d+\s*[.)]|[-*•])\s*(\S.*?)\s*$")


@dataclass(frozen=True, slots=True)
class _Asked:
    """A concept of the prompt that there are generators for."""

    kind: Kind
    asked: str
    """The name as the prompt has it."""
    name: str
    """The lexicon's name."""
    generators: tuple[Generator, ...]


def write(messages: Sequence[Mapping[str, str]], chance: Random, recognise: Recognise) -> str:
    """The reply to the last user message; a pure function of the arguments.

    `<question>`, `<solution>` (its last line is `The answer is N.`) and `<concepts>` with the names as they were asked,
    one a line; or `<refusal>` with the reason.
    """
    prompt = next((m["content"] for m in reversed(messages) if m["role"] == "user"), "")
    names = target(prompt)
    able: list[_Asked] = []
    unable: list[str] = []
    for kind, asked in names:
        known = recognise(kind, asked)
        generators = _generators(kind, known[0]) if known else ()
        if known is None or not generators:
            unable.append(asked)
        elif all(known[0] != other.name for other in able if other.kind == kind):
            able.append(_Asked(kind, asked, known[0], generators))
    for choices in _plans(able, chance):
        composition = compose(choices, chance)
        if composition is not None:
            return _reply(composition, able)
    return f"<refusal>{_reason(able, unable)}</refusal>"


def target(prompt: str) -> list[tuple[Kind, str]]:
    """The concepts asked for, in the prompt's order, each once."""
    found: dict[tuple[Kind, str], None] = {}
    under: Kind | None = None
    for line in prompt.rpartition(_TARGET)[2].splitlines():
        heading = next((kind for kind, pattern in _HEADINGS if pattern.match(line)), None)
        name = _NAME.match(line)
        if heading:
            under = heading
        elif name and under:
            found[under, name[1]] = None
        elif line.strip():
            under = None
    return list(found)


def _generators(kind: Kind, name: str) -> tuple[Generator, ...]:
    if kind == "knowledge_point":
        return tuple(REGISTRY.get(name, ()))
    return tuple(g for generators in REGISTRY.values() for g in generators if g.topic == name)


def _plans(able: Sequence[_Asked], chance: Random) -> Iterator[tuple[tuple[Generator, ...], ...]]:
    """Sets of choices to compose, the best first: every set uses at least two of the concepts asked."""
    points = [each for each in able if each.kind == "knowledge_point"]
    topics = [each for each in able if each.kind == "topic"]
    chance.shuffle(points)
    chance.shuffle(topics)
    if len(points) > 2 and chance.random() < THREE_POINTS:
        yield tuple(point.generators for point in points[:3])
    for first, second in combinations(points, 2):
        yield first.generators, second.generators
    for point in points:
        for topic in topics:
            others = tuple(g for g in topic.generators if g.knowledge_point != point.name)
            if others:
                yield point.generators, others
    for first, second in combinations(topics, 2):
        yield first.generators, second.generators
    for point in points:
        for topic in topics:
            within = tuple(g for g in point.generators if g.topic == topic.name)
            if within:
                yield (within,)


def _reply(composition: Composition, able: Sequence[_Asked]) -> str:
    used = {"topic": composition.topics, "knowledge_point": composition.knowledge_points}
    concepts = "\n".join(each.asked for each in able if each.name in used[each.kind])
    return (
        f"<question>\n{composition.question}\n</question>\n"
        f"<solution>\n{composition.solution}\n</solution>\n"
        f"<concepts>\n{concepts}\n</concepts>"
    )


def _reason(able: Sequence[_Asked], unable: Sequence[str]) -> str:
    """Why there is no question. Angle brackets of the names are left out, so that the reply keeps its form."""
    missing = f"no generator for: {'; '.join(unable)}" if unable else "the prompt names no other concept"
    if not able:
        reason = missing if unable else "the prompt names no topic and no knowledge point after 'Now write yours.'"
    else:
        reason = (
            f"only {'; '.join(each.asked for each in able)} can be used, and a question needs two concepts; {missing}"
        )
    return reason.translate({ord("<"): None, ord(">"): None})
