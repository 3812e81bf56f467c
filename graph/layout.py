"""Where the concepts of a whole graph stand in a picture: made once by igraph, kept beside the workspace's graphs.

    layouts/<fingerprint>.parquet   id, x, y in the order of the nodes, within -1..1

Coordinates are no part of a graph's fingerprint: another layout is the same graph.
"""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from engine.errors import InputError
from engine.files import replace
from engine.workspace import Workspace
from graph.snapshot import Snapshot

_ROUNDS = 300
_SCHEMA = pa.schema([("id", pa.string()), ("x", pa.float32()), ("y", pa.float32())])


def layout_file(workspace: Workspace, snapshot: Snapshot) -> Path:
    """Where a graph's layout is kept."""
    return workspace.root / "layouts" / f"{snapshot.fingerprint}.parquet"


def layout(workspace: Workspace, snapshot: Snapshot) -> NDArray[np.float32]:
    """Shape (n, 2), within -1..1, in the order of the nodes; read where it is there, else made and kept.

    Raises InputError where it must be made and igraph is not installed.
    """
    file = layout_file(workspace, snapshot)
    known = _read(file, snapshot)
    if known is not None:
        return known
    places = make_layout(snapshot)
    table = pa.table([snapshot.nodes["id"], places[:, 0], places[:, 1]], schema=_SCHEMA)
    buffer = pa.BufferOutputStream()
    pq.write_table(table, buffer, compression="zstd")
    file.parent.mkdir(parents=True, exist_ok=True)
    replace(file, buffer.getvalue().to_pybytes())
    return places


def make_layout(snapshot: Snapshot) -> NDArray[np.float32]:
    """Fruchterman and Reingold's layout, with weights; the same for the same graph. Lone concepts lie apart."""
    try:
        import igraph  # type: ignore[import-untyped]  # it has no stubs
    except ImportError:
        raise InputError("a layout needs igraph; install it: pip install 'skillweave[app]'") from None
    graph = snapshot.adjacency()
    size = len(graph.ids)
    rows = np.repeat(np.arange(size), np.diff(graph.indptr))
    once = rows < graph.indices
    bound = np.flatnonzero(np.diff(graph.indptr))  # nodes with an edge
    number = np.full(size, -1)
    number[bound] = np.arange(len(bound))
    places = np.zeros((size, 2))
    if len(bound):
        edges = np.stack((number[rows[once]], number[graph.indices[once]]), axis=1)
        drawn = igraph.Graph(n=len(bound), edges=edges.tolist())
        state = random.Random(0)
        igraph.set_random_number_generator(state)
        try:
            side = float(np.sqrt(len(bound)))
            start = [[side * state.random(), side * state.random()] for _ in range(len(bound))]
            result = drawn.layout_fruchterman_reingold(
                weights=np.log2(1 + graph.weights[once]).tolist(), niter=_ROUNDS, seed=start,
                grid="grid" if len(bound) > 1_000 else "nogrid",
            )  # fmt: skip
        finally:
            igraph.set_random_number_generator(random)
        places[bound] = _within(np.array(result.coords))
    lone = np.flatnonzero(np.diff(graph.indptr) == 0)
    across = max(int(np.ceil(np.sqrt(len(lone) * 12))), 1)
    places[lone, 0] = -1 + 2 * (np.arange(len(lone)) % across + 0.5) / across
    places[lone, 1] = -1.12 - 0.05 * (np.arange(len(lone)) // across)
    span = np.abs(places).max()
    return np.ascontiguousarray(places / span if span > 1 else places, dtype=np.float32)


def _within(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """The points centred and within -1..1; what lies far out, as parts without an edge to the rest do, is drawn in."""
    centred = points - np.median(points, axis=0)
    far = np.hypot(centred[:, 0], centred[:, 1])
    reach = float(np.quantile(far, 0.98)) or 1.0
    scale = np.where(far > reach, (1 + np.log1p(np.maximum(far / reach - 1, 0)) * 0.3) / np.maximum(far / reach, 1), 1)
    drawn = centred * (scale / reach)[:, None]
    return np.asarray(drawn / max(np.abs(drawn).max(), 1e-9))


def _read(file: Path, snapshot: Snapshot) -> NDArray[np.float32] | None:
    """The layout kept; None where there is none, or it cannot be read or is of other nodes: then it is made again."""
    try:
        table = pq.read_table(file, schema=_SCHEMA)
    except (OSError, pa.ArrowException):
        return None
    if not table["id"].equals(snapshot.nodes["id"]):
        return None
    return np.stack((table["x"].to_numpy(), table["y"].to_numpy()), axis=1)
