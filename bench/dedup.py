"""Whether names that mean the same come together, and others do not: the labelled pairs of data/concept-pairs.jsonl.

    python -m bench dedup                           our embedding model
    python -m bench dedup --model NAME_OR_PATH      any sentence-transformers model; promises are of ours alone

All names of a half are clustered, kinds apart; a labelled pair counts as found where its two names share a cluster.
Precision, recall and F1 are over pairs, B-cubed over names. Every threshold of a rival is the one of the best F1 on the
tune half; ours are the defaults, which look for precision, and beside them the same pipeline at its own best F1. Only
the test half is reported. Guards and groups of contrasts were chosen with the tune half alone; but whoever wrote them
wrote the pairs as well, so a stranger's names would fare somewhat worse.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import orjson
from numpy.typing import NDArray
from sklearn.cluster import AgglomerativeClustering
from sklearn.feature_extraction.text import TfidfVectorizer

from bench.figures import Figure
from engine.workspace import data_path
from graph.build import GraphSettings
from graph.concept import KINDS
from graph.embedding import Embedder, default_embedder, open_embedder
from graph.merging.aliases import AliasTable
from graph.merging.candidates import similar_pairs
from graph.merging.decisions import decide, pair_of
from graph.merging.domains import INSTRUCT, load_domain
from graph.merging.grey import grey_pairs
from graph.merging.guards import Guards

THRESHOLDS = tuple(round(0.3 + 0.02 * step, 2) for step in range(36))
Clusters = dict[str, int]
"""Name -> the number of its cluster."""
Clusterer = Callable[[str, Sequence[str]], Clusters]
"""(kind, names) -> clusters."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two names of one kind, and whether they mean the same."""

    kind: str
    half: str
    one: str
    other: str
    same: bool
    in_lexicon: bool
    """Either name stands in the lexicon, as a name or an alias."""


@dataclass(frozen=True, slots=True)
class Half:
    """The pairs of a half, and the concept of each of its names by kind."""

    pairs: Sequence[Pair]
    concepts: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Quality:
    """How well a clustering fits the labels."""

    precision: float
    recall: float
    f1: float
    bcubed_precision: float
    bcubed_recall: float
    bcubed_f1: float

    @classmethod
    def of(cls, half: Half, by_kind: Mapping[str, Clusters], pairs: Iterable[Pair] | None = None) -> Quality:
        """Of the pairs, all unless some are given, and of all names."""
        pairs = half.pairs if pairs is None else pairs
        found = [(by_kind[p.kind][p.one] == by_kind[p.kind][p.other], p.same) for p in pairs]
        hits = sum(together and same for together, same in found)
        precision = hits / max(sum(together for together, _ in found), 1) if any(t for t, _ in found) else 1.0
        recall = hits / max(sum(same for _, same in found), 1)
        b_precision, b_recall = _bcubed(half, by_kind)
        return cls(
            precision, recall, _f1(precision, recall), b_precision, b_recall, _f1(b_precision, b_recall)
        )  # fmt: skip


def read_half(which: str) -> Half:
    """The `tune` or the `test` half."""
    rows = [orjson.loads(line) for line in data_path("concept-pairs.jsonl").read_bytes().splitlines()]
    rows = [row for row in rows if row["half"] == which]
    concepts: dict[str, dict[str, str]] = {kind: {} for kind in KINDS}
    for row in rows:
        for name in ("one", "other"):
            concepts[row["kind"]][row[name]] = row[f"{name}_concept"]
    pairs = [Pair(r["kind"], which, r["one"], r["other"], r["same"], any(r["in_lexicon"])) for r in rows]
    return Half(pairs, concepts)


def clustered(half: Half, clusterer: Clusterer) -> dict[str, Clusters]:
    """All names of the half, kinds apart, sorted as they come to the clusterer."""
    return {kind: clusterer(kind, sorted(names)) for kind, names in half.concepts.items() if names}


def ours(
    embedder: Embedder,
    judge: Callable[[str, str, str], bool | None] | None = None,
    threshold: float = GraphSettings().threshold,
) -> Clusterer:
    """The whole pipeline with its defaults; with a judge of (kind, name, name) also the grey band."""
    domains, settings = {"skill": load_domain(INSTRUCT)}, GraphSettings()

    def cluster(kind: str, names: Sequence[str]) -> Clusters:
        domain = domains.get(kind) or load_domain(settings.domain)
        parts = {"embedder": embedder, "aliases": AliasTable(domain.aliases), "guards": Guards(domain.contrasts)}
        counts, judged = dict.fromkeys(names, 1), {}
        if judge is not None:
            first = decide(kind, counts, threshold=threshold, **parts)  # type: ignore[arg-type]
            for grey in grey_pairs(first, floor=settings.judge_from, most=settings.judge_most, **parts):  # type: ignore[arg-type]
                if judge(kind, grey.one, grey.other):
                    judged[pair_of(grey.one, grey.other)] = "judge"
        table = decide(kind, counts, threshold=threshold, judged=judged, **parts)  # type: ignore[arg-type]
        number = {into: place for place, into in enumerate(dict.fromkeys(row.into for row in table))}
        return {row.name: number[row.into] for row in table}

    return cluster


def by_cosine(vectors_of: Callable[[Sequence[str]], NDArray[np.float32]], threshold: float) -> Clusterer:
    """Names as near as the threshold are one, and what they lead to."""

    def cluster(_: str, names: Sequence[str]) -> Clusters:
        root = list(range(len(names)))
        for i, j, _score in similar_pairs(vectors_of(names), threshold):
            low, high = sorted((_top(root, i), _top(root, j)))
            root[high] = low
        return {name: _top(root, place) for place, name in enumerate(names)}

    return cluster


def agglomerative(embedder: Embedder, threshold: float) -> Clusterer:
    """scikit-learn's agglomerative clustering: complete linkage, cosine distance."""

    def cluster(_: str, names: Sequence[str]) -> Clusters:
        model = AgglomerativeClustering(
            n_clusters=None, metric="cosine", linkage="complete", distance_threshold=1 - threshold + 1e-9
        )
        return dict(zip(names, model.fit_predict(embedder.encode(names)).tolist(), strict=True))

    return cluster


def exact(_: str, names: Sequence[str]) -> Clusters:
    """The paper's rule: names that are written alike are one (its minimum count then drops the rare ones)."""
    return {name: place for place, name in enumerate(names)}


def char_tfidf(names: Sequence[str]) -> NDArray[np.float32]:
    """TF-IDF of 2 to 5 characters within words, at length 1."""
    rows = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True).fit_transform(names)
    return np.asarray(rows.todense(), dtype=np.float32)


def best_threshold(make: Callable[[float], Clusterer], tune: Half) -> float:
    """The threshold of the best F1 on the tune half, of equals the highest."""
    return max(reversed(THRESHOLDS), key=lambda t: Quality.of(tune, clustered(tune, make(t))).f1)


def measured(embedder: Embedder) -> dict[str, tuple[str, Quality, Quality]]:
    """Method -> its threshold, its quality on the test half, and that over pairs without a name of the lexicon."""
    tune, test = read_half("tune"), read_half("test")
    strange = [pair for pair in test.pairs if not pair.in_lexicon]
    found: dict[str, tuple[str, Quality, Quality]] = {}

    def measure(method: str, threshold: str, clusterer: Clusterer) -> None:
        clusters = clustered(test, clusterer)
        found[method] = (threshold, Quality.of(test, clusters), Quality.of(test, clusters, strange))

    measure("ours", "defaults", ours(embedder))
    measure("ours, judged", "defaults", ours(embedder, _offline_judge()))
    rivals: dict[str, Callable[[float], Clusterer]] = {
        "ours at the best F1": lambda t: ours(embedder, threshold=t),
        "plain cosine": lambda t: by_cosine(embedder.encode, t),
        "agglomerative": lambda t: agglomerative(embedder, t),
        "TF-IDF of characters": lambda t: by_cosine(char_tfidf, t),
    }
    for name, make in rivals.items():
        threshold = best_threshold(make, tune)
        measure(name, f"{threshold:.2f}", make(threshold))
    default = GraphSettings().threshold
    measure("plain cosine at our threshold", f"{default:.2f}", by_cosine(embedder.encode, default))
    measure("exact match", "", exact)
    return found


def check() -> list[Figure]:
    """The figures of the test half; for our own model with what is promised."""
    name = _asked_model()
    embedder = open_embedder(name) if name else default_embedder()
    found = measured(embedder)
    promised = not name
    figures = []
    for method, (threshold, quality, strange) in found.items():
        head = f"{method} ({threshold})" if threshold else method
        for what in Quality.__dataclass_fields__:
            bound, promise = PROMISES.get((method, what), ("", 0.0)) if promised else ("", 0.0)
            figures.append(Figure(f"{head}: {what}", getattr(quality, what), bound, promise))
        figures.append(Figure(f"{head}: f1 of names that the lexicon does not have", strange.f1))
    if promised:
        rivals = [found[rival][1] for rival in ("plain cosine", "agglomerative", "TF-IDF of characters")]
        for method in ("ours at the best F1", "ours, judged"):
            best = max(quality.f1 for quality in rivals)
            figures.append(Figure(f"{method}: F1 over the best rival's", found[method][1].f1 / best, ">=", 1.05))
        best = max(quality.bcubed_f1 for quality in rivals)
        figures.append(Figure("ours: B-cubed F1 over the best rival's", found["ours"][1].bcubed_f1 / best, ">=", 1.0))
    return figures


PROMISES: Mapping[tuple[str, str], tuple[str, float]] = {
    ("ours", "precision"): (">=", 0.9),
    ("ours", "recall"): (">=", 0.4),
    ("ours", "bcubed_precision"): (">=", 0.98),
    ("ours, judged", "precision"): (">=", 0.88),
    ("ours, judged", "f1"): (">=", 0.65),
}
"""Of our own model, on the test half."""


def _asked_model() -> str | None:
    return sys.argv[sys.argv.index("--model") + 1] if "--model" in sys.argv[:-1] else None


def _offline_judge() -> Callable[[str, str, str], bool | None]:
    from teacher.judging import same_concept
    from teacher.recognition import Recogniser

    recogniser = Recogniser()
    return lambda kind, one, other: same_concept(recogniser, kind, one, other)


def _bcubed(half: Half, by_kind: Mapping[str, Clusters]) -> tuple[float, float]:
    precisions, recalls = [], []
    for kind, clusters in by_kind.items():
        concepts = half.concepts[kind]
        members: dict[int, list[str]] = {}
        owners: dict[str, list[str]] = {}
        for name, cluster in clusters.items():
            members.setdefault(cluster, []).append(name)
            owners.setdefault(concepts[name], []).append(name)
        for name, cluster in clusters.items():
            together, same = members[cluster], owners[concepts[name]]
            both = sum(concepts[other] == concepts[name] for other in together)
            precisions.append(both / len(together))
            recalls.append(both / len(same))
    return float(np.mean(precisions)), float(np.mean(recalls))


def _top(root: list[int], place: int) -> int:
    while root[place] != place:
        place = root[place]
    return place


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
