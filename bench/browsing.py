"""How long a page of two million questions takes, by what is asked for.

    python -m bench browsing                            2,000,000 rows, some minutes to make them, 1 GB of disk
    python bench/browsing.py --rows 100000 --keep DIR   any number; DIR keeps the workspace for the next time

The rows are those of `bench.large`. Every figure is the median of three, in a process that
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
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.figures import Figure
from bench.large import QUESTIONS, RARE, RUN, quickstart_with
from engine.run import row_id
from engine.workspace import Workspace
from generation.browsing import Filter, browse, concept_ids, count, find_question, neighbours, open_runs
from generation.browsing.filtering import Key
from generation.browsing.indexing import index_folder, index_of
from generation.making import runs_of
from graph.similar import embedder_of
from graph.snapshot import Snapshot, find_snapshot

FIRST_PAGE_S = 1.0
COMMON = "number"
_REPEATS = 3


def _took(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Median wall and CPU seconds, and what came of it."""
    walls, cpus = [], []
    for _ in range(_REPEATS):
        begin, cpu = time.perf_counter(), time.process_time()
        found = work()
        walls.append(time.perf_counter() - begin)
        cpus.append(time.process_time() - cpu)
    return statistics.median(walls), statistics.median(cpus), found


def measured(place: Workspace) -> Iterator[Figure]:
    """The figures of a workspace."""
    snapshot = Snapshot.open(find_snapshot(place.graphs))
    begin = time.perf_counter()
    (run,) = runs = open_runs(place, [folder for folder in runs_of(place, snapshot) if folder.name == RUN])
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
        took, cpu, page = _took(lambda: browse(runs, chosen, after=after, size=20, **how))
        return Figure(f"seconds, {what} ({len(page.rows)} rows, {cpu:.3f} s of CPU)", took)

    names = snapshot.nodes["id"].to_pylist()
    rows = browse(runs, size=1).rows
    pair = [concept_ids(snapshot, concept) for concept in rows[0]["asked"][:2]]
    uses = snapshot.nodes["count"].to_pylist()
    common = concept_ids(snapshot, names[max(range(len(names)), key=uses.__getitem__)])
    took, cpu, _ = _took(first)
    yield Figure(f"seconds, the first page, seals looked at again ({cpu:.3f} s of CPU)", took, "<=", FIRST_PAGE_S)
    yield figure("a page in the middle", Filter(), Key(RUN, stop // 2))
    yield figure("the last page", Filter(), before=Key(RUN, stop))
    yield figure("first page by a common concept", Filter(concepts=(common,)))
    yield figure("a page in the middle by it", Filter(concepts=(common,)), Key(RUN, stop // 2))
    yield figure("first page by a pair", Filter(concepts=tuple(pair)))
    yield figure("first page by level and length", Filter(level="college", shortest=300, longest=500))
    yield figure("first page by level and a person's verdict", Filter(level="college", review="none"))
    yield figure("rejected by reason", Filter(rejected=True, reason="refused"))
    yield figure("first page of a common word", Filter(words=COMMON))
    yield figure("a word that one row has", Filter(words=RARE))
    yield figure("that word among the rows of a concept", Filter(words=RARE, concepts=(common,)))
    for what, chosen in (("concept", Filter(concepts=(common,))), ("common word", Filter(words=COMMON))):
        took, cpu, found = _took(partial(count, runs, chosen))
        yield Figure(f"seconds to count the rows of a {what}: {found} ({cpu:.3f} s of CPU)", took)
    took, cpu, row = _took(lambda: find_question(runs, row_id(run.spec.id, stop // 2)))
    yield Figure(f"seconds to find a question by its id ({cpu:.3f} s of CPU)", took)
    embedder = embedder_of(snapshot)
    neighbours(runs, run, row, embedder)
    took, cpu, _ = _took(lambda: neighbours(runs, run, row, embedder))
    yield Figure(f"seconds for what is nearest to it, by concepts ({cpu:.3f} s of CPU)", took)


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


def figures(root: Path, rows: int = QUESTIONS) -> list[Figure]:
    """All of them."""
    place = quickstart_with(root, rows)
    return [*measured(place), *page(place)]


def check() -> list[Figure]:
    """The first page in less than a second."""
    with tempfile.TemporaryDirectory() as folder:
        return figures(Path(folder))


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="Pages of many questions.")
    parser.add_argument("--rows", type=int, default=QUESTIONS)
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for figure in figures(given.keep or Path(folder), given.rows):
            print(figure, flush=True)


if __name__ == "__main__":
    main()
