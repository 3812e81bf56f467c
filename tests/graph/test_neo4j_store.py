"""The Neo4j store on a real server: what is in it, and how it says no."""

from __future__ import annotations

from real_neo4j import Opened
from test_store import QUESTIONS, _snapshot


def test_everything_is_loaded(neo4j_store: Opened) -> None:
    store = neo4j_store(_snapshot(), QUESTIONS)
    uses = store.query("MATCH (q:Question)-[u:USES]->(c:Concept) RETURN q.id AS q, c.name AS c, u.basis AS b", {})
    assert set(uses.rows) == {
        ("q1", "it's", "asked"),
        ("q1", "C \\", "asked"),
        ("q1", "it's", "claimed"),
        ("q2", 'a "b"', "asked"),
        ("q2", 'a "b"', "tagged"),
        ("q2", "it's", "tagged"),
    }
    edge = store.query("MATCH (a)-[r:CO_OCCURS]->(b) RETURN a.id AS a, b.id AS b, r.weight AS w", {})
    assert (edge.columns, edge.types, edge.rows, edge.more) == (
        ("a", "b", "w"),
        ("STRING", "STRING", "INT64"),
        [("ka", "tc", 2)],
        False,
    )
