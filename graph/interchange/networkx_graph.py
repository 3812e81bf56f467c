"""A snapshot as a networkx graph, and back: nodes are concepts by their ids, with kind, name, aliases and count.

    import networkx as nx
    graph = to_networkx(snapshot)
    nx.pagerank(graph, weight="weight")

`graph.graph["skillweave"]` holds all else of the snapshot, so that `from_networkx(to_networkx(snapshot))` is the same
graph, by its fingerprint. A graph of networkx's own needs what graph/interchange/foreign.py says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graph.interchange.document import BESIDE, Document, document_of, snapshot_of
from graph.snapshot import Snapshot

if TYPE_CHECKING:
    import networkx as nx  # takes a third of a second to import, so not before a graph is made


def to_networkx(snapshot: Snapshot) -> nx.Graph:
    """The graph as networkx knows graphs: undirected, edges with `weight` and `kinds`; nodes and edges sorted by id."""
    import networkx as nx

    document = document_of(snapshot)
    graph = nx.Graph(**document["graph"])
    graph.add_nodes_from((node.pop("id"), node) for node in document["nodes"])
    graph.add_edges_from((edge.pop("source"), edge.pop("target"), edge) for edge in document["edges"])
    return graph


def from_networkx(graph: nx.Graph, *, kind: str | None = None, foreign: bool = False) -> Snapshot:
    """The snapshot that a networkx graph holds, as `to_networkx` made it or from elsewhere.

    `kind` is that of nodes that say none; with `foreign` what stands under `skillweave` is left unread, so that nodes
    and edges that were changed make a new graph. Raises InputError naming the node or edge that does not fit.
    """
    nodes: list[dict[str, Any]] = [{**attributes, "id": node} for node, attributes in graph.nodes(data=True)]
    edges = [{**attributes, "source": a, "target": b} for a, b, attributes in graph.edges(data=True)]
    if not foreign and graph.graph.get(BESIDE) is not None:
        for edge in edges:  # an undirected graph forgets which end came first
            edge["source"], edge["target"] = sorted((edge["source"], edge["target"]))

    def where(what: str, place: int) -> str:
        return (
            f"node {nodes[place]['id']!r}" if what == "nodes" else "edge {source!r} - {target!r}".format(**edges[place])
        )

    return snapshot_of(Document("the graph", nodes, edges, graph.graph.get(BESIDE), where), kind=kind, foreign=foreign)
