"""Large workspaces for benches: a run of millions of rows, and a graph of ten thousand concepts.

The rows are those of a run of the offline teacher on our own seeds, again and again with their digits changed, sealed
in shards of 2,000 as a run seals them; one in fifty was rejected.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from bench.figures import must, skillweave
from bench.store_load import made_up_graph
from engine.files import file_hash, put_new
from engine.rows import read_accepted
from engine.run import Target, create_run, list_runs, read_spec, row_id
from engine.shard import Seal, SealedFile, Shard, make_shard
from engine.workspace import Workspace
from graph.snapshot import Snapshot, find_snapshot

EDGES, QUESTIONS = 50_000, 2_000_000
SHARD, TEMPLATES, REJECTED, SEED = 2_000, 2_000, 40, 20261121
RUN, RARE = "many", "lemonade in the cellar"
_OF_A_GRAPH = ("fingerprint", "files", "format", "counts")
_TEXTS = ("question", "solution", "answer")
Asked = Callable[[int], pa.Array]
"""Which concepts so many questions use: a list of ids each."""


def quickstart_with(root: Path, rows: int = QUESTIONS) -> Workspace:
    """A workspace with a graph of our own seeds and one run of so many rows; one that is there already is taken."""
    place = Workspace(root)
    if not _whole(place, rows):
        seal_many(place, find_snapshot(_quickstart(place).graphs).name, rows)
    return place


def large_workspace(root: Path, rows: int = QUESTIONS) -> Workspace:
    """The same, but the graph has ten thousand concepts and fifty thousand edges, and the rows use those."""
    place = Workspace(root)
    if not _whole(place, rows):
        small = Snapshot.open(find_snapshot(_quickstart(place).graphs))
        made = made_up_graph(EDGES)
        kept = {name: value for name, value in small.meta.items() if name not in _OF_A_GRAPH}
        tables = {name: getattr(made, name) for name in ("nodes", "edges", "seeds", "mentions")}
        now = datetime.now(UTC).isoformat(timespec="seconds")
        graph = Snapshot.from_tables(tables, {**kept, "created": now})
        graph.write(place.graphs)
        seal_many(place, graph.fingerprint, rows, _along_edges(graph))
    return place


def _quickstart(place: Workspace) -> Workspace:
    must(skillweave(place.root, "quickstart", "--count", str(TEMPLATES)))
    return place


def _whole(place: Workspace, rows: int) -> bool:
    return (place.runs / RUN / "shards" / f"{rows // SHARD - 1:05d}.seal.json").is_file()


def _along_edges(graph: Snapshot) -> Asked:
    """The ends of two edges, and of half of the questions of a third."""
    chance = np.random.default_rng(SEED)
    ends = np.stack([graph.edges[end].to_numpy() for end in ("source", "target")], axis=1)

    def asked(count: int) -> pa.Array:
        edges = [ends[chance.integers(0, len(ends), 2 + number % 2)].ravel() for number in range(count)]
        return pa.array([list(dict.fromkeys(each)) for each in edges], pa.list_(pa.string()))

    return asked


def seal_many(place: Workspace, graph: str, rows: int, asked: Asked | None = None) -> None:
    """Make the run of so many rows; they ask for what their templates did, or for what `asked` gives."""
    (source,) = (run for run in list_runs(place.runs) if run.name.startswith("mathscale"))
    templates = pa.concat_tables(read_accepted(source))
    given = read_spec(source)
    spec = given.model_copy(update={"seed": SEED, "items": {**given.items, "graph": graph}})
    folder = create_run(place.runs, RUN, spec, Target(count=rows))
    chance = Random(SEED)
    digits = []
    for _ in range(997):
        order = [str(digit) for digit in range(1, 10)]
        chance.shuffle(order)
        digits.append(str.maketrans("123456789", "".join(order)))
    columns = {name: templates[name].to_pylist() for name in _TEXTS}
    rejected = _rejected(templates.slice(0, REJECTED))
    for number, start in enumerate(range(0, rows, SHARD)):
        step = SHARD + REJECTED
        first = number * step
        shard = Shard(number, first, first + step)
        make_shard(folder / "shards", shard)
        table = templates.slice(0, SHARD)
        indices = list(range(first, first + table.num_rows))
        for name, texts in columns.items():
            changed = [text.translate(digits[(start + 7 * at) % 997]) for at, text in enumerate(texts[:SHARD])]
            if name == "solution" and number * 2 == rows // SHARD:
                changed[17] += f" There is {RARE}."
            table = table.set_column(table.column_names.index(name), name, pa.array(changed))
        if asked is not None:
            table = table.set_column(table.column_names.index("asked"), "asked", asked(SHARD))
        table = _placed(table, spec.id, indices)
        refused = _placed(rejected, spec.id, list(range(first + SHARD, first + step)))
        files = {kind: _write(folder, number, kind, part) for kind, part in (("rows", table), ("rejected", refused))}
        seal = Seal(
            run=spec.id, shard=number, start=shard.start, stop=shard.stop, passed=table.num_rows,
            rejected={"refused": REJECTED}, last_passed=indices[-1], spent=(), files=files,
        )  # fmt: skip
        put_new(folder / "shards" / f"{number:05d}.seal.json", seal.model_dump_json().encode())


def _rejected(rows: pa.Table) -> pa.Table:
    """Rows that were rejected with the items of these."""
    items = [
        orjson.dumps({"topics": [{"id": concept, "name": concept} for concept in asked], "shots": []}).decode()
        for asked in rows["asked"].to_pylist()
    ]
    kept = rows.select(["id", "index", "calls", "attempts", "prompt_tokens", "completion_tokens"])
    for place, (name, values) in enumerate(
        (("reason", ["refused"] * len(items)), ("detail", ["no generator"] * len(items)), ("item", items)), 2
    ):
        kept = kept.add_column(place, name, pa.array(values))
    return kept


def _placed(table: pa.Table, run_id: str, indices: list[int]) -> pa.Table:
    ids = pa.array([row_id(run_id, index) for index in indices])
    table = table.set_column(table.column_names.index("id"), "id", ids)
    return table.set_column(table.column_names.index("index"), "index", pa.array(indices, pa.int64()))


def _write(folder: Path, number: int, kind: str, table: pa.Table) -> SealedFile:
    path = folder / "shards" / f"{number:05d}.00000000.{kind}.parquet"
    pq.write_table(table, path, compression="zstd", row_group_size=8_192)
    return SealedFile(name=path.name, size=path.stat().st_size, hash=file_hash(path), rows=table.num_rows)
