"""Two million questions in the embedded store: the load, and what carried counts save against counting by Cypher.

The graph is made up: 10,000 concepts (1,000 topics), 200,000 edges, both Zipf-like; every question asks for 6 concepts,
of two edges of the graph and two more; 4 runs, 5 levels, 1 in 50 a twin, 1 in 100 rejected. In the first run readers
found five of the six, and another. Staging and loading run in a process of their own, which is watched from outside.
Queries run warm, the median of three, in CPU seconds of all threads: on a quiet machine the clock shows less.

    python -m bench.store_load --questions 100000
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa

from bench.figures import REPOSITORY, Figure, Measured, machine, must
from engine.errors import InputError
from graph.query import Query, run_query, shipped_queries
from graph.snapshot import Snapshot
from graph.stores import QUESTION_SCHEMA, Questions, Result
from graph.stores.ladybug import DATABASE, LadybugStore, project

CONCEPTS, TOPICS, EDGES, SEEDS, QUESTIONS, USES = 10_000, 1_000, 200_000, 20_000, 2_000_000, 6
RUNS, LEVELS = ("r1", "r2", "r3", "r4"), ("primary", "middle", "high", "competition", "college")
ROWS, ROUNDS, TIMEOUT_S = 50_000, 3, 120.0
PROMISED_S, PROMISED_NOTED_S, PROMISED_CPU_S, PROMISED_MIB = 1.0, 1.5, 120.0, 3 * 1024

OFTEN, SOON = "c00000", "c00001"
NEEDED = {
    "concept": OFTEN,
    "topic": "c00003",
    "a": OFTEN,
    "b": SOON,
    "from": SOON,
    "to": "c09000",
    "run_a": RUNS[0],
    "run_b": RUNS[1],
}
"""What is given for parameters that must be given: the most used concepts, whose questions are the most."""
NARROWER = {"run": RUNS[0], "level": LEVELS[2]}

READS: dict[str, tuple[str, str]] = {
    "uses of every concept": (
        "MATCH (c:Concept) WHERE c.kind = 'knowledge_point' "
        "RETURN c.id AS id, c.asked AS n ORDER BY n DESC, id LIMIT 50",
        "MATCH (:Question)-[u:USES]->(c:Concept) WHERE u.basis = 'asked' AND c.kind = 'knowledge_point' "
        "RETURN c.id AS id, count(*) AS n ORDER BY n DESC, id LIMIT 50",
    ),
    "coverage by level and kind": (
        "MATCH (s:Slice) WHERE s.basis = 'asked' RETURN s.level AS level, "
        "CAST(sum(s.topic_questions) AS INT64) AS topics, CAST(sum(s.point_questions) AS INT64) AS points "
        "ORDER BY level",
        "MATCH (q:Question)-[u:USES]->(c:Concept) WHERE u.basis = 'asked' RETURN q.level AS level, "
        "count(DISTINCT CASE WHEN c.kind = 'topic' THEN q.id ELSE NULL END) AS topics, "
        "count(DISTINCT CASE WHEN c.kind = 'knowledge_point' THEN q.id ELSE NULL END) AS points ORDER BY level",
    ),
    "topics at one level, one run": (
        "MATCH (c:Concept)-[r:USED_IN]->(s:Slice) WHERE c.kind = 'topic' AND s.basis = 'asked' AND s.level = 'high' "
        "AND s.run = 'r2' RETURN c.id AS id, r.questions AS n ORDER BY n DESC, id LIMIT 50",
        "MATCH (q:Question)-[u:USES]->(c:Concept) WHERE c.kind = 'topic' AND u.basis = 'asked' AND q.level = 'high' "
        "AND q.run = 'r2' RETURN c.id AS id, count(*) AS n ORDER BY n DESC, id LIMIT 50",
    ),
    "rejected by concept": (
        "MATCH (c:Concept)-[r:USED_IN]->(s:Slice) WHERE s.basis = 'asked' AND r.rejected > 0 "
        "RETURN c.id AS id, CAST(sum(r.rejected) AS INT64) AS n ORDER BY n DESC, id LIMIT 50",
        "MATCH (q:Question)-[u:USES]->(c:Concept) WHERE u.basis = 'asked' AND q.review = 'reject' "
        "RETURN c.id AS id, count(*) AS n ORDER BY n DESC, id LIMIT 50",
    ),
    "pairs of the seeds by use": (
        "MATCH (a:Concept)-[r:CO_OCCURS]->(b:Concept) WHERE r.asked > 0 "
        "RETURN a.id AS a_id, b.id AS b_id, r.asked AS n ORDER BY n DESC, a_id, b_id LIMIT 50",
        "MATCH (a:Concept)<-[u:USES]-(q:Question)-[v:USES]->(b:Concept) WHERE u.basis = 'asked' AND v.basis = 'asked' "
        "AND a.id < b.id AND EXISTS { MATCH (a)-[:CO_OCCURS]->(b) } "
        "RETURN a.id AS a_id, b.id AS b_id, count(*) AS n ORDER BY n DESC, a_id, b_id LIMIT 50",
    ),
    "pairs that no seed has": (
        "MATCH (a:Concept)-[w:USED_WITH]->(b:Concept) WHERE w.basis = 'asked' AND w.seeds = 0 "
        "RETURN a.id AS a_id, b.id AS b_id, CAST(sum(w.questions) AS INT64) AS n ORDER BY n DESC, a_id, b_id LIMIT 50",
        "MATCH (a:Concept)<-[u:USES]-(q:Question)-[v:USES]->(b:Concept) WHERE u.basis = 'asked' AND v.basis = 'asked' "
        "AND a.id < b.id AND NOT EXISTS { MATCH (a)-[:CO_OCCURS]->(b) } "
        "RETURN a.id AS a_id, b.id AS b_id, count(*) AS n ORDER BY n DESC, a_id, b_id LIMIT 50",
    ),
}
"""What is asked: the Cypher that reads a carried count, and the Cypher that counts; both give the same rows."""


def made_up_graph(edges: int = EDGES) -> Snapshot:
    """The graph, of so many edges; concept i is the (i + 1)-th in use, and every seed mentions one to four."""
    rng = np.random.default_rng(15)
    ids = np.array([f"c{number:05d}" for number in range(CONCEPTS)])
    kinds = np.where(rng.permutation(CONCEPTS) < TOPICS, "topic", "knowledge_point")
    ends = np.sort(_zipf(rng, (3 * edges, 2)), axis=1)
    ends = np.unique(ends[ends[:, 0] != ends[:, 1]], axis=0)
    ends = ends[np.sort(rng.permutation(len(ends))[:edges])]
    mentions = np.unique(np.stack((rng.integers(0, SEEDS, 4 * SEEDS), _zipf(rng, 4 * SEEDS)), axis=1), axis=0)
    seeds = np.array([f"s{number:05d}" for number in range(SEEDS)])
    levels = rng.choice(LEVELS, SEEDS)
    size = len(mentions)
    return Snapshot.from_tables(
        {
            "nodes": pa.table(
                {"id": ids, "kind": kinds, "name": ids, "aliases": [[]] * CONCEPTS, "count": np.ones(CONCEPTS, int)}
            ),
            "edges": pa.table(
                {
                    "source": ids[ends[:, 0]],
                    "target": ids[ends[:, 1]],
                    "weight": rng.geometric(0.3, len(ends)),
                    "kinds": [""] * len(ends),
                }
            ),
            "seeds": pa.table({"id": seeds, "level": levels, "subject": [""] * SEEDS, "source": [""] * SEEDS}),
            "mentions": pa.table(
                {
                    "seed_id": seeds[mentions[:, 0]],
                    "concept_id": ids[mentions[:, 1]],
                    "kind": kinds[mentions[:, 1]],
                    "name": ids[mentions[:, 1]],
                    "level": levels[mentions[:, 0]],
                    "subject": [""] * size,
                }
            ),
        }
    )


def made_up_questions(snapshot: Snapshot, count: int) -> Iterator[pa.Table]:
    """Tables of the questions: the ends of two edges and two more concepts each."""
    rng = np.random.default_rng(16)
    ids = snapshot.nodes["id"].combine_chunks()
    place = {concept: number for number, concept in enumerate(ids.to_pylist())}
    ends = np.array([[place[concept] for concept in snapshot.edges[end].to_pylist()] for end in ("source", "target")]).T
    for start in range(0, count, ROWS):
        size = min(ROWS, count - start)
        edges = ends[rng.integers(0, len(ends), (size, (USES - 2) // 2))].reshape(size, USES - 2)
        used = np.concatenate((edges, _zipf(rng, (size, 2))), axis=1)
        offsets = pa.array(np.arange(size + 1, dtype=np.int32) * USES)
        asked = pa.ListArray.from_arrays(offsets, ids.take(pa.array(used.ravel())))
        none = pa.nulls(size, pa.list_(pa.string()))
        run = start * len(RUNS) // count
        used[:, -1] = _zipf(rng, size)
        read_from_text = none if run else pa.ListArray.from_arrays(offsets, ids.take(pa.array(used.ravel())))
        keys = np.arange(start, start + size, dtype=np.uint64)
        twins = rng.random(size) < 0.02
        keys[twins] = rng.integers(0, start + 1, int(twins.sum()))
        yield pa.table(
            {
                "id": pa.array([f"b2:{number:032x}" for number in range(start, start + size)]),
                "run": pa.array([RUNS[run]] * size),
                "level": pa.nulls(size, pa.string()),
                "asked": asked,
                "claimed": none,
                "tagged": read_from_text,
                "text_key": keys,
                "review": pa.array(np.where(rng.random(size) < 0.01, "reject", "")),
            },
            schema=QUESTION_SCHEMA,
        )


def load(stores: Path, count: int) -> Path:
    """Stage and load; the store's folder."""
    snapshot = made_up_graph()
    return project(snapshot, stores, Questions([f"made up {count}"], lambda: made_up_questions(snapshot, count)))


def loaded(stores: Path, count: int) -> Measured:
    """The same in a process of its own, watched."""
    command = [sys.executable, "-m", "bench.store_load", "--questions", str(count), "--into", str(stores)]
    measured = Measured(subprocess.Popen(command, cwd=REPOSITORY, text=True, stdout=subprocess.DEVNULL))
    measured.watch()
    return must(measured)


def read(ask: Callable[[], Result]) -> tuple[float, float, list[tuple[object, ...]]]:
    """CPU seconds of a warm query, seconds, and its rows."""
    ask()
    cpu, wall = [], []
    for _ in range(ROUNDS):
        begin = time.process_time(), time.monotonic()
        rows = ask().rows
        cpu.append(time.process_time() - begin[0])
        wall.append(time.monotonic() - begin[1])
    return statistics.median(cpu), statistics.median(wall), rows


def reads(store: LadybugStore) -> Iterator[Figure]:
    """What each question takes when the count is carried, and how many times as much when it is counted."""
    slowest = slowest_cpu = 0.0
    for what, (carried, plain) in READS.items():
        cpu_s, wall_s, rows = read(partial(store.query, carried, {}, timeout_s=TIMEOUT_S))
        slowest, slowest_cpu = max(slowest, wall_s), max(slowest_cpu, cpu_s)
        yield Figure(f"{what}: carried, CPU ms", cpu_s * 1e3)
        begin = time.process_time()
        try:
            counted = store.query(plain, {}, timeout_s=TIMEOUT_S).rows
        except InputError as error:
            print(f"{what}, counted by Cypher: {error}", file=sys.stderr)
            continue
        yield Figure(f"{what}: counted by Cypher, times the CPU", (time.process_time() - begin) / cpu_s)
        yield Figure(f"{what}: rows that differ", sum(a != b for a, b in zip(rows, counted, strict=True)), "==", 0)
    yield Figure("a carried coverage query on 2 M questions, the slowest, s", slowest)
    yield Figure("a carried coverage query on 2 M questions, the slowest, CPU s", slowest_cpu, "<=", PROMISED_S)


def narrowed(query: Query) -> Iterator[tuple[str, dict[str, str]]]:
    """What a query is asked of, and its parameters."""
    names = {parameter.name for parameter in query.parameters}
    needed = {parameter.name: NEEDED[parameter.name] for parameter in query.parameters if parameter.default is None}
    yield "all", needed
    for name, value in NARROWER.items():
        if name in names:
            yield f"one {name}", {**needed, name: value}


def shipped(store: LadybugStore) -> Iterator[Figure]:
    """What every shipped query takes: of all questions, of one run, of one level; the slowest of these counts."""
    slowest = {False: 0.0, True: 0.0}
    for query in shipped_queries().values():
        taken = {
            what: read(partial(run_query, store, query, given, timeout_s=TIMEOUT_S))[0]
            for what, given in narrowed(query)
        }
        told = ", ".join(f"{cpu_s * 1e3:.0f} of {what}" for what, cpu_s in taken.items())
        noted = query.note.startswith("reads")
        slowest[noted] = max(slowest[noted], *taken.values())
        yield Figure(f"{query.name}, CPU ms ({told}){'; ' * noted}{query.note * noted}", max(taken.values()) * 1e3)
    yield Figure("a shipped query on 2 M questions, the slowest, CPU s", slowest[False], "<=", PROMISED_S)
    yield Figure("one that notes that it reads every question or use, CPU s", slowest[True], "<=", PROMISED_NOTED_S)


def measure(count: int = QUESTIONS) -> list[Figure]:
    """Load, then ask."""
    with tempfile.TemporaryDirectory() as folder:
        stores = Path(folder) / "stores"
        stores.mkdir()
        load_of = loaded(stores, count)
        (made,) = stores.iterdir()
        figures = [
            Figure("questions", count),
            Figure("uses", count * USES),
            Figure("staging and loading, s", load_of.wall_s),
            Figure("staging and loading, CPU s", load_of.cpu_s, "<=", PROMISED_CPU_S),
            Figure("staging and loading, peak MiB", load_of.peak_mib, "<=", PROMISED_MIB),
            Figure("the store on disk, MiB", (made / DATABASE).stat().st_size / 2**20),
        ]
        with closing(LadybugStore(made)) as store:
            return [*figures, *reads(store), *shipped(store)]


def check() -> list[Figure]:
    """A carried coverage query on 2 M questions answers in a second."""
    return measure()


def _zipf(rng: np.random.Generator, shape: int | tuple[int, int]) -> np.ndarray:
    """Concepts by a power law: the first one in a hundred of them is one use in ten."""
    return (rng.random(shape) ** 2 * CONCEPTS).astype(np.int64)


def main() -> None:
    """Print the figures of one size, or only load."""
    parser = argparse.ArgumentParser(description="Two million questions in the embedded store.")
    parser.add_argument("--questions", type=int, default=QUESTIONS)
    parser.add_argument("--into", type=Path, help="only load, into this folder of stores")
    given = parser.parse_args()
    if given.into:
        load(given.into, given.questions)
        return
    print(machine(), *measure(given.questions), sep="\n")


if __name__ == "__main__":
    main()
