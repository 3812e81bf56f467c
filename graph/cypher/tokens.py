"""The words of a Cypher text. What two stores might cut differently is refused here, before anything is understood.

Neo4j turns `\\u0027` into a quote before it looks for strings, also in comments; Unicode has a dozen line ends and
spaces, and letters that look like ours. So an escape is taken only in a string and only for a letter that is no quote,
names outside backticks are ASCII, and control characters but tab and line end are refused wherever they stand.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import NoReturn

from engine.errors import InputError

MAX_CHARACTERS = 20_000
"""Of one question."""
SEE = "see docs/cypher.md"


class Kind(Enum):
    """What a token is."""

    SPACE = "space"
    COMMENT = "comment"
    NAME = "name"
    QUOTED = "quoted"
    PARAMETER = "parameter"
    STRING = "string"
    FLOAT = "float"
    INTEGER = "integer"
    SYMBOL = "symbol"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text, as it stands there."""

    kind: Kind
    text: str
    offset: int
    """Characters before it."""

    @property
    def name(self) -> str:
        """What it names: a parameter without `$`, a quoted name without its backticks."""
        if self.kind is Kind.QUOTED:
            return self.text[1:-1]
        return self.text[1:] if self.kind is Kind.PARAMETER else self.text

    @property
    def word(self) -> str:
        """In capitals, as the words of the language are compared; '' of what cannot be one."""
        return self.text.upper() if self.kind is Kind.NAME else ""


_TOKEN = re.compile(
    r"""
      (?P<space>   (?:[ \t\n]|\r\n)+ )
    | (?P<comment> //[^\n]* | /\*(?:[^*]|\*(?!/))*\*/ )
    | (?P<name>    [A-Za-z_][A-Za-z0-9_]* )
    | (?P<quoted>  `[^`\n]+` (?!`) )
    | (?P<parameter> \$[A-Za-z_][A-Za-z0-9_]* )
    | (?P<string>  '(?:[^'\\]|\\.)*' | "(?:[^"\\]|\\.)*" )
    | (?P<float>   (?:0|[1-9][0-9]*) (?: \.[0-9]+ (?:[eE][+-]?[0-9]+)? | [eE][+-]?[0-9]+ ) (?![A-Za-z0-9_]) )
    | (?P<integer> (?:0|[1-9][0-9]*) (?![A-Za-z0-9_]) )
    | (?P<symbol>  <> | <= | >= | \.\. | /(?!\*) | [()\[\]{},.:;|+\-*%^=<>] )
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:\\(?!u)|['\"ntrbf]|u(?P<code>[0-9A-Fa-f]{4})|(?P<other>.))", re.DOTALL)
_INSTEAD = {
    "~": "=~ is not allowed: the stores read regular expressions differently; take STARTS WITH, ENDS WITH or CONTAINS",
    "!": "! is not allowed: write <> for differs and NOT for not",
    "&": "& is not allowed: write AND, or A|B for either label",
}
_FORBIDDEN = frozenset({"Cc", "Cs", "Zl", "Zp"})
_LONGEST_INTEGER = 2**63 - 1


def tokens(text: str) -> tuple[Token, ...]:
    """Every token, spaces and comments too: joined they are the text. The last is an empty one of kind END.

    Raises InputError naming line and column of what is no Cypher, or might be read in two ways.
    """
    if len(text) > MAX_CHARACTERS:
        raise InputError(f"the question has {len(text):,} characters, and may have {MAX_CHARACTERS:,}; {SEE}")
    for offset, letter in enumerate(text):
        if letter not in "\t\n" and unicodedata.category(letter) in _FORBIDDEN and text[offset : offset + 2] != "\r\n":
            refuse(text, offset, f"the character U+{ord(letter):04X} is not allowed anywhere; take it out")
    return tuple(_cut(text))


def place(text: str, offset: int) -> str:
    """Where an offset is, as a person counts: lines and columns from 1."""
    return f"line {text.count(chr(10), 0, offset) + 1}, column {offset - text.rfind(chr(10), 0, offset)}"


def refuse(text: str, offset: int, reason: str) -> NoReturn:
    """Raise InputError with the place and the reason, which ends with what to do."""
    raise InputError(f"{place(text, offset)}: {reason}; {SEE}")


def _cut(text: str) -> Iterator[Token]:
    offset = 0
    while offset < len(text):
        match = _TOKEN.match(text, offset)
        if match is None:
            _refuse_start(text, offset)
        token = Token(Kind(match.lastgroup), match[0], offset)
        _check(text, token)
        yield token
        offset = match.end()
    yield Token(Kind.END, "", len(text))


def _check(text: str, token: Token) -> None:
    if token.kind is Kind.STRING:
        for escape in _ESCAPE.finditer(token.text):
            _check_escape(text, token.offset + escape.start(), escape)
    elif (slash := token.text.find("\\")) >= 0:
        refuse(text, token.offset + slash, "a backslash may stand only in a string; take it out")
    elif token.kind is Kind.INTEGER and (len(token.text) > 19 or int(token.text) > _LONGEST_INTEGER):
        refuse(text, token.offset, f"{token.text[:30]} is too large; a whole number has 64 bits")
    elif token.kind is Kind.FLOAT and float(token.text) == float("inf"):
        refuse(text, token.offset, f"{token.text[:30]} is too large; a number has 64 bits")


def _check_escape(text: str, offset: int, escape: re.Match[str]) -> None:
    if escape["other"] is not None:
        refuse(text, offset, f"the escape {escape[0]!r} is not one of \\\\ \\' \\\" \\n \\t \\r \\b \\f \\uXXXX")
    if escape["code"] is not None:
        letter = chr(int(escape["code"], 16))
        if letter in "'\"`\\" or unicodedata.category(letter) in _FORBIDDEN:
            refuse(text, offset, f"the escape {escape[0]} is not allowed: it makes a quote, a slash or no character")


def _refuse_start(text: str, offset: int) -> NoReturn:
    letter = text[offset]
    if letter in "'\"`":
        refuse(text, offset, f"the {letter} opened here is not closed as one string or name")
    if text.startswith("/*", offset):
        refuse(text, offset, "the comment opened here is not closed by */")
    if letter.isdigit() and letter.isascii():
        refuse(text, offset, "a number is written like 12, 0.5 or 1e-3")
    if letter == "$":
        refuse(text, offset, "a parameter is written like $name")
    if letter == "\\":
        refuse(text, offset, "a backslash may stand only in a string; take it out")
    if letter in _INSTEAD:
        refuse(text, offset, _INSTEAD[letter])
    known = f" ({unicodedata.name(letter, 'no name')})" if not letter.isascii() else ""
    refuse(text, offset, f"{letter!r}{known} is not allowed outside strings; names there are ASCII letters")
