"""Which rows are wanted, and the key by which pages go."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import InputError
from generation.reviews import VERDICTS
from graph.finding import find_concept
from graph.merging.by_person import DecisionTable
from graph.snapshot import Snapshot

KEPT, FAULTED = "kept", "faulted"
"""Of checks: nothing speaks against a question, or something does."""
UNREVIEWED = "none"
"""Of persons: none said anything of it."""
REVIEWS = (*VERDICTS, UNREVIEWED)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows are wanted; what is empty does not matter."""

    rejected: bool = False
    """The rows that gave no question, in place of those that did."""
    concepts: tuple[tuple[str, ...], ...] = ()
    """For each concept that a row must have been asked for the ids that it has had; see `concept_ids`."""
    level: str = ""
    words: str = ""
    """What question or solution contains, whatever the case; of rejected rows, what the model said."""
    shortest: int | None = None
    """Characters of the question at least."""
    longest: int | None = None
    """Characters of the question at most."""
    reason: str = ""
    """Of rejected rows: why."""
    check: str = ""
    """What checks of the dataset say: `kept`, `faulted`, the name of one that speaks against it, or `name: reason`."""
    review: str = ""
    """What persons say: `accept`, `reject`, or `none` where nobody said anything."""

    def __post_init__(self) -> None:
        """Raises InputError for what no row can be."""
        if self.review and self.review not in REVIEWS:
            raise InputError(f"there is no verdict of persons {self.review!r}, only {', '.join(REVIEWS)}")
        if self.reason and not self.rejected:
            raise InputError(f"only rejected rows have a reason such as {self.reason!r}; ask for them: --rejected")
        bounded = self.shortest is not None or self.longest is not None
        wrong = {"length": bounded, "check": self.check, "verdict of persons": self.review}
        if self.rejected and (named := [name for name, value in wrong.items() if value]):
            raise InputError(f"a rejected row is no question and has no {named[0]}; leave it out, or --rejected")

    @property
    def by_facts(self) -> bool:
        """Whether anything is asked but concepts and words."""
        bounded = self.shortest is not None or self.longest is not None
        return bool(bounded or self.level or self.reason or self.check or self.review)

    @property
    def indexed(self) -> bool:
        """Whether rows are found through the index."""
        return bool(self.concepts or self.by_facts)


@dataclass(frozen=True, slots=True)
class Key:
    """The place of a row: its run and index."""

    run: str
    index: int

    @classmethod
    def read(cls, text: str) -> Key:
        """From `run:index`. Raises InputError for another text."""
        run, _, index = text.rpartition(":")
        if not run or not index.isdecimal() or len(index) > 18:
            raise InputError(f"{text[:80]!r} is no place of a row; one is RUN:INDEX, as the last line of a page has it")
        return cls(run, int(index))

    def __str__(self) -> str:
        return f"{self.run}:{self.index}"


def concept_ids(snapshot: Snapshot, given: str) -> tuple[str, ...]:
    """The id of the concept that a person means, and all ids of what was merged into it, for `Filter.concepts`.

    Raises InputError as `graph.finding.find_concept`.
    """
    found = find_concept(DecisionTable(snapshot), given)
    leads = snapshot.resolver()
    return tuple(sorted({found, *(old for old, now in leads.items() if now == leads.get(found, found))}))
