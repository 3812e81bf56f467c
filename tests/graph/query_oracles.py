"""What every shipped query answers, worked out in plain Python over a `query_worlds.World`; rows in their order."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

from coverage_oracles import COVERAGE, POINT, pair_rows, percent, ranked
from query_worlds import Pair, Row, World

from graph.stores.schema import BASES

# One concept, or two


def concept_card(w: World, concept: str) -> list[Row]:
    uses = [w.uses(basis) for basis in BASES]
    return [(*w.show(c), w.count(c), len(w.neighbours(c)), *(u[c] for u in uses)) for c in w.named(concept)]


def use_of_concept(w: World, concept: str) -> list[Row]:
    found: defaultdict[Row, list[int]] = defaultdict(lambda: [0, 0, 0])
    for q in w.questions:
        for basis in BASES:
            for _ in q.uses[basis] & set(w.named(concept)):
                counts = found[q.run, q.level, basis]
                counts[:] = counts[0] + 1, counts[1] + bool(q.twin), counts[2] + (q.review == "reject")
    return [(*key, *counts) for key, counts in sorted(found.items())]


def used_with(w: World, concept: str, basis: str, run: str, level: str) -> list[Row]:
    used, together, seeds = w.pairs(basis, run, level), Counter[str](), Counter[str]()
    for c in w.named(concept):
        for pair, n in used.items():
            if c in pair:
                other = pair[pair[0] == c]
                together[other] += n
                seeds[other] += w.weight(*pair)
    return ranked([(*w.show(n), count, seeds[n]) for n, count in together.items()], 3)


def questions_of_concept(w: World, concept: str, basis: str, run: str, level: str) -> list[Row]:
    return sorted(q.row for q in w.asked(run, level) if q.uses[basis] & set(w.named(concept)))


def seeds_of_concept(w: World, concept: str) -> list[Row]:
    return sorted((s, *w.seeds[s]) for s, concepts in w.mentions.items() if concepts & set(w.named(concept)))


def ends(w: World, a: str, b: str) -> list[Pair]:
    return [(x, y) for x in w.named(a) for y in w.named(b) if x != y]


def seeds_of_pair(w: World, a: str, b: str) -> list[Row]:
    both = [set(pair) for pair in ends(w, a, b)]
    return sorted((s, *w.seeds[s]) for s, concepts in w.mentions.items() if any(pair <= concepts for pair in both))


def questions_of_pair(w: World, a: str, b: str, basis: str, run: str, level: str) -> list[Row]:
    both = [set(pair) for pair in ends(w, a, b)]
    return sorted(q.row for q in w.asked(run, level) if any(pair <= q.uses[basis] for pair in both))


# The shape of the graph


def orphans(w: World, kind: str) -> list[Row]:
    return ranked([(*w.show(c), w.count(c)) for c in w.of_kind(kind) if not w.neighbours(c)], 3)


def topics_without_points(w: World) -> list[Row]:
    lone = (t for t in w.of_kind("topic") if not any(w.kind(n) == POINT for n in w.neighbours(t)))
    return ranked([(*w.label(t), w.count(t)) for t in lone], 2)


def hubs(w: World, kind: str) -> list[Row]:
    joined = ((c, w.neighbours(c)) for c in w.of_kind(kind))
    return ranked([(*w.show(c), len(n), sum(n.values())) for c, n in joined if n], 3, 4)


def neighbours(w: World, concept: str) -> list[Row]:
    weights = Counter[str]()
    for named in w.named(concept):
        weights.update(w.neighbours(named))
    return ranked([(*w.show(n), weight, w.count(n)) for n, weight in weights.items()], 3)


def neighbourhood(w: World, concept: str, kind: str, hops: int) -> list[Row]:
    near: dict[str, int] = {}
    for origin in w.named(concept):
        for first in w.neighbours(origin):
            near[first] = 1
            for second in w.neighbours(first):
                if second != origin:
                    near.setdefault(second, 2)
    rows = [(*w.show(c), w.count(c), n) for c, n in near.items() if n <= hops and c in w.of_kind(kind)]
    return sorted(rows, key=lambda row: (row[4], -row[3], row[0]))


def shortest_path(w: World, **given: str) -> list[Row]:
    best = min((path for pair in ends(w, given["from"], given["to"]) for path in paths(w, *pair)), default=None)
    if best is None:
        return []
    _, ids = best
    return [(i, *w.show(c), w.weight(ids[i - 1], c) if i else 0) for i, c in enumerate(ids)]


def paths(w: World, a: str, b: str) -> Iterator[tuple[int, list[str]]]:
    """All shortest paths between two concepts, as length and ids."""
    found = [[a]]
    for _ in w.nodes:
        if done := [path for path in found if path[-1] == b]:
            yield from ((len(path), path) for path in done)
            return
        seen = {c for path in found for c in path}
        found = [[*path, n] for path in found for n in w.neighbours(path[-1]) if n not in seen]


# Quality and bookkeeping


def rejected_by_concept(w: World, basis: str, kind: str, run: str, level: str) -> list[Row]:
    reviewed, rejected = Counter[str](), Counter[str]()
    for q in w.asked(run, level):
        reviewed.update(q.uses[basis] if q.review else ())
        rejected.update(q.uses[basis] if q.review == "reject" else ())
    rows = [
        (*w.show(c), reviewed[c], rejected[c], percent(rejected[c], reviewed[c]))
        for c in w.of_kind(kind)
        if reviewed[c]
    ]
    return ranked(rows, 4, 5)


def reviews_by_run(w: World) -> list[Row]:
    rows = []
    for run, level in sorted({(q.run, q.level) for q in w.questions}):
        reviews = [q.review for q in w.asked(run, level)]
        reviewed, rejected = len(reviews) - reviews.count(""), reviews.count("reject")
        rows.append((run, level, len(reviews), reviewed, rejected, percent(rejected, reviewed)))
    return rows


def twins_by_concept(w: World, basis: str, kind: str, run: str, level: str) -> list[Row]:
    uses, twins = w.uses(basis, run, level), Counter(c for q in w.asked(run, level) if q.twin for c in q.uses[basis])
    return ranked(
        [(*w.show(c), uses[c], twins[c], percent(twins[c], uses[c])) for c in w.of_kind(kind) if twins[c]], 4, 5
    )


def twins(w: World, run: str, level: str) -> list[Row]:
    run_of = {q.id: q.run for q in w.questions}
    found = Counter(q.twin for q in w.asked(run, level) if q.twin)
    return ranked([(first, run_of[first], n) for first, n in found.items()], 2)


def questions_by_run(w: World, run: str, level: str) -> list[Row]:
    rows = []
    for at in sorted({(q.run, q.level, basis) for q in w.asked(run, level) for basis in BASES if q.uses[basis]}):
        kinds = [{w.kind(c) for c in q.uses[at[2]]} for q in w.asked(*at[:2]) if q.uses[at[2]]]
        rows.append((*at, len(kinds), *(sum(k in used for used in kinds) for k in ("topic", POINT, "skill"))))
    return rows


def bare_questions(w: World, basis: str) -> list[Row]:
    rows = []
    for run, level in sorted({(q.run, q.level) for q in w.questions}):
        bare = [not q.uses[basis] for q in w.asked(run, level)]
        rows.append((run, level, len(bare), sum(bare), percent(sum(bare), len(bare))))
    return rows


def asked_not_found(w: World, against: str, kind: str, run: str, level: str) -> list[Row]:
    asked, missed = Counter[str](), Counter[str]()
    for q in w.asked(run, level):
        if q.uses[against]:
            asked.update(q.uses["asked"])
            missed.update(q.uses["asked"] - q.uses[against])
    rows = [(*w.show(c), asked[c], missed[c], percent(missed[c], asked[c])) for c in w.of_kind(kind) if missed[c]]
    return ranked(rows, 4, 5)


ORACLES: dict[str, Callable[..., list[Row]]] = {
    **COVERAGE,
    **{
        answer.__name__.replace("_", "-"): answer
        for answer in (
            *(concept_card, use_of_concept, used_with, questions_of_concept, seeds_of_concept, seeds_of_pair),
            *(questions_of_pair, orphans, topics_without_points, hubs, neighbours, neighbourhood, shortest_path),
            *(rejected_by_concept, reviews_by_run, twins_by_concept, twins, questions_by_run, bare_questions),
            asked_not_found,
        )
    },
    "strongest-edges": lambda w: pair_rows(w, w.edges.items()),
}
