"""The page explore: search a concept, see what is around it, read its card."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from app.state import choose_graph
from app.text import escaped
from app.views.explore.drawing import show_drawing
from app.views.explore.held import map_of, see, seen_now
from app.views.explore.link import in_graph
from app.views.explore.searching import show_search
from engine.errors import InputError
from graph.finding import find_concept
from graph.merging.by_person import DecisionTable


def show() -> None:
    """Show the page."""
    st.title("Explore")
    looked = choose_graph()
    if looked is None:
        return
    show_search(looked)
    view, seen = map_of(looked), seen_now()
    if seen.concept and seen.concept not in view.places:
        try:
            found = find_concept(DecisionTable(looked.snapshot), seen.concept)
            see(replace(seen, concept=found if found in view.places else ""))
        except InputError as error:
            st.warning(escaped(str(error)), icon=":material/search_off:")
            see(replace(seen, concept=""))
        seen = seen_now()
    seen, lost = in_graph(seen, looked.snapshot, view.places)
    if lost:
        st.caption(f"{len(lost)} of the link's concepts are not in this graph.")
    if not seen.concept:
        seen = replace(seen, concept=view.hub())
    picture, card = st.columns([5, 3], gap="medium")
    with picture:
        show_drawing(looked, view, seen)
    with card:
        from app.views.explore.card import show_card  # a third of a second, with pandas; the picture is there before

        show_card(looked, view, seen.chosen or seen.concept)
