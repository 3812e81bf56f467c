"""Ask a question that a person wrote; safe to call from any thread."""

from __future__ import annotations

from collections.abc import Mapping

from engine.errors import InputError
from engine.workspace import Workspace
from graph.cypher.guard import Value, check
from graph.cypher.workers import Target, Workers
from graph.snapshot import Snapshot
from graph.stores import Questions, Result, ladybug
from graph.stores.opening import EMBEDDED, open_store, server_address, store_url

MAX_TIMEOUT_S = 600.0
MAX_ROWS = 100_000
_WORKERS = Workers()
_reached: set[Target] = set()
"""Stores that this process found whole, so that not every question reads all of a file again. The child of a server
checks its manifest with every question."""


def ask(
    place: Workspace,
    snapshot: Snapshot,
    questions: Questions,
    url: str | None,
    text: str,
    params: Mapping[str, Value] | None = None,
    timeout_s: float = 10.0,
    row_limit: int = 1_000,
) -> Result:
    """Answer one question in read-only Cypher, of the part of it that both stores answer alike (docs/cypher.md).

    `url` chooses the store (see `graph.stores.opening`); the embedded one is made where it is not there, which takes
    its time beside `timeout_s`. `text` goes to the store as it is, or not at all. Columns are named as RETURN names
    them; their types are text, int, number, bool, list, or '' where no row tells. `more` says that rows were left out.

    Raises InputError with one sentence for a person: what is not allowed, with its line and column; what the graph does
    not have; that it took too long, wanted too much memory, or answers too much. Nothing outlives it: the store is as
    it was, and the next question is answered.
    """
    if not 0 < timeout_s <= MAX_TIMEOUT_S:
        raise InputError(f"a question may take up to {MAX_TIMEOUT_S:g} s, not {timeout_s:g}; choose another --timeout")
    if not 1 <= row_limit <= MAX_ROWS:
        raise InputError(f"an answer may have 1 to {MAX_ROWS:,} rows, not {row_limit:,}; choose another --rows")
    question = check(text, params or {})
    target = _target(place, snapshot, questions, store_url(place, url))
    return _WORKERS.ask(target, question, timeout_s=timeout_s, row_limit=row_limit)


def _target(place: Workspace, snapshot: Snapshot, questions: Questions, url: str) -> Target:
    """The store, which is there: made or loaded if need be, and reached once in this process."""
    if url == EMBEDDED:
        file = place.stores / ladybug.store_id(snapshot, questions) / ladybug.DATABASE
        if not file.exists() or Target.embedded(file) not in _reached:
            ladybug.project(snapshot, place.stores, questions)
            _reached.add(Target.embedded(file))
        return Target.embedded(file)
    from graph.stores import neo4j_manifest  # the driver, which the embedded store does without

    target = Target.server(server_address(place, url), neo4j_manifest.store_id(snapshot, questions))
    if target not in _reached:
        open_store(place, snapshot, questions, url).close()
        _reached.add(target)
    return target
