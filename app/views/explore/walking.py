"""A sample walk: which sampler, which draw; the picture plays it."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from app.state import Looked
from app.views.explore.held import sampler_of, turn
from app.views.explore.link import Seen
from graph.neighbourhood import Map
from graph.sampling.samplers import DEFAULT, SAMPLERS
from graph.walked import draw_through

_LONGEST = 999_999_999


def show_walking(looked: Looked, view: Map, seen: Seen) -> None:
    """The widgets of it."""
    st.session_state.setdefault("walk-sampler", seen.sampler if seen.sampler in SAMPLERS else DEFAULT.name)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        sampler = st.selectbox(
            "Sample walk by", list(SAMPLERS), key="walk-sampler", width=220,
            format_func=lambda name: f"{name}: {SAMPLERS[name].summary}",
            help="A composition that this sampler draws of the graph, with its defaults and the seed 0.",
        )  # fmt: skip
        chosen = seen.chosen or seen.concept
        walked = seen.walk is not None
        if st.button("Next walk through it" if walked else "Walk through the concept", icon=":material/route:"):
            found = draw_through(
                view, sampler_of(looked, sampler), chosen, after=-1 if seen.walk is None else seen.walk
            )
            if found is None:
                st.caption("None of the next 4,096 draws comes by this concept.")
            else:
                turn(lambda seen: replace(seen, walk=min(found, _LONGEST), sampler=sampler, path=(), whole=False))
                st.rerun()
        if seen.walk is not None:
            st.button(
                f"Draw {seen.walk:,}", icon=":material/close:", type="tertiary", key="no-walk",
                on_click=turn, args=(lambda seen: replace(seen, walk=None, sampler=""),),
            )  # fmt: skip
