"""What a server is, and what it says it holds."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

import neo4j

from graph.stores.neo4j_address import Address
from graph.stores.neo4j_connection import connect, failures_told
from graph.stores.neo4j_manifest import Manifest, read_manifest


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """A server that answers."""

    version: str
    """Such as `5.26.30 community`."""
    manifest: Manifest | None
    """None where nothing of ours was ever loaded."""


def server_status(address: Address) -> ServerStatus:
    """Ask the server. Raises InputError where it does not answer or refuses us."""
    with closing(connect(address)) as driver, failures_told(address), driver.session() as session:
        return session.execute_read(_status)


def _status(transaction: neo4j.ManagedTransaction) -> ServerStatus:
    of_kernel = "CALL dbms.components() YIELD name, versions, edition WHERE name = 'Neo4j Kernel'"
    record = transaction.run(f"{of_kernel} RETURN versions[0] + ' ' + edition AS version").single(strict=True)
    return ServerStatus(record["version"], read_manifest(transaction))
