r"""MATH (Hendrycks et al., arXiv 2103.03874): `problem`, `level` ("Level 5"), `type` ("Algebra"), `solution`.

The answer is what the last `\boxed{}` of the solution holds. Formulas are `$...$`; money is `\$`. All are competition
problems; `type` is the subject. The later cut MATH-500 says `subject` for `type`, gives the level as a number and has
an `answer` of its own; it is read as well.
"""

from __future__ import annotations

import re

from graph.loaders.formulas import convert_dollars
from graph.loaders.rows import Cells, Faulty, Format, make_seed, number_or_text, text
from graph.seed import Seed

_BOX = re.compile(r"\\f?boxed\s*(?=[{\w\\-])|\\fbox\s*(?=\{)")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_BARE = re.compile(r"\\?[\w.-]+")
_TEX = re.compile(r"[\\^_{}]")


def last_boxed(solution: str) -> str | None:
    r"""What the last `\boxed{...}` or `\fbox{...}` holds, its braces counted; `\boxed 5` too. None without one."""
    boxes = list(_BOX.finditer(solution))
    if not boxes:
        return None
    start = boxes[-1].end()
    if solution[start] != "{":
        bare = _BARE.match(solution, start)
        return bare.group() if bare else None
    depth = 0
    for found in _BRACE.finditer(solution, start):
        depth += {"{": 1, "}": -1}.get(found.group(), 0)
        if depth == 0:
            return solution[start + 1 : found.start()].strip()
    return None


def _answer(cells: Cells, solution: str) -> str:
    r"""As TeX within `\( \)` where it needs TeX, else as it is."""
    written = number_or_text(cells, "answer") or last_boxed(solution)
    if not written:
        raise Faulty("no boxed answer", r"the solution has no \boxed{...} whose braces close")
    return convert_dollars(f"${written}$") if _TEX.search(written) else written


def _read(cells: Cells) -> Seed:
    solution = text(cells, "solution")
    return make_seed(
        convert_dollars(text(cells, "problem")),
        answer=_answer(cells, solution),
        solution=convert_dollars(solution),
        level="competition",
        subject=text(cells, "type") or text(cells, "subject"),
        difficulty=number_or_text(cells, "level"),
    )


MATH = Format(
    "math",
    recognises=lambda cells: {"problem", "solution", "level"} <= cells.keys(),
    read=_read,
)
