"""The tag recipe: a generated question in, the concepts that its text is about out.

The question alone is read, by the prompt and the parser that read the seeds (graph/extraction.py): without its solution
and without a hint of what was asked for. So what was got stands beside what was asked and what the writer claims. The
names become concepts of the graph that the question was made from, by the layers of merging; see docs/tagging.md.
"""

from __future__ import annotations

from random import Random

import pyarrow as pa

from engine.recipe import Conversation, Recipe, Terms
from generation.recipes.tag.questions import Question, QuestionItems
from graph.build import COLUMNS as KIND_COLUMNS
from graph.extraction import EXTRACT, ExtractSettings, extract
from graph.seed import Seed

_TEXT, _TEXTS = pa.string(), pa.list_(pa.string())
COLUMNS = pa.schema(
    [
        ("question_id", _TEXT),
        ("run", _TEXT),
        ("topics", _TEXTS),
        ("knowledge_points", _TEXTS),
        ("tagged", _TEXTS),
        ("tagged_other", _TEXTS),
    ]
)
"""`question_id` and `run` say whose tags these are; `topics` and `knowledge_points` are the names as the model gave
them; `tagged` are the concepts of the graph that they mean, by id, each once; `tagged_other` the names that mean
none."""


def tag(item: Question, rng: Random, terms: Terms) -> Conversation:
    """One question's conversation: that of an extraction."""
    named = yield from extract(Seed(item.id, item.text), rng, terms)
    tagged: dict[str, None] = {}
    other: list[str] = []
    for kind in ("topic", "knowledge_point"):
        for name in named[KIND_COLUMNS[kind]]:
            concept = item.names.concept(kind, name)
            if concept is None:
                other.append(name)
            else:
                tagged[concept] = None
    return {
        "question_id": item.id,
        "run": item.run,
        "topics": named["topics"],
        "knowledge_points": named["knowledge_points"],
        "tagged": list(tagged),
        "tagged_other": other,
    }


TAG = Recipe(
    name="tag",
    version=1,
    converse=tag,
    columns=COLUMNS,
    open_items=QuestionItems.open,
    settings=ExtractSettings,
    prompts=EXTRACT.prompts,
    sources=(
        "engine.asking",
        "engine.prompt",
        "generation.first_accepted",
        "generation.recipes.tag.names",
        "generation.recipes.tag.questions",
        "generation.recipes.tag.recipe",
        "graph.extraction",
        "graph.merging.aliases",
        "graph.merging.guards",
        "graph.merging.normalise",
        "graph.merging.resolving",
    ),
)
"""Questions in, rows of names and concepts out."""
