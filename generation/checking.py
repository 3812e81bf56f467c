"""Checks by several processes of this machine, which share the work through the folder of verdicts alone.

What a check makes of a shard, and each part of a comparison across rows, is a file that is put once; whoever lacks it
makes it. So no process waits for another or speaks to it, one that is killed is no loss, and `skillweave dataset check`
on another machine that sees the workspace is one process more.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from engine.errors import SkillweaveError
from engine.workspace import Workspace
from generation.quality.plan import Plan
from generation.verdicts import Progress, check_runs


def check_together(
    workspace: Workspace, runs: Sequence[Path], plan: Plan, workers: int, progress: Progress = lambda *_: None
) -> None:
    """As `check_runs`, by so many processes, this one among them. Memory is that of `check_runs`, for each."""
    with _helpers(workspace, runs, plan, workers - 1):
        check_runs(workspace, runs, plan, progress)


@contextmanager
def _helpers(workspace: Workspace, runs: Sequence[Path], plan: Plan, count: int) -> Iterator[None]:
    spawned = multiprocessing.get_context("spawn")
    helpers = [spawned.Process(target=_help, args=(workspace, list(runs), plan), daemon=True) for _ in range(count)]
    for helper in helpers:
        helper.start()
    try:
        yield
    except BaseException:
        for helper in helpers:
            helper.terminate()
        raise
    finally:
        for helper in helpers:
            helper.join()


def _help(workspace: Workspace, runs: list[Path], plan: Plan) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started it decides when it ends
    try:
        check_runs(workspace, runs, plan)
    except SkillweaveError:  # the process that started it makes what is missing, or meets the same fault and tells it
        return
