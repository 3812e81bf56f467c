"""A folder of Parquet files: the snapshot's own (`Snapshot.write_into`), or nodes and edges from elsewhere.

For graphs of any size: nothing is turned into text.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from engine.errors import InputError
from graph.interchange.document import DRAWN, Document, same_graph, snapshot_of
from graph.snapshot import SCHEMAS, Snapshot


def read_parquet_folder(path: Path, *, kind: str | None = None, foreign: bool = False) -> Snapshot:
    """The graph of a folder. Raises InputError naming the file that is missing, damaged or unfit."""
    if (path / "meta.json").is_file() and not foreign:
        read = Snapshot.open(path)
        tables = {name: getattr(read, name) for name in SCHEMAS}
        return same_graph(Snapshot.from_tables(tables, read.meta), read.fingerprint, str(path))
    nodes, edges = (_read(path / f"{name}.parquet").to_pylist() for name in DRAWN)
    document = Document(str(path), nodes, edges, None, lambda what, place: f"{path / what}.parquet, row {place + 1}")
    return snapshot_of(document, kind=kind, foreign=True)


def _read(path: Path) -> pa.Table:
    try:
        return pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            f"{path} cannot be read ({error}); a graph of Parquet has nodes.parquet and edges.parquet, see: "
            "skillweave graph import --help"
        ) from None
