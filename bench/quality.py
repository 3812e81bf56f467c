"""Whether what is planted among accepted rows is found, what else is, and what that costs.

    python -m bench quality                     20,000 rows
    python bench/quality.py --full              500,000 rows
    python bench/quality.py --rows 2000000 --duplicates      any number; duplicates alone, in two steps

The rows are texts of 20 to 110 words, drawn from the words of our own seeds by their frequency, sealed in shards of
2,000 as a run seals them. Among them are planted, with the truth known: questions written again in other case, near
ones (a stretch of words replaced, its Jaccard index computed here), stretches of test questions, seeds with other
numbers, answers that the solution does not bear out, and pleas of a model. `skillweave dataset check` then runs as a
process of its own and is measured from outside; what it wrote is compared with the truth. Where GSM8K is beside the
project its 7,473 human solutions tell how often a check of one row speaks against a sound one, and, since an embedding
of random words means nothing, what embeddings find.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.figures import SHARED, Figure, Measured, must, skillweave
from engine.call import ModelRef
from engine.files import file_hash
from engine.run import Target, create_run, plan_spec, row_id
from engine.shard import Seal, SealedFile, Shard, make_shard
from engine.workspace import Workspace, data_path
from generation.quality.answers import answer_fault
from generation.quality.contamination import Contamination, ContaminationSettings
from generation.quality.contract import Batch
from generation.quality.language import language_of
from generation.quality.plan import read_plan
from generation.quality.references import Compared, Questions
from generation.quality.similarity import Similarity, SimilaritySettings
from generation.quality.template import template
from generation.recipes.mathscale.recipe import COLUMNS, MATHSCALE
from generation.verdicts import verdicts_of
from graph.embedding import default_embedder
from graph.loaders.loading import load_seeds
from graph.seed import Seed, seeds_hash, write_seeds

ROWS, FULL, SHARD, TESTS, SEED = 20_000, 500_000, 2_000, 15_000, 20261121
MOST_EMBEDDED = 100_000
"""Rows at most that are compared with the test questions by embedding: that takes half a millisecond a row."""
PLANTED = 0.01
"""Share of the rows that each kind of planted ones is, of the rows that stay free of them."""
RUN = "planted"
_SCHEMA = pa.schema([("id", pa.string()), ("index", pa.int64()), *COLUMNS])


@dataclass
class Truth:
    """What was planted, by row."""

    kinds: dict[int, str] = field(default_factory=dict)
    near: dict[int, float] = field(default_factory=dict)
    """Jaccard index of a near one with its original."""


class Texts:
    """Texts without end, by the frequencies of words in our seeds."""

    def __init__(self, seeds: Sequence[Seed]) -> None:
        counts = Counter(word for seed in seeds for word in re.findall(r"[a-z]+", seed.question.lower()))
        words = [*sorted(counts), *(f"thing{number}" for number in range(20_000))]
        weights = np.array([counts.get(word, 0.05) for word in words], float)
        self._words = np.array(words, object)
        self._weights = weights / weights.sum()
        self._random = np.random.default_rng(SEED)

    def make(self, count: int) -> list[str]:
        """So many texts."""
        sizes = self._random.integers(20, 111, count)
        drawn = self._words[self._random.choice(len(self._words), int(sizes.sum()), p=self._weights)]
        return [" ".join(part) for part in np.split(drawn, np.cumsum(sizes)[:-1])]


def jaccard(one: str, other: str) -> float:
    """Of the word 3-grams, computed without sketches or hashes."""
    sets = [set(zip(*(text.lower().split()[i:] for i in range(3)), strict=False)) for text in (one, other)]
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1])


def other_numbers(text: str, chance: Random) -> str:
    """The text with other numbers in the place of its own."""
    return re.sub(r"\d+(?:[.,]\d+)*", lambda _: str(chance.randrange(1_000, 10_000)), text)


def our_seeds() -> list[Seed]:
    """The seeds that we ship."""
    return [seed for path in sorted(data_path("seeds").glob("*.jsonl")) for seed in load_seeds(path).seeds]


def shards(count: int, seeds: Sequence[Seed], tests: Sequence[str], truth: Truth) -> Iterator[list[dict[str, str]]]:
    """The rows, a shard at a time; `truth` is filled on the way."""
    texts, chance = Texts(seeds), Random(SEED)
    sound = "Step 1: add 3 and 4.\nStep 2: 3 + 4 = 7.\nThe answer is 7."
    numbered = [seed for seed in seeds if len(re.findall(r"\d+", seed.question)) > 1 and len(seed.question) > 80]
    kinds = ("again", "near", "thirteen", "half", "swapped", "answer", "plea")
    for start in range(0, count, SHARD):
        made = texts.make(min(SHARD, count - start))
        rows = [{"question": text, "solution": sound, "answer": "7"} for text in made]
        free = list(range(len(made) // 2, len(made)))
        chance.shuffle(free)
        for number, place in enumerate(free[: int(PLANTED * len(made)) * len(kinds)]):
            kind, row = kinds[number % len(kinds)], rows[place]
            original = made[number]  # in the first half of the shard, where nothing is planted
            words = chance.choice(tests).split() if kind in ("thirteen", "half") else original.split()
            if kind == "again":
                row["question"] = f"  {original.upper()}\n"
            elif kind == "near":
                length = max(1, round(len(words) * chance.uniform(0.02, 0.16)))
                at = chance.randrange(len(words) - length + 1)
                words[at : at + length] = [f"other{start}x{place}x{i}" for i in range(length)]
                row["question"] = " ".join(words)
                truth.near[start + place] = jaccard(original, row["question"])
            elif kind == "thirteen":
                at = chance.randrange(max(1, len(words) - 12))
                row["question"] += " " + " ".join(words[at : at + 13])
            elif kind == "half":  # most of its runs of 8 words, none of its runs of 13
                for at in range(12, len(words), 13):
                    words[at] = f"other{at}"
                row["question"] = " ".join(words)
            elif kind == "swapped":
                row["question"] = other_numbers(chance.choice(numbered).question, chance)
            elif kind == "answer":
                row["answer"] = "9"
            else:
                row["solution"] = "As an AI language model I am not sure. " + sound
            truth.kinds[start + place] = kind
        yield rows


def planted(root: Path, count: int) -> Truth:
    """Fill a workspace with the run, its seeds, and `tests.jsonl`."""
    place, truth, seeds = Workspace(root).prepare(), Truth(), our_seeds()
    write_seeds(seeds, place.seeds / "ours.parquet")
    tests = Texts([*seeds[::2], *seeds[:1]]).make(TESTS)
    (root / "tests.jsonl").write_bytes(b"".join(orjson.dumps({"question": each}) + b"\n" for each in tests))
    items = {"kind": "walks", "graph": "none", "seeds": [{"name": "ours", "hash": seeds_hash(seeds)}]}
    spec = plan_spec(MATHSCALE, items=items, models={"writer": ModelRef(served_by="bench", model="bench")}, seed=SEED)
    folder = create_run(place.runs, RUN, spec, Target(count=count)) / "shards"
    lists: dict[str, list[str]] = {field.name: [] for field in COLUMNS if pa.types.is_list(field.type)}
    for number, rows in enumerate(shards(count, seeds, tests, truth)):
        start = number * SHARD
        assert make_shard(folder, Shard(number, start, start + len(rows)))
        full = [
            {"id": row_id(spec.id, start + i), "index": start + i, **row, **lists, "model": "bench"}
            for i, row in enumerate(rows)
        ]
        path = folder / f"{number:05d}.bench.rows.parquet"
        pq.write_table(pa.Table.from_pylist(full, schema=_SCHEMA), path, compression="zstd")
        sealed = SealedFile(name=path.name, size=path.stat().st_size, hash=file_hash(path), rows=len(rows))
        seal = Seal(
            run=spec.id, shard=number, start=start, stop=start + len(rows), passed=len(rows), rejected={},
            last_passed=start + len(rows) - 1, spent=(), files={"rows": sealed},
        )  # fmt: skip
        (folder / f"{number:05d}.seal.json").write_text(seal.model_dump_json())
    return truth


def found(root: Path, count: int) -> dict[str, set[int]]:
    """Reason -> the rows that it was found for."""
    place = Workspace(root)
    run = place.runs / RUN
    run_id = Seal.model_validate_json((run / "shards" / "00000.seal.json").read_bytes()).run
    index = {row_id(run_id, number): number for number in range(count)}
    rows: dict[str, set[int]] = {}
    for table in verdicts_of(place, [run], read_plan(place)):
        for row, reason in zip(table["id"].to_pylist(), table["reason"].to_pylist(), strict=True):
            rows.setdefault(reason, set()).add(index[row])
    return rows


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
        rows = found(root, count)
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
        *(figure for figure in quality(truth, rows) if "equal" in figure.what or "Jaccard" in figure.what),
    ]


def measure(count: int) -> list[Figure]:
    """Plant, check, compare."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        truth = planted(root, count)
        named = ("--against", str(root / "tests.jsonl"))
        parts: dict[str, Measured] = {}
        rows: dict[str, set[int]] = {}
        costly = ("similarity",) if count <= MOST_EMBEDDED else ()
        for checks in ("duplicates", "contamination", *costly):
            against = named if checks != "duplicates" else ()
            parts[checks] = must(skillweave(root, "dataset", "check", RUN, "--checks", checks, *against))
            rows |= found(root, count)  # each check by itself: together, one takes from another what it would find
        rest = "length,refusals,language,answers,seed-copies,swapped"
        parts["the others"] = must(skillweave(root, "dataset", "check", RUN, "--checks", rest))
        rows |= found(root, count)
        everything = ("--checks", ",".join((rest, "contamination", *costly, "duplicates")), *named)
        whole = must(skillweave(root, "dataset", "check", RUN, *everything))
        again = must(skillweave(root, "dataset", "check", RUN, *everything))
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
    return figures + quality(truth, rows)


def quality(truth: Truth, rows: dict[str, set[int]]) -> list[Figure]:
    """Recall of each kind that was planted, and precision of each check.

    Of one test question, or one seed, several rows may be made, which are rightly each other's duplicates.
    """

    def planted_as(*kinds: str) -> set[int]:
        return {row for row, kind in truth.kinds.items() if kind in kinds}

    def recall(what: str, wanted: set[int], reasons: Sequence[str], least: float) -> Figure:
        hits = wanted & set().union(*(rows.get(reason, set()) for reason in reasons))
        return Figure(f"recall: {what}", len(hits) / max(len(wanted), 1), ">=", least)

    def precision(what: str, right: set[int], reasons: Sequence[str], least: float) -> Figure:
        all_found = set().union(*(rows.get(reason, set()) for reason in reasons))
        return Figure(f"precision: {what}", len(all_found & right) / max(len(all_found), 1), ">=", least)

    near = {row for row, index in truth.near.items() if index >= 0.8}
    tests = ("13 words of a test question", "many runs of 8 words of a test question")
    by_embedding = ["near a test question"]
    steps = ("answer differs from its solution", "answer not reached by its steps")
    return [
        recall("equal but for case and spaces", planted_as("again"), ["equal to an earlier question"], 1.0),
        precision("equal but for case and spaces", planted_as("again", "half"), ["equal to an earlier question"], 1.0),
        recall("Jaccard 0.8 and more", near, ["near another question"], 0.995),
        precision("Jaccard 0.8 and more", near | planted_as("half", "swapped"), ["near another question"], 1.0),
        recall("13 words of a test question", planted_as("thirteen"), tests[:1], 1.0),
        recall("test questions with each 13th word changed", planted_as("half"), tests[1:], 0.95),
        precision("words of a test question", planted_as("thirteen", "half"), tests, 0.98),
        *([recall("the same, by embedding", planted_as("half"), by_embedding, 0.9)] if by_embedding[0] in rows else []),
        recall("seeds with other numbers", planted_as("swapped"), ["a seed with other numbers"], 0.98),
        precision("seeds with other numbers", planted_as("swapped"), ["a seed with other numbers"], 1.0),
        recall("wrong answers", planted_as("answer"), steps, 1.0),
        recall("pleas of a model", planted_as("plea"), ["the model speaks of itself"], 1.0),
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
    return measure(ROWS) + sound_rows()


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="Planted duplicates and contaminations: found, at which cost.")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--full", action="store_true", help=f"{FULL:,} rows")
    parser.add_argument("--duplicates", action="store_true", help="look for duplicates alone, a quarter of them new")
    given = parser.parse_args()
    count = FULL if given.full else given.rows
    for figure in measure_duplicates(count) if given.duplicates else measure(count) + sound_rows():
        print(figure)


if __name__ == "__main__":
    main()
