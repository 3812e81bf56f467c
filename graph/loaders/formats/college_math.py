"""CollegeMath as MwpBench publishes it (MathScale, arXiv 2403.02884): `question`, `answer`, `data_topic`, `license`.

Formulas are `$...$`; money is `\\$`. The level is college, though some of its books teach algebra from the beginning.
There are no worked solutions.
"""

from __future__ import annotations

from graph.loaders.formulas import convert_dollars
from graph.loaders.rows import Cells, Format, make_seed, number_or_text, text
from graph.seed import Seed

_TOPIC = "college_math."


def _recognises(cells: Cells) -> bool:
    return "question" in cells and str(cells.get("data_topic", "")).startswith(_TOPIC)


def _read(cells: Cells) -> Seed:
    return make_seed(
        convert_dollars(text(cells, "question")),
        answer=convert_dollars(number_or_text(cells, "answer")),
        source=text(cells, "data_source"),
        licence=text(cells, "license"),
        level="college",
        subject=text(cells, "data_topic").removeprefix(_TOPIC).replace("_", " "),
    )


COLLEGE_MATH = Format("college_math", recognises=_recognises, read=_read)
