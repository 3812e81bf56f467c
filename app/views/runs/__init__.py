"""How every run stands, from its files alone, whoever works on it; and how runs are begun, stopped and resumed."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from app import access
from app.access import Role
from app.state import page, place
from app.text import escaped
from app.views.runs.acting import show_actions, tell
from app.views.runs.beginning import show_form
from app.views.runs.facts import show_facts, show_log
from app.views.runs.figures import show_figures
from app.views.runs.listing import show_table
from app.views.runs.sections import show_sections
from app.views.runs.words import MEANINGS, badge
from generation.monitoring import Monitor
from generation.run_lines import Line

_LIVE_S, _IDLE_S = 2.0, 15.0
_REPLAY_S = 0.3
_ACTIVE = ("running", "starting", "stopping", "waiting for a batch")


@st.cache_resource(max_entries=4, show_spinner=False)
def _monitor(root: str) -> Monitor:  # noqa: ARG001 - the key
    return Monitor(place())


def show() -> None:
    """The page."""
    if st.session_state.get("new-run") and access.may(Role.ADMIN):
        show_form()
        return
    left, right = st.columns([4, 1], vertical_alignment="center")
    left.title("Runs", anchor=False)
    lines = _lines()
    if access.may(Role.ADMIN):
        right.button("New run", icon=":material/add:", type="primary", key="begin", on_click=_begin, width="stretch")
    tell()
    if not lines:
        st.info(
            "There are no runs in this workspace yet. Begin one here, or in a terminal:", icon=":material/monitoring:"
        )
        st.code("skillweave generate --count 500", language=None)
        return
    active = any(line.condition in _ACTIVE for line in lines)
    chosen = _chosen(lines)
    st.fragment(page(_show_all), run_every=_LIVE_S if active else _IDLE_S)(chosen)
    line = next(line for line in lines if line.run == chosen)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(escaped(line.run), anchor=False, width="content")
        badge(line.condition)
        show_actions(line)
    st.fragment(page(_show_run), run_every=_LIVE_S if line.condition in _ACTIVE else _IDLE_S)(line)
    if (place().runs / line.run).is_dir() and line.condition != "cannot be read":
        page(_show_facts)(line)


def _begin() -> None:
    st.session_state["new-run"] = True


def _lines() -> list[Line]:
    """The runs, what was begun last first; so a table that is read does not change its order."""
    lines = _monitor(str(place().root)).lines(_REPLAY_S)
    return sorted(lines, key=lambda line: (line.began_s or line.seen_s or 0.0, line.run), reverse=True)


def _chosen(lines: list[Line]) -> str:
    wanted = st.query_params.get("run", "")
    chosen = wanted if any(line.run == wanted for line in lines) else lines[0].run
    st.query_params["run"] = chosen
    return chosen


def _show_all(chosen: str) -> None:
    marked = show_table(_lines(), chosen)
    if marked != chosen:
        st.query_params["run"] = marked
        st.rerun(scope="app")


def _show_run(drawn: Line) -> None:
    """The figures; where the condition is no longer that of the buttons above, all is drawn anew."""
    if not (place().runs / drawn.run / "run.json").is_file():
        _show_unborn(drawn)
        return
    progress = _monitor(str(place().root)).progress(drawn.run)
    if progress.line.condition != drawn.condition:
        st.rerun(scope="app")
    show_figures(progress)
    show_sections(progress)


def _show_unborn(drawn: Line) -> None:
    now = next((line for line in _lines() if line.run == drawn.run), replace(drawn, condition="failed"))
    if now.condition != drawn.condition:
        st.rerun(scope="app")
    if drawn.condition == "starting":
        st.caption("Its process is on its way: it opens the graph and the model.")
    else:
        st.caption(f"{MEANINGS.get(drawn.condition, 'Its process ended before the run was there.')} It wrote:")
    show_log(drawn.run)


def _show_facts(line: Line) -> None:
    show_facts(_monitor(str(place().root)).progress(line.run))
