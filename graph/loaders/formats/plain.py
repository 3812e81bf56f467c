r"""Our own format, and that of whatever has a column `question`, or is told with `--column question=...`.

    {"question": "...",            must be there
     "options": ["...", "..."],    the choices of a multiple-choice question
     "answer": "72",               a text or a number
     "solution": "...", "source": "...", "licence": "...", "subject": "...", "difficulty": "...",
     "level": "middle",            one of graph.seed.LEVELS
     "topics": ["...", "..."], "knowledge_points": ["..."], "skills": ["..."]}     labels; a lone one may be a text

Other fields, `id` among them, are not read: a seed's id is the hash of its question and options. Formulas stand as
`\\( x \\)`, in JSON with two backslashes; a `$` is money.
"""

from __future__ import annotations

from collections.abc import Iterator

from graph.build import COLUMNS
from graph.concept import KINDS, Kind
from graph.loaders.rows import Cells, Format, labels, make_seed, number_or_text, text, texts
from graph.seed import Seed

LISTS: tuple[str, ...] = ("options", *COLUMNS.values())
"""The fields that hold a list."""
FIELDS: tuple[str, ...] = (
    *("question", "answer", "solution", "source", "licence", "level", "subject", "difficulty"),
    *LISTS,
)
"""All fields, in the order of the documentation."""


def _read(cells: Cells) -> Seed:
    return make_seed(
        text(cells, "question"),
        options=texts(cells, "options"),
        answer=number_or_text(cells, "answer"),
        solution=text(cells, "solution"),
        source=text(cells, "source"),
        licence=text(cells, "licence"),
        level=text(cells, "level"),
        subject=text(cells, "subject"),
        difficulty=number_or_text(cells, "difficulty"),
        concepts=labels(_labels(cells)),
    )


def _labels(cells: Cells) -> Iterator[tuple[Kind, str]]:
    for kind in KINDS:
        column = COLUMNS[kind]
        lone = isinstance(cells.get(column), str)
        for name in (text(cells, column),) if lone else texts(cells, column):
            yield kind, name


PLAIN = Format("plain", recognises=lambda cells: "question" in cells, read=_read)
