"""What a row costs us and the crash-safe peers, on one local server in one run: CPU, rate, memory, and a kill -9.

Each tool runs in an environment of its own (`bench.environments`), by its public interface (a script each in
bench/adapters/), at 256 calls in flight where it lets one say so. It makes a quarter of ROWS rows, then ROWS, one call
a row, from a server that answers after 50 ms: the difference is what a row costs without start-up, in CPU of all its
processes and in time. We make ten times as many, because so few of our rows cost less than a start-up varies. Memory is
that of all processes together, what they share counted once. Then each is really killed, with all its processes, when
the server has had 55 % of ROWS requests, and started again the same way: requests beyond one a row were paid twice.

`python -m bench peers` writes bench/results/peers.md. `SKILLWEAVE_BENCH_ROWS` sets ROWS.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

from bench.environments import python_with
from bench.figures import REPOSITORY, Figure, Skip, machine

ROWS = int(os.environ.get("SKILLWEAVE_BENCH_ROWS", "4000"))
IN_FLIGHT, KILL_AT = 256, 0.55
_LIMIT_S = 240.0
_OUT, _LOG = "out.txt", "log.txt"
_PROMPT = "Write a question. " + "An example of one that is as long as they are. " * 40 + "This is question number #."
_QUIET = {"CURATOR_DISABLE_RICH_DISPLAY": "1", "TELEMETRY_ENABLED": "false", "NEMO_TELEMETRY_ENABLED": "false",
          "HF_HUB_OFFLINE": "1", "HF_DATASETS_DISABLE_PROGRESS_BARS": "1", "OPENAI_API_KEY": "none"}  # fmt: skip


@dataclass(frozen=True)
class Tool:
    """One of the tools: its script in bench/adapters/, and what pip installs for it; nothing for our own."""

    name: str
    script: str
    requirements: tuple[str, ...] = ()
    times: int = 1
    """How many times as many rows are measured."""

    def command(self) -> list[str]:
        """The beginning of the command line. Raises Skip where the tool cannot be installed."""
        if not self.requirements:
            return [sys.executable, "-m", f"bench.adapters.{self.script}"]
        python = python_with(self.script, *self.requirements)
        return [str(python), str(REPOSITORY / "bench" / "adapters" / f"{self.script}.py")]


OURS = Tool("skillweave", "ours", times=10)
PEERS = (
    Tool("bespokelabs-curator 0.1.31", "curator", ("bespokelabs-curator==0.1.31",)),
    Tool(
        "datatrove 0.10.1, InferenceRunner with checkpoints",
        "datatrove_runner",
        ("datatrove[io]==0.10.1", "aiofiles", "aiosqlite", "httpx", "xxhash"),
    ),
    Tool("NeMo Data Designer 0.9.6", "designer", ("data-designer==0.9.6",)),
    Tool("distilabel 1.5.3", "distilabel_pipeline", ("distilabel[openai]==1.5.3", "requests")),
)


@dataclass(frozen=True)
class Whole:
    """A whole run of a tool."""

    rows: int
    wall_s: float
    cpu_s: float
    peak_mib: float


@dataclass(frozen=True)
class Cost:
    """What a tool took."""

    cpu_ms: float
    """A row, without start-up."""
    rate: float
    """Rows a second, without start-up."""
    start_cpu_s: float
    peak_mib: float
    killed: str
    """What became of it after a kill -9."""


@dataclass
class Server:
    """The local endpoint."""

    port: int

    @property
    def base_url(self) -> str:
        """Where chat completions are asked."""
        return f"http://127.0.0.1:{self.port}/v1"

    def count(self) -> tuple[int, int]:
        """Requests since `forget`, and the different rows among them."""
        told = json.load(urlopen(f"http://127.0.0.1:{self.port}/count"))
        return told["requests"], told["rows"]

    def forget(self) -> None:
        """Count anew."""
        urlopen(Request(f"http://127.0.0.1:{self.port}/forget", method="POST")).read()


@contextmanager
def serving() -> Iterator[Server]:
    """The server, in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.adapters.server"], stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
    )
    assert process.stdout is not None
    try:
        yield Server(int(process.stdout.readline()))
    finally:
        process.kill()
        process.wait()


@contextmanager
def started(tool: Tool, server: Server, rows: int, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """The tool at work, in a group of processes that can be killed as one."""
    arguments = [server.base_url, str(rows), str(IN_FLIGHT), str(folder), _PROMPT]
    with (folder / _OUT).open("w") as out, (folder / _LOG).open("a") as log:
        process = subprocess.Popen(
            [*tool.command(), *arguments], stdout=out, stderr=log, text=True, start_new_session=True,
            env=os.environ | _QUIET | {"PYTHONPATH": str(REPOSITORY) if tool is OURS else ""},
            cwd=REPOSITORY if tool is OURS else folder,
        )  # fmt: skip
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _finish(process: subprocess.Popen[str], folder: Path) -> int:
    """The rows that the tool says it made. Raises Skip, with its last words, where it fails or takes too long."""
    try:
        process.wait(timeout=_LIMIT_S)
    except subprocess.TimeoutExpired:
        raise Skip(f"it had not ended after {_LIMIT_S:.0f} s") from None
    told = [line for line in _lines(folder / _OUT) if line.startswith("rows: ")]
    if process.returncode or not told:
        said = _lines(folder / _LOG) or ["nothing"]
        raise Skip(f"it ended with {process.returncode} and said: {said[-1][:200]}")
    return int(told[-1].split()[1])


def _lines(path: Path) -> list[str]:
    return [line.strip() for line in path.read_text(errors="replace").splitlines() if line.strip()]


def whole(tool: Tool, server: Server, rows: int) -> Whole:
    """Run a tool to its end in a fresh folder."""
    with tempfile.TemporaryDirectory() as name:
        before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        with started(tool, server, rows, Path(name)) as process:
            peak = 0.0
            while process.poll() is None and time.monotonic() - begin < _LIMIT_S:
                peak = max(peak, _memory_mib(process.pid))
                time.sleep(0.1)
            made = _finish(process, Path(name))
        if made != rows:
            raise Skip(f"it made {made:,} rows of {rows:,}")
        after, wall_s = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - begin
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Whole(made, wall_s, cpu_s, peak)


def _memory_mib(session: int) -> float:
    """Memory of all processes of a session; what several share is counted once (their Pss)."""
    kib = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError, IndexError):
            if int(stat.read_text().rpartition(")")[2].split()[3]) == session:
                kib += int(stat.with_name("smaps_rollup").read_text().partition("\nPss:")[2].split()[0])
    return kib / 1024


def killed(tool: Tool, server: Server, rows: int) -> str:
    """Kill it in the middle, start it again, and tell what that cost."""
    server.forget()
    with tempfile.TemporaryDirectory() as name:
        folder, begin = Path(name), time.monotonic()
        with started(tool, server, rows, folder) as process:
            while server.count()[0] < KILL_AT * rows and process.poll() is None:
                if time.monotonic() - begin > _LIMIT_S:
                    return "not killed: too slow"
                time.sleep(0.005)
        before = server.count()[0]
        try:
            with started(tool, server, rows, folder) as process:
                made = _finish(process, folder)
        except Skip as why:
            return f"**does not go on**: {why}, after {server.count()[0] - before:,} more requests"
    requests, asked = server.count()
    return f"{requests - asked:,} paid twice" + ("" if made == asked == rows else f", {made:,} rows of {rows:,}")


def cost(tool: Tool, server: Server, rows: int = ROWS) -> Cost:
    """What a row takes. Raises Skip where the tool cannot be installed or does not work here."""
    tool.command()
    small, large = whole(tool, server, rows * tool.times // 4), whole(tool, server, rows * tool.times)
    more = large.rows - small.rows
    cpu_s = (large.cpu_s - small.cpu_s) / more
    rate = more / (large.wall_s - small.wall_s)
    return Cost(1000 * cpu_s, rate, small.cpu_s - cpu_s * small.rows, large.peak_mib, killed(tool, server, rows))


def check() -> list[Figure]:
    """Run all tools, and write bench/results/peers.md. Raises Skip where not one peer can be run."""
    with serving() as server:
        ours = cost(OURS, server)
        lines, peers = [_line(OURS.name, ours)], {}
        print(f"  {lines[0]}", flush=True)
        for tool in PEERS:
            try:
                peers[tool.name] = cost(tool, server)
                lines.append(_line(tool.name, peers[tool.name]))
            except Skip as why:
                lines.append(f"| {tool.name} | **failed**: {str(why).replace('|', '/')} | | | | |")
            print(f"  {lines[-1]}", flush=True)
    if not peers:
        raise Skip("no peer could be run: " + "; ".join(lines[1:]))
    best = min(peers.values(), key=lambda peer: peer.cpu_ms)
    ratio = best.cpu_ms / ours.cpu_ms
    _write_results(lines, ratio)
    return [
        Figure("our CPU ms a call, start-up excluded", ours.cpu_ms),
        *(Figure(f"{name}, CPU ms a call", peer.cpu_ms) for name, peer in peers.items()),
        Figure("the best crash-safe peer over ours", ratio, ">=", 10),
    ]


def _line(name: str, cost: Cost) -> str:
    figures = f"{cost.cpu_ms:.3f} | {cost.start_cpu_s:.1f} | {cost.rate:,.0f} | {cost.peak_mib:,.0f}"
    return f"| {name} | {figures} | {cost.killed} |"


def _write_results(lines: list[str], ratio: float) -> None:
    head = __doc__.partition("\n\n`python")[0] if __doc__ else ""
    text = f"""# Crash-safe peers on the same server

{head}

Machine: {machine()}. Where the load is of others, compare CPU, not time. ROWS is {ROWS:,}; one run each:
differences of a fifth mean little. Written by `python -m bench peers`.

| tool | CPU ms a row | start-up, CPU s | rows a second | peak MiB | after kill -9 at {KILL_AT:.0%} |
|---|---|---|---|---|---|
{chr(10).join(lines)}

The least of the peers takes {ratio:.1f} times our CPU a row (promised: 10 at least).
"""
    (REPOSITORY / "bench" / "results" / "peers.md").write_text(text, encoding="utf-8")
