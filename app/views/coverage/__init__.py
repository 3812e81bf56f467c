"""What is covered and what is not: pictures, thin spots, every shipped query, and one's own Cypher."""

from __future__ import annotations

import streamlit as st

from app.state import choose_graph
from app.views.coverage import cypher, pictures, queries, thin

PARTS = {
    "Overview": pictures.show,
    "Where it is thin": thin.show,
    "Queries": queries.show,
    "Your own Cypher": cypher.show,
}


def show() -> None:
    """The page. Only the tab that is open asks the store."""
    st.title("Coverage")
    looked = choose_graph()
    if looked is None:
        return
    for tab, part in zip(st.tabs(list(PARTS), key="tab", bind="query-params"), PARTS.values(), strict=True):
        if tab.open:
            with tab:
                part(looked)
