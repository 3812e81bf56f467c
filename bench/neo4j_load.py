"""Questions in a real Neo4j beside the embedded store, in one run: the load, what it costs, and its replacing.

The graph is that of `bench.store_load`. Both stores are loaded from the same staged tables; staging is a part of both
figures. The server's CPU seconds are its process's between begin and end, the client's are ours.

    python -m bench.neo4j_load --questions 500000
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bench.figures import Figure, Skip, machine
from bench.store_load import USES, made_up_graph, made_up_questions
from engine.errors import InputError
from graph.neo4j_server.jars import FetchError
from graph.neo4j_server.server import USER, LocalServer, Memory
from graph.snapshot import Snapshot
from graph.stores import Questions
from graph.stores.ladybug import LadybugStore, project
from graph.stores.neo4j import Neo4jStore
from graph.stores.neo4j_address import Address
from graph.stores.neo4j_loading import load

QUESTIONS = 100_000
MEMORY = Memory(heap_mb=2048, page_cache_mb=512)
PROMISED = 10_000
ROWS = "MATCH (n) WHERE NOT n:Manifest RETURN count(*) AS n"
LINKS = "MATCH ()-[r]->() RETURN count(*) AS n"
TOTALS = "MATCH (c:Concept) RETURN count(*) AS concepts, sum(c.asked) AS uses, max(c.asked) AS most"


@dataclass(frozen=True, slots=True)
class Cost:
    """What something took."""

    wall_s: float
    client_s: float
    server_s: float


def cost(server: LocalServer, work: Callable[[], object]) -> Cost:
    """Do it, and measure it."""
    begin = time.monotonic(), time.process_time(), server_cpu_s(server)
    work()
    return Cost(time.monotonic() - begin[0], time.process_time() - begin[1], server_cpu_s(server) - begin[2])


def server_cpu_s(server: LocalServer) -> float:
    """CPU seconds of the server's process so far."""
    fields = Path(f"/proc/{server.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(count: int = QUESTIONS) -> list[Figure]:
    """Load both, then replace what the server holds by the graph alone."""
    snapshot = made_up_graph()
    questions = Questions([f"made up {count}"], lambda: made_up_questions(snapshot, count))
    with tempfile.TemporaryDirectory() as folder:
        server = LocalServer(Path(folder) / "neo4j")
        try:
            server.start(memory=MEMORY, environ={})
        except (InputError, FetchError) as error:
            raise Skip(str(error)) from error
        try:
            return _measure(server, Path(folder), snapshot, questions, count)
        finally:
            server.stop()


def _measure(server: LocalServer, folder: Path, snapshot: Snapshot, questions: Questions, count: int) -> list[Figure]:
    address = Address(server.url, USER, server.password({}))
    embedded = cost(server, lambda: project(snapshot, folder / "stores", questions))
    store = ""

    def fill() -> None:
        nonlocal store
        store = load(address, snapshot, folder / "scratch", questions)

    filled = cost(server, fill)
    with closing(Neo4jStore(address, store)) as neo4j_store:
        (nodes,), (links,) = neo4j_store.query(ROWS, {}).rows[0], neo4j_store.query(LINKS, {}).rows[0]
        served = neo4j_store.query(TOTALS, {}).rows
    (made,) = (folder / "stores").iterdir()
    with closing(LadybugStore(made)) as ladybug_store:
        same = [tuple(map(int, row)) for row in ladybug_store.query(TOTALS, {}).rows] == served
    replaced = cost(server, lambda: load(address, snapshot, folder / "scratch"))
    rows = nodes + links
    return [
        Figure("questions", count),
        Figure("uses", count * USES),
        Figure("nodes and relationships", rows),
        Figure("embedded: staging and loading, s", embedded.wall_s),
        Figure("embedded: staging and loading, CPU s", embedded.client_s),
        Figure("Neo4j: staging and loading, s", filled.wall_s),
        Figure("Neo4j: staging and loading, CPU s of the client", filled.client_s),
        Figure("Neo4j: staging and loading, CPU s of the server", filled.server_s),
        Figure("Neo4j: nodes and relationships a CPU s", rows / (filled.client_s + filled.server_s), ">=", PROMISED),
        Figure("Neo4j over embedded, s", filled.wall_s / embedded.wall_s),
        Figure("Neo4j over embedded, CPU s", (filled.client_s + filled.server_s) / embedded.client_s),
        Figure("totals that differ between the stores", 0 if same else 1, "==", 0),
        Figure("Neo4j: replaced by the graph without questions, s", replaced.wall_s),
    ]


def check() -> list[Figure]:
    """A hundred thousand questions in Neo4j."""
    return measure()


def main() -> None:
    """Print the figures of one size."""
    parser = argparse.ArgumentParser(description="Questions in Neo4j beside the embedded store.")
    parser.add_argument("--questions", type=int, default=QUESTIONS)
    print(machine(), *measure(parser.parse_args().questions), sep="\n")


if __name__ == "__main__":
    main()
