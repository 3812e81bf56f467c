"""Load a Neo4j server: in batches, each with its own progress, so that a loader may be killed anywhere.

A batch of rows and the count of rows that are there are one transaction. A loader that is started again stages the same
files (their hash is in the manifest, else it begins anew), skips the rows that are there and goes on; nothing is made
twice and nothing is left out. Every batch first writes to the manifest, which locks it, and goes on only where it still
names this loader: of two loaders one wins, and one that was thought dead cannot write any more.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import neo4j
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from neo4j.exceptions import DriverError, Neo4jError

from engine.call import content_hash
from engine.errors import InputError, StorageError
from engine.files import file_hash, storage_errors
from engine.folders import held_folder
from engine.progress import meter
from graph.snapshot import Snapshot
from graph.stores import Questions, StoreSettings
from graph.stores.neo4j_address import Address
from graph.stores.neo4j_connection import connect, failures_told
from graph.stores.neo4j_manifest import KEY, BeingLoaded, Manifest, new_loader, read_manifest, store_id
from graph.stores.projection import Staged, stage, staged_file
from graph.stores.schema import FROM, TABLES, TO, Table

ROWS_A_BATCH = 10_000
BATCH_TIMEOUT_S = 300.0
"""The server gives up a transaction after this: one whose loader stands still must not hold the manifest for ever."""
_INDEXED = (("Concept", "name"), ("Concept", "kind"))
"""What queries look for besides ids."""
_LOCK = "MATCH (m:Manifest {id: $key}) SET m.beat = timestamp()"
_CHANGE = "MATCH (m:Manifest {id: $key}) SET m += $changes, m.beat = timestamp()"
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)


def load(
    address: Address,
    snapshot: Snapshot,
    scratch: Path,
    questions: Questions | None = None,
    settings: StoreSettings | None = None,
    *,
    replace: bool = True,
) -> str:
    """Make the server hold the snapshot and the questions, and nothing else of ours. Returns the store's id.

    Does nothing where it holds them already, or, unless `replace`, where it holds another graph; goes on where a loader
    of the same was killed. `scratch` is a folder for the staged files. Raises BeingLoaded where another loader is at
    work, InputError where the server cannot be reached or holds what is not ours, StorageError where it fails.
    """
    questions = questions or Questions()
    wanted = store_id(snapshot, questions, settings)
    with closing(connect(address)) as driver, failures_told(address):
        with driver.session() as session:
            found = session.execute_read(read_manifest)
        if found is not None and (found.is_ready(wanted) or not (replace or found.may_be_loaded(wanted))):
            return wanted
        _require_free(address, found)
        with storage_errors(scratch):
            scratch.mkdir(parents=True, exist_ok=True)
            with held_folder(scratch / "neo4j") as folder:
                staged = stage(snapshot, questions, folder, settings)
                _Loading(driver, address, wanted, snapshot.fingerprint, staged, folder).run()
    return wanted


def _require_free(address: Address, found: Manifest | None) -> None:
    if found is not None and found.holder is not None:
        raise BeingLoaded(
            f"{address.url} is being loaded by {found.holder}; see how far it is: "
            f"skillweave neo4j status {address.option}"
        )


class _Loading:
    """One loader at work."""

    def __init__(
        self, driver: neo4j.Driver, address: Address, wanted: str, fingerprint: str, staged: Staged, folder: Path
    ) -> None:
        self._driver, self._address, self._folder = driver, address, folder
        self._wanted, self._fingerprint, self._counts = wanted, fingerprint, dict(staged.counts)
        self._digest = content_hash([file_hash(staged_file(folder, name)) for name in TABLES])
        self._loader = new_loader()

    def run(self) -> None:
        """Load what is not there yet."""
        self._alone(_unique("Manifest"))
        with self._driver.session() as session:
            found = session.execute_write(neo4j.unit_of_work(timeout=BATCH_TIMEOUT_S)(self._take))
        if found.is_ready(self._wanted):
            return
        try:
            if not self._is_ours(found):
                self._clear(_names(found))
                self._begin()
            for table in TABLES.values():
                if table.ends is None:
                    self._alone(_unique(table.name))
            for label, name in _INDEXED:
                self._alone(f"CREATE INDEX IF NOT EXISTS FOR (n:`{label}`) ON (n.`{name}`)")
            self._alone("CALL db.awaitIndexes(300)")
            self._load(found.loaded if self._is_ours(found) else 0)
            self._finish()
        except DriverError:
            raise
        except BaseException:
            with suppress(Neo4jError, DriverError, BeingLoaded):
                self._commit(loader="")
            raise

    def _is_ours(self, found: Manifest) -> bool:
        """Whether what is half loaded is what we load, from the same files."""
        return found.state == "loading" and found.properties.get("staged") == self._digest

    def _take(self, transaction: neo4j.ManagedTransaction) -> Manifest:
        """Become the loader, where nobody is. Returns the manifest as it was before."""
        if read_manifest(transaction) is None:
            others = transaction.run("MATCH (n) RETURN count(n) AS n").single(strict=True)["n"]
            if others:
                raise InputError(
                    f"the database at {self._address.url} holds {others:,} nodes that are not ours, and a load would "
                    "mix with them; take an empty one, such as: skillweave neo4j start"
                )
        lock = "MERGE (m:Manifest {id: $key}) ON CREATE SET m.state = 'empty' SET m.locked = timestamp()"
        transaction.run(lock, key=KEY).consume()
        found = read_manifest(transaction)
        if found is None:
            raise StorageError(f"{self._address.url} does not keep what is written; see its log")
        if found.is_ready(self._wanted):
            return found
        _require_free(self._address, found)
        changed: dict[str, Any] = {"loader": self._loader}
        if not self._is_ours(found):
            changed |= {"state": "clearing", "version": secrets.token_hex(8), "store": "", "staged": ""}
        transaction.run(_CHANGE, key=KEY, changes=changed).consume()
        return found

    def _clear(self, names: Mapping[str, list[str]]) -> None:
        """Delete what an older load left, relationships first, a batch at a time."""
        patterns = [f"()-[x:`{name}`]->() WITH x LIMIT $most DELETE x" for name in names["relationships"]]
        patterns += [f"(x:`{name}`) WITH x LIMIT $most DETACH DELETE x" for name in names["nodes"]]
        gone = 0
        with meter("deleting the older graph") as progress:
            for pattern in patterns:
                statement = f"MATCH {pattern} RETURN count(*) AS n"
                while deleted := self._delete(statement):
                    gone += deleted
                    progress.update(gone)

    def _delete(self, statement: str) -> int:
        def delete(transaction: neo4j.ManagedTransaction, _: Manifest) -> int:
            return _number(transaction, statement, most=ROWS_A_BATCH)

        return self._commit(delete)

    def _begin(self) -> None:
        """Say what is loaded from now on."""
        names = {
            "nodes": [table.name for table in TABLES.values() if table.ends is None],
            "relationships": [table.name for table in TABLES.values() if table.ends is not None],
        }
        self._commit(
            state="loading",
            store=self._wanted,
            snapshot=self._fingerprint,
            staged=self._digest,
            counts=orjson.dumps(self._counts).decode(),
            tables=orjson.dumps(names).decode(),
            loaded=0,
        )

    def _load(self, done: int) -> None:
        """Load the staged rows after the first `done` of all tables."""
        begin = 0
        with meter("loading Neo4j", sum(self._counts.values())) as progress:
            for table in TABLES.values():
                end = begin + self._counts[table.name]
                if done < end:
                    for batch in _batches(staged_file(self._folder, table.name), max(done - begin, 0)):
                        done = self._load_batch(table, batch, max(done, begin))
                        progress.update(done, note=table.name)
                begin = end

    def _load_batch(self, table: Table, batch: pa.RecordBatch, before: int) -> int:
        """Commit a batch that begins after `before` rows. Returns how many are there then."""
        rows = int(batch.num_rows)
        after = before + rows
        columns = {name: batch[name].to_pylist() for name in batch.schema.names}

        def create(transaction: neo4j.ManagedTransaction, manifest: Manifest) -> int:
            if manifest.loaded == after:  # committed before, and only its answer was lost
                return rows
            if manifest.loaded != before:
                raise StorageError(f"{self._address.url} holds {manifest.loaded:,} rows, not {before:,}; {self._again}")
            return _number(transaction, _creation(table), **columns)

        if (created := self._commit(create, loaded=after)) != rows:
            raise StorageError(
                f"{rows - created:,} of {rows:,} rows of {table.name} have no node at one of their "
                f"ends; see: skillweave graph doctor"
            )
        return after

    def _finish(self) -> None:
        """Count what is there, and say that it is ready. Raises StorageError where it is not what was staged."""
        with self._driver.session() as session:
            found = {name: session.execute_read(_number, _count(table)) for name, table in TABLES.items()}
        if found != self._counts:
            self._commit(state="clearing")
            raise StorageError(f"{self._address.url} holds {found}, but {self._counts} was loaded; {self._again}")
        self._commit(state="ready", store=self._wanted, snapshot=self._fingerprint)

    def _commit(
        self, work: Callable[[neo4j.ManagedTransaction, Manifest], int] | None = None, /, **changes: Any
    ) -> int:
        """Do `work` and change the manifest in one transaction, as long as this loader holds it. Returns its number."""

        def body(transaction: neo4j.ManagedTransaction) -> int:
            transaction.run(_LOCK, key=KEY).consume()
            manifest = read_manifest(transaction)
            if manifest is None or manifest.properties.get("loader") != self._loader:
                holder = (manifest.holder if manifest is not None else None) or "another process"
                raise BeingLoaded(f"{holder} has taken over the loading of {self._address.url}; {self._again}")
            number = work(transaction, manifest) if work is not None else 0
            transaction.run(_CHANGE, key=KEY, changes=changes).consume()
            return number

        with self._driver.session() as session:
            return session.execute_write(neo4j.unit_of_work(timeout=BATCH_TIMEOUT_S)(body))

    def _alone(self, statement: str) -> None:
        """Run what may not stand in a transaction with others."""
        with self._driver.session() as session:
            session.run(statement).consume()

    @property
    def _again(self) -> str:
        return f"give it again: skillweave neo4j load {self._address.option}"


def _batches(path: Path, skip: int) -> Iterator[pa.RecordBatch]:
    """The rows of a staged file after the first `skip`, up to `ROWS_A_BATCH` at once."""
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(ROWS_A_BATCH):
            if skip < batch.num_rows:
                yield batch.slice(skip)
            skip = max(skip - batch.num_rows, 0)


def _creation(table: Table) -> str:
    """The statement that makes the rows of a batch, whose columns are bound by their names."""
    values = ", ".join(f"`{name}`: $`{name}`[i]" for name in table.properties)
    if table.ends is None:
        return f"UNWIND range(0, size($id) - 1) AS i CREATE (:`{table.name}` {{{values}}}) RETURN count(*) AS n"
    source, target = table.ends
    return (
        f"UNWIND range(0, size(${FROM}) - 1) AS i "
        f"MATCH (a:`{source}` {{id: ${FROM}[i]}}) MATCH (b:`{target}` {{id: ${TO}[i]}}) "
        f"CREATE (a)-[:`{table.name}` {{{values}}}]->(b) RETURN count(*) AS n"
    )


def _count(table: Table) -> str:
    pattern = f"(n:`{table.name}`)" if table.ends is None else f"()-[r:`{table.name}`]->()"
    return f"MATCH {pattern} RETURN count(*) AS n"


def _number(transaction: neo4j.ManagedTransaction, statement: str, /, **parameters: Any) -> int:
    """What a statement returns as n."""
    return int(transaction.run(statement, parameters).single(strict=True)["n"])


def _unique(label: str) -> str:
    return f"CREATE CONSTRAINT IF NOT EXISTS FOR (n:`{label}`) REQUIRE n.id IS UNIQUE"


def _names(found: Manifest) -> Mapping[str, list[str]]:
    """The labels and types that an older load made, as it wrote them down. Raises StorageError for what is no name."""
    names: Mapping[str, list[str]] = orjson.loads(found.properties.get("tables") or "{}")
    listed = {kind: list(names.get(kind, ())) for kind in ("nodes", "relationships")}
    if any(_NAME.fullmatch(name) is None for of_kind in listed.values() for name in of_kind):
        raise StorageError("the server's manifest was written by another program; take an empty database")
    return listed
