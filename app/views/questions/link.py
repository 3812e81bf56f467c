"""What the page shows, as its address holds it: a link shows another person the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace

import streamlit as st

from engine.errors import InputError
from generation.browsing import Filter, Key
from generation.browsing.filtering import REVIEWS

TABS = ("Question", "Origin", "Conversation", "Verdicts and cost", "Nearest")
_ID = re.compile(r"[a-z][0-9a-f]{16}")
_MOST_WORDS, _MANY = 200, 12


@dataclass(frozen=True, slots=True)
class Seen:
    """What one sees. Every field is a parameter of the address; what is empty does not matter."""

    rows: str = ""
    """`rejected`, else the accepted ones."""
    concepts: tuple[str, ...] = ()
    """Ids."""
    level: str = ""
    words: str = ""
    recipe: str = ""
    run: str = ""
    check: str = ""
    review: str = ""
    shortest: int | None = None
    longest: int | None = None
    reason: str = ""
    after: str = ""
    """The key that the page comes after."""
    before: str = ""
    question: str = ""
    """The id of the row that is read; else the page's first."""
    tab: str = ""
    beside: str = ""
    """The id of the question or seed that it is compared with."""

    @property
    def rejected(self) -> bool:
        """Whether the rows are those that gave no question."""
        return self.rows == "rejected"

    def filtered(self, concepts: tuple[tuple[str, ...], ...]) -> Filter:
        """The filter; `concepts` has all ids of each."""
        if self.rejected:
            return Filter(rejected=True, concepts=concepts, level=self.level, words=self.words, reason=self.reason)
        return Filter(
            concepts=concepts, level=self.level, words=self.words, check=self.check, review=self.review,
            shortest=self.shortest, longest=self.longest,
        )  # fmt: skip

    def begun(self) -> Seen:
        """The same from the first page on, with nothing chosen."""
        return replace(self, after="", before="", question="", beside="")


def read_seen(params: Mapping[str, str]) -> Seen:
    """What an address asks for; parts of it that make no sense are as if they were not there."""

    def text(name: str) -> str:
        return params.get(name, "")[:_MOST_WORDS]

    def number(name: str) -> int | None:
        value = params.get(name, "")
        return int(value) if value.isdecimal() and len(value) < 8 else None

    def key(name: str) -> str:
        try:
            return str(Key.read(text(name)))
        except InputError:
            return ""

    return Seen(
        rows="rejected" if text("rows") == "rejected" else "",
        concepts=tuple(_ID.findall(params.get("concepts", ""))[:_MANY]),
        level=text("level"),
        words=text("words"),
        recipe=text("recipe"),
        run=text("run"),
        check=text("check"),
        review=text("review") if text("review") in REVIEWS else "",
        shortest=number("shortest"),
        longest=number("longest"),
        reason=text("reason"),
        after=key("after"),
        before=key("before"),
        question=text("question"),
        tab=text("tab") if text("tab") in TABS else "",
        beside=text("beside"),
    )


def link_of(seen: Seen) -> dict[str, str]:
    """The parameters of an address that shows it; what is empty is left out."""
    told = {field.name: getattr(seen, field.name) for field in fields(seen)}
    told["concepts"] = ".".join(seen.concepts)
    return {name: str(value) for name, value in told.items() if value not in ("", None)}


def seen_now() -> Seen:
    """What the address asks for."""
    return read_seen(st.query_params.to_dict())


def see(seen: Seen) -> None:
    """Put it into the address."""
    told = link_of(seen)
    for field in fields(Seen):
        if field.name in told:
            st.query_params[field.name] = told[field.name]
        elif field.name in st.query_params:
            del st.query_params[field.name]


def turn(change: Callable[[Seen], Seen]) -> None:
    """Change what is seen; for callbacks."""
    see(change(seen_now()))


def choose(question: str) -> None:
    """Read another question; for callbacks."""
    turn(lambda seen: replace(seen, question=question, beside=""))
