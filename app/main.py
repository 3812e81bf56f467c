"""The script that Streamlit runs for every session: navigation, and the page that was chosen."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import streamlit as st

from app import access
from app.state import page, place

# Words of primary buttons, which Streamlit writes in white on the light blue of the dark theme as well.
READABLE = "<style>[data-testid^=stBaseButton-primary] { color: light-dark(#ffffff, #10131a); }</style>"
st.set_page_config(page_title="skillweave", page_icon=Path(__file__).with_name("icon.svg"), layout="wide")


def _page(name: str) -> Callable[[], None]:
    """The page of that name, imported when it is opened."""
    return page(lambda: import_module(f"app.views.{name}").show())


SECTIONS = {
    "Graph": [
        st.Page(_page("explore"), title="Explore", icon=":material/hub:", url_path="explore", default=True),
        st.Page(_page("coverage"), title="Coverage", icon=":material/grid_view:", url_path="coverage"),
    ],
    "Questions": [
        st.Page(_page("questions"), title="Questions", icon=":material/quiz:", url_path="questions"),
        st.Page(_page("runs"), title="Runs", icon=":material/monitoring:", url_path="runs"),
    ],
}
chosen = st.navigation(SECTIONS, position="sidebar" if access.admitted() else "hidden")
st.html(READABLE)
access.gate()
access.show_account()
st.sidebar.caption(f"Workspace {place().root}")
chosen.run()
