"""What every store holds, once for all of them: tables of nodes, and of relationships between these.

A store is a projection of a snapshot and the questions made from it; the tables are staged as Parquet files by
`graph.stores.projection` and loaded as they stand. No property is ever null: a level or run that is not known is the
empty text, because stores disagree on where a null sorts.

    (:Concept {id, kind, name, count, asked, claimed, tagged})
    (:Seed {id, level, subject, source})
    (:Question {id, run, level, twin, review})
    (:Slice {id, run, level, basis, questions, topic_questions, point_questions, skill_questions})
    (:Milestone {id, basis, questions, concepts, pairs})
    (:Concept)-[:CO_OCCURS {weight, asked, claimed, tagged}]->(:Concept)
    (:Seed)-[:MENTIONS]->(:Concept)
    (:Question)-[:USES {basis}]->(:Concept)
    (:Concept)-[:USED_IN {questions, twins, reviewed, rejected,
                          any_claimed, found_claimed, any_tagged, found_tagged}]->(:Slice)
    (:Concept)-[:USED_WITH {basis, run, level, seeds,
                            questions, run_questions, level_questions, all_questions}]->(:Concept)

A *basis* is the ground on which a question has a concept: `asked` by its composition, `claimed` by its writer, `tagged`
by a reader of its text. What coverage asks for again and again is counted once, when the tables are staged, and carried
in the graph; each such number is what plain Cypher over Question and USES would count, if told their order.

| carried | is |
|---|---|
| Concept.count | seeds that mention it |
| Concept.asked, claimed, tagged | questions that use it on that basis |
| CO_OCCURS.weight | seeds that mention both; the relationship goes once, from the lower id to the higher |
| CO_OCCURS.asked, claimed, tagged | questions that use both on that basis |
| Question.level | what its composition asks for, else what `graph.stores.levels` makes of its asked concepts |
| Question.twin | the first question loaded with its text, case, spaces and numbers made equal; '' for the first |
| Question.review | '', 'accept' or 'reject': the last verdict of a person |
| Slice | the questions of one run and level that use any concept on one basis; there is none where no question does |
| Slice.topic_questions, ... | those of them that use a topic, a knowledge point, a skill |
| Milestone | the first so many `questions` loaded, on one basis: 12 such numbers to a decade, the last one is all |
| Milestone.concepts, pairs | different concepts, and pairs of the seeds, that one of these questions uses |
| USED_IN.questions | questions of the slice that use the concept, on its basis |
| USED_IN.twins, reviewed, rejected | of these the twins, those a person judged, and those a person rejected |
| USED_IN.any_claimed, any_tagged | of these those that have any concept on the basis claimed, or tagged |
| USED_IN.found_claimed, found_tagged | of these those that have this concept on that basis too |
| USED_WITH.questions | questions of the slice that use both; the relationship goes from the lower id to the higher |
| USED_WITH.run_questions | those of its run at any level, at one slice of the run; 0 at the other slices |
| USED_WITH.level_questions | those of its level in any run, at one slice of the level; 0 at the other slices |
| USED_WITH.all_questions | those of all slices of its basis, at one of these; 0 at the other slices |
| USED_WITH.seeds | the weight of their edge, 0 where they have none |

USED_WITH holds every pair that is an edge, and of the others the most used of each basis
(`StoreSettings.other_pairs`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pyarrow as pa

BASES = ("asked", "claimed", "tagged")
"""On which ground a question has a concept: its composition, its writer, or a reader of its text."""
FROM, TO = "from_id", "to_id"
_TEXT, _COUNT = pa.string(), pa.int64()
_BY_BASIS = dict.fromkeys(BASES, _COUNT)
FOUND_BASES = ("claimed", "tagged")
"""On which a question may be found to have, or to lack, what it was asked."""
USED_IN_COUNTS = (
    *("questions", "twins", "reviewed", "rejected"),
    *(f"{what}_{basis}" for basis in FOUND_BASES for what in ("any", "found")),
)
"""What is counted of the questions of a slice that use a concept."""
USED_WITH_COUNTS = ("questions", "run_questions", "level_questions", "all_questions")
"""What is counted of the questions that use two concepts. A sum over slices is told at one of them, so that none of
these counts a question twice, and whoever reads it need not add up."""


@dataclass(frozen=True, slots=True)
class Table:
    """A label of nodes, or a type of relationships."""

    name: str
    properties: Mapping[str, pa.DataType]
    """Of nodes, `id` is the first and tells them apart."""
    ends: tuple[str, str] | None = None
    """The labels a relationship goes from and to; None of nodes."""

    @property
    def schema(self) -> pa.Schema:
        """The columns of the staged file: those of a relationship begin with the ids of its ends."""
        ends = [] if self.ends is None else [(FROM, _TEXT), (TO, _TEXT)]
        return pa.schema([*ends, *self.properties.items()])


TABLES: Mapping[str, Table] = MappingProxyType(
    {
        table.name: table
        for table in (
            Table("Concept", {"id": _TEXT, "kind": _TEXT, "name": _TEXT, "count": _COUNT, **_BY_BASIS}),
            Table("Seed", {"id": _TEXT, "level": _TEXT, "subject": _TEXT, "source": _TEXT}),
            Table("Question", {"id": _TEXT, "run": _TEXT, "level": _TEXT, "twin": _TEXT, "review": _TEXT}),
            Table(
                "Slice",
                {
                    "id": _TEXT,
                    "run": _TEXT,
                    "level": _TEXT,
                    "basis": _TEXT,
                    "questions": _COUNT,
                    "topic_questions": _COUNT,
                    "point_questions": _COUNT,
                    "skill_questions": _COUNT,
                },
            ),
            Table("Milestone", {"id": _TEXT, "basis": _TEXT, "questions": _COUNT, "concepts": _COUNT, "pairs": _COUNT}),
            Table("CO_OCCURS", {"weight": _COUNT, **_BY_BASIS}, ("Concept", "Concept")),
            Table("MENTIONS", {}, ("Seed", "Concept")),
            Table("USES", {"basis": _TEXT}, ("Question", "Concept")),
            Table("USED_IN", dict.fromkeys(USED_IN_COUNTS, _COUNT), ("Concept", "Slice")),
            Table(
                "USED_WITH",
                {
                    "basis": _TEXT,
                    "run": _TEXT,
                    "level": _TEXT,
                    "seeds": _COUNT,
                    **dict.fromkeys(USED_WITH_COUNTS, _COUNT),
                },
                ("Concept", "Concept"),
            ),
        )
    }
)
"""By name, nodes before relationships: the order of loading."""
