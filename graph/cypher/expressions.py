"""Expressions: everything that has a value. Loosely, operators by rank need no telling apart to be refused or not.

Where the two stores rank operators differently, parentheses are demanded instead: around sums beside IN, STARTS WITH
and IS NULL, and around a comparison of comparisons.
"""

from __future__ import annotations

from graph.cypher.language import AGGREGATES, FUNCTIONS, KEYWORDS, LEFT_OUT, REFUSED
from graph.cypher.reading import Reader
from graph.cypher.tokens import Kind

_COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">="})
_ARITHMETIC = frozenset("+-*/%^")
_BY_NAME = {name.lower(): name for name in FUNCTIONS}
_PARENTHESES = "put one side into parentheses: the stores rank these operators differently"


class Expressions(Reader):
    """Reads expressions; EXISTS wants `patterns`, which a class below gives."""

    def patterns(self) -> None:
        """Read the patterns of a MATCH."""
        raise NotImplementedError

    def expression(self) -> None:
        """`NOT predicate AND predicate OR ...`."""
        with self.deeper():
            while True:
                while self.accept_word("NOT"):
                    pass
                self._predicate()
                if not (self.accept_word("AND") or self.accept_word("OR") or self.accept_word("XOR")):
                    return

    def _predicate(self) -> None:
        """A sum, or two of them compared."""
        plain = self._sum()
        if self.token.text in _COMPARISONS and self.token.kind is Kind.SYMBOL:
            self.take()
            self._sum()
        elif self._word_operator(plain):
            return
        if (self.token.text in _COMPARISONS and self.token.kind is Kind.SYMBOL) or self._at_word_operator():
            self.refuse(f"{self.token.text} follows another comparison; {_PARENTHESES}")

    def _at_word_operator(self) -> bool:
        return self.token.word in ("IN", "STARTS", "ENDS", "CONTAINS", "IS")

    def _word_operator(self, plain: bool) -> bool:
        """`x IN list`, `x STARTS WITH y`, `x IS NULL`: whether it was one."""
        if not self._at_word_operator():
            return False
        operator = self.token
        if not plain:
            self.refuse(f"{operator.text} follows a sum; {_PARENTHESES}")
        self.take()
        if operator.word == "IS":
            self.accept_word("NOT")
            self.expect_word("NULL", "IS or IS NOT")
        else:
            if operator.word in ("STARTS", "ENDS"):
                self.expect_word("WITH", operator.text)
            self._atom()
        if self._at_word_operator() or self.token.text in _COMPARISONS | _ARITHMETIC:
            self.refuse(f"{self.token.text} follows {operator.text}; {_PARENTHESES}")
        return True

    def _sum(self) -> bool:
        """Atoms joined by + - * / % ^. Whether it was one atom alone."""
        alone = not self._signed()
        while self.token.kind is Kind.SYMBOL and self.token.text in _ARITHMETIC:
            operator = self.take()
            if operator.text == "-" and (self.at("-") or self.at("[") or self.at(">")):
                self.refuse("a pattern may stand only in MATCH and EXISTS { MATCH ... }; a number below 0 in (-1)")
            self._signed()
            alone = False
        return alone

    def _signed(self) -> bool:
        """An atom, with a minus or without; whether there was one."""
        signed = self.accept("-")
        if signed and (self.at("-") or self.at("[") or self.at(">")):
            self.refuse("a pattern may stand only in MATCH and EXISTS { MATCH ... }; a number below 0 in (-1)")
        self._atom()
        return signed

    def _atom(self) -> None:
        token = self.token
        if token.kind in (Kind.STRING, Kind.INTEGER, Kind.FLOAT):
            self.take()
        elif token.kind is Kind.PARAMETER:
            self.seen.parameters.append(self.take())
        elif token.word in ("TRUE", "FALSE", "NULL"):
            self.take()
        elif self.accept("("):
            self.expression()
            self.expect(")", "the expression that '(' opens")
        elif self.at("["):
            self._list()
        elif token.word == "CASE":
            self._case()
        elif token.word == "EXISTS":
            self._exists()
        elif token.kind is Kind.NAME and self.ahead(1).text == "(" and token.word not in KEYWORDS:
            self._function()
        else:
            self._value()
        if self.at("["):
            self.refuse("[ ] behind a value is not allowed: lists begin at 0 on one store and 1 on the other; UNWIND")
        if self.at("."):
            self.refuse("only a variable has properties, such as c.name, and these have none")

    def _value(self) -> None:
        """A variable, or a property of one."""
        if self.at("{"):
            self.refuse("a map may stand only in a pattern, such as (c:Concept {id: $id})")
        if self.token.kind not in (Kind.NAME, Kind.QUOTED) or self.token.word in KEYWORDS | REFUSED:
            self.unexpected("a value is expected here")
        if self.ahead(1).text in ("(", "{"):
            self._function()
        if self.ahead(1).text == "." and self.ahead(3).text == "(":
            self.refuse(f"{self.token.text}.{self.ahead(2).text}() is not allowed: only plain functions are")
        variable = self.new_name()
        if self.accept("."):
            self.seen.properties.append((variable.name, self.schema_name("property")))

    def _function(self) -> None:
        token = self.token
        name = _BY_NAME.get(token.text.lower(), "") if token.kind is Kind.NAME else ""
        if not name:
            if token.word in REFUSED:
                self.unexpected("a value is expected here")
            reason = LEFT_OUT.get(token.name.lower(), f"the functions are {', '.join(FUNCTIONS)}")
            self.refuse(f"{token.text}() is not allowed: {reason}")
        self.take()
        if not self.at("("):
            self.refuse(f"{name} {{ }} is not allowed; only EXISTS {{ MATCH ... }} is")
        self.take()
        arguments = self._arguments(name)
        least, most = FUNCTIONS[name]
        if not least <= arguments <= most:
            wanted = f"{least}" if least == most else f"{least} to {most}"
            self.refuse_at(token, f"{name} takes {wanted} arguments, not {arguments}")
        if name in ("sum", "avg"):
            self.seen.notes.add(name)

    def _arguments(self, name: str) -> int:
        if self.accept(")"):
            return 0
        if name == "count" and self.accept("*"):
            self.expect(")", "count(*")
            return 1
        if name in AGGREGATES:
            self.accept_word("DISTINCT")
        count = 0
        while True:
            self.expression()
            count += 1
            if not self.accept(","):
                break
        self.expect(")", f"the arguments of {name}")
        return count

    def _list(self) -> None:
        with self.deeper():
            self.take()
            if self.token.kind in (Kind.NAME, Kind.QUOTED) and self.ahead(1).word == "IN":
                self.refuse("list comprehensions are not allowed: one store has none; UNWIND and collect")
            while not self.accept("]"):
                if self.at_word("NULL"):
                    self.refuse("a list may not hold null: IN then answers differently on the two stores")
                self.expression()
                if not self.accept(",") and not self.at("]"):
                    self.unexpected("a list is written like [1, 2, 3]; patterns and comprehensions are not allowed")

    def _case(self) -> None:
        with self.deeper():
            self.take()
            if not self.at_word("WHEN"):
                self.expression()
            while self.accept_word("WHEN"):
                if self.at_word("NULL"):
                    self.refuse("WHEN NULL answers differently on the two stores; WHEN x IS NULL")
                self.expression()
                self.expect_word("THEN", "WHEN and its condition")
                self.expression()
            if self.accept_word("ELSE"):
                self.expression()
            self.expect_word("END", "CASE")

    def _exists(self) -> None:
        with self.deeper():
            self.take()
            self.expect("{", "EXISTS: it is written EXISTS { MATCH ... }")
            self.expect_word("MATCH", "EXISTS {")
            self.patterns()
            if self.accept_word("WHERE"):
                self.expression()
            self.expect("}", "EXISTS { MATCH ... WHERE ...")
