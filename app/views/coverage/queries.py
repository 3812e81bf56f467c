"""Every shipped query, with a widget for each of its parameters."""

from __future__ import annotations

import shlex
from typing import Any

import streamlit as st

from app.answers import show_result
from app.state import Looked
from app.text import one_line
from engine.run import list_runs
from graph.query import ANY, Parameter, Query, run_query, shipped_queries
from graph.report.figures import SHORT
from graph.seed import LEVELS


def show(looked: Looked) -> None:
    """Choose a query and its parameters; its answer as table, chart and file."""
    shipped = shipped_queries()
    names, wanted = list(shipped), st.query_params.get("query", "")
    name = st.selectbox(
        "Question",
        names,
        index=names.index(wanted if wanted in shipped else "coverage-by-topic"),
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
    store = looked.store()
    with st.spinner("Asking the graph ..."):
        result = run_query(store, query, given)
    show_result(result, name)
    with st.expander("What the columns mean, and how a script asks the same"):
        st.table({"column": [c.name for c in query.columns], "meaning": [c.description for c in query.columns]})
        told = [part for key, value in given.items() for part in ("--param", f"{key}={value}")]
        asked = ["skillweave", "graph", "query", name, "--graph", looked.snapshot.fingerprint[:SHORT], *told]
        st.code(shlex.join(asked), language=None, wrap_lines=True)
        st.code(query.text, language=None)


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
        return st.selectbox(label, choices, index=index, help=told, key=key, bind="query-params", format_func=one_line)
    if parameter.type == "number":
        return st.number_input(label, value=float(parameter.default or 0.0), help=told, key=key, bind="query-params")
    if parameter.type.startswith("int"):
        least = int(parameter.type[4:].partition("..")[0]) if ".." in parameter.type else None
        return st.number_input(
            label,
            value=int(parameter.default or least or 0),
            min_value=least,
            step=1,
            help=told,
            key=key,
            bind="query-params",
        )
    return st.text_input(label, value=str(parameter.default or ""), help=told, key=key, bind="query-params")


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
