"""The mathscale recipe: a composition and its shots in, a question with its solution out (MathScale, arXiv 2403.02884).

One turn. The writer is shown seed questions with their concepts, is given the composition's topics and knowledge
points, and replies in tags with question, solution and the concepts really used, or refuses with a reason. A reply that
cannot be read is asked for again as another sample; a refusal, a cut-off (another would cost as much) and a composition
without points are final.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from random import Random

import pyarrow as pa
from pydantic import Field

from engine.asking import ask_until_read
from engine.call import Reply
from engine.errors import Rejected
from engine.prompt import render
from engine.recipe import Conversation, Recipe, Row, Settings, Terms
from generation.composition import Composition, MathScaleItem, open_compositions
from generation.quality.copied import copied
from generation.quality.exact_answer import exact_answer
from generation.quality.giveaway import giveaway
from generation.quality.length import length
from generation.shots import Shot
from generation.tags import final_answer, last_tag, list_items
from graph.merging.normalise import normalise

UNREADABLE = frozenset({"no question", "no solution", "no answer"})
"""The reasons for which a reply is asked for again."""
_ENDINGS = {"length": "cut off", "content_filter": "content filter", "refused": "prompt refused"}
_HEADS = frozenset(normalise(head) for head in ("Topic", "Topics", "Knowledge point", "Knowledge points"))
_DETAIL = 500  # characters of a model's words that a rejected row keeps


class MathScaleSettings(Settings):
    """How a question is asked for and read."""

    domain: str = Field("mathematics", min_length=1, description="what the teacher of the prompt teaches")
    reasks: int = Field(1, ge=0, le=10, description="how often a reply that cannot be read is asked for again")
    max_reply_characters: int = Field(50_000, ge=1_000, description="a longer reply is rejected unread")


_TEXT, _TEXTS = pa.string(), pa.list_(pa.string())
COLUMNS = pa.schema(
    [
        ("question", _TEXT),
        ("solution", _TEXT),
        ("answer", _TEXT),
        ("topics", _TEXTS),
        ("knowledge_points", _TEXTS),
        ("asked", _TEXTS),
        ("claimed", _TEXTS),
        ("claimed_other", _TEXTS),
        ("shots", _TEXTS),
        ("model", _TEXT),
    ]
)
"""`topics` and `knowledge_points` are the names asked for, `asked` their concept ids; `claimed` are those of them that
the writer says it used, `claimed_other` the names it gives that were not asked; `shots` are ids of seeds; `model` is
the name that the endpoint reported."""


def write(item: MathScaleItem, rng: Random, terms: Terms) -> Conversation:  # noqa: ARG001 - the item holds all chance
    """One composition's conversation."""
    settings: MathScaleSettings = terms.settings
    if not item.composition.points:
        raise Rejected("no points")
    messages = render(
        terms.prompts["write"],
        {
            "domain": settings.domain,
            "shots": "".join(_example(shot) for shot in item.shots),
            "topics": _numbered(topic.name for topic in item.composition.topics),
            "knowledge_points": _numbered(point.name for point in item.composition.points),
        },
    )
    return (
        yield from ask_until_read(
            messages, lambda reply: read(reply, item, settings), unreadable=UNREADABLE, reasks=settings.reasks
        )
    )


def read(reply: Reply, item: MathScaleItem, settings: MathScaleSettings) -> Row:
    """The row that a reply makes. Raises Rejected with one of the recipe's reasons."""
    if not reply.whole:
        raise Rejected(_ENDINGS[reply.finish], (reply.error or "")[:_DETAIL])
    if len(reply.text) > settings.max_reply_characters:
        raise Rejected("reply too long", f"{len(reply.text)} characters")
    question, solution = last_tag(reply.text, "question"), last_tag(reply.text, "solution")
    refusal = last_tag(reply.text, "refusal")
    if refusal is not None and not (question and solution):
        raise Rejected("refused", refusal[:_DETAIL])
    if not question:
        raise Rejected("no question", reply.text[:_DETAIL])
    if not solution:
        raise Rejected("no solution", reply.text[-_DETAIL:])
    answer = final_answer(solution)
    if not answer:
        raise Rejected("no answer", solution[-_DETAIL:])
    if copied(question, (shot.question for shot in item.shots)):
        raise Rejected("copies an example", question[:_DETAIL])
    claimed, other = _claims(last_tag(reply.text, "concepts") or "", item.composition)
    asked = (*item.composition.topics, *item.composition.points)
    return {
        "question": question,
        "solution": solution,
        "answer": answer,
        "topics": [topic.name for topic in item.composition.topics],
        "knowledge_points": [point.name for point in item.composition.points],
        "asked": [concept.id for concept in asked],
        "claimed": claimed,
        "claimed_other": other,
        "shots": [shot.seed_id for shot in item.shots],
        "model": reply.model,
    }


def _claims(text: str, composition: Composition) -> tuple[list[str], list[str]]:
    """The asked concepts that a list names, by id in the order asked, and the names on it that were not asked.

    Names are compared as the graph does when it merges by spelling.
    """
    names: dict[str, str] = {}
    for line in list_items(text):
        head, colon, rest = line.partition(":")
        name = rest.strip() if colon and normalise(head) in _HEADS else line
        if name and normalise(name) not in _HEADS:
            names.setdefault(normalise(name), name)
    asked = {c.id: normalise(c.name) for c in (*composition.topics, *composition.points)}
    known = frozenset(asked.values())
    return [i for i, key in asked.items() if key in names], [name for key, name in names.items() if key not in known]


@lru_cache(maxsize=1 << 14)  # the same seeds are shown again and again
def _example(shot: Shot) -> str:
    return (
        f"Example\nTopics:\n{_numbered(shot.topics)}\nKnowledge points:\n{_numbered(shot.points)}\n"
        f"<question>\n{shot.question}\n</question>\n\n"
    )


def _numbered(names: Iterable[str]) -> str:
    return "\n".join(f"{number}. {' '.join(name.split())}" for number, name in enumerate(names, 1))


MATHSCALE = Recipe(
    name="mathscale",
    version=1,
    converse=write,
    columns=COLUMNS,
    open_items=open_compositions,
    settings=MathScaleSettings,
    prompts={"write": Path(__file__).with_name("write.prompt").read_text(encoding="utf-8")},
    filters=(length, exact_answer, giveaway),
    sources=(
        "engine.asking",
        "engine.prompt",
        "generation.again",
        "generation.composition",
        "generation.quality.copied",
        "generation.quality.exact_answer",
        "generation.quality.giveaway",
        "generation.quality.length",
        "generation.recipes.mathscale.recipe",
        "generation.shots",
        "generation.tags",
        "graph.extraction",
        "graph.merging.normalise",
        "graph.sampling.aimed",
        "graph.sampling.alias",
        "graph.sampling.avoiding",
        "graph.sampling.conditioned",
        "graph.sampling.constraints",
        "graph.sampling.coverage",
        "graph.sampling.guided",
        "graph.sampling.near",
        "graph.sampling.opening",
        "graph.sampling.pairs",
        "graph.sampling.rand",
        "graph.sampling.sampler",
        "graph.sampling.thinness",
        "graph.sampling.two_composition",
        "graph.sampling.uses",
        "graph.sampling.walks",
        "graph.stores.levels",
    ),
)
"""Walks in, questions with solutions out."""
