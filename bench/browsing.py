"""How long a page of two million questions takes, by what is asked for.

    python -m bench browsing                            2,000,000 rows, some minutes to make them, 1 GB of disk
    python bench/browsing.py --rows 100000 --keep DIR   any number; DIR keeps the workspace for the next time

The rows are those of a run of the offline teacher on our own seeds, again and again with their digits changed, sealed
in shards of 2,000 as a run seals them; one in fifty was rejected. Every figure is the median of five, in a process that
has looked at another page before, on files that the machine has read before. Promised is what issue 17 asks: the first
page in less than a second.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.figures import Figure, must, skillweave
from engine.files import file_hash, put_new
from engine.rows import read_accepted
from engine.run import Target, create_run, list_runs, read_spec, row_id
from engine.shard import Seal, SealedFile, Shard, make_shard
from engine.workspace import Workspace
from generation.browsing import Filter, browse, concept_ids, count, find_question, neighbours, open_runs
from generation.browsing.filtering import Key
from generation.browsing.indexing import index_folder, index_of
from generation.making import runs_of
from graph.similar import embedder_of
from graph.snapshot import Snapshot, find_snapshot

ROWS, SHARD, TEMPLATES, REJECTED, SEED = 2_000_000, 2_000, 2_000, 40, 20261121
FIRST_PAGE_S = 1.0
RARE, COMMON = "lemonade in the cellar", "number"
_REPEATS = 5
_TEXTS = ("question", "solution", "answer")


def made(root: Path, rows: int) -> Workspace:
    """A workspace with a graph of our own seeds and one run of so many rows; one that is there already is taken."""
    place = Workspace(root)
    if not (place.runs / "many" / "shards" / f"{rows // SHARD - 1:05d}.seal.json").is_file():
        must(skillweave(root, "quickstart", "--count", str(TEMPLATES)))
        (source,) = (run for run in list_runs(place.runs) if run.name.startswith("mathscale"))
        _many(place, source, rows)
    return place


def _many(place: Workspace, source: Path, rows: int) -> None:
    templates = pa.concat_tables(read_accepted(source))
    spec = read_spec(source).model_copy(update={"seed": SEED})
    folder = create_run(place.runs, "many", spec, Target(count=rows))
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


def _took(work: Callable[[], Any]) -> tuple[float, Any]:
    """Median wall seconds of five, and what came of it."""
    times = []
    for _ in range(_REPEATS):
        begin = time.perf_counter()
        found = work()
        times.append(time.perf_counter() - begin)
    return statistics.median(times), found


def measured(place: Workspace) -> Iterator[Figure]:
    """The figures of a workspace."""
    snapshot = Snapshot.open(find_snapshot(place.graphs))
    begin = time.perf_counter()
    (run,) = runs = open_runs(place, [folder for folder in runs_of(place, snapshot) if folder.name == "many"])
    yield Figure("seconds to open the run, once in a process", time.perf_counter() - begin)
    begin, cpu = time.perf_counter(), time.process_time()
    index_of(run)
    yield Figure("seconds to make the index, once", time.perf_counter() - begin)
    yield Figure("CPU seconds for it", time.process_time() - cpu)
    size = sum(file.stat().st_size for file in index_folder(place).iterdir())
    yield Figure("MB of the index", size / 1e6)
    stop = run.stop

    def first() -> Any:
        return browse(open_runs(place, [run.folder]), size=20)

    def figure(what: str, chosen: Filter, after: Key | None = None, **how: Any) -> Figure:
        took, page = _took(lambda: browse(runs, chosen, after=after, size=20, **how))
        return Figure(f"seconds, {what} ({len(page.rows)} rows)", took)

    names = snapshot.nodes["id"].to_pylist()
    rows = browse(runs, size=1).rows
    pair = [concept_ids(snapshot, concept) for concept in rows[0]["asked"][:2]]
    uses = snapshot.nodes["count"].to_pylist()
    common = concept_ids(snapshot, names[max(range(len(names)), key=uses.__getitem__)])
    took, _ = _took(first)
    yield Figure("seconds, the first page, seals looked at again", took, "<=", FIRST_PAGE_S)
    yield figure("a page in the middle", Filter(), Key("many", stop // 2))
    yield figure("the last page", Filter(), before=Key("many", stop))
    yield figure("first page by a common concept", Filter(concepts=(common,)))
    yield figure("a page in the middle by it", Filter(concepts=(common,)), Key("many", stop // 2))
    yield figure("first page by a pair", Filter(concepts=tuple(pair)))
    yield figure("first page by level and length", Filter(level="college", shortest=300, longest=500))
    yield figure("first page by level and a person's verdict", Filter(level="college", review="none"))
    yield figure("rejected by reason", Filter(rejected=True, reason="refused"))
    yield figure("first page of a common word", Filter(words=COMMON))
    yield figure("a word that one row has", Filter(words=RARE))
    yield figure("that word among the rows of a concept", Filter(words=RARE, concepts=(common,)))
    for what, chosen in (("concept", Filter(concepts=(common,))), ("common word", Filter(words=COMMON))):
        took, found = _took(partial(count, runs, chosen))
        yield Figure(f"seconds to count the rows of a {what}: {found}", took)
    took, row = _took(lambda: find_question(runs, row_id(run.spec.id, stop // 2)))
    yield Figure("seconds to find a question by its id", took)
    embedder = embedder_of(snapshot)
    neighbours(runs, run, row, embedder)
    took, _ = _took(lambda: neighbours(runs, run, row, embedder))
    yield Figure("seconds for what is nearest to it", took)


def page(place: Workspace) -> Iterator[Figure]:
    """The page as Streamlit's own test session makes it: all of it but the browser."""
    os.environ["SKILLWEAVE_WORKSPACE"] = str(place.root)
    from streamlit.testing.v1 import AppTest

    script = "from app.state import page\nfrom app.views import questions\npage(questions.show)()\n"
    for what in ("first session of a server", "next session"):
        begin = time.perf_counter()
        app = AppTest.from_string(script, default_timeout=120).run()
        assert not app.exception, app.exception
        bound = ("<=", FIRST_PAGE_S) if what == "next session" else ()
        yield Figure(f"seconds, the page, {what}", time.perf_counter() - begin, *bound)


def figures(root: Path, rows: int = ROWS) -> list[Figure]:
    """All of them."""
    place = made(root, rows)
    return [*measured(place), *page(place)]


def check() -> list[Figure]:
    """The first page in less than a second."""
    with tempfile.TemporaryDirectory() as folder:
        return figures(Path(folder))


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="Pages of many questions.")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for figure in figures(given.keep or Path(folder), given.rows):
            print(figure, flush=True)


if __name__ == "__main__":
    main()
