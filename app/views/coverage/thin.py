"""Where questions are few, and the commands that make more of them there."""

from __future__ import annotations

from typing import Any

import streamlit as st

from app.answers import KINDS, NUMBER, frame
from app.state import Looked
from app.views.coverage.pictures import BASIS_HELP
from graph.query import run_query, shipped_queries
from graph.report.figures import SHORT
from graph.report.thin import LISTS, thin_commands
from graph.stores.schema import BASES

ROWS = 100
COUNT = 100
"""Questions that each command asks for, to begin with."""


def show(looked: Looked) -> None:
    """A list of thin spots, and what to run for those that are chosen."""
    shipped = shipped_queries()
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    name = left.segmented_control(
        "List", LISTS, default=LISTS[0], required=True, format_func=lambda name: shipped[name].title, key="thin"
    )
    basis = right.segmented_control("Basis", BASES, default="asked", required=True, key="thin-basis", help=BASIS_HELP)
    query = shipped[str(name)]
    st.caption(query.question)
    store = looked.store()
    with st.spinner("Asking the graph ..."):
        result = run_query(store, query, {"basis": str(basis), "limit": ROWS})
    rows = [dict(zip(result.columns, row, strict=True)) for row in result.rows]
    chosen = _choose(rows) if rows else []
    if not rows:
        st.success("Nothing is thin by this measure.", icon=":material/check_circle:")
    _show_commands(looked, chosen)


def _choose(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The table without its ids; the rows that are marked in it."""
    shown = {"name": "concept", "a_name": "concept", "b_name": "and"}
    heads = {**shown, "ratio": "questions a seed", "elsewhere": "questions at other levels"}
    columns = [column for column in rows[0] if column not in ("id", "a_id", "b_id")]
    columns.sort(key=lambda column: column not in shown)
    marked: Any = st.dataframe(
        frame([heads.get(c, c) for c in columns], [[KINDS.get(row[c], row[c]) for c in columns] for row in rows]),
        column_config={
            "seeds": NUMBER,
            "questions": NUMBER,
            "questions a seed": st.column_config.NumberColumn(format="%.2f"),
            "questions at other levels": NUMBER,
        },
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        alt="Thin spots; mark rows to get their commands",
        height=420,
    )
    st.caption(f"{len(rows):,} rows" + (", the first of more" if len(rows) == ROWS else ""))
    return [rows[place] for place in marked["selection"]["rows"]]


def _show_commands(looked: Looked, chosen: list[dict[str, Any]]) -> None:
    st.subheader("Generate where it is thin")
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    left.caption(
        "Each command makes questions of the concepts, and at the level, of a row that you marked."
        if chosen
        else "Mark rows above for a command of each. This one weights its draws towards all that is thin, concepts, "
        "pairs and levels."
    )
    count = right.number_input("Questions of each", 1, 1_000_000, COUNT, step=COUNT, key="thin-count")
    lines = thin_commands(looked.snapshot.fingerprint[:SHORT], chosen, int(count))
    st.code("\n".join(lines), language=None, wrap_lines=True)
    st.caption("`skillweave plan` in place of `skillweave generate` tells what it would cost, and asks nothing.")
