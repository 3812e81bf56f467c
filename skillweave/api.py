"""What `import skillweave` gives a script; imported when a script first takes something of it."""

from __future__ import annotations

from engine.books import Books, read_books
from engine.call import Call, Message, Reply
from engine.errors import InputError, Rejected, SkillweaveError
from engine.recipe import Conversation, Recipe, Settings, Terms
from engine.rows import read_accepted, read_rejected
from engine.run import Run, Target, find_run, list_runs, open_earlier, open_run, write_target
from engine.workspace import Workspace
from generation.agreement import agreement
from generation.coverage import take_coverage
from generation.datasets.exporting import ExportOptions
from generation.datasets.exporting import export as export_dataset
from generation.datasets.formats import DatasetFormat
from generation.datasets.verifying import verify as verify_dataset
from generation.datasets.writing import write_dataset
from generation.making import generation_run, plan_generation, questions_of
from generation.recipes import ALL_RECIPES
from generation.reviews import Verdict, add_verdicts, read_verdicts
from generation.shots import ShotSettings
from generation.tagging import tag_run
from generation.working import work
from graph.build import GraphSettings
from graph.cypher.asking import ask
from graph.deciding import merge_concepts, rename_concept, split_concept, undo_decision
from graph.diff import differences
from graph.interchange.formats import ExchangeFormat, export_graph, import_graph
from graph.interchange.networkx_graph import from_networkx, to_networkx
from graph.labels import graph_from_labels
from graph.loaders import load_seeds
from graph.making import make_graph
from graph.query import find_query, run_query, shipped_queries
from graph.report.figures import figures as report_figures
from graph.report.page import render as render_report
from graph.sampling.coverage import Coverage, find_coverage, list_coverages, read_coverage
from graph.seed import Seed, read_seeds, write_seeds
from graph.snapshot import Snapshot, find_snapshot, list_snapshots
from graph.stores.ladybug import LadybugStore, project
from graph.stores.opening import open_store
from skillweave.models import CommandLineModels

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
