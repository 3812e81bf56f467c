"""What the shipped queries of coverage answer, in plain Python: of many concepts, or of many pairs.

The other ones stand in `query_oracles`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from fractions import Fraction
from math import floor

from query_worlds import Pair, Row, World

BANDS = ((0, "0"), (1, "1"), (9, "2-9"), (99, "10-99"), (999, "100-999"), (10**9, "1000 and more"))
POINT = "knowledge_point"


def rounded(part: int, whole: int, digits: int = 2) -> float:
    """A quotient, a half rounded up; 0 of nothing."""
    return floor(Fraction(part, whole) * 10**digits + Fraction(1, 2)) / 10**digits if whole else 0.0


def percent(part: int, whole: int) -> float:
    return rounded(100 * part, whole)


def ranked(rows: Iterable[Row], *by: int, ids: tuple[int, ...] = (0,)) -> list[Row]:
    """The largest first, in each of these columns, then by ids."""
    return sorted(rows, key=lambda row: (*(-row[column] for column in by), *(row[i] for i in ids)))


# Concepts


def concepts_by_use(w: World, basis: str, kind: str, run: str, level: str) -> list[Row]:
    uses = w.uses(basis, run, level)
    return ranked([(*w.show(c), w.count(c), uses[c]) for c in w.of_kind(kind)], 4)


def uncovered_concepts(w: World, basis: str, kind: str, run: str, level: str) -> list[Row]:
    uses = w.uses(basis, run, level)
    return ranked([(*w.show(c), w.count(c)) for c in w.of_kind(kind) if not uses[c]], 3)


def coverage_by_kind(w: World, basis: str, run: str, level: str) -> list[Row]:
    uses = w.uses(basis, run, level)
    rows = []
    for kind in sorted({w.kind(c) for c in w.nodes}):
        used = [uses[c] > 0 for c in w.of_kind(kind)]
        rows.append((kind, len(used), sum(used), len(used) - sum(used), percent(sum(used), len(used))))
    return rows


def coverage_by_topic(w: World, basis: str, run: str, level: str) -> list[Row]:
    uses, rows = w.uses(basis, run, level), []
    for topic in w.of_kind("topic"):
        used = [uses[p] > 0 for p in w.neighbours(topic) if w.kind(p) == POINT]
        rows.append((*w.label(topic), len(used), sum(used), percent(sum(used), len(used))))
    return sorted(rows, key=lambda row: (row[4], -row[2], row[0]))


def points_of_topic(w: World, topic: str, basis: str, run: str, level: str) -> list[Row]:
    uses, together = w.uses(basis, run, level), Counter[str]()
    for named in w.named(topic):
        if w.kind(named) == "topic":
            together.update({p: n for p, n in w.neighbours(named).items() if w.kind(p) == POINT})
    rows = [(*w.label(p), n, uses[p]) for p, n in together.items()]
    return sorted(rows, key=lambda row: (row[3], -row[2], row[0]))


def coverage_by_level(w: World, basis: str, run: str) -> list[Row]:
    members = ((q.id, q.level, q.uses[basis]) for q in w.asked(run))
    return by_level(w, members)


def seeds_by_level(w: World) -> list[Row]:
    return [row[:4] for row in by_level(w, ((s, w.seeds[s][0], used) for s, used in w.mentions.items()))]


def by_level(w: World, members: Iterable[tuple[str, str, Iterable[str]]]) -> list[Row]:
    """(level, kind, members, different concepts, uses), sorted."""
    found = defaultdict(list)
    for member, level, concepts in members:
        for concept in concepts:
            found[level, w.kind(concept)].append((member, concept))
    return [(*key, len({m for m, _ in v}), len({c for _, c in v}), len(v)) for key, v in sorted(found.items())]


def coverage_by_run(w: World, basis: str, kind: str, level: str) -> list[Row]:
    used = defaultdict(set)
    for question in w.asked(level=level):
        for concept in question.uses[basis] & set(w.of_kind(kind)):
            used[question.run].add(concept)
    rows = []
    for run, mine in sorted(used.items()):
        lone = mine.difference(*(others for other, others in used.items() if other != run))
        rows.append((run, len(mine), len(lone), percent(len(lone), len(mine))))
    return rows


def coverage_by(place: int) -> Callable[..., list[Row]]:
    """By the subject or the source of seeds."""

    def answer(w: World, basis: str, kind: str, run: str, level: str) -> list[Row]:
        uses, mentioned = w.uses(basis, run, level), defaultdict(set)
        for seed, concepts in w.mentions.items():
            mentioned[w.seeds[seed][place]] |= concepts & set(w.of_kind(kind))
        rows = []
        for what, concepts in mentioned.items():
            covered = sum(uses[c] > 0 for c in concepts)
            if concepts:
                rows.append((what, len(concepts), covered, percent(covered, len(concepts))))
        return sorted(rows, key=lambda row: (row[3], -row[1], row[0]))

    return answer


def topic_by_level(w: World, basis: str, run: str) -> list[Row]:
    used = [q for q in w.asked(run) if q.uses[basis]]
    rows = []
    for topic in w.of_kind("topic"):
        by_level = Counter(q.level for q in used if topic in q.uses[basis])
        rows += [(*w.label(topic), level, by_level[level], by_level.total()) for level in {q.level for q in used}]
    return ranked(rows, 4, ids=(0, 2))


def level_gaps(w: World, basis: str, kind: str, run: str, level: str) -> list[Row]:
    uses = w.uses(basis, run)
    seeds = Counter((c, w.seeds[s][0]) for s, concepts in w.mentions.items() for c in concepts)
    return ranked(
        (
            (*w.show(c), at, n, uses[c])
            for (c, at), n in seeds.items()
            if at and level in ("any", at) and c in w.of_kind(kind) and not w.uses(basis, run, at)[c]
        ),
        4,
        ids=(0, 3),
    )


def thin_concepts(w: World, basis: str, kind: str, run: str, level: str, seeds: int) -> list[Row]:
    uses = w.uses(basis, run, level)
    rows = [(*w.show(c), w.count(c), uses[c], rounded(uses[c], w.count(c))) for c in w.of_kind(kind)]
    return sorted((row for row in rows if row[3] >= seeds), key=lambda row: (row[5], -row[3], row[0]))


def share_against_seeds(w: World, basis: str, kind: str, run: str, level: str) -> list[Row]:
    uses, questions = w.uses(basis, run, level), sum(bool(q.uses[basis]) for q in w.asked(run, level))
    if not questions:
        return []
    shares = ((c, percent(w.count(c), len(w.seeds)), percent(uses[c], questions)) for c in w.of_kind(kind))
    return largest_change((*w.show(c), seeds, used, round(used - seeds, 2)) for c, seeds, used in shares)


def drift(w: World, run_a: str, run_b: str, basis: str, kind: str, level: str) -> list[Row]:
    used = [w.uses(basis, run, level) for run in (run_a, run_b)]
    of_all = [sum(bool(q.uses[basis]) for q in w.asked(run, level)) for run in (run_a, run_b)]
    if not all(of_all):
        return []
    rows = []
    for c in w.of_kind(kind):
        a, b = (percent(uses[c], whole) for uses, whole in zip(used, of_all, strict=True))
        if used[0][c] or used[1][c]:
            rows.append((*w.show(c), used[0][c], used[1][c], a, b, round(b - a, 2)))
    return largest_change(rows)


def largest_change(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (-abs(row[-1]), row[0]))


def concentration(w: World, basis: str, kind: str, run: str, level: str) -> list[Row]:
    uses, bands = w.uses(basis, run, level), defaultdict(list)
    for c in w.of_kind(kind):
        bands[next(name for most, name in BANDS if uses[c] <= most)].append(uses[c])
    return sorted(((name, len(v), sum(v), min(v)) for name, v in bands.items()), key=lambda row: row[-1])


def skew(w: World, basis: str, run: str, level: str) -> list[Row]:
    uses, rows = w.uses(basis, run, level), []
    for kind in sorted({w.kind(c) for c in w.nodes}):
        each = sorted((uses[c] for c in w.of_kind(kind)), reverse=True)
        n, total = len(each), sum(each)
        tops = (percent(sum(each[: -(-n // part)]), total) for part in (100, 10))
        differences = sum(abs(x - y) for x in each for y in each)  # the Gini index as it is defined
        rows.append((kind, n, total, each[0], *tops, rounded(differences, 2 * n * total, 4)))
    return rows


# Pairs


def pair_rows(w: World, pairs: Iterable[tuple[Pair, int]]) -> list[Row]:
    return ranked(((*w.label(*pair), n) for pair, n in pairs), 4, ids=(0, 2))


def coverage_of_pairs(w: World, basis: str) -> list[Row]:
    used, found = w.pairs(basis), defaultdict(list)
    for a, b in w.edges:
        found[" - ".join(sorted([w.kind(a), w.kind(b)]))].append(used[a, b] > 0)
    return [(kinds, len(v), sum(v), percent(sum(v), len(v))) for kinds, v in sorted(found.items())]


def thin_pairs(w: World, basis: str, seeds: int) -> list[Row]:
    used = w.pairs(basis)
    rows = [(*w.label(*p), n, used[p], rounded(used[p], n)) for p, n in w.edges.items() if n >= seeds]
    return sorted(rows, key=lambda row: (row[6], -row[4], row[0], row[2]))


def top_pairs(w: World, basis: str, kind: str, run: str, level: str) -> list[Row]:
    pairs = w.pairs(basis, run, level).items()
    rows = ((*w.label(*p), n, w.weight(*p)) for p, n in pairs if kind == "any" or {kind} == set(map(w.kind, p)))
    return ranked(rows, 4, ids=(0, 2))


def skills_together(w: World, basis: str, run: str, level: str) -> list[Row]:
    uses = w.uses(basis, run, level)
    together = top_pairs(w, basis, "skill", run, level)
    return [(*row, percent(row[4], uses[row[0]] + uses[row[2]] - row[4])) for row in together]


def seed_pairs_not_generated(w: World, basis: str, run: str, level: str) -> list[Row]:
    used = w.pairs(basis, run, level)
    return pair_rows(w, ((pair, n) for pair, n in w.edges.items() if not used[pair]))


def generated_pairs_not_in_seeds(w: World, basis: str, run: str, level: str) -> list[Row]:
    return pair_rows(w, ((pair, n) for pair, n in w.pairs(basis, run, level).items() if pair not in w.edges))


# Of the first questions


def growth(w: World, basis: str) -> list[Row]:
    every = len(w.questions)
    rows = []
    for n in sorted({round(10 ** (step / 12)) for step in range(12 * len(str(every)))} | {every}):
        if 0 < n <= every:
            used = [question.uses[basis] for question in w.questions[:n]]
            pairs = [pair for pair in w.edges if any(set(pair) <= of for of in used)]
            rows.append((n, len(frozenset().union(*used)), len(pairs)))
    return rows


COVERAGE: dict[str, Callable[..., list[Row]]] = {
    answer.__name__.replace("_", "-"): answer
    for answer in (
        *(concepts_by_use, uncovered_concepts, coverage_by_kind, coverage_by_topic, points_of_topic),
        *(coverage_by_level, seeds_by_level, coverage_by_run, topic_by_level, level_gaps, thin_concepts),
        *(share_against_seeds, drift, concentration, skew, coverage_of_pairs, thin_pairs, top_pairs, skills_together),
        *(seed_pairs_not_generated, generated_pairs_not_in_seeds, growth),
    )
} | {
    "coverage-by-subject": coverage_by(1),
    "coverage-by-source": coverage_by(2),
}
