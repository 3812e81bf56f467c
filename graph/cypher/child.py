"""The process that answers: it opens one store, gives up everything else, and answers question after question.

It trusts nobody: what it is told comes over one socket, from a parent that kills it when a question takes too long. It
ends when the parent does. A text is answered as it came; whether it may be asked was the guard's to say.
"""

from __future__ import annotations

import contextlib
import decimal
import os
import select
import socket
import threading
from collections.abc import Generator
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from engine.errors import SkillweaveError
from graph.cypher.confinement import confine, limit_memory, limit_processor
from graph.cypher.frames import receive, send

MOST_REQUEST_BYTES = 8 << 20
"""Of a question with its parameters."""
_TRIAL = "UNWIND [1, 2] AS x RETURN 'a' AS a, sum(x) AS b, collect(x) AS c, avg(x) AS d"


class Fault(Exception):
    """Why there is no answer: `time`, `memory`, `large`, `graph`, or `refused` with the store's own words."""

    def __init__(self, kind: str, detail: str = "") -> None:
        super().__init__(kind, detail)
        self.kind = kind
        self.detail = " ".join(detail.split())[:400]


class Backend(Protocol):
    """An opened store."""

    confined: int
    """The version of Landlock that holds the process; 0 where there is none."""

    def rows(
        self, text: str, parameters: dict[str, Any], timeout_s: float, most: int
    ) -> Generator[list[Any], None, None]:
        """Answer; so many rows at most. Raises Fault."""


class Embedded:
    """A file of Ladybug, read-only."""

    def __init__(self, file: Path, pool_bytes: int, threads: int) -> None:
        import ladybug

        size = max(1 << 30, 1 << (2 * file.stat().st_size).bit_length())
        # Ladybug's own imports happen when a value needs them, and afterwards no module can be read
        with ladybug.Database(max_db_size=1 << 30) as trial, ladybug.Connection(trial) as connection:
            connection.execute(_TRIAL).get_all()
        self.confined = confine([file])
        self._database = ladybug.Database(
            file, read_only=True, buffer_pool_size=pool_bytes, max_num_threads=threads, max_db_size=size
        )
        self._connect = partial(ladybug.Connection, self._database, num_threads=threads)

    def rows(
        self, text: str, parameters: dict[str, Any], timeout_s: float, most: int
    ) -> Generator[list[Any], None, None]:
        """See `Backend`."""
        connection = self._connect()
        try:
            connection.set_query_timeout(max(1, int(timeout_s * 1000)))
            result = connection.execute(text, parameters)
            if isinstance(result, list):
                raise Fault("refused", "one statement at a time")
            while most > 0 and result.has_next():
                yield list(result.get_next())
                most -= 1
        except RuntimeError as error:
            words = str(error)
            if "Interrupted" in words:
                raise Fault("time") from None
            if "bad_alloc" in words or "Unable to allocate memory" in words or "Mmap for size" in words:
                raise Fault("memory") from None
            raise Fault("refused", words) from None
        finally:
            connection.close()


class Server:
    """A Neo4j server, asked in read transactions that check the manifest."""

    def __init__(self, address: dict[str, str], store: str) -> None:
        from graph.stores.neo4j import Neo4jStore
        from graph.stores.neo4j_address import Address

        self.confined = confine(None)
        self._store = Neo4jStore(Address(**address), store)

    def rows(
        self, text: str, parameters: dict[str, Any], timeout_s: float, most: int
    ) -> Generator[list[Any], None, None]:
        """See `Backend`."""
        try:
            result = self._store.query(text, parameters, timeout_s=timeout_s, row_limit=most)
        except SkillweaveError as error:
            raise Fault("said", str(error)) from None
        yield from map(list, result.rows)


def answer(backend: Backend, request: dict[str, Any]) -> dict[str, Any]:
    """The answer to one question: its rows, or a fault."""
    rows: list[list[Any]] = []
    left = int(request["answer_bytes"])
    try:
        with contextlib.closing(_rows(backend, request)) as found:
            for row in found:
                rows.append([_plain(value) for value in row])
                left -= sum(_size(value) for value in rows[-1]) + 2
                if left < 0:
                    raise Fault("large")
    except Fault as fault:
        return {"fault": fault.kind, "detail": fault.detail}
    except MemoryError:
        return {"fault": "memory", "detail": ""}
    except Exception as error:  # noqa: BLE001 - a value that Ladybug's own Python cannot bind, of whatever kind
        return {"fault": "refused", "detail": repr(error)[:400]}
    return {"rows": rows}


def _rows(backend: Backend, request: dict[str, Any]) -> Generator[list[Any], None, None]:
    return backend.rows(request["text"], request["parameters"], request["timeout_s"], request["row_limit"] + 1)


def _opened(opening: dict[str, Any]) -> Backend:
    if "file" in opening:
        return Embedded(Path(opening["file"]), opening["limits"]["pool_bytes"], opening["limits"]["threads"])
    return Server(opening["address"], opening["store"])


def _plain(value: Any) -> Any:
    """The value as both stores give it: a sum of whole numbers is one. Raises Fault for nodes, relationships, paths."""
    if isinstance(value, decimal.Decimal):
        value = int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise Fault("refused", "a whole number of the answer has more than 64 bits")
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise Fault("graph")


def _size(value: Any) -> int:
    """Bytes in JSON, at least."""
    if isinstance(value, str):
        return len(value) + 4
    return sum(map(_size, value)) + 2 if isinstance(value, list) else 8


def _end_with_parent(channel: socket.socket) -> None:
    watched = select.poll()
    watched.register(channel, 0)
    watched.poll()
    os._exit(0)


def main(handle: int) -> None:
    """Serve the socket of this number until its other end is closed."""
    channel = socket.socket(fileno=handle)
    opening = receive(channel, most_bytes=MOST_REQUEST_BYTES)
    if opening is None:
        return
    limits = opening["limits"]
    try:
        backend = _opened(opening)
    except SkillweaveError as error:
        send(channel, {"fault": "said", "detail": str(error)})
        return
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent can tell it and this process cannot
        send(channel, {"fault": "refused", "detail": repr(error)})
        return
    threading.Thread(target=_end_with_parent, args=(channel,), daemon=True).start()
    limit_memory(limits["memory_bytes"])
    send(channel, {"landlock": backend.confined})
    while (request := receive(channel, most_bytes=MOST_REQUEST_BYTES)) is not None:
        limit_processor(request["timeout_s"] * limits["threads"] + limits["grace_s"])
        send(channel, answer(backend, request))
