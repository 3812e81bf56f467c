"""The embedded store: Ladybug, a Cypher database in one file, loaded once and from then on only read.

    stores/<id>/graph.lbug      id = hash of the snapshot's fingerprint, the sealed shards loaded, and the settings
                manifest.json   what is in it: counts as the database itself tells them, hash of the file

Ladybug opens a half-loaded file, and even an empty one, without a word (design/003). So a store is loaded in a hidden
folder, closed, opened again and counted, and only then renamed; it is opened read-only and only as the manifest knows
it. One that is missing or damaged is made anew from the Parquet files.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ladybug
import orjson
import pyarrow as pa

from engine.call import content_hash
from engine.errors import InputError, StorageError
from engine.files import file_hash, storage_errors, write_new
from engine.folders import made_whole
from engine.progress import Meter, meter
from graph.snapshot import Snapshot
from graph.stores import Questions, Result, StoreSettings
from graph.stores.projection import stage, staged_file
from graph.stores.schema import TABLES, Table

FORMAT = 5
DATABASE, MANIFEST = "graph.lbug", "manifest.json"
_TYPES = {pa.string(): "STRING", pa.int64(): "INT64", pa.float64(): "DOUBLE"}


class LadybugStore:
    """An opened store; safe to use from several threads."""

    dialect = "ladybug"

    def __init__(self, folder: Path, settings: StoreSettings | None = None) -> None:
        """Open what `project` made and checked. Raises InputError where there is no such store."""
        if _manifest(folder) is None:
            raise InputError(
                f"{folder} is no store or was cut short; make it anew by asking it: skillweave graph query NAME"
            )
        self._database = _opened(folder / DATABASE, settings or StoreSettings())

    def query(
        self, text: str, params: Mapping[str, Any], *, timeout_s: float = 30.0, row_limit: int = 10_000
    ) -> Result:
        """See `graph.stores.Store.query`."""
        connection = ladybug.Connection(self._database)
        try:
            connection.set_query_timeout(int(timeout_s * 1000))
            result = connection.execute(text, dict(params))
            if isinstance(result, list):
                raise InputError("one statement at a time; see the shipped queries: skillweave graph queries")
            rows = [tuple(row) for row in result.get_n(row_limit + 1)]
            return Result(
                columns=tuple(result.get_column_names()),
                types=tuple(result.get_column_data_types()),
                rows=rows[:row_limit],
                more=len(rows) > row_limit,
            )
        except RuntimeError as error:
            if "Interrupted" in str(error):
                raise InputError(
                    f"the query took longer than {timeout_s:g} s; ask for less, or --timeout more"
                ) from None
            raise InputError(f"the store refuses the query: {error}; see: skillweave graph queries") from None
        finally:
            connection.close()

    def close(self) -> None:
        """Close the database."""
        self._database.close()


def store_id(snapshot: Snapshot, questions: Questions, settings: StoreSettings | None = None) -> str:
    """What a store is named by: the snapshot, the shards loaded, and how it is loaded."""
    pairs = (settings or StoreSettings()).other_pairs
    key = [FORMAT, ladybug.__version__, snapshot.fingerprint, sorted(questions.shards), pairs]
    return content_hash(key).partition(":")[2]


def project(
    snapshot: Snapshot, stores: Path, questions: Questions | None = None, settings: StoreSettings | None = None
) -> Path:
    """Load the snapshot and the questions into stores/<id>, where that is not there or not whole. Returns the folder.

    Raises StorageError where the disk is full, or the database does not hold what was loaded.
    """
    questions, settings = questions or Questions(), settings or StoreSettings()
    final = stores / store_id(snapshot, questions, settings)
    if _is_whole(final):
        return final
    shutil.rmtree(final, ignore_errors=True)
    with made_whole(final) as folder:
        staging = folder / "staging"
        staging.mkdir()
        with storage_errors(folder):
            staged = stage(snapshot, questions, staging, settings)
        with storage_errors(folder), meter("loading the store", sum(staged.counts.values())) as progress:
            _load(folder / DATABASE, staging, staged.counts, settings, progress)
        shutil.rmtree(staging)
        if (left := [file.name for file in sorted(folder.iterdir())]) != [DATABASE]:
            raise StorageError(f"Ladybug left {', '.join(left)} in {folder}; give the same command again")
        counts = _counts(folder / DATABASE, settings)
        if counts != staged.counts:
            raise StorageError(f"the store holds {counts}, but {staged.counts} was loaded; give the same command again")
        manifest = {
            "format": FORMAT,
            "ladybug": ladybug.__version__,
            "snapshot": snapshot.fingerprint,
            "shards": sorted(questions.shards),
            "other_pairs": settings.other_pairs,
            "counts": counts,
            "unresolved_uses": staged.unresolved,
            "bytes": (folder / DATABASE).stat().st_size,
            "hash": file_hash(folder / DATABASE),
        }
        write_new(folder / MANIFEST, orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
    return final


def _manifest(folder: Path) -> Mapping[str, Any] | None:
    """The manifest of a store whose file has the size it names; None where there is none, or the file is another."""
    try:
        manifest: Mapping[str, Any] = orjson.loads((folder / MANIFEST).read_bytes())
        known = manifest["format"] == FORMAT and manifest["bytes"] == (folder / DATABASE).stat().st_size
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError):
        return None
    return manifest if known else None


def _is_whole(folder: Path) -> bool:
    manifest = _manifest(folder)
    return manifest is not None and bool(manifest["hash"] == file_hash(folder / DATABASE))


def _opened(path: Path, settings: StoreSettings) -> ladybug.Database:
    try:
        return ladybug.Database(path, read_only=True, buffer_pool_size=settings.buffer_mib << 20)
    except RuntimeError as error:
        raise InputError(f"{path} cannot be opened ({error}); delete {path.parent}, it is made again") from None


def _load(
    path: Path,
    staging: Path,
    expected: Mapping[str, int],
    settings: StoreSettings,
    progress: Meter,
) -> None:
    database = ladybug.Database(path, buffer_pool_size=settings.buffer_mib << 20)
    connection = ladybug.Connection(database)
    done = 0
    try:
        for name, table in TABLES.items():
            progress.update(done, note=name)
            connection.execute(_definition(table))
            if expected[name]:
                connection.execute(f"COPY {name} FROM {_literal(staged_file(staging, name))}")
            done += expected[name]
        progress.update(done)
    except RuntimeError as error:
        if "duplicated primary key" in str(error):
            raise InputError(f"two of the rows to load share an id: {error}; choose the runs anew") from None
        raise StorageError(
            f"the store cannot be loaded at {path.parent} ({error}); free some space or memory, then give the same "
            "command again"
        ) from None
    finally:
        connection.close()
        database.close()


def _counts(path: Path, settings: StoreSettings) -> dict[str, int]:
    database = _opened(path, settings)
    connection = ladybug.Connection(database)
    try:
        return {name: connection.execute(_count(table)).get_next()[0] for name, table in TABLES.items()}
    finally:
        connection.close()
        database.close()


def _definition(table: Table) -> str:
    columns = [f"{name} {_TYPES[kind]}" for name, kind in table.properties.items()]
    if table.ends is None:
        return f"CREATE NODE TABLE {table.name}({', '.join(columns)}, PRIMARY KEY(id))"
    return f"CREATE REL TABLE {table.name}({', '.join([f'FROM {table.ends[0]} TO {table.ends[1]}', *columns])})"


def _count(table: Table) -> str:
    pattern = f"(n:{table.name})" if table.ends is None else f"()-[r:{table.name}]->()"
    return f"MATCH {pattern} RETURN count(*) AS n"


def _literal(path: Path) -> str:
    """A path as a Cypher text; COPY takes no parameter."""
    return "'" + str(path).replace("\\", "\\\\").replace("'", "\\'") + "'"
