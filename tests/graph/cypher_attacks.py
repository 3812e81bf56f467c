"""What somebody might type who means harm, or does not know better. {secret}, {out} and {port} are filled in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_FIVE = "MATCH (a:Concept), (b:Concept), (c:Concept), (d:Concept), (e:Concept)"
_MANY = "MATCH " + ", ".join(f"(n{i}:Concept)" for i in range(16))
_NONE = "WHERE " + " + ".join(f"n{i}.count" for i in range(16)) + " = -1"
_DOUBLE = " ".join(["WITH 'aaaaaaaaaaaaaaaa' AS a", *["WITH a + a + a + a + a + a + a + a AS a"] * 9])
_LISTS = " ".join(["WITH [1, 2, 3, 4, 5, 6, 7, 8] AS a", *["WITH a + a + a + a + a + a + a + a AS a"] * 9])
STOPPED = (
    r"took longer than|of memory and was ended|more memory than the server gives|has more than 16 MiB|process ended"
)
"""What is said of a question that passes the guard and runs into a limit."""


@dataclass(frozen=True)
class Attack:
    """A text, and what the refusal has to say."""

    name: str
    text: str
    says: str
    """A regular expression: the word that is refused and its place, or how it was stopped."""
    params: dict[str, Any] | None = None
    raw: bool = True
    """Also asked behind the guard's back."""


REFUSED = [
    # Writes
    Attack("create", "CREATE (:Concept {id: 'x'})", "line 1, column 1: CREATE is not allowed"),
    Attack(
        "create behind match",
        "MATCH (c:Concept)\nCREATE (:Concept {id: 'x'}) RETURN 1 AS a",
        "line 2, column 1: CREATE",
    ),
    Attack("merge", "MERGE (c:Concept {id: 'x'}) RETURN c.id", "column 1: MERGE is not"),
    Attack("set", "MATCH (c:Concept) SET c.name = 'x' RETURN c.id", "column 19: SET is not"),
    Attack("set of a map", "MATCH (c:Concept) SET c += {name: 'x'} RETURN 1 AS a", "SET is not"),
    Attack("remove", "MATCH (c:Concept) REMOVE c.name RETURN c.id", "REMOVE is not"),
    Attack("delete", "MATCH (c:Concept) DELETE c", "DELETE is not"),
    Attack("detach delete", "MATCH (n:Concept) DETACH DELETE n", "DETACH is not"),
    Attack("foreach", "MATCH (c:Concept) FOREACH (x IN [1] | SET c.name = 'x')", "FOREACH is not"),
    Attack("write after with", "MATCH (c:Concept) WITH c SET c.name = 'x'", "SET is not"),
    Attack("write after union", "RETURN 1 AS a UNION CREATE (:Concept {id: 'x'}) RETURN 1 AS a", "column 21: CREATE"),
    Attack(
        "write in exists",
        "MATCH (c:Concept) WHERE EXISTS { CREATE (:Concept {id: 'x'}) } RETURN c.id",
        "'CREATE'|CREATE is",
    ),
    Attack(
        "write in nested exists",
        "MATCH (c:Concept) WHERE EXISTS { MATCH (c)-[]-(d) WHERE EXISTS { MATCH (d) SET d.name = 'x' } } RETURN c.id",
        "needs its label|SET is not",
    ),
    Attack("write in a subquery", "CALL { CREATE (:Concept {id: 'x'}) } RETURN 1 AS a", "CALL is not"),
    Attack("write in collect", "RETURN COLLECT { MATCH (c:Concept) RETURN c.id } AS a", "only EXISTS"),
    Attack("count subquery", "RETURN COUNT { MATCH (c:Concept) DELETE c } AS a", "only EXISTS"),
    Attack("in transactions", "MATCH (c:Concept) CALL { WITH c DELETE c } IN TRANSACTIONS OF 1 ROWS", "CALL is not"),
    Attack("drop table", "DROP TABLE Concept", "column 1: DROP"),
    Attack("drop constraint", "DROP CONSTRAINT x IF EXISTS", "DROP is not"),
    Attack("alter", "ALTER TABLE Concept DROP name", "ALTER is not"),
    Attack("create index", "CREATE INDEX x FOR (c:Concept) ON (c.name)", "CREATE is not"),
    Attack("create macro", "CREATE MACRO f(x) AS x + 1", "CREATE is not"),
    Attack("insert", "INSERT (:Concept {id: 'x'})", "INSERT is not"),
    Attack("transaction", "BEGIN TRANSACTION", "BEGIN is not"),
    Attack("commit", "COMMIT", "COMMIT is not"),
    Attack("comment on", "COMMENT ON TABLE Concept IS 'x'", "COMMENT is not"),
    # Files and hosts
    Attack("load from", "LOAD FROM '{secret}' (file_format='csv', header=false) RETURN *", "column 1: LOAD is not"),
    Attack("load by a comment", "LOAD/**/FROM '{secret}' (file_format='csv', header=false) RETURN *", "LOAD is not"),
    Attack(
        "load behind match",
        "MATCH (c:Concept) LOAD FROM '{secret}' (file_format='csv', header=false) RETURN *",
        "LOAD is not",
    ),
    Attack("load csv", "LOAD CSV FROM 'file://{secret}' AS row RETURN row AS row", "LOAD is not"),
    Attack("load passwd", "LOAD CSV FROM 'file:///etc/passwd' AS row RETURN row AS row", "LOAD is not"),
    Attack(
        "load over http",
        "LOAD CSV FROM 'http://127.0.0.1:{port}/x.csv' AS row RETURN row AS row",
        "LOAD is not",
        raw=False,
    ),
    Attack("load with parquet", "LOAD FROM 'http://127.0.0.1:{port}/x.parquet' RETURN *", "LOAD is not"),
    Attack("copy to", "COPY (MATCH (c:Concept) RETURN c.id) TO '{out}/a.csv'", "COPY is not"),
    Attack("copy from", "COPY Concept FROM '{secret}'", "COPY is not"),
    Attack("profile copy", "PROFILE COPY (RETURN 1) TO '{out}/b.csv'", "PROFILE is not"),
    Attack("explain", "EXPLAIN MATCH (c:Concept) RETURN c.id", "EXPLAIN is not"),
    Attack("export", "EXPORT DATABASE '{out}/c'", "EXPORT is not"),
    Attack("import", "IMPORT DATABASE '{out}'", "IMPORT is not"),
    Attack("attach", "ATTACH '{secret}' AS x (dbtype duckdb)", "ATTACH is not"),
    Attack("use", "USE system RETURN 1 AS a", "USE is not"),
    Attack("install", "INSTALL httpfs", "INSTALL is not"),
    Attack("load extension", "LOAD EXTENSION '{out}/x.so'", "LOAD is not"),
    Attack("checkpoint", "CHECKPOINT", "CHECKPOINT is not"),
    # Procedures and functions
    Attack("read parquet", "CALL READ_PARQUET('{secret}') RETURN *", "CALL is not"),
    Attack("read csv", "CALL read_csv_serial('{secret}') RETURN *", "CALL is not"),
    Attack("settings", "CALL threads=64", "CALL is not"),
    Attack("tables", "MATCH (c:Concept) CALL show_tables() RETURN *", "CALL is not"),
    Attack("dbms", "CALL dbms.listConfig() YIELD name RETURN name", "CALL is not"),
    Attack("apoc", "RETURN apoc.load.json('file://{secret}') AS a", "properties|plain functions"),
    Attack("namespaced function", "RETURN apoc.run('x') AS a", r"apoc.run\(\) is not allowed"),
    Attack("show", "SHOW DATABASES", "SHOW is not"),
    Attack("terminate", "TERMINATE TRANSACTIONS 'x'", "TERMINATE is not"),
    Attack("unknown function", "RETURN gen_random_uuid() AS a", r"gen_random_uuid\(\) is not allowed"),
    Attack("file function", "RETURN file() AS a", r"file\(\) is not allowed"),
    Attack("function in backticks", "RETURN `gen_random_uuid`() AS a", r"`gen_random_uuid`\(\) is not allowed"),
    Attack(
        "regular expression", "MATCH (c:Concept) WHERE c.name =~ '(a+)+b' RETURN c.id", "column 33: =~ is not allowed"
    ),
    Attack("list comprehension", "RETURN [x IN range(1, 9) | x] AS a", "comprehensions"),
    Attack("reduce", "RETURN reduce(s = '', x IN [1] | s + 'a') AS a", r"reduce\(\) is not allowed"),
    Attack("properties", "MATCH (c:Concept) RETURN properties(c) AS a", r"properties\(\) is not allowed"),
    # Smuggling
    Attack(
        "second statement", "RETURN 1 AS a; MATCH (c:Concept) DETACH DELETE c", "column 16: 'MATCH' begins a second"
    ),
    Attack(
        "second behind a comment",
        "RETURN 1 AS a /* ; */ ; // x\nCREATE (:Concept {id: 'x'})",
        "line 2, column 1: 'CREATE' begins",
    ),
    Attack("semicolons", ";;RETURN 1 AS a", "';' is not expected"),
    Attack("comment that hides its end", "RETURN 1 AS a // \\u000ACREATE (:Concept {id: 'x'})", "backslash"),
    Attack(
        "escape that ends a string",
        "RETURN '\\u0027 AS a CREATE (:Concept {id: 1}) RETURN \\u0027' AS a",
        "makes a quote",
    ),
    Attack("escape behind a slash", "RETURN '\\\\u0027 AS a CREATE (:Concept)//' AS a", "escape"),
    Attack("escape in a keyword", "\\u0043REATE (:Concept {id: 'x'})", "backslash"),
    Attack("escape in backticks", "MATCH (`a\\u0060) DETACH DELETE a //`:Concept) RETURN 1 AS a", "backslash"),
    Attack("backticks that end", "MATCH (`a``b`:Concept) RETURN 1 AS a", "not closed as one"),
    Attack("label in backticks", "MATCH (c:`Concept) DETACH DELETE c //`) RETURN 1 AS a", "no label"),
    Attack("open string", "RETURN 'a AS a", "not closed as one"),
    Attack("open comment", "RETURN 1 AS a /* CREATE", "not closed by"),
    Attack("nested comment", "RETURN 1 AS a /* /* */ CREATE (:Concept {id: 'x'}) */", "CREATE is not"),
    Attack(
        "fullwidth letters",
        "\uff23\uff32\uff25\uff21\uff34\uff25 (:Concept {id: 'x'})",
        "FULLWIDTH LATIN CAPITAL LETTER C",
    ),
    Attack("cyrillic letters", "\u0421REATE (:Concept {id: 'x'})", "CYRILLIC CAPITAL LETTER ES"),
    Attack("long s", "\u017fET (:Concept)", "LATIN SMALL LETTER LONG S"),
    Attack("zero-width", "CRE\u200bATE (:Concept)", "ZERO WIDTH SPACE|'CRE'"),
    Attack("other spaces", "RETURN\u00a01 AS a", "NO-BREAK SPACE"),
    Attack("line separator", "RETURN 1 AS a // \u2028CREATE (:Concept {id: 'x'})", r"U\+2028"),
    Attack("lone carriage return", "RETURN 1 AS a // \rCREATE (:Concept {id: 'x'})", r"U\+000D"),
    Attack("nul", "RETURN 1 AS a\0 CREATE (:Concept {id: 'x'})", r"U\+0000"),
    Attack("nul in a string", "RETURN 'a\0b' AS a", r"U\+0000"),
    Attack("lone surrogate", "RETURN '\ud800' AS a", r"U\+D800"),
    Attack("escaped surrogate", "RETURN '\\uD800' AS a", "makes a quote, a slash or no"),
    Attack("parameter as a clause", "MATCH (c:Concept) $x RETURN c.id", r"'\$x' is not expected", {"x": "DELETE c"}),
    Attack("parameter as a label", "MATCH (c:$x) RETURN c.id", "name of a label", {"x": "Concept"}),
    Attack("parameter in old form", "RETURN {x} AS a", "map may stand only"),
    Attack("cypher version", "CYPHER 5 CREATE (:Concept {id: 'x'})", "CYPHER is not"),
    Attack("keyword as a name", "MATCH (DELETE:Concept) RETURN 1 AS a", "DELETE is not allowed"),
    # Size
    Attack("ten megabytes", "RETURN '" + "a" * 10_000_000 + "' AS a", "10,000,014 characters", raw=False),
    Attack("ten thousand parentheses", "RETURN " + "(" * 9_000 + "1" + ")" * 9_000 + " AS a", "more than 32 deep"),
    Attack("ten thousand lists", "RETURN " + "[" * 9_000 + "1" + "]" * 9_000 + " AS a", "more than 32 deep", raw=False),
    Attack("many negations", "RETURN " + "-" * 9_000 + "1 AS a", "pattern may stand only", raw=False),
    Attack("path without an end", "MATCH (a:Concept)-[:CO_OCCURS*]-(b) RETURN count(*) AS n", "upper bound"),
    Attack("path from one", "MATCH (a:Concept)-[:CO_OCCURS*1..]-(b) RETURN count(*) AS n", "upper bound"),
    Attack("long path", "MATCH (a:Concept)-[:CO_OCCURS*1..30]-(b) RETURN count(*) AS n", "1 to 4 relationships"),
    Attack(
        "shortest path",
        "MATCH p = shortestPath((a:Concept)-[*..9]-(b:Concept)) RETURN length(p) AS n",
        "shortestpath|shortestPath",
    ),
    Attack(
        "path selector", "MATCH p = ALL SHORTEST (a:Concept)-[*..9]-(b:Concept) RETURN 1 AS n", "'ALL' is not expected"
    ),
    Attack("quantified path", "MATCH (a:Concept)(()-[:CO_OCCURS]-()){1,30}(b:Concept) RETURN 1 AS n", "not expected"),
    Attack("huge integer", "RETURN " + "9" * 5_000 + " AS a", "too large", raw=False),
    Attack("huge number", "RETURN 1e999 AS a", "too large"),
    Attack("missing parameter", "MATCH (c:Concept) WHERE c.id = $x RETURN c.id", r"\$x has no value"),
    Attack("internal node", "MATCH (m:Manifest) RETURN m.id", "no label 'Manifest'"),
    Attack("internal node by the way", "MATCH (m) RETURN count(*) AS n", "needs its label"),
]

LIMITED = [
    Attack("billion rows", f"{_MANY} {_NONE} RETURN count(*) AS n", STOPPED),
    Attack("billion rows sent", f"{_FIVE} RETURN a.name AS a1, b.name AS b1, c.name AS c1", STOPPED),
    Attack("huge range", "UNWIND range(1, 9000000000) AS x RETURN count(x) AS n", STOPPED),
    Attack(
        "ranges of ranges",
        "UNWIND range(1, 100000) AS x UNWIND range(1, 100000) AS y RETURN sum(x % 7 + y % 5) AS n",
        STOPPED,
    ),
    Attack("collected range", "UNWIND range(1, 300000000) AS x RETURN collect(x) AS a", STOPPED),
    Attack("doubled text", f"{_DOUBLE} RETURN size(a) AS n", STOPPED),
    Attack("doubled list", f"{_LISTS} RETURN size(a) AS n", STOPPED),
    Attack("one large value", "UNWIND range(1, 3000000) AS x RETURN collect(x + 100000000) AS a", STOPPED),
    Attack("large rows", "WITH '" + "x" * 15_000 + "' AS a UNWIND range(1, 5000) AS x RETURN a AS a, x AS x", STOPPED),
    Attack("sorted product", f"{_MANY} RETURN n0.name AS a, n1.name AS b ORDER BY a, b, n2.id, n3.id, n4.id", STOPPED),
    Attack(
        "distinct product",
        "UNWIND range(1, 20000) AS x UNWIND range(1, 20000) AS y RETURN count(DISTINCT x * 20000 + y) AS n",
        STOPPED,
    ),
    Attack("nodes", "MATCH (c:Concept) RETURN c AS c", "holds a node"),
    Attack("collected nodes", "MATCH (c:Concept) RETURN collect(c) AS a", "holds a node"),
]
"""They pass the guard. Where a store makes rows as they are fetched, an answer may also be cut to the rows wanted."""
