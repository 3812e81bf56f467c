"""The other store: a Neo4j server, for graphs that many share or that other tools read as well.

A query is one read transaction with a time limit. The manifest is read in it before and after, see
`graph.stores.neo4j_manifest`: rows are never of two graphs, nor of half a one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import neo4j
from neo4j.exceptions import Neo4jError
from neo4j.graph import Node, Path, Relationship

from graph.stores import Result
from graph.stores.neo4j_address import Address
from graph.stores.neo4j_connection import connect, failures_told
from graph.stores.neo4j_manifest import NotReady, read_manifest, require

_TYPES = {bool: "BOOL", int: "INT64", float: "DOUBLE", str: "STRING"}


class Neo4jStore:
    """What a server holds under one store's id; safe to use from several threads."""

    dialect = "neo4j"

    def __init__(self, address: Address, store: str) -> None:
        """Reach the server. Raises InputError where it does not answer, NotReady where it does not hold the store."""
        self._address, self._store = address, store
        self._driver = connect(address)
        try:
            with failures_told(address), self._session() as session, session.begin_transaction() as transaction:
                self._version(transaction)
        except BaseException:
            self._driver.close()
            raise

    def query(
        self, text: str, params: Mapping[str, Any], *, timeout_s: float = 30.0, row_limit: int = 10_000
    ) -> Result:
        """See `graph.stores.Store.query`. Raises NotReady where the graph is being replaced."""
        with failures_told(self._address, timeout_s), self._session(fetch_size=row_limit + 1) as session:
            version = ""
            try:
                with session.begin_transaction(timeout=timeout_s) as transaction:
                    version = self._version(transaction)
                    result = transaction.run(text, dict(params))
                    columns = tuple(result.keys())
                    rows = [tuple(map(_plain, record.values())) for record in result.fetch(row_limit + 1)]
                    result.consume()
                    self._require_still(version, transaction)
            except Neo4jError:
                with session.begin_transaction() as transaction:
                    self._require_still(
                        version, transaction
                    )  # a query whose graph is deleted under it may fail by that
                raise
        return Result(columns, _types(columns, rows), rows[:row_limit], more=len(rows) > row_limit)

    def close(self) -> None:
        """Close the connections."""
        self._driver.close()

    def _version(self, transaction: neo4j.Transaction) -> str:
        return require(read_manifest(transaction), self._store, self._address)

    def _require_still(self, version: str, transaction: neo4j.Transaction) -> None:
        """Raises NotReady where the graph is no longer the one of this version."""
        if self._version(transaction) != version:
            raise NotReady("the graph was replaced while it was asked; ask again")

    def _session(self, **settings: Any) -> neo4j.Session:
        return self._driver.session(default_access_mode=neo4j.READ_ACCESS, **settings)


def _types(columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> tuple[str, ...]:
    """The columns' types by the embedded store's names, as the first value of each shows it; ANY where none does."""
    firsts = (next((row[place] for row in rows if row[place] is not None), None) for place in range(len(columns)))
    return tuple(_TYPES.get(type(first), "ANY") for first in firsts)


def _plain(value: Any) -> Any:
    """Nodes, relationships and paths as mappings and lists; times as texts."""
    match value:
        case Node():
            return {"_label": ", ".join(sorted(value.labels)), **dict(sorted(value.items()))}
        case Relationship():
            return {"_label": value.type, **dict(sorted(value.items()))}
        case Path():
            return {"_nodes": [_plain(node) for node in value.nodes], "_rels": [_plain(r) for r in value.relationships]}
        case list():
            return [_plain(item) for item in value]
        case dict():
            return {name: _plain(item) for name, item in value.items()}
        case None | bool() | int() | float() | str():
            return value
        case _:
            return str(value)
