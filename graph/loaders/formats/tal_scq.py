r"""TAL-SCQ5K: competition items of multiple choice, each filed under a route of a taxonomy that people made.

`problem`, `answer_option_list`, `answer_value` ("A"), `answer_analysis`, `difficulty` ("0" to "4"), and
`knowledge_point_routes`, such as

    Overseas Competition->Knowledge Point->Number Theory Modules->Division without Remainders->Divisibility Rules

of which the first two segments are the shelf, the same for all but a few; the inner ones become topics and the leaf a
knowledge point. Formulas are `$...$` and `$$...$$` without a difference, both inline. The texts went through a
converter that wrote characters as TeX's names for them (`\textquotesingle`, `\textbackslash\%`, `\uline{~~~}` for a
blank): these become the characters again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from string import ascii_uppercase
from typing import Any

from graph.concept import Kind
from graph.loaders.formulas import convert_dollars
from graph.loaders.rows import Cells, Faulty, Format, labels, lettered, make_seed, number_or_text, text, texts
from graph.seed import Seed

_SHELF = "Knowledge Point"
_ENDS = r"(?![A-Za-z])(?:\{\}|[ ])?"
"""What ends a command's name: empty braces, or the one space that TeX swallows."""
_CHARACTERS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), becomes)
    for pattern, becomes in (
        (r"\\textbackslash(?:\{\})?(?=\\[%$&#])", ""),
        (r"\\textbackslash\{\}", r"\\ "),
        (r"\\textbackslash(?![A-Za-z]) ?", r"\\"),
        (r"\\textquotesingle" + _ENDS, "'"),
        (r"\\textasciitilde" + _ENDS, "~"),
        (r"\\textasciicircum" + _ENDS, "^"),
        (r"\\textless" + _ENDS, "<"),
        (r"\\textgreater" + _ENDS, ">"),
        (r"\\textbar" + _ENDS, "|"),
        (r"\\hspace\{0pt\}", ""),
        (r"\\(?:uline|underline)\{[~\s]*\}", "____"),
        (r"\\textsuperscript\{(st|nd|rd|th)\}", r"\1"),
        (r"\\textsuperscript\{([^{}]*)\}", r"^\1"),
        (r"\\textsubscript\{([^{}]*)\}", r"_\1"),
        (r"\\(?:emph|textit|textbf|uline)\{([^{}]*)\}", r"\1"),
        (r"(?<!\$)\$\$\$(?=\d[\d.,]*\$\$(?!\$))", r"$$\\$"),  # a bare price within a formula
    )
)
_DELIMITER = re.compile(r"(\\[()])")


def _tidy(raw: str) -> str:
    """Characters for TeX's names of them, formulas in our delimiters, and `~` outside of them a space."""
    for pattern, becomes in _CHARACTERS:
        raw = pattern.sub(becomes, raw)
    parts = ["", *_DELIMITER.split(convert_dollars(raw, display=False))]
    for place in range(1, len(parts), 2):  # delimiter, text, delimiter, text, ...
        if parts[place - 1] != r"\(":
            parts[place] = parts[place].replace("~", " ").replace("\N{IDEOGRAPHIC SPACE}", " ")
    return "".join(parts).strip()


def _options(cells: Cells) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The letters and the texts of the options."""
    listed: Any = cells.get("answer_option_list")
    try:
        options = [(part["aoVal"], part["content"]) for one in listed for part in one]
    except (TypeError, KeyError, IndexError):
        raise Faulty("wrong type", "answer_option_list must be lists of aoVal and content") from None
    contents = tuple(_tidy(text({"content": content}, "content")) for _, content in options)
    return tuple(str(letter) for letter, _ in options), contents


def _routes(cells: Cells) -> Iterator[tuple[Kind, str]]:
    for route in texts(cells, "knowledge_point_routes"):
        segments = [segment.strip() for segment in route.split("->")]
        if _SHELF in segments:
            segments = segments[segments.index(_SHELF) + 1 :]
        for topic in segments[:-1]:
            yield "topic", topic
        if segments:
            yield "knowledge_point", segments[-1]


def _read(cells: Cells) -> Seed:
    letters, options = _options(cells)
    expected = tuple(ascii_uppercase[: len(letters)])
    if letters != expected:
        raise Faulty("options out of order", f"they are lettered {', '.join(letters)[:40]}")
    return make_seed(
        _tidy(text(cells, "problem")),
        options=options,
        answer=lettered(options, text(cells, "answer_value")),
        solution="\n".join(_tidy(part) for part in texts(cells, "answer_analysis")),
        source=text(cells, "dataset_name"),
        level="competition",
        difficulty=number_or_text(cells, "difficulty"),
        concepts=labels(_routes(cells)),
    )


TAL_SCQ = Format(
    "tal_scq",
    recognises=lambda cells: {"problem", "answer_option_list", "knowledge_point_routes"} <= cells.keys(),
    read=_read,
)
