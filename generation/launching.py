"""Begin, stop and resume runs as processes of their own, which live on when whoever began them ends.

    logs/<run>.json    the process that was started last for the run: who it is, who asked, the command
         <run>.log     what it and those before it wrote

What is started is the command that a script would give. Keys stay in the environment, which the process inherits; they
are in no argument and in no file.
"""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from engine.errors import InputError
from engine.files import replace, storage_errors
from engine.lease import workers
from engine.processes import alive, numbering, process_start
from engine.run import check_name, find_run
from engine.stopping import ask_to_stop
from engine.workspace import Workspace
from generation.ordering import Order

_PACKAGES = Path(__file__).resolve().parent.parent
_ENDING_S = 5.0
"""How long the process before is waited for, whose work is over and which ends."""
_MOST_LOG = 1_000_000
"""Bytes of a log after which the next process begins a new one."""


class Launched(BaseModel):
    """A process that was started for a run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    run: str
    command: tuple[str, ...]
    """What was given to `skillweave`."""
    by: str
    """Who asked, to be shown."""
    at: float
    """Unix time."""
    host: str
    numbering: str
    pid: int
    start: str

    @property
    def lives(self) -> bool:
        """Whether it is a process of this machine, and has not ended."""
        here = (self.host, self.numbering) == (socket.gethostname(), numbering())
        return here and alive(self.pid, self.start)

    @property
    def name(self) -> str:
        """As the workers of a run are named."""
        return f"{self.host}, process {self.pid}"

    def told(self) -> str:
        """The command, as it can be typed."""
        return shlex.join(("skillweave", *self.command))


def launched(place: Workspace, run: str) -> Launched | None:
    """The process that was started last for a run; None where none was, or its file cannot be read."""
    try:
        return Launched.model_validate_json((place.logs / f"{run}.json").read_bytes())
    except (OSError, ValueError):
        return None


def all_launched(place: Workspace) -> list[Launched]:
    """Those of all runs, also of one that never came to be."""
    found = (launched(place, path.stem) for path in sorted(place.logs.glob("*.json")))
    return [each for each in found if each is not None]


def log_end(place: Workspace, run: str, most: int = 4_000) -> str:
    """The last whole lines that the processes of a run wrote, so many bytes at most; empty where there are none."""
    try:
        with (place.logs / f"{run}.log").open("rb") as handle:
            size = handle.seek(0, os.SEEK_END)
            handle.seek(max(0, size - most))
            content = handle.read()
    except FileNotFoundError:
        return ""
    return (content.partition(b"\n")[2] if size > most else content).decode(errors="replace")


def start_run(place: Workspace, order: Order, *, by: str = "") -> Launched:
    """Begin the run of an order, which has its name: `skillweave generate` as a process of its own.

    Raises InputError for a bad name, and where somebody works on the run already.
    """
    if order.name is None:
        raise InputError("a run that is started in the background needs a name: --name NAME")
    return _launch(place, order.name, order.arguments(), by)


def resume_run(
    place: Workspace, run: str, *, by: str = "", limits: Mapping[str, float | int] | None = None, give_up: bool = False
) -> Launched:
    """Go on with a run: `skillweave resume` as a process of its own.

    `limits` by the names of `engine.budget.Budget` go in place of the run's own. Raises InputError where there is no
    such run, or somebody works on it already.
    """
    find_run(place.runs, run, whole=False)
    given = [f"--{name.replace('_', '-')}={value}" for name, value in (limits or {}).items()]
    return _launch(place, run, ["resume", *(["--give-up"] if give_up else []), *given, "--", run], by)


def stop_run(place: Workspace, run: str, *, by: str = "", at_once: bool = False) -> list[str]:
    """Stop a run as Ctrl-C would: asked again, or `at_once`, what is in flight is left.

    Workers on other machines that see the run's folder are asked too. A process that was started here and has not come
    to work yet is ended. Returns who was asked, as `host, process n`; empty: nobody works on it.

    Raises InputError where there is no such run.
    """
    began = launched(place, run)
    starting = began is not None and began.lives
    asked = ask_to_stop(find_run(place.runs, run, whole=False), by=by, at_once=at_once) if _is_run(place, run) else []
    if not asked and began is not None and starting:
        with suppress(ProcessLookupError):
            os.kill(began.pid, signal.SIGTERM)
        return [began.name]
    if not asked and not starting:
        find_run(place.runs, run, whole=False)
    return asked


def _is_run(place: Workspace, run: str) -> bool:
    return (place.runs / run / "run.json").is_file()


def _launch(place: Workspace, run: str, arguments: Sequence[str], by: str) -> Launched:
    check_name(run)
    lease, before = place.runs / run / "lease", launched(place, run)
    end = time.monotonic() + _ENDING_S
    while before is not None and before.lives and not workers(lease) and time.monotonic() < end:
        time.sleep(0.1)
    if at_work := workers(lease) or ([before.name] if before is not None and before.lives else []):
        raise InputError(f"run {run} is worked on by {', '.join(at_work)}; see how it comes on: skillweave runs {run}")
    place.prepare()
    path = place.logs / f"{run}.log"
    with storage_errors(place.logs):
        place.logs.mkdir(exist_ok=True)
        fresh = not path.exists() or path.stat().st_size > _MOST_LOG
        with path.open("wb" if fresh else "ab") as log:
            log.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {shlex.join(('skillweave', *arguments))}\n".encode())
            log.flush()
            process = _process(place, arguments, log)
    who: dict[str, Any] = {"host": socket.gethostname(), "numbering": numbering(), "pid": process.pid}
    with suppress(ProcessLookupError):
        who["start"] = process_start(process.pid)
    began = Launched(run=run, command=tuple(arguments), by=by, at=time.time(), **{"start": "", **who})
    replace(place.logs / f"{run}.json", began.model_dump_json(indent=1).encode())
    return began


def _process(place: Workspace, arguments: Sequence[str], log: Any) -> subprocess.Popen[bytes]:
    """A process in a session of its own; waited for by a thread, so that none is left as a zombie."""
    split = next((n for n, word in enumerate(arguments) if word == "--"), len(arguments))
    options = [*arguments[:split], f"--workspace={place.root}", *arguments[split:]]
    path = os.pathsep.join(filter(None, (str(_PACKAGES), os.environ.get("PYTHONPATH"))))
    process = subprocess.Popen(  # noqa: S603 - our own module and typed options, no shell
        [sys.executable, "-P", "-m", "skillweave", *options],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"},
    )
    threading.Thread(target=process.wait, name=f"wait for {process.pid}", daemon=True).start()
    return process
