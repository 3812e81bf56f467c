"""Every count that a store carries beside the plain Cypher that counts it, and small graphs to compare them on.

For any store: `for carried, plain in CARRIED.values(): store.query(carried, {}).rows == store.query(plain, {}).rows`,
where the store keeps every pair (`StoreSettings.other_pairs`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from graph.concept import KINDS
from graph.seed import LEVELS
from graph.snapshot import Snapshot
from graph.stores import QUESTION_SCHEMA, Questions
from graph.stores.schema import BASES, FOUND_BASES

_USED_IN = (
    "MATCH (c:Concept)-[r:USED_IN]->(s:Slice) WHERE r.{0} > 0 "
    "RETURN c.id AS id, s.run AS run, s.level AS level, s.basis AS basis, r.{0} AS n ORDER BY id, run, level, basis"
)
_USES_BY_SLICE = (
    "MATCH (q:Question)-[u:USES]->(c:Concept) WHERE {} "
    "RETURN c.id AS id, q.run AS run, q.level AS level, u.basis AS basis, count(*) AS n ORDER BY id, run, level, basis"
)
_SLICE = (
    "MATCH (s:Slice) WHERE s.{0} > 0 "
    "RETURN s.run AS run, s.level AS level, s.basis AS basis, s.{0} AS n ORDER BY run, level, basis"
)
_QUESTIONS_BY_SLICE = (
    "MATCH (q:Question)-[u:USES]->(c:Concept) WHERE {} "
    "RETURN q.run AS run, q.level AS level, u.basis AS basis, count(DISTINCT q.id) AS n ORDER BY run, level, basis"
)

CARRIED: dict[str, tuple[str, str]] = {
    **{
        f"Concept.{basis}": (
            f"MATCH (c:Concept) WHERE c.{basis} > 0 RETURN c.id AS id, c.{basis} AS n ORDER BY id",
            f"MATCH (:Question)-[u:USES]->(c:Concept) WHERE u.basis = '{basis}' "
            "RETURN c.id AS id, count(*) AS n ORDER BY id",
        )
        for basis in BASES
    },
    **{
        f"CO_OCCURS.{basis}": (
            f"MATCH (a:Concept)-[r:CO_OCCURS]->(b:Concept) WHERE r.{basis} > 0 "
            f"RETURN a.id AS a_id, b.id AS b_id, r.{basis} AS n ORDER BY a_id, b_id",
            "MATCH (a:Concept)<-[u:USES]-(:Question)-[v:USES]->(b:Concept) "
            f"WHERE u.basis = '{basis}' AND v.basis = '{basis}' AND EXISTS {{ MATCH (a)-[:CO_OCCURS]->(b) }} "
            "RETURN a.id AS a_id, b.id AS b_id, count(*) AS n ORDER BY a_id, b_id",
        )
        for basis in BASES
    },
    "Slice.questions": (_SLICE.format("questions"), _QUESTIONS_BY_SLICE.format("true")),
    **{
        f"Slice.{column}": (_SLICE.format(column), _QUESTIONS_BY_SLICE.format(f"c.kind = '{kind}'"))
        for column, kind in zip(("topic_questions", "point_questions", "skill_questions"), KINDS, strict=True)
    },
    "USED_IN.questions": (_USED_IN.format("questions"), _USES_BY_SLICE.format("true")),
    "USED_IN.twins": (_USED_IN.format("twins"), _USES_BY_SLICE.format("q.twin <> ''")),
    "USED_IN.reviewed": (_USED_IN.format("reviewed"), _USES_BY_SLICE.format("q.review <> ''")),
    "USED_IN.rejected": (_USED_IN.format("rejected"), _USES_BY_SLICE.format("q.review = 'reject'")),
    **{
        f"USED_IN.{what}_{basis}": (
            _USED_IN.format(f"{what}_{basis}"),
            _USES_BY_SLICE.format(f"EXISTS {{ MATCH (q)-[o:USES]->({end}) WHERE o.basis = '{basis}' }}"),
        )
        for basis in FOUND_BASES
        for what, end in (("any", ":Concept"), ("found", "c"))
    },
    "USED_WITH.questions": (
        "MATCH (a:Concept)-[w:USED_WITH]->(b:Concept) RETURN a.id AS a_id, b.id AS b_id, w.basis AS basis, "
        "w.run AS run, w.level AS level, w.questions AS n ORDER BY a_id, b_id, basis, run, level",
        "MATCH (a:Concept)<-[u:USES]-(q:Question)-[v:USES]->(b:Concept) WHERE u.basis = v.basis AND a.id < b.id "
        "RETURN a.id AS a_id, b.id AS b_id, u.basis AS basis, q.run AS run, q.level AS level, count(*) AS n "
        "ORDER BY a_id, b_id, basis, run, level",
    ),
    **{
        f"USED_WITH.{count}": (
            f"MATCH (a:Concept)-[w:USED_WITH]->(b:Concept) WHERE w.{count} > 0 "
            f"RETURN a.id AS a_id, b.id AS b_id, w.basis AS basis, {at.format('w')} AS at, w.{count} AS n "
            "ORDER BY a_id, b_id, basis, at",
            "MATCH (a:Concept)<-[u:USES]-(q:Question)-[v:USES]->(b:Concept) WHERE u.basis = v.basis AND a.id < b.id "
            f"RETURN a.id AS a_id, b.id AS b_id, u.basis AS basis, {at.format('q')} AS at, count(*) AS n "
            "ORDER BY a_id, b_id, basis, at",
        )
        for count, at in (("run_questions", "{}.run"), ("level_questions", "{}.level"), ("all_questions", "'any'"))
    },
    "USED_WITH.seeds": (
        "MATCH (a:Concept)-[w:USED_WITH]->(b:Concept) WHERE w.seeds > 0 "
        "RETURN DISTINCT a.id AS a_id, b.id AS b_id, w.seeds AS n ORDER BY a_id, b_id",
        "MATCH (b:Concept)<-[r:CO_OCCURS]-(a:Concept)<-[u:USES]-(:Question)-[v:USES]->(c:Concept) "
        "WHERE u.basis = v.basis AND c.id = b.id "
        "RETURN DISTINCT a.id AS a_id, b.id AS b_id, r.weight AS n ORDER BY a_id, b_id",
    ),
}
"""By what is carried: the Cypher that reads it and the Cypher that counts it. Zeros are left out, as nothing counts."""


@dataclass(frozen=True)
class Loaded:
    """A graph, the questions made from it, and these as plain rows in the order of loading."""

    snapshot: Snapshot
    rows: list[dict[str, Any]]
    table_rows: int
    """How many rows a table has; the last one may have fewer."""

    @property
    def questions(self) -> Questions:
        """The questions as a store wants them."""
        spans = range(0, len(self.rows), self.table_rows)
        tables = [pa.Table.from_pylist(self.rows[i : i + self.table_rows], schema=QUESTION_SCHEMA) for i in spans]
        return Questions(["b2:any"], lambda: tables)

    def uses(self, basis: str) -> list[set[str]]:
        """The concepts that each question uses."""
        now = self.snapshot.resolver()
        return [{now[concept] for concept in row[basis] or () if concept in now} for row in self.rows]

    def pairs(self, basis: str) -> Counter[tuple[str, str]]:
        """Questions that use both concepts."""
        return Counter(pair for used in self.uses(basis) for pair in combinations(sorted(used), 2))

    def edges(self) -> set[tuple[str, str]]:
        """The pairs of the seeds."""
        return {(row["source"], row["target"]) for row in self.snapshot.edges.to_pylist()}

    def twins(self) -> list[str]:
        """The twin of each question."""
        first: dict[int, str] = {}
        return [
            "" if (key := row["text_key"]) is None or (of := first.setdefault(key, row["id"])) == row["id"] else of
            for row in self.rows
        ]

    def levels(self) -> list[str]:
        """The level of each question."""
        level_of = {row["id"]: row["level"] for row in self.snapshot.seeds.to_pylist()}
        mentions = {(row["seed_id"], row["concept_id"]) for row in self.snapshot.mentions.to_pylist()}
        seeds = defaultdict(list)
        for seed, concept in mentions:
            seeds[concept].append(level_of[seed])
        levels = []
        for row, used in zip(self.rows, self.uses("asked"), strict=True):
            counts = Counter(level for concept in used for level in seeds[concept] if level)
            best = min(counts, key=lambda name: (-counts[name], *_rank(name)), default="")
            levels.append(row["level"] if row["level"] is not None else best)
        return levels


def _rank(level: str) -> tuple[int, str]:
    return (LEVELS.index(level), "") if level in LEVELS else (len(LEVELS), level)


@st.composite
def loads(draw: st.DrawFn) -> Loaded:
    """Any small graph and any questions: unknown and old ids, repeats, bases without tags, twins, verdicts."""
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=2, max_size=9))
    ids = sorted(f"{kind[0]}{number}" for number, kind in enumerate(kinds))
    kind_of = {"t": "topic", "k": "knowledge_point", "s": "skill"}
    edges = draw(st.lists(st.sampled_from([*combinations(ids, 2)]), unique=True))
    levels = ["", None, "high", "primary", "college", "alpha", "Zeta"]
    seeds = [(f"s{i}", draw(st.sampled_from(levels))) for i in range(draw(st.integers(1, 5)))]
    mention = st.tuples(st.sampled_from(seeds), st.sampled_from(ids), st.sampled_from(["x", "y"]))
    mentions = draw(st.lists(mention, max_size=15))
    snapshot = Snapshot.from_tables(
        {
            "nodes": pa.table(
                {
                    "id": ids,
                    "kind": [kind_of[concept[0]] for concept in ids],
                    "name": ids,
                    "aliases": pa.array([[]] * len(ids), pa.list_(pa.string())),
                    "count": [1] * len(ids),
                }
            ),
            "edges": _table(
                ("source", "target", "weight", "kinds"), [(*edge, draw(st.integers(1, 5)), "") for edge in edges]
            ),
            "seeds": _table(("id", "level", "subject", "source"), [(*seed, "", "") for seed in seeds]),
            "mentions": _table(
                ("seed_id", "concept_id", "kind", "name", "level", "subject"),
                [(seed, concept, "topic", name, level, "") for (seed, level), concept, name in mentions],
            ),
            "merges": _table(
                ("kind", "name", "id", "into", "into_name", "rule", "score", "by", "mentions"),
                [("topic", "old", "old", ids[0], ids[0], "alias", 1.0, "rule", 1)],
            ),
        }
    )
    concepts = st.lists(st.sampled_from([*ids, *ids, "old", "gone"]), max_size=6)
    question = st.fixed_dictionaries(
        {
            "run": st.sampled_from(["r", "s"]),
            "level": st.sampled_from([None, None, "", "college"]),
            "asked": concepts,
            "claimed": concepts,
            "tagged": st.none() | concepts,
            "text_key": st.none() | st.sampled_from([0, 7, 2**64 - 1]),
            "review": st.sampled_from([None, "accept", "reject"]),
        }
    )
    rows = [{"id": f"q{number:02}", **row} for number, row in enumerate(draw(st.lists(question, max_size=14)))]
    return Loaded(snapshot, rows, draw(st.integers(1, 14)))


def _table(columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> pa.Table:
    counts = {"weight", "mentions"}
    kinds = {column: pa.int64() if column in counts else pa.string() for column in columns} | (
        {"score": pa.float64()} if "score" in columns else {}
    )
    return pa.Table.from_pylist(
        [dict(zip(columns, row, strict=True)) for row in rows], schema=pa.schema(list(kinds.items()))
    )
