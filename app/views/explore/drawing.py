"""The picture of the page, what it can be made to show, and the same as tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from app.component import Act, Picture, show_picture
from app.overview import address
from app.state import Looked
from app.text import escaped
from app.views.explore.held import sampler_of, turn
from app.views.explore.link import HOPS, MOST, Seen
from app.views.explore.searching import NEAR, WHOLE, go_to
from app.views.explore.tables import show_tables
from app.views.explore.walking import show_walking
from graph.layout import layout
from graph.neighbourhood import Map
from graph.sampling.samplers import DEFAULT, SAMPLERS
from graph.walked import Step, walk

HEIGHT = 720


def show_drawing(looked: Looked, view: Map, seen: Seen) -> None:
    """Show it."""
    st.session_state.setdefault("explore-view", WHOLE if seen.whole else NEAR)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.segmented_control(
            "Show", [NEAR, WHOLE], key="explore-view", required=True, label_visibility="collapsed",
            on_change=_changed("explore-view", lambda seen, value: replace(seen, whole=value == WHOLE)),
        )  # fmt: skip
        if not seen.whole:
            _settings(seen)
    steps = _walk(looked, view, seen)
    path = view.path(*seen.path, hidden=seen.hidden) if seen.path else ()
    picture, table = st.tabs(["Picture", "Table"], key="shown", bind="query-params")
    around = view.around(
        (seen.concept, *seen.expanded), hops=seen.hops, most=seen.most, least_weight=seen.least, hidden=seen.hidden,
        too=(*path, *(step.concept for step in steps)),
    )  # fmt: skip
    with picture:
        shown = Picture(chosen=seen.chosen or seen.concept, path=path, walk=steps, keep=(seen.concept,))
        if seen.whole:
            with st.spinner("Laying the graph out, once ..."):
                layout(looked.place, looked.snapshot)
            show_picture(replace(shown, whole=address(looked.snapshot.fingerprint)), _acted, height=HEIGHT)
        else:
            show_picture(replace(shown, around=around, pinned=seen.pinned), _acted, height=HEIGHT)
    if table.open:
        with table:
            show_tables(looked, view, seen, around, path, steps)
    _tell(view, seen, around.left_out, path)
    show_walking(looked, view, seen)


def _changed(key: str, change: Callable[[Seen, Any], Seen]) -> Callable[[], None]:
    def told() -> None:
        value = st.session_state[key]
        turn(lambda seen: change(seen, value))

    return told


def _settings(seen: Seen) -> None:
    for key, value in (("explore-hops", seen.hops), ("explore-most", seen.most), ("explore-least", seen.least)):
        st.session_state.setdefault(key, value)
    with st.popover("Settings", icon=":material/tune:"):
        st.segmented_control(
            "Steps around the concept", HOPS, key="explore-hops", required=True,
            on_change=_changed("explore-hops", lambda seen, value: replace(seen, hops=value)),
        )  # fmt: skip
        st.segmented_control(
            "Concepts at most", MOST, key="explore-most", required=True,
            on_change=_changed("explore-most", lambda seen, value: replace(seen, most=value)),
        )  # fmt: skip
        st.number_input(
            "Edges of at least this many seeds", min_value=1, max_value=999_999, key="explore-least",
            on_change=_changed("explore-least", lambda seen, value: replace(seen, least=value)),
        )  # fmt: skip


def _walk(looked: Looked, view: Map, seen: Seen) -> tuple[Step, ...]:
    if seen.walk is None:
        return ()
    name = seen.sampler if seen.sampler in SAMPLERS else DEFAULT.name
    return walk(view, sampler_of(looked, name), seen.walk)


def _acted(act: Act) -> None:
    """Change what is seen as a person asked in the picture."""
    if act.what == "open":
        go_to(act.concept)
        return
    turn(lambda seen: after(act, seen))


def after(act: Act, seen: Seen) -> Seen:
    """What is seen after an act."""
    match act.what:
        case "choose":
            return replace(seen, chosen=act.concept)
        case "expand":
            return replace(seen, expanded=(*(c for c in seen.expanded if c != act.concept), act.concept))
        case "hide":
            rest = tuple(concept for concept in seen.expanded if concept != act.concept)
            return replace(seen, hidden=(*seen.hidden, act.concept), expanded=rest, chosen="")
        case "pin":
            return replace(seen, pinned={**seen.pinned, act.concept: act.place})
        case "unpin":
            return replace(seen, pinned={c: place for c, place in seen.pinned.items() if c != act.concept})
        case "path":
            return replace(seen, path=(act.start, act.concept), walk=None)
    return seen


def _tell(view: Map, seen: Seen, left_out: int, path: tuple[str, ...]) -> None:
    """What the picture does not show by itself, and how to take it back."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if left_out and not seen.whole:
            st.caption(f"{left_out:,} more concepts around it are not shown: the edges bind them less.")
        if seen.path:
            ends = [escaped(view.node(view.place(concept)).name) for concept in seen.path]
            told = f"{len(path) - 1} steps" if path else "no path that the hidden concepts leave"
            st.button(
                f"Path {ends[0]} – {ends[1]}: {told}", icon=":material/close:", type="tertiary", key="no-path",
                on_click=turn, args=(lambda seen: replace(seen, path=()),),
            )  # fmt: skip
        for count, what, emptied in (
            (len(seen.hidden), "hidden", {"hidden": ()}),
            (len(seen.expanded), "expanded", {"expanded": ()}),
            (len(seen.pinned), "pinned", {"pinned": {}}),
        ):
            if count:
                st.button(
                    f"{count} {what}", icon=":material/close:", type="tertiary", key=f"no-{what}",
                    on_click=_clear, args=(emptied,),
                )  # fmt: skip


def _clear(emptied: Mapping[str, Any]) -> None:
    turn(lambda seen: replace(seen, **emptied))
