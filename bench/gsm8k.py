"""All 7,473 training questions of GSM8K through the offline teacher into a graph, and 20,000 questions from it.

The run is killed with -9 three times on the way, resumed and then extended; an undisturbed one aims at the same number
at once. What they made must be equal row for row (all columns but attempts).
"""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bench.figures import SHARED, Figure, must, need, skillweave
from engine.books import read_books
from engine.rows import read_accepted, sealed_file
from engine.shard import seals_of
from teacher.process import start

WANTED, EXTENDED, SEED = 20_000, 22_000, 20261121
WINDOW = 64 + 256
"""Calls that one kill may cost: those in flight and one group commit, at the settings' defaults."""


def accepted(workspace: Path) -> pa.Table:
    """The accepted rows of the workspace's generation run, without attempts."""
    return pa.concat_tables(read_accepted(generation(workspace))).drop_columns(["attempts"])


def generation(workspace: Path) -> Path:
    """The folder of the workspace's generation run."""
    (run,) = (path for path in (workspace / "runs").iterdir() if path.name.startswith("mathscale"))
    return run


def killed(workspace: Path, *model: str) -> int:
    """Generate with three real kills on the way; returns how many struck a process at work."""
    chance, kills = random.Random(SEED), 0
    for attempt in range(3):
        command = (
            ["generate", "--count", str(WANTED), *model] if not attempt else ["resume", generation(workspace).name]
        )
        kills += skillweave(workspace, *command, kill_after_s=chance.uniform(5, 11)).process.returncode == -9
    must(skillweave(workspace, "resume", generation(workspace).name))
    return kills


def calls(workspace: Path) -> int:
    """Replies that the run needed: what would have been paid without a kill."""
    run = generation(workspace)
    sealed = [
        pq.read_table(sealed_file(run, seal, "calls"), columns=["used"]) for seal in seals_of(run / "shards").values()
    ]
    return int(pc.sum(pa.concat_tables(sealed)["used"]).as_py())


@contextmanager
def served_teacher(log: Path) -> Iterator[None]:
    """An offline teacher on a port, which writes a line for each request before it answers."""
    with start(log=log) as child:
        os.environ["OPENAI_BASE_URL"] = child.url
        yield
        del os.environ["OPENAI_BASE_URL"]


def asked(log: Path) -> int:
    """Requests that the teacher has had so far."""
    return log.read_bytes().count(b"\n")


def check() -> list[Figure]:
    """Extract, generate undisturbed, generate disturbed, compare."""
    seeds = need(SHARED / "data" / "gsm8k" / "train.jsonl")
    with tempfile.TemporaryDirectory() as folder, served_teacher(Path(folder) / "log"):
        calm, rough, at_once, log = (Path(folder) / name for name in ("calm", "rough", "at-once", "log"))
        model = ("--model", "offline-teacher-1")
        must(skillweave(calm, "seeds", "import", str(seeds), "--name", "gsm8k"))
        graph = must(skillweave(calm, "graph", "build", "gsm8k", *model))
        shutil.copytree(calm, rough)
        shutil.copytree(calm, at_once)
        before = asked(log)
        kills = killed(rough, *model)
        asked_again = asked(log) - before - calls(rough)
        made = must(skillweave(calm, "generate", "--count", str(WANTED), *model))
        books, equal = read_books(generation(calm)), accepted(rough).equals(accepted(calm))
        must(skillweave(rough, "extend", generation(rough).name, "--count", str(EXTENDED)))
        must(skillweave(at_once, "generate", "--count", str(EXTENDED), *model))
        questions = accepted(calm)["question"]
        return [
            Figure("seconds for the graph", graph.wall_s),
            Figure("accepted (fewer would be an exhausted run)", books.accepted, "==", WANTED),
            Figure("seconds for the questions", made.wall_s),
            Figure("CPU ms a call, teacher aside", 1000 * made.cpu_s / calls(calm)),
            Figure("peak MiB", made.peak_mib),
            Figure("share of sent items that were refused", 1 - (books.acceptance or 0)),
            Figure("share of distinct questions", len(questions.unique()) / len(questions)),
            Figure("processes killed at work", kills, "==", 3),
            Figure("requests beyond those needed, in the killed run", asked_again, "<=", 3 * WINDOW),
            Figure("rows equal to the undisturbed run's", equal, "==", True),
            Figure("rows equal after one was extended to what the other aimed at",
                   accepted(rough).equals(accepted(at_once)), "==", True),
        ]  # fmt: skip
