"""Start and stop the server of one workspace, and find it again.

    workspace/neo4j/lock            held by the server's process as long as it lives, whatever became of who started it
                    pid, url        its process, written by itself before it becomes Java; where it answers
                    password        readable by its owner only; absent where the environment gives the password
                    conf/ data/ logs/

The lock is an inherited file handle: it ends with the process, and no reboot or reused process number can mislead.
Only 127.0.0.1 is listened on.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from engine.errors import InputError, SkillweaveError
from engine.files import replace, storage_errors
from graph.neo4j_server.jars import class_path, fetch_jars, java

USER = "neo4j"
PASSWORD_ENVIRONMENT = "SKILLWEAVE_NEO4J_PASSWORD"  # noqa: S105
HOST, USUAL_PORT = "127.0.0.1", 7687
_ANSWER_TIMEOUT_S, _STOP_TIMEOUT_S = 120.0, 60.0
_MIN_PASSWORD = 8
_SHORT_LIVED = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
_OPENED = ("nio", "io", "lang", "util.concurrent")
_CONFIGURATION = """\
# Written at each start by: skillweave neo4j start
server.default_listen_address=127.0.0.1
server.bolt.listen_address=127.0.0.1:{port}
server.bolt.advertised_address=127.0.0.1:{port}
server.http.enabled=false
server.https.enabled=false
server.memory.pagecache.size={page_cache_mb}m
dbms.usage_report.enabled=false
dbms.security.allow_csv_import_from_file_urls=false
internal.dbms.cypher_ip_blocklist=0.0.0.0/0,::/0
db.transaction.monitor.check.interval=100ms
dbms.memory.transaction.total.max={transactions_mb}m
db.tx_log.preallocate=false
db.tx_log.rotation.size=64m
db.tx_log.rotation.retention_policy=1 files
"""


class ServerError(SkillweaveError):
    """The server does not start, does not answer or does not stop."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What the server may take, in MiB."""

    heap_mb: int = 1024
    page_cache_mb: int = 256


@dataclass(frozen=True, slots=True)
class LocalServer:
    """The server of a folder, started or not."""

    home: Path

    @property
    def running(self) -> bool:
        """Whether its process lives."""
        try:
            with (self.home / "lock").open("rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    @property
    def url(self) -> str:
        """Where it answers, or answered last. Raises InputError where it was never started."""
        try:
            return (self.home / "url").read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            raise InputError("no Neo4j server was started for this workspace: skillweave neo4j start") from None

    @property
    def pid(self) -> int | None:
        """Its process; None where it does not run."""
        with suppress(OSError, ValueError):
            number = int((self.home / "pid").read_text(encoding="utf-8"))
            return number if self.running else None
        return None

    def password(self, environ: Mapping[str, str] = os.environ) -> str:
        """What the first start made up, else the environment's. Raises InputError where there is neither."""
        try:
            return (self.home / "password").read_text(encoding="utf-8")
        except FileNotFoundError:
            if given := environ.get(PASSWORD_ENVIRONMENT, ""):
                return given
        raise InputError(
            f"the server of {self.home} has the password that its first start was given; export {PASSWORD_ENVIRONMENT}="
        )

    def start(
        self,
        port: int | None = None,
        memory: Memory = Memory(),
        environ: Mapping[str, str] = os.environ,
        *,
        short_lived: bool = False,
    ) -> bool:
        """Start the server and wait until it answers. False where it ran already.

        `port`: None takes the one of last time, else Neo4j's own, else any that is free. `short_lived` starts it for
        half the CPU and makes long work slower.
        Raises InputError for a taken port or a password that cannot be, ServerError where it does not come up.
        """
        if self.running:
            self._wait_until_it_answers()
            return False
        jars = fetch_jars()
        chosen = self._port(port)
        with storage_errors(self.home):
            for folder in ("conf", "logs"):
                (self.home / folder).mkdir(parents=True, exist_ok=True)
            settings = _CONFIGURATION.format(
                port=chosen, page_cache_mb=memory.page_cache_mb, transactions_mb=memory.heap_mb // 2
            )
            replace(self.home / "conf" / "neo4j.conf", settings.encode())
            self._set_password(jars, environ)
        with self._hold() as lock:
            if lock is None:  # somebody else started it meanwhile
                self._wait_until_it_answers()
                return False
            (self.home / "pid").unlink(missing_ok=True)
            replace(self.home / "url", f"bolt://{HOST}:{chosen}\n".encode())
            self._launch(jars, memory, lock, _SHORT_LIVED if short_lived else ())
        self._wait_until_it_answers()
        return True

    def stop(self) -> bool:
        """End it as Neo4j wants to be ended, and wait. False where it did not run. Raises ServerError if it stays."""
        if (pid := self.pid) is None:
            return False
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        end = time.monotonic() + _STOP_TIMEOUT_S
        while self.running:
            if time.monotonic() > end:
                raise ServerError(
                    f"the server does not end within {_STOP_TIMEOUT_S:g} s of being asked; see {self._log}, then end "
                    f"it by hand: kill -9 {pid}"
                )
            time.sleep(0.05)
        return True

    @property
    def _log(self) -> Path:
        return self.home / "logs" / "neo4j.log"

    def _port(self, given: int | None) -> int:
        if given is not None:
            if not _is_free(given):
                raise InputError(
                    f"port {given} is taken; leave --port out to get one that is free: skillweave neo4j start"
                )
            return given
        last = [int(self.url.rpartition(":")[2])] if (self.home / "url").exists() else []
        for port in (*last, USUAL_PORT):
            if _is_free(port):
                return port
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            return int(probe.getsockname()[1])

    def _set_password(self, jars: Path, environ: Mapping[str, str]) -> None:
        """Give a server without data its first password; without a word of it on any command line."""
        if (self.home / "data" / "dbms" / "auth.ini").exists():
            return
        given = environ.get(PASSWORD_ENVIRONMENT, "")
        if given and (len(given) < _MIN_PASSWORD or not given.isprintable()):
            raise InputError(f"{PASSWORD_ENVIRONMENT} must have {_MIN_PASSWORD} characters or more, in one line")
        password = given or secrets.token_urlsafe(24)
        quoted = password.replace("\\", "\\\\").replace('"', '\\"')
        arguments = self.home / ".first-password"
        _write_private(arguments, f'"{quoted}"')
        try:
            command = [str(java()), "-XX:TieredStopAtLevel=1", "-cp", class_path(jars), "org.neo4j.cli.AdminTool"]
            command += ["dbms", "set-initial-password", "--", f"@{arguments}"]
            places = {"NEO4J_HOME": str(self.home), "NEO4J_CONF": str(self.home / "conf")}
            done = subprocess.run(  # noqa: S603
                command, env={**os.environ, **places}, capture_output=True, text=True, timeout=60, check=False
            )
        finally:
            arguments.unlink()
        if done.returncode != 0:
            raise ServerError(f"Neo4j refuses to take a password: {done.stderr.strip()}; then: skillweave neo4j start")
        if not given:
            _write_private(self.home / "password", password)

    def _launch(self, jars: Path, memory: Memory, lock: int, options: Sequence[str]) -> None:
        command = [str(java()), f"-Xms{memory.heap_mb}m", f"-Xmx{memory.heap_mb}m"]
        command += [*options, "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"]
        command += [f"--add-opens=java.base/java.{part}=ALL-UNNAMED" for part in _OPENED]
        command += ["--add-opens=java.base/sun.nio.ch=ALL-UNNAMED", "-cp", class_path(jars)]
        command += ["org.neo4j.server.CommunityEntryPoint"]
        command += [f"--home-dir={self.home}", f"--config-dir={self.home / 'conf'}"]
        # The inner shell writes its number and becomes Java; the outer one leaves it behind, no child of ours.
        becoming = """/bin/sh -c 'echo $$ > "$0" && exec "$@"' "$@" &"""
        start = ["/bin/sh", "-c", becoming, "sh", str(self.home / "pid"), *command]
        self._log.unlink(missing_ok=True)
        with (self.home / "logs" / "console.log").open("wb") as log:
            subprocess.run(  # noqa: S603
                start,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(lock,),
                start_new_session=True,
                check=True,
            )

    @contextmanager
    def _hold(self) -> Iterator[int | None]:
        """The lock as a file handle that a process may inherit; None where another holds it."""
        handle = os.open(self.home / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            for _ in range(20):  # a look at `running` holds it for a moment too
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    time.sleep(0.05)
                else:
                    yield handle
                    return
            yield None
        finally:
            os.close(handle)

    def _wait_until_it_answers(self) -> None:
        """Wait for the port. Raises ServerError with what the log says where the process ends or nothing answers."""
        end = time.monotonic() + _ANSWER_TIMEOUT_S
        while time.monotonic() < end:
            if not self.running:
                raise ServerError(f"Neo4j ended while it started: {self._last_words()}; see {self._log}")
            if self._answers():
                return
            time.sleep(0.1)
        raise ServerError(
            f"Neo4j does not answer at {self.url} within {_ANSWER_TIMEOUT_S:g} s; see {self._log}, or end it: "
            "skillweave neo4j stop"
        )

    def _answers(self) -> bool:
        """Whether it speaks Bolt: it agrees on a version of the protocol."""
        port = int(self.url.rpartition(":")[2])
        try:
            with socket.create_connection((HOST, port), timeout=5) as connection:
                connection.sendall(bytes.fromhex("6060b01700000405000000000000000000000000"))
                return len(connection.recv(4)) == 4
        except OSError:
            return False

    def _last_words(self) -> str:
        """The cause that its log names last, else what Java said before there was a log."""
        for name in ("neo4j.log", "console.log"):
            with suppress(OSError):
                lines = (self.home / "logs" / name).read_text(encoding="utf-8", errors="replace").splitlines()
                causes = [line.partition("Caused by: ")[2] for line in lines if "Caused by: " in line]
                errors = [line for line in lines if "ERROR" in line]
                if said := causes[-1:] or errors[-1:] or lines[-1:]:
                    return said[0].strip()
        return "it said nothing"


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError):
            return False
    return True


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
