"""Which rows are wanted: one bar of what is asked for often, the rest behind a button."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from app.answers import SIGNS
from app.state import Looked
from app.text import escaped, visible
from app.views.questions.held import standing_now
from app.views.questions.link import Seen, seen_now, turn
from engine.errors import InputError
from generation.browsing import Filter, OpenedRun, concept_ids, count, reasons
from generation.browsing.filtering import FAULTED, KEPT, REVIEWS
from graph.seed import LEVELS

ACCEPTED, REJECTED = "accepted", "rejected"
_REVIEWS = {"accept": "accepted by a person", "reject": "rejected by a person", "none": "seen by nobody"}
_LONGEST = 100_000


def show_filters(looked: Looked, every: Sequence[OpenedRun], seen: Seen) -> tuple[list[OpenedRun], Filter]:
    """Show the bar; the runs and the filter that it asks for."""
    runs = [run for run in every if seen.run in ("", run.name) and seen.recipe in ("", run.spec.recipe)]
    kinds = {ACCEPTED: count(runs), REJECTED: count(runs, Filter(rejected=True))}
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        _keep("questions-rows", REJECTED if seen.rejected else ACCEPTED)
        st.segmented_control(
            "Rows", list(kinds), key="questions-rows", required=True, label_visibility="collapsed",
            format_func=lambda kind: f"{kind.capitalize()} {kinds[kind]}",
            on_change=_changed("questions-rows", _of_kind),
        )  # fmt: skip
        _words(seen)
        _concepts(looked, seen)
        _level(seen)
        with st.popover(_more(seen), icon=":material/tune:"):
            _rare(looked, every, seen)
    if seen.rejected:
        _reasons(runs, seen)
    elif seen.check or seen.review:
        _tell_unchecked(looked, runs, seen)
    now = seen_now()
    wanted, lost = [], []
    for concept in now.concepts:
        try:
            wanted.append(concept_ids(looked.snapshot, concept))
        except InputError:
            lost.append(concept)
    if lost:
        st.caption(f"{len(lost)} of the link's concepts are not in this graph.")
    return runs, now.filtered(tuple(wanted))


def _keep(key: str, value: Any) -> None:
    """What the address asks for, in the widget as well: links and buttons change both."""
    if st.session_state.get(key) != value:
        st.session_state[key] = value


def _changed(key: str, change: Callable[[Seen, Any], Seen]) -> Callable[[], None]:
    def told() -> None:
        value = st.session_state[key]
        turn(lambda seen: change(seen, value).begun())

    return told


def _field(name: str, empty: Any) -> Callable[[Seen, Any], Seen]:
    """Puts what was said into a field."""
    return lambda seen, said: replace(seen, **{name: empty if said is None else said})


def _of_kind(seen: Seen, kind: str) -> Seen:
    """Rows of the other kind; what only one of them has is forgotten."""
    rows = REJECTED if kind == REJECTED else ""
    return replace(seen, rows=rows, check="", review="", shortest=None, longest=None, reason="", tab="")


def _words(seen: Seen) -> None:
    _keep("questions-words", seen.words)
    st.text_input(
        "Words", key="questions-words", width=170, icon=":material/search:", max_chars=200,
        label_visibility="collapsed",
        placeholder="Words in what was said" if seen.rejected else "Words in the text",
        on_change=_changed("questions-words", lambda seen, said: replace(seen, words=said.strip())),
    )  # fmt: skip


@st.cache_resource(max_entries=3, show_spinner=False)
def _names(fingerprint: str, _looked: Looked) -> dict[str, str]:  # noqa: ARG001 - the key
    """The concepts of a graph by id, as they are offered."""
    columns = (_looked.snapshot.nodes[name].to_pylist() for name in ("id", "kind", "name"))
    return {concept: f"{SIGNS[kind]} {visible(name)}" for concept, kind, name in zip(*columns, strict=True)}


def _concepts(looked: Looked, seen: Seen) -> None:
    names = _names(looked.snapshot.fingerprint, looked)
    leads = looked.snapshot.resolver()
    _keep("questions-concepts", [now for concept in seen.concepts if (now := leads.get(concept, concept)) in names])
    st.multiselect(
        "Concepts", list(names), key="questions-concepts", format_func=names.__getitem__, width=190,
        placeholder="Concepts, asked for all", label_visibility="collapsed",
        on_change=_changed("questions-concepts", lambda seen, said: replace(seen, concepts=tuple(said))),
    )  # fmt: skip


def _level(seen: Seen) -> None:
    known = list(LEVELS) if seen.level in ("", *LEVELS) else [*LEVELS, seen.level]
    _keep("questions-level", seen.level or None)
    st.selectbox(
        "Level", known, key="questions-level", index=None, placeholder="Level", width=130,
        label_visibility="collapsed", format_func=lambda level: visible(level.capitalize()),
        on_change=_changed("questions-level", _field("level", "")),
    )  # fmt: skip


# A widget within the button's box is not there before the box is opened and then takes what it began with: so it begins
# with what the address says, and is another one, by its key, when that has changed.
def _choice(label: str, name: str, value: str, options: Sequence[str], told: Callable[[str], str]) -> None:
    key = f"questions-{name}-{value}"
    known = list(options) if value in ("", *options) else [*options, value]
    st.selectbox(
        label, known, key=key, index=known.index(value) if value else None, placeholder="any", format_func=told,
        on_change=_changed(key, _field(name, "")),
    )  # fmt: skip


def _number(label: str, name: str, value: int | None) -> None:
    key = f"questions-{name}-{value}"
    st.number_input(
        label, min_value=0, max_value=_LONGEST, value=None if value is None else min(value, _LONGEST), step=50, key=key,
        placeholder="any", on_change=_changed(key, _field(name, None)),
    )  # fmt: skip


def _more(seen: Seen) -> str:
    rare = (seen.run, seen.recipe, seen.check, seen.review, seen.shortest, seen.longest)
    given = sum(value not in ("", None) for value in rare)
    return f"More filters · {given}" if given else "More filters"


def _rare(looked: Looked, every: Sequence[OpenedRun], seen: Seen) -> None:
    _choice("Run", "run", seen.run, [run.name for run in every], visible)
    _choice("Recipe", "recipe", seen.recipe, sorted({run.spec.recipe for run in every}), visible)
    if seen.rejected:
        return
    standing = standing_now(looked, every)
    named = {KEPT: "kept: nothing speaks against it", FAULTED: "something speaks against it"}
    for check, reason, rows in standing.counts():
        named.setdefault(check, check)
        named[f"{check}: {reason}"] = f"{check}: {reason} ({rows:,})"
    _choice("Checks", "check", seen.check, list(named), lambda check: named.get(check, check))
    _choice("Persons", "review", seen.review, list(REVIEWS), _REVIEWS.__getitem__)
    shortest, longest = st.columns(2)
    with shortest:
        _number("Characters at least", "shortest", seen.shortest)
    with longest:
        _number("Characters at most", "longest", seen.longest)


def _reasons(runs: Sequence[OpenedRun], seen: Seen) -> None:
    """Why rows were rejected, and how many; one may be chosen."""
    counted = reasons(runs)
    if not counted:
        return
    _keep("questions-reason", seen.reason if seen.reason in counted else None)
    st.pills(
        "Why they were rejected", list(counted), key="questions-reason",
        format_func=lambda reason: f"{escaped(reason)} {counted[reason]:,}",
        on_change=_changed("questions-reason", lambda seen, said: replace(seen, reason=said or "")),
    )  # fmt: skip


def _tell_unchecked(looked: Looked, runs: Sequence[OpenedRun], seen: Seen) -> None:
    missing = [run for run in standing_now(looked, runs).unchecked if seen.check]
    if missing:
        st.caption(f"Nothing is known of {len(missing)} runs that were not checked. Check them in a terminal:")
        st.code("skillweave dataset check", language=None)
