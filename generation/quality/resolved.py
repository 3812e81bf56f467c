"""A second solution comes to another answer: one of the two is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import Field

from engine.recipe import Settings
from engine.rows import read_accepted
from engine.shard import seals_of
from generation.quality.contract import Batch, Finding, RowCheck


class ResolvedSettings(Settings):
    """What a second solution must say."""

    must_solve: bool = Field(False, description="whether a question that was not solved again is out as well")


class Resolved(RowCheck):
    """Finds `another answer when solved again` and, where each must be, `not solved again`.

    Where several complete runs solved a question again, one that disagrees is enough.
    """

    columns = ("id", "question")

    def __init__(self, settings: ResolvedSettings, runs: Sequence[Path]) -> None:
        """`runs` are complete runs of the resolve recipe."""
        self._settings, self._runs = settings, runs

    def identity(self) -> Mapping[str, Any]:
        """See RowCheck."""
        hashes = sorted(
            seal.files["rows"].hash for run in self._runs for seal in seals_of(run / "shards").values() if seal.passed
        )
        return {"version": 1, "settings": self._settings.model_dump(), "solved": hashes}

    @cached_property
    def _solved(self) -> dict[str, tuple[str, str]]:
        """Question -> the run and the answer that disagrees; both empty where all agree."""
        found: dict[str, tuple[str, str]] = {}
        for run in self._runs:
            for table in read_accepted(run, ["question_id", "solved", "agrees"]):
                for question, solved, agrees in zip(*(column.to_pylist() for column in table.columns), strict=True):
                    found.setdefault(question, ("", ""))
                    if not agrees:
                        found[question] = (run.name, solved)
        return found

    def judge(self, batch: Batch) -> list[Finding]:
        """See RowCheck."""
        found = []
        for row, question in enumerate(batch.texts("id")):
            run, solved = self._solved.get(question, (None, ""))
            if run:
                found.append(Finding(row, "another answer when solved again", source=run, span=solved[:500]))
            elif run is None and self._settings.must_solve:
                found.append(Finding(row, "not solved again"))
        return found
