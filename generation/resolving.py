"""Solving the accepted questions of a run again: the run that does it, and those there are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.call import ModelRef
from engine.rows import read_accepted
from engine.run import Target, create_run, default_name, list_runs, plan_spec, read_spec
from engine.workspace import Workspace
from generation.recipes.resolve.questions import describe_answered
from generation.recipes.resolve.recipe import RESOLVE


def resolve_run(
    workspace: Workspace,
    run: Path,
    model: ModelRef,
    *,
    settings: Mapping[str, Any] | None = None,
    prompts: Mapping[str, str] | None = None,
    name: str | None = None,
) -> Path:
    """Make the run that solves the accepted questions of `run` again, or find it where it is there already.

    Raises InputError for what `describe_answered` refuses, and for settings or prompts that do not fit.
    """
    items = describe_answered(run)
    spec = plan_spec(RESOLVE, items=items, models={"writer": model}, seed=0, settings=settings, prompts=prompts)
    return create_run(workspace.runs, name or default_name(spec), spec, Target())


def resolve_runs_of(run: Path) -> list[Path]:
    """The runs that solve a run's questions again, complete or not, by name."""
    run_id = read_spec(run).id
    specs = ((path, read_spec(path)) for path in list_runs(run.parent))
    return [path for path, spec in specs if spec.recipe == RESOLVE.name and spec.items["run_id"] == run_id]


def agreeing(resolving: Path) -> int:
    """How many of a resolving run's answers are the ones that were given."""
    return sum(sum(table["agrees"].to_pylist()) for table in read_accepted(resolving, ["agrees"]))
