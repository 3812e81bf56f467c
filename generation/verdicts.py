"""Verdicts: what speaks against accepted rows, for a dataset; no sealed row changes.

    plan = read_plan(workspace)                        the checks that `skillweave dataset check` last ran
    check_runs(workspace, runs, plan)                  run them; only shards that were not checked yet are read
    for judged in kept_rows(workspace, runs, plan):    the accepted rows, a sealed shard at a time, with a mask
        judged.table.filter(judged.kept)
    for table in verdicts_of(workspace, runs, plan):   every verdict with its evidence

A dataset has the accepted rows of one or more runs in the order of (run's name, index), however the runs are given. A
row is kept where no check speaks against it. Checks across rows come last and compare the rows that stand by then; of
rows that are alike the first one stays. See docs/quality.md for the checks, `generation.verdict_store` for the files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import SystemRandom
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from engine.call import content_hash
from engine.errors import InputError
from engine.rows import Part, accepted_parts, sealed_file
from engine.run import read_spec, row_id
from engine.shard import Seal
from engine.workspace import Workspace
from generation.quality.contract import Batch, Finding, RowCheck, SetCheck, SetFindings, Sketched
from generation.quality.plan import Plan, open_check
from generation.recipes import ALL_RECIPES
from generation.verdict_store import CheckFolder, shard_name

FINDINGS = pa.schema(
    [
        ("row", pa.int32()),
        ("id", pa.string()),
        ("reason", pa.string()),
        ("matched", pa.string()),
        ("source", pa.string()),
        ("score", pa.float64()),
        ("span", pa.string()),
    ]
)
"""What a file of findings holds, by `row`, a place in the sealed file; for the others see `contract.Finding`."""
VERDICTS = pa.schema([("run", pa.string()), ("check", pa.string()), *list(FINDINGS)[1:]])
"""The columns of `verdicts_of`."""
_OVER = pa.schema([("shard", pa.int32()), *FINDINGS])

T = TypeVar("T")
LeaveOut = Callable[[Path, Part], NDArray[np.bool_]]
"""(run, its part) -> shape (part.rows,): the rows that a dataset leaves out before checks across rows compare any."""
Progress = Callable[[int, int, str], None]
"""(done, of, what): accepted rows that are checked."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The accepted rows of one sealed shard, and which of them a dataset keeps."""

    run: Path
    seal: Seal
    table: pa.Table
    """The columns asked for, in index order."""
    kept: NDArray[np.bool_]
    """Shape (rows,)."""
    failed: NDArray[np.int32]
    """Shape (rows,): the place in the plan of the first check that speaks against the row, -1 where none does."""


@dataclass(frozen=True)
class _Shard:
    """A sealed shard's accepted rows, in the order of the dataset."""

    run: Path
    run_id: str
    part: Part

    @property
    def name(self) -> str:
        return shard_name(self.part.seal)


@dataclass(frozen=True, slots=True)
class _Opened:
    """A check of the plan as it is opened for a run."""

    place: int
    """In the plan."""
    name: str
    check: RowCheck | SetCheck
    folder: CheckFolder

    @property
    def ending(self) -> str:
        return "sketch" if isinstance(self.check, SetCheck) else "parquet"


class _Dataset:
    """The shards of runs, and the checks of a plan as they are opened for each run; for one pass over them."""

    def __init__(self, workspace: Workspace, runs: Sequence[Path], plan: Plan) -> None:
        self.shards = _shards(runs)
        self._workspace, self._plan = workspace, plan
        self._opened: dict[Path, list[_Opened]] = {}
        self._rowwise: dict[int, NDArray[np.int32]] = {}

    def opened(self, run: Path) -> list[_Opened]:
        """The checks that have something to say of a run, in the plan's order."""
        if run not in self._opened:
            self._opened[run] = [
                _Opened(place, chosen.name, check, CheckFolder.of(self._workspace, chosen.name, check.identity()))
                for place, chosen in enumerate(self._plan.checks)
                if (check := open_check(chosen, self._workspace, run)) is not None
            ]
        return self._opened[run]

    def missing(self, shard: _Shard) -> list[_Opened]:
        """The checks that were not asked about a shard yet."""
        return [each for each in self.opened(shard.run) if not each.folder.has(shard.name, each.ending)]

    def need_all(self) -> None:
        """Raises InputError where a check was not asked about a shard yet."""
        for shard in self.shards:
            if missing := self.missing(shard):
                raise InputError(
                    f"run {shard.run.name} has rows that {missing[0].name} was not asked about yet; check them: "
                    f"skillweave dataset check {shard.run.name} --as-before"
                )

    def findings(self, shard: _Shard, opened: _Opened) -> pa.Table:
        """What a check of rows found among the accepted rows of a shard."""
        table = opened.folder.table(shard.name)
        return table.filter(pc.less(table["row"], shard.part.rows))

    def rowwise(self, number: int) -> NDArray[np.int32]:
        """For each accepted row of a shard the place of the first check of rows that speaks against it, else -1."""
        if number not in self._rowwise:
            shard = self.shards[number]
            failed = np.full(shard.part.rows, -1, np.int32)
            for opened in self.opened(shard.run):
                if isinstance(opened.check, RowCheck):
                    rows = self.findings(shard, opened)["row"].to_numpy()
                    failed[rows[failed[rows] < 0]] = opened.place
            self._rowwise[number] = failed
        return self._rowwise[number].copy()

    def across(self, standing: Sequence[NDArray[np.bool_]]) -> dict[int, pa.Table]:
        """What each check across rows decides of the rows that stand, by its place in the plan; columns of _OVER.

        Decided once: what was is kept, under a hash of the shards and of the rows that stood. `standing` loses the
        rows that a check speaks against, so that the next one does not compare them.
        """
        found: dict[int, pa.Table] = {}
        for opened in self.opened(self.shards[0].run):
            check, folder = opened.check, opened.folder
            if not isinstance(check, SetCheck):
                continue
            stood = [
                [shard.name, shard.run.name, hashlib.blake2b(np.packbits(mask).tobytes(), digest_size=16).hexdigest()]
                for shard, mask in zip(self.shards, standing, strict=True)
            ]
            name = "over-" + content_hash([check.decision(), stood]).removeprefix("b2:")
            if not folder.has(name, "parquet"):
                _decided(folder, name, self.shards, check, standing)
            found[opened.place] = table = folder.table(name)
            for number, rows in _by_shard(table).items():
                standing[number][rows] = False
        return found

    def judged(self, leave_out: LeaveOut | None) -> Iterator[tuple[NDArray[np.int32], NDArray[np.bool_]]]:
        """For each shard the first failing check of each row, else -1, and which rows are kept."""
        failed = [self.rowwise(number) for number in range(len(self.shards))]
        standing = [rows < 0 for rows in failed]
        if leave_out is not None:
            for number, shard in enumerate(self.shards):
                standing[number] &= ~leave_out(shard.run, shard.part)
        for place, table in self.across(standing).items():
            for number, rows in _by_shard(table).items():
                failed[number][rows] = place
        yield from zip(failed, standing, strict=True)


def _by_shard(over: pa.Table) -> dict[int, NDArray[np.int32]]:
    """The rows of a decision by the number of their shard."""
    shards, rows = over["shard"].to_numpy(), over["row"].to_numpy()
    numbers, starts = np.unique(shards, return_index=True)  # a decision is in the order of shards
    return dict(zip(numbers.tolist(), np.split(rows, starts[1:]), strict=True)) if len(numbers) else {}


def check_runs(workspace: Workspace, runs: Sequence[Path], plan: Plan, progress: Progress = lambda *_: None) -> None:
    """Check the accepted rows of these runs; all of it is durable on return.

    A shard that was checked before is not read again. Memory is one shard's, and some 90 bytes a row for checks across
    rows. Raises InputError where an input is missing, or two of the runs would make the same rows.
    """
    dataset = _Dataset(workspace, runs, plan)
    total, done = sum(shard.part.rows for shard in dataset.shards), 0
    for shard in _own_order(dataset.shards):
        if missing := dataset.missing(shard):
            _check_shard(shard, missing)
        done += shard.part.rows
        progress(done, total, shard.run.name)
    progress(total, total, "across all rows")
    for _ in dataset.judged(None):
        pass


def kept_rows(
    workspace: Workspace,
    runs: Sequence[Path],
    plan: Plan,
    columns: Sequence[str] | None = None,
    leave_out: LeaveOut | None = None,
) -> Iterator[Judged]:
    """The accepted rows of these runs, a sealed shard at a time, in the order of (run's name, index).

    What `leave_out` leaves out is not kept, and nothing is its duplicate; `failed` is -1 for it unless a check of rows
    speaks against it as well. Raises InputError where a shard was not checked yet: the message gives the command.
    """
    dataset = _Dataset(workspace, runs, plan)
    dataset.need_all()
    for shard, (failed, kept) in zip(dataset.shards, dataset.judged(leave_out), strict=True):
        path = sealed_file(shard.run, shard.part.seal, "rows")
        table = pq.read_table(path, columns=None if columns is None else list(columns)).slice(0, shard.part.rows)
        yield Judged(shard.run, shard.part.seal, table, kept, failed)


def unchecked(workspace: Workspace, run: Path, plan: Plan) -> str:
    """The first check that was not asked about every accepted row of a run; empty where all were."""
    dataset = _Dataset(workspace, [run], plan)
    return next((missing[0].name for shard in dataset.shards if (missing := dataset.missing(shard))), "")


def verdicts_id(workspace: Workspace, runs: Sequence[Path], plan: Plan) -> str:
    """A hash of all that decides `verdicts_of`: the checks as they are opened, and the accepted rows."""
    dataset = _Dataset(workspace, runs, plan)
    rows = [[shard.run.name, shard.name, shard.part.rows] for shard in dataset.shards]
    checks = [
        [opened.name, opened.folder.path.name, opened.check.decision() if isinstance(opened.check, SetCheck) else None]
        for run in dict.fromkeys(shard.run for shard in dataset.shards)
        for opened in dataset.opened(run)
    ]
    return content_hash([checks, rows]).removeprefix("b2:")


def judged_parts(
    workspace: Workspace, runs: Sequence[Path], plan: Plan, leave_out: LeaveOut | None = None
) -> Iterator[tuple[Path, Part, NDArray[np.int32], NDArray[np.bool_]]]:
    """As `kept_rows` without reading a row: run, part, `failed` and `kept`."""
    dataset = _Dataset(workspace, runs, plan)
    dataset.need_all()
    for shard, (failed, kept) in zip(dataset.shards, dataset.judged(leave_out), strict=True):
        yield shard.run, shard.part, failed, kept


def verdicts_of(workspace: Workspace, runs: Sequence[Path], plan: Plan) -> Iterator[pa.Table]:
    """Every verdict on the accepted rows with its evidence, a table a shard, in the plan's order; columns of VERDICTS.

    Raises what `kept_rows` raises.
    """
    dataset = _Dataset(workspace, runs, plan)
    dataset.need_all()
    across = dataset.across([dataset.rowwise(number) < 0 for number in range(len(dataset.shards))])
    for number, shard in enumerate(dataset.shards):
        tables = [VERDICTS.empty_table()]
        for opened in dataset.opened(shard.run):
            if isinstance(opened.check, RowCheck):
                found = dataset.findings(shard, opened)
            else:
                over = across[opened.place]
                found = over.filter(pc.equal(over["shard"], number)).drop_columns("shard")
            head = [[shard.run.name] * found.num_rows, [opened.name] * found.num_rows]
            arrays = [pa.array(each, pa.string()) for each in head]
            tables.append(pa.table([*arrays, *found.drop_columns("row").columns], schema=VERDICTS))
        yield pa.concat_tables(tables)


def _shards(runs: Sequence[Path]) -> list[_Shard]:
    found: list[_Shard] = []
    named: dict[str, str] = {}
    for run in sorted(set(runs), key=lambda path: path.name):
        spec = read_spec(run)
        recipe = ALL_RECIPES.get(spec.recipe)
        if recipe is None or "question" not in recipe.columns.names:
            raise InputError(f"run {run.name} (recipe {spec.recipe}) makes no questions; see which do: skillweave runs")
        if spec.id in named:
            raise InputError(
                f"runs {named[spec.id]} and {run.name} have the same run.json and so the same rows; name one of them"
            )
        named[spec.id] = run.name
        found += [_Shard(run, spec.id, part) for part in accepted_parts(run)]
    if not found:
        raise InputError("there are no accepted rows to check; see why: skillweave runs")
    return found


def _check_shard(shard: _Shard, checks: Sequence[_Opened]) -> None:
    """Check all rows of a sealed shard, also those that are ahead: what is sealed is checked once."""
    path = sealed_file(shard.run, shard.part.seal, "rows")
    there = pq.read_schema(path).names
    wanted = dict.fromkeys(["id", "index", *(column for each in checks for column in each.check.columns)])
    if missing := [column for column in wanted if column not in there]:
        raise InputError(f"run {shard.run.name} has no column {missing[0]!r}; leave out what reads it: --checks NAME")
    table = pq.read_table(path, columns=list(wanted))
    batch, ids = Batch(table), table["id"].to_pylist()
    for each in checks:
        check, folder = each.check, each.folder
        folder.prepare(check.identity())
        if isinstance(check, SetCheck):
            index = table["index"].to_numpy().astype(np.int64)
            folder.put_sketch(shard.name, {"index": index, **check.sketch(batch)})
        else:
            folder.put_table(shard.name, _table(check.judge(batch), ids))


def _table(found: Sequence[Finding], ids: Sequence[str]) -> pa.Table:
    rows = [{**finding._asdict(), "id": ids[finding.row]} for finding in found]
    return pa.Table.from_pylist(rows, schema=FINDINGS)


def _decided(
    folder: CheckFolder, name: str, shards: Sequence[_Shard], check: SetCheck, standing: Sequence[NDArray[np.bool_]]
) -> None:
    """Put what a check decides under `name`; its parts lie beside it until then, so that none is made twice."""
    sketched = [
        Sketched(folder.sketch(shard.name), shard.part.rows, mask) for shard, mask in zip(shards, standing, strict=True)
    ]
    comparison = check.compare(sketched)
    kept = {part: f"{name}.{part}" for part in comparison.parts}
    for part in _own_order(comparison.parts):
        if not folder.has(kept[part], "sketch") and not folder.has(name, "parquet"):
            folder.put_sketch(kept[part], comparison.part(part))
    try:
        found = comparison.decide({part: folder.sketch(kept[part]) for part in comparison.parts})
        folder.put_table(name, _over(shards, sketched, found))
    except InputError:
        if not folder.has(name, "parquet"):  # else another process decided meanwhile, and removed the parts
            raise
    for part in comparison.parts:
        folder.drop_sketch(kept[part])


def _over(shards: Sequence[_Shard], sketched: Sequence[Sketched], found: SetFindings) -> pa.Table:
    index: dict[int, NDArray[np.int64]] = {}

    def ids(numbers: NDArray[np.int32], rows: NDArray[np.int32]) -> Iterator[str]:
        for number, row in zip(numbers.tolist(), rows.tolist(), strict=True):
            if number not in index:
                index[number] = np.array(sketched[number].arrays["index"])
            yield row_id(shards[number].run_id, int(index[number][row]))

    columns: dict[str, Any] = {
        "shard": found.shard,
        "row": found.row,
        "id": pa.array(ids(found.shard, found.row), pa.string()),
        "reason": pa.array(found.reasons, pa.string()).take(pa.array(found.reason)),
        "matched": pa.array(ids(found.matched_shard, found.matched_row), pa.string()),
        "source": pa.array((shards[number].run.name for number in found.matched_shard.tolist()), pa.string()),
        "score": found.score,
        "span": pa.repeat("", len(found.row)),
    }
    return pa.table(columns, schema=_OVER)


def _own_order(parts: Sequence[T]) -> list[T]:
    """The parts in an order drawn by this process alone, so that several of them seldom make the same one at once."""
    return SystemRandom().sample(parts, len(parts))
