"""From what was extracted to the graph: names become concepts, concepts of one seed are joined, rare ones are left out.

The rules are the paper's (arXiv 2403.02884, concept extraction and graph construction): an edge joins any two concepts
of one seed and weighs as many seeds as hold both; concepts that occur once are dropped. Merging by meaning is ours.

A graph that grows is built of all rows, the old and the new, with its decision table replayed first
(graph/merging/decisions.py): ids, merges and names given by a person live on, and a concept that was too rare enters
with the id it had all along.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict, Field

from engine.errors import InputError
from graph.concept import KINDS
from graph.embedding import Embedder
from graph.merging.aliases import Aliases, AliasTable
from graph.merging.decisions import Decision, decide
from graph.merging.guards import Guards
from graph.merging.normalise import clean
from graph.seed import Seed, seeds_hash
from graph.snapshot import SCHEMAS, Snapshot, lineage

COLUMNS: Mapping[str, str] = {"topic": "topics", "knowledge_point": "knowledge_points", "skill": "skills"}
"""Kind -> the column of an extraction's rows that lists its names; `skills` may be absent."""


class GraphSettings(BaseModel):
    """What decides a graph, besides seeds, extraction, embedder, aliases and contrasts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    threshold: float = Field(0.85, gt=0, le=1, description="cosine from which names are merged by embedding")
    min_count: int = Field(2, ge=1, description="seeds that must mention a concept, else it is left out")


def build_snapshot(
    extraction: pa.Table,
    seeds: Sequence[Seed],
    *,
    embedder: Embedder,
    aliases: Aliases,
    contrasts: Iterable[Sequence[str]],
    settings: GraphSettings,
    parent: Snapshot | None = None,
    runs: Sequence[str] = (),
) -> Snapshot:
    """Make a snapshot of an extraction's rows (`seed_id`, and the columns of `COLUMNS`), in their order.

    The order matters in one way: of names that are merged, the one seen first lends the concept its id. `parent` is the
    graph that grows; its rows come first. A seed that is given twice counts once, the first one given. Raises
    InputError where a row names a seed that is not given, or fewer than two concepts remain.
    """
    by_id: dict[str, Seed] = {}
    for seed in seeds:
        by_id.setdefault(seed.id, seed)
    mentions = _mentions(extraction, by_id)
    table, guards = AliasTable(aliases), Guards(contrasts)
    earlier = [Decision(**row) for row in parent.merges.to_pylist()] if parent is not None else []
    decisions: list[Decision] = []
    for kind in KINDS:
        decisions += decide(
            kind,
            _seeds_by_name(mentions.filter(pc.equal(mentions["kind"], kind))),
            embedder=embedder,
            aliases=table,
            guards=guards,
            threshold=settings.threshold,
            earlier=[decision for decision in earlier if decision.kind == kind],
        )
    merges = pa.Table.from_pylist([asdict(decision) for decision in decisions], schema=SCHEMAS["merges"])
    tables = {
        **concept_tables(mentions, merges, settings.min_count),
        "seeds": pa.table({name: [getattr(seed, name) for seed in by_id.values()] for name in SCHEMAS["seeds"].names}),
        "decisions": parent.decisions if parent is not None else SCHEMAS["decisions"].empty_table(),
    }
    return Snapshot.from_tables(
        tables,
        {
            "parent": parent.fingerprint if parent is not None else None,
            "ancestors": lineage(parent) if parent is not None else [],
            "runs": list(runs),
            "seeds_hash": seeds_hash(by_id.values()),
            "embedder": {"name": embedder.name, "digest": embedder.digest, "dimension": embedder.dimension},
            "settings": settings.model_dump(),
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
        },
    )


def concept_tables(mentions: pa.Table, merges: pa.Table, min_count: int) -> dict[str, pa.Table]:
    """Every table that follows from who mentions what and which name means which concept: all but seeds and decisions.

    `mentions` are distinct (seed_id, kind, name, level, subject) of all names, `merges` the decision table.
    """
    mentions = mentions.join(merges.select(["kind", "name", "into"]), ["kind", "name"]).rename_columns(
        {"into": "concept_id"}
    )
    pairs = mentions.select(["seed_id", "concept_id"]).group_by(["seed_id", "concept_id"]).aggregate([])
    concepts = _concepts(merges, pairs)
    kept = pc.greater_equal(concepts["count"], min_count)
    nodes, rare = concepts.filter(kept), concepts.filter(pc.invert(kept))
    reason = f"fewer than {min_count} seeds"
    placed = pc.is_in(mentions["concept_id"], nodes["id"].combine_chunks())
    return {
        "nodes": nodes,
        "edges": _edges(nodes, pairs),
        "mentions": mentions.filter(placed),
        "merges": merges,
        "left_out": rare.drop_columns("aliases").append_column("reason", pa.array([reason] * rare.num_rows)),
        "left_out_mentions": mentions.filter(pc.invert(placed)),
    }


def _mentions(extraction: pa.Table, by_id: Mapping[str, Seed]) -> pa.Table:
    """Distinct (seed_id, kind, name, level, subject), in the order of the rows, topics first within a row."""
    seen: dict[tuple[str, str, str], Seed] = {}
    for seed_id, kind, name in _names(extraction):
        seed = by_id.get(seed_id)
        if seed is None:
            raise InputError(
                f"the extraction names the seed {seed_id}, which is not in the seed set; extract from this seed set: "
                "skillweave graph build SEEDS"
            )
        seen.setdefault((seed_id, kind, name), seed)
    return pa.table(
        {
            "seed_id": [key[0] for key in seen],
            "kind": [key[1] for key in seen],
            "name": [key[2] for key in seen],
            "level": [seed.level for seed in seen.values()],
            "subject": [seed.subject for seed in seen.values()],
        },
        schema=pa.schema([SCHEMAS["mentions"].field(n) for n in ("seed_id", "kind", "name", "level", "subject")]),
    )


def _names(extraction: pa.Table) -> Iterator[tuple[str, str, str]]:
    """(seed id, kind, name) for every name that is not blank."""
    kinds = [kind for kind in KINDS if COLUMNS[kind] in extraction.column_names]
    for batch in extraction.to_batches(max_chunksize=10_000):
        lists = [batch[COLUMNS[kind]].to_pylist() for kind in kinds]
        for seed_id, *of_kinds in zip(batch["seed_id"].to_pylist(), *lists, strict=True):
            for kind, names in zip(kinds, of_kinds, strict=True):
                for name in names or ():
                    if name := clean(name):
                        yield seed_id, kind, name


def _seeds_by_name(mentions: pa.Table) -> dict[str, int]:
    """Name -> seeds that mention it, in the order the names were first seen."""
    counted = mentions["name"].value_counts()  # in order of first occurrence
    return dict(zip(counted.field("values").to_pylist(), counted.field("counts").to_pylist(), strict=True))


def _concepts(merges: pa.Table, pairs: pa.Table) -> pa.Table:
    """The concepts (id, kind, name, aliases, count), before any is left out."""
    counted = pairs["concept_id"].value_counts()
    counts = dict(zip(counted.field("values").to_pylist(), counted.field("counts").to_pylist(), strict=True))
    concepts: dict[str, dict[str, object]] = {}
    aliases: dict[str, list[str]] = {}
    for row in merges.select(["kind", "name", "into", "into_name"]).to_pylist():
        into = row["into"]
        concepts.setdefault(
            into, {"id": into, "kind": row["kind"], "name": row["into_name"], "count": counts.get(into, 0)}
        )
        if row["name"] != row["into_name"]:
            aliases.setdefault(into, []).append(row["name"])
    rows = [{**concept, "aliases": sorted(aliases.get(into, ()))} for into, concept in concepts.items()]
    return pa.Table.from_pylist(rows, schema=SCHEMAS["nodes"])


def _edges(nodes: pa.Table, pairs: pa.Table) -> pa.Table:
    """Join the concepts of each seed: (source, target, weight, kinds)."""
    nodes = nodes.sort_by("id")
    ids, kinds = nodes["id"].combine_chunks(), nodes["kind"].combine_chunks()
    pairs = pairs.filter(pc.is_in(pairs["concept_id"], ids))
    seed = pairs["seed_id"].combine_chunks().dictionary_encode().indices.to_numpy()
    place = pc.index_in(pairs["concept_id"], ids).to_numpy().astype(np.int64)
    order = np.lexsort((place, seed))
    seed, place = seed[order], place[order]
    # In this order the concepts of a seed stand together, sorted: each pair of them is `gap` apart for one gap.
    codes = []
    for gap in range(1, len(seed)):
        together = seed[gap:] == seed[:-gap]
        if not together.any():
            break
        codes.append(place[:-gap][together] * len(ids) + place[gap:][together])
    joined, weight = np.unique(np.concatenate(codes or [np.zeros(0, np.int64)]), return_counts=True)
    source, target = np.divmod(joined, max(len(ids), 1))
    return pa.table(
        {
            "source": ids.take(pa.array(source)),
            "target": ids.take(pa.array(target)),
            "weight": weight,
            "kinds": pc.binary_join_element_wise(kinds.take(pa.array(source)), kinds.take(pa.array(target)), "-"),
        }
    )
