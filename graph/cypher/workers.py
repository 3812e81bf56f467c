"""The children that answer questions, as their parent sees them: started, asked, timed, killed, used again.

Everything here may be called from many threads, those of Streamlit too. A child is spawned, never forked; it gets no
environment, no standard input, no working folder, and no handle but its socket. One that answered waits for the next
question to the same store, which saves the third of a second it takes to start.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from engine.errors import InputError
from graph.cypher.frames import TooLarge, receive, send
from graph.cypher.guard import Question
from graph.cypher.tokens import SEE
from graph.stores import Result
from graph.stores.neo4j_address import Address

_START = "import sys, json; sys.path[:] = json.loads(sys.argv[2]); from graph.cypher.child import main; main({})"
_MARGIN_BYTES = 1 << 20
"""An answer is a little longer than what was counted of it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one child may use."""

    memory_bytes: int = 2 << 30
    """More than it has with its store open."""
    pool_bytes: int = 1 << 30
    """Of this, for pages of the embedded store and what its operators keep."""
    threads: int = 2
    answer_bytes: int = 16 << 20
    """Of an answer as JSON; a limit of rows does not bound it, for one value can be a list of all."""
    grace_s: float = 1.0
    """How long after its time a question is killed; the store itself should end it before."""
    place_s: float = 30.0
    """How long a question may wait for others to be done."""
    start_s: float = 60.0
    """How long a child may take to open its store."""


@dataclass(frozen=True, slots=True)
class Target:
    """A store that a child opens."""

    opening: str = field(repr=False)
    """The message that tells it how, as JSON; may hold a password, so it is never printed."""
    state: tuple[int, ...] = ()
    """What tells a file from another put in its place."""

    @classmethod
    def embedded(cls, file: Path) -> Target:
        """The embedded store's file. Raises InputError where there is none."""
        try:
            status = file.stat()
        except OSError as error:
            raise InputError(
                f"there is no store at {file} ({error.strerror}); it is made anew by asking it: "
                "skillweave graph query hubs"
            ) from None
        opening = {"file": str(file)}
        return cls(json.dumps(opening), (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns))

    @classmethod
    def server(cls, address: Address, store: str) -> Target:
        """A Neo4j server that holds this store."""
        return cls(json.dumps({"address": asdict(address), "store": store}))


class Child:
    """One process; only one thread may ask it at a time."""

    def __init__(self, target: Target, limits: Limits) -> None:
        """Start it and wait until it has opened the store. Raises InputError where it cannot."""
        self.limits = limits
        ours, theirs = socket.socketpair()
        with theirs:
            handle = theirs.fileno()
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own code
                [sys.executable, "-I", "-S", "-c", _START.format(handle), "", json.dumps(sys.path)],
                pass_fds=(handle,),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={},
                start_new_session=True,
            )
        self._channel = ours
        opening = json.loads(target.opening) | {"limits": asdict(limits)}
        reply = self._exchange(opening, limits.start_s)
        if "fault" in reply:
            self.kill()
            told = (
                reply["detail"] if reply["fault"] == "said" else f"the store cannot be opened: {reply['detail']}; {SEE}"
            )
            raise InputError(told)
        self.landlock = int(reply["landlock"])
        """The version of Landlock that holds the child; 0 where the system has none."""

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    def ask(self, text: str, parameters: dict[str, Any], timeout_s: float, row_limit: int) -> list[list[Any]]:
        """The rows, at most one more than the limit. Raises InputError; `alive` tells whether it can be asked again."""
        request = {
            "text": text,
            "parameters": parameters,
            "timeout_s": timeout_s,
            "row_limit": row_limit,
            "answer_bytes": self.limits.answer_bytes,
        }
        reply = self._exchange(request, timeout_s + self.limits.grace_s, timeout_s)
        if "fault" in reply:
            if reply["fault"] in ("memory", "time"):
                self.kill()  # what it holds is not worth keeping
            raise InputError(self._sentence(reply["fault"], reply["detail"], timeout_s))
        rows: list[list[Any]] = reply["rows"]
        return rows

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return self._process.poll() is None and self._channel.fileno() >= 0

    def kill(self) -> int:
        """End it at once. Returns how it ended: the negative number of a signal, or an exit code."""
        self._channel.close()
        self._process.kill()
        return self._process.wait()

    def _exchange(self, message: dict[str, Any], wait_s: float, timeout_s: float = 0) -> dict[str, Any]:
        deadline = time.monotonic() + wait_s
        most = self.limits.answer_bytes * 8 + _MARGIN_BYTES
        try:
            self._channel.settimeout(wait_s)
            send(self._channel, message)
            reply = receive(self._channel, most_bytes=most, deadline=deadline)
        except TimeoutError:
            self.kill()
            raise InputError(self._sentence("time", "", timeout_s or wait_s)) from None
        except TooLarge:
            self.kill()
            raise InputError(self._sentence("large", "", timeout_s)) from None
        except (OSError, ValueError, TypeError):
            reply = None
        except BaseException:  # an interrupt: the child would answer the next question with this one's rows
            self.kill()
            raise
        if reply is None:
            raise InputError(self._sentence("gone", self._ending(), timeout_s)) from None
        return reply

    def _ending(self) -> str:
        """How the process ended, as a person reads it."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1)
        status = self._process.poll()
        self.kill()
        if status is None or status >= 0:
            return f"exit code {status}"
        with contextlib.suppress(ValueError):
            return signal.Signals(-status).name
        return f"signal {-status}"

    def _sentence(self, fault: str, detail: str, timeout_s: float) -> str:
        if fault == "time" or detail == "SIGXCPU":
            return f"the question took longer than {timeout_s:g} s and was ended; ask for less, or --timeout more"
        if fault == "memory" or detail == "SIGKILL":
            return (
                f"the question wants more than {self.limits.memory_bytes / 2**30:g} GiB of memory and was ended; "
                "count instead of collecting, or match fewer patterns at once"
            )
        if fault == "large":
            return (
                f"the answer has more than {self.limits.answer_bytes / 2**20:g} MiB; return fewer rows with LIMIT, or "
                "shorter ones: collect() makes one value of many"
            )
        if fault == "graph":
            return (
                "the answer holds a node, a relationship or a path; return its properties, such as c.id AS id, or "
                "length(p) of a path"
            )
        if fault == "said":
            return detail
        if fault == "gone":
            return (
                f"the store's process ended over this question ({detail}); nothing else is harmed. Ask it otherwise: "
                f"{SEE}"
            )
        return f"the store refuses the question: {detail}; {SEE}"


class Workers:
    """A few children, kept warm."""

    def __init__(self, limits: Limits | None = None, *, at_once: int = 4, warm: int = 2) -> None:
        """`at_once` questions are answered at a time; `warm` children wait for more."""
        self.limits = limits or Limits()
        self._warm = warm
        self._places = threading.BoundedSemaphore(at_once)
        self._lock = threading.Lock()
        self._idle: list[tuple[Target, Child]] = []
        atexit.register(self.close)

    def ask(self, target: Target, question: Question, *, timeout_s: float, row_limit: int) -> Result:
        """Answer a question that passed the guard. Raises InputError with one sentence, whatever it did to the child.

        Waits at most `Limits.place_s` for a place, and `timeout_s` with its grace for the answer.
        """
        with self._child(target) as child:
            rows = child.ask(question.text, dict(question.parameters), timeout_s, row_limit)
        if any(len(row) != len(question.columns) for row in rows):
            raise InputError(f"the store answers with other columns than {', '.join(question.columns)}; {SEE}")
        shown = [tuple(row) for row in rows[:row_limit]]
        types = tuple(_type(row[place] for row in shown) for place in range(len(question.columns)))
        return Result(columns=question.columns, types=types, rows=shown, more=len(rows) > row_limit)

    def close(self) -> None:
        """End the children that wait; one that is answering ends with its question."""
        with self._lock:
            idle, self._idle = self._idle, []
            self._warm = 0
        for _, child in idle:
            child.kill()

    @contextlib.contextmanager
    def _child(self, target: Target) -> Iterator[Child]:
        if not self._places.acquire(timeout=self.limits.place_s):
            raise InputError("too many questions are being answered; ask again when one of them is done")
        try:
            child = self._waiting(target) or Child(target, self.limits)
            try:
                yield child
            finally:
                self._put_back(target, child)
        finally:
            self._places.release()

    def _waiting(self, target: Target) -> Child | None:
        with self._lock:
            for place, (of, child) in enumerate(self._idle):
                if of == target and child.alive:
                    del self._idle[place]
                    return child
        return None

    def _put_back(self, target: Target, child: Child) -> None:
        with self._lock:
            if child.alive:
                self._idle.insert(0, (target, child))
            ended, self._idle = self._idle[self._warm :], self._idle[: self._warm]
        for _, cold in ended:
            cold.kill()


def _type(values: Iterator[Any]) -> str:
    """What a column holds: text, int, number, bool, list; '' where no value tells."""
    names = {type(value): None for value in values if value is not None}
    if set(names) == {int, float}:
        return "number"
    known = {str: "text", int: "int", float: "number", bool: "bool", list: "list"}
    return known[next(iter(names))] if len(names) == 1 else ""
