"""What the rows of the public data sets look like, one file a format, and how a format is recognised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from engine.errors import InputError
from graph.loaders.formats.agieval import AGIEVAL
from graph.loaders.formats.college_math import COLLEGE_MATH
from graph.loaders.formats.gsm8k import GSM8K
from graph.loaders.formats.math import MATH
from graph.loaders.formats.plain import PLAIN
from graph.loaders.formats.tal_scq import TAL_SCQ
from graph.loaders.rows import Cells, Format

AUTO = "auto"
FORMATS: Mapping[str, Format] = MappingProxyType(
    {form.name: form for form in (TAL_SCQ, MATH, AGIEVAL, COLLEGE_MATH, GSM8K, PLAIN)}
)
"""By name, the most particular first: rows are of the first format that recognises them."""


def find_format(name: str) -> Format:
    """The format of that name. Raises InputError naming those there are."""
    if name not in FORMATS:
        raise InputError(f"there is no format {name!r}; give --format one of {AUTO}, {', '.join(FORMATS)}")
    return FORMATS[name]


def recognise(where: str, rows: Sequence[Cells]) -> Format:
    """The first format that recognises more than half of these rows, a file's first ones; else ours where it fits one.

    Raises InputError, naming the columns, where no format does.
    """
    for form in FORMATS.values():
        if 2 * sum(form.recognises(cells) for cells in rows) > len(rows):
            return form
    if any(PLAIN.recognises(cells) for cells in rows):
        return PLAIN
    columns = ", ".join(str(name) for name in rows[0])[:200] or "none"
    raise InputError(
        f"{where} is of no format known (its columns: {columns}); say which column holds the question: "
        f"skillweave seeds import {where} --column question=COLUMN --column answer=COLUMN, or name the format: "
        f"--format {'|'.join(FORMATS)}"
    )
