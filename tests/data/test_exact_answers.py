"""The reader of exact answers accepts its grammar only, and two different values are never called the same."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy
from answer_grammar import AnswerError, parse_answer
from exact_answers import differences, final_answer

E, PI, R = sympy.E, sympy.pi, sympy.Rational


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-820", -820),
        ("35/44", R(35, 44)),
        ("11.70", R(117, 10)),
        ("11.70", R(117, 10)),
        ("-15/8", R(-15, 8)),
        (r"5\sqrt{2}", 5 * sympy.sqrt(2)),
        (r"\frac{\pi\sqrt{3}}{9}", PI * sympy.sqrt(3) / 9),
        (r"24 + 8\pi", 24 + 8 * PI),
        (r"6\pi - 9\sqrt{3}", 6 * PI - 9 * sympy.sqrt(3)),
        ("e^6", E**6),
        ("e^{-1}", 1 / E),
        (r"\frac{2e^3 + 1}{9}", (2 * E**3 + 1) / 9),
        (r"\ln\frac{5}{2}", sympy.log(R(5, 2))),
        (r"40\ln 2", 40 * sympy.log(2)),
        (r"6\pi i", 6 * PI * sympy.I),
        ("-512i", -512 * sympy.I),
        ("2(1 + i)", 2 + 2 * sympy.I),
        ("(35/4, 0)", (R(35, 4), 0)),
    ],
)
def test_reads(text: str, value: object) -> None:
    assert not any(differences(text, value))


@pytest.mark.parametrize(
    "text", ["", ".5", "5.", "2 3", "x + 1", "1/2/3", r"\frac{1}", "(1, 2", "1 +", "--1", "2^", r"1/\pi", "sqrt(2)"]
)
def test_refuses(text: str) -> None:
    with pytest.raises(AnswerError):
        parse_answer(text)


@pytest.mark.parametrize(
    ("text", "computed"),
    [("3/8", Fraction(3, 7)), (r"\sqrt{2}", R(141421356237, 10**11)), ("(1, 2)", (2, 2)), ("e", PI)],
)
def test_tells_apart(text: str, computed: object) -> None:
    assert any(differences(text, computed))


def test_final_answer_is_the_last_sentence() -> None:
    assert final_answer(r"So it is. The answer is \( 5\sqrt{2} \).") == r"5\sqrt{2}"
    assert final_answer("The answer is 11.70.") == "11.70"
    with pytest.raises(AssertionError):
        final_answer("The answer is 3. It is odd.")
