"""The tokens and the guard: what is cut how, what is let through, and what is said of the rest."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from cypher_attacks import LIMITED, REFUSED
from cypher_questions import Writer
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.errors import InputError
from graph.cypher.guard import check
from graph.cypher.language import FUNCTIONS, KEYWORDS, LEFT_OUT, MAX_HOPS
from graph.cypher.language import REFUSED as REFUSED_WORDS
from graph.cypher.tokens import Kind, tokens
from graph.query import shipped_queries
from graph.stores.schema import TABLES

_PIECES = [
    *sorted(KEYWORDS), *sorted(REFUSED_WORDS)[:12], *FUNCTIONS, "Concept", "CO_OCCURS", "c", "id", "`a b`", "$x",
    "1", "0.5", "1e3", "'a'", '"\\""', "'\\u0041'", "(", ")", "[", "]", "{", "}", "-", "->", "<-", "<", ">", "*", "..",
    ",", ":", ";", "|", "=", "<>", ".", "+", "/", "//", "/*", "*/", "\n", " ", "\t", "\r\n", "\\", "\\u0027", "'", '"',
    "`", "$", "~", "!", "é", "\0", "\u2028", "\ud800", "\uff23", "9" * 30, "c.id", "AS n", "count(*)", "(c:Concept)",
    "-[:CO_OCCURS*1..2]-",
]  # fmt: skip
_pieced = st.lists(st.sampled_from(_PIECES), max_size=60).map("".join)
_spaced = st.lists(st.sampled_from(_PIECES), max_size=60).map(" ".join)
_texts = st.one_of(_pieced, _spaced, st.text(st.characters(codec=None), max_size=80))


@settings(max_examples=400, deadline=None)
@given(_texts)
@example("RETURN 1e400 AS a")
@example("MATCH (c:Concept")
@example("RETURN " + "(" * 500)
@example("RETURN c.")
@example("RETURN 'a' 'b'")
def test_whatever_is_typed_is_let_through_or_refused_in_a_sentence(text: str) -> None:
    try:
        check(text, {})
    except InputError as refused:
        assert len(str(refused)) < 1_000
        assert "see docs/cypher.md" in str(refused) or "--param" in str(refused)


@settings(max_examples=400, deadline=None)
@given(_texts)
def test_tokens_are_the_text(text: str) -> None:
    try:
        cut = tokens(text)
    except InputError:
        return
    assert "".join(token.text for token in cut) == text
    assert [token.offset for token in cut] == [sum(len(t.text) for t in cut[:i]) for i in range(len(cut))]
    assert cut[-1].kind is Kind.END


def test_tokens_are_told_apart() -> None:
    text = "MATCH (`a b`:C)-[*1..2]->() // x\n WHERE $p >= 1.5e-3 /* 'y' */ RETURN 'it\\'s' AS a"
    cut = [(t.kind.value, t.text) for t in tokens(text) if t.kind not in (Kind.SPACE, Kind.END)]
    assert cut == [
        ("name", "MATCH"), ("symbol", "("), ("quoted", "`a b`"), ("symbol", ":"), ("name", "C"), ("symbol", ")"),
        ("symbol", "-"), ("symbol", "["), ("symbol", "*"), ("integer", "1"), ("symbol", ".."), ("integer", "2"),
        ("symbol", "]"), ("symbol", "-"), ("symbol", ">"), ("symbol", "("), ("symbol", ")"), ("comment", "// x"),
        ("name", "WHERE"), ("parameter", "$p"), ("symbol", ">="), ("float", "1.5e-3"), ("comment", "/* 'y' */"),
        ("name", "RETURN"), ("string", "'it\\'s'"), ("name", "AS"), ("name", "a"),
    ]  # fmt: skip


def test_questions_at_random_pass() -> None:
    for number in range(300):
        asked = Writer(f"passes {number}").question()
        question = check(asked.text, asked.parameters)
        assert question.text == asked.text
        assert question.columns == ("x", "n")


def test_what_only_runs_into_limits_passes() -> None:
    for attack in LIMITED:
        check(attack.text, {})


def test_most_shipped_queries_are_questions_too() -> None:
    """They are what people begin from."""
    refused = []
    for name, query in shipped_queries().items():
        try:
            check(query.text, dict.fromkeys(re.findall(r"\$(\w+)", query.text), "x"))
        except InputError:
            refused.append(name)
    assert len(refused) <= 3, refused


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("MATCH (c:Concpt) RETURN c.id", "line 1, column 10: the graph has no label 'Concpt', only Concept, Seed"),
        ("MATCH (c:Concept)-[:USE]->() RETURN c.id", "has no type of relationship 'USE', only CO_OCCURS, MENTIONS"),
        ("MATCH (c:Concept) RETURN c.level", "no property 'level' here; the graph has Concept: id, kind, name"),
        ("MATCH (c:Concept {nam: 'x'}) RETURN c.id", "no property 'nam' here; the graph has Concept: id"),
        ("MATCH (a:Seed)-[r:MENTIONS]->(c) RETURN r.weight AS w", "the graph has MENTIONS: none"),
        ("MATCH (a)-[r]->(c) RETURN r.level, r.subject", "no property 'subject' here; the graph has CO_OCCURS"),
        ("MATCH (c:Concept) WITH c AS d RETURN d.nonsense", "no property 'nonsense' here; the graph has Concept"),
        ("MATCH (c:concept) RETURN c.id", "no label 'concept'"),
        ("MATCH (c:Concept) RETURN C.id", "C and c differ in capitals only"),
        ("MATCH (c:Concept) RETURN count(*)", "column 26: RETURN wants a name for what is more than"),
        ("MATCH (c:Concept) RETURN c.count + 1", "RETURN wants a name"),
        ("RETURN null", "RETURN wants a name"),
        ("MATCH (c:Concept) WITH c.id RETURN 1 AS a", "WITH wants a name"),
        ("MATCH (c:Concept) RETURN *", "the stores order its columns differently"),
        ("MATCH (c:Concept) RETURN c.id AS x, c.name AS x", "two columns are called x"),
        ("MATCH (c:Concept) RETURN c.id AS c", "c is the name of a node or relationship already"),
        ("RETURN 1 AS a UNION RETURN 2 AS b", "same columns: a"),
        ("RETURN 1 AS a UNION RETURN 2 AS a UNION ALL RETURN 3 AS a", "may not be mixed"),
        ("RETURN round(1.5) AS a", "round takes 2 arguments, not 1"),
        ("RETURN substring('abc', 1) AS a", "take left or right"),
        ("RETURN [1, 2][0] AS a", "lists begin at 0 on one store"),
        ("RETURN 3 IN [1, null] AS a", "a list may not hold null"),
        ("RETURN 1 < 2 < 3 AS a", "follows another comparison"),
        ("RETURN 'a' + 'b' STARTS WITH 'a' AS a", "follows a sum"),
        ("RETURN 'a' STARTS WITH 'a' + 'b' AS a", "follows STARTS"),
        ("MATCH (c:Concept) WHERE (c)-[:CO_OCCURS]->() RETURN c.id", "a pattern may stand only in MATCH"),
        ("MATCH (c:Concept) WHERE (c)--() RETURN c.id", "a pattern may stand only in MATCH"),
        ("MATCH (c:Concept) WHERE EXISTS { (c)-[]-() } RETURN c.id", "MATCH has to follow EXISTS {"),
        ("MATCH (a:Concept:Seed) RETURN a.id", "write A|B for either"),
        ("MATCH (a:Concept)<-[:CO_OCCURS]->(b) RETURN a.id", "a relationship goes one way"),
        ("MATCH (c:Concept)", "ends without RETURN"),
        ("MATCH (c:Concept) RETURN", "the question ends here, but a value is expected"),
        ("", "ends without RETURN"),
        ("RETURN 1 AS a LIMIT 1 + 1", "'+' is not expected"),
        ("RETURN 'a\\q' AS a", "the escape"),
        ("RETURN 007 AS a", "a number is written like"),
        ("RETURN 1 != 2 AS a", "write <> for differs"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_what_to_write(text: str, says: str) -> None:
    with pytest.raises(InputError) as refused:
        check(text, {})
    assert says in str(refused.value)
    assert str(refused.value).endswith("see docs/cypher.md")


def test_a_function_is_either_on_the_list_or_left_out() -> None:
    assert not {name.lower() for name in FUNCTIONS} & set(LEFT_OUT)
    assert not KEYWORDS & REFUSED_WORDS
    assert {attack.name for attack in REFUSED}


def test_the_document_names_what_is_allowed_and_what_there_is() -> None:
    text = (Path(__file__).parents[2] / "docs" / "cypher.md").read_text(encoding="utf-8")
    known = set(re.findall(r"`(\w+)`", text))
    assert set(FUNCTIONS) <= known
    assert {prop for table in TABLES.values() for prop in table.properties} <= known
    assert all(table.name in text for table in TABLES.values())
    assert f"up to {MAX_HOPS}" in text
    for shown in re.findall(r'skillweave graph cypher "(MATCH .*)"', text):
        check(shown, {})


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ([1, None], "may not be null within a list"),
        ("\ud800", "holds a character that is none"),
        ("a\0", "holds a character that is none"),
        (2**63, "is no 64-bit number"),
        (float("nan"), "is no finite number"),
        ({"a": 1}, "is no text, number"),
        ([[1]], "is no text, number"),
        ([1, 2.5], "mixes kinds of values"),
        ([True, 1], "mixes kinds of values"),
        (b"x", "is no text, number"),
        ("x" * 1_000_001, "more than 1,000,000 characters"),
    ],
)
def test_a_value_is_of_a_kind_that_both_stores_have(value: Any, says: str) -> None:
    with pytest.raises(InputError, match=says):
        check("RETURN $x AS x", {"x": value})


def test_parameters_are_those_of_the_text() -> None:
    with pytest.raises(InputError, match=r"line 2, column 3: \$y has no value; give it with --param y="):
        check("RETURN $x AS x,\n  $y AS y", {"x": 1})
    with pytest.raises(InputError, match=r"no parameter \$z; its parameters: \$x"):
        check("RETURN $x AS x", {"x": 1, "z": 2})


def test_notes_tell_where_stores_differ() -> None:
    assert check("MATCH (a:Concept)-[:CO_OCCURS]-(b) RETURN a.id", {}).notes == ()
    (note,) = check("MATCH (a:Concept)-[:CO_OCCURS]-(b)-[:CO_OCCURS]-(c) RETURN a.id", {}).notes
    assert "WHERE a.id <> c.id" in note
    (note,) = check("MATCH (c:Concept) RETURN sum(c.count) AS n", {}).notes
    assert "coalesce(sum(x), 0)" in note
