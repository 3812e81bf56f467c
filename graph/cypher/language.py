"""What a question may be made of: everything that is not here is refused.

A function is here because the same text gave the same rows on Ladybug 0.22 and Neo4j 5.26 (tests/graph/test_cypher_*);
one that differs is left out, and the reason is what its user is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

MAX_HOPS = 4
"""The upper bound that `-[:CO_OCCURS*1..4]-` may have at most."""
MAX_DEPTH = 32
"""Parentheses, lists, CASE and EXISTS within each other."""

CLAUSES = "MATCH, OPTIONAL MATCH, WHERE, WITH, UNWIND, RETURN, ORDER BY, SKIP, LIMIT and UNION"

_KEYWORDS = (
    "ALL AND AS ASC ASCENDING BY CASE CONTAINS DESC DESCENDING DISTINCT ELSE END ENDS EXISTS FALSE IN IS LIMIT MATCH "
    "NOT NULL OPTIONAL OR ORDER RETURN SKIP STARTS THEN TRUE UNION UNWIND WHEN WHERE WITH XOR"
)
KEYWORDS = frozenset(_KEYWORDS.split())
"""Words that are no names unless they stand in backticks."""

_REFUSED = (
    "ADMIN ALTER ATTACH BEGIN CALL CHECKPOINT COMMENT COMMIT COPY CREATE CYPHER DELETE DENY DETACH DROP DRYRUN ENABLE "
    "EXPLAIN EXPORT EXTENSION FINISH FOREACH FORCE GRANT IMPORT INSERT INSTALL LET LOAD MACRO MERGE PERIODIC PROFILE "
    "REMOVE RENAME REVOKE ROLLBACK SERVER SET SHOW START STOP TERMINATE TRANSACTION UNINSTALL UPDATE USE USING YIELD "
    "FILTER NODETACH OFFSET"
)
REFUSED = frozenset(_REFUSED.split())
"""Words of other clauses. They are no names either, so that the word itself is what the message is about."""

FUNCTIONS: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "count": (1, 1), "sum": (1, 1), "avg": (1, 1), "min": (1, 1), "max": (1, 1), "collect": (1, 1),
        "size": (1, 1), "length": (1, 1), "range": (2, 3), "coalesce": (1, 8), "nullIf": (2, 2),
        "abs": (1, 1), "ceil": (1, 1), "floor": (1, 1), "round": (2, 2), "sign": (1, 1), "sqrt": (1, 1),
        "log": (1, 1), "log10": (1, 1), "pi": (0, 0),
        "toLower": (1, 1), "toUpper": (1, 1), "trim": (1, 1), "ltrim": (1, 1), "rtrim": (1, 1), "left": (2, 2),
        "right": (2, 2),
    }
)  # fmt: skip
"""By name, compared without case: how many arguments they take, at least and at most."""

AGGREGATES = frozenset({"count", "sum", "avg", "min", "max", "collect"})
"""Those that may take DISTINCT."""

_ELSEWHERE = (
    "all any date datetime endnode exp file head last linenumber none nodes percentilecont percentiledisc "
    "point rand randomuuid reduce relationships single split startnode stdev tail timestamp toboolean tofloat "
    "tointeger tostring"
)
LEFT_OUT: Mapping[str, str] = MappingProxyType(
    {
        "substring": "its first letter is 0 on one store and 1 on the other; take left or right",
        "replace": "an empty text to replace gives other texts on the two stores",
        "reverse": "it turns the text of a list on one store and the list on the other",
        "labels": "it is a text on one store and a list on the other; name the label in the pattern",
        "type": "one store has no such function; name the type in the pattern",
        "id": "it is a number of the store, not the graph's; take the property, such as c.id",
        "elementid": "it is a name within the store, not the graph's; take the property, such as c.id",
        "properties": "it is another map on each store; name the properties",
        "keys": "it is another list on each store; docs/cypher.md names the properties",
        "exists": "write EXISTS { MATCH ... } or IS NOT NULL",
        "shortestpath": "the stores write it differently; take skillweave graph queries for the path of two concepts",
        **dict.fromkeys(_ELSEWHERE.split(), "one of the stores has no such function, or another one"),
    }
)
"""By name in small letters: why a well-known function is refused."""

NOTES: Mapping[str, str] = MappingProxyType(
    {
        "path": "a path of several relationships may come back over the same one on the embedded store, and on Neo4j "
        "not: where that matters, say which ends differ, such as WHERE a.id <> c.id, and count DISTINCT",
        "sum": "the sum of no rows is null on the embedded store and 0 on Neo4j: coalesce(sum(x), 0) is 0 on both",
        "avg": "the last digits of avg differ between the stores: round(avg(x), 6) does not",
    }
)
"""What still differs between the stores, told with the answer to who uses it."""
