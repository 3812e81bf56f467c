"""Replies taken apart: tags, lists, answers; and text that tries to make it hang."""

from __future__ import annotations

import pytest

from generation.tags import final_answer, holds_tag, last_tag, list_items


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<question>a</question>", "a"),
        ("< Question >\n a < b \n</ QUESTION >", "a < b"),
        ("<question>draft</question> no: <question>final</question>", "final"),
        ("<question>whole</question> <question>cut", "whole"),
        ("<question>open <question>inner</question>", "inner"),
        ("<question>a</question></question>", "a"),
        ("</question><question>", None),
        ("<questions>a</questions>", None),
        ("plain", None),
    ],
)
def test_the_last_complete_pair_counts(text: str, found: str | None) -> None:
    assert last_tag(text, "question") == found


@pytest.mark.parametrize(
    ("solution", "answer"),
    [
        ("So the answer is 12.", "12"),
        ("The answer is: $1,250.50.", "$1,250.50"),
        ("The answer is 3.\nWait. THE ANSWER  IS \\( \\frac{1}{2} \\).", "\\( \\frac{1}{2} \\)"),
        ("**The answer is 7.**", "7"),
        ("The answer is **7**.", "7"),
        ("The answer is\n\\[\n x = 2 \n\\]\nas claimed.", "\\[ x = 2 \\]"),
        ("The answer is \\[ never closed", "\\[ never closed"),
        ("The answer is 5 cm.\n\nThis ends it.", "5 cm"),
        ("The answer is", ""),
        ("It is 5.", ""),
    ],
)
def test_the_answer_follows_the_last_answer_is(solution: str, answer: str) -> None:
    assert final_answer(solution) == answer


def test_lists_lose_their_marks() -> None:
    assert list_items("1. Slope.\n- **Area**\n\n  2) `Sets`  \n3D shapes\n1.5 rule\nmulti-step problems") == [
        "Slope",
        "Area",
        "Sets",
        "3D shapes",
        "1.5 rule",
        "multi-step problems",
    ]


@pytest.mark.parametrize(
    "piece", ["<question", "<", "< ", "<question>", "</question>", "<question></question>", "answer "]
)
def test_hostile_text_takes_linear_time(piece: str) -> None:
    """Under the suite's time limit; a quadratic reading of two million pieces would take hours."""
    text = piece * (2_000_000 // len(piece))
    assert last_tag(text, "question") in {None, ""}
    assert holds_tag(text, ("question", "solution")) == (">" in piece)
    assert final_answer(text) == ""
