"""One real Neo4j server for a whole run of the tests, shared by pytest-xdist's workers.

The first test that wants it starts it; it ends with the last worker that used it. It has one database, so whoever loads
it holds a lock: a test of another worker waits. Use it by these fixtures of tests/conftest.py:

    def test_small(neo4j_store):                    # the lock is held for this test
        store = neo4j_store(snapshot, questions)    # a graph.stores.neo4j.Neo4jStore; loads may follow one another

    @pytest.fixture(scope="module")                 # the lock is held for all tests of the file that use it
    def both(neo4j_database):
        with neo4j_database() as opened:
            yield opened(snapshot, questions)

`neo4j_server` is the server's `Address`, for tests that hold the lock by one of the others and want more than a store.
"""

from __future__ import annotations

import fcntl
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from locked import locked

from graph.neo4j_server.server import USER, LocalServer, Memory
from graph.snapshot import Snapshot
from graph.stores import Questions, StoreSettings
from graph.stores.neo4j import Neo4jStore
from graph.stores.neo4j_address import Address
from graph.stores.neo4j_loading import load

Opened = Callable[..., Neo4jStore]
"""(snapshot, questions=None, settings=None) -> the store that holds them, loaded where it was not."""


_STOP_IT_AFTER_ITS_USERS = """
import fcntl, sys
from pathlib import Path
users = open(sys.argv[1])
fcntl.flock(users, fcntl.LOCK_EX)
from graph.neo4j_server.server import LocalServer
LocalServer(Path(sys.argv[2])).stop()
"""


@contextmanager
def served(folder: Path) -> Iterator[Address]:
    """The server of the folder, started where it does not run; it ends with its last user, however that one ends."""
    folder.mkdir(exist_ok=True)
    server = LocalServer(folder / "home")
    with (folder / "users").open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        with locked(folder / "starting"):
            if server.start(memory=Memory(heap_mb=512, page_cache_mb=64), environ={}, short_lived=True):
                watch = [sys.executable, "-c", _STOP_IT_AFTER_ITS_USERS, str(folder / "users"), str(server.home)]
                left_behind = ["/bin/sh", "-c", '"$0" "$@" > /dev/null 2>&1 &', *watch]
                subprocess.run(left_behind, cwd=Path(__file__).parents[1], start_new_session=True, check=True)
        yield Address(server.url, USER, server.password({}))


class Database:
    """The one database, for one holder at a time."""

    def __init__(self, address: Address, folder: Path) -> None:
        self._address, self._folder = address, folder
        self._held = False

    @contextmanager
    def held(self) -> Iterator[Opened]:
        """Nobody else loads it meanwhile; what was opened is closed at the end."""
        if self._held:
            raise AssertionError("a fixture of this file holds the database already: use that one's store")
        with locked(self._folder / "database"), ExitStack() as stack:
            self._held = True
            stack.callback(setattr, self, "_held", False)

            def opened(
                snapshot: Snapshot, questions: Questions | None = None, settings: StoreSettings | None = None
            ) -> Neo4jStore:
                store = Neo4jStore(
                    self._address, load(self._address, snapshot, self._folder / "staging", questions, settings)
                )
                stack.callback(store.close)
                return store

            yield opened
