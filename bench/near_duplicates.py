"""How many of 20,000 questions of the offline teacher are near-duplicates of another one.

    python -m bench near_duplicates
    python bench/near_duplicates.py --show 20       (also prints the pairs, and what they are made of)

The compositions are walks through the graph of our own seeds, as `skillweave quickstart` builds it; each goes through
the shipped prompt to the teacher's `write`, with a fixed seed. Two questions are near-duplicates if their sets of word
3-grams have a Jaccard index of 0.8 or more. Pairs are found exactly, by the prefix filter: with the grams of all
questions in one order, the rarest first, two sets of an index t or more share one of the first
`size - ceil(t size) + 1` grams of each (Chaudhuri, Ganti and Kaushik, ICDE 2006).
"""

from __future__ import annotations

import argparse
import math
import re
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.figures import Figure, must, skillweave
from engine.prompt import render
from generation.recipes import RECIPES
from graph.sampling.walks import Walks, WalkSettings
from graph.snapshot import Snapshot, find_snapshot
from teacher.mathematics.wording import PEOPLE
from teacher.recognition import Recogniser
from teacher.writing import write

COUNT, SEED = 20_000, 14
JACCARD = 0.8
PROMISED = 0.02
_BLOCK = 4_096
_PEOPLE = re.compile(rf"\b(?:{'|'.join(PEOPLE)})\b")


@dataclass(frozen=True, slots=True)
class Written:
    """What the teacher made of the first walks: as many questions as were wanted."""

    questions: list[str]
    asked: list[tuple[str, ...]]
    """The claimed concepts of each question."""
    refusals: Counter[str]
    """Reasons."""
    cpu_s: float
    """Of the writing alone."""


def own_graph(folder: Path) -> Snapshot:
    """The graph of our own seeds, built in `folder` by the command line."""
    must(skillweave(folder, "quickstart", "--count", "1"))
    return Snapshot.open(find_snapshot(folder / "graphs"))


def compositions(snapshot: Snapshot) -> Iterator[dict[str, str]]:
    """Topics and knowledge points as the prompt's values, without end; a set of concepts comes once, as in a run."""
    graph = snapshot.adjacency()
    walks = Walks(graph, WalkSettings(), SEED)
    met: set[int] = set()
    start = 0
    while True:
        drawn, identities = walks.draw(start, start + _BLOCK), walks.identities(start, start + _BLOCK)
        start += _BLOCK
        for topics, points, identity in zip(
            drawn.topics.tolist(), drawn.points.tolist(), identities.tolist(), strict=True
        ):
            if identity in met or max(points) < 0:
                continue
            met.add(identity)
            yield {"topics": _numbered(graph.names, topics), "knowledge_points": _numbered(graph.names, points)}


def _numbered(names: Sequence[str], places: Sequence[int]) -> str:
    there = [names[place] for place in places if place >= 0]
    return "\n".join(f"{i}. {name}" for i, name in enumerate(there, 1))


def written(snapshot: Snapshot, count: int) -> Written:
    """The first `count` questions that the teacher writes."""
    recognise = Recogniser().recognise
    prompt = RECIPES["mathscale"].prompts["write"]
    made = Written([], [], Counter(), 0.0)
    begin = time.process_time()
    for i, values in enumerate(compositions(snapshot)):
        messages = render(prompt, {"domain": "mathematics", "shots": "", **values})
        reply = write([{"role": m.role, "content": m.content} for m in messages], Random(f"{SEED}:{i}"), recognise)
        if reply.startswith("<refusal>"):
            made.refusals[reply.removeprefix("<refusal>").removesuffix("</refusal>")] += 1
            continue
        made.questions.append(reply.partition("<question>\n")[2].partition("\n</question>")[0])
        made.asked.append(tuple(reply.partition("<concepts>\n")[2].partition("\n</concepts>")[0].splitlines()))
        if len(made.questions) == count:
            break
    return Written(made.questions, made.asked, made.refusals, time.process_time() - begin)


def grams(text: str) -> frozenset[tuple[str, ...]]:
    """The word 3-grams of a text; one shorter gram where it has fewer words."""
    words = re.findall(r"\w+", text.lower())
    return frozenset(tuple(words[i : i + 3]) for i in range(max(1, len(words) - 2)))


def bare(text: str) -> str:
    """The text without what chance puts into one and the same story: numbers, names of values and of people."""
    return re.sub(r"\d+|\\\( [A-Za-z] \\\)", "0", _PEOPLE.sub("Somebody", text))


def near_duplicates(texts: Sequence[str], least: float = JACCARD) -> list[tuple[int, int, float]]:
    """All pairs (i, j) with i < j and a Jaccard index of at least `least`, with that index; in the order of j, i."""
    sets = [grams(text) for text in texts]
    frequency = Counter(gram for each in sets for gram in each)
    index: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    pairs = []
    for j, ours in enumerate(sets):
        rarest = sorted(ours, key=lambda gram: (frequency[gram], gram))
        prefix = rarest[: len(ours) - math.ceil(least * len(ours)) + 1]
        for i in sorted({i for gram in prefix for i in index[gram]}):
            shared = len(ours & sets[i])
            jaccard = shared / (len(ours) + len(sets[i]) - shared)
            if jaccard >= least:
                pairs.append((i, j, jaccard))
        for gram in prefix:
            index[gram].append(j)
    return pairs


def share(pairs: Sequence[tuple[int, int, float]], count: int) -> float:
    """The share of texts that belong to any pair."""
    return len({i for pair in pairs for i in pair[:2]}) / count


def measure(count: int = COUNT) -> tuple[Written, list[tuple[int, int, float]]]:
    """Build the graph, write, compare."""
    with tempfile.TemporaryDirectory() as folder:
        made = written(own_graph(Path(folder)), count)
    return made, near_duplicates(made.questions)


def figures(made: Written, pairs: Sequence[tuple[int, int, float]]) -> list[Figure]:
    """What is printed; the share is promised."""
    replies = len(made.questions) + made.refusals.total()
    return [
        Figure("questions", len(made.questions)),
        Figure("share of near-duplicates", share(pairs, len(made.questions)), "<=", PROMISED),
        Figure(
            "the same, numbers and names apart",
            share(near_duplicates([*map(bare, made.questions)]), len(made.questions)),
        ),
        Figure("share of refusals", made.refusals.total() / replies),
        Figure("replies per CPU second", replies / made.cpu_s),
    ]


def check() -> list[Figure]:
    """No more than 1 in 50 questions is a near-duplicate of another one."""
    return figures(*measure())


def main() -> None:
    """Print the figures, and what collides most."""
    parser = argparse.ArgumentParser(description="Near-duplicates among the offline teacher's questions.")
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--show", type=int, default=0, help="how many colliding sets of concepts and pairs to print")
    given = parser.parse_args()
    made, pairs = measure(given.count)
    for figure in figures(made, pairs):
        print(figure)
    if given.show:
        concepts = Counter(name for i, j, _ in pairs for name in {*made.asked[i]} & {*made.asked[j]})
        print("concepts of colliding pairs:", concepts.most_common(given.show))
        print("refusals:", *made.refusals.most_common(given.show), sep="\n  ")
        order = np.random.default_rng(SEED).permutation(len(pairs))[: given.show]
        for i, j, jaccard in (pairs[k] for k in order.tolist()):
            print(f"\n{jaccard:.2f} {made.asked[i]}\n  {made.questions[i]}\n  {made.questions[j]}")


if __name__ == "__main__":
    main()
