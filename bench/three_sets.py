"""GSM8K, TAL-SCQ and CollegeMath (train) together into one graph, 50,000 questions from it, tagged; TAL by its labels.

What the offline teacher makes of real seeds: a graph, questions, and how often what was asked is what was got.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pyarrow as pa

from bench.figures import SHARED, Figure, must, need, skillweave
from engine.books import read_books
from engine.rows import read_accepted
from engine.workspace import Workspace
from generation.agreement import agreement
from graph.snapshot import list_snapshots

WANTED = 50_000
SETS = {
    "gsm8k": "gsm8k/train.jsonl",
    "tal": "tal_scq/en_single_choice_train_3K.jsonl",
    "college": "college_math/train.jsonl",
}


def check() -> list[Figure]:
    """Import, extract, generate, tag, compare; then build TAL's graph from its labels."""
    data = need(SHARED / "data")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for name, path in SETS.items():
            must(skillweave(place, "seeds", "import", str(need(data / path)), "--name", name))
        graph = must(skillweave(place, "graph", "build", *SETS))
        (made_of_all,) = list_snapshots(place / "graphs")
        made = must(skillweave(place, "generate", "--count", str(WANTED), "--name", "fifty"))
        run = place / "runs" / "fifty"
        tagged = must(skillweave(place, "tag", "fifty"))
        agreed = agreement(Workspace(place), run, by="kind")
        labels = must(skillweave(place, "graph", "build", "tal", "--labels"))
        by_labels = list_snapshots(place / "graphs")[0]
        questions = pa.concat_tables(read_accepted(run, ["question"]))["question"]
        books = read_books(run)
        return [
            Figure("seeds", made_of_all["counts"]["seeds"]),
            Figure("concepts", made_of_all["counts"]["nodes"]),
            Figure("edges", made_of_all["counts"]["edges"]),
            Figure("seconds for the graph", graph.wall_s),
            Figure("accepted questions", books.accepted, "==", WANTED),
            Figure("share of sent items that were refused", 1 - (books.acceptance or 0)),
            Figure("share of draws that repeat", books.reasons.get("repeat", 0) / books.drawn),
            Figure("share of distinct questions", len(questions.unique()) / len(questions)),
            Figure("seconds for the questions", made.wall_s),
            Figure("peak MiB of generating", made.peak_mib),
            Figure("seconds for the tags", tagged.wall_s),
            Figure("peak MiB of tagging", tagged.peak_mib),
            Figure("uses of concepts asked", agreed.asked),
            Figure("share of them claimed by the writer", agreed.claimed_recall or 0),
            Figure("share of them tagged", agreed.tagged_recall or 0),
            Figure("share of the claims that are tagged", agreed.claims_tagged or 0),
            Figure("share of the tags that were asked", agreed.tagged_precision or 0),
            Figure("TAL by its labels: concepts", by_labels["counts"]["nodes"]),
            Figure("TAL by its labels: edges", by_labels["counts"]["edges"]),
            Figure("TAL by its labels: seconds, with no call", labels.wall_s),
        ]
