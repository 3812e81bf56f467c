"""A model that speaks of itself, or declines, in the place of a question or a solution."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from generation.quality.contract import Batch, Finding, RowCheck

_SAYS = re.compile(
    r"\bas an? (?:\w+ )?(?:ai|artificial intelligence|(?:large )?language model|assistant)\b"
    r"|\bi(?:'|\u2019)?m (?:just )?an? (?:ai|language model)\b"
    r"|\bi(?: am|(?:'|\u2019)m) (?:sorry|afraid),? (?:but )?(?:i|that)\b"
    r"|\bi(?: am|(?:'|\u2019)m) (?:not able|unable) to\b"
    r"|\bi (?:can(?:no|(?:'|\u2019))t|will not|won(?:'|\u2019)t) "
    r"(?:assist|comply|create|fulfil+|generate|help|produce|provide|solve|write)\b"
    r"|\bi apologi[sz]e\b|\bmy (?:training data|knowledge cut-?off)\b"
)  # of texts in low case, which takes half the time of re.IGNORECASE


def said(text: str) -> str:
    """The words in which a model speaks of itself or declines, in low case; empty where there are none."""
    match = _SAYS.search(text.lower())
    return match[0] if match else ""


class Refusals(RowCheck):
    """Finds `the model speaks of itself`, in question or solution, with the words."""

    columns = ("question", "solution")

    def identity(self) -> Mapping[str, Any]:
        """See RowCheck."""
        return {"version": 2}

    def judge(self, batch: Batch) -> list[Finding]:
        """See RowCheck."""
        found = []
        for row, texts in enumerate(zip(batch.questions, batch.texts("solution"), strict=True)):
            if words := said(texts[0]) or said(texts[1]):
                found.append(Finding(row, "the model speaks of itself", span=words))
        return found
