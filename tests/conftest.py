"""What tests of all folders share, and all workers of pytest-xdist with them: a quickstart, and a real Neo4j server.

`real_neo4j` says how tests use the server.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from locked import locked
from real_neo4j import Database, Opened, served

from graph.neo4j_server.jars import FetchError, WrongJars, fetch_jars
from graph.stores.neo4j_address import Address


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all workers of this run share."""
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


@pytest.fixture(scope="session")
def quickstart_workspace(shared_folder: Path) -> Path:
    """A workspace after `skillweave quickstart` with 60 questions, made once. Copy it to change it."""
    place = shared_folder / "quickstart" / "workspace"
    with locked(shared_folder / "quickstart.lock"):
        if not place.exists():
            made = place.with_name("made")
            command = [sys.executable, "-m", "skillweave", "quickstart", "--count", "60", "--workspace", str(made)]
            subprocess.run(command, check=True, capture_output=True, timeout=120)
            made.rename(place)
    return place


@pytest.fixture(scope="session")
def neo4j_folder(shared_folder: Path) -> Path:
    """Where the server is."""
    return shared_folder / "neo4j"


@pytest.fixture(scope="session")
def neo4j_server(neo4j_folder: Path) -> Iterator[Address]:
    try:
        fetch_jars()
    except WrongJars:
        raise
    except FetchError as error:
        pytest.skip(f"no Neo4j to test with: {error}")
    with served(neo4j_folder) as address:
        yield address


@pytest.fixture(scope="session")
def neo4j_database(neo4j_server: Address, neo4j_folder: Path) -> Callable[[], AbstractContextManager[Opened]]:
    return Database(neo4j_server, neo4j_folder).held


@pytest.fixture
def neo4j_store(neo4j_database: Callable[[], AbstractContextManager[Opened]]) -> Iterator[Opened]:
    with neo4j_database() as opened:
        yield opened
