"""Solving by rule: the value of the sum that a question asks for in digits, and of nothing else.

    What is 3 + 4 * (5 - 2)?      Find the value of \\( \\frac{1}{2} + 3^2 \\).      Work out 12 / 8.

A question in words is refused with that reason: to understand it takes a language model. The expression is parsed here,
exactly, in fractions; nothing is evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction

ASKS = "Solve the question below."
REFUSAL = "<refusal>only a sum in digits can be solved by rule</refusal>"
_QUESTION = re.compile(r"<question>(.*)</question>", re.DOTALL)
_SUM = re.compile(
    r"\s*(?:what is|find|compute|calculate|evaluate|work out|determine)(?: the value of)?\s+"
    r"((?:[\d\s.+\-*/^(){}]|\\\(|\\\)|\\\[|\\\]|\\[dt]?frac|\\cdot|\\times|\\div)+?)\s*(?:,[^?]*)?[?.]?\s*",
    re.IGNORECASE,
)
_FRAC = re.compile(r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}")
_TOKEN = re.compile(r"\d+(?:\.\d+)?|[-+*/^()]")
_MOST_TOKENS, _MOST_DEPTH, _MOST_POWER, _MOST_DIGITS = 200, 50, 20, 60


def solve(messages: Sequence[Mapping[str, str]]) -> str:
    """The reply to a prompt like generation/recipes/resolve/solve.prompt; empty for a prompt of another shape."""
    asked = next((message["content"] for message in reversed(messages) if message["role"] == "user"), "")
    question = _QUESTION.search(asked)
    if not asked.startswith(ASKS) or question is None:
        return ""
    found = _SUM.fullmatch(question[1].strip()[:2_000])
    value = value_of(found[1]) if found else None
    if found is None or value is None:
        return REFUSAL
    steps = f"Step 1: the sum is {found[1]}.\nStep 2: its value is {value}."
    return f"<solution>\n{steps}\nThe answer is {value}.\n</solution>"


def value_of(expression: str) -> Fraction | None:
    """The value of an expression in digits; None where it is none, or too large."""
    text = _FRAC.sub(r"((\1)/(\2))", expression)
    for given, meant in ((r"\cdot", "*"), (r"\times", "*"), (r"\div", "/"), ("{", "("), ("}", ")")):
        text = text.replace(given, meant)
    text = re.sub(r"\\[()\[\]]|\s", "", text)
    tokens = _TOKEN.findall(text)
    if "".join(tokens) != text or not 0 < len(tokens) <= _MOST_TOKENS or any(len(t) > _MOST_DIGITS for t in tokens):
        return None
    try:
        value, rest = _sum(tokens, 0, 0)
    except (ArithmeticError, IndexError, ValueError):
        return None
    return value if rest == len(tokens) else None


def _sum(tokens: list[str], at: int, depth: int) -> tuple[Fraction, int]:
    value, at = _product(tokens, at, depth)
    while at < len(tokens) and tokens[at] in "+-":
        other, after = _product(tokens, at + 1, depth)
        value, at = value + other if tokens[at] == "+" else value - other, after
    return value, at


def _product(tokens: list[str], at: int, depth: int) -> tuple[Fraction, int]:
    value, at = _power(tokens, at, depth)
    while at < len(tokens) and tokens[at] in "*/":
        other, after = _power(tokens, at + 1, depth)
        value, at = value * other if tokens[at] == "*" else value / other, after
    return value, at


def _power(tokens: list[str], at: int, depth: int) -> tuple[Fraction, int]:
    if depth > _MOST_DEPTH:
        raise ValueError
    if tokens[at] in "+-":
        value, after = _power(tokens, at + 1, depth + 1)
        return (value if tokens[at] == "+" else -value), after
    if tokens[at] == "(":
        base, at = _sum(tokens, at + 1, depth + 1)
        if tokens[at] != ")":
            raise ValueError
        at += 1
    else:
        base, at = Fraction(tokens[at]), at + 1
    if at < len(tokens) and tokens[at] == "^":
        power, at = _power(tokens, at + 1, depth + 1)
        if power.denominator != 1 or abs(power) > _MOST_POWER or len(str(base)) > _MOST_DIGITS:
            raise ValueError
        base = Fraction(base ** int(power))
    return base, at
