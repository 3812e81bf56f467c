"""Reads the exact answers of our seeds into sympy values.

The grammar is small and closed; nothing of a seed's text is ever evaluated as code:

    answer   = sum | "(" sum "," sum { "," sum } ")"
    sum      = [ "-" ] term { ( "+" | "-" ) term }
    term     = integer "/" integer | power { power }          juxtaposition multiplies; an integer comes first only
    power    = atom [ "^" ( integer | "{" sum "}" ) ]
    atom     = integer | decimal | "e" | "i" |"\\pi" | "(" sum ")" | "\\frac" group group | "\\sqrt" group | "\\ln" atom
    group    = "{" sum "}"
"""

from __future__ import annotations

import re

import sympy

CONSTANTS = {"e": sympy.E, "i": sympy.I, r"\pi": sympy.pi}
TOKEN = re.compile(r"\s*(?:(\d+\.\d+|\d+|\\frac|\\sqrt|\\ln|\\pi|[ei]|[-+/^(){},])|(\S))")


class AnswerError(ValueError):
    """The text is not an answer of this grammar."""


class _Reader:
    """One pass over the tokens of one answer."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[str] = []
        for known, unknown in TOKEN.findall(text):
            if unknown:
                raise AnswerError(f"unknown character {unknown!r} in {text!r}")
            self.tokens.append(known)
        self.at = 0

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, wanted: str = "") -> str:
        token = self.peek()
        if not token or (wanted and token != wanted):
            raise AnswerError(f"expected {wanted or 'more'} but found {token or 'the end'} in {self.text!r}")
        self.at += 1
        return token

    def sum(self) -> sympy.Expr:
        total = sympy.Integer(0)
        sign = -1 if self.peek() == "-" and self.take() else 1
        while True:
            total += sign * self.term()
            if self.peek() not in {"+", "-"}:
                return total
            sign = 1 if self.take() == "+" else -1

    def term(self) -> sympy.Expr:
        if self.peek().isdecimal() and self.tokens[self.at + 1 : self.at + 2] == ["/"]:
            numerator = int(self.take())
            self.take("/")
            return sympy.Rational(numerator, self.integer())
        product = self.power()
        while self.peek() and (self.peek() in CONSTANTS or self.peek()[0] in "\\("):
            product *= self.power()
        return product

    def power(self) -> sympy.Expr:
        base = self.atom()
        if self.peek() != "^":
            return base
        self.take("^")
        return base ** (self.group() if self.peek() == "{" else self.integer())

    def atom(self) -> sympy.Expr:
        token = self.peek()
        if token.isdecimal():
            return sympy.Integer(self.integer())
        self.take()
        if "." in token:
            return sympy.Rational(token)
        if token in CONSTANTS:
            return CONSTANTS[token]
        if "." in token:
            return sympy.Rational(token)
        if token == "(":
            inside = self.sum()
            self.take(")")
            return inside
        if token == r"\frac":
            return self.group() / self.group()
        if token == r"\sqrt":
            return sympy.sqrt(self.group())
        if token == r"\ln":
            return sympy.log(self.atom())
        raise AnswerError(f"{token} cannot stand here in {self.text!r}")

    def group(self) -> sympy.Expr:
        self.take("{")
        inside = self.sum()
        self.take("}")
        return inside

    def integer(self) -> int:
        token = self.take()
        if not token.isdecimal():
            raise AnswerError(f"expected an integer but found {token} in {self.text!r}")
        return int(token)

    def answer(self) -> tuple[sympy.Expr, ...]:
        if self.peek() == "(" and "," in self.tokens:
            self.take("(")
            values = [self.sum()]
            while self.peek() == ",":
                self.take(",")
                values.append(self.sum())
            self.take(")")
        else:
            values = [self.sum()]
        if self.peek():
            raise AnswerError(f"{self.peek()} is left over in {self.text!r}")
        return tuple(values)


def parse_answer(text: str) -> tuple[sympy.Expr, ...]:
    """The exact value of an answer: one sympy number, or the coordinates of a tuple in order. Raises AnswerError."""
    return _Reader(text).answer()
