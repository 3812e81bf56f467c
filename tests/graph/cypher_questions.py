"""Questions at random from the grammar of docs/cypher.md, over the graph of `query_worlds`, in a total order."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from random import Random
from typing import Any

TEXTS = {"Concept": ["id", "kind", "name"], "Question": ["id", "run", "level"], "Seed": ["id", "level", "subject"]}
COUNTS = {"Concept": ["count", "asked", "claimed", "tagged"]}
EDGES = [
    ("Concept", "CO_OCCURS", "Concept", "weight"),
    ("Seed", "MENTIONS", "Concept", ""),
    ("Question", "USES", "Concept", ""),
]


@dataclass
class Asked:
    """A question and the values of its parameters."""

    text: str
    parameters: dict[str, Any] = field(default_factory=dict)


class Writer:
    """Writes questions; the same for the same seed."""

    def __init__(self, seed: str) -> None:
        self.random = Random(seed)
        self.parameters: dict[str, Any] = {}

    def question(self) -> Asked:
        text = self.single()
        if self.random.random() < 0.2 and re.search(r"count\(.\) AS n", text):
            # the embedded store joins only numbers of one width, and only a count says which that is
            text = f"{text} {self.random.choice(['UNION', 'UNION ALL'])} MATCH (c:Seed) RETURN c.id AS x, count(*) AS n"
        used = set(re.findall(r"\$(\w+)", text))
        return Asked(self.spelled(text), {name: value for name, value in self.parameters.items() if name in used})

    def single(self) -> str:
        """Every part has the columns x and n, a text and a whole number."""
        variables, match = self.match()
        where = f" WHERE {self.condition(variables)}" if self.random.random() < 0.7 else ""
        name, label = self.random.choice(variables)
        text = f"{name}.{self.random.choice(TEXTS[label])}"
        shape = self.random.randrange(5)
        if shape == 0:
            aggregate = self.aggregate(variables)
            return f"{match}{where} RETURN {text} AS x, {aggregate} AS n ORDER BY x, n"
        if shape == 1:
            return f"{match}{where} WITH {text} AS x, count(*) AS n WHERE n > 1 RETURN x, n ORDER BY n DESC, x LIMIT 9"
        if shape == 2:
            return f"{match}{where} RETURN DISTINCT {text} AS x, {self.number(variables)} AS n ORDER BY x, n SKIP 1"
        if shape == 3:
            edge = "(m:Concept)-[:CO_OCCURS]-(k:Concept)"
            inner = f"EXISTS {{ MATCH {edge} WHERE k.count > {self.random.randrange(4)} }}"
            never = self.random.choice(["", "NOT "])
            return f"MATCH (m:Concept) WHERE {never}{inner} RETURN m.name AS x, m.count AS n ORDER BY x, n"
        optional = "OPTIONAL MATCH (m)<-[w:USES]-(y:Question) WHERE w.basis = 'asked'"
        return f"MATCH (m:Concept) {optional} RETURN m.id AS x, count(y) AS n ORDER BY x, n"

    def match(self) -> tuple[list[tuple[str, str]], str]:
        """A pattern, and its variables with their labels."""
        start, kind, end, _ = self.random.choice(EDGES)
        shape = self.random.randrange(4)
        if shape == 0:
            label = self.random.choice(list(TEXTS))
            return [("a", label)], f"MATCH (a:{label})"
        if shape == 1:
            return [("a", start), ("b", end)], f"MATCH (a:{start})-[r:{kind}]->(b:{end})"
        if shape == 2:
            return [("a", start), ("b", end)], f"MATCH (b:{end})<-[:{kind}]-(a:{start})"
        return [("a", "Concept"), ("b", "Concept")], "MATCH (a:Concept)-[:CO_OCCURS]-(b:Concept)"

    def number(self, variables: list[tuple[str, str]], depth: int = 0) -> str:
        """A whole number."""
        counted = [f"{name}.{prop}" for name, label in variables for prop in COUNTS.get(label, ())]
        choice = self.random.randrange(8 if depth < 3 else 3)
        if choice == 0 or (choice == 1 and not counted):
            return str(self.random.randrange(6))
        if choice == 1:
            return self.random.choice(counted)
        if choice == 2:
            return self.parameter(self.random.randrange(5))
        a, b = self.number(variables, depth + 1), self.number(variables, depth + 1)
        if choice == 3:
            return f"({a} {self.random.choice('+-*')} {b})"
        if choice == 4:
            return f"abs({a} - ({b}))"
        if choice == 5:
            return f"size({self.text(variables)})"
        if choice == 6:
            return f"CASE WHEN {self.condition(variables, depth + 1)} THEN {a} ELSE {b} END"
        return f"coalesce(nullIf({a}, {b}), 7)"

    def text(self, variables: list[tuple[str, str]]) -> str:
        """A text."""
        name, label = self.random.choice(variables)
        value = f"{name}.{self.random.choice(TEXTS[label])}"
        wrap = self.random.choice(["{}", "toUpper({})", "trim({})", "left({}, 2)", "right({}, 1)", "({} + 'é\\'')"])
        return wrap.format(value)

    def condition(self, variables: list[tuple[str, str]], depth: int = 0) -> str:
        """True or false."""
        choice = self.random.randrange(7 if depth < 3 else 5)
        if choice == 0:
            operator = self.random.choice(["=", "<>", "<", "<=", ">", ">="])
            return f"{self.number(variables, depth + 1)} {operator} {self.number(variables, depth + 1)}"
        if choice == 1:
            return f"{self.text(variables)} {self.random.choice(['STARTS WITH', 'ENDS WITH', 'CONTAINS'])} 'a'"
        if choice == 2:
            values = self.parameter(["t00", "name 1", "high", "it's"])
            return f"{self.text(variables)} IN {values}"
        if choice == 3:
            return f"({self.number(variables, depth + 1)}) IS {self.random.choice(['', 'NOT '])}NULL"
        if choice == 4:
            return f"{self.text(variables)} < {self.text(variables)}"
        if choice == 5:
            return f"NOT ({self.condition(variables, depth + 1)})"
        operator = self.random.choice(["AND", "OR", "XOR"])
        return f"({self.condition(variables, depth + 1)} {operator} {self.condition(variables, depth + 1)})"

    def aggregate(self, variables: list[tuple[str, str]]) -> str:
        """A whole number of many rows."""
        kind = self.random.choice(["count({})", "count(DISTINCT {})", "coalesce(sum({}), 0)", "min({})", "max({})"])
        return kind.format(self.number(variables))

    def parameter(self, value: Any) -> str:
        name = f"p{len(self.parameters)}"
        self.parameters[name] = value
        return f"${name}"

    def spelled(self, text: str) -> str:
        """With other spaces, comments and capitals, which mean nothing."""
        if self.random.random() < 0.3:
            text = text.replace(" RETURN ", "\n/* RETURN; CREATE */ return ").replace(" WHERE ", " // '\n\twhere ")
        return text + self.random.choice(["", ";", " ", "\n"])
