"""What persons say of generated questions: verdicts, in one SQLite file that is only ever added to.

    workspace/reviews.sqlite    verdict (number, question, verdict, reason, by, at)
                                last_verdict, a view of it: of each question the one that counts

    number    1, 2, ... in the order in which they were given: the last one of a question counts
    question  its id, a hash of run.json and index, so that a verdict holds for every copy of the run
    verdict   accept or reject
    reason    why; a rejection has one
    by        the person
    at        when, UTC, as ISO 8601 to the second

The file is in WAL mode, so that people read while one writes; what is added at once is one transaction, durable on
return. Triggers refuse to change or delete a row: who thinks better of it gives another verdict.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.errors import InputError, StorageError
from engine.workspace import Workspace

ACCEPT, REJECT = "accept", "reject"
VERDICTS = (ACCEPT, REJECT)
FORMAT = 1
_SCHEMA = """
CREATE TABLE verdict (
    number INTEGER PRIMARY KEY,
    question TEXT NOT NULL CHECK (question <> ''),
    verdict TEXT NOT NULL CHECK (verdict IN ('accept', 'reject')),
    reason TEXT NOT NULL CHECK (reason <> '' OR verdict <> 'reject'),
    by TEXT NOT NULL CHECK (by <> ''),
    at TEXT NOT NULL
) STRICT;
CREATE INDEX verdict_of_question ON verdict (question, number);
CREATE VIEW last_verdict AS
    SELECT * FROM verdict WHERE number IN (SELECT max(number) FROM verdict GROUP BY question);
CREATE TRIGGER never_changed BEFORE UPDATE ON verdict BEGIN SELECT RAISE(ABORT, 'a verdict is never changed'); END;
CREATE TRIGGER never_deleted BEFORE DELETE ON verdict BEGIN SELECT RAISE(ABORT, 'a verdict is never deleted'); END;
PRAGMA user_version = 1;
"""
_ALL = "SELECT number, question, verdict, reason, by, at FROM verdict ORDER BY number DESC LIMIT ?"
_ALL_THAT_COUNT = "SELECT number, question, verdict, reason, by, at FROM last_verdict ORDER BY number DESC LIMIT ?"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a person says of a question."""

    question: str
    """The id of a generated question."""
    verdict: str
    """One of VERDICTS."""
    reason: str
    """Why; may be empty of an accepted one."""
    by: str


@dataclass(frozen=True, slots=True)
class Given:
    """A verdict as it is kept."""

    number: int
    verdict: Verdict
    at: str


def verdicts(place: Workspace) -> Mapping[str, str]:
    """The last verdict of every question that has one, `accept` or `reject`, by id in the order of ids."""
    return {row[0]: row[1] for row in _read(place, "SELECT question, verdict FROM last_verdict ORDER BY question")}


def read_verdicts(place: Workspace, *, last: bool = False, most: int | None = None) -> list[Given]:
    """The verdicts, the last given first; `last`: of each question only the one that counts; `most`: so many."""
    rows = _read(place, _ALL_THAT_COUNT if last else _ALL, -1 if most is None else most)
    return [Given(number, Verdict(*said), at) for number, *said, at in rows]


def add_verdicts(
    place: Workspace, given: Sequence[Verdict], *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> int:
    """Add verdicts, all or none; how many were new: a person who says again what counts already adds nothing.

    Whether there is such a question is not looked at. Raises InputError for a verdict that is not of the form, and
    StorageError where they cannot be written.
    """
    at = now().astimezone(UTC).isoformat(timespec="seconds")
    added = 0
    with _opened(place.reviews) as reviews:
        reviews.execute("PRAGMA journal_mode = WAL")
        reviews.execute("PRAGMA synchronous = FULL")
        reviews.execute("BEGIN IMMEDIATE")
        if _version(reviews) == 0:
            for statement in _statements(_SCHEMA):
                reviews.execute(statement)
        for one in given:
            said = (one.question, one.verdict, one.reason, one.by)
            before = reviews.execute(
                "SELECT question, verdict, reason, by FROM verdict WHERE question = ? ORDER BY number DESC LIMIT 1",
                said[:1],
            ).fetchone()
            if before != said:
                try:
                    reviews.execute(
                        "INSERT INTO verdict (question, verdict, reason, by, at) VALUES (?, ?, ?, ?, ?)", (*said, at)
                    )
                except sqlite3.IntegrityError:
                    raise InputError(
                        f"{one} is no verdict: it has a question, {' or '.join(VERDICTS)}, a person, and where it "
                        "rejects a reason; see: skillweave review import --help"
                    ) from None
                added += 1
        reviews.execute("COMMIT")
    return added


def _read(place: Workspace, query: str, *values: int) -> list[Any]:
    """The rows of a query; none where nothing was ever reviewed."""
    if not place.reviews.is_file():
        return []
    with _opened(place.reviews) as reviews:
        return reviews.execute(query, values).fetchall() if _version(reviews) else []


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """The file of reviews, made where it is not there; what is not committed in the end is undone."""
    try:
        with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as reviews:
            if (version := _version(reviews)) > FORMAT:
                raise InputError(f"{path} has format {version}, this skillweave reads {FORMAT}; upgrade it")
            yield reviews
    except sqlite3.OperationalError as error:
        raise StorageError(
            f"{path}: {error}; what was there before is untouched. See what holds it or whether there is room, and "
            "give the same command again"
        ) from None
    except sqlite3.DatabaseError as error:
        raise InputError(f"{path} is no file of reviews ({error}); put it back from a copy, or move it away") from None


def _version(reviews: sqlite3.Connection) -> int:
    version: int = reviews.execute("PRAGMA user_version").fetchone()[0]
    return version


def _statements(script: str) -> Iterator[str]:
    """The statements of a script one by one: `executescript` would end the transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
