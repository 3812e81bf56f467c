"""The final answer is there, is what its solution states, and is a number that the solution's steps come to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from pydantic import Field

from engine.recipe import Settings
from generation.quality.contract import Batch, Finding, RowCheck
from generation.quality.same_answer import same_answer, undressed, value_of
from generation.tags import final_answer

_HASHES = re.compile(r"^#{3,4}\s*(\S.*)$", re.MULTILINE)
_STATED = re.compile(r"\banswer\s+is\b|\\boxed\s*\{|^#{3,4}\s", re.IGNORECASE | re.MULTILINE)
_NUMBERS = re.compile(r"\d[\d,]*(?:\.\d+)?(?:\s*/\s*\d+)?")
_DIGITS = re.compile(r"(?<![\d.,])\d+(?![\d/]|[.,]\d)")
_MOST_SOLUTION = 50_000


class AnswerSettings(Settings):
    """How much is asked of an answer."""

    in_steps: bool = Field(True, description="whether a number must be in the steps before it is stated")


def stated_answers(solution: str) -> list[str]:
    """What a solution states as its answer, the last of each form: "the answer is ...", \\boxed{...}, #### ..."""
    hashes = _HASHES.findall(solution)
    forms = (final_answer(solution), _boxed(solution), hashes[-1].strip() if hashes else "")
    return [stated for stated in forms if stated]


def answer_fault(answer: str, solution: str, *, in_steps: bool = True) -> tuple[str, str] | None:
    """What is wrong with an answer and the words that tell; None where nothing is."""
    solution = solution[-_MOST_SOLUTION:]
    if not answer.strip():
        return "no final answer", ""
    stated = stated_answers(solution)
    if not stated:
        return "solution states no answer", solution[-200:]
    for each in stated:
        if not same_answer(answer, each):
            return "answer differs from its solution", each[:200]
    value = value_of(answer)
    if in_steps and value is not None:
        steps = solution[: min(match.start() for match in _STATED.finditer(solution))]
        if not _reached(abs(value[0]), steps):
            return "answer not reached by its steps", steps.strip()[-200:]
    return None


def _reached(value: Fraction, steps: str) -> bool:
    """Whether a number is among those of the steps, without signs; true too where these have none."""
    if str(value) in _DIGITS.findall(steps):  # the common case, in a tenth of the time
        return True
    numbers = _numbers(steps)
    return not numbers or value in numbers


def _boxed(solution: str) -> str:
    start = solution.rfind("\\boxed{")
    if start < 0:
        return ""
    depth, first = 0, start + len("\\boxed{")
    for place in range(first - 1, len(solution)):
        depth += {"{": 1, "}": -1}.get(solution[place], 0)
        if not depth:
            return solution[first:place].strip()
    return ""


def _numbers(steps: str) -> set[Fraction]:
    """The numbers of the steps, without signs; of a fraction its parts and its value; of a per cent also the share."""
    found: set[Fraction] = set()
    for line in steps.splitlines():
        for text in _NUMBERS.findall(undressed(line)):
            for part in (text, *text.split("/")):
                value = value_of(part.strip(" ,"))
                if value is not None:
                    found.add(value[0])
                    found.add(value[0] / 100)
    return found


class Answers(RowCheck):
    """Finds the four faults of `answer_fault`."""

    columns = ("question", "solution", "answer")

    def __init__(self, settings: AnswerSettings) -> None:
        self._settings = settings

    def identity(self) -> Mapping[str, Any]:
        """See RowCheck."""
        return {"version": 1, "settings": self._settings.model_dump()}

    def judge(self, batch: Batch) -> list[Finding]:
        """See RowCheck."""
        found = []
        for row, (answer, solution) in enumerate(zip(batch.texts("answer"), batch.texts("solution"), strict=True)):
            fault = answer_fault(answer, solution, in_steps=self._settings.in_steps)
            if fault:
                found.append(Finding(row, fault[0], score=None, span=fault[1]))
        return found
