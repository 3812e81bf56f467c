"""Processes for test_store_kills: loaders that are killed, and readers that ask without pause.

python killed_loaders.py load STORES KILLS     fork KILLS loaders, each of another graph, and kill -9 the n-th after
                                               n steps of time; then let one finish. Prints what became of them.
python killed_loaders.py read STORES           ask every store there is until stdin ends. Prints what was read.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import orjson
import pyarrow as pa

from graph.snapshot import Snapshot
from graph.stores import QUESTION_SCHEMA, Questions
from graph.stores.ladybug import LadybugStore, project

CONCEPTS, QUESTIONS, STEP_S = 300, 5_000, 0.03
WHOLE = (CONCEPTS, QUESTIONS, 2 * QUESTIONS, 2 * QUESTIONS)
"""Concepts, questions, uses, and uses as the concepts carry them."""


def graph(weight: int) -> Snapshot:
    """A chain of concepts, each joined to the next; every edge has this weight, and it is how one tells the graph."""
    ids = [f"k{number:03}" for number in range(CONCEPTS)]
    nodes = {"id": ids, "kind": ["skill"] * CONCEPTS, "name": ids, "count": [1] * CONCEPTS}
    edges = {"source": ids[:-1], "target": ids[1:], "weight": [weight] * (CONCEPTS - 1), "kinds": [""] * (CONCEPTS - 1)}
    aliases = pa.array([[]] * CONCEPTS, pa.list_(pa.string()))
    return Snapshot.from_tables({"nodes": pa.table({**nodes, "aliases": aliases}), "edges": pa.table(edges)})


def questions() -> Questions:
    """Each uses two neighbours of the chain."""

    def tables() -> Iterator[pa.Table]:
        rows = [
            {"id": f"q{n}", "run": "r", "asked": [f"k{n % (CONCEPTS - 1) + end:03}" for end in (0, 1)]}
            for n in range(QUESTIONS)
        ]
        yield pa.Table.from_pylist(rows, schema=QUESTION_SCHEMA)

    return Questions(["b2:1"], tables)


def load(stores: Path, kills: int) -> dict[str, int]:
    """How many loaders were killed on the way, and how many had finished; the last of all is let finish."""
    killed = 0
    for number in range(kills + 1):
        child = os.fork()
        if child == 0:
            project(graph(2 + number), stores, questions())
            os._exit(0)
        if number < kills:
            time.sleep(STEP_S * number)
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        killed += os.WIFSIGNALED(status)
    return {"killed": killed, "finished": kills + 1 - killed}


def read(stores: Path) -> dict[str, object]:
    """Ask a store that was there first and stays open, and all that there are, until stdin ends."""
    weights: set[int] = set()
    asked = 0
    faults: list[object] = []
    with closing(LadybugStore(next(_seen(stores)))) as first:
        print("reading", flush=True)
        over = False
        while not over:
            over = bool(select.select([sys.stdin], [], [], 0)[0])
            if _content(first) != (1, WHOLE):
                faults.append(_content(first))
            for folder in _seen(stores):
                with closing(LadybugStore(folder)) as store:
                    weight, held = _content(store)
                weights.add(weight)
                asked += 1
                if held != WHOLE:
                    faults.append((folder.name, weight, held))
    return {"asked": asked, "weights": sorted(weights), "faults": faults}


def _seen(stores: Path) -> Iterator[Path]:
    return (folder for folder in sorted(stores.iterdir()) if not folder.name.startswith("."))


def _content(store: LadybugStore) -> tuple[int, tuple[int, ...]]:
    """The one weight of all edges, and what WHOLE counts."""
    ((low, high, edges),) = store.query(
        "MATCH ()-[r:CO_OCCURS]->() RETURN min(r.weight) AS low, max(r.weight) AS high, count(*) AS n", {}
    ).rows
    counts = [
        store.query(text, {}).rows[0][0]
        for text in (
            "MATCH (c:Concept) RETURN count(*) AS n",
            "MATCH (q:Question) RETURN count(*) AS n",
            "MATCH ()-[u:USES]->() RETURN count(*) AS n",
            "MATCH (c:Concept) RETURN CAST(sum(c.asked) AS INT64) AS n",
        )
    ]
    return (low if (low, edges) == (high, CONCEPTS - 1) else -1), tuple(counts)


if __name__ == "__main__":
    what, folder, *kills = sys.argv[1:]
    done = load(Path(folder), int(kills[0])) if what == "load" else read(Path(folder))
    sys.stdout.write(orjson.dumps(done).decode() + "\n")
