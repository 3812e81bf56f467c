"""A run of anything: what decides its rows, what it aims at, where it lies.

    runs/<name>/run.json       what decides a row; no name, time or host
                target.json    what does not: how many rows, when to stop
                repeats.bits   the planner's marks
                lease/         who works on it
                shards/        ranges, journals, sealed rows

Nothing is accepted in place: what changes a row is a new run. Two runs with the same run.json make the same rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.budget import Budget
from engine.call import ModelRef, content_hash
from engine.errors import InputError, RecipeChanged
from engine.files import write_new
from engine.folders import made_whole
from engine.places import place_of
from engine.recipe import Items, Recipe, Terms
from engine.settings import first_fault

_LONGEST_NAME = 200
"""Bytes; files named after a run have longer names."""
_PRETTY = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE


class RunSpec(BaseModel):
    """run.json: everything that decides a row, and nothing else."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    recipe: str
    version: int
    source: str = Field(description="hash of the recipe's source")
    settings: dict[str, Any]
    prompts: dict[str, str] = Field(description="the text of each prompt by name")
    models: dict[str, ModelRef] = Field(description="the model of each role")
    items: dict[str, Any] = Field(description="what it works on, inputs by content hash; `size` if bounded")
    seed: int

    @property
    def id(self) -> str:
        """The run's identity: a hash of all of this."""
        return content_hash(self.model_dump(mode="json"))


class Target(BaseModel):
    """target.json: what a run aims at. It may change; no row depends on it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    count: int | None = Field(None, ge=1, description="accepted rows wanted; every item if None")
    max_draws: int | None = Field(None, ge=1, description="items drawn at most, repeats included")
    exhausted_after: int = Field(
        100_000, ge=1, description="an endless run is exhausted when so many draws in a row were repeats or refusals"
    )
    budget: Budget = Field(Budget(), description="what it may take in all")

    def limit(self, size: int | None) -> int | None:
        """The index at which drawing from `size` items ends for good; None where it never does."""
        limits = [limit for limit in (size, self.max_draws) if limit is not None]
        return min(limits) if limits else None

    def exhausted(self, size: int | None, drawn: int, last_passed: int) -> bool:
        """Nothing more is drawn: the limit is reached or, where items never end, the last draws gave no row.

        `last_passed` is the highest index that passed so far, -1 before the first.
        """
        limit = self.limit(size)
        return (limit is not None and drawn >= limit) or (
            size is None and drawn - (last_passed + 1) >= self.exhausted_after
        )


def row_id(run_id: str, index: int) -> str:
    """A row's id: `r` and 20 hexadecimal digits of a hash of (run.json, index), so that runs can be merged."""
    return "r" + hashlib.blake2b(f"{run_id}:{index}".encode(), digest_size=10).hexdigest()


@dataclass(frozen=True)
class Run:
    """An opened run: its folder, its spec, and the recipe and items that the spec names."""

    folder: Path
    spec: RunSpec
    recipe: Recipe[Any]
    items: Items[Any]

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.name

    @property
    def shards(self) -> Path:
        """The folder of ranges, journals and sealed rows."""
        return self.folder / "shards"

    @cached_property
    def id(self) -> str:
        """The identity of run.json."""
        return self.spec.id

    @cached_property
    def terms(self) -> Terms:
        """Settings and prompts as run.json has them."""
        return Terms(self.recipe.settings.model_validate(self.spec.settings), self.spec.prompts)

    def target(self) -> Target:
        """What the run aims at now."""
        return read_target(self.folder)


def plan_spec(
    recipe: Recipe[Any],
    *,
    items: Mapping[str, Any],
    models: Mapping[str, ModelRef],
    seed: int,
    settings: Mapping[str, Any] | None = None,
    prompts: Mapping[str, str] | None = None,
) -> RunSpec:
    """The run.json of a new run: the recipe as it is now, with the given settings and prompts in place of its own.

    Raises InputError for a setting or a prompt the recipe does not have, or a role without a model.
    """
    try:
        full = recipe.settings.model_validate(dict(settings or {}))
    except ValidationError as error:
        raise InputError(
            f"recipe {recipe.name}: {first_fault(error)}; see all with: skillweave recipes {recipe.name}"
        ) from None
    if unknown := sorted(set(prompts or {}) - set(recipe.prompts)):
        raise InputError(f"recipe {recipe.name} has no prompt {unknown[0]!r}, only {sorted(recipe.prompts)}")
    if missing := sorted(set(recipe.roles) - set(models)):
        raise InputError(f"recipe {recipe.name} needs a model for {missing[0]!r}; name one with --model")
    return RunSpec(
        recipe=recipe.name,
        version=recipe.version,
        source=recipe.source_hash(),
        settings=full.model_dump(mode="json"),
        prompts={**recipe.prompts, **(prompts or {})},
        models={role: models[role] for role in recipe.roles},
        items=dict(items),
        seed=seed,
    )


def default_name(spec: RunSpec) -> str:
    """`<recipe>-<8 digits of the spec's hash>`: the same work finds the same run."""
    return f"{spec.recipe}-{spec.id.removeprefix('b2:')[:8]}"


def check_name(name: str) -> None:
    """Raise InputError for what can be no run's name."""
    if not name or name.startswith(".") or "/" in name or "\0" in name or len(name.encode()) > _LONGEST_NAME:
        raise InputError(f"{name!r} is no name for a run; use letters, digits, '-' and '_', {_LONGEST_NAME} at most")


def create_run(runs: Path, name: str, spec: RunSpec, target: Target) -> Path:
    """Make the run's folder, whole or not at all. Returns it.

    Raises InputError where the name is taken by another run; the same run.json is accepted and left as it is.
    """
    check_name(name)
    folder = runs / name
    if not folder.exists():
        _make_folder(folder, spec, target)
    if read_spec(folder).id == spec.id:
        return folder
    raise InputError(
        f"run {name!r} exists and would make other rows; give another --name, or go on with it: "
        f"skillweave resume {name}"
    )


def list_runs(runs: Path) -> list[Path]:
    """The folders of all runs, by name."""
    return sorted(path.parent for path in runs.glob("*/run.json") if not path.parent.name.startswith("."))


def find_run(runs: Path, name: str, *, whole: bool = True) -> Path:
    """The folder of a run; of one on object storage the copy here, brought up to date if it is to be read `whole`.

    Raises InputError naming the runs there are.
    """
    folder = runs / name
    if (folder / "run.json").is_file() and folder.parent == runs:
        if whole:
            place_of(folder).fetch()
        return folder
    known = ", ".join(path.name for path in list_runs(runs)) or "none yet; begin one: skillweave generate"
    raise InputError(f"there is no run {name!r} in {runs}; there are: {known}")


def _make_folder(folder: Path, spec: RunSpec, target: Target) -> None:
    """Make the run's folder; where another process was first, its folder stays."""
    with made_whole(folder) as fresh:
        for part in ("shards", "lease"):
            (fresh / part).mkdir()
        write_new(fresh / "run.json", orjson.dumps(spec.model_dump(mode="json"), option=_PRETTY))
        write_new(fresh / "target.json", orjson.dumps(target.model_dump(mode="json"), option=_PRETTY))


def _read(path: Path) -> Any:
    try:
        return orjson.loads(path.read_bytes())
    except FileNotFoundError:
        raise InputError(f"no run at {path.parent}; list them with: skillweave runs") from None
    except orjson.JSONDecodeError as error:
        raise InputError(f"{path}: {error}; the file was changed by hand: restore it from a copy") from None


def read_spec(folder: Path) -> RunSpec:
    """run.json. Raises InputError where there is none or it is not one."""
    try:
        return RunSpec.model_validate(_read(folder / "run.json"))
    except ValidationError as error:
        raise InputError(f"{folder / 'run.json'}: {error.errors()[0]['msg']}; restore it from a copy") from None


def read_target(folder: Path) -> Target:
    """target.json. Raises InputError where there is none or it is not one."""
    try:
        return Target.model_validate(_read(folder / "target.json"))
    except ValidationError as error:
        raise InputError(f"{folder / 'target.json'}: {error.errors()[0]['msg']}") from None


def write_target(folder: Path, target: Target) -> None:
    """Put another target in place of the present one."""
    place_of(folder).replace(folder / "target.json", orjson.dumps(target.model_dump(mode="json"), option=_PRETTY))


def set_budget(folder: Path, given: Mapping[str, Any]) -> None:
    """Put these limits in place of the run's own of the same names; the others stay.

    Raises InputError for a bad one.
    """
    if not given:
        return
    target = read_target(folder)
    try:
        budget = Budget.model_validate(target.budget.model_dump() | dict(given))
    except ValidationError as error:
        raise InputError(f"the limits of run {folder.name}: {first_fault(error)}") from None
    if budget != target.budget:
        write_target(folder, target.model_copy(update={"budget": budget}))


def open_earlier(folder: Path, recipes: Mapping[str, Recipe[Any]], workspace: Path) -> Run:
    """Open a run to take replies from it (--reuse), not to work on it: its recipe may have changed since.

    Raises InputError where its recipe or an input is gone.
    """
    spec = read_spec(folder)
    recipe = recipes.get(spec.recipe)
    if recipe is None:
        raise InputError(f"run {folder.name} wants recipe {spec.recipe!r}, which is not here; there are {[*recipes]}")
    return Run(folder, spec, recipe, recipe.open_items(spec.items, workspace))


def open_run(folder: Path, recipes: Mapping[str, Recipe[Any]], workspace: Path) -> Run:
    """Open a run to work on it.

    Raises RecipeChanged where the recipe is not the one that run.json names, InputError where an input is gone.
    """
    run = open_earlier(folder, recipes, workspace)
    spec, recipe = run.spec, run.recipe
    if recipe.version != spec.version or recipe.source_hash() != spec.source:
        raise RecipeChanged(
            f"run {folder.name} was made by recipe {spec.recipe} version {spec.version} ({spec.source[:11]}…); here it "
            f"is version {recipe.version} ({recipe.source_hash()[:11]}…). Sealed rows are whole; nothing was sent"
        )
    return run
