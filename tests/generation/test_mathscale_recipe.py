"""The mathscale recipe, fed by `send`: the prompt, the row, every reason to reject, and asking again."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

import pyarrow as pa
import pytest

from engine.call import Call, Reply
from engine.errors import InputError, Rejected
from engine.recipe import Terms
from generation.composition import Composition, MathScaleItem, Named
from generation.recipes import find_recipe
from generation.recipes.mathscale.recipe import MATHSCALE, MathScaleSettings, write
from generation.shots import Shot

SHOT = Shot("s1", ("Algebra",), ("slope\nof a line", "area"), "Tom pays $5 for {{x}} apples. How much is \\( x \\)?")
ITEM = MathScaleItem(
    Composition((Named("t1", "Algebra"), Named("t2", "Geometry")), (Named("k1", "Slope"), Named("k2", "Area"))),
    (SHOT, Shot("s2", (), ("area",), "What is the area of a square of side 3?")),
)
SOLUTION = "First add the two numbers, then double the sum.\nThe answer is $12."
GOOD = (
    f"<question>\nAnn pays $5 and \\( x^2 \\) more. How much?\n</question>\n<solution>\n{SOLUTION}\n</solution>\n"
    "<concepts>\nTopics:\n1. algebra\n- Knowledge point: SLOPES.\nFractions\n</concepts>"
)


def converse(replies: Sequence[Reply | str], item: MathScaleItem = ITEM, **settings: Any) -> tuple[list[Call], Any]:
    """The calls made and how it ended: the row, or the Rejected."""
    conversation = write(item, Random(1), Terms(MathScaleSettings(**settings), MATHSCALE.prompts))
    calls: list[Call] = []
    waiting = list(replies)
    try:
        calls.append(next(conversation))
        while True:
            reply = waiting.pop(0)
            calls.append(conversation.send(reply if isinstance(reply, Reply) else Reply(reply, model="m-1")))
    except StopIteration as end:
        assert not waiting
        return calls, end.value
    except Rejected as verdict:
        assert not waiting
        return calls, verdict


def test_the_prompt_shows_examples_without_solutions_then_the_composition() -> None:
    calls, _ = converse([GOOD], domain="science")
    system, user = (message.content for message in calls[0].messages)
    assert "science teacher" in system
    assert user.endswith("Now write yours.\nTopics:\n1. Algebra\n2. Geometry\nKnowledge points:\n1. Slope\n2. Area")
    assert (
        "Example\nTopics:\n1. Algebra\nKnowledge points:\n1. slope of a line\n2. area\n"
        "<question>\nTom pays $5 for {{x}} apples. How much is \\( x \\)?\n</question>\n\nExample\n"
    ) in user
    without = converse([GOOD], MathScaleItem(ITEM.composition, ()))[0][0].messages[1].content
    assert "Example" not in without
    assert without.split("Now write yours.")[0] == user.split("Example")[0]  # what never changes comes first


def test_a_row_holds_what_was_asked_claimed_and_shown() -> None:
    calls, row = converse([GOOD])
    assert len(calls) == 1
    assert row == {
        "question": "Ann pays $5 and \\( x^2 \\) more. How much?",
        "solution": SOLUTION,
        "answer": "$12",
        "topics": ["Algebra", "Geometry"],
        "knowledge_points": ["Slope", "Area"],
        "asked": ["t1", "t2", "k1", "k2"],
        "claimed": ["t1", "k1"],
        "claimed_other": ["Fractions"],
        "shots": ["s1", "s2"],
        "model": "m-1",
    }
    assert pa.Table.from_pylist([row], schema=MATHSCALE.columns).to_pylist() == [row]
    assert [f(row) for f in MATHSCALE.filters] == [None] * 3


def test_concepts_need_not_be_claimed() -> None:
    row = converse([GOOD.partition("<concepts>")[0]])[1]
    assert (row["claimed"], row["claimed_other"]) == ([], [])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no question"),
        ("Here you are: 2 + 2?", "no question"),
        ("<question>", "no question"),
        ("<question> </question><solution>The answer is 5.</solution>", "no question"),
        ("<question>q</question><solution>The answer is 5.", "no solution"),
        ("<question>q</question><solution>It is 5.</solution>", "no answer"),
        ("<question>q</question><solution>The answer is .</solution>", "no answer"),
    ],
)
def test_what_cannot_be_read_is_asked_again_as_another_sample(text: str, reason: str) -> None:
    calls, row = converse([text, GOOD])
    assert [call.sample for call in calls] == [0, 1]
    assert calls[0].messages == calls[1].messages
    assert row["answer"] == "$12"
    calls, verdict = converse([text, text])
    assert (len(calls), verdict.reason) == (2, reason)
    assert len(converse([text], reasks=0)[0]) == 1
    assert len(converse([text] * 4, reasks=3)[0]) == 4


@pytest.mark.parametrize(
    ("reply", "reason", "detail"),
    [
        (Reply("<refusal>They do not fit.</refusal>"), "refused", "They do not fit."),
        (Reply("<refusal></refusal>"), "refused", ""),
        (Reply(GOOD, finish="length"), "cut off", ""),
        (Reply("", finish="content_filter", error="violence"), "content filter", "violence"),
        (Reply("", finish="refused", error="bad request"), "prompt refused", "bad request"),
        (Reply(GOOD + " " * 50_000), "reply too long", f"{len(GOOD) + 50_000} characters"),
    ],
)
def test_what_is_final_is_rejected_without_another_call(reply: Reply, reason: str, detail: str) -> None:
    calls, verdict = converse([reply])
    assert (len(calls), verdict.reason, verdict.detail) == (1, reason, detail)


def test_a_copied_example_is_rejected() -> None:
    copy = "<question>what is the  AREA of a square of side 3?</question><solution>The answer is 9.</solution>"
    assert converse([copy])[1].reason == "copies an example"


def test_a_question_beside_a_refusal_counts() -> None:
    assert converse(["<refusal>none</refusal>" + GOOD])[1]["answer"] == "$12"


def test_a_composition_without_points_is_rejected_without_a_call() -> None:
    calls, verdict = converse([], MathScaleItem(Composition((Named("t1", "Algebra"),), ()), ()))
    assert (calls, verdict.reason) == ([], "no points")


def test_recipes_are_found_by_name() -> None:
    assert find_recipe("mathscale") is MATHSCALE
    with pytest.raises(InputError, match="no recipe 'x', only mathscale; see them: skillweave recipes"):
        find_recipe("x")
    assert MATHSCALE.source_hash().startswith("b2:")
