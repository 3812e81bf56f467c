"""A check that several processes share, that is killed in its middle, and that goes on from what others made."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from planted_runs import planted_run
from small_workspace import Prepared

from engine.workspace import Workspace
from generation import checking
from generation.checking import check_together
from generation.quality.contract import Arrays, Batch
from generation.quality.duplicates import Duplicates
from generation.quality.duplicates import _Duplicates as Comparing
from generation.quality.minhash import BANDS
from generation.quality.plan import make_plan
from generation.verdicts import check_runs

PLAN = make_plan(["length", "language", "duplicates"])
VOCABULARY = [f"word{number}" for number in range(5_000)]
KILLED_AT = 6
KILLED = f"""
import os, signal, sys
from pathlib import Path
from engine.workspace import Workspace
from generation.quality import duplicates
from generation.quality.plan import make_plan
from generation.verdicts import check_runs

made, part = [], duplicates._Duplicates.part

def killed(self, name):
    if len(made) == {KILLED_AT}:
        os.kill(os.getpid(), signal.SIGKILL)
    made.append(name)
    return part(self, name)

duplicates._Duplicates.part = killed
check_runs(Workspace(Path(sys.argv[1])), [Path(sys.argv[2])], make_plan(["length", "language", "duplicates"]))
"""


def question(seed: int) -> str:
    """A question of fifty words; two of one tenth of seeds differ in one word."""
    words = Random(f"text {seed // 10}").choices(VOCABULARY, k=50)
    return " ".join([*words, f"other{seed}"])


def filled(prepared: Prepared, name: str = "a", start: int = 0) -> Path:
    return planted_run(
        prepared, name, [[question(start + i * 20 + j) for j in range(20)] for i in range(6)], seed=start
    )


def files(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def by_one_process(prepared: Prepared, runs: list[Path], elsewhere: Path) -> dict[str, bytes]:
    """The verdicts of one process that was never disturbed."""
    shutil.copytree(prepared.root, elsewhere, ignore=shutil.ignore_patterns("verdicts"))
    check_runs(Workspace(elsewhere), [elsewhere / "runs" / run.name for run in runs], PLAN)
    return files(elsewhere / "verdicts")


def test_killed_in_the_middle_of_the_comparison_it_makes_the_missing_parts_only(
    prepared: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = filled(prepared)
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, str(prepared.root), str(run)], cwd=Path(__file__).parents[2], check=False
    )
    assert ended.returncode == -signal.SIGKILL
    folder = prepared.root / "verdicts" / "duplicates"
    assert len(list(folder.glob("*/over-*.band-*.sketch"))) == KILLED_AT
    assert not list(folder.glob("*/over-*.parquet"))
    asked: list[str] = []
    part = Comparing.part

    def counted(self: Comparing, name: str) -> Arrays:
        asked.append(name)
        return part(self, name)

    monkeypatch.setattr(Comparing, "part", counted)
    check_runs(Workspace(prepared.root), [run], PLAN)
    assert len(asked) == len(set(asked)) == BANDS - KILLED_AT
    monkeypatch.undo()
    assert files(prepared.root / "verdicts") == by_one_process(prepared, [run], tmp_path / "alone")


def test_later_runs_are_compared_with_earlier_ones_of_which_no_row_is_hashed_again(
    prepared: Prepared, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed = 0
    sketch = Duplicates.sketch

    def counted(self: Duplicates, batch: Batch) -> Arrays:
        nonlocal hashed
        hashed += batch.table.num_rows
        return sketch(self, batch)

    monkeypatch.setattr(Duplicates, "sketch", counted)
    place = Workspace(prepared.root)
    runs = [filled(prepared, "a")]
    for name, start in (("b", 60), ("c", 1_000)):
        check_runs(place, runs, PLAN)
        assert hashed == 120 * len(runs)
        runs.append(filled(prepared, name, start))
    check_runs(place, runs, PLAN)
    assert hashed == 360


def test_helpers_make_what_one_process_would(
    prepared: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = filled(prepared)
    expected = by_one_process(prepared, [run], tmp_path / "alone")
    monkeypatch.setattr(checking, "check_runs", lambda *_: None)  # here: the helpers are processes of their own
    check_together(Workspace(prepared.root), [run], PLAN, 2)
    assert files(prepared.root / "verdicts") == expected


def test_processes_that_know_nothing_of_each_other_share_a_workspace(prepared: Prepared, tmp_path: Path) -> None:
    runs = [filled(prepared, "a"), filled(prepared, "b", 60)]
    command = [sys.executable, "-m", "skillweave", "dataset", "check", "--checks", "length,language,duplicates"]
    started = [
        subprocess.Popen(
            [*command, "--workspace", str(prepared.root)], cwd=Path(__file__).parents[2], env=os.environ,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(2)
    ]  # fmt: skip
    said = [process.communicate(timeout=120) for process in started]
    assert [process.returncode for process in started] == [0, 0], said
    assert len({stdout for stdout, _ in said}) == 1
    made = files(prepared.root / "verdicts")
    del made["plan.json"]
    assert made == by_one_process(prepared, runs, tmp_path / "alone")
