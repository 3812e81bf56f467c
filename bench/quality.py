"""Whether what is planted among accepted rows is found, what else is, and what that costs.

    python -m bench quality                     20,000 rows
    python bench/quality.py --full              500,000 rows, all checks in one command
    python bench/quality.py --rows 2000000 --duplicates      any number; duplicates alone, in two steps

What is planted, and how: bench/planting.py. `skillweave dataset check` runs as a process of its own and is measured
from outside; what it wrote is compared with the truth. Where GSM8K is beside the project its 7,473 human solutions tell
how often a check of one row speaks against a sound one, and, since an embedding of random words means nothing, what
embeddings find.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.figures import SHARED, Figure, Measured, must, skillweave
from bench.planting import RUN, SHARD, SUMS, Truth, planted, planted_sums
from engine.run import read_spec, row_id
from engine.workspace import Workspace
from generation.quality.answers import answer_fault
from generation.quality.contamination import Contamination, ContaminationSettings
from generation.quality.contract import Batch
from generation.quality.language import language_of
from generation.quality.plan import read_plan
from generation.quality.references import Compared, Questions
from generation.quality.similarity import Similarity, SimilaritySettings
from generation.quality.template import template
from generation.verdicts import verdicts_of
from graph.embedding import default_embedder
from graph.loaders.loading import load_seeds

ROWS, FULL, SUM_ROWS = 20_000, 500_000, 300


@dataclass
class Found:
    """What checks spoke against."""

    rows: dict[str, set[int]] = field(default_factory=dict)
    """Reason -> the rows that it was found for."""
    matched: dict[tuple[str, int], str] = field(default_factory=dict)
    """(reason, row) -> the id of what it is like."""

    def of(self, reasons: Sequence[str]) -> set[int]:
        """The rows that any of these reasons was found for."""
        return set().union(*(self.rows.get(reason, set()) for reason in reasons))

    def read(self, root: Path, name: str, count: int) -> None:
        """Add what the checks that were last run found in a run."""
        place = Workspace(root)
        run = place.runs / name
        run_id = read_spec(run).id
        index = {row_id(run_id, number): number for number in range(count)}
        for table in verdicts_of(place, [run], read_plan(place)):
            columns = (table[column].to_pylist() for column in ("id", "reason", "matched"))
            for row, reason, like in zip(*columns, strict=True):
                self.rows.setdefault(reason, set()).add(index[row])
                self.matched[reason, index[row]] = like


def measure_duplicates(count: int) -> list[Figure]:
    """Plant, look for duplicates alone, then for those of a quarter of the rows that is new."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        truth = planted(root, count)
        seals = sorted((root / "runs" / RUN / "shards").glob("*.seal.json"))
        later = seals[-(len(seals) // 4) :]
        hidden = [path.with_name(path.name.replace("seal", kind)) for path in later for kind in ("seal", "range")]
        command = ("dataset", "check", RUN, "--checks", "duplicates")
        for path in hidden:
            path.rename(path.with_suffix(".later"))
        first = must(skillweave(root, *command))
        for path in hidden:
            path.with_suffix(".later").rename(path)
        second = must(skillweave(root, *command))
        found = Found()
        found.read(root, RUN, count)
        again = must(skillweave(root, *command))
        index = sum(path.stat().st_size for path in (root / "verdicts" / "duplicates").rglob("*.sketch"))
    new = len(later) * SHARD
    return [
        Figure("rows", count),
        Figure("the first rows", count - new),
        Figure("of these: rows a CPU second", (count - new) / first.cpu_s),
        Figure("of these: CPU seconds", first.cpu_s),
        Figure("of these: peak MiB", first.peak_mib, "<=", 8_192),
        Figure("the new ones, against all: CPU seconds", second.cpu_s),
        Figure("the new ones, against all: peak MiB", second.peak_mib, "<=", 8_192),
        Figure("when nothing is new: CPU seconds", again.cpu_s),
        Figure("index: bytes a row", index / count),
        *(figure for figure in quality(truth, found) if "equal" in figure.what or "Jaccard" in figure.what),
    ]


def measure_whole(count: int) -> list[Figure]:
    """Plant, run all checks in one command, compare."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        truth = planted(root, count)
        named = ("--against", str(root / "tests.jsonl"))
        whole = must(skillweave(root, "dataset", "check", RUN, *named))
        again = must(skillweave(root, "dataset", "check", RUN, *named))
        found = Found()
        found.read(root, RUN, count)
        alone = must(skillweave(root, "dataset", "check", RUN, "--checks", "duplicates"))
        found.read(root, RUN, count)  # together, other checks take from it what it would find
        size = sum(path.stat().st_size for path in (root / "verdicts").rglob("*") if path.is_file())
    return [
        Figure("rows", count),
        Figure("all checks in one command: CPU seconds", whole.cpu_s),
        Figure("all checks in one command: seconds by the clock", whole.wall_s),
        Figure("all checks in one command: rows a CPU second", count / whole.cpu_s),
        Figure("all checks in one command: peak MiB", whole.peak_mib, "<=", 8_192),
        Figure("all together again: CPU seconds", again.cpu_s),
        Figure("all together again: peak MiB", again.peak_mib, "<=", 8_192),
        Figure("duplicates decided of all rows, their sketches there: CPU seconds", alone.cpu_s),
        Figure("verdicts: bytes a row", size / count),
        *quality(truth, found),
    ]


def measure(count: int) -> list[Figure]:
    """Plant, run the checks one after the other, compare."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        truth = planted(root, count)
        named = ("--against", str(root / "tests.jsonl"))
        parts: dict[str, Measured] = {}
        found = Found()
        for checks in ("duplicates", "contamination", "similarity"):
            against = named if checks != "duplicates" else ()
            parts[checks] = must(skillweave(root, "dataset", "check", RUN, "--checks", checks, *against))
            found.read(root, RUN, count)  # each check by itself: together, one takes from another what it would find
        rest = "length,refusals,language,answers,seed-copies,swapped"
        parts["the others"] = must(skillweave(root, "dataset", "check", RUN, "--checks", rest))
        found.read(root, RUN, count)
        whole = must(skillweave(root, "dataset", "check", RUN, *named))
        again = must(skillweave(root, "dataset", "check", RUN, *named))
        sketches = sum(path.stat().st_size for path in (root / "verdicts" / "duplicates").rglob("*.sketch"))
    figures = [Figure("rows", count)]
    for checks, one in parts.items():
        figures += [
            Figure(f"{checks}: rows a CPU second", count / one.cpu_s),
            Figure(f"{checks}: CPU seconds", one.cpu_s),
            Figure(f"{checks}: peak MiB", one.peak_mib, "<=", 8_192),
        ]
    figures += [
        Figure("all together, after those: CPU seconds", whole.cpu_s),
        Figure("all together again: CPU seconds", again.cpu_s),
        Figure("index: bytes a row", sketches / count),
    ]
    return figures + quality(truth, found)


def quality(truth: Truth, found: Found) -> list[Figure]:
    """Recall of each kind that was planted, and precision of each check.

    Of one test question, one seed or one number several rows may be made, which are rightly each other's duplicates.
    """

    def recall(what: str, wanted: set[int], reasons: Sequence[str], least: float) -> Figure:
        return Figure(f"recall: {what}", len(wanted & found.of(reasons)) / max(len(wanted), 1), ">=", least)

    def precision(what: str, right: set[int], reasons: Sequence[str], least: float) -> Figure:
        spoken = found.of(reasons)
        return Figure(f"precision: {what}", len(spoken & right) / max(len(spoken), 1), ">=", least)

    def both(what: str, kinds: Sequence[str], reasons: Sequence[str], recalled: float = 1) -> list[Figure]:
        planted = truth.of(*kinds)
        return [recall(what, planted, reasons, recalled), precision(what, planted, reasons, 1)]

    near = {row for row, index in truth.near.items() if index >= 0.8}
    words = ("13 words of a test question", "many runs of 8 words of a test question")
    by_words = [truth.tests.get(row) == like for (reason, row), like in found.matched.items() if reason in words]
    foreign = [reason for reason in found.rows if reason.startswith("in ")]
    return [
        recall("equal but for case and spaces", truth.of("again"), ["equal to an earlier question"], 1),
        precision(
            "equal but for case and spaces", truth.of("again", "half", "short"), ["equal to an earlier question"], 1
        ),
        recall("Jaccard 0.8 and more", near, ["near another question"], 0.995),
        precision("Jaccard 0.8 and more", near | truth.of("half", "swapped"), ["near another question"], 1),
        recall("13 words of a test question", truth.of("thirteen"), words[:1], 1),
        recall("test questions with each 13th word changed", truth.of("half"), words[1:], 0.95),
        precision("words of a test question", truth.of("thirteen", "half"), words, 0.98),
        Figure("the matched test question is the planted one", sum(by_words) / max(len(by_words), 1), ">=", 0.98),
        recall("the same, by embedding", truth.of("half"), ["near a test question"], 0.9),
        *both("seeds with other numbers", ["swapped"], ["a seed with other numbers"], 0.98),
        *both("no final answer", ["no answer"], ["no final answer"]),
        *both("another answer than its solution's", ["other answer"], ["answer differs from its solution"]),
        *both("an answer that no step comes to", ["not reached"], ["answer not reached by its steps"]),
        *both("pleas of a model", ["plea"], ["the model speaks of itself"]),
        *both("another language", ["foreign"], foreign),
        *both("too short", ["short"], ["question too short"]),
        *both("too long", ["long"], ["question too long"]),
    ]


def measure_resolved(count: int = SUM_ROWS) -> list[Figure]:
    """Sums with wrong answers that agree with their solutions, solved again by the offline teacher."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        planted(root, SHARD)
        planted_sums(root, count, wrong=lambda number: number % 10 == 0)
        must(skillweave(root, "dataset", "resolve", SUMS))
        must(skillweave(root, "dataset", "check", SUMS, "--checks", "answers,resolved"))
        found = Found()
        found.read(root, SUMS, count)
    wrong, spoken = set(range(0, count, 10)), found.of(["another answer when solved again"])
    return [
        Figure("solved again: rows", count),
        Figure("recall: wrong answers, solved again", len(wrong & spoken) / len(wrong), ">=", 1),
        Figure("precision: wrong answers, solved again", len(wrong & spoken) / max(len(spoken), 1), ">=", 1),
        Figure("of these, found without solving again", len(wrong & found.of(["answer differs from its solution"]))),
    ]


def sound_rows() -> list[Figure]:
    """How often the checks of one row speak against GSM8K's training set, which people wrote and solved."""
    path = SHARED / "data" / "gsm8k" / "train.jsonl"
    if not path.exists():
        return []
    seeds, tests = load_seeds(path).seeds, load_seeds(path.with_name("test.jsonl")).seeds
    asked = Questions([seed.id for seed in tests], [seed.question for seed in tests], ["test"] * len(tests))
    batch = Batch(pa.table({"question": [seed.question for seed in seeds]}))
    exam = Compared([{"name": "test"}], lambda: asked)
    near = Similarity(SimilaritySettings(), exam, default_embedder()).judge(batch)
    words = Contamination(ContaminationSettings(), exam).judge(batch)
    faults = sum(answer_fault(s.answer, f"{s.solution}\nThe answer is {s.answer}") is not None for s in seeds)
    foreign = sum(language_of(seed.question) != "English" for seed in seeds)
    templates = Counter(template(seed.question) for seed in seeds)
    shared = sum(number for number in templates.values() if number > 1)
    return [
        Figure("GSM8K: rows", len(seeds)),
        Figure("GSM8K: share of answers spoken against", faults / len(seeds), "<=", 0.005),
        Figure("GSM8K: share taken for another language", foreign / len(seeds), "<=", 0.001),
        Figure("GSM8K: rows that share a template", shared),
        Figure("GSM8K: training questions with words of its test's", len(words)),
        Figure("GSM8K: training questions near its test's by embedding", len(near)),
    ]


def check() -> list[Figure]:
    """What is planted is found and little else; within 8 GiB."""
    return [*measure(ROWS), *measure_resolved(), *sound_rows()]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="Planted duplicates and contaminations: found, at which cost.")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--full", action="store_true", help=f"{FULL:,} rows")
    parser.add_argument("--duplicates", action="store_true", help="look for duplicates alone, a quarter of them new")
    given = parser.parse_args()
    count = FULL if given.full else given.rows
    if given.duplicates:
        figures = measure_duplicates(count)
    else:
        figures = measure_whole(count) if given.full else [*measure(count), *measure_resolved(), *sound_rows()]
    for figure in figures:
        print(figure)


if __name__ == "__main__":
    main()
