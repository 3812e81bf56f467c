from __future__ import annotations

import pytest

from graph.cue import CueIndex, parts, tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("She buys 1,250 boxes.", ["she", "buy", "1,250", "box", "."]),
        ("40% off $3.50", ["40", "%", "off", "$", "3.50"]),
        (r"Find \(\frac{1}{2} x^{2}\).", ["find", "frac", "{", "1", "}", "{", "2", "}", "x", "^", "{", "2", "}", "."]),
        (r"\left( 3 \times 4 \right)", ["(", "3", "×", "4", ")"]),
        ("x² ≤ 9", ["x", "^", "2", "leq", "9"]),
        ("f(1,2)", ["f", "(", "1", ",", "2", ")"]),
        ("the bus leaves the glass vertices", ["the", "bus", "leave", "the", "glass", "vertex"]),
        ("Straße", ["strasse"]),
        ("", []),
    ],
)
def test_a_question_is_read_as_a_row_of_tokens(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


def test_both_sides_of_a_plus_must_have_a_token() -> None:
    assert parts("ladder + wall") == (("ladder",), ("wall",))
    assert parts("ladder + ") == ()
    assert parts(" + wall") == ()
    assert parts("") == ()


def test_words_of_a_cue_stand_side_by_side_and_whole() -> None:
    index = CueIndex(["per hour"])
    assert index.found("60 miles per hour") == ["per hour"]
    assert index.found("every hour, per day") == []
    assert index.found("super hour") == []
    assert index.found("60 miles per") == []


def test_a_plus_asks_for_both_in_any_order() -> None:
    index = CueIndex(["wall + ladder"])
    assert index.found("A ladder leans on a wall") == ["wall + ladder"]
    assert index.found("A ladder leans on a tree") == []


def test_a_hash_stands_for_any_number() -> None:
    index = CueIndex(["# % off", "# # / #"])
    assert index.found("Now 12.5% off!") == ["# % off"]
    assert index.found("Now ten % off!") == []
    assert index.found("It takes 2 3/4 hours") == ["# # / #"]


def test_cues_come_in_the_order_given_and_once() -> None:
    index = CueIndex(["left", "each", "left"])
    assert index.found("each left each left") == ["left", "each"]
