"""A server of one's own: started, found, asked, killed, started again and stopped, by the commands of a person."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from real_neo4j import Opened
from test_store import _snapshot
from typer.testing import CliRunner, Result

from engine.errors import InputError
from engine.workspace import Workspace
from graph.neo4j_commands import neo4j_commands
from graph.neo4j_server.jars import WrongJars, _check, cache_folder, fetch_jars
from graph.neo4j_server.server import LocalServer, Memory, ServerError
from graph.snapshot import Snapshot
from graph.stores import Questions
from graph.stores.neo4j_address import Address
from graph.stores.opening import open_store, server_address, store_url

ROOT = Path(__file__).parents[2]


def _questions(_place: Workspace, _snapshot: Snapshot) -> Questions:
    return Questions()


def _neo4j(*arguments: object) -> Result:
    return CliRunner().invoke(neo4j_commands(_questions), [str(argument) for argument in arguments])


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    monkeypatch.setenv("SKILLWEAVE_WORKSPACE", str(tmp_path))
    for name in ("SKILLWEAVE_STORE", "SKILLWEAVE_NEO4J_USER", "SKILLWEAVE_NEO4J_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    place = Workspace.find().prepare()
    yield place
    LocalServer(place.neo4j).stop()


@pytest.mark.usefixtures("neo4j_server")  # the jars are there, or the reason is told
def test_the_life_of_a_server(place: Workspace) -> None:
    _snapshot().write(place.graphs)
    before = _neo4j("status")
    assert before.exit_code == 3
    assert "skillweave neo4j start" in before.stderr
    with pytest.raises(InputError, match="does not run; start it: skillweave neo4j start"):
        open_store(place, _snapshot(), url="neo4j")

    started = _neo4j("start", "--heap", 256, "--page-cache", 32)
    assert started.exit_code == 0, started.output
    server = LocalServer(place.neo4j)
    url = server.url
    assert f"answers at {url}, process {server.pid}" in started.stdout
    assert stat.S_IMODE((place.neo4j / "password").stat().st_mode) == 0o600
    assert server.password({}) not in started.output
    assert "runs already" in _neo4j("start").stdout

    assert f"{url} holds graph {_snapshot().fingerprint} with 0 questions" in _neo4j("load").stdout
    (row,) = json.loads(_neo4j("status", "--format", "json").stdout)
    assert row == {
        "url": url,
        "version": "5.26.30 community",
        "process": str(server.pid),
        "holds": f"graph {_snapshot().fingerprint} with 0 questions",
    }
    count = "MATCH (c:Concept) RETURN count(*) AS n"
    store = open_store(place, _snapshot(), url="neo4j")
    assert store.query(count, {}).rows == [(3,)]

    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    while server.running:
        time.sleep(0.02)
    assert server.pid is None
    with pytest.raises(InputError, match=r"no Neo4j answers at .*skillweave neo4j start"):
        store.query(count, {})
    store.close()
    assert _neo4j("status").exit_code == 3

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        refused = _neo4j("start", "--port", taken.getsockname()[1])
        assert isinstance(refused.exception, InputError)
        assert "is taken; leave --port out" in str(refused.exception)
    assert server.start(memory=Memory(256, 32), short_lived=True)
    assert server.url == url
    store = open_store(place, _snapshot(), url="neo4j")
    assert store.query(count, {}).rows == [(3,)]  # what it held is still there
    store.close()
    assert _neo4j("stop").stdout == "stopped\n"
    assert _neo4j("stop").stdout == "it does not run\n"


@pytest.mark.usefixtures("neo4j_server")
def test_a_server_that_cannot_come_up_says_why(place: Workspace) -> None:
    (place.neo4j / "data").mkdir(parents=True)
    (place.neo4j / "data" / "databases").write_text("no folder")
    with pytest.raises(ServerError, match=r"ended while it started: .*databases.*neo4j.log"):
        LocalServer(place.neo4j).start(memory=Memory(256, 32), short_lived=True)


@pytest.mark.usefixtures("neo4j_server")
@pytest.mark.parametrize("password", ["short", "two\nlines of it"])
def test_a_password_that_cannot_be_is_refused_at_once(place: Workspace, password: str) -> None:
    with pytest.raises(InputError, match="SKILLWEAVE_NEO4J_PASSWORD must have 8 characters or more") as error:
        LocalServer(place.neo4j).start(environ={"SKILLWEAVE_NEO4J_PASSWORD": password})
    assert password not in str(error.value)


def test_a_stale_process_number_is_nobody(place: Workspace) -> None:
    place.neo4j.mkdir()
    for name, text in (("pid", str(os.getpid())), ("url", "bolt://127.0.0.1:7687\n"), ("lock", "")):
        (place.neo4j / name).write_text(text)
    server = LocalServer(place.neo4j)
    assert (server.running, server.pid, server.stop()) == (False, None, False)


def test_without_the_extra_it_says_what_to_install(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['jgo'] = None\n"
        "from engine.errors import InputError\n"
        "from graph.neo4j_server.jars import fetch_jars\n"
        "try: fetch_jars()\n"
        "except InputError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "a server of our own needs two more packages: pip install 'skillweave[neo4j-server]'\n"


def test_without_a_network_it_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    code = (
        "from engine.errors import SkillweaveError\n"
        "from graph.neo4j_server.jars import fetch_jars\n"
        "try: fetch_jars()\n"
        "except SkillweaveError as error: print(error)"
    )
    nowhere = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), "http://127.0.0.1:9")
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path), **nowhere}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environ, capture_output=True, text=True, check=True
    )
    assert "cannot be fetched from the Maven repository" in done.stdout
    assert done.stdout.endswith("Or take a container: docker compose up -d\n")
    assert [path.name for path in (tmp_path / "skillweave").iterdir()] == [f"{cache_folder().name}.lock"]


@pytest.mark.usefixtures("neo4j_server")
@pytest.mark.parametrize("harm", ["changed", "missing", "unknown"])
def test_only_the_jars_that_were_tested_are_run(tmp_path: Path, harm: str) -> None:
    for part in ("jars", "modules"):
        (tmp_path / part).mkdir()
        for jar in (fetch_jars() / part).iterdir():
            (tmp_path / part / jar.name).symlink_to(jar)
    _check(tmp_path)
    victim = min((tmp_path / "modules").iterdir())
    if harm == "unknown":
        shutil.copy(victim, tmp_path / "jars" / "aaa-1.0.jar")
    else:
        victim.unlink()
        if harm == "changed":
            victim.write_bytes(b"other")
    with pytest.raises(WrongJars, match="is missing" if harm == "missing" else "is not the file that was tested"):
        _check(tmp_path)


def test_which_store_is_meant(place: Workspace) -> None:
    assert store_url(place, None, {}) == "embedded"
    place.config.write_text('[store]\nurl = "neo4j://db:7687"\n')
    assert store_url(place, None, {}) == "neo4j://db:7687"
    assert store_url(place, None, {"SKILLWEAVE_STORE": "neo4j"}) == "neo4j"
    assert store_url(place, "embedded", {"SKILLWEAVE_STORE": "neo4j"}) == "embedded"
    for faulty, says in (("uri = 1", "uri: is not known here; its setting is url"), ("url = 1", "url: must be a text")):
        place.config.write_text(f"[store]\n{faulty}\n")
        with pytest.raises(InputError, match=f"skillweave.toml:2: .*{says}"):
            store_url(place, None, {})


def test_who_asks_comes_from_the_environment(place: Workspace) -> None:
    environ = {"SKILLWEAVE_NEO4J_USER": "ada", "SKILLWEAVE_NEO4J_PASSWORD": "engine"}
    address = server_address(place, "bolt+s://db:7687/", environ)
    assert address == Address("bolt+s://db:7687", "ada", "engine")
    assert "engine" not in repr(address)
    with pytest.raises(InputError, match="password of bolt://db is not known: export SKILLWEAVE_NEO4J_PASSWORD"):
        server_address(place, "bolt://db", {})


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("bolt://ada:engine@db:7687", r"no name and no password.*--store bolt://db:7687"),
        ("http://db", "is no store; take --store embedded"),
        ("neo4j://", "is no store"),
        ("bolt://db:port", "is no store"),
        ("bolt://db/path", "is no store"),
        ("neo4jx", "is no store"),
    ],
)
def test_a_url_that_is_none_is_refused(place: Workspace, url: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as error:
        open_store(place, _snapshot(), url=url)
    assert "engine" not in str(error.value)


def test_a_server_that_is_shared_is_left_as_it_is(
    neo4j_store: Opened, neo4j_server: Address, place: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    neo4j_store(_snapshot(2))
    _snapshot(3).write(place.graphs)
    monkeypatch.setenv("SKILLWEAVE_NEO4J_PASSWORD", neo4j_server.password)
    with pytest.raises(InputError, match="replace it: skillweave neo4j load --store bolt://"):
        open_store(place, _snapshot(3), url=neo4j_server.url)
    assert f"holds graph {_snapshot(3).fingerprint}" in _neo4j("load", "--store", neo4j_server.url).stdout
    open_store(place, _snapshot(3), url=neo4j_server.url).close()
