"""Labels instead of a model: a graph of what the seeds' own sources say they are about, with no call at all.

Labels come with the seeds (`Seed.concepts`: TAL-SCQ's routes, any list column), from a file that maps questions to
names, or both:

    {"question2skill": {"Natalia sold clips to ...": ["multiplication"], ...}}

The key says the kind: question2topic, question2knowledge_point, question2skill. Questions are matched by their text,
white space aside. Names are merged and rare ones left out by the rules of any graph, but by spelling and alias only
unless a threshold is given: who made a taxonomy meant two names to be two. The snapshot's meta.json says under `labels`
that no model was asked, which seed sets and file were read, and what found no partner.

Of TAL-SCQ's names our embedder would merge wrong ones at 0.85, `Number Theory Modules` with `Counting Modules`, and at
1 still those of the same words in another order, `Calculating Solution from Solute and Solvent` with `Calculating
Solvent from Solution and Solute`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa

from engine.errors import InputError
from engine.files import file_hash
from engine.workspace import Workspace
from graph.build import COLUMNS, GraphSettings, build_snapshot
from graph.concept import KINDS, Kind
from graph.deciding import decided
from graph.embedding import NoEmbedder, chosen_embedder
from graph.merging.domains import MATHEMATICS, load_domain
from graph.seed import Label, Seed, read_seeds, seeds_hash
from graph.snapshot import Snapshot
from graph.withdrawn import withdrawn_seeds

_KEYS: Mapping[str, Kind] = {f"question2{kind}": kind for kind in KINDS}
_NAMES = pa.list_(pa.string())
_FORM = '{"question2skill": {"the question": ["a skill", "..."]}}'


@dataclass(frozen=True, slots=True)
class Labelled:
    """Seeds' labels in the form of an extraction's rows."""

    rows: pa.Table
    """Columns `seed_id` and those of `graph.build.COLUMNS`; a row for each labelled seed, sorted by id."""
    unlabelled: int
    """Seeds without a label."""
    unmatched: int
    """Questions of the label file that are no seed's."""


def read_label_file(path: Path) -> dict[str, tuple[Label, ...]]:
    """Question, its white space made single -> its labels. Raises InputError naming what is wrong with the file."""
    try:
        maps = orjson.loads(path.read_bytes())
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); it must hold {_FORM}") from None
    except orjson.JSONDecodeError as error:
        raise InputError(f"{path} is no JSON ({error}); it must hold {_FORM}") from None
    known = [key for key in _KEYS if isinstance(maps, dict) and isinstance(maps.get(key), dict)]
    if not known:
        raise InputError(f"{path} maps no questions: it has none of {', '.join(_KEYS)}; it must hold {_FORM}")
    found: dict[str, tuple[Label, ...]] = {}
    for key in known:
        for question, names in maps[key].items():
            if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
                raise InputError(f"{path}: {key} of {question[:60]!r} is no list of names; it must hold {_FORM}")
            place = _matched(question)
            found[place] = (*found.get(place, ()), *(Label(_KEYS[key], name) for name in names))
    return found


def label_rows(seeds: Iterable[Seed], by_question: Mapping[str, Sequence[Label]] | None = None) -> Labelled:
    """The labels of these seeds, their own and those of a label file; a seed of several sets has the labels of all."""
    by_question = by_question or {}
    labels: dict[str, dict[Label, None]] = {}
    matched = set()
    for seed in seeds:
        place = _matched(seed.question)
        of_file = by_question.get(place, ())
        if place in by_question:
            matched.add(place)
        labels.setdefault(seed.id, {}).update(dict.fromkeys((*(seed.concepts or ()), *of_file)))
    labelled = [seed_id for seed_id in sorted(labels) if labels[seed_id]]
    names = {
        COLUMNS[kind]: pa.array(
            [[label.name for label in labels[seed_id] if label.kind == kind] for seed_id in labelled], _NAMES
        )
        for kind in KINDS
    }
    return Labelled(
        rows=pa.table({"seed_id": pa.array(labelled, pa.string()), **names}),
        unlabelled=len(labels) - len(labelled),
        unmatched=len(by_question) - len(matched),
    )


def graph_from_labels(
    workspace: Workspace,
    seed_sets: Sequence[str],
    *,
    labels_from: Path | None = None,
    min_count: int = 2,
    threshold: float | None = None,
    embedder: str | None = None,
    domain: str = MATHEMATICS,
    decisions: bool = True,
) -> Snapshot:
    """Build the graph of these seed sets' labels and write it to graphs/<fingerprint>; durable on return.

    What persons decided of the last graph of the same seeds is done again, unless `decisions` is False.
    `min_count`, `threshold` and `domain` are those of GraphSettings; no threshold merges nothing by embedding. The
    embedder is one that `open_embedder` takes, else the workspace's. Raises InputError where no seed has a label, or
    fewer than two concepts remain.
    """
    sets = {name: read_seeds(workspace.seeds / f"{name}.parquet") for name in seed_sets}
    described = [{"name": name, "hash": seeds_hash(sets[name])} for name in seed_sets]
    gone = withdrawn_seeds(workspace)
    seeds = [seed for of_set in sets.values() for seed in of_set if seed.id not in gone]
    labelled = label_rows(seeds, read_label_file(labels_from) if labels_from else None)
    if not labelled.rows.num_rows:
        raise InputError(
            f"no seed of {', '.join(seed_sets)} has a label; let a model name the concepts: skillweave graph build "
            f"{' '.join(seed_sets)}, or say which column holds labels: skillweave seeds import FILE "
            "--column knowledge_points=COLUMN"
        )
    known = load_domain(domain)
    snapshot = build_snapshot(
        labelled.rows,
        seeds,
        embedder=NoEmbedder() if threshold is None else chosen_embedder(workspace, embedder),
        aliases=known.aliases,
        contrasts=known.contrasts,
        settings=GraphSettings(threshold=threshold or 1, min_count=min_count, domain=domain),
    )
    origin: dict[str, Any] = {
        "seeds": described,
        "labelled": labelled.rows.num_rows,
        "unlabelled": labelled.unlabelled,
        "file": None,
    }
    if labels_from is not None:
        origin["file"] = {"name": labels_from.name, "hash": file_hash(labels_from), "unmatched": labelled.unmatched}
    snapshot = replace(snapshot, meta={**snapshot.meta, "labels": origin})
    snapshot.write(workspace.graphs)
    return decided(workspace.graphs, snapshot) if decisions else snapshot


def _matched(question: str) -> str:
    return " ".join(question.split())
