"""Stage a snapshot and its questions as one Parquet file for each table of `graph.stores.schema`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from engine.folders import write_parquet
from graph.snapshot import Snapshot
from graph.stores import QUESTION_SCHEMA, Questions
from graph.stores.schema import BASES, TABLES


@dataclass(frozen=True, slots=True)
class Staged:
    """What was staged."""

    counts: Mapping[str, int]
    """Rows of every table, in the order of `TABLES`."""
    unresolved: int
    """Uses whose concept is no node of the graph; they are not in the tables."""


def staged_file(folder: Path, name: str) -> Path:
    """Where the table of this name is staged."""
    return folder / f"{name}.parquet"


def stage(snapshot: Snapshot, questions: Questions, folder: Path) -> Staged:
    """Write the file of every table into `folder`. Memory stays flat as questions grow."""
    mentions = snapshot.mentions.select(["seed_id", "concept_id"])
    edges = snapshot.edges.select(["source", "target", "weight"])
    tables = {
        "Concept": snapshot.nodes.select(["id", "kind", "name", "count"]),
        "Seed": _without_nulls(snapshot.seeds),
        "CO_OCCURS": edges.rename_columns(TABLES["CO_OCCURS"].schema.names),
        "MENTIONS": mentions.group_by(mentions.column_names)
        .aggregate([])
        .sort_by([("seed_id", "ascending"), ("concept_id", "ascending")])
        .rename_columns(TABLES["MENTIONS"].schema.names),
    }
    for name, table in tables.items():
        write_parquet(staged_file(folder, name), table.cast(TABLES[name].schema))
    counts = {name: table.num_rows for name, table in tables.items()}
    of_questions, unresolved = _stage_questions(snapshot, questions, folder)
    return Staged({name: (counts | of_questions)[name] for name in TABLES}, unresolved)


def _without_nulls(table: pa.Table) -> pa.Table:
    return pa.table({name: pc.fill_null(table[name], "") for name in table.column_names})


def _stage_questions(snapshot: Snapshot, questions: Questions, folder: Path) -> tuple[dict[str, int], int]:
    """Write the questions and their uses as they are read."""
    resolver = snapshot.resolver()
    old, now = pa.array(list(resolver), pa.string()), pa.array(list(resolver.values()), pa.string())
    question_columns, use_columns = TABLES["Question"].schema, TABLES["USES"].schema
    counts, unresolved = {"Question": 0, "USES": 0}, 0
    with (
        pq.ParquetWriter(staged_file(folder, "Question"), question_columns) as question_file,
        pq.ParquetWriter(staged_file(folder, "USES"), use_columns) as use_file,
    ):
        for table in questions.tables():
            for batch in table.select(QUESTION_SCHEMA.names).cast(QUESTION_SCHEMA).to_batches():
                question_file.write_table(_without_nulls(pa.table(batch).select(question_columns.names)))
                counts["Question"] += batch.num_rows
                for basis in BASES:
                    ids = batch["id"].take(pc.list_parent_indices(batch[basis]))
                    concepts = now.take(pc.index_in(pc.list_flatten(batch[basis]), old))
                    uses = pa.table([ids, concepts, pa.repeat(basis, len(ids))], schema=use_columns)
                    known = uses.filter(pc.is_valid(concepts))
                    unresolved += uses.num_rows - known.num_rows
                    distinct = known.group_by(use_columns.names, use_threads=False).aggregate([])
                    use_file.write_table(distinct)
                    counts["USES"] += distinct.num_rows
    return counts, unresolved
