"""What strangers wrote is shown as what it is; formulas of a list are typeset."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.text import COMMANDS, escaped, formula, safe_markdown, visible

HOSTILE = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "![a](http://evil/x.png)", "[a](javascript:alert(1))",
    "[safe](http://evil)", "![a][b]\n\n[b]: http://evil/x.png", "# heading", "> quote", "| a | b |\n|--|--|\n| 1 | 2 |",
    ":red[text]", ":material/home:", ":smile:", ":blue-background[x]", "---", "***bold***", "~~struck~~", "`` ` ``",
    "<https://evil>", "a@b.example", "&lt;b&gt;", "[^1]\n\n[^1]: http://evil", "1. one\n2. two", "- [ ] task",
    "$x$ and $$y$$", "Tom has $5-$3", "\\(\\href{javascript:alert(1)}{x}\\)", "\\(\\rule{100000em}{1em}\\)",
    "\\(\\kern{1000000em}\\)", "\\(\\def\\a{\\a\\a}\\a\\)", "\\(\\html{x}\\)", "\\(\\includegraphics{http://evil}\\)",
    "\\(" + "{" * 500 + "}" * 500 + "\\)", "\\(x $ y\\)", "\\(\\color{red}x\\)", "\\[a\\\\[1000em]b\\]",
    "\u202eabc", "a\u0000b", "e" + "\u0301" * 500, "\ud800", "\x1b[31mred",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_no_syntax_of_a_stranger_is_left(text):
    shown = safe_markdown(text)
    bare = re.sub(r"\\.", "", re.sub(r"\*\*|`[^`]*`|\$\$?[^$]*\$\$?", "", shown), flags=re.DOTALL)
    assert not re.search(r"[<>\[\]#|~_$@&]", bare), shown
    assert not re.search(r":[a-z]", bare), shown
    assert not re.search(r"(?i)\b(https?|www)[.:]", bare), shown
    for character in "\u202e\u0000\x1b\ud800":
        assert character not in shown


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
