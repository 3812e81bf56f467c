"""The page of questions: filter and page on the left, read one and follow it back on the right."""

from __future__ import annotations

from typing import Any

import streamlit as st

from app.state import choose_graph
from app.views.questions.detail import show_detail
from app.views.questions.filtering import show_filters
from app.views.questions.held import standing_now
from app.views.questions.link import seen_now
from app.views.questions.listing import show_list
from app.views.questions.looks import LOOKS
from engine.errors import InputError
from generation.browsing import find_question, open_runs
from generation.making import runs_of


def show() -> None:
    """Show the page."""
    st.title("Questions")
    looked = choose_graph()
    if looked is None:
        return
    folders = runs_of(looked.place, looked.snapshot)
    if not folders:
        st.info("No questions were made from this graph yet. Make some in a terminal:", icon=":material/quiz:")
        st.code("skillweave generate --count 500", language=None)
        return
    st.html(LOOKS)
    every = open_runs(looked.place, folders)
    seen = seen_now()
    runs, chosen = show_filters(looked, every, seen)
    standing = standing_now(looked, every)
    with st.container(key="questions-reading"):
        reading, detail = st.columns([5, 7], gap="medium")
    with reading:
        rows = show_list(looked, runs, chosen, seen, standing)
    with detail:
        row: Any = None
        wanted = seen.question or (rows[0]["id"] if rows else "")
        if wanted:
            place = next((f"{row['run']}:{row['index']}" for row in rows if row["id"] == wanted), wanted)
            try:
                row = find_question(every, place)
            except InputError:
                st.info("The question of this link is not in the runs of this graph.", icon=":material/search_off:")
        if row is not None:
            run = next(run for run in every if run.name == row["run"])
            show_detail(looked, every, run, row, seen, standing)
