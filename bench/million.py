"""One million accepted pairs, from seeds to a verified dataset, on this machine, killed on the way.

    python -m bench million                                    1,000,000 pairs: about an hour on two cores
    SKILLWEAVE_BENCH_PAIRS=20000 python -m bench million       fewer, in minutes
    SKILLWEAVE_BENCH_FOLDER=/scratch/million ...               keep the work there, and go on with what is there

Seeds of GSM8K, TAL-SCQ and CollegeMath (train) where they are beside the project, else our own; the paper's walk; the
offline teacher as a server in a process of its own, which writes a line for each request before it answers. Two
processes share the run: `skillweave generate` and, beside it, `skillweave resume`. Five times on the way both are
killed with -9 in one stroke, and the same two commands go on. Then the checks, an export with splits, its proof and
the funnel: each by its public command. A phase that is done is not done again in the same folder.

The whole million is written to bench/results/million.md and million.svg; any size to its work folder.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from bench.figures import REPOSITORY, SHARED, Figure, machine
from bench.million_report import figures, write_report
from bench.watched import Child, Watch, busy_seconds, cpu_seconds
from engine.books import read_books
from engine.files import replace
from engine.rows import sealed_file
from engine.shard import seals_of
from teacher.process import Child as Server
from teacher.process import start

LONG = True
"""Run only where it is named."""
WHOLE = 1_000_000
PAIRS = int(os.environ.get("SKILLWEAVE_BENCH_PAIRS", WHOLE))
KILLS_AT = (0.12, 0.3, 0.5, 0.68, 0.86)
"""Shares of the pairs that have been asked for when both workers are killed."""
RUN, WORKERS = "million", 2
WINDOW = 64 + 256
"""Calls that the kill of one worker may cost: those in flight and one group commit, at the settings' defaults."""
SEEDS = {
    "gsm8k": "gsm8k/train.jsonl",
    "tal": "tal_scq/en_single_choice_train_3K.jsonl",
    "college": "college_math/train.jsonl",
}
EXAMS = (
    "gsm8k/test.jsonl",
    "tal_scq/en_single_choice_test_2K.jsonl",
    "college_math/test.jsonl",
    "agieval/sat-math.jsonl",
)
MODEL = "offline-teacher-1"


@dataclass(frozen=True)
class Phase:
    """A command of its own."""

    name: str
    command: tuple[str, ...]


@dataclass
class Work:
    """The work folder and what was measured so far; kept in its state.json after every step."""

    folder: Path
    state: dict[str, Any]

    @classmethod
    def open(cls, folder: Path) -> Work:
        """Begin there, or go on. Raises ValueError where it was begun with another size."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "state.json"
        fresh = {"pairs": PAIRS, "machine": machine(), "phases": {}, "kills": [], "lives": []}
        state = json.loads(path.read_text()) if path.exists() else fresh
        if state["pairs"] != PAIRS:
            raise ValueError(f"{folder} holds the work on {state['pairs']:,} pairs; give another folder")
        return cls(folder, state)

    @property
    def workspace(self) -> Path:
        """Where the commands work."""
        return self.folder / "workspace"

    @property
    def run(self) -> Path:
        """The run's folder."""
        return self.workspace / "runs" / RUN

    def keep(self) -> None:
        """Write down what was measured, and the report of it."""
        replace(self.folder / "state.json", json.dumps(self.state, indent=1).encode())


def phases_before() -> list[Phase]:
    """From nothing to a graph."""
    given = {name: SHARED / "data" / path for name, path in SEEDS.items()}
    if all(path.exists() for path in given.values()):
        imports = [
            Phase(f"seeds {name}", ("seeds", "import", str(path), "--name", name)) for name, path in given.items()
        ]
        return [*imports, Phase("graph", ("graph", "build", *given, "--model", MODEL))]
    return [Phase("seeds and graph", ("quickstart", "--count", "1"))]


def phases_after() -> list[Phase]:
    """From the sealed run to a verified dataset. The last check asks for all; what was checked is not read again."""
    exams = [SHARED / "data" / path for path in EXAMS]
    against = [part for path in exams if path.exists() for part in ("--against", str(path))]
    against = against or ["--against", "skillweave"]
    alone, seeds, words = "length,refusals,language,answers", "seed-copies,swapped", "contamination"
    return [
        Phase("check rows alone", ("dataset", "check", RUN, "--checks", alone)),
        Phase("check against the seeds", ("dataset", "check", RUN, "--checks", seeds)),
        Phase("check against test questions", ("dataset", "check", RUN, "--checks", words, *against)),
        Phase("check against each other",
              ("dataset", "check", RUN, "--checks", f"{alone},{seeds},{words},duplicates", *against)),
        Phase("export", ("dataset", "export", RUN, "--name", "kept", "--split",
                         "train=0.98,validation=0.01,test=0.01", "--replace")),
        Phase("funnel", ("dataset", "funnel", RUN, "--out", "FOLDER/funnel.json")),
        Phase("verify", ("dataset", "verify", "kept")),
    ]  # fmt: skip


@contextmanager
def served(work: Work) -> Iterator[tuple[Server, Watch]]:
    """The teacher, and the watch over all processes."""
    log = work.folder / "asked.log"
    before = _lines(log)
    with start(log=log) as server:
        os.environ["OPENAI_BASE_URL"] = server.url
        last = before

        def asked() -> int:
            nonlocal last
            with suppress(OSError):
                last = before + server.stats()["asked"]
            return last

        watch = Watch(work.folder / "samples.jsonl", work.folder / "said.log", server.pid, asked)
        try:
            with watch.sampling():
                yield server, watch
        finally:
            del os.environ["OPENAI_BASE_URL"]


def _lines(path: Path) -> int:
    if not path.exists():
        return 0
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 24), b""))


def _command(work: Work, *arguments: str) -> list[str]:
    given = [part.replace("FOLDER", str(work.folder)) for part in arguments]
    return [sys.executable, "-m", "skillweave", *given, "--workspace", str(work.workspace)]


@contextmanager
def measured(work: Work, watch: Watch, server: Server, name: str) -> Iterator[dict[str, Any]]:
    """What a phase took; kept where the block ends well. The block fills in its processes."""
    watch.phase = name
    found: dict[str, Any] = {"began": time.time()}
    served_s, busy_s = cpu_seconds(server.pid), busy_seconds()
    yield found
    watch.sample()
    found |= {
        "ended": time.time(),
        "server_cpu_s": cpu_seconds(server.pid) - served_s,
        "busy_s": busy_seconds() - busy_s,
    }
    if name:
        work.state["phases"][name] = found
    work.keep()


def run_phase(work: Work, watch: Watch, server: Server, phase: Phase) -> None:
    """Run a command to its end. Raises RuntimeError where it fails; what it said is in said.log."""
    with measured(work, watch, server, phase.name) as found:
        child = watch.start(phase.name, _command(work, *phase.command))
        while not child.over():
            time.sleep(0.05)
        if child.code:
            raise RuntimeError(f"{' '.join(phase.command)} ended with {child.code}; see {work.folder / 'said.log'}")
        found["processes"] = [child.told()]


def _begin(work: Work, watch: Watch) -> list[Child]:
    """Both workers, in one group of processes; the second as soon as there is a run to share."""
    first = watch.start("worker 1", _command(work, "generate", "--count", str(PAIRS), "--name", RUN, "--model", MODEL))
    while not (work.run / "target.json").exists() and not first.over():
        time.sleep(0.02)
    return [first, watch.start("worker 2", _command(work, "resume", RUN), group=first.process.pid)]


def _over(workers: list[Child]) -> bool:
    """Whether all have ended; each is asked."""
    return [worker.over() for worker in workers].count(False) == 0


def generate(work: Work, watch: Watch, server: Server) -> None:
    """Both workers until the run is complete; killed together wherever the next of KILLS_AT is reached."""
    while True:
        ahead = [at for at in KILLS_AT if at not in {kill["at"] for kill in work.state["kills"]}]
        with measured(work, watch, server, "") as life:
            watch.phase = "generate"
            workers = _begin(work, watch)
            while not _over(workers):
                try:
                    time.sleep(0.05)
                except KeyboardInterrupt:  # they keep what is in flight
                    os.killpg(workers[0].process.pid, signal.SIGTERM)
                if ahead and watch.asked - work.state["asked_before"] >= ahead[0] * PAIRS:
                    os.killpg(workers[0].process.pid, signal.SIGKILL)
                    kill = {"at": ahead[0], "t": time.time(), "asked": watch.asked}
                    while not _over(workers):
                        time.sleep(0.01)
                    work.state["kills"].append(kill | {"struck": sum(worker.code == -9 for worker in workers)})
            life["processes"] = [worker.told() for worker in workers]
            work.state["lives"].append(life)
        work.state["so_far"] = _sum(work.state["lives"])
        work.state["books"], work.state["disk"] = books(work), disk(work)
        work.keep()
        codes = [worker.code for worker in workers]
        if codes == [0, 0]:
            return
        if set(codes) != {-9}:
            raise RuntimeError(f"the workers ended with {codes}; see {work.folder / 'said.log'}")


def books(work: Work) -> dict[str, Any]:
    """What the run's own books say, what the teacher was asked, and what of it was needed."""
    needed = kept = 0
    for seal in seals_of(work.run / "shards").values():
        used = pq.read_table(sealed_file(work.run, seal, "calls"), columns=["used"])["used"]
        needed, kept = needed + (pc.sum(used).as_py() or 0), kept + len(used)
    told = asdict(read_books(work.run))
    told = {name: told[name] for name in ("drawn", "accepted", "ahead", "open", "reasons", "shards", "sealed")}
    lines = _lines(work.folder / "asked.log") - work.state["asked_before"]
    return told | {"asked": lines, "needed": needed, "sealed_calls": kept}


def disk(work: Work) -> dict[str, int]:
    """Bytes of each part of the work."""
    sizes: dict[str, int] = {}
    for kind in ("rows", "calls", "rejected"):
        sizes[f"sealed {kind}"] = sum(path.stat().st_size for path in (work.run / "shards").glob(f"*.{kind}.parquet"))
    sizes["whole run"] = _size(work.run)
    sizes["verdicts and sketches"] = _size(work.workspace / "verdicts")
    sizes["dataset of the run"] = _size(work.workspace / "datasets" / RUN)
    sizes["dataset that is kept"] = _size(work.workspace / "datasets" / "kept")
    return sizes


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def work_through(work: Work) -> None:
    """All phases that are not done yet."""
    done = work.state["phases"]
    with served(work) as (server, watch):
        for phase in phases_before():
            if phase.name not in done:
                run_phase(work, watch, server, phase)
        work.state.setdefault("asked_before", _lines(work.folder / "asked.log"))
        work.keep()
        if "generate" not in done:
            generate(work, watch, server)
            done["generate"] = work.state["so_far"]
            work.keep()
        for phase in phases_after():
            if phase.name not in done:
                run_phase(work, watch, server, phase)
                work.state["disk"] = disk(work)
                work.keep()


def _sum(lives: list[dict[str, Any]]) -> dict[str, Any]:
    """The lives of the workers as one phase."""
    return {
        "began": lives[0]["began"],
        "ended": lives[-1]["ended"],
        "wall_s": sum(life["ended"] - life["began"] for life in lives),
        "server_cpu_s": sum(life["server_cpu_s"] for life in lives),
        "busy_s": sum(life["busy_s"] for life in lives),
        "processes": [process for life in lives for process in life["processes"]],
    }


def check() -> list[Figure]:
    """Work through it all, report, and tell what was promised."""
    given = os.environ.get("SKILLWEAVE_BENCH_FOLDER")
    folder = Path(given) if given else Path(tempfile.mkdtemp(prefix="skillweave-million-"))
    work = Work.open(folder.absolute())
    try:
        work_through(work)
    finally:
        write_report(work.folder, work.state)
    if PAIRS == WHOLE:
        for ending in ("md", "svg"):
            shutil.copy(work.folder / f"million.{ending}", REPOSITORY / "bench" / "results")
    found = figures(work.folder, work.state, window=WINDOW * WORKERS)
    if not given:
        shutil.rmtree(folder)
    return found
