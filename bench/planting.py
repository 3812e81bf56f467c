"""Sealed runs with rows of which it is known what speaks against them.

Texts of 20 to 110 words, drawn from the words of our own seeds by their frequency, sealed in shards of 2,000 as a run
seals them. In the second half of each shard rows are planted, 1 in 100 of each kind of KINDS; what each was made of is
kept, so that a verdict's evidence can be judged as well. A second run, of sums, has wrong answers that only solving
them again can find.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from engine.call import ModelRef
from engine.files import file_hash
from engine.run import Target, create_run, plan_spec, row_id
from engine.shard import Seal, SealedFile, Shard, make_shard
from engine.workspace import Workspace, data_path
from generation.recipes.mathscale.recipe import COLUMNS, MATHSCALE
from graph.loaders.loading import load_seeds
from graph.seed import Seed, seed_id, seeds_hash, write_seeds

SHARD, TESTS, SEED = 2_000, 15_000, 20261121
PLANTED = 0.01
"""Share of the rows that each kind of planted ones is."""
RUN, SUMS = "planted", "sums"
KINDS = (
    "again", "near", "thirteen", "half", "swapped", "no answer", "other answer", "not reached", "plea", "foreign",
    "short", "long",
)  # fmt: skip
FOREIGN = (
    "Anna kauft auf dem Markt {} Äpfel und {} Birnen. Wie viele Früchte hat sie jetzt insgesamt?",
    "Ein Zug fährt {} Kilometer in der Stunde. Wie weit kommt er in {} Stunden?",
    "Marie achète {} pommes et {} poires pour sa famille. Combien de fruits a-t-elle en tout ?",
    "Une boîte contient {} billes et une autre en contient {}. Combien de billes y a-t-il dans les deux ?",
    "Luis tiene {} manzanas y compra {} más en el mercado. ¿Cuántas manzanas tiene en total?",
    "O João tem {} reais e ganha mais {} reais por dia. Quanto ele tem ao fim de uma semana?",
    "Una scatola contiene {} palline e un'altra ne contiene {}. Quante palline ci sono in tutto?",
    "Een winkel verkoopt {} appels en {} peren op een dag. Hoeveel stuks fruit zijn dat in een week?",
    "У Анны было {} яблок, и она купила ещё {}. Сколько яблок у неё теперь?",
    "小明有 {} 个苹果，他又买了 {} 个，一共有多少个苹果？",
)
SOUND = "Step 1: add 3 and 4.\nStep 2: 3 + 4 = 7.\nThe answer is 7."
_SCHEMA = pa.schema([("id", pa.string()), ("index", pa.int64()), *COLUMNS])
Rows = list[dict[str, str]]


@dataclass
class Truth:
    """What was planted, by row."""

    kinds: dict[int, str] = field(default_factory=dict)
    near: dict[int, float] = field(default_factory=dict)
    """Jaccard index of a near one with its original."""
    tests: dict[int, str] = field(default_factory=dict)
    """The id of the test question that a row was made of."""

    def of(self, *kinds: str) -> set[int]:
        """The rows of these kinds."""
        return {row for row, kind in self.kinds.items() if kind in kinds}


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


def shards(count: int, seeds: Sequence[Seed], tests: Sequence[str], truth: Truth) -> Iterator[Rows]:
    """The rows, a shard at a time; `truth` is filled on the way."""
    texts, chance = Texts(seeds), Random(SEED)
    numbered = [seed for seed in seeds if len(re.findall(r"\d+", seed.question)) > 1 and len(seed.question) > 80]
    for start in range(0, count, SHARD):
        made = texts.make(min(SHARD, count - start))
        rows = [{"question": text, "solution": SOUND, "answer": "7"} for text in made]
        free = list(range(len(made) // 2, len(made)))
        chance.shuffle(free)
        for number, place in enumerate(free[: int(PLANTED * len(made)) * len(KINDS)]):
            kind, row = KINDS[number % len(KINDS)], rows[place]
            if kind in ("thirteen", "half"):
                test = chance.choice(tests)
                truth.tests[start + place] = seed_id(test)
                row["question"] = _of_test(kind, row["question"], test.split(), chance)
            elif kind == "swapped":
                row["question"] = other_numbers(chance.choice(numbered).question, chance)
            elif kind in ("again", "near"):
                original = made[number]  # in the first half of the shard, where nothing is planted
                row["question"] = _of_question(kind, original, f"{start}x{place}", chance)
                if kind == "near":
                    truth.near[start + place] = jaccard(original, row["question"])
            else:
                row |= _faulty(kind, row["question"], chance)
            truth.kinds[start + place] = kind
        yield rows


def _of_test(kind: str, text: str, words: list[str], chance: Random) -> str:
    if kind == "thirteen":
        at = chance.randrange(max(1, len(words) - 12))
        return f"{text} {' '.join(words[at : at + 13])}"
    for at in range(12, len(words), 13):  # most of its runs of 8 words, none of its runs of 13
        words[at] = f"other{at}"
    return " ".join(words)


def _of_question(kind: str, original: str, mark: str, chance: Random) -> str:
    if kind == "again":
        return f"  {original.upper()}\n"
    words = original.split()
    length = max(1, round(len(words) * chance.uniform(0.02, 0.16)))
    at = chance.randrange(len(words) - length + 1)
    words[at : at + length] = [f"other{mark}x{i}" for i in range(length)]
    return " ".join(words)


def _faulty(kind: str, question: str, chance: Random) -> dict[str, str]:
    """The columns of a row that one look at it shows to be faulty."""
    number = chance.randrange(1_000_000)
    return {
        "no answer": {"answer": " "},
        "other answer": {"answer": "9"},
        "not reached": {"answer": "9", "solution": SOUND.replace("is 7", "is 9")},
        "plea": {"solution": f"As an AI language model I am not sure. {SOUND}"},
        "foreign": {"question": chance.choice(FOREIGN).format(number, chance.randrange(1_000_000))},
        "short": {"question": f"Why {number}?"},
        "long": {"question": " ".join(f"{question} {part}" for part in range(4_000 // len(question) + 1))},
    }[kind]


def planted(root: Path, count: int) -> Truth:
    """Fill a workspace with the run, its seeds, and `tests.jsonl`."""
    place, truth, seeds = Workspace(root).prepare(), Truth(), our_seeds()
    write_seeds(seeds, place.seeds / "ours.parquet")
    tests = Texts([*seeds[::2], *seeds[:1]]).make(TESTS)
    (root / "tests.jsonl").write_bytes(b"".join(orjson.dumps({"question": each}) + b"\n" for each in tests))
    _seal(place, RUN, count, shards(count, seeds, tests, truth), seeds)
    return truth


def planted_sums(root: Path, count: int, wrong: Callable[[int], bool]) -> None:
    """A run of sums, of which those that `wrong` names have another answer, borne out by their solution."""
    rows = []
    for number in range(count):
        one, other = 1_000 + 7 * number, 100 + number
        total = str(one + other + wrong(number))
        solution = f"Step 1: take {one} and {other}.\nStep 2: they make {total}.\nThe answer is {total}."
        rows.append({"question": f"What is {one} + {other}?", "solution": solution, "answer": total})
    _seal(Workspace(root), SUMS, count, [rows], our_seeds())


def _seal(place: Workspace, name: str, count: int, shards: Iterable[Rows], seeds: Sequence[Seed]) -> None:
    items = {"kind": "walks", "graph": "none", "seeds": [{"name": "ours", "hash": seeds_hash(seeds)}]}
    model = ModelRef(served_by="bench", model=name)
    spec = plan_spec(MATHSCALE, items=items, models={"writer": model}, seed=SEED)
    folder = create_run(place.runs, name, spec, Target(count=count)) / "shards"
    lists: dict[str, list[str]] = {field.name: [] for field in COLUMNS if pa.types.is_list(field.type)}
    for number, rows in enumerate(shards):
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
