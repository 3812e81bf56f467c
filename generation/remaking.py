"""`generate --again RUN --where ...`: which rows of a run are weak, and the plan of the run that makes them again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from engine.call import ModelRef
from engine.errors import InputError
from engine.rows import read_accepted, read_rejected
from engine.run import RunSpec, find_run, plan_spec, read_spec
from engine.workspace import Workspace
from generation.again import describe_again
from generation.quality.plan import read_plan
from generation.recipes import RECIPES, find_recipe
from generation.reviews import VERDICTS, verdicts
from generation.verdicts import verdicts_of
from graph.finding import find_concept
from graph.merging.by_person import DecisionTable
from graph.snapshot import Snapshot

_EXAMPLE = "--where reason='no answer', --where verdict=reject or --where concept=NAME"


@dataclass(frozen=True, slots=True)
class Where:
    """Which rows are meant: of each of the three one of the values, of all three that are given."""

    reasons: frozenset[str] = frozenset()
    """Rejected rows with one of these reasons; without any, accepted rows are meant."""
    verdicts: frozenset[str] = frozenset()
    """Accepted rows on which a person said accept or reject last, or of which a check found such a thing: the check's
    name, or its reason."""
    concepts: frozenset[str] = frozenset()
    """Rows that were asked to use one of these: names or ids."""

    @classmethod
    def read(cls, given: Sequence[str]) -> Where:
        """From `reason=...`, `verdict=...` and `concept=...`. Raises InputError for others, and for none."""
        values: dict[str, set[str]] = {"reason": set(), "verdict": set(), "concept": set()}
        for text in given:
            name, equals, value = text.partition("=")
            if not equals or name not in values or not value:
                raise InputError(f"--where {text!r} says nothing of a row; give {_EXAMPLE}")
            values[name].add(value)
        if not any(values.values()):
            raise InputError(f"--again needs to know which rows; give {_EXAMPLE}")
        if values["reason"] and values["verdict"]:
            raise InputError("a rejected row has a reason, an accepted one has verdicts: give --where one of the two")
        return cls(*(frozenset(values[name]) for name in ("reason", "verdict", "concept")))


def weak_rows(workspace: Workspace, run: Path, where: Where) -> list[int]:
    """The indices of a run's rows that are meant, rising. Raises InputError where there is none."""
    asked = _asks(workspace, run, where.concepts)
    if where.reasons:
        found = [index for index, concepts in _rejected(run, where.reasons) if asked(concepts)]
    else:
        spoken = _spoken_of(workspace, run, where.verdicts)
        found = [
            row["index"]
            for table in read_accepted(run, ["id", "index", "asked"])
            for row in table.to_pylist()
            if (spoken is None or row["id"] in spoken) and asked(row["asked"])
        ]
    if not found:
        raise InputError(
            f"run {run.name} has no such row, so there is nothing to make again; see its reasons: skillweave runs "
            f"{run.name}, and its verdicts: skillweave dataset verdicts {run.name}"
        )
    return found


def plan_again(
    workspace: Workspace,
    run: str,
    where: Where,
    *,
    model: ModelRef | None = None,
    settings: Mapping[str, Any] | None = None,
    prompts: Mapping[str, str] | None = None,
) -> RunSpec:
    """The run.json of a run that makes weak rows of another again. Changes no file.

    Model, settings and prompts are that run's, but for those given. Raises InputError where no row is meant, and where
    it would ask what was asked before.
    """
    folder = find_run(workspace.runs, run)
    old = read_spec(folder)
    if old.recipe not in RECIPES:
        raise InputError(f"run {run} (recipe {old.recipe}) makes no questions; see which do: skillweave runs")
    items = describe_again(old.items, folder.name, old.id, weak_rows(workspace, folder, where))
    new = plan_spec(
        find_recipe(old.recipe),
        items=items,
        models={role: model or was for role, was in old.models.items()},
        seed=old.seed,
        settings={**old.settings, **(settings or {})},
        prompts={**old.prompts, **(prompts or {})},
    )
    if all(getattr(new, part) == getattr(old, part) for part in ("models", "settings", "prompts", "source")):
        raise InputError(
            f"what made run {run} would be asked again as it was; give another prompt, model or setting: "
            f"skillweave generate --again {run} --where ... --prompt write=my.prompt"
        )
    return new


def _asks(workspace: Workspace, run: Path, concepts: frozenset[str]) -> Callable[[Sequence[str]], bool]:
    """Whether a row was asked to use one of the concepts; every row where none is given."""
    if not concepts:
        return lambda _: True
    table = DecisionTable(Snapshot.open(workspace.graphs / read_spec(run).items["graph"]))
    wanted = {find_concept(table, given) for given in sorted(concepts)}
    leads = table.leads()
    return lambda asked: any(leads.get(concept, concept) in wanted for concept in asked)


def _rejected(run: Path, reasons: frozenset[str]) -> Iterator[tuple[int, list[str]]]:
    """Index and asked concepts of the rejected rows with one of these reasons."""
    for table in read_rejected(run):
        for row in table.select(["index", "reason", "item"]).to_pylist():
            if row["reason"] in reasons:
                item = orjson.loads(row["item"])
                yield row["index"], [concept["id"] for kind in ("topics", "knowledge_points") for concept in item[kind]]


def _spoken_of(workspace: Workspace, run: Path, wanted: frozenset[str]) -> set[str] | None:
    """The ids of the rows on which one of the verdicts was given; None where none is wanted."""
    if not wanted:
        return None
    found = {row for row, verdict in verdicts(workspace).items() if verdict in wanted}
    if by_check := wanted - set(VERDICTS):
        plan = read_plan(workspace)
        if not plan.checks:
            raise InputError(
                f"--where verdict={min(by_check)}: persons say {' or '.join(VERDICTS)}, and no check was run yet; run "
                f"them: skillweave dataset check {run.name}"
            )
        for table in verdicts_of(workspace, [run], plan):
            columns = (table[name].to_pylist() for name in ("id", "check", "reason"))
            found |= {row for row, check, reason in zip(*columns, strict=True) if {check, reason} & by_check}
    return found
