"""What withdrawing a seed takes with it: the rows that derive from it, and the datasets that hold such rows already.

A row derives from a seed where it was shown it as an example, or was asked to use a concept that no seed of its graph
mentions any more once this one and those withdrawn before are gone. That a walk went along an edge which only this seed
made is not counted: every draw weighs every seed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from engine.errors import InputError
from engine.rows import accepted_parts, sealed_file
from engine.run import list_runs, read_spec
from engine.workspace import Workspace
from generation.datasets.exporting import command_of
from generation.datasets.manifest import NAME, read_manifest
from generation.datasets.selecting import Derived
from generation.recipes import RECIPES
from graph.seed import read_seeds
from graph.snapshot import Snapshot
from graph.withdrawn import unsupported, withdrawn_seeds


@dataclass(frozen=True, slots=True)
class Loss:
    """The accepted rows of a run that derive from a seed."""

    run: str
    rows: int
    shown: int
    """Of them, those that were shown the seed; the others rest on concepts that only it supports."""
    ids: pa.Array


@dataclass(frozen=True, slots=True)
class Held:
    """A dataset that was made before."""

    name: str
    command: str
    """Makes it again."""
    rows: int
    """Its rows that derive from the seed; 0 where the seed was withdrawn when it was made."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a seed takes with it."""

    sets: tuple[str, ...]
    """The seed sets that hold it."""
    graphs: tuple[str, ...]
    """The fingerprints of the graphs in which it mentions a concept."""
    losses: tuple[Loss, ...]
    datasets: tuple[Held, ...]
    """The datasets made before that hold rows which derive from it, or that were made without them."""


def effect_of(workspace: Workspace, seed: str) -> Effect:
    """What withdrawing a seed takes, or taking that back gives again. Changes no file.

    Raises InputError for a seed that no set and no graph holds.
    """
    sets = tuple(
        path.stem
        for path in sorted(workspace.seeds.glob("*.parquet"))
        if any(held.id == seed for held in read_seeds(path))
    )
    graphs = _graphs_with(workspace, seed)
    if not sets and not graphs:
        raise InputError(
            f"no seed set and no graph here holds a seed {seed!r}; its id stands in seeds/<name>.parquet and in the "
            "column shots of questions: skillweave show RUN"
        )
    losses = tuple(_losses(workspace, seed, list(graphs)))
    return Effect(sets, graphs, losses, tuple(_exported(workspace, seed, losses)))


def _graphs_with(workspace: Workspace, seed: str) -> tuple[str, ...]:
    folders = sorted(path.parent for path in workspace.graphs.glob("[!.]*/meta.json"))
    return tuple(
        folder.name for folder in folders if pc.any(pc.equal(Snapshot.open(folder).mentions["seed_id"], seed)).as_py()
    )


def _losses(workspace: Workspace, seed: str, graphs: Sequence[str]) -> Iterator[Loss]:
    others = [other for other in withdrawn_seeds(workspace) if other != seed]
    for run in list_runs(workspace.runs):
        spec = read_spec(run)
        if spec.recipe not in RECIPES or spec.items.get("graph") not in graphs:
            continue
        mentions = Snapshot.open(workspace.graphs / spec.items["graph"]).mentions
        gone, before = unsupported(mentions, [*others, seed]), unsupported(mentions, others)
        alone = gone.filter(pc.invert(pc.is_in(gone, before)))
        seeds, nothing = pa.array([seed]), pa.array([], pa.string())
        shown = rows = 0
        ids: list[str] = []
        for part in accepted_parts(run):
            path = sealed_file(run, part.seal, "rows")
            table = pq.read_table(path, columns=["id", *Derived.columns]).slice(0, part.rows)
            shows = Derived(seeds, nothing).rows(table)
            all_of_it = shows | Derived(nothing, alone).rows(table)
            shown += int(shows.sum())
            rows += int(all_of_it.sum())
            ids += table["id"].filter(pa.array(all_of_it)).to_pylist()
        if rows:
            yield Loss(run.name, rows, shown, pa.array(ids))


def _exported(workspace: Workspace, seed: str, losses: Sequence[Loss]) -> Iterator[Held]:
    lost = {loss.run: loss.ids for loss in losses}
    for path in sorted(workspace.datasets.glob(f"[!.]*/{NAME}")):
        made = read_manifest(path.parent)
        ids = [lost[source.run.name] for source in made.sources if source.run.name in lost]
        if not ids:
            continue
        rows = sum(_held(path.parent / file.origin_name, pa.concat_arrays(ids)) for file in made.files)
        if rows or seed in made.withdrawn:
            yield Held(path.parent.name, command_of(made, path.parent.name), rows)


def _held(origin: Path, ids: pa.Array) -> int:
    return int(np.count_nonzero(pc.is_in(pq.read_table(origin, columns=["id"])["id"], ids).to_numpy()))
