"""Every file of data/seeds keeps the format that data/seeds/README.md documents."""

from __future__ import annotations

import json
import re
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest
from answer_grammar import parse_answer
from exact_answers import SEEDS, final_answer

from graph.loaders import load_seeds
from graph.seed import LEVELS

KEYS = ["question", "answer", "solution", "source", "licence", "level", "subject", "check"]
PREFIX = {"primary": "p", "middle": "m", "high": "h", "competition": "c", "college": "u"}
FILES = sorted(SEEDS.glob("*.jsonl"))
ROWS = [json.loads(line) for file in FILES for line in file.read_text(encoding="utf-8").splitlines()]
FORMULA = re.compile(r"\\\((?:(?!\\[()\[\]]).)*\\\)|\\\[(?:(?!\\[()\[\]]).)*\\\]")
MONEY = re.compile(r"\$\d{1,3}(?:,\d{3})+(?:\.\d\d)?(?![\d,])|\$\d+(?:\.\d\d)?(?!\d)")
NEAR_DUPLICATE = 0.5
"""Share of word 3-grams, numbers left out, above which two questions are the same one with other numbers."""


def each(rows: list[dict[str, str]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("row", rows, ids=[row.get("check", str(n)) for n, row in enumerate(rows)])


def shingles(question: str) -> set[tuple[str, ...]]:
    words = re.findall(r"[a-z]+|\\[a-z]+", question.lower())
    return set(zip(words, words[1:], words[2:], strict=False))


def test_there_is_a_file_for_each_level() -> None:
    assert [file.stem for file in FILES] == sorted(LEVELS)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_the_loader_takes_every_row(file: Path) -> None:
    loaded = load_seeds(file)
    assert loaded.skipped == ()
    assert [seed.level for seed in loaded.seeds] == [file.stem] * len(file.read_text(encoding="utf-8").splitlines())


@each(ROWS)
def test_keys_and_values(row: dict[str, str]) -> None:
    assert list(row) == KEYS
    assert all(isinstance(value, str) and value and value == value.strip() for value in row.values())
    assert (row["source"], row["licence"]) == ("skillweave-seeds", "CC-BY-4.0")
    assert re.fullmatch(r"[a-z]+( [a-z]+)*", row["subject"])
    assert re.fullmatch(rf"{PREFIX[row['level']]}-\d{{3}}", row["check"])


@each(ROWS)
def test_formulas_and_money(row: dict[str, str]) -> None:
    for text in (row["question"], row["solution"]):
        prose = FORMULA.sub("", text)
        assert "\\" not in prose, "LaTeX outside of a formula, or a formula that is not closed"
        assert "$" not in MONEY.sub("", prose), "a dollar sign that is not money"
        assert all(formula.count("{") == formula.count("}") and "$" not in formula for formula in FORMULA.findall(text))


@each(ROWS)
def test_answer_is_exact_and_ends_the_solution(row: dict[str, str]) -> None:
    parse_answer(row["answer"])
    assert final_answer(row["solution"]) == row["answer"]
    formula = row["solution"].endswith(r" \).")
    assert formula == (re.fullmatch(r"-?\d+([./]\d+)?", row["answer"]) is None)


@each([row for row in ROWS if re.fullmatch(r"-?\d+/\d+", row["answer"])])
def test_a_fraction_is_in_lowest_terms(row: dict[str, str]) -> None:
    (value,) = parse_answer(row["answer"])
    assert row["answer"] == f"{value.p}/{value.q}"


def test_checks_and_questions_are_unique() -> None:
    assert [check for check, times in Counter(row["check"] for row in ROWS).items() if times > 1] == []
    assert [text for text, times in Counter(row["question"] for row in ROWS).items() if times > 1] == []


def test_no_two_questions_differ_in_their_numbers_only() -> None:
    grams = [(row["check"], shingles(row["question"])) for row in ROWS]
    near = [
        (first, second)
        for (first, ours), (second, theirs) in combinations(grams, 2)
        if len(ours & theirs) > NEAR_DUPLICATE * len(ours | theirs)
    ]
    assert near == []
