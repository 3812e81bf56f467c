"""Clauses: a question is `MATCH | UNWIND | WITH ... RETURN`, or several of them joined by UNION."""

from __future__ import annotations

from graph.cypher.language import CLAUSES, KEYWORDS
from graph.cypher.patterns import Patterns
from graph.cypher.reading import Seen
from graph.cypher.tokens import Kind, Token


class Clauses(Patterns):
    """Reads a whole question."""

    def question(self) -> Seen:
        """Read the text to its end and tell what it names. Raises InputError for whatever is not on a list."""
        columns = self._single()
        union = None
        while self.at_word("UNION"):
            start = self.take()
            every = self.accept_word("ALL")
            if union not in (None, every):
                self.refuse_at(start, "UNION and UNION ALL may not be mixed in one question")
            union = every
            token = self.token
            if self._single() != columns:
                self.refuse_at(token, f"every part of a UNION has the same columns: {', '.join(columns)}")
        if self.accept(";") and self.token.kind is not Kind.END:
            self.refuse(f"{self.token.text[:40]!r} begins a second statement; one question at a time")
        if self.token.kind is not Kind.END:
            self.unexpected(f"the clauses are {CLAUSES}")
        self.seen.columns = columns
        return self.seen

    def _single(self) -> tuple[str, ...]:
        """Clauses up to RETURN; its columns."""
        while not self.accept_word("RETURN"):
            if self.accept_word("OPTIONAL", "MATCH") or self.accept_word("MATCH"):
                self.patterns()
                self._where()
            elif self.accept_word("UNWIND"):
                self.expression()
                self.expect_word("AS", "UNWIND and its list")
                self._alias()
            elif self.accept_word("WITH"):
                self._projection("WITH")
                self._where()
            elif self.token.kind is Kind.END:
                self.refuse("the question ends without RETURN")
            else:
                self.unexpected(f"the clauses are {CLAUSES}")
        return self._projection("RETURN")

    def _where(self) -> None:
        if self.accept_word("WHERE"):
            self.expression()

    def _projection(self, clause: str) -> tuple[str, ...]:
        """`DISTINCT a AS b, ... ORDER BY ... SKIP ... LIMIT ...`; the names of its columns."""
        self.accept_word("DISTINCT")
        columns: list[str] = []
        while True:
            start = self.token
            column = self._item(clause)
            if column in columns:
                self.refuse_at(start, f"two columns are called {column}; name one otherwise with AS")
            columns.append(column)
            if not self.accept(","):
                break
        if self.accept_word("ORDER", "BY"):
            self._order()
        for word in ("SKIP", "LIMIT"):
            if self.accept_word(word):
                self._count(word)
        return tuple(columns)

    def _item(self, clause: str) -> str:
        if self.at("*"):
            self.refuse(f"{clause} * is not allowed: the stores order its columns differently; name them")
        whole = self.taken(self.expression)
        names = all(token.kind in (Kind.NAME, Kind.QUOTED) and token.word not in KEYWORDS for token in whole[::2])
        if self.accept_word("AS"):
            alias = self._alias()
            itself = len(whole) == 1 and whole[0].name == alias.name
            if alias.name in self.seen.nodes | self.seen.relationships and not itself:
                self.refuse_at(alias, f"{alias.text} is the name of a node or relationship already; take another")
            return alias.name
        if names and len(whole) == 1:
            return whole[0].name
        if not (names and len(whole) == 3 and whole[1].text == "." and clause == "RETURN"):
            self.refuse_at(whole[0], f"{clause} wants a name for what is more than a variable or property: ... AS name")
        return f"{whole[0].name}.{whole[2].name}"

    def _alias(self) -> Token:
        token = self.new_name()
        self.seen.aliases.add(token.name)
        return token

    def _order(self) -> None:
        while True:
            self.expression()
            for word in ("ASC", "ASCENDING", "DESC", "DESCENDING"):
                if self.accept_word(word):
                    break
            if not self.accept(","):
                return

    def _count(self, word: str) -> None:
        if self.token.kind is Kind.PARAMETER:
            self.seen.parameters.append(self.take())
        elif self.token.kind is Kind.INTEGER:
            self.take()
        else:
            self.unexpected(f"{word} takes a whole number or a parameter")
