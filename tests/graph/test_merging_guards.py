"""What embeddings confuse and no rule may join, by domain."""

from __future__ import annotations

import itertools
from pathlib import Path

import orjson
import pytest

from engine.errors import InputError
from graph.lexicon import load_lexicon
from graph.merging.domains import INSTRUCT, MATHEMATICS, NONE, load_domain, load_guards

CONFUSED = [
    ("law of sines", "law of cosines"),
    ("permutations", "combinations"),
    ("arithmetic sequences", "geometric sequences"),
    ("prime numbers", "composite numbers"),
    ("angles", "triangles"),
    ("2-digit addition", "3-digit addition"),
    ("first derivative test", "second derivative test"),
    ("type I error", "type II error"),
    ("rounding to the nearest ten", "rounding to the nearest hundred"),
    ("linear equations", "nonlinear equations"),
    ("abelian groups", "non-abelian groups"),
    ("sampling with replacement", "sampling without replacement"),
    ("left-hand limit", "right-hand limit"),
    ("necessary conditions", "sufficient conditions"),
    ("converting degrees to radians", "radian-to-degree conversion"),
    ("writing a fraction as a percent", "writing a percent as a fraction"),
    ("local maximum", "global maximum"),
    ("greatest common divisor", "least common multiple"),
    ("sum of two cubes", "sum of three cubes"),
    ("solving ax + b > 0", "solving \\( ax + b < 0 \\)"),
    ("graph of y = x + c", "graph of y = x - c"),
]
NOT_CONFUSED = [
    ("distance between parallel lines", "distance between two parallel lines"),
    ("one-to-one functions", "injective functions"),
    ("zeros of a polynomial", "roots of a polynomial"),
    ("in-degree of a vertex", "indegree of a vertex"),
    ("type 2 error", "type II error"),
    ("converting degrees to radians", "degree-to-radian conversion"),
    ("non-linear systems", "nonlinear systems"),
    ("Slope-intercept form", "Slope-intercept form y = mx + b"),
]


@pytest.mark.parametrize(("one", "other"), CONFUSED)
def test_what_embeddings_confuse_is_kept_apart(one: str, other: str) -> None:
    guards = load_guards()
    assert guards.apart(one, other) is not None
    assert guards.apart(other, one) == guards.apart(one, other)


@pytest.mark.parametrize(("one", "other"), NOT_CONFUSED)
def test_a_guard_takes_no_wording_for_a_difference(one: str, other: str) -> None:
    assert load_guards().apart(one, other) is None


def test_hardly_an_alias_of_the_lexicon_is_kept_from_its_concept() -> None:
    guards = load_guards()
    pairs = [pair for entry in load_lexicon() for pair in itertools.combinations(entry.names, 2)]
    kept = [pair for pair in pairs if guards.apart(*pair) is not None]
    assert len(kept) < 0.05 * len(pairs), kept


def test_another_domain_has_its_own_groups_or_none() -> None:
    voices = ("active voice", "passive voice")
    assert load_guards(INSTRUCT).apart(*voices) == "contrast"
    assert load_guards(MATHEMATICS).apart(*voices) is None
    assert load_guards(INSTRUCT).apart("law of sines", "law of cosines") is None
    assert load_domain(INSTRUCT).aliases == {}
    nothing = load_domain(NONE)
    assert (list(nothing.contrasts), nothing.aliases) == ([], {})
    assert load_guards(NONE).apart("first law", "second law") == "number"


def test_a_domain_of_ones_own_is_a_file(tmp_path: Path) -> None:
    file = tmp_path / "music.json"
    file.write_bytes(
        orjson.dumps(
            {
                "groups": [{"name": "keys", "words": ["major", "minor"]}],
                "aliases": {"skill": {"sight reading": ["prima vista"]}},
            }
        )
    )
    domain = load_domain(str(file))
    assert load_guards(str(file)).apart("major scales", "minor scales") == "contrast"
    assert domain.aliases["skill", "prima vista"] == "sight reading"


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"groups": []}', '{"groups": [{"name": "x"}]}', '{"groups": [{"words": ["a", 1]}]}']
)
def test_a_file_that_is_no_domain_is_one_clear_error(tmp_path: Path, content: str) -> None:
    file = tmp_path / "domain.json"
    file.write_text(content)
    with pytest.raises(InputError, match=r"domain\.json .*give one of mathematics, instruct, none, or a file"):
        load_domain(str(file))


def test_a_domain_that_is_not_there_or_of_unknown_kinds_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no domain 'chemistry'"):
        load_domain("chemistry")
    file = tmp_path / "domain.json"
    file.write_text('{"groups": [{"words": ["a", "b"]}], "aliases": {"idea": {}}}')
    with pytest.raises(InputError, match="no kind 'idea'"):
        load_domain(str(file))
