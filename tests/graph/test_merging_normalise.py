"""The layers of a key: each brings together what differs in spelling alone, none joins what must stay apart."""

from __future__ import annotations

import itertools

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.workspace import data_path
from graph.lexicon import load_lexicon
from graph.merging.domains import INSTRUCT, MATHEMATICS, load_contrasts
from graph.merging.normalise import normalise
from graph.merging.spelling import american

LAYERS = {
    "notation": [
        ("\\( \\frac{1}{2} \\)", "1/2"),
        ("\\dfrac12 of a cake", "$1/2$ of a cake"),
        ("\\( \\frac{x+1}{2} \\)", "(x+1)/2"),
        ("\\( \\sin 2x \\) formula", "sin(2x) formula"),
        ("χ² test", "\\( \\chi^{2} \\) test"),
        ("chi-squared test", "χ² test"),
        ("x² + y²", "\\(x^2 + y^2\\)"),
        ("Γ function", "gamma function"),
        ("x₁", "\\( x_{1} \\)"),
        ("≤ and ≥", "\\leq and \\geq"),
        ("solving \\( ax + b > 0 \\)", "solving ax+b>0"),
        ("\\left( a, b \\right)", "(a, b)"),
        ("√2", "\\sqrt{2}"),
        ("Möbius function", "Mobius function"),
        ("ﬁnding areas", "finding areas"),
    ],
    "signs": [
        ("Pascal's triangle", "Pascal’s triangle"),
        ("AM–GM inequality", "AM-GM inequality"),
        ("x-axis", "x axis"),
        ("y=x-1", "y = x − 1"),
        ("non-abelian groups", "nonabelian groups"),
        ("positive semi-definite", "positive semidefinite"),
    ],
    "spelling": [
        ("centre of a circle", "center of a circle"),
        ("metres and litres", "meters and liters"),
        ("factorising quadratics", "factorizing quadratics"),
        ("prime factorisation", "prime factorization"),
        ("modelling growth", "modeling growth"),
        ("labelled graphs", "labeled graphs"),
        ("colouring problems", "coloring problems"),
        ("discrete maths", "discrete math"),
        ("rationalised", "rationalized"),
        ("analysing data", "analyzing data"),
        ("anticlockwise", "counterclockwise"),
    ],
    "plural": [("Matrices", "matrix"), ("areas of circles", "area of circle"), ("maximas", "maximum")],
    "phrases": [
        ("10 per cent", "10%"),
        ("2 by 2 matrices", "2×2 matrices"),
        ("2 x 2 matrices", "2x2 matrix"),
        ("3-D shapes", "3D shapes"),
        ("x squared", "x²"),
    ],
}
APART = [
    ("y = x + 1", "y = x - 1"),
    ("y = x-1", "y = x1"),
    ("(x+1)/2", "x + 1/2"),
    ("\\frac{x+1}{2}", "x + \\frac{1}{2}"),
    ("x²", "x2"),
    ("x₁", "x²"),
    ("1.5", "15"),
    ("n!", "n"),
    ("-3", "3"),
    ("<", ">"),
    ("≤", "<"),
    ("exercise", "exercize"),
    ("left limit", "limit"),
    ("sin x", "cos x"),
    ("α", "β"),
    ("2x3 matrices", "2x2 matrices"),
    ("practice", "practical"),
]


@pytest.mark.parametrize(("one", "other"), [pair for pairs in LAYERS.values() for pair in pairs])
def test_each_layer_brings_together_what_differs_in_spelling_only(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(("one", "other"), APART)
def test_what_means_two_things_has_two_keys(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


_PIECES = [
    *(
        "\\frac",
        "{1}",
        "{x}",
        "\\(",
        "\\)",
        "$",
        "^{2}",
        "_{1}",
        "\\sin",
        "\\le",
        "\\left",
        ")",
        "(",
        "/",
        "*",
        "!",
        "!=",
        "%",
        ".",
    ),
    *(
        "maximas",
        "analyses",
        "per",
        "cent",
        "x",
        "squared",
        "chi",
        "-",
        "--",
        "a-b",
        "modelling",
        "ises",
        "ising",
        "axes",
    ),
    *("centres", "s", "'s", "2", "by", "3", "m", "n", "non", "semi", "3-d", "é", "χ", "²", "₁", "×", "1.5", "√"),
]


@settings(max_examples=400, deadline=None)
@given(
    st.one_of(
        st.lists(st.sampled_from(_PIECES), max_size=8).map("".join),
        st.lists(st.sampled_from(_PIECES), max_size=8).map(" ".join),
        st.text(max_size=12),
    )
)
def test_the_key_of_a_key_is_the_key(name: str) -> None:
    key = normalise(name)
    assert normalise(key) == key


@pytest.mark.parametrize(
    "word", ["exercise", "precise", "noise", "clockwise", "surprise", "supervised", "raising", "promises", "wiser"]
)
def test_words_in_ise_that_are_no_verbs_in_ize_stay(word: str) -> None:
    assert american(word) == word


@pytest.mark.parametrize(
    "word", ["totally", "equally", "cancellation", "hour", "contour", "basis", "crisis", "disease"]
)
def test_words_that_only_look_british_stay(word: str) -> None:
    assert american(word) == word


def test_no_american_spelling_in_the_data_is_changed_again() -> None:
    table = orjson.loads(data_path("spelling.json").read_bytes())
    for kind in ("words", "parts", "phrases"):
        for british, there in table[kind].items():
            assert american(there) == there, (british, there)
            assert normalise(british) == normalise(there)


def test_no_two_concepts_of_the_lexicon_have_one_key() -> None:
    """But for `Congruence`, the figures', which the plural makes of `congruences`, the numbers'."""
    owners: dict[tuple[str, str], set[str]] = {}
    for entry in load_lexicon():
        for name in entry.names:
            owners.setdefault((entry.kind, normalise(name)), set()).add(entry.name)
    assert [sorted(names) for names in owners.values() if len(names) > 1] == [["Congruence", "Modular arithmetic"]]


@pytest.mark.parametrize("domain", [MATHEMATICS, INSTRUCT])
def test_no_two_members_of_a_contrast_have_one_key(domain: str) -> None:
    for group in load_contrasts(domain):
        for one, other in itertools.combinations(group, 2):
            assert normalise(one) != normalise(other)
