"""The buttons that start, stop and resume. Each asks anew, when it acts, whether the person may."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app import access
from app.access import Role
from app.state import place
from app.text import escaped
from engine.errors import SkillweaveError
from engine.run import read_target
from generation.launching import resume_run, start_run, stop_run
from generation.ordering import Order
from generation.run_lines import Line

_RESUMABLE = (
    "stopped",
    "left off",
    "at its limit",
    "failed at the endpoint",
    "failed",
    "fruitless",
    "waiting for a batch",
)
_TOLD = "runs-told"


def tell() -> None:
    """What came of the last act, once."""
    if (told := st.session_state.pop(_TOLD, None)) is not None:
        failed, text = told
        if failed:
            st.error(escaped(text), icon=":material/error:")
        else:
            st.toast(escaped(text), icon=":material/check:")


def start(order: Order) -> bool:
    """Begin a run. False, and the reason is told, where it cannot be."""
    return _act(lambda: f"Started: {start_run(place(), order, by=access.person()).told()}")


def show_actions(line: Line) -> None:
    """What can be done with a run now."""
    working = line.condition in ("running", "starting", "stopping") or (
        line.condition == "waiting for a batch" and line.workers > 0
    )
    if not access.may(Role.ADMIN):
        return
    if working:
        again = line.condition == "stopping"
        st.button(
            "Stop at once" if again else "Stop",
            icon=":material/stop_circle:",
            key="run-stop",
            help="Leave what is in flight; it may be paid in vain."
            if again
            else "As Ctrl-C would: nothing new is sent, and what is in flight is kept.",
            on_click=_stop,
            args=(line.run,),
            kwargs={"at_once": again},
        )
    elif line.condition in _RESUMABLE and (place().runs / line.run).is_dir():
        with st.popover("Resume", icon=":material/play_arrow:"):
            _resume_form(line)


def _resume_form(line: Line) -> None:
    budget = read_target(place().runs / line.run).budget
    with st.form("resume", border=False):
        st.caption("Prompts and settings stay those it began with. A limit left empty stays as it is.")
        usd = st.number_input(
            "Limit of US dollars", min_value=0.0, value=budget.max_usd, format="%.2f", placeholder="none"
        )
        tokens = st.number_input(
            "Limit of tokens", min_value=0, value=budget.max_tokens, step=100_000, placeholder="none"
        )
        hours = st.number_input("Limit of hours", min_value=0.0, value=budget.max_hours, placeholder="none")
        give_up = st.checkbox(
            "Give up what the endpoint fails again", help="Such items are rejected, reason: transport."
        )
        if st.form_submit_button("Resume", type="primary", icon=":material/play_arrow:"):
            given = {"max_usd": usd, "max_tokens": tokens, "max_hours": hours}
            limits = {
                name: value for name, value in given.items() if value is not None and value != getattr(budget, name)
            }
            if _act(lambda: _resume(line.run, limits, give_up=give_up)):
                st.rerun()
            tell()


def _stop(run: str, *, at_once: bool) -> None:
    def stop() -> str:
        asked = stop_run(place(), run, by=access.person(), at_once=at_once)
        return f"Asked to stop: {'; '.join(asked)}" if asked else f"Nobody works on {run} any more"

    _act(stop)


def _resume(run: str, limits: dict[str, float | int], *, give_up: bool) -> str:
    return f"Started: {resume_run(place(), run, by=access.person(), limits=limits, give_up=give_up).told()}"


def _act(work: Callable[[], str]) -> bool:
    """Do it if the person may at this moment; what comes of it is told where the page shows it next."""
    try:
        access.require(Role.ADMIN)
        st.session_state[_TOLD] = (False, work())
    except SkillweaveError as error:
        st.session_state[_TOLD] = (True, str(error))
        return False
    return True
