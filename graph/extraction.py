"""Extraction: a model names the topics and knowledge points of a seed question (MathScale, arXiv 2403.02884,
concept extraction).

One call a seed, the question alone without its solution; one row a seed. What is made of the names, which are the same
concept and which are too rare, is decided later, when the graph is built: rows hold them as the model wrote them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from random import Random
from string import ascii_uppercase
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field

from engine.asking import ask_until_read
from engine.call import Reply
from engine.errors import InputError, Rejected
from engine.prompt import render
from engine.recipe import Conversation, Recipe, Settings, Terms
from engine.workspace import Workspace
from graph.sampling.rand import hash64
from graph.seed import Seed, read_seeds, seeds_hash

MOST_CHARACTERS = 120
"""Of a concept's name. What is longer is a sentence, and the reply is asked for again."""
UNREADABLE = frozenset({"no headers", "no concepts", "overlong concept"})
"""The reasons for which a reply is asked for again."""

_HEADER = re.compile(r"(topic|knowledge[ _-]?point)s?[\s*_]{0,4}(?::[\s*_]{0,4}(.*)|)", re.IGNORECASE)
_MARKER = re.compile(r"^\s*(?:\(?\d{1,2}[.):]|[-*•+])(?!\d)\s*")
_PARENTHESES = re.compile(r"\s*\([^()]*\)")
_REFUSAL = re.compile(r"<refusal>(.*?)</refusal>", re.IGNORECASE | re.DOTALL)
_AROUND = " \t\"'`#*_“”‘’"
_ENDINGS = {"length": "cut off", "content_filter": "content filter", "refused": "refused"}


class ExtractSettings(Settings):
    """How a question is read. The counts are the paper's."""

    domain: str = Field("mathematics", min_length=1, description="what the teacher of the prompt teaches")
    max_topics: int = Field(2, ge=1, description="topics of a seed that are kept, the first ones named")
    max_points: int = Field(5, ge=1, description="knowledge points of a seed that are kept, the first ones named")
    reasks: int = Field(1, ge=0, le=10, description="how often a reply that cannot be read is asked for again")


def parse_concepts(text: str) -> tuple[list[str], list[str]]:
    """The topics and knowledge points of a reply, cleaned by the rules of the paper's authors, equal names once.

    Raises Rejected("no headers") without a line "Topics" and one "Knowledge points" after it, Rejected("no concepts")
    where no name stands below them, Rejected("overlong concept") for a name longer than MOST_CHARACTERS.
    """
    topics: list[str] | None = None
    points: list[str] | None = None
    section: list[str] | None = None
    for line in text.splitlines():
        header = _HEADER.fullmatch(_unmarked(line))
        if header and header[1].lower() == "topic":
            topics, points = [], None  # a later pair of headers replaces an earlier one, such as a draft
            section = topics
        elif header and topics is not None:
            section = points = []
        elif section is not None and line.strip():
            section.append(line)
        if header and section is not None and header[2]:
            section.append(header[2])
    if topics is None or points is None:
        raise Rejected("no headers", text[:200])
    named = _names(topics, _topic), _names(points, _point)
    if not any(named):
        raise Rejected("no concepts", text[:200])
    if overlong := [name for names in named for name in names if len(name) > MOST_CHARACTERS]:
        raise Rejected("overlong concept", overlong[0][:200])
    return named


def _names(lines: list[str], clean: Callable[[str], str]) -> list[str]:
    """The cleaned names of a section. Where some lines are numbered, the others are remarks."""
    numbered = [line for line in lines if _MARKER.match(line)]
    named: dict[str, str] = {}
    for line in numbered or lines:
        if name := clean(_unmarked(line)):
            named.setdefault(name.casefold(), name)
    return list(named.values())


def _unmarked(line: str) -> str:
    return _MARKER.sub("", line.strip(_AROUND + "\r\n"), count=1).strip(_AROUND)


def _topic(text: str) -> str:
    return _plain(_PARENTHESES.sub("", text, count=1))


def _point(text: str) -> str:
    return _plain(text.partition(":")[0])


def _plain(text: str) -> str:
    return " ".join(text.strip(_AROUND).removesuffix(".").strip(_AROUND).split())


def question_text(seed: Seed) -> str:
    """A seed's question as a prompt shows it: its options, if any, lettered below."""
    options = [f"({letter}) {option}" for letter, option in zip(ascii_uppercase, seed.options, strict=False)]
    return "\n".join((seed.question, *options))


def extract(seed: Seed, rng: Random, terms: Terms) -> Conversation:  # noqa: ARG001 - nothing here is left to chance
    """One seed's conversation: one call, again where its reply cannot be read."""
    settings: ExtractSettings = terms.settings
    messages = render(terms.prompts["extract"], {"domain": settings.domain, "question": question_text(seed)})
    topics, points = yield from ask_until_read(messages, _read, unreadable=UNREADABLE, reasks=settings.reasks)
    return {
        "seed_id": seed.id,
        "topics": topics[: settings.max_topics],
        "knowledge_points": points[: settings.max_points],
    }


def _read(reply: Reply) -> tuple[list[str], list[str]]:
    """The topics and knowledge points of a reply. Raises Rejected with one of the recipe's reasons."""
    if not reply.whole:
        raise Rejected(_ENDINGS[reply.finish], reply.error or "")
    if refusal := _REFUSAL.search(reply.text):
        raise Rejected("refused", refusal[1].strip()[:500])
    return parse_concepts(reply.text)


class SeedItems:
    """Seeds to work through, sorted by id. A seed that stands in several sets is there as often; later ones repeat."""

    def __init__(self, seeds: Iterable[Seed]) -> None:
        self._seeds = sorted(seeds, key=lambda seed: seed.id)  # stable: of equal ids the first set's comes first
        self._identities = np.array([hash64(seed.id) for seed in self._seeds], np.uint64)

    @property
    def size(self) -> int | None:
        """How many seeds there are."""
        return len(self._seeds)

    def take(self, indices: NDArray[np.int64]) -> Sequence[Seed]:
        """The seeds at `indices`, shape (n,)."""
        return [self._seeds[i] for i in indices.tolist()]

    def identities(self, start: int, stop: int) -> NDArray[np.uint64]:
        """Shape (stop - start,): one number for each seed id."""
        return self._identities[start:stop]

    def describe(self, item: Seed) -> Mapping[str, Any]:
        """The seed's id and question."""
        return {"seed_id": item.id, "question": item.question}


def open_seeds(described: Sequence[Mapping[str, str]], workspace: Path) -> list[Seed]:
    """The seeds of the sets that run.json names, in its order: `[{"name": ..., "hash": ...}, ...]`.

    Raises InputError where a set is missing or no longer what the run began with.
    """
    found: list[Seed] = []
    for entry in described:
        path = Workspace(workspace).seeds / f"{entry['name']}.parquet"
        seeds = read_seeds(path)
        if seeds_hash(seeds) != entry["hash"]:
            raise InputError(
                f"{path} is not what it was when the run began; put the old seeds back under that name, or begin a new "
                "run with these: skillweave graph build SEEDS"
            )
        found += seeds
    return found


def _open_items(described: Mapping[str, Any], workspace: Path) -> SeedItems:
    if described.get("kind") != "seeds":
        raise InputError(
            f"extraction works on seeds, not on {described.get('kind')!r}; begin a run: skillweave graph build SEEDS"
        )
    extracted = {seed.id for seed in open_seeds(described.get("without", ()), workspace)}
    return SeedItems(seed for seed in open_seeds(described["seeds"], workspace) if seed.id not in extracted)


EXTRACT = Recipe(
    name="extract",
    version=1,
    converse=extract,
    columns=pa.schema(
        [("seed_id", pa.string()), ("topics", pa.list_(pa.string())), ("knowledge_points", pa.list_(pa.string()))]
    ),
    open_items=_open_items,
    settings=ExtractSettings,
    prompts={"extract": Path(__file__).with_name("prompts").joinpath("extract.prompt").read_text(encoding="utf-8")},
    sources=("engine.asking", "engine.prompt", "graph.extraction"),
)
"""Seeds in, rows of (seed_id, topics, knowledge_points) out."""
