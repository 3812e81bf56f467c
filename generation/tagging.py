"""Tagging a run: make the run that does it, take what earlier ones paid for, and read the tags beside the questions.

A question's concepts come on three bases, never mixed: `asked` (its composition), `claimed` (by its writer), and
`tagged` (read from its text by a tagging run). The first two stand in the sealed rows; tags are joined by id, and no
sealed row changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from engine.books import read_books
from engine.call import ModelRef
from engine.drivers.contract import Reuse
from engine.errors import InputError
from engine.journal import Entry
from engine.replay import Ask
from engine.reuse import EarlierRun
from engine.rows import read_accepted, sealed_file
from engine.run import Run, Target, create_run, default_name, list_runs, plan_spec, read_spec
from engine.shard import Seal, seals_of
from engine.workspace import Workspace
from generation.recipes.tag.questions import describe_questions
from generation.recipes.tag.recipe import TAG

TAGS = pa.schema([("tagged", pa.list_(pa.string())), ("tagged_other", pa.list_(pa.string()))])
"""The columns that a tagging run adds to its questions; null where a question has no tags."""


def tag_run(
    workspace: Workspace,
    run: Path,
    model: ModelRef,
    *,
    threshold: float | None = None,
    settings: Mapping[str, Any] | None = None,
    prompts: Mapping[str, str] | None = None,
    name: str | None = None,
) -> Path:
    """Make the run that tags the accepted questions of `run`, or find it where it is there already.

    Raises InputError for what `describe_questions` refuses, and for settings or prompts that do not fit.
    """
    items = describe_questions(workspace, run, threshold)
    spec = plan_spec(TAG, items=items, models={"writer": model}, seed=0, settings=settings, prompts=prompts)
    return create_run(workspace.runs, name or default_name(spec), spec, Target())


def tag_runs_of(run: Path) -> list[Path]:
    """The tagging runs of a run, complete or not: the one of most questions first, of equals the one begun last."""
    run_id = read_spec(run).id
    specs = ((read_spec(path), path) for path in list_runs(run.parent))
    found = [(spec, path) for spec, path in specs if spec.recipe == TAG.name and spec.items["run_id"] == run_id]
    by_rank = sorted(
        found, key=lambda each: (-each[0].items["size"], -(each[1] / "run.json").stat().st_mtime_ns, each[1].name)
    )
    return [path for _, path in by_rank]


def earlier_replies(run: Run) -> Reuse | None:
    """The replies of all other tagging runs of the same questions; None where there are none."""
    others = [path for path in tag_runs_of(run.folder.parent / run.spec.items["run"]) if path != run.folder]
    # Question i is the same item in all of them, so this run's items stand for theirs.
    earlier = [EarlierRun(Run(path, read_spec(path), TAG, run.items), run.items) for path in others]
    return _Earlier(earlier) if earlier else None


class Tags:
    """The tags that a complete tagging run gave."""

    def __init__(self, folder: Path) -> None:
        """Reads its seals."""
        self.folder = folder
        self._seals: Sequence[Seal] = list(seals_of(folder / "shards").values())

    @property
    def size(self) -> int:
        """The questions it worked on: the first ones of its source."""
        return self._seals[-1].stop

    @property
    def seals(self) -> Sequence[Seal]:
        """Its seals, in the order of shards."""
        return self._seals

    @property
    def hashes(self) -> list[str]:
        """The content hashes of its sealed rows."""
        return [seal.files["rows"].hash for seal in self._seals]

    def join(self, questions: pa.Table, start: int) -> pa.Table:
        """The questions, with the columns of `TAGS` at the end.

        `questions` has `id` and is the accepted rows of the source from place `start` on. Memory is that of the tags of
        as many questions.
        """
        stop = start + questions.num_rows
        files = [
            sealed_file(self.folder, seal, "rows") for seal in self._seals if seal.start < stop and start < seal.stop
        ]
        tables = [pq.read_table(file, columns=["question_id", *TAGS.names]) for file in files]
        if not tables:
            return without_tags(questions)
        tags = pa.concat_tables(tables).combine_chunks()
        places = pc.index_in(questions["id"], tags["question_id"].combine_chunks())
        for field in TAGS:
            questions = questions.append_column(field, tags[field.name].combine_chunks().take(places))
        return questions


def without_tags(questions: pa.Table) -> pa.Table:
    """The questions, with the columns of `TAGS`, all null."""
    for field in TAGS:
        questions = questions.append_column(field, pa.nulls(questions.num_rows, field.type))
    return questions


def find_tags(run: Path, name: str | None = None) -> Tags | None:
    """The tags of a run's questions by its complete tagging run, the first of `tag_runs_of`; None where there is none.

    With a `name` those of that tagging run. Raises InputError where it is none of this run's, or not complete.
    """
    complete = [path for path in tag_runs_of(run) if read_books(path).state == "complete"]
    if name is None:
        return Tags(complete[0]) if complete else None
    for path in complete:
        if path.name == name:
            return Tags(path)
    known = ", ".join(path.name for path in complete) or "none yet"
    raise InputError(f"{name!r} is no complete tagging of run {run.name}; there are: {known}. See: skillweave runs")


def read_tagged(run: Path, columns: Sequence[str] | None = None, tags: Tags | None = None) -> Iterator[pa.Table]:
    """The accepted rows with the columns of `TAGS` at the end, a table a shard, in index order.

    `columns` must have `id`. A question has no tags where `tags` does not reach it, and where its reply was rejected.
    """
    start = 0
    for table in read_accepted(run, columns):
        yield tags.join(table, start) if tags is not None else without_tags(table)
        start += table.num_rows


@dataclass(frozen=True, slots=True)
class _Earlier:
    """Replies of several runs, of the first that has one."""

    runs: Sequence[EarlierRun]

    def find(self, index: int, ask: Ask) -> Entry | None:
        """See engine.drivers.online.Reuse."""
        return next((entry for run in self.runs if (entry := run.find(index, ask)) is not None), None)
