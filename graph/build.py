"""From what was extracted to the graph: names become concepts, concepts of one seed are joined, rare ones are left out.

The rules are the paper's (arXiv 2403.02884, concept extraction and graph construction): an edge joins any two concepts
of one seed and weighs as many seeds as hold both; concepts that occur once are dropped. Merging by meaning is ours.

A graph that grows is built of all rows, the old and the new, with its decision table replayed first
(graph/merging/decisions.py): ids, merges and names given by a person live on, and a concept that was too rare enters
with the id it had all along.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from engine.errors import InputError
from graph.concept import KINDS
from graph.embedding import Embedder
from graph.merging.aliases import Aliases, AliasTable
from graph.merging.decisions import Decision, Pair, decide
from graph.merging.guards import Guards
from graph.merging.normalise import clean
from graph.seed import Seed, seeds_hash
from graph.snapshot import SCHEMAS, Snapshot, lineage

COLUMNS: Mapping[str, str] = {"topic": "topics", "knowledge_point": "knowledge_points", "skill": "skills"}
"""Kind -> the column of an extraction's rows that lists its names; `skills` may be absent."""
Places = NDArray[np.int64]
_OF_SEED = ("level", "subject")


class GraphSettings(BaseModel):
    """What decides a graph, besides seeds, extraction, embedder, aliases and contrasts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    threshold: float = Field(0.85, gt=0, le=1, description="cosine from which names are merged by embedding")
    min_count: int = Field(2, ge=1, description="seeds that must mention a concept, else it is left out")
    domain: str = Field("mathematics", description="aliases and contrasts: mathematics, instruct, none, or a file")
    judge_from: float = Field(0.65, gt=0, le=1, description="cosine from which pairs below the threshold are judged")
    judge_most: int = Field(2_000, ge=1, description="pairs put to the judge at most, the nearest ones")


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
    judged: Callable[[str], Mapping[Pair, str]] = lambda _: {},
) -> Snapshot:
    """Make a snapshot of an extraction's rows (`seed_id`, and the columns of `COLUMNS`), in their order.

    The order matters in one way: of names that are merged, the one seen first lends the concept its id. `parent` is the
    graph that grows; its rows come first. `judged` gives for a kind the pairs that a model judged the same, and the
    model. A seed that is given twice counts once, the first one given. Raises InputError where a row names a seed that
    is not given, or fewer than two concepts remain.
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
            judged=judged(kind),
        )
    merges = pa.table(
        {column: [getattr(decision, column) for decision in decisions] for column in SCHEMAS["merges"].names},
        schema=SCHEMAS["merges"],
    )
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
    row, kind, name, names = _named(extraction)
    seeds = list(by_id.values())
    known = pc.index_in(extraction["seed_id"].cast(pa.string()), pa.array(by_id, pa.string()))
    place = pc.fill_null(known, -1).to_numpy().astype(np.int64)[row]
    if (unknown := np.flatnonzero(place < 0)).size:
        raise InputError(
            f"the extraction names the seed {extraction['seed_id'][row[unknown[0]]].as_py()}, which is not in the seed "
            "set; extract from this seed set: skillweave graph build SEEDS"
        )
    _, first = np.unique((place * len(KINDS) + kind) * max(len(names), 1) + name, return_index=True)
    first.sort()
    place, kind, name = place[first], pa.array(kind[first]), pa.array(name[first])
    columns = [
        pa.array(by_id, pa.string()).take(pa.array(place)),
        pa.array(KINDS, pa.string()).take(kind),
        pa.array(names, pa.string()).take(name),
        *(pa.array([getattr(seed, of) for seed in seeds], pa.string()).take(pa.array(place)) for of in _OF_SEED),
    ]
    return pa.table(columns, names=["seed_id", "kind", "name", *_OF_SEED])


def _named(extraction: pa.Table) -> tuple[Places, Places, Places, list[str]]:
    """Every name of the rows that is not blank, rows in order and kinds in theirs within a row.

    Returns (row, place of the kind in `KINDS`, place of the name in the fourth), each of shape (names,); the fourth
    are the different names, cleaned.
    """
    rows, kinds, codes, names = [], [], [], dict[str, int]()
    for number, column in enumerate(COLUMNS[kind] for kind in KINDS):
        if column in extraction.column_names:
            lists = extraction[column].cast(pa.list_(pa.string())).combine_chunks()
            written = pc.list_flatten(lists).dictionary_encode()
            cleaned = [clean(name or "") for name in written.dictionary.to_pylist()]
            code = np.array([names.setdefault(name, len(names)) if name else -1 for name in cleaned], np.int64)
            kept = np.append(code, -1)[pc.fill_null(written.indices, -1).to_numpy()]  # (names of this kind,)
            rows.append(pc.list_parent_indices(lists).to_numpy()[kept >= 0])
            codes.append(kept[kept >= 0])
            kinds.append(np.full(len(codes[-1]), number, np.int64))
    row, kind, code = (np.concatenate(parts).astype(np.int64) for parts in (rows, kinds, codes))
    order = np.lexsort((kind, row))  # stable: of one kind and row the names stay as they are written
    return row[order], kind[order], code[order], list(names)


def _seeds_by_name(mentions: pa.Table) -> dict[str, int]:
    """Name -> seeds that mention it, in the order the names were first seen."""
    counted = mentions["name"].value_counts()  # in order of first occurrence
    return dict(zip(counted.field("values").to_pylist(), counted.field("counts").to_pylist(), strict=True))


def _concepts(merges: pa.Table, pairs: pa.Table) -> pa.Table:
    """The concepts (id, kind, name, aliases, count), before any is left out."""
    counted = pairs["concept_id"].value_counts()
    counts = dict(zip(counted.field("values").to_pylist(), counted.field("counts").to_pylist(), strict=True))
    concepts: dict[str, tuple[str, str]] = {}
    aliases: dict[str, list[str]] = {}
    columns = (merges[column].to_pylist() for column in ("into", "kind", "into_name", "name"))
    for into, kind, into_name, name in zip(*columns, strict=True):
        concepts.setdefault(into, (kind, into_name))
        if name != into_name:
            aliases.setdefault(into, []).append(name)
    return pa.table(
        {
            "id": list(concepts),
            "kind": [kind for kind, _ in concepts.values()],
            "name": [name for _, name in concepts.values()],
            "aliases": [sorted(aliases.get(into, ())) for into in concepts],
            "count": [counts.get(into, 0) for into in concepts],
        },
        schema=SCHEMAS["nodes"],
    )


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
