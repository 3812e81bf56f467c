"""What is covered and what is not: every shipped query with its parameters, pictures, and one's own Cypher."""

from __future__ import annotations

from typing import Any

import streamlit as st

from app.answers import show_result
from app.state import Looked, choose_graph
from app.text import escaped
from engine.run import list_runs
from graph.cypher.asking import ask
from graph.cypher.guard import check
from graph.query import ANY, Parameter, Query, run_query, shipped_queries
from graph.report.figures import figures
from graph.report.page import render
from graph.seed import LEVELS
from graph.stores import Result
from graph.stores.schema import BASES

EXAMPLES = {
    "Concepts of each kind": "MATCH (c:Concept)\nRETURN c.kind AS kind, count(*) AS concepts\nORDER BY kind",
    "Topics that no question is asked about": (
        "MATCH (c:Concept)\nWHERE c.kind = 'topic' AND c.asked = 0\n"
        "RETURN c.name AS topic, c.count AS seeds\nORDER BY seeds DESC, topic\nLIMIT 50"
    ),
    "Pairs of one concept": (
        "MATCH (a:Concept)-[r:CO_OCCURS]-(b:Concept)\nWHERE a.name = 'Probability'\n"
        "RETURN b.name AS with, r.weight AS seeds, r.asked AS questions\nORDER BY seeds DESC, with\nLIMIT 50"
    ),
}
TIMEOUT_S, ROWS = 10.0, 1_000


def show() -> None:
    """The page."""
    st.title("Coverage")
    looked = choose_graph()
    if looked is None:
        return
    queries, pictures, own = st.tabs(["Questions to ask", "Pictures", "Your own Cypher"])
    with queries:
        _show_query(looked)
    with pictures:
        _show_pictures(looked)
    with own:
        _show_cypher(looked)


def _show_query(looked: Looked) -> None:
    shipped = shipped_queries()
    wanted = st.query_params.get("query", "coverage-by-topic")
    names = list(shipped)
    name = st.selectbox(
        "Question",
        names,
        index=names.index(wanted) if wanted in shipped else 0,
        format_func=lambda name: shipped[name].question,
        key="query",
    )
    st.query_params["query"] = name
    query = shipped[name]
    if query.note:
        st.caption(query.note)
    given = _parameters(looked, query)
    if given is None:
        return
    with st.spinner("Asking the graph ..."):
        result = run_query(looked.store(), query, given)
    show_result(result, name)
    with st.expander("What the columns mean, and how a script asks the same"):
        st.table({"column": [c.name for c in query.columns], "meaning": [c.description for c in query.columns]})
        told = "".join(
            f" --param {key}={value!r}" if " " in str(value) else f" --param {key}={value}"
            for key, value in given.items()
        )
        st.code(f"skillweave graph query {name}{told}", language="sh", wrap_lines=True)
        st.code(query.text, language="cypher")


def _parameters(looked: Looked, query: Query) -> dict[str, Any] | None:
    """A widget for each parameter; None while one that must be given is not."""
    given: dict[str, Any] = {}
    if not query.parameters:
        return given
    for parameter, column in zip(query.parameters, st.columns(len(query.parameters)), strict=True):
        with column:
            given[parameter.name] = _widget(looked, query.name, parameter)
    missing = [parameter.name for parameter in query.parameters if given[parameter.name] in (None, "")]
    if missing:
        st.info(f"Choose {', '.join(missing)}.", icon=":material/arrow_upward:")
        return None
    return given


def _widget(looked: Looked, query: str, parameter: Parameter) -> Any:
    """The widget that fits the parameter's type."""
    label, key = parameter.name.replace("_", " ").capitalize(), f"{query}-{parameter.name}"
    told = parameter.description
    choices = _choices(looked, parameter)
    if choices is not None:
        index = choices.index(str(parameter.default)) if str(parameter.default) in choices else None
        return st.selectbox(label, choices, index=index, help=told, key=key)
    if parameter.type == "number":
        return st.number_input(label, value=float(parameter.default or 0.0), help=told, key=key)
    if parameter.type.startswith("int"):
        least = int(parameter.type[4:].partition("..")[0]) if ".." in parameter.type else None
        return st.number_input(
            label, value=int(parameter.default or least or 0), min_value=least, step=1, help=told, key=key
        )
    return st.text_input(label, value=str(parameter.default or ""), help=told, key=key)


def _choices(looked: Looked, parameter: Parameter) -> list[str] | None:
    """What a parameter may be, where that can be listed."""
    if "|" in parameter.type:
        return parameter.type.split("|")
    if parameter.type == "concept":
        return [str(name) for name in looked.snapshot.nodes["name"].to_pylist()]
    if parameter.type == "level":
        return [ANY, *LEVELS]
    if parameter.type == "run":
        return [*([ANY] if parameter.default == ANY else []), *(folder.name for folder in list_runs(looked.place.runs))]
    return None


@st.cache_data(max_entries=8, show_spinner="Drawing ...")
def _page(fingerprint: str, shards: tuple[str, ...], basis: str, _looked: Looked) -> str:  # noqa: ARG001 - the key
    return render(figures(_looked.snapshot, _looked.store(), _looked.questions(), basis))


def _show_pictures(looked: Looked) -> None:
    """The report, which a script writes by `skillweave graph report`: one page that fetches and runs nothing."""
    basis = st.segmented_control("Basis", BASES, default="asked", key="basis") or "asked"
    page = _page(looked.snapshot.fingerprint, tuple(looked.questions().shards), basis, _looked=looked)
    st.download_button("Download this page", page, f"coverage-{basis}.html", "text/html", icon=":material/download:")
    st.iframe(page, height=1_600)


def _show_cypher(looked: Looked) -> None:
    st.caption(
        f"Read-only, up to {TIMEOUT_S:g} s and {ROWS:,} rows, in a process of its own. What a question may be made of "
        "is told in docs/cypher.md."
    )
    example = st.selectbox("Example", list(EXAMPLES), key="cypher-example")
    text = st.text_area("Cypher", EXAMPLES[example], height=160, key=f"cypher-{example}")
    if not st.button("Ask", icon=":material/play_arrow:", type="primary", shortcut="Ctrl+Enter"):
        return
    with st.spinner("Asking ..."):
        result: Result = ask(
            looked.place, looked.snapshot, looked.questions(), None, text, timeout_s=TIMEOUT_S, row_limit=ROWS
        )
    for note in check(text, {}).notes:
        st.caption(escaped(note))
    show_result(result, "cypher")
