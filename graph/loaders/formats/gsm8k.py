"""GSM8K (Cobbe et al., arXiv 2110.14168): `question`, and `answer`, whose last line is `#### 72`.

What stands before that line, without the calculator's notes `<<48/2=24>>`, is the solution. There are no formulas: a
`$` is money. Rows tell no level: grade-school problems reach from primary to middle school.
"""

from __future__ import annotations

import re

from graph.loaders.rows import Cells, Faulty, Format, make_seed, text
from graph.seed import Seed

_LAST_LINE = re.compile(r"(?:\A|\n)####[ \t]*(?P<answer>[^\n]*\S)\s*\Z")
_CALCULATOR = re.compile(r"<<[^<>\n]*>>")


def _recognises(cells: Cells) -> bool:
    answer = cells.get("answer")
    return "question" in cells and isinstance(answer, str) and _LAST_LINE.search(answer) is not None


def _read(cells: Cells) -> Seed:
    answer = text(cells, "answer")
    last = _LAST_LINE.search(answer)
    if last is None:
        raise Faulty("no answer marker", "the answer's last line does not begin with ####")
    solution = _CALCULATOR.sub("", answer[: last.start()]).strip()
    return make_seed(text(cells, "question"), answer=last["answer"], solution=solution)


GSM8K = Format("gsm8k", recognises=_recognises, read=_read)
