"""The script that Streamlit runs for every session: navigation, and the page that was chosen."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app import access
from app.state import page, place
from app.views import coverage, explore, questions, runs

# Words of primary buttons, which Streamlit writes in white on the light blue of the dark theme as well.
READABLE = "<style>[data-testid^=stBaseButton-primary] { color: light-dark(#ffffff, #10131a); }</style>"
st.set_page_config(page_title="skillweave", page_icon=Path(__file__).with_name("icon.svg"), layout="wide")

SECTIONS = {
    "Graph": [
        st.Page(page(explore.show), title="Explore", icon=":material/hub:", url_path="explore", default=True),
        st.Page(page(coverage.show), title="Coverage", icon=":material/grid_view:", url_path="coverage"),
    ],
    "Questions": [
        st.Page(page(questions.show), title="Questions", icon=":material/quiz:", url_path="questions"),
        st.Page(page(runs.show), title="Runs", icon=":material/monitoring:", url_path="runs"),
    ],
}
chosen = st.navigation(SECTIONS, position="sidebar" if access.admitted() else "hidden")
st.html(READABLE)
access.gate()
access.show_account()
st.sidebar.caption(f"Workspace {place().root}")
chosen.run()
