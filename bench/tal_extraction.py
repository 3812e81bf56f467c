"""What the offline teacher extracts from competition items, against the labels that people gave them in TAL-SCQ.

    python -m bench tal_extraction
    python bench/tal_extraction.py             prints the tables of bench/results/tal_extraction.md

Each item goes through the shipped prompt to the teacher, and its reply through the shipped parser. People filed an item
under one route, seldom two, of a taxonomy with other names than ours; so it is scored in two ways.

By our names: bench/tal_names.py says which concepts of our lexicon a route means. `any` takes each of those for right,
`first` only the likeliest one. Precision is right predictions of all, recall is labels met of all, both over all
items (micro); `top 1` is the share of items whose first prediction is right. The plain baselines get as many
predictions for each item: the entries of the lexicon whose names and cues lie nearest to the question by TF-IDF.

By theirs: which route an item of the test split has, learnt from the train split, by what was extracted or by words.

Items of the test split whose question is in the train split are left out. Intervals are 95%, of 2,000 bootstrap samples
of the items.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.figures import SHARED, Figure, machine, need
from bench.tal_names import NAMES
from engine.prompt import render
from graph.extraction import EXTRACT, parse_concepts, question_text
from graph.lexicon import Entry, EntryKind, load_lexicon
from graph.loaders import load_seeds
from graph.seed import Seed
from teacher.extraction import REFUSAL, extract
from teacher.recognition import Recogniser

SAMPLES, SEED = 2_000, 14
MOST = 5
"""Routes that are looked at of those predicted."""
TEACHER = "the teacher"
PLAIN = ("TF-IDF, words", "TF-IDF, characters")
KINDS: tuple[EntryKind, ...] = ("topic", "knowledge_point")
Route = tuple[str, ...]
Labels = list[tuple[str, ...]]
"""Of one item: for each route the names that it may mean, the likeliest first."""
Scores = NDArray[np.float64]
"""A row an item: right predictions, predictions, labels met, labels, first prediction right, had a first one."""


@dataclass(frozen=True, slots=True)
class Split:
    """Items, and what the teacher extracted from each."""

    seeds: tuple[Seed, ...]
    extracted: tuple[dict[str, list[str]], ...]
    """Kind -> names in the lexicon, in the order of the reply."""

    @property
    def texts(self) -> list[str]:
        """The questions as the prompt shows them."""
        return [question_text(seed) for seed in self.seeds]


# --- Items and labels


@cache
def splits() -> tuple[Split, Split]:
    """Train and test."""
    folder = need(SHARED / "data" / "tal_scq")
    train = load_seeds(folder / "en_single_choice_train_3K.jsonl").seeds
    known = {seed.question for seed in train}
    test = [seed for seed in load_seeds(folder / "en_single_choice_test_2K.jsonl").seeds if seed.question not in known]
    recogniser = Recogniser()
    return _extracted(train, recogniser), _extracted(test, recogniser)


def _extracted(seeds: Iterable[Seed], recogniser: Recogniser) -> Split:
    labelled = tuple(seed for seed in seeds if seed.concepts)
    return Split(labelled, tuple(extracted(question_text(seed), recogniser) for seed in labelled))


def extracted(question: str, recogniser: Recogniser) -> dict[str, list[str]]:
    """What the teacher's reply names, by kind; nothing where it refuses."""
    messages = render(EXTRACT.prompts["extract"], {"domain": "mathematics", "question": question})
    reply = extract([{"role": message.role, "content": message.content} for message in messages], recogniser)
    named = dict(zip(KINDS, ([], []) if reply == REFUSAL else parse_concepts(reply), strict=True))
    return {kind: [found[0] for name in named[kind] if (found := recogniser.recognise(kind, name))] for kind in KINDS}


def routes(seed: Seed) -> list[Route]:
    """The routes of an item; the loader gives segments in order, a knowledge point ends a route."""
    found: list[Route] = []
    segments: list[str] = []
    for label in seed.concepts or ():
        segments.append(label.name)
        if label.kind == "knowledge_point":
            found.append(tuple(segments))
            segments = []
    return found


def labels(seed: Seed, kind: EntryKind) -> Labels:
    """What people said the item is about, in our names; a route without a name of ours of that kind gives none.

    A knowledge point's topics are those that the lexicon says it belongs to.
    """
    meant: Labels = []
    for route in routes(seed):
        deepest = next((NAMES[segment] for segment in reversed(route) if segment in NAMES), ())
        entries = [entry for name in deepest if (entry := load_lexicon().find(name))]
        names = [entry.name for entry in entries if entry.kind == kind]
        if kind == "topic":
            names = [name for entry in entries for name in entry.topics or (entry.name,)]
        if names and tuple(names) not in meant:
            meant.append(tuple(dict.fromkeys(names)))
    return meant


# --- By our names


def score(predicted: Sequence[Sequence[str]], meant: Sequence[Labels], *, first_only: bool) -> Scores:
    """The counts of each item that has labels."""
    rows = []
    for names, item in zip(predicted, meant, strict=True):
        if item:
            wanted = [set(label[:1] if first_only else label) for label in item]
            good = [any(name in label for label in wanted) for name in names]
            met = sum(not label.isdisjoint(names) for label in wanted)
            rows.append((sum(good), len(names), met, len(wanted), bool(good and good[0]), 1))
    return np.array(rows, dtype=float)


def measures(totals: Scores) -> Scores:
    """(..., 6) sums over items -> (..., 4): precision, recall, F1, top 1."""
    precision = totals[..., 0] / totals[..., 1]
    recall = totals[..., 2] / totals[..., 3]
    return np.stack(
        [precision, recall, 2 * precision * recall / (precision + recall), totals[..., 4] / totals[..., 5]], axis=-1
    )


@cache
def _samples(items: int) -> Scores:
    """How often each item is in each bootstrap sample: (SAMPLES, items)."""
    return np.random.default_rng(SEED).multinomial(items, np.full(items, 1 / items), SAMPLES).astype(float)


def interval(values: Scores) -> tuple[Scores, Scores]:
    """The 2.5% and 97.5% quantiles over the samples, the first axis."""
    low, high = np.quantile(values, [0.025, 0.975], axis=0)
    return low, high


def described(entry: Entry) -> str:
    """All that the lexicon says of an entry; a topic is described by its knowledge points too."""
    points = load_lexicon().points_of(entry.name) if entry.kind == "topic" else ()
    return " ; ".join(text for each in (entry, *points) for text in (*each.names, *each.cues))


def words() -> TfidfVectorizer:
    """Words and pairs of words."""
    return TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)


def characters() -> TfidfVectorizer:
    """Two to five characters within words."""
    return TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)


def nearest_entries(vectorizer: TfidfVectorizer, kind: EntryKind, split: Split) -> list[list[str]]:
    """For each item as many entries as were extracted, the nearest first."""
    entries = load_lexicon().of_kind(kind)
    vectorizer.fit([described(entry) for entry in entries])
    texts = vectorizer.transform([described(entry) for entry in entries])
    near = (vectorizer.transform(split.texts) @ texts.T).toarray()
    ranked = np.argsort(-near, axis=1, kind="stable")
    counts = [len(each[kind]) for each in split.extracted]
    return [[entries[i].name for i in row[:count]] for row, count in zip(ranked.tolist(), counts, strict=True)]


def learnt_entries(kind: EntryKind, train: Split, split: Split) -> list[list[str]]:
    """The same by a linear classifier that has seen the labels of the train split."""
    known = [
        (text, meant[0][0])
        for text, seed in zip(train.texts, train.seeds, strict=True)
        if (meant := labels(seed, kind))
    ]
    vectorizer = words().fit(train.texts)
    classifier = LinearSVC(random_state=0).fit(
        vectorizer.transform([text for text, _ in known]), [name for _, name in known]
    )
    near = classifier.decision_function(vectorizer.transform(split.texts))
    ranked = np.argsort(-near, axis=1, kind="stable")
    counts = [len(each[kind]) for each in split.extracted]
    return [
        [str(classifier.classes_[i]) for i in row[:count]] for row, count in zip(ranked.tolist(), counts, strict=True)
    ]


# --- By their names


def concepts_of(split: Split) -> list[str]:
    """What was extracted from each item as one text, a word for each concept."""
    return [" ".join(name.replace(" ", "_") for kind in KINDS for name in each[kind]) for each in split.extracted]


def by_neighbour(train: csr_matrix, test: csr_matrix, known: Sequence[Sequence[Route]]) -> list[list[Route]]:
    """The routes of the nearest train items; of equally near items those go first whose route is the commoner one."""
    frequent = Counter(item[0] for item in known)
    common = np.array([frequent[item[0]] for item in known])
    ranked = []
    for near in (test @ train.T).toarray():
        order = np.lexsort((-common, -np.round(near, 9))).tolist()
        ranked.append(list(islice(dict.fromkeys(route for i in order for route in known[i]), MOST)))
    return ranked


def by_classifier(train: csr_matrix, test: csr_matrix, known: Sequence[Sequence[Route]]) -> list[list[Route]]:
    """The routes by the margin of a linear classifier that learnt the first route of each train item."""
    found, targets = np.unique(["->".join(item[0]) for item in known], return_inverse=True)
    margins = LinearSVC(random_state=0).fit(train, targets).decision_function(test)
    order = np.argsort(-margins, axis=1, kind="stable")[:, :MOST]
    return [[tuple(str(found[i]).split("->")) for i in row] for row in order.tolist()]


def ranks(ranked: Sequence[Sequence[Route]], meant: Sequence[Sequence[Route]]) -> Scores:
    """(items, 2): whether a route of the item is the first one, and among the first five."""
    return np.array(
        [
            [any(route in each[:k] for route in item) for k in (1, MOST)]
            for each, item in zip(ranked, meant, strict=True)
        ],
        dtype=float,
    )


# --- Results


@cache
def by_our_names() -> dict[tuple[EntryKind, bool], dict[str, Scores]]:
    """(kind, first only) -> method -> counts of each test item."""
    train, test = splits()
    results: dict[tuple[EntryKind, bool], dict[str, Scores]] = {}
    for kind in KINDS:
        predicted = {
            TEACHER: [each[kind] for each in test.extracted],
            "TF-IDF, words": nearest_entries(words(), kind, test),
            "TF-IDF, characters": nearest_entries(characters(), kind, test),
            "LinearSVC, learnt from train labels": learnt_entries(kind, train, test),
        }
        meant = [labels(seed, kind) for seed in test.seeds]
        for first_only in (False, True):
            results[kind, first_only] = {
                method: score(names, meant, first_only=first_only) for method, names in predicted.items()
            }
    return results


@cache
def by_their_names() -> dict[str, Scores]:
    """Method -> hits of each test item at 1 and 5."""
    train, test = splits()
    known, meant = [routes(seed) for seed in train.seeds], [routes(seed) for seed in test.seeds]
    features: dict[str, tuple[csr_matrix, csr_matrix]] = {}
    for what, vectorizer, texts in (
        ("extracted concepts", TfidfVectorizer(token_pattern=r"\S+", lowercase=False), concepts_of),
        ("words", words(), lambda split: split.texts),
        ("characters", characters(), lambda split: split.texts),
    ):
        features[what] = vectorizer.fit_transform(texts(train)), vectorizer.transform(texts(test))
    both = [
        hstack([ours, theirs]).tocsr()
        for ours, theirs in zip(features["extracted concepts"], features["words"], strict=True)
    ]
    features["words and concepts"] = both[0], both[1]
    results = {f"nearest item, {what}": ranks(by_neighbour(*of, known), meant) for what, of in features.items()}
    results |= {
        f"LinearSVC, {what}": ranks(by_classifier(*of, known), meant)
        for what, of in features.items()
        if what != "characters"
    }
    return results


def bootstrap(scores: Scores) -> Scores:
    """(SAMPLES, 4): the measures of each sample."""
    return measures(_samples(len(scores)) @ scores)


def ahead(kind: EntryKind, method: str) -> tuple[float, float, float]:
    """The teacher's F1 less a method's, any meaning taken for right: measured, low and high end of the interval."""
    results = by_our_names()[kind, False]
    ours, theirs = results[TEACHER], results[method]
    low, high = interval(bootstrap(ours)[:, 2] - bootstrap(theirs)[:, 2])
    return float(measures(ours.sum(0))[2] - measures(theirs.sum(0))[2]), float(low), float(high)


def tables() -> Iterator[str]:
    """The tables of bench/results/tal_extraction.md."""
    _, test = splits()
    yield f"{machine()}\n\n{len(test.seeds):,} test items.\n"
    for (kind, first_only), methods in by_our_names().items():
        count = len(methods[TEACHER])
        share = f"{count:,} items ({count / len(test.seeds):.0%}) have a label with such a name"
        yield f"### {kind.replace('_', ' ')}s, {'first' if first_only else 'any'}: {share}\n"
        yield "| | precision | recall | F1 | top 1 |\n|---|---|---|---|---|"
        for method, scores in methods.items():
            yield _row(method, measures(scores.sum(0)), *interval(bootstrap(scores)))
        yield ""
    for kind in KINDS:
        for method in list(by_our_names()[kind, False])[1:]:
            difference, low, high = ahead(kind, method)
            kinds = f"{kind.replace('_', ' ')}s"
            yield f"- {kinds}, F1 less that of {method}: {difference:+.3f} ({low:+.3f} to {high:+.3f})"
    yield "\n### their routes\n\n| | R@1 | R@5 |\n|---|---|---|"
    for method, hits in by_their_names().items():
        yield _row(method, hits.mean(0), *interval(_samples(len(hits)) @ hits / len(hits)))


def _row(method: str, *figures: Scores) -> str:
    return (
        f"| {method} | "
        + " | ".join(f"{mid:.3f} ({low:.3f}-{high:.3f})" for mid, low, high in zip(*figures, strict=True))
        + " |"
    )


def check() -> list[Figure]:
    """F1 must be above that of plain TF-IDF for both kinds; the rest is told without a promise."""
    figures = []
    for kind in KINDS:
        for method, scores in by_our_names()[kind, False].items():
            precision, recall, f1, _ = measures(scores.sum(0)).tolist()
            for what, value in (("precision", precision), ("recall", recall), ("F1", f1)):
                figures.append(Figure(f"{kind.replace('_', ' ')}s, {method}: {what}", round(value, 3)))
            if method in PLAIN:
                _, low, _ = ahead(kind, method)
                figures.append(
                    Figure("the teacher's F1 less this, low end of the 95% interval", round(low, 3), ">=", 0)
                )
    for method, hits in by_their_names().items():
        figures.append(Figure(f"routes, {method}: R@1", round(float(hits[:, 0].mean()), 3)))
    return figures


if __name__ == "__main__":
    print(*tables(), sep="\n")
