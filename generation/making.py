"""From a graph to a run of questions, and from runs to what a store wants of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from engine.call import ModelRef, content_hash
from engine.rows import accepted_parts
from engine.run import (
    Run,
    RunSpec,
    Target,
    create_run,
    default_name,
    list_runs,
    open_run,
    plan_spec,
    read_spec,
    write_target,
)
from engine.workspace import Workspace
from generation.composition import check_draws, describe_walks, levels_asked
from generation.recipes import RECIPES, find_recipe
from generation.recipes.tag.recipe import TAG
from generation.reviews import verdicts
from generation.shots import ShotSettings
from generation.tagging import Tags, find_tags, read_tagged
from generation.text_key import text_keys
from graph.making import seed_sets_of
from graph.sampling.samplers import DEFAULT
from graph.snapshot import Snapshot, lineage
from graph.stores import QUESTION_SCHEMA, Questions

_TRIAL = re.compile(r"try-[0-9a-f]{8}")


def plan_generation(
    workspace: Workspace,
    snapshot: Snapshot,
    models: Mapping[str, ModelRef],
    *,
    recipe: str = "mathscale",
    seed: int = 0,
    sampler: str = DEFAULT.id,
    sampling: Mapping[str, Any] | None = None,
    coverage: str | None = None,
    shots: ShotSettings | None = None,
    settings: Mapping[str, Any] | None = None,
    prompts: Mapping[str, str] | None = None,
) -> RunSpec:
    """The run.json of questions made from a graph. Changes no file. Raises InputError for what does not fit.

    `sampling` are the sampler's settings, `settings` the recipe's, each in place of the defaults; `coverage` is the id
    of the coverage that a guided sampler begins with (`generation.coverage`), with nothing without one.
    """
    seed_sets = seed_sets_of(workspace, snapshot)
    items = describe_walks(snapshot.fingerprint, seed_sets, seed, sampler, sampling, shots, coverage)
    check_draws(workspace, snapshot, items)
    return plan_spec(find_recipe(recipe), items=items, models=models, seed=seed, settings=settings, prompts=prompts)


def generation_run(workspace: Workspace, spec: RunSpec, target: Target, name: str | None = None) -> Run:
    """Make the run of a plan and open it. One that is there already stays, and aims at no less from now on."""
    run = open_run(create_run(workspace.runs, name or default_name(spec), spec, target), RECIPES, workspace.root)
    aim = run.target()
    more = {
        name: now
        for name in ("count", "max_draws")
        if (before := getattr(aim, name)) is not None and (now := getattr(target, name)) is not None and before < now
    }
    if more:
        write_target(run.folder, aim.model_copy(update=more))
    return run


def trial_name(spec: RunSpec) -> str:
    """The name of the run that tries a prompt: `try-` and 8 digits of the spec's hash."""
    return "try-" + spec.id.removeprefix("b2:")[:8]


def runs_of(workspace: Workspace, snapshot: Snapshot) -> list[Path]:
    """The runs of questions made from this graph or one it grew from, by name; trials of a prompt are left out."""
    graphs = frozenset(lineage(snapshot))
    runs = [run for run in list_runs(workspace.runs) if not _TRIAL.fullmatch(run.name)]
    specs = [(run, read_spec(run)) for run in runs]
    return [run for run, spec in specs if spec.recipe != TAG.name and spec.items.get("graph") in graphs]


def questions_of(workspace: Workspace, snapshot: Snapshot) -> Questions:
    """The accepted questions of every run that was made from this graph or one it grew from, as a store wants them.

    Concepts have the ids they had then; `Snapshot.resolver` knows them all. Trials of a prompt are left out: the run
    that follows one makes their questions again. Tags are those of a run's complete tagging, where it has one, reviews
    the last verdicts of persons as they are now.
    """
    runs = runs_of(workspace, snapshot)
    tagged = {run: find_tags(run) for run in runs}
    parts = [part for run in runs for part in accepted_parts(run)]
    shards = [f"{part.seal.files['rows'].hash}:{part.rows}" for part in parts]
    shards += [f"tagged {file_hash}" for tags in tagged.values() if tags is not None for file_hash in tags.hashes]
    reviews = verdicts(workspace)
    shards += [f"reviews {content_hash(reviews)}"] if reviews else []
    return Questions(shards, lambda: _tables(tagged, reviews), sum(part.rows for part in parts))


def _tables(runs: Mapping[Path, Tags | None], reviews: Mapping[str, str]) -> Iterator[pa.Table]:
    reviewed, said = pa.array(list(reviews), pa.string()), pa.array(list(reviews.values()), pa.string())
    for run, tags in runs.items():
        items = read_spec(run).items
        for table in read_tagged(run, ["id", "index", "question", "asked", "claimed"], tags):
            columns = {
                "id": table["id"],
                "run": pa.array([run.name] * table.num_rows, pa.string()),
                "level": levels_asked(items, table["index"]),
                "asked": table["asked"],
                "claimed": table["claimed"],
                "tagged": table["tagged"],
                "text_key": text_keys(table["question"]),
                "review": said.take(pc.index_in(table["id"].combine_chunks(), reviewed)),
            }
            yield pa.table(columns, schema=QUESTION_SCHEMA)
