"""Which texts have one key."""

from __future__ import annotations

import pyarrow as pa
import pytest

from generation.text_key import text_keys

ANNA = "Anna has 3 apples and buys 4.5 more.\nHow many?"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (ANNA, "anna  has 12 apples and buys 1,000.25 more. How many? ", True),
        (ANNA, "Anna has 3 pears and buys 4.5 more.\nHow many?", False),
        ("3 + 4", "3 - 4", False),
        ("3 + 4", "3 + x", False),
        ("3, 4", "3,4", False),
        ("Ä\u00a0b\u2003c", "ä b c", True),
        ("x is ٣", "x is 7", True),
        ("", " ", True),
    ],
)
def test_case_spaces_and_numbers_alone_make_no_difference(one: str, other: str, same: bool) -> None:
    ours, theirs = text_keys(pa.chunked_array([[one], [other]])).to_pylist()
    assert (ours == theirs) is same


def test_keys_stay_as_they_are_from_one_machine_to_the_next() -> None:
    assert text_keys(pa.chunked_array([["How many 12 are 3?"]], pa.string())).to_pylist() == [7942620988916581044]
    assert text_keys(pa.chunked_array([], pa.string())).to_pylist() == []
