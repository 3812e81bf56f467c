"""Row filters: what each lets pass and what it rejects."""

from __future__ import annotations

import pytest

from generation.quality.copied import copied
from generation.quality.exact_answer import exact_answer
from generation.quality.giveaway import giveaway
from generation.quality.length import QUESTION, SOLUTION, length

ROW = {"question": "Ann has $5 and wins 7 more. How many?", "solution": "Add: 5 + 7 = 12. " * 3, "answer": "12"}


def test_a_good_row_passes_all() -> None:
    assert [f(ROW) for f in (length, exact_answer, giveaway)] == [None, None, None]


@pytest.mark.parametrize(("column", "bounds"), [("question", QUESTION), ("solution", SOLUTION)])
def test_lengths_are_bounded_on_both_sides(column: str, bounds: tuple[int, int]) -> None:
    least, most = bounds
    found = [length({**ROW, column: "x" * size}) for size in (least - 1, least, most, most + 1)]
    assert found == [f"{column} too short", None, None, f"{column} too long"]


@pytest.mark.parametrize(
    "answer", ["Cannot be determined", "not enough information", "unknown", "It depends", "N/A", "..."]
)
def test_an_excuse_is_no_answer(answer: str) -> None:
    assert exact_answer({**ROW, "answer": answer}) == "no exact answer"


@pytest.mark.parametrize("answer", ["0", "$4", "no solution", "\\( x = 2 \\)", "nap", "x" * 200])
def test_an_answer_may_be_anything_short(answer: str) -> None:
    assert exact_answer({**ROW, "answer": answer}) is None


def test_an_answer_is_no_paragraph() -> None:
    assert exact_answer({**ROW, "answer": "x" * 201}) == "answer too long"


def test_a_question_does_not_hold_its_answer_or_tags() -> None:
    assert giveaway({**ROW, "question": "What is 2 + 2? The answer is 4."}) == "question gives its answer"
    assert giveaway({**ROW, "question": "What is 2 + 2? <solution>"}) == "tags left in the text"
    assert giveaway({**ROW, "solution": "2 + 2 = 4 </question>"}) == "tags left in the text"
    assert giveaway({**ROW, "question": "Is \\( a < b \\) or \\( b > a \\)?"}) is None


def test_a_copy_is_known_whatever_its_case_and_spaces() -> None:
    assert copied("What  IS it?\n", ["No.", "what is it?"])
    assert not copied("What is it not?", ["No.", "what is it?"])
    assert not copied("What is it?", [])
