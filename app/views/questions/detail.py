"""One row in full: a part is made only where it is looked at."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson
import streamlit as st

from app.state import Looked
from app.text import escaped, show_text, visible
from app.views.questions.beside import show_nearest
from app.views.questions.link import TABS, Seen, turn
from app.views.questions.origin import show_origin
from app.views.questions.said import show_said
from app.views.questions.talks import show_talks
from generation.browsing import OpenedRun, Standing

_ID = re.compile(r"[a-z][0-9a-f]{16}")


def show_detail(
    looked: Looked, every: Sequence[OpenedRun], run: OpenedRun, row: Mapping[str, Any], seen: Seen, standing: Standing
) -> None:
    """Show it."""
    tabs = TABS if "question" in row else tuple(tab for tab in TABS if tab != "Nearest")
    tab = seen.tab if seen.tab in tabs else tabs[0]
    if st.session_state.get("questions-tab") != tab:
        st.session_state["questions-tab"] = tab
    with st.container(key="questions-detail"):
        st.header(f"{escaped(row['run'])}:{row['index']}", anchor=False)
        st.segmented_control(
            "About the question", tabs, key="questions-tab", required=True, label_visibility="collapsed",
            width="stretch", on_change=_change_tab,
            format_func=lambda name: "Row" if name == TABS[0] and "question" not in row else name,
        )  # fmt: skip
        match tab:
            case "Question":
                _show_question(row, looked.snapshot.fingerprint[:9]) if "question" in row else _show_rejected(row)
            case "Origin":
                show_origin(looked, run, row)
            case "Conversation":
                show_talks(looked, run, row)
            case "Verdicts and cost":
                show_said(looked, every, run, row, standing)
            case "Nearest":
                show_nearest(looked, every, run, row, seen)
        st.caption(f"{row['id']}  ·  recipe {escaped(run.spec.recipe)}")


def _change_tab() -> None:
    tab = st.session_state["questions-tab"]
    turn(lambda seen: replace(seen, tab="" if tab == TABS[0] else tab))


def _show_question(row: Mapping[str, Any], graph: str) -> None:
    show_text(row["question"])
    st.subheader("Solution", anchor=False)
    show_text(row["solution"])
    st.subheader("Answer", anchor=False)
    show_text(row["answer"])
    st.subheader("Concepts", anchor=False)
    names = [*row.get("topics", ()), *row.get("knowledge_points", ())]
    asked = dict(zip(row.get("asked", ()), names, strict=False))
    claimed = set(row.get("claimed") or ())
    st.markdown("  \n".join(_concept(concept, name, graph, claimed) for concept, name in asked.items()))
    if other := row.get("claimed_other"):
        st.caption("Named by the writer beside them: " + ", ".join(escaped(name) for name in other))
    level = escaped(row["level"].capitalize()) or "Not known"
    st.caption(f"Level: {level}  ·  {len(row['question']):,} characters  ·  written by {escaped(row['model'])}")


def _concept(concept: str, name: str, graph: str, claimed: Collection[str]) -> str:
    """A concept that leads to the page Explore, with what its writer did not say."""
    named = escaped(name)
    if _ID.fullmatch(concept):
        named = f"[{named}](explore?graph={graph}&concept={concept})"
    told = "" if concept in claimed else "  :gray[asked, and not named by the writer]"
    return f"{'●' if concept[:1] == 't' else '◆'} {named}{told}"


def _show_rejected(row: Mapping[str, Any]) -> None:
    st.markdown(f"**Rejected: {escaped(row['reason'])}**")
    if row["detail"]:
        st.text(visible(row["detail"]))
    described = orjson.loads(row["item"] or "{}")
    st.subheader("What was asked for", anchor=False)
    for kind, label in (("topics", "Topics"), ("knowledge_points", "Knowledge points")):
        names = [escaped(named["name"]) for named in described.get(kind, ())]
        if names:
            st.markdown(f"{label}: {', '.join(names)}")
    st.caption(f"Level: {escaped(row['level'].capitalize()) or 'Not known'}")
