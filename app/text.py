"""Show what a stranger or a model wrote: our own subset of Markdown with formulas, and nothing else.

Left are paragraphs, **bold**, `code`, and formulas as \\( \\) and \\[ \\]. All else is shown as the characters it is:
HTML, images, links with the address they lead to, headings, tables, colours and icons of Streamlit. A formula may use
the commands of a list, up to a length and a depth; another is shown as its source. Control characters, those that turn
the reading direction, and towers of accents are shown as what they are or left out.
"""

from __future__ import annotations

import re
import unicodedata

import streamlit as st

LONGEST_NAME = 300
MOST_CHARACTERS, MOST_FORMULAS, MOST_OF_A_FORMULA, MOST_ROWS, DEEPEST = 50_000, 200, 2_000, 40, 24
TALLEST, TALLEST_PX = 60, 640
"""A text that may take more lines than this is shown in a box that scrolls, of this height."""
WIDEST = 80
"""Signs of a formula that may stand within a line; a wider one stands alone, where it scrolls by itself."""
_ACCENTS = 3
"""Combining marks on one character."""
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")
"""Letters and signs that show nothing."""
_FORMULA = re.compile(r"\\\((.*?)\\\)|\\\[(.*?)\\\]", re.DOTALL)
_BOLD = re.compile(r"\\\*\\\*(?=\S)([^\n]{1,500}?)(?<=\S)\\\*\\\*")
_CODE = re.compile(r"\\`([^`\n]{1,500}?)\\`")
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_ESCAPE = re.compile(r"\\(.)")
_ARROW = re.compile(r"(?<!\S)((?:\\<)?\\-|\\[<>~])(\\[>=-])(?!\S)")
_DIRECTIVE = re.compile(r"\\:(?=[A-Za-z+\-\\])")
_BARE_LINK = re.compile(r"(?i)(https?|ftp|www|mailto)(?=[\\:.])")
_MAIL = re.compile(r"\\@")
_COMMAND = re.compile(r"\\([A-Za-z]+|.)", re.DOTALL)
_JOINER = "\u2060"
"""Invisible and without width: parts what Streamlit would read as an icon, a colour, an arrow or a link."""
COMMANDS = frozenset(
    """
    alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi varpi rho varrho
    sigma varsigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega
    frac dfrac tfrac cfrac binom dbinom tbinom sqrt overline underline widehat hat bar vec dot ddot tilde widetilde
    overrightarrow overleftarrow overbrace underbrace cdot cdots ldots dots vdots ddots times div pm mp ast star
    circ bullet le leq ge geq ne neq lt gt ll gg equiv sim simeq approx cong propto mid nmid parallel perp angle
    measuredangle triangle square subset subseteq supset supseteq in ni notin cup cap setminus emptyset varnothing
    forall exists nexists neg land lor wedge vee oplus otimes implies iff to rightarrow leftarrow Rightarrow
    Leftarrow leftrightarrow Leftrightarrow mapsto longrightarrow longmapsto uparrow downarrow infty partial nabla
    sum prod int iint iiint oint lim limsup liminf sup inf max min gcd lcm det dim ker arg deg log ln lg exp sin cos
    tan cot sec csc arcsin arccos arctan sinh cosh tanh coth bmod pmod mod left right big Big bigg Bigg bigl bigr
    Bigl Bigr lfloor rfloor lceil rceil langle rangle lvert rvert lVert rVert vert Vert lbrace rbrace lbrack rbrack
    text textbf textit textrm mathrm mathbf mathit mathbb mathcal mathfrak mathsf boldsymbol operatorname
    displaystyle textstyle limits nolimits begin end quad qquad hline prime degree hbar ell Re Im aleph therefore
    because not boxed cancel stackrel overset underset substack middle backslash
    """.split()  # noqa: SIM905 - a list of words reads better than a list of literals
)
_SYMBOLS = frozenset(r"\{}[]()|,;:! .%$&#_-^'\"=*+/<>~@`")
_ENVIRONMENTS = frozenset(
    ("matrix", "pmatrix", "bmatrix", "Bmatrix", "vmatrix", "Vmatrix", "cases", "array", "aligned", "align", "gathered")
)
_ENVIRONMENT = re.compile(r"\\(?:begin|end)\s*\{([^}]*)\}")
_NO_SIGN = re.compile(r"\\[A-Za-z]+|[{}^_\s]")
_LENGTH = re.compile(r"\\\\\s*\[[^\]]*\]")


def visible(text: str) -> str:
    """The text with every character that could hide or disturb others made visible or left out; lines stay."""
    kept: list[str] = []
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if character in "\n\t":
            kept.append(character if character == "\n" else " ")
        elif category in ("Cc", "Cs", "Co") or character in _BLANK or _is_no_character(character):
            kept.append("\ufffd")
        elif category != "Cf" and marks <= _ACCENTS:
            kept.append(character)
    return "".join(kept)


def _is_no_character(character: str) -> bool:
    """One of the places that Unicode leaves empty for ever, which no XML may hold."""
    return ord(character) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(character) <= 0xFDEF


def one_line(name: str) -> str:
    """A name as one visible line, for a place that reads no syntax; a very long one is cut, which a sign tells."""
    shown = " ".join(visible(name[: 4 * LONGEST_NAME]).split())
    return shown if len(shown) <= LONGEST_NAME else f"{shown[:LONGEST_NAME]}…"


def escaped(name: str) -> str:
    """A name for a place that reads Markdown, as one line that shows it as it is."""
    return _plain(one_line(name))


def _plain(text: str) -> str:
    shown = _PUNCTUATION.sub(r"\\\1", text)
    shown = _ARROW.sub(rf"\1{_JOINER}\2", shown)
    shown = _DIRECTIVE.sub(rf"\\:{_JOINER}", shown)
    shown = _BARE_LINK.sub(rf"\1{_JOINER}", shown)
    return _MAIL.sub(rf"{_JOINER}\\@{_JOINER}", shown)


def formula(source: str) -> str | None:
    """A formula that may be typeset, as it is; None for one that may not."""
    depth = deepest = 0
    for character in re.sub(r"\\.", "", source, flags=re.DOTALL):
        depth += (character == "{") - (character == "}")
        deepest = max(deepest, depth)
        if depth < 0:
            return None
    commands = (match[1] for match in _COMMAND.finditer(source))
    harmless = (
        depth == 0
        and deepest <= DEEPEST
        and 0 < len(source.strip()) <= MOST_OF_A_FORMULA
        and "$" not in source.replace("\\$", "")
        and all(name in COMMANDS or name in _SYMBOLS or name == "\n" for name in commands)
        and all(name in _ENVIRONMENTS for name in _ENVIRONMENT.findall(source))
        and not _LENGTH.search(source)
        and source.count("\\\\") <= MOST_ROWS
    )
    return " ".join(source.split()) if harmless else None


def safe_markdown(text: str) -> str:
    """The text for `st.markdown`: of its syntax only what this module lets through has a meaning."""
    cut = visible(text[:MOST_CHARACTERS])
    parts: list[str] = []
    place = 0
    for number, match in enumerate(_FORMULA.finditer(cut)):
        parts.append(_prose(cut[place : match.start()]))
        place = match.end()
        inline, block = match[1], match[2]
        typeset = formula(inline if inline is not None else block) if number < MOST_FORMULAS else None
        if typeset is None:
            parts.append(_plain(match[0]).replace("\n", " "))
        elif inline is not None and len(_NO_SIGN.sub("", typeset)) <= WIDEST:
            parts.append(f"{'' if parts[-1] else _JOINER}${typeset}$")  # two in a row would be read as one
        else:
            parts.append(f"\n\n$$\n{typeset}\n$$\n\n")
    parts.append(_prose(cut[place:]))
    if len(text) > MOST_CHARACTERS:
        parts.append(f"\n\n*{len(text) - MOST_CHARACTERS:,} more characters are not shown*")
    return "".join(parts)


def _prose(text: str) -> str:
    shown = _plain(text)
    shown = _BOLD.sub(r"**\1**", shown)
    shown = _CODE.sub(lambda match: "`" + _ESCAPE.sub(r"\1", match[1]) + "`", shown)
    first, *rest = shown.split("\n")
    lines = [" " + first.lstrip(" ") if first.startswith(" ") else first, *(line.lstrip(" ") for line in rest)]
    return "  \n".join(lines)


def lines_of(text: str) -> int:
    """As many lines as the text may take where one holds a hundred characters, its formulas with it."""
    cut = text[:MOST_CHARACTERS]
    formulas = (match[1] or match[2] or "" for match in _FORMULA.finditer(cut))
    within = sum((1 + source.count("\\\\")) * (1 + min(source.count("{"), DEEPEST) // 2) for source in formulas)
    return sum(1 + len(line) // 100 for line in cut.split("\n")) + within


def show_text(text: str) -> None:
    """Show it; a long one in a box that scrolls, so that no text takes the whole page."""
    box = st.container(height=TALLEST_PX, border=False) if lines_of(text) > TALLEST else st.container()
    box.markdown(safe_markdown(text))
