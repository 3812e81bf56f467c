"""Where every row of a dataset went: drawn, repeats, rejected by reason, accepted, each verdict, kept.

    drawn = repeats + rejected + open + ahead + accepted           of each run, from its seals (engine/books.py)
    accepted = the first verdict of each row that has one + kept   of the dataset

A row that fails several checks counts at the first of them; `all` says how many rows a reason speaks against in all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.books import read_books
from engine.errors import RunError
from engine.shard import REPEAT
from engine.workspace import Workspace
from generation.quality.plan import Plan, idle_checks
from generation.verdicts import judged_parts, verdicts_of


@dataclass(frozen=True, slots=True)
class Step:
    """One way that rows went."""

    stage: str
    """`drawn`, `rejected`, `open`, `ahead`, `accepted`, the name of a check, or `kept`."""
    reason: str
    rows: int
    """Rows that went here, each counted once; of `drawn`, `accepted` and `kept` those that came so far."""
    all: int
    """Rows of which this is true, whatever else is."""


@dataclass(frozen=True, slots=True)
class Funnel:
    """The steps from drawn to kept, in order."""

    runs: tuple[str, ...]
    steps: tuple[Step, ...]

    def at(self, stage: str) -> int:
        """The rows of a stage, over its reasons."""
        return sum(step.rows for step in self.steps if step.stage == stage)


def funnel(workspace: Workspace, runs: Sequence[Path], plan: Plan) -> Funnel:
    """Where the rows of these runs went.

    Raises RunError where the books do not close, InputError where a shard was not checked yet.
    """
    runs = sorted(set(runs), key=lambda path: path.name)
    drawn: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for run in runs:
        books = read_books(run)
        drawn.update(drawn=books.drawn, open=books.open, ahead=books.ahead, accepted=books.accepted)
        reasons.update(books.reasons)
    repeats = reasons.pop(REPEAT, 0)
    steps = [Step("drawn", "", drawn["drawn"], drawn["drawn"])]
    if repeats:
        steps.append(Step("rejected", REPEAT, repeats, repeats))
    steps += [Step("rejected", reason, count, count) for reason, count in reasons.most_common()]
    steps += [Step(stage, "", drawn[stage], drawn[stage]) for stage in ("open", "ahead") if drawn[stage]]
    steps.append(Step("accepted", "", drawn["accepted"], drawn["accepted"]))
    verdicts, kept = _verdicts(workspace, runs, plan) if drawn["accepted"] else ([], 0)
    found = Funnel(tuple(run.name for run in runs), (*steps, *verdicts, Step("kept", "", kept, kept)))
    gone = sum(step.rows for step in verdicts)
    left = found.at("drawn") - found.at("rejected") - found.at("open") - found.at("ahead")
    if left != found.at("accepted") or found.at("accepted") - gone != kept:
        raise RunError(f"the books of {', '.join(found.runs)} do not close: {found.steps}")
    return found


def _verdicts(workspace: Workspace, runs: Sequence[Path], plan: Plan) -> tuple[list[Step], int]:
    """The step of each check and reason, in the plan's order, and the rows that are kept."""
    first: Counter[tuple[str, str]] = Counter()
    every: Counter[tuple[str, str]] = Counter()
    kept = 0
    walked = zip(judged_parts(workspace, runs, plan), verdicts_of(workspace, runs, plan), strict=True)
    for (_, _, _, stays), verdicts in walked:
        kept += int(stays.sum())
        pairs = list(zip(verdicts["check"].to_pylist(), verdicts["reason"].to_pylist(), strict=True))
        every.update(pairs)
        once: dict[str, tuple[str, str]] = {}
        for row, pair in zip(verdicts["id"].to_pylist(), pairs, strict=True):
            once.setdefault(row, pair)  # a shard's verdicts come in the plan's order
        first.update(once.values())
    steps = []
    idle = idle_checks(plan, workspace, runs)
    for name in plan.names:
        found = sorted((pair for pair in every if pair[0] == name), key=lambda pair: (-every[pair], pair))
        steps += [Step(name, reason, first[name, reason], every[name, reason]) for _, reason in found]
        if not found:
            steps.append(Step(name, f"not asked: {idle[name]}" if name in idle else "", 0, 0))
    return steps, kept
