"""The labelled pairs of data/concept-pairs.jsonl: what they promise, and what no rule may do to them."""

from __future__ import annotations

from collections import Counter

import orjson
import pytest

from engine.workspace import data_path
from graph.concept import KINDS
from graph.lexicon import load_lexicon, normal
from graph.merging.normalise import normalise

PAIRS = [orjson.loads(line) for line in data_path("concept-pairs.jsonl").read_bytes().splitlines()]


def test_there_are_enough_of_each_label_in_each_half() -> None:
    counts = Counter((pair["half"], pair["same"]) for pair in PAIRS)
    assert set(counts) == {("tune", True), ("tune", False), ("test", True), ("test", False)}
    assert len(PAIRS) >= 400
    assert min(counts.values()) >= 100
    assert {pair["kind"] for pair in PAIRS} == set(KINDS)


def test_no_concept_and_no_name_stands_in_both_halves() -> None:
    for names in ("one", "other"):
        assert all(pair["half"] in ("tune", "test") and pair[names] for pair in PAIRS)
    halves: dict[tuple[str, str, str], set[str]] = {}
    for pair in PAIRS:
        for side in ("one", "other"):
            for what, value in (("concept", pair[f"{side}_concept"]), ("name", normalise(pair[side]))):
                halves.setdefault((what, pair["kind"], value), set()).add(pair["half"])
    assert [key for key, found in halves.items() if len(found) > 1] == []


def test_a_pair_stands_once_and_its_label_follows_from_its_concepts() -> None:
    seen = Counter((pair["kind"], *sorted((pair["one"], pair["other"]))) for pair in PAIRS)
    assert max(seen.values()) == 1
    owner: dict[tuple[str, str], str] = {}
    for pair in PAIRS:
        assert pair["one"] != pair["other"]
        assert pair["same"] == (pair["one_concept"] == pair["other_concept"])
        for side in ("one", "other"):
            assert owner.setdefault((pair["kind"], pair[side]), pair[f"{side}_concept"]) == pair[f"{side}_concept"]


def test_each_pair_says_which_of_its_names_stand_in_the_lexicon() -> None:
    known = {(entry.kind, normal(name)) for entry in load_lexicon() for name in entry.names}
    for pair in PAIRS:
        assert pair["in_lexicon"] == [(pair["kind"], normal(pair[side])) in known for side in ("one", "other")]
    assert sum(not any(pair["in_lexicon"]) for pair in PAIRS) > len(PAIRS) / 2


@pytest.mark.parametrize("half", ["tune", "test"])
def test_spelling_joins_no_two_concepts(half: str) -> None:
    for pair in PAIRS:
        if pair["half"] == half and not pair["same"]:
            assert normalise(pair["one"]) != normalise(pair["other"]), pair
