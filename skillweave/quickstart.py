"""`skillweave quickstart`: the whole way in one command, with no key, no server and no GPU."""

from __future__ import annotations

import shutil
import sys
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from engine.errors import InputError
from engine.models import known_prices
from engine.rows import read_accepted
from engine.run import Target
from engine.spending import read_spending
from engine.terminal import plain, print_table, print_text, screen
from engine.work import Models, work_on
from engine.workspace import Workspace, data_path
from generation.datasets.writing import write_dataset
from generation.looking_commands import print_books
from generation.making import generation_run, plan_generation, questions_of
from graph.loaders import load_seeds
from graph.making import make_graph
from graph.query import Value, find_query, run_query
from graph.seed import LEVELS, Seed, write_seeds
from graph.snapshot import Snapshot
from graph.stores.ladybug import LadybugStore, project
from skillweave.models import OFFLINE_TEACHER

SEED_SET = "skillweave"
_SHOWN = 10


def add_quickstart(app: typer.Typer, models: Models) -> None:
    """Add the command to the command line."""

    @app.command()
    def quickstart(
        count: Annotated[int, typer.Option(min=1, help="Accepted questions wanted.")] = 500,
        workspace: Annotated[Path | None, typer.Option("--workspace", help="The folder it all goes to.")] = None,
    ) -> None:
        """Our own seeds to a dataset of new questions, by the offline teacher, which is not a language model."""
        place = Workspace.find(workspace).prepare()
        _say("1  Seeds", f"{import_own_seeds(place):,} of our own, from primary school to college")
        snapshot = make_graph(place, [SEED_SET], OFFLINE_TEACHER, models)
        counts = snapshot.meta["counts"]
        _say("2  Concept graph", f"{counts['nodes']:,} concepts, {counts['edges']:,} edges ({snapshot.fingerprint})")
        spec = plan_generation(place, snapshot, {"writer": models.ref(OFFLINE_TEACHER, place)})
        run = generation_run(place, spec, Target(count=count))
        with models.open(spec.models.values(), place) as endpoints:
            worked = work_on(run, endpoints, label="writing questions")
        dataset = write_dataset(place, run.folder)
        _say("3  Questions", f"{worked.books.accepted:,} accepted, in {dataset}")
        show_questions(run.folder)
        show_coverage(place, snapshot)
        print_books(run.name, worked.books, read_spending(run.folder, known_prices(place)))
        show_next(run.name, place, count)
        raise typer.Exit(int(worked.exit_code))


def import_own_seeds(place: Workspace) -> int:
    """Bring the seeds of data/seeds into the workspace; returns how many. Ours are all whole, or this is an error."""
    seeds: list[Seed] = []
    for level in LEVELS:
        loaded = load_seeds(data_path("seeds", f"{level}.jsonl"))
        if loaded.skipped:
            row = loaded.skipped[0]
            raise InputError(f"{row.file}:{row.line}: {row.reason}; install skillweave again")
        seeds += loaded.seeds
    write_seeds(seeds, place.seeds / f"{SEED_SET}.parquet")
    return len(seeds)


def _say(title: str, text: str) -> None:
    screen().rule(f"[bold]{title}", align="left")
    print_text(text)


def show_questions(run: Path) -> None:
    """Ten of the questions, spread over the run."""
    rows = [row for table in read_accepted(run) for row in table.to_pylist()]
    for row in islice(rows, 0, None, max(1, len(rows) // _SHOWN)):
        asked = ", ".join(row["knowledge_points"])
        print_text(f"\n{plain(row['question'])}", style="bold")
        print_text(f"answer {row['answer']}   (asked: {asked})", style="dim")


def show_coverage(place: Workspace, snapshot: Snapshot) -> None:
    """How much of the graph the questions cover, by shipped queries."""
    with closing(LadybugStore(project(snapshot, place.stores, questions_of(place, snapshot)))) as store:
        _say("4  Coverage", "what the questions were asked to use, by Cypher on the embedded store")
        pictures: dict[str, dict[str, Value]] = {
            "concepts-by-use": {"kind": "knowledge_point", "limit": 8},
            "coverage-by-topic": {"limit": 8},
        }
        for name, given in pictures.items():
            query = find_query(name)
            result = run_query(store, query, given)
            shown = [place for place, column in enumerate(result.columns) if column not in ("id", "kind")]
            rows = [[row[place] for place in shown] for row in result.rows]
            print_table([result.columns[place] for place in shown], rows, title=query.title)
        uncovered = run_query(store, find_query("uncovered-concepts"), {"limit": 10_000})
        print_text(f"{len(uncovered.rows):,} of {snapshot.nodes.num_rows:,} concepts have no question yet")


def command_name() -> str:
    """How the command is typed here: `skillweave` where that is on the path, else the way to the script."""
    ours = Path(sys.executable).with_name("skillweave")
    found = shutil.which("skillweave")
    if not ours.exists() or (found is not None and Path(found).resolve() == ours.resolve()):
        return "skillweave"
    return str(ours.relative_to(Path.cwd())) if ours.is_relative_to(Path.cwd()) else str(ours)


def show_next(run: str, place: Workspace, count: int) -> None:
    """The next three commands to try."""
    here = "" if place.root == Workspace.find().root else f" --workspace {place.root}"
    skillweave = command_name()
    _say("Next", "three commands to try:")
    for command, why in (
        (f"{skillweave} extend {run} --count {2 * count}{here}", "more questions; nothing is made twice"),
        (f"{skillweave} graph query uncovered-concepts{here}", "what no question uses yet"),
        (f"{skillweave} app{here}", "explore the graph and read the questions in a browser"),
    ):
        print_text(f"  {command}")
        print_text(f"      {why}", style="dim")
