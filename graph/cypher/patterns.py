"""Patterns: `(a:Concept {id: $id})-[r:CO_OCCURS*1..2]->(b)`."""

from __future__ import annotations

from graph.cypher.expressions import Expressions
from graph.cypher.language import MAX_HOPS
from graph.cypher.tokens import Kind, Token


class Patterns(Expressions):
    """Reads the patterns of MATCH."""

    def patterns(self) -> None:
        """One or more, joined by commas."""
        self._path()
        while self.accept(","):
            self._path()

    def _path(self) -> None:
        if self.token.kind in (Kind.NAME, Kind.QUOTED) and self.ahead(1).text == "=":
            self.new_name()
            self.take()
        start = self.token
        labelled = self._node()
        hops = 0
        while self.at("-") or self.at("<"):
            hops += self._relationship()
            self._node()
        if not hops and not labelled:
            # Neo4j keeps a node of its own beside the graph's: what the graph is of
            self.refuse_at(start, "a node that stands alone needs its label, such as (n:Concept)")
        if hops > 1:
            self.seen.notes.add("path")

    def _node(self) -> bool:
        """Whether it has a label."""
        self.expect("(", "here: a node is written like (c:Concept)")
        variable = self._variable()
        labels = self._names("label") if self.accept(":") else []
        self.seen.labels += labels
        self._properties(variable, labels)
        self.expect(")", "a node")
        if variable:
            self.seen.nodes.add(variable)
        return bool(labels)

    def _relationship(self) -> int:
        """How many hops it may be."""
        backward = self.accept("<")
        self.expect("-", "'<'" if backward else "a node")
        hops = 1
        if self.accept("["):
            variable = self._variable()
            types = self._names("type") if self.accept(":") else []
            self.seen.types += types
            if self.accept("*"):
                hops = self._bounds()
            self._properties(variable, types)
            self.expect("]", "a relationship")
            if variable:
                self.seen.relationships.add(variable)
        self.expect("-", "a relationship")
        if self.at(">") and backward:
            self.refuse("a relationship goes one way, ->, or is written without a way, --")
        self.accept(">")
        return hops

    def _variable(self) -> str:
        return self.new_name().name if self.token.kind in (Kind.NAME, Kind.QUOTED) else ""

    def _names(self, what: str) -> list[Token]:
        names = [self.schema_name(what)]
        while self.accept("|"):
            self.accept(":")
            names.append(self.schema_name(what))
        if self.at(":"):
            self.refuse(f"two {what}s at once mean both on one store and either on the other; write A|B for either")
        return names

    def _bounds(self) -> int:
        least = self.token
        if self.token.kind is Kind.INTEGER:
            self.take()
            if int(least.text) < 1:
                self.refuse_at(least, "a path has at least 1 relationship, such as *1..2")
            if not self.at(".."):
                return self._at_most(least)
        self.expect("..", f"*: paths need an upper bound, such as *1..{MAX_HOPS}")
        if self.token.kind is not Kind.INTEGER:
            self.unexpected(f"paths need an upper bound, such as *1..{MAX_HOPS}")
        return self._at_most(self.take())

    def _at_most(self, bound: Token) -> int:
        if not 1 <= int(bound.text) <= MAX_HOPS:
            self.refuse_at(bound, f"a path has 1 to {MAX_HOPS} relationships")
        return int(bound.text)

    def _properties(self, variable: str, tables: list[Token]) -> None:
        names = {token.name for token in tables}
        if variable:
            self.seen.tables.setdefault(variable, set()).update(names)
        if not self.accept("{"):
            return
        while True:
            key = self.schema_name("property")
            self.seen.properties.append((variable, key))
            self.expect(":", "the name of a property")
            self.expression()
            if not self.accept(","):
                break
        self.expect("}", "the properties")
