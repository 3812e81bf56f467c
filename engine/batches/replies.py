"""What came back of a wave: rows in any order, some missing, some twice, read by shard with the memory of one.

A row is matched to what its shard asks, found by replay; so a journaled reply always has the key of the call that asks
for it, and a row that was read before, or that nobody asked for, journals nothing.
"""

from __future__ import annotations

import time
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from engine.batches.api import BatchError
from engine.call import Call, Reply
from engine.errors import EndpointStop, Fault
from engine.journal import Entry
from engine.replay import Ask
from engine.tokens import with_usage
from engine.transports.wire import Answer, Dialect, read_answer

_HEADERS: Mapping[str, str] = {}
_PIECE = 1 << 20


def custom_id(index: int, ask: Ask) -> str:
    """The name of a call within its wave: its address."""
    return f"{index}:{ask.path}"


def request_line(index: int, ask: Ask, body: Mapping[str, Any], url: str) -> bytes:
    """One line of a wave's file."""
    line = {"custom_id": custom_id(index, ask), "method": "POST", "url": url, "body": body}
    return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)


def lines_of(path: Path) -> Iterator[tuple[int, bytes]]:
    """Every line with the place of its first byte. Lines end with a newline alone: replies may hold U+2028, U+0085."""
    place, rest = 0, b""
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                yield place, line
                place += len(line) + 1
    if rest:
        yield place, rest


@dataclass
class Rows:
    """Where the rows of each shard are in what was downloaded."""

    path: Path
    places: dict[int, array[int]]
    """By shard: place and length of each row in turn."""
    found: int = 0
    """Rows that name a call, whosever it is."""
    garbled: int = 0
    elsewhere: int = 0
    """Rows of shards that another worker holds, or of none."""

    @classmethod
    def scatter(cls, path: Path, shards: Mapping[int, range]) -> Rows:
        """Find the rows of these shards, each given by its indices."""
        rows = cls(path, {number: array("q") for number in shards})
        ranges = sorted((span.start, span.stop, number) for number, span in shards.items())
        for place, line in lines_of(path):
            if not line.strip():
                continue
            index = _index_of(line)
            if index is None:
                rows.garbled += 1
                continue
            rows.found += 1
            number = next((number for start, stop, number in ranges if start <= index < stop), None)
            if number is None:
                rows.elsewhere += 1
            else:
                rows.places[number].extend((place, len(line)))
        return rows

    def of(self, shard: int) -> Iterator[dict[str, Any]]:
        """The rows of a shard, in the order they came."""
        places = self.places[shard]
        with self.path.open("rb") as file:
            for place, length in zip(places[::2], places[1::2], strict=True):
                file.seek(place)
                yield orjson.loads(file.read(length))


def _index_of(line: bytes) -> int | None:
    """The index that a row is for; None where it is no row of ours."""
    try:
        index, _, path = orjson.loads(line)["custom_id"].partition(":")
        return int(index) if path else None
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


@dataclass
class Matched:
    """What a wave's rows are to one shard."""

    entries: list[tuple[Call, Entry]] = field(default_factory=list)
    fates: Counter[str] = field(default_factory=Counter)
    """Rows by fate; see `engine.batches.waves.Settled`."""
    stop: EndpointStop | None = None
    """Why nothing more should be sent, where a row says so."""
    fault: Fault | None = None
    """The last one that left a call open."""


@dataclass(frozen=True)
class Reader:
    """Reads the rows of one model."""

    name: str
    secret: str
    price: str
    dialect: Dialect

    def match(
        self, rows: Iterator[dict[str, Any]], asks: Mapping[str, tuple[int, Ask]], known: frozenset[str]
    ) -> Matched:
        """The rows as journal entries. `asks`: what is open, `known`: what has its reply, by custom id."""
        matched = Matched()
        seen: set[str] = set()
        for row in rows:
            name = row["custom_id"]
            if name in seen:
                matched.fates["twice"] += 1
            elif name in asks:
                self._take(row, *asks[name], matched, seen)
            else:
                matched.fates["known" if name in known else "stranger"] += 1
        return matched

    def _take(self, row: dict[str, Any], index: int, ask: Ask, matched: Matched, seen: set[str]) -> None:
        try:
            reply = self.read(row)
        except Fault as fault:
            matched.fault = fault
            matched.fates[f"open: {_why(row)}"] += 1
        except EndpointStop as stop:
            matched.stop = stop
            matched.fates[f"open: {_why(row)}"] += 1
        else:
            seen.add(row["custom_id"])
            matched.fates["reply"] += 1
            reply = with_usage(ask.call, reply)
            entry = Entry(index, ask.path, ask.key, reply, time.time_ns() // 1_000_000, self.price)
            matched.entries.append((ask.call, entry))

    def read(self, row: Mapping[str, Any]) -> Reply:
        """The reply in a row. Raises a Fault where the call stays open, EndpointStop where going on is pointless."""
        response, error = row.get("response"), row.get("error")
        if not isinstance(response, dict):
            said = error if isinstance(error, dict) else {}
            raise Fault(
                f"{self.name}: the batch gave no reply ({said.get('message') or said.get('code') or 'no reason'})"
            )
        status, body = response.get("status_code"), response.get("body")
        content = body.encode() if isinstance(body, str) else orjson.dumps(body)
        answer = Answer(status if isinstance(status, int) else 500, _HEADERS, content)
        if self.dialect.learn({"seed": 0, "max_tokens": 0}, answer):
            raise Fault(f"{self.name}: the endpoint does not take a setting; the next wave goes without it")
        return read_answer(answer, self.name, self.secret)


def _why(row: Mapping[str, Any]) -> str:
    """A short constant to count by."""
    response, error = row.get("response"), row.get("error")
    if isinstance(response, dict):
        return f"HTTP {response.get('status_code')}"
    return str(error.get("code") or "no reason")[:60] if isinstance(error, dict) else "no reason"


def refused_lines(source: Path, errors: Mapping[int, BatchError]) -> Iterator[bytes]:
    """Rows as an error file has them, of the lines for which a whole batch failed; numbered from 1."""
    for number, (_, line) in enumerate(lines_of(source), 1):
        if (error := errors.get(number)) is not None:
            body = {"error": {"message": error.message, "code": error.code, "type": "invalid_request_error"}}
            name = orjson.loads(line)["custom_id"]
            yield orjson.dumps({"custom_id": name, "response": {"status_code": 400, "body": body}, "error": None})
