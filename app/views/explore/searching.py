"""The search box: concepts by name, and by what the text means."""

from __future__ import annotations

import streamlit as st

from app.answers import KINDS
from app.state import Looked
from app.text import escaped
from app.views.explore.held import meanings_of, turn
from engine.errors import SkillweaveError
from graph.similar import Found, search_names

_SHOWN = 8


def show_search(looked: Looked) -> None:
    """The box and what was found."""
    text = st.text_input(
        "Search a concept",
        placeholder="A name, a part of one, or what it is about: triangles with a right angle",
        key="search", bind="query-params", icon=":material/search:",
    )  # fmt: skip
    if not text.strip():
        return
    named = search_names(looked.snapshot, text, most=_SHOWN)
    try:
        meant = meanings_of(looked).search(text, most=2 * _SHOWN)
    except SkillweaveError as error:
        meant = []
        st.caption(f"By name only: {escaped(str(error))}")
    known = {found.id for found in named}
    meant = [found for found in meant if found.id not in known][:_SHOWN]
    if not named and not meant:
        st.info(
            "No concept has such a name or meaning. Try another word, or a part of one.", icon=":material/search_off:"
        )
        return
    if named:
        _show_found("By name", named)
    if meant:
        _show_found("By meaning, the nearest first, with the cosine of the graph's own embedding", meant)


def _show_found(told: str, found: list[Found]) -> None:
    st.caption(told)
    with st.container(horizontal=True, gap="small"):
        for each in found:
            alias = f" = {escaped(each.through)}" if each.how == "alias" else ""
            score = f" · {each.score:.2f}" if each.how == "meaning" else ""
            st.button(
                f"{escaped(each.name)}{alias} · {KINDS[each.kind]}{score}", key=f"found-{each.how}-{each.id}",
                on_click=go_to, args=(each.id,),
            )  # fmt: skip


def go_to(concept: str) -> None:
    """Look at a concept; for callbacks."""
    st.session_state["explore-view"] = NEAR
    turn(lambda seen: seen.at(concept))


NEAR, WHOLE = "Neighbourhood", "Whole graph"
