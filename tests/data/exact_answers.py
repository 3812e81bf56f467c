"""What the tests of every level's seeds share: reading the file, pairing seeds with computations, comparing exactly."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import TypeVar

import sympy
from answer_grammar import parse_answer

SEEDS = Path(__file__).parents[2] / "data" / "seeds"
T = TypeVar("T")


def read_level(level: str) -> list[dict[str, str]]:
    """The rows of data/seeds/<level>.jsonl, in the order of the file."""
    lines = (SEEDS / f"{level}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def unmatched(seeds: Iterable[Mapping[str, str]], checks: Collection[str]) -> list[str]:
    """Every `check` that a seed names twice or that has no computation, and every computation without a seed."""
    named = [seed["check"] for seed in seeds]
    twice = {check for check in named if named.count(check) > 1}
    return sorted(twice | (set(named) ^ set(checks)))


def only(values: Iterable[T]) -> T:
    """The single value there is; a question with no solution, or with two different ones, is a defect."""
    found = list(values)
    assert found and all(value == found[0] for value in found), f"expected one solution, found {found[:5]}"
    return found[0]


def differences(answer: str, computed: object) -> list[sympy.Expr]:
    """Answer minus computed number (int, Fraction, sympy), for tuples coordinate by coordinate; all zero when exact."""
    wanted = parse_answer(answer)
    values = computed if isinstance(computed, tuple) else (computed,)
    assert len(values) == len(wanted), f"{answer} has {len(wanted)} coordinates, the computation {len(values)}"
    return [sympy.simplify(w - sympy.sympify(v, strict=True)) for w, v in zip(wanted, values, strict=True)]


def final_answer(solution: str) -> str:
    """What a solution says in its last sentence, "The answer is ...", without the marks of a formula."""
    said = re.search(r"The answer is ((?:[^.]|\.(?=\d))+)\.$", solution)
    assert said is not None, f"the solution does not end with its answer: {solution[-60:]!r}"
    return said[1].removeprefix(r"\( ").removesuffix(r" \)")
