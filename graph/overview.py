"""A whole graph for a picture, as compact JSON: arrays by node and by edge, packed."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import orjson
import pyarrow.compute as pc

from engine.workspace import Workspace
from graph.layout import layout
from graph.snapshot import Snapshot


def overview(workspace: Workspace, snapshot: Snapshot, shown: Callable[[str], str] = str) -> bytes:
    """The graph as gzip of JSON, the same bytes for the same layout. `shown` is how a name is to be written.

    `ids`, `names`, `kinds` (places in KINDS), `seeds`, `x` and `y` (within -1..1) by node; `source`, `target`
    (places of nodes) and `weight` by edge. Raises InputError where there is no layout yet and igraph is not installed.
    """
    places = layout(workspace, snapshot)
    ids = snapshot.nodes["id"].combine_chunks()
    graph = snapshot.adjacency()
    told = {
        "ids": ids.to_pylist(),
        "names": [shown(name) for name in graph.names],
        "kinds": graph.kinds.tolist(),
        "seeds": snapshot.nodes["count"].to_pylist(),
        "x": [round(x, 4) for x in places[:, 0].tolist()],
        "y": [round(y, 4) for y in places[:, 1].tolist()],
        "source": pc.index_in(snapshot.edges["source"], ids).to_pylist(),
        "target": pc.index_in(snapshot.edges["target"], ids).to_pylist(),
        "weight": snapshot.edges["weight"].to_pylist(),
    }
    return gzip.compress(orjson.dumps(told), compresslevel=5, mtime=0)
