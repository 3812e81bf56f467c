"""From seed sets to a graph: an extraction run, then the snapshot of what it found. Either can be begun again.

An extraction is a run like any other: it lies in runs/, is resumed, priced and sealed, and pays for a seed once. A
graph grows by another extraction, of the seeds it does not have yet; the snapshot is made of the rows of all its runs.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from engine.books import read_books
from engine.call import ModelRef
from engine.errors import Incomplete, InputError
from engine.models import known_prices
from engine.reuse import EarlierRun
from engine.rows import accepted_parts, read_accepted
from engine.run import (
    RunSpec,
    Target,
    create_run,
    default_name,
    find_run,
    open_earlier,
    open_run,
    plan_spec,
    read_spec,
    set_budget,
)
from engine.work import Models, open_endpoints, work_on
from engine.workspace import Workspace
from graph.build import GraphSettings, build_snapshot
from graph.deciding import decided
from graph.embedding import NONE, Embedder, chosen_embedder, open_embedder
from graph.extraction import EXTRACT, open_seeds
from graph.judged_making import grey_band, judged
from graph.merging.domains import load_domain
from graph.seed import read_seeds, seeds_hash
from graph.snapshot import Snapshot
from graph.withdrawn import without_withdrawn


def describe_seed_sets(workspace: Workspace, names: Sequence[str]) -> list[dict[str, str]]:
    """The seed sets as a run.json names them: `{"name": ..., "hash": ...}`. Raises InputError for a missing one."""
    return [{"name": name, "hash": seeds_hash(read_seeds(workspace.seeds / f"{name}.parquet"))} for name in names]


def plan_extraction(
    workspace: Workspace,
    seed_sets: Sequence[str],
    model: ModelRef,
    *,
    seed: int = 0,
    settings: Mapping[str, Any] | None = None,
    without: Sequence[Mapping[str, str]] = (),
) -> RunSpec:
    """The run.json of the extraction of the concepts of all seeds of these sets. Changes no file.

    `without` are sets, described as in run.json, whose seeds were extracted before: they are left out, whichever set
    they stand in. Raises InputError where no seed is left.
    """
    described = [entry for entry in describe_seed_sets(workspace, seed_sets) if entry not in without]
    items: dict[str, Any] = {"kind": "seeds", "seeds": described}
    if without:
        items["without"] = [dict(entry) for entry in without]
    items["size"] = EXTRACT.open_items(items, workspace.root).size
    if without and not items["size"]:
        raise InputError(
            f"the graph has every seed of {', '.join(seed_sets)} already; bring in more: skillweave seeds import FILE"
        )
    return plan_spec(EXTRACT, items=items, models={"writer": model}, seed=seed, settings=settings)


def extraction_run(
    workspace: Workspace,
    seed_sets: Sequence[str],
    model: ModelRef,
    *,
    seed: int = 0,
    settings: Mapping[str, Any] | None = None,
    name: str | None = None,
    without: Sequence[Mapping[str, str]] = (),
) -> Path:
    """Make the run of `plan_extraction`, or find it where it is there already."""
    spec = plan_extraction(workspace, seed_sets, model, seed=seed, settings=settings, without=without)
    return create_run(workspace.runs, name or default_name(spec), spec, Target())


def graph_of(
    workspace: Workspace,
    run: Path,
    settings: GraphSettings | None = None,
    *,
    onto: Snapshot | None = None,
    embedder: str | None = None,
    judge: str | None = None,
    models: Models | None = None,
    limits: Mapping[str, Any] | None = None,
    offline: bool = False,
) -> Snapshot:
    """Build the graph of an extraction run's rows and write it to graphs/<fingerprint>; durable on return.

    With `onto` it is that graph grown: the rows of its runs come first, its decisions are replayed, and its settings
    and its embedder are the default. `embedder` is a name that `open_embedder` takes; `judge` is a model, opened by
    `models`, that is asked about the grey band. Raises InputError where the run has no rows, fewer than two concepts
    remain, or the graph that grows was made with another embedder; Incomplete where the judging did not end.
    """
    if settings is None:
        settings = GraphSettings(**onto.meta["settings"]) if onto is not None else GraphSettings()
    earlier = [workspace.runs / name for name in onto.meta["runs"]] if onto is not None else []
    if not accepted_parts(run):
        raise InputError(
            f"run {run.name} has extracted nothing; see why: skillweave runs {run.name}, "
            f"or go on with it: skillweave resume {run.name}"
        )
    runs = [*earlier, run]
    model, domain = _embedder(workspace, onto, embedder), load_domain(settings.domain)
    rows, seeds = without_withdrawn(
        workspace,
        pa.concat_tables(table for each in runs for table in read_accepted(each, EXTRACT.columns.names)),
        [seed for each in runs for seed in open_seeds(read_spec(each).items["seeds"], workspace.root)],
    )
    build = partial(
        build_snapshot,
        rows,
        seeds,
        embedder=model,
        aliases=domain.aliases,
        contrasts=domain.contrasts,
        settings=settings,
        parent=onto,
        runs=[each.name for each in runs],
    )
    snapshot = build()
    if judge is not None and models is not None:
        band = grey_band(snapshot, model, domain, settings, onto)
        said = judged(workspace, band, judge, models, subject=domain.subject, limits=limits, offline=offline)
        if said is not None:
            snapshot = build(judged=said.same)
            snapshot = dataclasses.replace(snapshot, meta={**snapshot.meta, "judging": said.told()})
    snapshot.write(workspace.graphs)
    return snapshot


def _embedder(workspace: Workspace, onto: Snapshot | None, given: str | None) -> Embedder:
    """The embedder to build with: that of the graph that grows, where there is one.

    Its decisions stand on its vectors, so another one must not add to them. Raises InputError where it is asked for, or
    where the files under its name are not what they were.
    """
    if onto is None or onto.meta["embedder"]["name"] == NONE:
        return chosen_embedder(workspace, given)
    made = onto.meta["embedder"]
    embedder = open_embedder(given or made["name"])
    if embedder.digest != made["digest"]:
        raise InputError(
            f"the graph {onto.fingerprint} was made with the embedder {made['name']} ({made['digest']}), and "
            f"{embedder.name} is {embedder.digest}: vectors of two models are never mixed; leave --embedder out, or "
            "build one graph of all seed sets: skillweave graph build OLD NEW --embedder NAME"
        )
    return embedder


def make_graph(
    workspace: Workspace,
    seed_sets: Sequence[str],
    model: str,
    models: Models,
    settings: GraphSettings | None = None,
    *,
    reuse: str | None = None,
    onto: Snapshot | None = None,
    embedder: str | None = None,
    judge: str | None = None,
    limits: Mapping[str, Any] | None = None,
    offline: bool = False,
    decisions: bool = True,
) -> Snapshot:
    """Extract, then build: the whole way from seed sets to a graph, as the command line and the quickstart go it.

    What persons decided of the last graph of the same seeds is done again, unless `decisions` is False; what waits is
    told on stderr.
    With `onto` that graph grows by the seeds it does not have yet; only these are extracted. For `embedder` and `judge`
    see `graph_of`. `limits`, by the names of `engine.budget.Budget`, are those of the extraction and, anew, of the
    judging; `offline` sends nothing. Raises Incomplete where the extraction did not come to its end, LimitReached at a
    limit; what it paid is kept.
    """
    if onto is not None and not onto.meta.get("runs"):
        raise InputError(
            f"the graph {onto.fingerprint} was not made by an extraction, so it cannot grow by one; labels cost "
            "nothing: build one graph of all seed sets: skillweave graph build OLD NEW --labels"
        )
    without = seed_sets_of(workspace, onto) if onto is not None else []
    folder = extraction_run(workspace, seed_sets, models.ref(model, workspace), without=without)
    run = open_run(folder, {EXTRACT.name: EXTRACT}, workspace.root)
    old = open_earlier(find_run(workspace.runs, reuse), {EXTRACT.name: EXTRACT}, workspace.root) if reuse else None
    if read_books(folder).state != "complete":
        set_budget(folder, limits or {})
        with open_endpoints(models, run.spec.models.values(), workspace, offline=offline) as endpoints:
            earlier = EarlierRun(old, run.items) if old is not None else None
            prices = known_prices(workspace)
            worked = work_on(run, endpoints, label="extracting concepts", reuse=earlier, prices=prices, offline=offline)
        if worked.books.state != "complete":
            why = f" (last fault: {worked.outcome.fault})" if worked.outcome.fault is not None else ""
            raise Incomplete(
                f"the extraction {run.name} is {worked.books.state}: {worked.books.open:,} seeds are open{why}. "
                "Give the same command again to go on; what was paid is kept",
                worked.exit_code,
            )
    made = graph_of(
        workspace, folder, settings,
        onto=onto, embedder=embedder, judge=judge, models=models, limits=limits, offline=offline,
    )  # fmt: skip
    return decided(workspace.graphs, made) if decisions else made


def seed_sets_of(workspace: Workspace, snapshot: Snapshot) -> list[dict[str, str]]:
    """The seed sets a graph was made of, as its labels (graph/labels.py) and its extraction runs name them."""
    sets: list[dict[str, str]] = list(snapshot.meta.get("labels", {}).get("seeds", ()))
    for name in snapshot.meta.get("runs", ()):
        sets += [entry for entry in read_spec(workspace.runs / name).items["seeds"] if entry not in sets]
    return sets
