"""Graphs in and out: networkx, GraphML, node-link JSON, CSV (also for Neo4j's admin import), Parquet.

    document.py      what networkx, JSON and GraphML share: nodes and edges with attributes, and all that stands beside
    foreign.py       a graph from elsewhere, with names, kinds and weights and no more
    networkx_graph.py  node_link.py  graphml.py  csv_folder.py  parquet_folder.py      one format a file
    formats.py       the formats by name, and how a file's is recognised

A graph that went out and comes back is the same one: it must have the fingerprint it had, or it is refused.
"""
