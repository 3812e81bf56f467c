"""What strangers wrote is shown as what it is; formulas of a list are typeset."""

from __future__ import annotations

import re

import pytest
from hostile import ATTACKS
from hypothesis import given
from hypothesis import strategies as st

from app.text import COMMANDS, TALLEST, escaped, formula, lines_of, one_line, safe_markdown, visible


@pytest.mark.parametrize("name", [*ATTACKS, "half a character"])
def test_no_syntax_of_a_stranger_is_left(name):
    shown = safe_markdown(ATTACKS.get(name, "\ud800"))
    bare = re.sub(r"\\.", "", re.sub(r"\*\*|`[^`]*`|\$\$?[^$]*\$\$?", "", shown), flags=re.DOTALL)
    assert not re.search(r"[<>\[\]#|~_$@&]", bare), shown
    assert not re.search(r":[a-z]", bare), shown
    assert not re.search(r"(?i)\b(https?|www)[.:]", bare), shown
    for character in "\u202e\u0000\x1b\ud800":
        assert character not in shown


@pytest.mark.parametrize("name", ["rows", "many lines", "blank lines", "many"])
def test_what_would_take_the_page_is_known_before(name):
    assert lines_of(ATTACKS[name]) > TALLEST
    assert lines_of("Tom has \\(\\frac{1}{2}\\) of a cake.\n" * 10) <= TALLEST


def test_a_long_name_is_cut_and_a_sign_tells():
    assert one_line("a" * 300) == "a" * 300
    assert one_line("a b\n" * 300).endswith("…")
    assert len(one_line("\u0301a" * 10_000)) <= 301


def test_a_formula_too_wide_for_a_line_stands_alone():
    assert safe_markdown("so \\(" + "x" * 81 + "\\)") == "so \n\n$$\n" + "x" * 81 + "\n$$\n\n"
    assert safe_markdown("so \\(" + "\\alpha" * 80 + "\\)") == "so $" + "\\alpha" * 80 + "$"


@given(st.text(max_size=300))
def test_any_text_is_shown_without_a_control_character_and_twice_the_same(text):
    assert safe_markdown(text) == safe_markdown(text)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", safe_markdown(text))
    assert "\n" not in escaped(text)
    assert visible(visible(text)) == visible(text)


def test_formulas_bold_and_code_are_typeset_and_money_is_money():
    assert safe_markdown("So \\(x^2\\) is **not** `f(x)` at $5.") == "So $x^2$ is **not** `f(x)` at \\$5\\."
    assert "$$\n\\frac{1}{2}\n$$" in safe_markdown("\\[\\frac{1}{2}\\]")


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_of_the_list_may_be_typeset(name):
    assert formula(f"\\{name} x") == f"\\{name} x"


def test_a_text_without_end_is_cut_and_says_so():
    shown = safe_markdown("a" * 60_000)
    assert len(shown) < 51_000
    assert "10,000 more characters are not shown" in shown


def test_formulas_without_end_are_shown_as_their_source():
    assert safe_markdown("\\(x\\)" * 300).count("$x$") == 200
