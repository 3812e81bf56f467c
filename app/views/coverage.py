"""The page coverage."""

from __future__ import annotations

import streamlit as st

from app.state import choose_graph


def show() -> None:
    """Show the page."""
    st.title("Coverage")
    looked = choose_graph()
    if looked is None:
        return
    st.metric("Concepts", f"{looked.snapshot.nodes.num_rows:,}", border=True)
