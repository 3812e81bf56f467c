r"""AGIEval (Zhong et al., arXiv 2304.06364): `question`, `options` ("(A)2", ...), `label` ("D"), `passage`, `other`.

A passage stands before its question. The answer of a multiple-choice question is its letter and text, `(D) 10`; tasks
without options have an `answer` instead. Formulas are `$...$`; money is `\$`.
"""

from __future__ import annotations

import re
from string import ascii_uppercase

from graph.loaders.formulas import convert_dollars
from graph.loaders.rows import Cells, Faulty, Format, lettered, make_seed, number_or_text, text, texts
from graph.seed import Seed

_LETTER = re.compile(r"\(([A-Z])\)\s*")


def _option(given: str, letter: str) -> str:
    """An option without its letter, which must be the one of its place."""
    mark = _LETTER.match(given)
    if mark is None:
        return given
    if mark[1] != letter:
        raise Faulty("options out of order", f"({mark[1]}) stands where ({letter}) is due")
    return given[mark.end() :]


def _solution(cells: Cells) -> str:
    other = cells.get("other")
    return text(other, "solution") if isinstance(other, dict) else ""


def _read(cells: Cells) -> Seed:
    given = texts(cells, "options")
    options = tuple(
        convert_dollars(_option(option, letter)) for option, letter in zip(given, ascii_uppercase, strict=False)
    )
    label = text(cells, "label") if options else ""
    parts = (text(cells, "passage"), text(cells, "question"))
    return make_seed(
        convert_dollars("\n".join(part for part in parts if part)),
        options=options,
        answer=lettered(options, label) if options else convert_dollars(number_or_text(cells, "answer")),
        solution=convert_dollars(_solution(cells)),
    )


AGIEVAL = Format(
    "agieval",
    recognises=lambda cells: {"question", "options", "label"} <= cells.keys(),
    read=_read,
)
