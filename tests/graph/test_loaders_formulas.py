"""Dollar signs: which open a formula, which are money, and which are neither."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.loaders.formulas import convert_dollars

GSM8K = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "gsm8k" / "train.jsonl"


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        (r"Find $x^2$ and $$y$$.", r"Find \( x^2 \) and \[ y \]."),
        (r"$2$$\times$$3$", r"\( 2 \)\( \times \)\( 3 \)"),
        (r"$\{1, 2\}$ or $\frac{1}{2}$", r"\( \{1, 2\} \) or \( \frac{1}{2} \)"),
        (r"$\text{even if $n$ is odd}$", r"\( \text{even if \(n\) is odd} \)"),
        ("$$\nx&=1\\\\[2pt]\n\ny&=2\n$$", "\\[ x&=1\\\\[2pt]\n\ny&=2 \\]"),
        (r"\(a\) and \[b\] stay, $c$ not", r"\(a\) and \[b\] stay, \( c \) not"),
        ('$A$ [asy] label("$B$"); [/asy] $C$', '\\( A \\) [asy] label("$B$"); [/asy] \\( C \\)'),
        (r"it costs \$5 and 10\% of $x$", r"it costs $5 and 10% of \( x \)"),
        (r"$\$ 445$, $\$$43.50, $\$5,\!000$, $\$330{,}000$", "$445, $43.50, $5,000, $330,000"),
        (r"$x = \$5$", r"\( x = \$5 \)"),
        ("Pork costs $48 per pound, beef $96.", "Pork costs $48 per pound, beef $96."),
        ("from $.25 to $1.50, or $280k and $40k", "from $.25 to $1.50, or $280k and $40k"),
        ("pay $5 and $x$ more", r"pay $5 and \( x \) more"),
        ("pay $5 for $\\frac12$", r"pay $5 for \( \frac12 \)"),
        ("5 apples for $3", "5 apples for $3"),
        ("a lone $x\n\nand another $y", "a lone $x\n\nand another $y"),
        ("$$$$Blue", "Blue"),
        ("$$x$ and $$y$$", r"\( x \) and \[ y \]"),
        (r"a row \\[2pt] $b$", r"a row \\[2pt] \( b \)"),
        ("$5 + 3$ is $8$", r"\( 5 + 3 \) is \( 8 \)"),
        ("$12 cm$ long", r"\( 12 cm \) long"),
        ("ends with a backslash \\", "ends with a backslash \\"),
    ],
)  # fmt: skip
def test_what_becomes_of(text: str, becomes: str) -> None:
    assert convert_dollars(text) == becomes


def test_a_double_dollar_may_be_inline() -> None:
    assert convert_dollars("so $$x$$ is $y$", display=False) == r"so \( x \) is \( y \)"


@given(st.text(alphabet="$\\{}()[]x5 .\n", max_size=40))
def test_any_text_is_taken_and_one_without_dollars_or_backslashes_stays(text: str) -> None:
    converted = convert_dollars(text)
    if "$" not in text and "\\" not in text:
        assert converted == text
    assert converted.count("x") == text.count("x")


@given(st.lists(st.from_regex(r"[a-z]{1,3}(\^2)?(_\{1\})?", fullmatch=True), min_size=1, max_size=4), st.booleans())
def test_every_clean_formula_is_converted_and_nothing_else(bodies: list[str], display: bool) -> None:
    mark, (start, stop) = ("$$", (r"\[ ", r" \]")) if display else ("$", (r"\( ", r" \)"))
    text = " and ".join(f"{mark}{body}{mark}" for body in bodies)
    assert convert_dollars(text) == " and ".join(f"{start}{body}{stop}" for body in bodies)


@pytest.mark.skipif(not GSM8K.exists(), reason="GSM8K is not on this machine")
def test_of_7473_word_problems_full_of_prices_it_would_leave_all_but_8_alone() -> None:
    """No loader converts GSM8K; this measures the guard on the hardest text there is. The 8 write a price as `32$`."""
    questions = [orjson.loads(line)["question"] for line in GSM8K.read_bytes().splitlines()]
    touched = [question for question in questions if convert_dollars(question) != question]
    assert (len(questions), len(touched)) == (7473, 8)


@pytest.mark.parametrize("piece", ["\\(", "\\[", "${", "$$", "$5 ", "{$\n\n", "\\text{$", "[asy]", "$}", "\\{$"])
def test_hostile_text_is_read_in_time_proportional_to_it(piece: str) -> None:
    """100 kB of what never closes; reading it again for each mark would take minutes."""
    assert convert_dollars("x" + piece * (100_000 // len(piece))).startswith("x")
