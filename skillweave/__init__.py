"""The public door for scripts: what a script needs of the packages below, under one name.

import skillweave as sw

place, models = sw.Workspace.find().prepare(), sw.CommandLineModels()
sw.write_seeds(sw.load_seeds("questions.jsonl").seeds, place.seeds / "mine.parquet")
graph = sw.make_graph(place, ["mine"], "offline-teacher", models)
plan = sw.plan_generation(place, graph, {"writer": models.ref("offline-teacher", place)})
run = sw.generation_run(place, plan, sw.Target(count=500))
print(sw.work(place, run, models).books)
for table in sw.read_accepted(run.folder, columns=["question", "answer"]):
    ...  # pyarrow tables, one a sealed shard
"""

from __future__ import annotations

import importlib.util
from pathlib import Path


def _check_packages() -> None:
    """Say clearly when a file of the user's own (graph.py, engine.py, ...) hides one of our packages."""
    ours = Path(__file__).resolve().parent.parent
    for name in ("engine", "graph", "generation", "teacher", "app"):
        spec = importlib.util.find_spec(name)
        where = spec.origin if spec is not None else None
        if where is None or not Path(where).resolve().is_relative_to(ours):
            raise ImportError(
                f"skillweave needs its own package {name!r}, but Python finds {where or 'none'} first; "
                "rename that file or run from another folder"
            )


_check_packages()

from engine.books import Books, read_books  # noqa: E402 - after the check, whose message is the better one
from engine.call import Call, Message, Reply  # noqa: E402
from engine.errors import InputError, Rejected, SkillweaveError  # noqa: E402
from engine.recipe import Conversation, Recipe, Settings, Terms  # noqa: E402
from engine.rows import read_accepted, read_rejected  # noqa: E402
from engine.run import Run, Target, find_run, list_runs, open_earlier, open_run, write_target  # noqa: E402
from engine.workspace import Workspace  # noqa: E402
from generation.agreement import agreement  # noqa: E402
from generation.coverage import take_coverage  # noqa: E402
from generation.datasets.exporting import ExportOptions  # noqa: E402
from generation.datasets.exporting import export as export_dataset  # noqa: E402
from generation.datasets.formats import DatasetFormat  # noqa: E402
from generation.datasets.verifying import verify as verify_dataset  # noqa: E402
from generation.datasets.writing import write_dataset  # noqa: E402
from generation.making import generation_run, plan_generation, questions_of  # noqa: E402
from generation.recipes import ALL_RECIPES  # noqa: E402
from generation.reviews import Verdict, add_verdicts, read_verdicts  # noqa: E402
from generation.shots import ShotSettings  # noqa: E402
from generation.tagging import tag_run  # noqa: E402
from generation.working import work  # noqa: E402
from graph.build import GraphSettings  # noqa: E402
from graph.cypher.asking import ask  # noqa: E402
from graph.deciding import merge_concepts, rename_concept, split_concept, undo_decision  # noqa: E402
from graph.diff import differences  # noqa: E402
from graph.interchange.formats import ExchangeFormat, export_graph, import_graph  # noqa: E402
from graph.interchange.networkx_graph import from_networkx, to_networkx  # noqa: E402
from graph.labels import graph_from_labels  # noqa: E402
from graph.loaders import load_seeds  # noqa: E402
from graph.making import make_graph  # noqa: E402
from graph.query import find_query, run_query, shipped_queries  # noqa: E402
from graph.report.figures import figures as report_figures  # noqa: E402
from graph.report.page import render as render_report  # noqa: E402
from graph.sampling.coverage import Coverage, find_coverage, list_coverages, read_coverage  # noqa: E402
from graph.seed import Seed, read_seeds, write_seeds  # noqa: E402
from graph.snapshot import Snapshot, find_snapshot, list_snapshots  # noqa: E402
from graph.stores.ladybug import LadybugStore, project  # noqa: E402
from graph.stores.opening import open_store  # noqa: E402
from skillweave.models import CommandLineModels  # noqa: E402

__all__ = [
    "ALL_RECIPES",
    "Books",
    "Call",
    "CommandLineModels",
    "Conversation",
    "Coverage",
    "DatasetFormat",
    "ExchangeFormat",
    "ExportOptions",
    "GraphSettings",
    "InputError",
    "LadybugStore",
    "Message",
    "Recipe",
    "Rejected",
    "Reply",
    "Run",
    "Seed",
    "Settings",
    "ShotSettings",
    "SkillweaveError",
    "Snapshot",
    "Target",
    "Terms",
    "Verdict",
    "Workspace",
    "add_verdicts",
    "agreement",
    "ask",
    "differences",
    "export_dataset",
    "export_graph",
    "find_coverage",
    "find_query",
    "find_run",
    "find_snapshot",
    "from_networkx",
    "generation_run",
    "graph_from_labels",
    "import_graph",
    "list_coverages",
    "list_runs",
    "list_snapshots",
    "load_seeds",
    "make_graph",
    "merge_concepts",
    "open_earlier",
    "open_run",
    "open_store",
    "plan_generation",
    "project",
    "questions_of",
    "read_accepted",
    "read_books",
    "read_coverage",
    "read_rejected",
    "read_seeds",
    "read_verdicts",
    "rename_concept",
    "render_report",
    "report_figures",
    "run_query",
    "shipped_queries",
    "split_concept",
    "tag_run",
    "take_coverage",
    "to_networkx",
    "undo_decision",
    "verify_dataset",
    "work",
    "write_dataset",
    "write_seeds",
    "write_target",
]
