"""Verdicts as a person reads them: the question, what speaks against it, and the question that it is like."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from engine.rows import accepted_parts, sealed_file
from engine.terminal import print_text
from engine.workspace import Workspace
from generation.quality.plan import Plan
from generation.quality.references import references_compared
from graph.seed import read_seeds

_MOST = 400
"""Characters of a question that are shown."""


def print_verdicts(place: Workspace, plan: Plan, verdicts: Sequence[Mapping[str, Any]]) -> None:
    """Print some verdicts (rows of `generation.verdicts.VERDICTS`) with the texts that they are about."""
    wanted: dict[str, set[str]] = {}
    for verdict in verdicts:
        wanted.setdefault(verdict["run"], set()).add(verdict["id"])
        if verdict["matched"]:
            wanted.setdefault(verdict["source"], set()).add(verdict["matched"])
    texts = {source: _texts(place, plan, source, ids) for source, ids in wanted.items()}
    for verdict in verdicts:
        score = "" if verdict["score"] is None else f", {verdict['score']:.3f}"
        print_text(f"{verdict['check']}: {verdict['reason']}{score}", style="bold")
        print_text(f"{verdict['id']} of {verdict['run']}", style="cyan")
        print_text(_shown(texts[verdict["run"]].get(verdict["id"])))
        if verdict["matched"]:
            print_text(f"like {verdict['matched']} of {verdict['source']}", style="cyan")
            print_text(_shown(texts[verdict["source"]].get(verdict["matched"])))
        elif verdict["source"]:
            print_text(f"by {verdict['source']}", style="cyan")
        if verdict["span"]:
            print_text(f"found: {_shown(verdict['span'])}")
        print_text()


def _shown(text: str | None) -> str:
    plain = " ".join((text or "(its text is gone)").split())
    return plain if len(plain) <= _MOST else f"{plain[:_MOST]}…"


def _texts(place: Workspace, plan: Plan, source: str, ids: Iterable[str]) -> dict[str, str]:
    """The questions of these ids, of a run, a seed set or a set of test questions; those that are gone are left out."""
    wanted = set(ids)
    if (place.runs / source).is_dir():
        return _of_run(place.runs / source, wanted)
    if (place.seeds / f"{source}.parquet").is_file():
        found = {seed.id: seed.question for seed in read_seeds(place.seeds / f"{source}.parquet") if seed.id in wanted}
        if found:
            return found
    named = [each for check in plan.checks for each in check.against if each.name == source]
    tests = references_compared(place, named[:1]).questions
    return {each: text for each, text in zip(tests.ids, tests.texts, strict=True) if each in wanted}


def _of_run(run: Path, wanted: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    among = pa.array(sorted(wanted), pa.string())
    for part in accepted_parts(run):
        if len(found) == len(wanted):
            break
        path = sealed_file(run, part.seal, "rows")
        ids = pq.read_table(path, columns=["id"])["id"]
        if pc.any(pc.is_in(ids, among)).as_py():
            table = pq.read_table(path, columns=["id", "question"], filters=pc.is_in(pc.field("id"), among))
            found |= dict(zip(table["id"].to_pylist(), table["question"].to_pylist(), strict=True))
    return found
