"""What a Neo4j server says of itself: one node, changed only in a transaction with what it tells of.

    (:Manifest {id: 'skillweave', state, version, store, snapshot, staged, counts, loaded, tables, loader, beat})

| state | the database holds |
|---|---|
| empty | nothing of ours |
| clearing | what is left of an older graph, while it is deleted |
| loading | the first `loaded` rows of the staged tables, in their order |
| ready | all of `store`, counted |

The community edition has one database, so a graph is replaced in place. A reader is told so: it reads the manifest
before its query and after it, and keeps the rows only where both say the same version of the wanted store is ready.
`version` is new each time a graph begins to go, and never comes back; deletions are committed after that change, so
rows of which one was missing are always found out.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import neo4j
import orjson

from engine.call import content_hash
from engine.errors import ExitCode, InputError, SkillweaveError
from engine.processes import alive, numbering, process_start
from graph.snapshot import Snapshot
from graph.stores import Questions, StoreSettings
from graph.stores.neo4j_address import Address
from graph.stores.schema import TABLES

FORMAT = 1
KEY = "skillweave"
LEASE_S = 60.0
"""A loader that did not commit for so long, by the server's clock, has lost its right to go on."""
_READ = "MATCH (m:Manifest {id: $key}) RETURN m {.*} AS manifest, timestamp() - coalesce(m.beat, 0) AS age_ms"


class NotReady(InputError):
    """The server holds another graph, or not all of the wanted one; the message says what to do."""


class BeingLoaded(SkillweaveError):
    """Another process loads the server; the message names its host and process."""

    exit_code = ExitCode.INCOMPLETE


@dataclass(frozen=True, slots=True)
class Manifest:
    """The node as it was read."""

    properties: Mapping[str, Any]
    age_ms: int
    """How long ago a loader committed something."""

    @property
    def state(self) -> str:
        """`empty`, `clearing`, `loading` or `ready`."""
        return str(self.properties["state"])

    @property
    def version(self) -> str:
        """New each time that a graph begins to go."""
        return str(self.properties.get("version", ""))

    @property
    def store(self) -> str:
        """The id of what is there, or is being loaded."""
        return str(self.properties.get("store", ""))

    @property
    def snapshot(self) -> str:
        """The fingerprint of its graph."""
        return str(self.properties.get("snapshot", ""))

    @property
    def counts(self) -> dict[str, int]:
        """Rows of every table when it is whole."""
        return dict(orjson.loads(self.properties.get("counts", "{}")))

    @property
    def loaded(self) -> int:
        """Rows loaded so far."""
        return int(self.properties.get("loaded", 0))

    @property
    def holder(self) -> str | None:
        """Who is at work on it, as `host, process n`; None where nobody is."""
        if self.state not in ("clearing", "loading"):
            return None
        if not (owner := orjson.loads(self.properties.get("loader") or "{}")):
            return None
        here = (owner["host"], owner["numbering"]) == (socket.gethostname(), numbering())
        if self.age_ms > LEASE_S * 1000 or (here and not alive(owner["pid"], owner["start"])):
            return None
        return f"{owner['host']}, process {owner['pid']}"

    def is_ready(self, store: str) -> bool:
        """Whether all of this store is there."""
        return self.state == "ready" and self.store == store

    def may_be_loaded(self, store: str) -> bool:
        """Whether nothing is there, or a part of this store that nobody goes on with."""
        return self.state == "empty" or (self.state == "loading" and self.store == store and self.holder is None)

    def told(self) -> str:
        """What is there, for a person."""
        if self.state == "empty":
            return "no graph"
        if self.state == "ready":
            counts = self.counts
            return f"graph {self.snapshot} with {counts['Question']:,} questions"
        return f"half a graph{self._progress()}, {f'loaded by {self.holder}' if self.holder else 'left by its loader'}"

    def replaced(self) -> str:
        """How far its replacing is, for a person."""
        return (
            f"is being replaced{f' by {self.holder}' if self.holder else ', but its loader stopped'}{self._progress()}"
        )

    def _progress(self) -> str:
        total = sum(self.counts.values())
        return f" ({self.loaded:,} of {total:,} rows are there)" if self.state == "loading" else ""


def read_manifest(transaction: neo4j.Transaction | neo4j.ManagedTransaction) -> Manifest | None:
    """The manifest; None where nothing of ours was ever loaded."""
    record = transaction.run(_READ, key=KEY).single()
    return None if record is None else Manifest(record["manifest"], record["age_ms"])


def require(manifest: Manifest | None, store: str, address: Address) -> str:
    """The version of the store, which is wholly there. Raises NotReady where it is not."""
    load = f"skillweave neo4j load {address.option}"
    if manifest is None or manifest.state == "empty":
        raise NotReady(f"{address.url} holds no graph yet; load it: {load}")
    if manifest.state == "ready" and manifest.store != store:
        raise NotReady(
            f"{address.url} holds {manifest.told()}, another than is asked; replace it: {load}, or ask --store embedded"
        )
    if manifest.state != "ready":
        then = "ask again in a while" if manifest.holder else f"go on with it: {load}"
        raise NotReady(f"the graph at {address.url} {manifest.replaced()}; {then}")
    return manifest.version


def store_id(snapshot: Snapshot, questions: Questions, settings: StoreSettings | None = None) -> str:
    """What a store is known by: the snapshot, the shards loaded, and how it is loaded."""
    tables = [[table.name, table.ends, list(table.properties)] for table in TABLES.values()]
    pairs = (settings or StoreSettings()).other_pairs
    return content_hash(["neo4j", FORMAT, tables, snapshot.fingerprint, sorted(questions.shards), pairs])


def new_loader() -> str:
    """This process, as `loader` names it; of two loads of one process each is another."""
    me = {"host": socket.gethostname(), "pid": os.getpid(), "start": process_start(os.getpid())}
    return orjson.dumps({**me, "numbering": numbering(), "load": secrets.token_hex(8)}).decode()
