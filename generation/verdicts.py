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
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

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
from generation.quality.contract import Batch, Finding, RowCheck, SetCheck, Sketched
from generation.quality.plan import Chosen, Plan, open_check
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


def check_runs(workspace: Workspace, runs: Sequence[Path], plan: Plan, progress: Progress = lambda *_: None) -> None:
    """Check the accepted rows of these runs; all of it is durable on return.

    A shard that was checked before is not read again. Memory is one shard's, and some 60 bytes a row for checks across
    rows. Raises InputError where an input is missing, or two of the runs would make the same rows.
    """
    shards = _shards(runs)
    total, done = sum(shard.part.rows for shard in shards), 0
    for shard in shards:
        missing = []
        for chosen, check, folder in _opened(workspace, shard, plan):
            if not folder.has(shard.name, "sketch" if isinstance(check, SetCheck) else "parquet"):
                missing.append((chosen, check, folder))
        if missing:
            _check_shard(shard, [(check, folder) for _, check, folder in missing])
        done += shard.part.rows
        progress(done, total, shard.run.name)
    progress(total, total, "across all rows")
    _across(workspace, shards, plan, None)


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
    shards = _shards(runs)
    for shard, (failed, standing) in zip(shards, _failed(workspace, shards, plan, leave_out), strict=True):
        path = sealed_file(shard.run, shard.part.seal, "rows")
        table = pq.read_table(path, columns=None if columns is None else list(columns)).slice(0, shard.part.rows)
        yield Judged(shard.run, shard.part.seal, table, standing & (failed < 0), failed)


def first_failures(
    workspace: Workspace, runs: Sequence[Path], plan: Plan, leave_out: LeaveOut | None = None
) -> Iterator[tuple[Path, Part, NDArray[np.int32]]]:
    """As `kept_rows` without reading a row: run, part and `failed`."""
    shards = _shards(runs)
    for shard, (failed, _) in zip(shards, _failed(workspace, shards, plan, leave_out), strict=True):
        yield shard.run, shard.part, failed


def verdicts_of(workspace: Workspace, runs: Sequence[Path], plan: Plan) -> Iterator[pa.Table]:
    """Every verdict on the accepted rows with its evidence, a table a shard, in the plan's order; columns of VERDICTS.

    Raises what `kept_rows` raises.
    """
    shards = _shards(runs)
    across = _across(workspace, shards, plan, None)
    for number, shard in enumerate(shards):
        tables = []
        for chosen, check, folder in _opened(workspace, shard, plan):
            if isinstance(check, RowCheck):
                found = _findings(folder, shard, chosen)
            else:
                over = across[chosen.name]
                found = over.filter(pc.equal(over["shard"], number)).drop_columns("shard")
            head = [[shard.run.name] * found.num_rows, [chosen.name] * found.num_rows]
            arrays = [pa.array(each, pa.string()) for each in head]
            tables.append(pa.table([*arrays, *found.drop_columns("row").columns], schema=VERDICTS))
        yield pa.concat_tables(tables) if tables else VERDICTS.empty_table()


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


@lru_cache(maxsize=256)
def _open_cached(chosen: str, workspace: Workspace, run: Path) -> RowCheck | SetCheck | None:
    return open_check(Chosen.model_validate_json(chosen), workspace, run)


def _open(chosen: Chosen, workspace: Workspace, run: Path) -> RowCheck | SetCheck | None:
    return _open_cached(chosen.model_dump_json(), workspace, run)


def _opened(
    workspace: Workspace, shard: _Shard, plan: Plan
) -> Iterator[tuple[Chosen, RowCheck | SetCheck, CheckFolder]]:
    for chosen in plan.checks:
        check = _open(chosen, workspace, shard.run)
        if check is not None:
            yield chosen, check, CheckFolder.of(workspace, chosen.name, check.identity())


def _check_shard(shard: _Shard, checks: Sequence[tuple[RowCheck | SetCheck, CheckFolder]]) -> None:
    """Check all rows of a sealed shard, also those that are ahead: what is sealed is checked once."""
    path = sealed_file(shard.run, shard.part.seal, "rows")
    there = pq.read_schema(path).names
    wanted = dict.fromkeys(["id", "index", *(column for check, _ in checks for column in check.columns)])
    if missing := [column for column in wanted if column not in there]:
        raise InputError(f"run {shard.run.name} has no column {missing[0]!r}; leave out what reads it: --checks NAME")
    table = pq.read_table(path, columns=list(wanted))
    batch, ids = Batch(table), table["id"].to_pylist()
    for check, folder in checks:
        folder.prepare(check.identity())
        if isinstance(check, SetCheck):
            index = table["index"].to_numpy().astype(np.int64)
            folder.put_sketch(shard.name, {"index": index, **check.sketch(batch)})
        else:
            folder.put_table(shard.name, _table(check.judge(batch), ids))


def _table(found: Sequence[Finding], ids: Sequence[str]) -> pa.Table:
    rows = [{**finding._asdict(), "id": ids[finding.row]} for finding in found]
    return pa.Table.from_pylist(rows, schema=FINDINGS)


def _findings(folder: CheckFolder, shard: _Shard, chosen: Chosen) -> pa.Table:
    """The findings among the accepted rows of a shard."""
    _need(folder, shard, chosen, "parquet")
    table = folder.table(shard.name)
    return table.filter(pc.less(table["row"], shard.part.rows))


def _need(folder: CheckFolder, shard: _Shard, chosen: Chosen, ending: str) -> None:
    if not folder.has(shard.name, ending):
        raise InputError(
            f"run {shard.run.name} has rows that {chosen.name} was not asked about yet; check them: "
            f"skillweave dataset check {shard.run.name}"
        )


def _failed(
    workspace: Workspace, shards: Sequence[_Shard], plan: Plan, leave_out: LeaveOut | None
) -> Iterator[tuple[NDArray[np.int32], NDArray[np.bool_]]]:
    """For each shard the first failing check of each row, and which rows are not left out."""
    across = _across(workspace, shards, plan, leave_out)
    places = {name: place for place, name in enumerate(plan.names)}
    for number, shard in enumerate(shards):
        failed, standing = _rowwise(workspace, shard, plan, leave_out)
        for name, table in across.items():
            rows = table.filter(pc.equal(table["shard"], number))["row"].to_numpy()
            failed[rows[failed[rows] < 0]] = places[name]
        yield failed, standing


def _rowwise(
    workspace: Workspace, shard: _Shard, plan: Plan, leave_out: LeaveOut | None
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    failed = np.full(shard.part.rows, -1, np.int32)
    opened = {chosen.name: (chosen, check, folder) for chosen, check, folder in _opened(workspace, shard, plan)}
    for place, name in enumerate(plan.names):
        if name in opened:
            chosen, check, folder = opened[name]
            if isinstance(check, RowCheck):
                rows = _findings(folder, shard, chosen)["row"].to_numpy()
                failed[rows[failed[rows] < 0]] = place
    standing = np.ones(shard.part.rows, bool) if leave_out is None else ~leave_out(shard.run, shard.part)
    return failed, standing


def _across(
    workspace: Workspace, shards: Sequence[_Shard], plan: Plan, leave_out: LeaveOut | None
) -> Mapping[str, pa.Table]:
    """What each check across rows decided of this dataset: columns of FINDINGS and the number of the shard.

    Decided once: what was is kept, under a hash of the shards and of the rows that stood.
    """
    chosen_ones = [
        (chosen, check)
        for chosen in plan.checks
        if isinstance(check := _open(chosen, workspace, shards[0].run), SetCheck)
    ]
    if not chosen_ones:
        return {}
    found: dict[str, pa.Table] = {}
    standing = []
    for shard in shards:
        failed, stays = _rowwise(workspace, shard, plan, leave_out)
        standing.append(stays & (failed < 0))
    for chosen, check in chosen_ones:
        folder = CheckFolder.of(workspace, chosen.name, check.identity())
        for shard in shards:
            _need(folder, shard, chosen, "sketch")
        stood = [
            [shard.name, shard.run.name, hashlib.blake2b(np.packbits(mask).tobytes(), digest_size=16).hexdigest()]
            for shard, mask in zip(shards, standing, strict=True)
        ]
        name = "over-" + content_hash([check.decision(), stood]).removeprefix("b2:")
        if not folder.has(name, "parquet"):
            folder.put_table(name, _decided(folder, shards, check, standing))
        found[chosen.name] = table = folder.table(name)
        for number, mask in enumerate(standing):
            mask[table.filter(pc.equal(table["shard"], number))["row"].to_numpy()] = False
    return found


def _decided(
    folder: CheckFolder, shards: Sequence[_Shard], check: SetCheck, standing: Sequence[NDArray[np.bool_]]
) -> pa.Table:
    sketched = [
        Sketched(folder.sketch(shard.name), shard.part.rows, mask) for shard, mask in zip(shards, standing, strict=True)
    ]
    decided = check.decide(sketched)

    def row_of(number: int, row: int) -> str:
        return row_id(shards[number].run_id, int(sketched[number].arrays["index"][row]))

    rows = [
        {
            "shard": number,
            "row": finding.row,
            "id": row_of(number, finding.row),
            "reason": finding.reason,
            "matched": row_of(finding.shard, finding.matched_row),
            "source": shards[finding.shard].run.name,
            "score": finding.score,
            "span": "",
        }
        for number, findings in enumerate(decided)
        for finding in findings
    ]
    return pa.Table.from_pylist(rows, schema=_OVER)
