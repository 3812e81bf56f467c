"""The tokens of a question one after another, and what was learned of them: the base of the parsers.

Clauses are read in `clauses.py`, patterns in `patterns.py`, expressions in `expressions.py`. Each refuses what it does
not expect; none builds a tree, for nothing is made of the text: it is answered as it stands or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NoReturn

from graph.cypher.language import CLAUSES, KEYWORDS, LEFT_OUT, MAX_DEPTH, REFUSED
from graph.cypher.tokens import Kind, Token, refuse, tokens


@dataclass(slots=True)
class Seen:
    """What a question names, to be compared with the graph and the parameters that were given."""

    labels: list[Token] = field(default_factory=list)
    types: list[Token] = field(default_factory=list)
    properties: list[tuple[str, Token]] = field(default_factory=list)
    """Of which variable ('' in a pattern without one), and the property's name."""
    tables: dict[str, set[str]] = field(default_factory=dict)
    """By variable: the labels or types it was given in patterns."""
    nodes: set[str] = field(default_factory=set)
    relationships: set[str] = field(default_factory=set)
    aliases: set[str] = field(default_factory=set)
    """Names given by AS: what they are is not followed."""
    parameters: list[Token] = field(default_factory=list)
    columns: tuple[str, ...] = ()
    notes: set[str] = field(default_factory=set)
    """Keys of `language.NOTES`."""


class Reader:
    """A place in the tokens of a text, spaces and comments left out."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.seen = Seen()
        self._tokens = [token for token in tokens(text) if token.kind not in (Kind.SPACE, Kind.COMMENT)]
        self._next = 0
        self._depth = 0
        self._spelled: dict[str, Token] = {}

    @property
    def token(self) -> Token:
        """The next token."""
        return self._tokens[self._next]

    def ahead(self, count: int) -> Token:
        """The token so many behind the next one, at most the last."""
        return self._tokens[min(self._next + count, len(self._tokens) - 1)]

    def take(self) -> Token:
        """The next token, and go on."""
        token = self.token
        self._next = min(self._next + 1, len(self._tokens) - 1)
        return token

    def taken(self, read: Callable[[], None]) -> Sequence[Token]:
        """What a reader of ours takes."""
        start = self._next
        read()
        return self._tokens[start : self._next]

    def at_word(self, *words: str) -> bool:
        """Whether the next tokens are these words."""
        return all(self.ahead(place).word == word for place, word in enumerate(words))

    def at(self, symbol: str) -> bool:
        """Whether the next token is this symbol."""
        return self.token.kind is Kind.SYMBOL and self.token.text == symbol

    def accept(self, symbol: str) -> bool:
        """Take the symbol if it is next."""
        if found := self.at(symbol):
            self.take()
        return found

    def accept_word(self, *words: str) -> bool:
        """Take the words if they are next."""
        if found := self.at_word(*words):
            for _ in words:
                self.take()
        return found

    def expect(self, symbol: str, after: str) -> None:
        """Take the symbol, or refuse what is there instead."""
        if not self.accept(symbol):
            self.unexpected(f"{symbol!r} has to follow {after}")

    def expect_word(self, word: str, after: str) -> None:
        """Take the word, or refuse what is there instead."""
        if not self.accept_word(word):
            self.unexpected(f"{word} has to follow {after}")

    def new_name(self) -> Token:
        """Take a variable, in one spelling: the embedded store does not tell capitals, Neo4j does."""
        token = self.token
        if token.kind is not Kind.QUOTED and (
            token.kind is not Kind.NAME or token.word in KEYWORDS or token.word in REFUSED
        ):
            self.unexpected("a name is expected here; one that is a word of Cypher stands in backticks")
        first = self._spelled.setdefault(token.name.lower(), token)
        if first.name != token.name:
            refuse(self.text, token.offset, f"{token.text} and {first.text} differ in capitals only; write them alike")
        return self.take()

    def schema_name(self, what: str) -> Token:
        """Take the name of a label, a type or a property; any word will do."""
        if self.token.kind not in (Kind.NAME, Kind.QUOTED):
            self.unexpected(f"the name of a {what} is expected here")
        return self.take()

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """Refuse what is nested too deep for a parser to be safe, ours and the stores'."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            refuse(self.text, self.token.offset, f"nested more than {MAX_DEPTH} deep")
        yield
        self._depth -= 1

    def refuse(self, reason: str) -> NoReturn:
        """Refuse the question for its next token."""
        refuse(self.text, self.token.offset, reason)

    def refuse_at(self, token: Token, reason: str) -> NoReturn:
        """Refuse the question for this token."""
        refuse(self.text, token.offset, reason)

    def unexpected(self, wanted: str) -> NoReturn:
        """Refuse the next token, which is none of those allowed here."""
        token = self.token
        if token.word in REFUSED:
            self.refuse(f"{token.text} is not allowed: a question only reads, with {CLAUSES}")
        if token.kind is Kind.END:
            self.refuse(f"the question ends here, but {wanted}")
        if token.kind in (Kind.NAME, Kind.QUOTED) and self.ahead(1).text == "(" and token.name.lower() in LEFT_OUT:
            self.refuse(f"{token.text}() is not allowed: {LEFT_OUT[token.name.lower()]}")
        self.refuse(f"{token.text[:40]!r} is not expected: {wanted}")
