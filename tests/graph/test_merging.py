"""Which names become one concept: spelling, aliases, embeddings under guards; and what holds whatever the names are."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import InputError
from graph.concept import concept_id
from graph.merging.aliases import AliasTable, aliases_of
from graph.merging.candidates import similar_pairs
from graph.merging.decisions import Decision, decide
from graph.merging.guards import Guards
from graph.merging.linkage import complete_linkage
from graph.merging.normalise import clean, normalise

CONTRASTS = [["sine", "cosine", "tangent"], ["permutation", "combination"], ["greatest common", "least common"]]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Linear equations", "linear  Equation."),
        ("Pascal's triangle", "pascal triangles"),
        ("area of the circle \\( C \\)", "Areas of the circle $C$"),
        ("two-digit numbers", "Two digit number"),
        ("Matrices", "matrix"),
        ("ﬁnding areas", "Finding Area"),
        ("ratios & proportions", "Ratio, proportion"),
    ],
)
def test_names_that_differ_in_spelling_only_have_one_key(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("y = x + 1", "y = x - 1"), ("1.5", "15"), ("x^2", "x2"), ("n!", "n"), ("-3", "3"), ("1/2", "12"), ("<", ">")],
)
def test_what_carries_mathematics_stays_in_the_key(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


@given(st.text(max_size=30))
def test_a_key_is_blank_only_for_a_blank_name_and_heeds_no_case_of_ascii(name: str) -> None:
    assert bool(normalise(name)) == bool(clean(name))
    if name.isascii():
        assert normalise(name.upper()) == normalise(name.lower())


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ("law of sines", "law of cosines", "contrast"),
        ("sine and cosine", "sine", "contrast"),
        ("greatest common factors", "least common factor", "contrast"),
        ("2-digit addition", "3-digit addition", "number"),
        ("two-digit addition", "2-digit addition", None),
        ("first derivative", "derivative", "number"),
        ("21st term", "21 term", None),
        ("rational numbers", "irrational number", "negation"),
        ("sampling with replacement", "sampling without replacement", "negation"),
        ("integral", "integrals", None),
        ("sine rule", "law of sines", None),
        ("tangent", "permutation", None),
    ],
)
def test_guards(one: str, other: str, why: str | None) -> None:
    guards = Guards(CONTRASTS)
    assert guards.apart(one, other) == why
    assert guards.apart(other, one) == why


def test_aliases_follow_on_and_refuse_circles_and_double_meanings() -> None:
    table = AliasTable(aliases_of([("topic", "Order of operations", ["PEMDAS", "BODMAS"]), ("topic", "B", ["A"])]))
    assert {table.group("topic", normalise(name)) for name in ("pemdas", "Bodmas")} == {"order of operation"}
    assert table.group("skill", normalise("pemdas")) == normalise("pemdas")
    chain = AliasTable({("topic", "a"): "b", ("topic", "b"): "c"})
    assert chain.group("topic", "a") == "c"
    with pytest.raises(InputError, match="circle"):
        AliasTable({("topic", "a"): "b", ("topic", "b"): "a"})
    with pytest.raises(InputError, match="stands for two"):
        AliasTable({("topic", "sets"): "b", ("topic", "Set"): "c"})


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(0, 1000), st.sampled_from([0.2, 0.5, 0.9]))
def test_similar_pairs_are_those_of_the_plain_double_loop(n: int, seed: int, threshold: float) -> None:
    vectors = np.random.default_rng(seed).normal(size=(n, 4)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    found = {(i, j) for i, j, _ in similar_pairs(vectors, threshold)}
    cosines = vectors.astype(float) @ vectors.T.astype(float)
    clear = np.abs(cosines - threshold) > 1e-4
    wanted = {(i, j) for i in range(n) for j in range(i + 1, n) if cosines[i, j] >= threshold and clear[i, j]}
    assert wanted <= found
    assert all(cosines[i, j] >= threshold - 1e-4 for i, j in found)


_pair_lists = st.integers(2, 9).flatmap(
    lambda n: st.tuples(
        st.just(n),
        st.dictionaries(
            st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda ij: ij[0] < ij[1]),
            st.sampled_from([0.86, 0.9, 0.93, 0.97]),
        ),
    )
)


@given(_pair_lists, st.randoms())
def test_complete_linkage_joins_no_chain_and_leaves_nothing_that_could_be_joined(
    given_pairs: tuple[int, dict[tuple[int, int], float]], random: Random
) -> None:
    n, near = given_pairs
    pairs = [(i, j, similarity) for (i, j), similarity in near.items()]
    root = complete_linkage(n, pairs)
    clusters = [[m for m in range(n) if root[m] == r] for r in sorted(set(root))]
    assert all(min(cluster) == root[cluster[0]] for cluster in clusters)
    assert all((i, j) in near for cluster in clusters for i in cluster for j in cluster if i < j)
    for one in clusters:
        for other in clusters:
            if one != other:
                assert not all((min(i, j), max(i, j)) in near for i in one for j in other)
    random.shuffle(pairs)
    assert complete_linkage(n, pairs) == root


def test_complete_linkage_is_that_of_scipy() -> None:
    """On random points: cut at the same distance, scipy's complete linkage gives the same clusters."""
    hierarchy = pytest.importorskip("scipy.cluster.hierarchy")
    distance = pytest.importorskip("scipy.spatial.distance")
    for seed in range(20):
        points = np.random.default_rng(seed).random((30, 3))
        apart = distance.squareform(distance.pdist(points))
        theirs = hierarchy.fcluster(hierarchy.linkage(distance.pdist(points), "complete"), 0.4, "distance")
        close = [(i, j, 1 - apart[i, j]) for i in range(30) for j in range(i + 1, 30) if apart[i, j] <= 0.4]
        ours = complete_linkage(30, close)
        same = [[ours[i] == ours[j] for j in range(30)] for i in range(30)]
        assert same == [[bool(theirs[i] == theirs[j]) for j in range(30)] for i in range(30)]


def _decide(embedder: Any, names: dict[str, int] | list[str], **options: Any) -> dict[str, Decision]:
    counts = names if isinstance(names, dict) else dict.fromkeys(names, 1)
    aliases = AliasTable(options.pop("aliases", {}))
    guards = Guards(options.pop("contrasts", CONTRASTS))
    given_options = {"threshold": 0.85, **options}
    decisions = decide("topic", counts, embedder=embedder, aliases=aliases, guards=guards, **given_options)
    assert [decision.name for decision in decisions] == list(counts)
    return {decision.name: decision for decision in decisions}


def test_every_rule_is_named_in_the_table(plain_embedder: Callable[..., Any]) -> None:
    embedder = plain_embedder(near={"fraction": [1, 0], "vulgar fraction": [0.9, 0.43589], "PEMDAS": [0, 0, 1]})
    table = _decide(
        embedder,
        {"fraction": 2, "Fractions": 1, "vulgar fraction": 1, "PEMDAS": 3, "order of operations": 1},
        aliases={("topic", "PEMDAS"): "order of operations"},
    )
    rules = {name: (decision.rule, decision.into_name, decision.score) for name, decision in table.items()}
    assert rules == {
        "fraction": ("first", "fraction", None),
        "Fractions": ("normalised", "fraction", None),
        "vulgar fraction": ("embedding", "fraction", pytest.approx(0.9, abs=1e-4)),
        "PEMDAS": ("first", "PEMDAS", None),
        "order of operations": ("alias", "PEMDAS", None),
    }
    assert table["Fractions"].id == concept_id("topic", "Fractions")
    assert table["Fractions"].into == concept_id("topic", "fraction")


def test_two_concepts_of_the_alias_table_stay_two_however_near(plain_embedder: Callable[..., Any]) -> None:
    names = ["ring", "annulus", "loop", "cycle"]
    near = plain_embedder(near={name: [1.0] for name in names})
    aliases = aliases_of([("topic", "ring", ["annulus"]), ("topic", "loop", [])])
    table = _decide(near, names, aliases=aliases)
    assert {name: (d.rule, d.into_name) for name, d in table.items()} == {
        "ring": ("first", "ring"),
        "annulus": ("alias", "ring"),
        "loop": ("first", "loop"),
        "cycle": ("embedding", "loop"),  # of equal scores the first in the alphabet
    }


def test_a_chain_of_near_names_does_not_run_together(plain_embedder: Callable[..., Any]) -> None:
    chain = {name: [np.cos(0.5 * place), np.sin(0.5 * place)] for place, name in enumerate("abcd")}
    table = _decide(plain_embedder(near=chain), list("abcd"))
    assert [table[name].into_name for name in "abcd"] == ["a", "a", "c", "c"]


def test_a_guard_holds_against_equal_vectors_and_for_every_name_of_a_group(plain_embedder: Callable[..., Any]) -> None:
    names = ["sine rule", "cosine rule", "ratio", "ratios of 3"]
    table = _decide(plain_embedder(near={name: [1.0] for name in names}), names)
    assert [decision.rule for decision in table.values()] == ["first"] * 2 + ["embedding", "first"]
    assert table["ratio"].into_name == "cosine rule"  # of equal scores the first in the alphabet
    joined = _decide(
        plain_embedder(near={name: [1.0] for name in [*names, "trigonometry"]}),
        {"trigonometry": 5, "sine rule": 1, "cosine rule": 9},
        aliases={("topic", "trigonometry"): "sine rule"},
    )
    assert joined["cosine rule"].rule == "first"


_WORDS = ["sine", "cosine", "rule", "Rules", "2-digit", "3-digit", "sum", "without", "equal", "unequal", "area", "x"]
_names = st.lists(st.sampled_from(_WORDS), min_size=1, max_size=3).map(" ".join)
_counts = st.dictionaries(_names, st.integers(1, 4), min_size=1, max_size=14)


@settings(deadline=None, max_examples=150)
@given(_counts, st.randoms(), st.sampled_from([0.3, 0.6, 0.85]))
def test_order_of_sight_decides_only_which_name_leads(
    plain_embedder: Callable[..., Any], counts: dict[str, int], random: Random, threshold: float
) -> None:
    def clusters(table: dict[str, Decision]) -> set[frozenset[str]]:
        return {frozenset(n for n in table if table[n].into == d.into) for d in table.values()}

    shuffled = list(counts.items())
    random.shuffle(shuffled)
    aliases = {("topic", "area sum"): "sum"}
    one = _decide(plain_embedder(), counts, threshold=threshold, aliases=aliases)
    other = _decide(plain_embedder(), dict(shuffled), threshold=threshold, aliases=aliases)
    assert clusters(one) == clusters(other)
    for name, decision in other.items():
        first = next(n for n, _ in shuffled if other[n].into == decision.into)
        assert decision.into == concept_id("topic", first)
        assert (decision.rule == "first") == (name == first)


@settings(deadline=None, max_examples=150)
@given(_counts)
def test_guards_hold_between_any_two_names_that_embeddings_joined(
    plain_embedder: Callable[..., Any], counts: dict[str, int]
) -> None:
    class Same:
        name, digest, dimension = "same", "b2:same", 2

        def encode(self, texts: list[str]) -> Any:
            return np.tile(np.array([1, 0], np.float32), (len(texts), 1))

    guards = Guards(CONTRASTS)
    table = _decide(Same(), counts)
    for one in table.values():
        for other in table.values():
            if one.into == other.into:
                assert guards.apart(one.name, other.name) is None
