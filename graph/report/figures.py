"""What the report tells, as plain values. The store is asked by shipped queries; a script can ask the same.

What seeds mention is counted from the snapshot itself, which is the same whichever store answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from graph.query import Value, find_query, run_query
from graph.seed import LEVELS
from graph.snapshot import Snapshot
from graph.stores import Store

TOPICS = 20
"""Topics in the heat map and in the pair matrix: those that most seeds mention."""
ROWS = 12
"""Rows of each table of thin spots."""
SHORT = 13
"""Letters of a fingerprint in a command; more than any workspace needs to tell its graphs apart."""
_EVERY_ROW = 10_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of a shipped query, and the command that asks for the same."""

    title: str
    question: str
    command: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Growth:
    """How coverage grew, at some numbers of questions, few of them near the beginning and all of them last."""

    command: str
    questions: list[int]
    """How many of the first questions are looked at; 0 is not among them. Empty where there are no questions."""
    concepts: list[int]
    """Different concepts of the graph that these use."""
    pairs: list[int]
    """Different pairs of the seeds that one of these uses both of."""


@dataclass(frozen=True, slots=True)
class Heat:
    """Topics by level: how many seeds mention a topic, how many questions use it."""

    topics: list[str]
    """Names, the one that most seeds mention first."""
    levels: list[str]
    """In order of age; the last may be the empty text, where the level is not known."""
    seeds: list[list[int]]
    """A row for each topic, a column for each level."""
    questions: list[list[int]]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Which of the most frequent topics come together, in seeds and in questions."""

    topics: list[str]
    seeds: Mapping[tuple[int, int], int]
    """(i, j) with i < j, places in `topics` -> seeds that mention both; pairs without any are not in it."""
    questions: Mapping[tuple[int, int], int]


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything on the page."""

    graph: str
    created: str
    basis: str
    counts: Mapping[str, int]
    """Rows of the snapshot's tables."""
    questions: int
    """Questions that use any concept on this basis."""
    runs: Answer
    kinds: Answer
    pair_kinds: Answer
    use: Answer
    """Every concept, the most used first."""
    heat: Heat
    pairs: Pairs
    growth: Growth
    bands: Answer
    skew: Answer
    thin: Sequence[Answer]
    """Thin spots, each a list that ends with nothing where nothing is thin."""


def figures(snapshot: Snapshot, store: Store, basis: str = "asked", timeout_s: float = 120.0) -> Figures:
    """Ask the store everything. Raises InputError for a basis that is none."""

    def ask(name: str, rows: int = _EVERY_ROW, **given: Value) -> Answer:
        query = find_query(name)
        known = {parameter.name for parameter in query.parameters}
        given |= {"basis": basis} if "basis" in known else {}
        limit: dict[str, Value] = {"limit": rows} if "limit" in known else {}
        result = run_query(store, query, given | limit, timeout_s=timeout_s, row_limit=_EVERY_ROW)
        shown = "".join(f" --param {key}={value}" for key, value in given.items())
        command = f"skillweave graph query {name} --graph {snapshot.fingerprint[:SHORT]}{shown}"
        return Answer(query.title, query.question, command, result.columns, result.rows)

    runs = ask("questions-by-run")
    runs = Answer(runs.title, runs.question, runs.command, runs.columns, [r for r in runs.rows if r[2] == basis])
    topics = snapshot.nodes.filter(pc.equal(snapshot.nodes["kind"], "topic")).sort_by(
        [("count", "descending"), ("id", "ascending")]
    )[:TOPICS]
    return Figures(
        graph=snapshot.fingerprint,
        created=str(snapshot.meta.get("created") or ""),
        basis=basis,
        counts=snapshot.meta["counts"],
        questions=sum(row[3] for row in runs.rows),
        runs=runs,
        kinds=ask("coverage-by-kind"),
        pair_kinds=ask("coverage-of-pairs"),
        use=ask("concepts-by-use"),
        heat=_heat(snapshot, topics, ask("topic-by-level")),
        pairs=_pairs(snapshot, topics, ask("top-pairs", kind="topic")),
        growth=_growth(ask("growth")),
        bands=ask("concentration"),
        skew=ask("skew"),
        thin=[
            ask("uncovered-concepts", rows=ROWS),
            ask("thin-concepts", rows=ROWS),
            ask("thin-pairs", rows=ROWS),
            ask("level-gaps", rows=ROWS),
        ],
    )


def _growth(answer: Answer) -> Growth:
    questions, concepts, pairs = zip(*answer.rows, strict=True) if answer.rows else ((), (), ())
    return Growth(answer.command, list(questions), list(concepts), list(pairs))


def _heat(snapshot: Snapshot, topics: pa.Table, answer: Answer) -> Heat:
    ids = topics["id"].to_pylist()
    mentions = snapshot.mentions.filter(pc.is_in(snapshot.mentions["concept_id"], topics["id"].combine_chunks()))
    mentions = mentions.select(["seed_id", "concept_id", "level"]).group_by(["seed_id", "concept_id", "level"])
    seeds: dict[tuple[str, str], int] = {}
    for concept, level in zip(*(mentions.aggregate([])[c].to_pylist() for c in ("concept_id", "level")), strict=True):
        seeds[concept, level or ""] = seeds.get((concept, level or ""), 0) + 1
    used = {(row[0], row[2]): row[3] for row in answer.rows}
    found = {level for _, level in (*seeds, *used)}
    levels = [level for level in (*LEVELS, *sorted(found - {*LEVELS, ""}), "") if level in found]
    return Heat(
        topics=topics["name"].to_pylist(),
        levels=levels,
        seeds=[[seeds.get((topic, level), 0) for level in levels] for topic in ids],
        questions=[[used.get((topic, level), 0) for level in levels] for topic in ids],
    )


def _pairs(snapshot: Snapshot, topics: pa.Table, answer: Answer) -> Pairs:
    place = {topic: number for number, topic in enumerate(topics["id"].to_pylist())}
    ids, edges = topics["id"].combine_chunks(), snapshot.edges
    edges = edges.filter(pc.and_(pc.is_in(edges["source"], ids), pc.is_in(edges["target"], ids)))

    def placed(one: str, other: str) -> tuple[int, int]:
        low, high = sorted((place[one], place[other]))
        return low, high

    return Pairs(
        topics=topics["name"].to_pylist(),
        seeds={placed(edge["source"], edge["target"]): edge["weight"] for edge in edges.to_pylist()},
        questions={placed(row[0], row[2]): row[4] for row in answer.rows if row[0] in place and row[2] in place},
    )
