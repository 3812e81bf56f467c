"""Which checks are run, with which settings and against which test questions; and the checks there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from engine.books import read_books
from engine.errors import InputError
from engine.files import replace, storage_errors
from engine.recipe import Settings
from engine.run import RunSpec, read_spec
from engine.settings import first_fault
from engine.workspace import Workspace
from generation.quality.answers import Answers, AnswerSettings
from generation.quality.contamination import Contamination, ContaminationSettings
from generation.quality.contract import RowCheck, SetCheck
from generation.quality.duplicates import Duplicates, DuplicateSettings
from generation.quality.language import Language
from generation.quality.references import Reference, references_compared, seeds_compared
from generation.quality.refusals import Refusals
from generation.quality.resolved import Resolved, ResolvedSettings
from generation.quality.seed_copies import SeedCopies, SeedCopySettings
from generation.quality.similarity import Similarity, SimilaritySettings
from generation.quality.sizes import Sizes, SizeSettings
from generation.quality.swapped import Swapped, SwappedSettings
from generation.resolving import resolve_runs_of
from graph.embedding import chosen_embedder


class Chosen(BaseModel):
    """A check with its settings in full, and what it compares rows with."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    settings: dict[str, Any]
    against: tuple[Reference, ...] = ()


class Plan(BaseModel):
    """The checks of a dataset, in the order in which a row that fails several is counted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    checks: tuple[Chosen, ...]

    @property
    def names(self) -> list[str]:
        """The checks' names, in order."""
        return [check.name for check in self.checks]


@dataclass(frozen=True)
class Place:
    """Where a check is opened: for which run of a workspace."""

    workspace: Workspace
    run: Path
    spec: RunSpec


@dataclass(frozen=True)
class Kind:
    """A check that may be chosen."""

    name: str
    finds: str
    settings: type[Settings]
    open: Callable[[Any, tuple[Reference, ...], Place], RowCheck | SetCheck | None]
    """(settings, test questions, place) -> the check; None where it has nothing to say of that run."""
    against: bool = False
    """It compares with test questions, and is left out without any."""
    idle: str = ""
    """Why it may have nothing to say of a run; empty for a check that always has."""


def _seeds(place: Place) -> Sequence[Mapping[str, str]]:
    described: Sequence[Mapping[str, str]] = place.spec.items.get("seeds", ())
    return described


def _seed_copies(settings: SeedCopySettings, _: tuple[Reference, ...], place: Place) -> RowCheck | None:
    return SeedCopies(settings, seeds_compared(place.workspace, _seeds(place))) if _seeds(place) else None


def _swapped(settings: SwappedSettings, _: tuple[Reference, ...], place: Place) -> RowCheck | None:
    return Swapped(settings, seeds_compared(place.workspace, _seeds(place))) if _seeds(place) else None


def _resolved(settings: ResolvedSettings, _: tuple[Reference, ...], place: Place) -> RowCheck | None:
    runs = [run for run in resolve_runs_of(place.run) if read_books(run).state == "complete"]
    return Resolved(settings, runs) if runs or settings.must_solve else None


def _contamination(settings: ContaminationSettings, tests: tuple[Reference, ...], place: Place) -> RowCheck:
    return Contamination(settings, references_compared(place.workspace, tests))


def _similarity(settings: SimilaritySettings, tests: tuple[Reference, ...], place: Place) -> RowCheck:
    embedder = chosen_embedder(place.workspace, settings.embedder or None)
    return Similarity(settings, references_compared(place.workspace, tests), embedder)


CHECKS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("length", "questions and solutions that are too short or too long", SizeSettings, lambda s, *_: Sizes(s)),
        Kind("refusals", "a model that speaks of itself or declines", Settings, lambda *_: Refusals()),
        Kind("language", "questions that are not in English", Settings, lambda *_: Language()),
        Kind("answers", "answers that their solutions do not bear out", AnswerSettings, lambda s, *_: Answers(s)),
        Kind(
            "resolved",
            "another answer when solved again: skillweave dataset resolve RUN",
            ResolvedSettings,
            _resolved,
            idle="no second solution",
        ),
        Kind("seed-copies", "questions equal or near to a seed", SeedCopySettings, _seed_copies, idle="no seeds"),
        Kind("swapped", "seeds with other numbers and names", SwappedSettings, _swapped, idle="no seeds"),
        Kind("contamination", "words in a row of a test question", ContaminationSettings, _contamination, True),
        Kind("similarity", "embeddings near a test question's", SimilaritySettings, _similarity, True),
        Kind("duplicates", "questions equal or near to another one", DuplicateSettings, lambda s, *_: Duplicates(s)),
    )
}
"""By name, in the order in which they are run."""


def make_plan(
    names: Iterable[str] | None = None,
    against: tuple[Reference, ...] = (),
    settings: Mapping[str, str] | None = None,
) -> Plan:
    """The plan of these checks, of all that can be run without names; `settings` by `check.setting`.

    Raises InputError for a check or a setting there is not, or a check that wants test questions and gets none.
    """
    wanted = list(names) if names is not None else [k.name for k in CHECKS.values() if against or not k.against]
    if unknown := [name for name in wanted if name not in CHECKS]:
        raise InputError(f"there is no check {unknown[0]!r}, only {', '.join(CHECKS)}")
    if not against and (lonely := [name for name in wanted if CHECKS[name].against]):
        raise InputError(f"the check {lonely[0]} compares with test questions; name some: --against SEEDS_OR_FILE")
    given: dict[str, dict[str, str]] = {}
    for name, value in (settings or {}).items():
        check, _, setting = name.partition(".")
        if check not in wanted or not setting:
            raise InputError(
                f"--set {name}={value}: write check.setting=value, of a check that is run: {', '.join(wanted)}"
            )
        given.setdefault(check, {})[setting] = value
    chosen = []
    for kind in CHECKS.values():
        if kind.name not in wanted:
            continue
        try:
            full = kind.settings.model_validate(given.get(kind.name, {}))
        except ValidationError as error:
            known = ", ".join(kind.settings.model_fields) or "none"
            raise InputError(f"check {kind.name}: {first_fault(error)}; its settings are: {known}") from None
        chosen.append(
            Chosen(name=kind.name, settings=full.model_dump(mode="json"), against=against if kind.against else ())
        )
    return Plan(checks=tuple(chosen))


def open_check(chosen: Chosen, workspace: Workspace, run: Path) -> RowCheck | SetCheck | None:
    """The check for the rows of a run; None where it has nothing to say of it."""
    kind = CHECKS[chosen.name]
    place = Place(workspace, run, read_spec(run))
    return kind.open(kind.settings.model_validate(chosen.settings), chosen.against, place)


def idle_checks(plan: Plan, workspace: Workspace, runs: Sequence[Path]) -> dict[str, str]:
    """The checks of a plan that have nothing to say of any of these runs, in its order, with the reason."""
    return {
        chosen.name: kind.idle
        for chosen in plan.checks
        if (kind := CHECKS[chosen.name]).idle and all(open_check(chosen, workspace, run) is None for run in runs)
    }


def keep_plan(workspace: Workspace, plan: Plan) -> None:
    """Make this the plan that commands take unless they are told another."""
    path = _path(workspace)
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    replace(path, orjson.dumps(plan.model_dump(mode="json"), option=orjson.OPT_INDENT_2))


def read_plan(workspace: Workspace) -> Plan:
    """The plan that was last run in this workspace; one without checks where there is none yet.

    Raises InputError where the file is damaged.
    """
    path = _path(workspace)
    if not path.is_file():
        return Plan(checks=())
    try:
        plan = Plan.model_validate_json(path.read_bytes())
        for check in plan.checks:
            CHECKS[check.name].settings.model_validate(check.settings)
    except (ValidationError, KeyError):
        raise InputError(f"{path} holds no plan of this version; make it again: skillweave dataset check") from None
    return plan


def _path(workspace: Workspace) -> Path:
    return workspace.verdicts / "plan.json"
