from __future__ import annotations

import itertools
import json

from engine.workspace import data_path
from graph.lexicon import load_lexicon
from graph.merging.domains import load_contrasts
from graph.merging.guards import Guards
from graph.merging.normalise import normalise

SUMS = {"arithmetic series", "geometric series"}
"""A series is a sum of a sequence, though `series` and `sequence` are kept apart everywhere else."""


def test_every_group_holds_different_words_that_can_be_met() -> None:
    groups = load_contrasts()
    assert len(groups) >= 50
    for group in groups:
        assert len(group) >= 2
        assert len({normalise(word) for word in group}) == len(group)
        assert all(word == word.lower().strip() for word in group)


def test_groups_are_described_and_named_once() -> None:
    document = json.loads(data_path("contrasts.json").read_text())
    assert document["format"]
    names = [group["name"] for group in document["groups"]]
    assert len(set(names)) == len(names)


def test_no_group_keeps_two_names_of_one_concept_of_the_lexicon_apart() -> None:
    guards = Guards(load_contrasts())
    for entry in load_lexicon():
        for one, other in itertools.combinations(entry.names, 2):
            assert guards.apart(one, other) != "contrast" or entry.name in SUMS, (one, other)


def test_confusable_concepts_of_the_lexicon_are_kept_apart() -> None:
    guards = Guards(load_contrasts())
    for one, other in (
        ("law of sines", "law of cosines"),
        ("permutations", "combinations"),
        ("arithmetic sequences", "geometric sequences"),
        ("greatest common divisor", "least common multiple"),
        ("sampling with replacement", "sampling without replacement"),
        ("area of a circle", "circumference of a circle"),
        ("eigenvalues", "eigenvectors"),
        ("dot product", "cross product"),
        ("median", "mode"),
    ):
        assert guards.apart(one, other) is not None, (one, other)
